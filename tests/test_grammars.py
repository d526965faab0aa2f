"""The exported grammars describe only what the recognizer takes without a word of complaint: llguidance walks
at random under each, and the recognizer reads what came of it."""

from __future__ import annotations

from pathlib import Path

import pytest
from lark import Lark
from llguidance import LLMatcher
from llguidance.gbnf_to_lark import any_to_lark

from genui.catalog import DIALECTS, Catalog, Component, Dialect
from genui.events import ComponentError, Event, Json, RenderComponent
from genui.markup import Recognizer
from tests.walks import TOKENIZER, Walker

BUILTIN = Catalog.builtin()
STRICT = Catalog.from_json_schema(
    {
        "$defs": {
            "Strict": {
                "properties": {
                    "level": {"type": "integer", "minimum": -12, "maximum": 1043},
                    "share": {"type": "number", "minimum": 0, "maximum": 1},
                    "loss": {"type": "number", "exclusiveMaximum": 0},
                    "code": {"type": "string", "pattern": "^[A-Z]{2}-[0-9]+$"},
                    "nick": {"type": "string", "minLength": 2, "maxLength": 5},
                    "day": {"type": "string", "format": "date"},
                    "at": {"type": "string", "format": "date-time"},
                    "link": {"type": "string", "format": "uri"},
                    "mail": {"type": "string", "format": "email"},
                    "tint": {"type": "string", "format": "color"},
                    "size": {"enum": ["small", "a b", 'say "so"', 3]},
                    "either": {"anyOf": [{"type": "integer"}, {"const": "end"}]},
                    "odd": {"type": "integer", "multipleOf": 3},
                    "level_two": {"type": "boolean"},
                    "pair": {"type": "array", "items": {"type": "integer"}, "minItems": 2, "maxItems": 3},
                    "place": {
                        "type": "object",
                        "properties": {
                            "x": {"type": "number"},
                            "y": {"type": "string"},
                            "z": {"enum": ["k", 1]},
                        },
                        "required": ["y"],
                    },
                    "whatever": {},
                },
                "required": ["level", "pair"],
            },
            "Row": {"properties": {"label": {"type": "string"}}, "required": ["label"]},
            "Rows": {"properties": {"first": {"$ref": "#/$defs/Row"}}, "required": ["first"]},
            "Box": {"properties": {"children": {}}, "required": ["children"]},
            "Hard": {"properties": {"key": {"type": "string", "pattern": "(?=x)"}}, "required": ["key"]},
        }
    }
)


def events_of(catalog: Catalog, text: str) -> list[Event]:
    recognizer = Recognizer(catalog)
    return [*recognizer.feed(text), *recognizer.close()]


def complaints(events: list[Event]) -> list[object]:
    return [
        event
        for event in events
        if isinstance(event, ComponentError) or (isinstance(event, RenderComponent) and event.warnings)
    ]


def as_lark(catalog: Catalog, dialect: Dialect) -> str:
    """The grammar as llguidance takes it."""
    text = catalog.grammar(dialect)
    return any_to_lark(text) if dialect == "gbnf" else text


def allows(grammar: str, text: str) -> bool:
    """Whether a text is one of the grammar's."""
    matcher = LLMatcher(TOKENIZER, LLMatcher.grammar_from_lark(grammar))
    tokens = TOKENIZER.tokenize_str(text)
    return matcher.try_consume_tokens(tokens) == len(tokens) and matcher.is_accepting()


@pytest.mark.parametrize(("dialect", "walks"), [("llguidance", 2200), ("lark", 600), ("gbnf", 300)])
def test_whatever_a_grammar_allows_the_recognizer_takes_without_a_warning(
    dialect: Dialect, walks: int
) -> None:
    walker = Walker(as_lark(BUILTIN, dialect))
    seen: set[str] = set()
    for seed in range(walks):
        text = walker.walk(seed)
        events = events_of(BUILTIN, text)
        assert not complaints(events), text
        seen |= {event.name for event in events if isinstance(event, RenderComponent)}
    assert seen == BUILTIN.names if dialect == "llguidance" else len(seen) > 10


