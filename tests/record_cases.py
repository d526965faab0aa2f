"""Writes the expected events of the cases that are named: `python -m tests.record_cases NAME…`.

Read what it writes before you commit it: a recorded mistake is a test that keeps it.
"""

from __future__ import annotations

import sys
from collections.abc import Iterable
from pathlib import Path

from genui.events import to_json
from genui.markup import Recognizer
from tests.chunking import recognize
from tests.markup_catalog import CATALOG

CASES = Path(__file__).parent / "cases"


def cases() -> list[str]:
    """The names of all cases."""
    return sorted(folder.name for folder in CASES.iterdir() if (folder / "input.txt").exists())


def recognizer_for(name: str) -> Recognizer:
    """The recognizer of a case; the first word of some names is an option."""
    return Recognizer(CATALOG, render_fenced=name.startswith("fenced-rendered-"))


def text_of(name: str) -> str:
    """The case's input, line ends as they are."""
    return (CASES / name / "input.txt").read_bytes().decode()


def lines_of(name: str) -> list[str]:
    """The events of the whole text in one piece, one JSON object a line."""
    events = recognize(lambda: recognizer_for(name), [text_of(name)])
    return [to_json(event) for event in events]


def record(names: Iterable[str]) -> None:
    """Write events.jsonl for each case."""
    for name in names:
        (CASES / name / "events.jsonl").write_text("".join(line + "\n" for line in lines_of(name)), "utf-8")


if __name__ == "__main__":
    if len(sys.argv) < 2:
        sys.exit("which cases? python -m tests.record_cases NAME…")
    record(sys.argv[1:])
