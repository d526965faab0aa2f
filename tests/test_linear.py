"""Cost per character is flat. Work is counted, never timed: calls of functions, and the text that is held.

A function that is called once a piece but looks at all the text before would not show in the calls; it would
have to keep that text, and what is kept between two pieces is bounded here.
"""

from __future__ import annotations

import sys
from types import FrameType
from typing import Any

import pytest

from genui.markup import Limits, Recognizer
from tests.markup_catalog import CATALOG

LENGTH = 2000
PIECE = 4
HELD = 400
"""More than any look-ahead that docs/markup.md states."""
LIMITS = Limits(tag_length=10**8, string_length=10**8, components=10**7)

SHAPES: dict[str, str | tuple[str, str, str]] = {
    "prose": "The quick brown fox jumps over the lazy dog and runs away. ",
    "prose in lines": "- item *one*\n- item `two`\n\n> quoted\n\n",
    "one huge string": ('<TextContent "', "lorem ipsum dolor ", '"/>'),
    "one huge string with references": ('<TextContent "', "a &amp; b &", '"/>'),
    "one huge list": ("<Table rows={[", '["Ava", 132000], ', "]}/>"),
    "one huge object": ("<Chart extra={{", '"a": {"b": 1}, ', "}}/>"),
    "small tags": '<Metric "MRR" value="$412k"/>\n',
    "small tags of every kind": "<WeatherWidget temp=\"72\" city='Paris' live/><Section a>text</>",
    "angles": "<",
    "angles and letters": "<Me",
    "close tags begun": "</Card",
    "close tags": "</Card>",
    "backticks without end": "`",
    "backticks of many lengths": ("", "`a``b```c", "`" * 50),
    "tildes": "\n~~~",
    "backslashes": "\\",
    "spaces": " ",
    "newlines": "\n",
    "quote markers": "> ",
    "list markers": "- ",
    "lines of list markers": "- a\n  - b\n",
    "unclosed quotes": '<Metric "a ',
    "unclosed quotes with an end in them": '<Metric "x>y ',
    "unclosed quotes of cards": '<Card title="x>y ',
    "unclosed quotes of two kinds": "<Card title=\"x>y<Metric '",
    "a quote and values of tags": ('<Metric "', '<Card ="', ""),
    "lost quotes before props": '<Metric label="a value="b',
    "inner quotes": ('<Metric "', 'a"b', '"/>'),
    "inner quotes and commas": ('<Metric "', 'a", b', '"/>'),
    "escapes": ('<Metric "', '\\"', '"/>'),
    "ampersands": ('<Metric "', "&", '"/>'),
    "deep components": "<Section>",
    "deep components, closed": ("", "<Section>", "</Section>" * 400),
    "deep components and close tags of another": ("", "<Section>", "</Card>" * 400),
    "deep braces": ("<Table rows=", "{", ""),
    "deep brackets": ("<Table rows={", "[", ""),
    "unclosed brackets": "<Table rows={[",
    "code in braces": ("<Table rows={() => ", "{ (", ""),
    "code in braces, again and again": "<Table rows={a(",
    "one word": ("<Card ", "x", ""),
    "many words": ("<Card ", "x ", ""),
    "words, again and again": "<Card a b ",
    "equals signs": ("<Card ", "=", ""),
    "spaces in a tag": ("<Card ", " ", ""),
    "comments never closed": "<Card /* x > ",
    "one comment": ("<Card /*", "*", ""),
    "stray brackets": ("<Table rows={[1]", "]", ""),
    "comments between tags": ("<Section>", "{/* x ", ""),
    "hidden spans": "<think>",
    "hidden text": ("<think>", "</thin <", ""),
    "special tokens": "<|im_end|><|a",
    "channels": "<|channel|>final<|message|>a",
    "props": ("<Contact ", "name=a ", "/>"),
    "unknown props": ("<Contact ", "x=a ", "/>"),
}


def text_of(shape: str, length: int) -> str:
    found = SHAPES[shape]
    before, again, after = ("", found, "") if isinstance(found, str) else found
    return before + (again * length)[:length] + after


def work(text: str, **options: Any) -> tuple[int, int]:
    """How many calls a text takes, and the most characters that are held between two pieces."""
    recognizer = Recognizer(CATALOG, limits=LIMITS, **options)
    calls = held = 0

    def count(_frame: FrameType, event: str, _arg: object) -> None:
        nonlocal calls
        calls += event in ("call", "c_call")

    for at in range(0, len(text), PIECE):
        sys.setprofile(count)
        recognizer.feed(text[at : at + PIECE])
        sys.setprofile(None)
        held = max(held, len(recognizer._rest))
    sys.setprofile(count)
    recognizer.close()
    sys.setprofile(None)
    return calls, held


@pytest.mark.parametrize(
    "options", [{}, {"react": True, "render_fenced": True}], ids=["plain", "line by line"]
)
@pytest.mark.parametrize("shape", SHAPES)
def test_four_times_the_text_is_four_times_the_work(shape: str, options: dict[str, Any]) -> None:
    short, _ = work(text_of(shape, LENGTH), **options)
    long, held = work(text_of(shape, 4 * LENGTH), **options)
    assert long < 4.6 * short
    assert held <= HELD


def test_an_idle_recognizer_holds_no_text() -> None:
    recognizer = Recognizer(CATALOG)
    recognizer.feed("Some text. " * 100 + '<Metric "a"/>' + "More. " * 100)
    assert recognizer._rest == ""
