"""Whatever the text and however it is cut: the same outcome; nothing raised, nothing lost.

Documents are made of prose, Markdown code, references, Unicode and tags, then mutated. `outcome` checks the
protocol on the way: every delta applies, and the deltas come to the final props.
"""

from __future__ import annotations

import random
import re
from collections.abc import Callable
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from genui.events import from_json, to_json
from genui.markup import Limits, Recognizer
from tests.chunking import outcome, recognize
from tests.markup_catalog import CATALOG

PROFILE = settings(
    deadline=None,
    derandomize=True,
    database=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.large_base_example],
)
PROSE = st.sampled_from(
    [
        "word ", "two words", ". ", "\n", "\n\n", "\r\n", "\r\n\r\n", "- item\n", "> quote\n", "1. one\n",
        "# head\n",
        "    ", "\t", "* * *\n", "a < b", "x > y", "&amp;", "&", "**", "`", "``", "```", "~~~", "```jsx\n",
        "\n```\n",
        "\\<", "\\`", "\\", "<", "</", "<>", "</>", "<div>", "List<String>", "{", "}", "{/* note */}", "{/*",
        "é", "e\u0301", "😀", "👩‍👩‍👧", "\u200b", "שלום", "\u202e", "\u2028", "\x00", "\ufeff", "\ud83d",
        "\ude00",
    ]
)  # fmt: skip
TAGS = st.sampled_from(
    [
        '<Metric "MRR" value="$412k"/>', '<Metric label="a &amp; b"/>', "<Metric label='it\\'s'>", "<Metric ",
        "<WeatherWidget 21 Paris live/>", '<WeatherWidget temp="72" city={"x"} unit=C />',
        "<weather-widget temp=1/>",
        '<Table columns={["a", "b"]} rows={[["😀", 1.5], [null, true]]}/>', "<Table rows=[[1],[2,]]",
        "<Chart series={[{name: 'a', points: [1, 2]}]} axis={{title: \"t\"}} kind=bar/>", "<Chart {...x} ",
        '<Contact email="a@b.co" zip=12345 age="x"/>', '<Card title="Q3">', "</Card>", "<Section open>",
        "</Section>",
        "<Frame>", "</Frame>", "<Divider/>", "/>", ">", ' title="', '"', "'", "={", "}", "]", " /* c */ ",
        " // c\n",
        " live", " label=", '", ', "“", "”",
    ]
)  # fmt: skip
HIDDEN = st.sampled_from(
    [
        "<think>hm</think>", "<think>", "</think>", "<tool_call>{}</tool_call>", "<|im_end|>",
        "<|channel|>", "final", "<|message|>", "<|end|>", "Thought: ", "Action: ", "Final Answer: ",
    ]
)  # fmt: skip
DOCUMENT = st.lists(st.one_of(PROSE, TAGS, TAGS, HIDDEN, st.text(max_size=5)), max_size=12).map("".join)
OPTIONS: list[dict[str, Any]] = [
    {},
    {"react": True},
    {"render_fenced": True},
    {"opened": "think"},
    {"limits": Limits(tag_length=60, string_length=12, depth=2, components=3, props=2, json_depth=2)},
]


@st.composite
def mutated(draw: st.DrawFn) -> str:
    """A document with a few characters deleted, doubled, swapped or put in."""
    text = list(draw(DOCUMENT))
    for _ in range(draw(st.integers(0, 4)) if text else 0):
        at = draw(st.integers(0, len(text) - 1)) if text else 0
        how = draw(st.sampled_from(["delete", "double", "swap", "insert"]))
        if how == "insert" or not text:
            text.insert(at, draw(st.sampled_from("<>/\"'`{}[]=\\ \n&;,:|\t-~")))
        elif how == "delete":
            del text[at]
        elif how == "double":
            text.insert(at, text[at])
        else:
            text[at], text[-1] = text[-1], text[at]
    return "".join(text)


def some_cuts(text: str) -> list[list[str]]:
    """One character at a time, in two at each of some places, and at random."""
    dice = random.Random(len(text))  # noqa: S311
    places = dice.sample(range(1, len(text)), min(6, len(text) - 1)) if len(text) > 1 else []
    pieces: list[list[str]] = [list(text), *([text[:at], text[at:]] for at in places)]
    return [*pieces, *([text[at : at + size] for at in range(0, len(text), size)] for size in (2, 3, 7))]


