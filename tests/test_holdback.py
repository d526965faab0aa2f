"""Nothing waits without need: fed one character at a time, each event comes with the one that decides it.

The oracle knows nothing of how the recognizer works. A document is taken apart into atoms (a character of
text, an opened component, one op, an end). After a prefix, an atom is decided if every continuation has it;
the continuations below stand for all of them, and each is recognized whole.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from functools import cache
from itertools import takewhile
from typing import Any

import pytest

from genui.events import ComponentDelta, ComponentError, Event, Op, RenderComponent, Status, Text
from genui.markup import HIDDEN_SPANS, Recognizer
from tests.markup_catalog import CATALOG

CONTINUATIONS = (
    "", " ", "\n", "\n\n", "a", "z ", "1", "9 ", ".", "-", "_", "é", ">", "/>", " />", "/", '"', "'",
    '"/>', "'/>",
    "' />", "`", "`/>", "``", "```\n", "}", "}/>", "]", "]}/>", "]]}/>", "}]}/>", '"}/>', '"]}/>',
    '"]]}/>', "=", '="x"/>', " =1 />", '" z',
    ",", ", ", ', a="b"/>', ", b />", ":", ": 1}/>", ": 1}}/>", ";", "mp;", "cute;", "t;", "i;",
    "#", "39;", "&",
    "\\", "\\n", "u0041", "0041", "d", "<", "<Metric a/>", "a/>", "{", "(", "(1)}/>",
    "|", "|>", "end|>", "\n<Divider/>", "ink>", "hink ", "</think>", "/think>", "k>", ">x</think>", "*/",
    "*/}", "/* x */}", "</Section>", "/Section>", "ection>", "etric a/>", "c ", "ic>", "i>", "\nhought: x",
)  # fmt: skip
DOCUMENTS = [
    "Hello, *world*. `code` a < b & c > d\n",
    "a <b> <c <d/> < e <Met <Metrics/> <M> x",
    "ab <Metric \"MRR\" value='$4'/> cd",
    "<WeatherWidget temp=21 city=Paris live/> x",
    "<WeatherWidget 21 Paris live unit=C/>",
    '<WeatherWidget temp="72" unit="C"/>',
    '<WeatherWidget temp={21} live={true} city={"P"}/>',
    '<Metric label="a &lt; b &x; \\"c\\" d\\e"/>',
    '<Metric label="the "best" one" value=a/>',
    '<Metric "a", "b"/>',
    '<Metric "a "b" c" value=1/>',
    '<Metric label="x", value=1/>',
    '<Table rows={[["Ava", 13], [true, null]]}/> z',
    '<Chart axis={{"title": "t", ticks: 5}} kind=bar/>',
    "<Table columns=['a','b'] caption={`c`}/>",
    '<Chart series={[{"name": "a\\u0041\\n", "points": [1, 2.5]}]}/>',
    '<Contact name="A" email="a@b.co" zip=12345 age=4/>',
    '<Section "a">text<Metric b/> more</Section> end',
    "<Section>{/* c */} {d}</> e",
    "<Chart /* c */ kind=bar // d\n/>",
    "<think>x</think>a<tool>b</tool> c",
    "a <function=f>x</function> b",
    "a [To] [TOO] [TOOL_CALLS]x",
    "<|im_end|>a <| b <|c",
    "a\\<b \\`c\\\\ d",
    "```\n<Metric a/>\n```\nb",
    "~~~ x\n~~~\nb",
    "    code\n\n- `a` <Metric b/>",
    "<Metric a>\n</Metric> b",
    "é😀 <Metric é/> \u200b",
]


def atoms(events: Iterable[Event]) -> Iterator[Any]:
    """The smallest parts of what a client is told."""
    for event in events:
        match event:
            case Text():
                yield from (("text", event.parent, char) for char in event.text)
            case ComponentDelta():
                for op in event.ops:
                    yield from _op(event.id, op)
            case RenderComponent():
                yield "component", event.id, event.name, event.state, repr(event.warnings)
            case ComponentError():
                yield "error", event.id, event.code, event.source
            case Status():
                yield "status", event.id, event.state


def _op(component: str, op: Op) -> Iterator[Any]:
    if isinstance(op["value"], str) and op["op"] != "push":
        if op["op"] == "set":
            yield "set", component, op["path"]
        yield from (("char", component, op["path"], char) for char in op["value"])
    else:
        yield op["op"], component, op["path"], repr(op["value"])


@cache
def _whole(text: str) -> list[Any]:
    recognizer = Recognizer(CATALOG)
    found = list(atoms(recognizer.feed(text)))
    # What only the end of the text brings to an end was not decided by the text.
    ends = ("component", "status", "error")
    late = atoms(recognizer.close())
    return found + [("at the end", *atom) if atom[0] in ends else atom for atom in late]


def continuations(prefix: str) -> Iterator[str]:
    """How a text may go on, the rest of every name that its end may become included."""
    yield from CONTINUATIONS
    begun = re.search(r"</?([A-Za-z_]*)\Z", prefix)
    for name in (*(component.name for component in CATALOG), *(span.name for span in HIDDEN_SPANS)):
        if begun and name.lower().startswith(begun[1].lower()):
            yield name[len(begun[1]) :] + ">"
    bracket = prefix.rfind("[")
    if bracket >= 0 and "[TOOL_CALLS]".startswith(prefix[bracket:]):
        yield "[TOOL_CALLS]"[len(prefix) - bracket :]


def decided(prefix: str) -> list[Any]:
    """The atoms that every continuation of the prefix has."""
    first, *others = (_whole(prefix + more) for more in continuations(prefix))
    same = takewhile(lambda each: len(set(each)) == 1, zip(first, *others, strict=False))
    return [each[0] for each in same if each[0][0] != "at the end"]


@pytest.mark.parametrize("text", DOCUMENTS)
def test_each_event_comes_with_the_character_that_decides_it(text: str) -> None:
    recognizer = Recognizer(CATALOG)
    told: list[Any] = []
    for end in range(1, len(text) + 1):
        told += atoms(recognizer.feed(text[end - 1]))
        due = decided(text[:end])
        assert told[: len(due)] == due, f"after {text[:end]!r}: {due[len(told) :]} could have been told"


def last_told(text: str) -> list[Any]:
    """What the last character of the text brings."""
    recognizer = Recognizer(CATALOG)
    recognizer.feed(text[:-1])
    return list(atoms(recognizer.feed(text[-1])))


@pytest.mark.parametrize(
    ("text", "brings"),
    [
        ("a", [("text", None, "a")]),
        ("a <", []),
        ("a <b", [("text", None, "<"), ("text", None, "b")]),
        ("a < ", [("text", None, "<"), ("text", None, " ")]),
        ("<Metric", []),
        ("<Metric ", [("component", "c1", "Metric", "streaming", "()")]),
        ("<Metricx", [("text", None, char) for char in "<Metricx"]),
        ("<WeatherWidget temp=21", []),
        ("<WeatherWidget temp=21 ", [("set", "c1", "/temp", "21")]),
        ("<WeatherWidget 21 Paris", []),
        ('<Metric label="', [("set", "c1", "/label")]),
        ('<Metric label="a', [("char", "c1", "/label", "a")]),
        ('<Metric label="a"', []),
        ('<Metric label="a"b', [("char", "c1", "/label", '"'), ("char", "c1", "/label", "b")]),
        ('<Metric label="a&', []),
        ('<Metric label="a&b', []),
        ('<Metric label="a&amp;', [("char", "c1", "/label", "&")]),
        ('<Metric label="a& ', [("char", "c1", "/label", "&"), ("char", "c1", "/label", " ")]),
        ("<Table rows={[", [("set", "c1", "/rows", "[]")]),
        ("<Table rows={[[", [("push", "c1", "/rows", "[]")]),
        ("<Table rows={[[1", []),
        ("<Table rows={[[1,", [("push", "c1", "/rows/0", "1")]),
        ('<Table rows={[["a"', []),
        ('<Table rows={[["a",', [("push", "c1", "/rows/0", "'a'")]),
        ("<Divider/>", [("component", "c1", "Divider", "complete", "()")]),
        ("<Section></Section>", [("component", "c1", "Section", "complete", "()")]),
        ("\\", [("text", None, "\\")]),
        ("`", [("text", None, "`")]),
    ],
)
def test_what_the_last_character_brings(text: str, brings: list[Any]) -> None:
    assert last_told(text) == brings
