"""The Python side: python -m benchmarks.recognizer.side DOCUMENTS prints JSON, as peers.mjs does."""

from __future__ import annotations

import argparse
import json
import platform
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from lxml import etree

from benchmarks.recognizer import probes
from benchmarks.recognizer.contenders import CONTENDERS, Contender
from benchmarks.recognizer.measure import measure
from genui import __version__


def main() -> None:
    """Measure every contender on every document, then the probes."""
    parser = argparse.ArgumentParser()
    parser.add_argument("documents", type=Path)
    parser.add_argument("--piece", type=int, default=4)
    parser.add_argument("--budget", type=float, default=1.0)
    options = parser.parse_args()
    documents = json.loads(options.documents.read_text(encoding="utf-8"))["documents"]
    print(json.dumps(run(documents, options.piece, options.budget)))


def run(documents: Mapping[str, Mapping[str, str]], piece: int, budget: float) -> dict[str, Any]:
    """What `main` prints. `documents`: size in characters → format → text."""
    return {
        "versions": _versions(),
        "results": [
            _result(contender, int(size), formats[contender.format], piece, budget)
            for contender in CONTENDERS
            for size, formats in documents.items()
        ],
        "probes": probes.run(tuple(map(int, documents)), piece, budget),
        "memory": probes.memory(),
    }


def _result(
    contender: type[Contender], size: int, document: str, piece: int, budget: float
) -> dict[str, Any]:
    found = measure(contender, document, piece, budget)
    return {
        "name": contender.name,
        "format": contender.format,
        "size": size,
        "characters": len(document),
        "seconds": found.seconds,
        "pieces": found.pieces,
        "timed": found.timed,
        "components": found.components,
    }


def _versions() -> dict[str, str]:
    libxml = ".".join(map(str, etree.LIBXML_VERSION))
    python = f"{platform.python_implementation()} {platform.python_version()}"
    return {"Python": python, "genui": __version__, "lxml": f"{etree.__version__} (libxml2 {libxml})"}


if __name__ == "__main__":
    main()