@pytest.mark.parametrize("dialect", DIALECTS)
def test_constraints_of_props_are_kept(dialect: Dialect) -> None:
    walker = Walker(as_lark(STRICT, dialect), free=300)
    given: set[str] = set()
    for seed in range(400):
        text = walker.walk(seed)
        events = events_of(STRICT, text)
        assert not complaints(events), text
        complete = [
            event for event in events if isinstance(event, RenderComponent) and event.name == "Strict"
        ]
        given |= {prop for event in complete for prop in event.props}
    if dialect == "llguidance":
        assert given >= {"level", "pair", "share", "code", "day", "place"}


def test_what_a_dialect_cannot_say_is_left_out_and_told() -> None:
    assert "Hard: `key` is needed" in STRICT.grammar("lark")
    assert "Strict.odd" in STRICT.grammar("lark")
    assert "# Not in this grammar, which cannot say it: Strict.code\n" in STRICT.grammar("gbnf")
    assert "<Hard" not in STRICT.grammar("gbnf")


@pytest.mark.parametrize("dialect", ["lark", "llguidance"])
@pytest.mark.parametrize(
    "text",
    [
        "",
        "Sales **rose** by 4% – see `code <Card>`.\n\n- one\n- two < three\n",
        '<Metric "MRR" value="$412k"/>',
        '<Metric "MRR" "$412k" "+4.2%"/> and <Metric value=3 good=down/>',
        '<Card title="Q3">Sales **rose**.<Metric "MRR" value="$412k"/></Card>',
        '<Card "Q3">\n<Callout "Careful" warning/>\n\nText.</>',
        '<Table rows={[["Ava", 132000], ["Marcus", 98000]]}/>',
        '<WeatherWidget city="Paris" temp=7.5 live/>',
        "Look:\n\n```python\nif a < b:\n    print(`x`)\n```\n\nDone.",
    ],
)
def test_what_models_should_write_is_allowed(dialect: Dialect, text: str) -> None:
    assert allows(BUILTIN.grammar(dialect), text)
    assert not complaints(events_of(BUILTIN, text))


@pytest.mark.parametrize("dialect", ["lark", "llguidance"])
@pytest.mark.parametrize(
    "text",
    [
        "<Metric/>",  # a prop is missing
        '<Metric "MRR"',
        '<Card title="Q3">never closed',
        '<Metric value="1" label="MRR"/>',  # not in order
        "<Card/><Nowhere/>",
        "    <Card/>",  # indented code
        "`<Card/>",
        "\\<Card/>" + "`",
        "</Card>",
        '<WeatherWidget temp="warm"/>',
        "<WeatherWidget temp=7 unit=K/>",
    ],
)
def test_what_would_go_wrong_is_not_allowed(dialect: Dialect, text: str) -> None:
    assert not allows(BUILTIN.grammar(dialect), text)


def test_the_plain_grammar_is_lark_to_lark_itself() -> None:
    lark = Lark(BUILTIN.only(["Metric", "Card"]).grammar("lark"), parser="earley", lexer="dynamic")
    lark.parse('Up: <Card "Q3"><Metric "MRR" value="$412k"/></Card>')


def test_the_grammar_of_no_components_is_prose() -> None:
    assert allows(Catalog().grammar("lark"), "Only *words*.")
    assert not allows(Catalog().grammar("lark"), "<Card/>")


def test_components_of_a_folder_are_in_the_grammar(tmp_path: Path) -> None:
    own = Catalog([Component(name="Own", props=())])
    assert '"<Own"' in BUILTIN.merged(own).grammar("lark")
    assert not tmp_path.joinpath("unused").exists()


def schema_of(**props: Json) -> Catalog:
    return Catalog.from_json_schema({"$defs": {"It": {"properties": props}}})


@pytest.mark.parametrize(
    ("schema", "good", "bad"),
    [
        ({"type": "integer", "minimum": 1, "maximum": 5}, ["1", "5"], ["0", "6", "51"]),
        (
            {"type": "integer", "minimum": -20, "maximum": 120},
            ["-20", "-9", "0", "99", "120"],
            ["-21", "121"],
        ),
        ({"type": "number", "minimum": 0, "maximum": 5}, ["4.5", "5", "0.25"], ["5.1", "-1"]),
        ({"type": "number", "exclusiveMinimum": 0, "maximum": 2}, ["1.5", "2"], ["0", "2.5"]),
    ],
)
def test_ranges_are_spelled_out(schema: Json, good: list[str], bad: list[str]) -> None:
    grammar = schema_of(n=schema).grammar("lark")
    assert [value for value in [*good, *bad] if allows(grammar, f"<It n={value}/>")] == good
