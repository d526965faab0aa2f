"""What a prop's schema can say, what a tag's writing becomes under it, and how a mistake is put in words."""

from __future__ import annotations

import pytest

from genui.catalog import Catalog
from genui.events import ComponentError, Event, Json, RenderComponent
from genui.markup import Recognizer


def written(schema: Json, value: str, *, required: bool = False) -> list[Event]:
    """The events of a tag with one prop, `it`, written as `value`."""
    definition = {"properties": {"it": schema}, **({"required": ["it"]} if required else {})}
    recognizer = Recognizer(Catalog.from_json_schema({"$defs": {"One": definition}}))
    return [*recognizer.feed(f"<One {value}/>"), *recognizer.close()]


def complete(events: list[Event]) -> RenderComponent:
    last = events[-1]
    assert isinstance(last, RenderComponent)
    assert last.state == "complete"
    return last


TEXT = {"type": "string"}
NUMBER = {"type": "number"}
FLAG = {"type": "boolean"}
TEXTS = {"type": "array", "items": TEXT}


@pytest.mark.parametrize(
    ("schema", "value", "held"),
    [
        (NUMBER, 'it="72"', 72),
        (NUMBER, "it=' 7.5 '", 7.5),
        ({"type": "integer"}, "it=7.0", 7),
        (FLAG, 'it="true"', True),
        (FLAG, "it", True),
        (FLAG, "it=False", False),
        (TEXT, "it=72", "72"),
        (TEXT, 'it="true"', "true"),
        ({"enum": ["Low", "very high"]}, "it=low", "Low"),
        ({"enum": ["Low", "very high"]}, "it=very-high", "very high"),
        ({"enum": [1, 2]}, 'it="2"', 2),
        ({"type": ["string", "number"]}, "it=12", 12),
        ({"type": ["string", "number"]}, 'it="12"', "12"),
        (TEXTS, 'it={["a", "b"]}', ["a", "b"]),
        ({"type": "array", "items": NUMBER}, 'it={["1", 2]}', [1, 2]),
        (
            {"type": "object", "properties": {"n": NUMBER, "s": TEXT}},
            'it={{"n": "3", "s": 4}}',
            {"n": 3, "s": "4"},
        ),
        ({"type": "string", "format": "date"}, 'it="2025-12-31"', "2025-12-31"),
        ({"type": "string", "format": "uri"}, 'it="https://example.org/a?b"', "https://example.org/a?b"),
        ({"type": "string", "format": "email"}, 'it="ava@example.org"', "ava@example.org"),
        ({"type": "string", "format": "color"}, 'it="#3b5bdb"', "#3b5bdb"),
        ({"type": "string", "format": "color"}, "it=teal", "teal"),
        ({"type": "string", "pattern": "^[A-Z]{3}$"}, "it=EUR", "EUR"),
        ({"type": "integer", "minimum": 1, "maximum": 5}, "it=5", 5),
    ],
)
def test_what_a_tag_can_write_becomes_what_the_schema_wants(schema: Json, value: str, held: Json) -> None:
    event = complete(written(schema, value))
    assert event.props == {"it": held}
    assert type(event.props["it"]) is type(held)
    assert event.warnings == ()


def test_a_default_stands_until_something_is_written() -> None:
    schema = {"enum": ["C", "F"], "default": "C"}
    assert complete(written(schema, "")).props == {"it": "C"}
    assert complete(written(schema, "it=F")).props == {"it": "F"}


@pytest.mark.parametrize(
    ("schema", "value", "message"),
    [
        (NUMBER, 'it="hot"', '`it` must be a number, not "hot"'),
        (FLAG, 'it="maybe"', '`it` must be true or false, not "maybe"'),
        ({"type": "integer"}, "it=7.5", "`it` must be a whole number, not 7.5"),
        (
            {"type": "number", "minimum": 0, "maximum": 100},
            "it=101",
            "`it` must be a number from 0 to 100, not 101",
        ),
        (
            {"type": "number", "exclusiveMinimum": 0},
            "it=0",
            "`it` must be a number more than 0, not 0",
        ),
        ({"enum": ["low", "high"]}, "it=mid", '`it` must be one of low, high, not "mid"'),
        (
            {"type": "string", "pattern": "^[A-Z]{3}$"},
            "it=euro",
            '`it` must be text matching ^[A-Z]{3}$, not "euro"',
        ),
        (
            {"type": "string", "maxLength": 3},
            "it=euro",
            '`it` must be text of at most 3 characters, not "euro"',
        ),
        (
            {"type": "string", "minLength": 2, "maxLength": 3},
            "it=e",
            '`it` must be text of 2 to 3 characters, not "e"',
        ),
        (
            {"type": "string", "format": "date"},
            "it=tomorrow",
            '`it` must be a date such as 2025-12-31, not "tomorrow"',
        ),
        (
            {"type": "string", "format": "uri"},
            'it="example dot org"',
            '`it` must be a web address such as https://example.org, not "example dot org"',
        ),
        (
            {"type": "string", "format": "email"},
            "it=ava",
            '`it` must be an e-mail address, not "ava"',
        ),
        (
            {"type": "string", "format": "color"},
            'it="#12"',
            '`it` must be a color such as #3b5bdb or teal, not "#12"',
        ),
        (TEXTS, 'it="a, b"', '`it` must be a list, not "a, b"'),
        ({**TEXTS, "minItems": 2}, 'it={["a"]}', '`it` must be a list of at least 2 elements, not ["a"]'),
        (
            {"type": "array", "items": {"type": "object", "properties": {"n": NUMBER}}},
            'it={[{n: 1}, {n: "x"}]}',
            '`it[1].n` must be a number, not "x"',
        ),
        (
            {"type": "array", "items": {"type": "object", "required": ["day"], "properties": {"day": TEXT}}},
            "it={[{high: 3}]}",
            "`it[0]` needs `day`",
        ),
    ],
)
def test_a_mistake_is_put_in_the_fields_words(schema: Json, value: str, message: str) -> None:
    events = written(schema, value, required=True)
    (error,) = (event for event in events if isinstance(event, ComponentError))
    assert (error.code, error.message) == ("invalid-prop", message)


def test_what_may_be_left_out_is_left_out_with_a_warning() -> None:
    event = complete(written(NUMBER, 'it="hot"'))
    assert event.props == {}
    assert event.warnings == ('`it` must be a number, not "hot"; it was left out',)


def test_a_missing_prop_is_told_with_what_belongs_there() -> None:
    schema = {"type": "number", "minimum": 0, "maximum": 5}
    (error,) = (event for event in written(schema, "", required=True) if isinstance(event, ComponentError))
    assert (error.code, error.message) == ("missing-prop", "One needs `it` (a number from 0 to 5)")


def test_descriptions_reach_the_model() -> None:
    definition = {"properties": {"it": {**NUMBER, "description": "in degrees"}}}
    assert "  it: in degrees" in Catalog.from_json_schema({"$defs": {"One": definition}}).prompt()