@settings(PROFILE, max_examples=400)
@given(mutated(), st.sampled_from(OPTIONS))
def test_the_outcome_does_not_depend_on_the_cuts(text: str, options: dict[str, Any]) -> None:
    def make() -> Recognizer:
        return Recognizer(CATALOG, **options)

    expected = outcome(recognize(make, [text]))
    for pieces in some_cuts(text):
        assert outcome(recognize(make, pieces)) == expected, pieces


@settings(PROFILE, max_examples=300)
@given(mutated())
def test_every_event_survives_the_wire(text: str) -> None:
    for event in recognize(lambda: Recognizer(CATALOG), [text[: len(text) // 2], text[len(text) // 2 :]]):
        line = to_json(event)
        assert from_json(line) == event
        assert "\n" not in line
        line.encode()


@settings(PROFILE, max_examples=400)
@given(st.lists(st.one_of(PROSE, st.text(max_size=8)), max_size=12).map("".join))
def test_a_text_without_tags_is_shown_as_it_is(text: str) -> None:
    text = text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    found = outcome(recognize(lambda: Recognizer(CATALOG), [text]))
    assert found == ([["text", None, text]] if text else [])


@settings(PROFILE, max_examples=300)
@given(
    st.lists(
        st.one_of(PROSE.filter(lambda text: not set(text) & set("`~\\\\<{\ud83d\ude00")), st.just("\x01")),
        max_size=12,
    )
)
def test_between_tags_nothing_is_lost_but_white_space(parts: list[str]) -> None:
    # Words only, so that no code hides a tag; \x01 stands for one.
    text = re.sub(r"(?m)^(    |\t)+", "", "".join(parts)).replace("    ", " ").replace("\t", " ")
    found = outcome(recognize(lambda: Recognizer(CATALOG), [text.replace("\x01", "<Divider/>")]))
    shown = "".join(item[2] if item[0] == "text" else "\x01" for item in found)
    assert re.sub(r"\s", "", shown) == re.sub(r"\s", "", text)


SAFE = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\"\\&<>{}`'"), max_size=20)


def _metric(label: str, value: str) -> tuple[str, Any]:
    return f'<Metric label="{label}" value="{value}"/>', ["Metric", {"label": label, "value": value}]


def _table(rows: list[list[str]]) -> tuple[str, Any]:
    written = ", ".join("[" + ", ".join(f'"{cell}"' for cell in row) + "]" for row in rows)
    return f"<Table rows={{[{written}]}}/>", ["Table", {"rows": rows}]


def _section(children: list[tuple[str, Any]]) -> tuple[str, Any]:
    return "<Section>" + "".join(child[0] for child in children) + "</Section>", [
        "Section",
        [c[1] for c in children],
    ]


LEAF = st.one_of(
    st.builds(_metric, SAFE, SAFE),
    st.builds(_table, st.lists(st.lists(SAFE.filter(lambda t: "\n" not in t), max_size=3), max_size=3)),
)
TREE = st.recursive(LEAF, lambda child: st.builds(_section, st.lists(child, max_size=3)), max_leaves=6)


@settings(PROFILE, max_examples=200)
@given(TREE, st.integers(1, 9))
def test_a_tree_comes_out_as_it_went_in(tree: tuple[str, Any], size: int) -> None:
    text, expected = tree
    events = recognize(
        lambda: Recognizer(CATALOG), [text[at : at + size] for at in range(0, len(text), size)]
    )
    components = [item for item in outcome(events) if item[0] == "component"]
    below: dict[str | None, list[Any]] = {}
    for _, name, item in reversed(components):
        content = item["props"] if item["name"] != "Section" else below.pop(name, [])
        below.setdefault(item["parent"], []).insert(0, [item["name"], content])
        assert item["end"] == ["complete", []]
    assert below == {None: [expected]}


def _never_raises(text: str, make: Callable[[], Recognizer]) -> None:
    outcome(recognize(make, [text]))


@settings(PROFILE, max_examples=300)
@given(st.text(alphabet="<>/\"'`{}[]=\\ \n&;,:|CardMetic-~*_#.0123😀\ud800", max_size=60))
def test_nothing_raises(text: str) -> None:
    for options in OPTIONS:
        _never_raises(text, lambda options=options: Recognizer(CATALOG, **options))  # type: ignore[misc]
