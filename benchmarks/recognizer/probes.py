"""This recognizer alone: microseconds per token in one kind of text at a time, and the bytes it holds."""

from __future__ import annotations

import gc
import json
import tracemalloc
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from benchmarks.recognizer.contenders import CATALOG, Genui
from benchmarks.recognizer.formats import document, markup
from benchmarks.recognizer.measure import measure
from benchmarks.recognizer.screens import screens
from genui.markup import Recognizer

_MANY = 20  # recognizers, whose mean is taken
_DEPTH = 30  # tags open at once; the default limit is 32


def prose(length: int) -> str:
    """The screens' Markdown without their tags."""
    paragraphs = (
        element.props["text"] for screen in screens() for element in screen if element.name == "Text"
    )
    return _up_to(length, (f"{paragraph}\n\n" for paragraph in paragraphs))


def tags(length: int) -> str:
    """Metrics, one after the other."""
    elements = (element for screen in screens() for top in screen for element in top.walk())
    metrics = (element for element in elements if element.name == "Metric")
    return _up_to(length, (markup((metric,)).strip() for metric in metrics))


def string(length: int) -> str:
    """One tag whose only prop is all the prose."""
    text = prose(length).replace("&", "and").replace('"', "")
    return f'<Text text="{text}"/>'


def array(length: int) -> str:
    """One table with as many rows as it takes."""
    row = ("Ava", "São Paulo", 61250, 17)
    rows = ", ".join(json.dumps([*row, number], ensure_ascii=False) for number in range(length // 37))
    return f'<Table columns={{["Name", "City", "Sales", "Rank", "Number"]}} rows={{[{rows}]}}/>'


PROBES: Mapping[str, Callable[[int], str]] = {
    "prose": prose,
    "tags": tags,
    "string": string,
    "array": array,
}
"""Name → a text of about this many characters."""


def _up_to(length: int, pieces: Iterator[str]) -> str:
    text = ""
    while len(text) < length:
        text += next(pieces)
    return text


def run(sizes: tuple[int, ...], piece: int, budget: float) -> list[dict[str, Any]]:
    """Every probe at every size: name, size, microseconds per piece."""
    return [
        {
            "name": name,
            "size": size,
            "seconds": measure(Genui, make(size), piece, budget).seconds,
        }
        for name, make in PROBES.items()
        for size in sizes
    ]


def memory() -> dict[str, float]:
    """Bytes: of a recognizer that waits, new and after a document; and what one open tag adds to it."""
    new = _held(lambda: Recognizer(CATALOG))
    nested = _held(lambda: _fed('<Card title="Revenue">' * _DEPTH))
    return {
        "idle, new": new,
        "idle, after a screen": _held(lambda: _fed(markup(document(1000)))),
        "a tag being written": _held(lambda: _fed('<Metric label="Revenue in Par')) - new,
        "an open tag, waiting for its close tag": (nested - new) / _DEPTH,
    }


def _fed(text: str) -> Recognizer:
    recognizer = Recognizer(CATALOG)
    recognizer.feed(text)
    return recognizer


def _held(make: Callable[[], object]) -> float:
    make()  # whatever is built once
    gc.collect()
    tracemalloc.start()
    before = tracemalloc.get_traced_memory()[0]
    kept = [make() for _ in range(_MANY)]
    gc.collect()
    after = tracemalloc.get_traced_memory()[0]
    tracemalloc.stop()
    return (after - before) / len(kept)
