"""What a prop may hold: a JSON Schema (draft 2020-12), read once and asked often.

Two halves. `Shape` answers, in nanoseconds and for each value as a tag's reader completes it, what that
value should become ("72" in quotes is the number 72 where a number belongs). `Prop.check` then judges
the whole value with jsonschema-rs; for a schema that says no more than a scalar type the coercion has
already proved it, and the validator is not even built.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from functools import cached_property
from typing import Any, cast

import jsonschema_rs

from genui.catalog.bindings import complaint, is_bound
from genui.errors import PropError
from genui.events import Json, pointer_escape

SCALARS = frozenset({"string", "number", "integer", "boolean", "null"})
KINDS = SCALARS | {"array", "object"}
_NUMBER = re.compile(r"[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?\Z")
_WORDS: dict[str, Json] = {"true": True, "false": False, "null": None}
# A string whose schema says more than this must be whole before it can be shown.
_FREE_TEXT = frozenset(
    {"type", "title", "description", "default", "examples", "required", "$comment", "bind", "live"}
)
_WRITTEN = frozenset({"number", "integer", "boolean"})  # what was written may be text just as well
_COLOR = re.compile(r"#(?:[0-9a-fA-F]{3,4}|[0-9a-fA-F]{6}|[0-9a-fA-F]{8})\Z|[a-zA-Z]{3,24}\Z")
_FORMATS = {"color": lambda text: _COLOR.match(text) is not None}
_BRANCHES = ("anyOf", "oneOf", "allOf")

MOST_VALUES = 10_000
"""In a list or an object that a prop holds, at any depth: each costs its drawing some microseconds."""


def parse_number(text: str) -> int | float | None:
    """The number that `text` writes in decimal, or None."""
    if not _NUMBER.match(text):
        return None
    try:
        return int(text)
    except ValueError:
        value = float(text)
        return None if value in (float("inf"), float("-inf")) else value


def is_too_much(value: Json) -> bool:
    """Whether there are more than MOST_VALUES in it."""
    found, waiting = 0, [value]
    while waiting and found <= MOST_VALUES:
        below = waiting.pop()
        if isinstance(below, list | dict):
            found += len(below)
            waiting.extend(below.values() if isinstance(below, dict) else below)
    return found > MOST_VALUES


def kind_of(value: Json) -> str:
    """The JSON Schema type of a value; an integer is "integer", which also counts as "number"."""
    match value:
        case None:
            return "null"
        case bool():
            return "boolean"
        case int():
            return "integer"
        case float():
            return "number"
        case str():
            return "string"
        case list():
            return "array"
    return "object"


class Shape:
    """One node of a schema: which kinds of value belong here, and what lies below.

    >>> Shape({"type": "number"}).coerce("72", "72")
    72
    """

    __slots__ = ("_schema", "enum", "items", "kinds", "members")

    def __init__(self, schema: Mapping[str, Json]) -> None:
        self._schema = schema
        self.kinds = frozenset(_kinds(schema))
        self.enum = tuple(_enum(schema))
        self.items = self._below("items")
        self.members = {
            name: Shape(member)
            for branch in _branches(schema)
            for name, member in branch.get("properties", {}).items()
            if isinstance(member, Mapping)
        }

    def _below(self, keyword: str) -> Shape | None:
        for branch in _branches(self._schema):
            if isinstance(branch.get(keyword), Mapping):
                return Shape(branch[keyword])
        return None

    def item(self) -> Shape:
        """The shape of a list's elements."""
        return self.items or ANYTHING

    def member(self, name: str) -> Shape:
        """The shape of an object's member."""
        return self.members.get(name, ANYTHING)

    def coerce(self, value: Json, raw: str) -> Json:
        """The scalar `value`, written as `raw`, as this shape wants it; unchanged where none fits."""
        if self.enum:
            return self._pick(value, raw)
        kind = kind_of(value)
        if kind in self.kinds or (kind == "integer" and "number" in self.kinds):
            return value
        if kind == "string":
            return self._from_text(value)
        if kind == "number" and "integer" in self.kinds and value == int(value):
            return int(value)
        return raw if "string" in self.kinds and kind in _WRITTEN else value

    def _from_text(self, text: str) -> Json:
        stripped = text.strip()
        if self.kinds & {"number", "integer"}:
            number = parse_number(stripped)
            if number is not None:
                exact = isinstance(number, int) or "number" in self.kinds or number != int(number)
                return number if exact else int(number)
        word = _WORDS.get(stripped.lower(), text)
        return word if kind_of(word) in self.kinds else text

    def _pick(self, value: Json, raw: str) -> Json:
        if value in self.enum and not (isinstance(value, bool) and True not in self.enum):
            return value
        wanted = _fold(raw)
        fitting = [choice for choice in self.enum if _fold(str(choice)) == wanted]
        return fitting[0] if len(fitting) == 1 else value


def _fold(text: str) -> str:
    return text.strip().lower().replace("_", "-").replace(" ", "-")


def _branches(schema: Mapping[str, Json]) -> Iterator[Mapping[str, Json]]:
    yield schema
    for keyword in _BRANCHES:
        for branch in schema.get(keyword, ()):
            if isinstance(branch, Mapping):
                yield from _branches(branch)


def _kinds(schema: Mapping[str, Json]) -> Iterator[str]:
    """All kinds that some branch names; a schema that names none takes every kind."""
    named = False
    for branch in _branches(schema):
        kind = branch.get("type")
        if kind is None:
            values = [*branch.get("enum", ()), *([branch["const"]] if "const" in branch else ())]
            found = [kind_of(value) for value in values] + ["object"] * ("$ref" in branch)
        else:
            found = [kind] if isinstance(kind, str) else list(kind)
        named = named or bool(found)
        yield from found
    if not named:
        yield from KINDS


def _enum(schema: Mapping[str, Json]) -> Iterator[Json]:
    yield from schema.get("enum", ())
    if "const" in schema:
        yield schema["const"]


ANYTHING = Shape({})


def references(schema: Json) -> Iterator[str]:
    """The names of the components that a schema refers to with `$ref`, in order."""
    if isinstance(schema, Mapping):
        if isinstance(schema.get("$ref"), str):
            yield schema["$ref"].rsplit("/", 1)[-1]
        for value in schema.values():
            yield from references(value)
    elif isinstance(schema, list):
        for value in schema:
            yield from references(value)


class Prop:
    """One declared prop. Immutable; safe to share between recognizers.

    `is_child`: filled by child tags (`children`, or a schema with `$ref`), never by an attribute.
    `is_scalar`: a positional value may fill it. `is_flag`: a bare word with its name means true.
    `streams`: free text, shown while it is being written.
    `bind` in the schema: True, what the reader enters (bound both ways); False, text that is never bound.
    `live` in the schema: the component's script follows it, and no drawing is needed.
    """

    def __init__(self, name: str, schema: Mapping[str, Json], *, required: bool = False) -> None:
        self.name = name
        self.schema = dict(schema)
        self.required = required
        self.has_default = "default" in schema
        self.default: Json = schema.get("default")
        self.refs = tuple(dict.fromkeys(references(schema)))
        self.shape = Shape(schema)
        self.path = "/" + pointer_escape(name)
        self.is_child = name == "children" or bool(self.refs)
        self.is_list = "array" in self.shape.kinds
        self.is_flag = "boolean" in self.shape.kinds and not self.is_child
        self.is_scalar = bool(self.shape.kinds & SCALARS) and not self.is_child
        self.streams = self.shape.kinds == {"string"} and schema.keys() <= _FREE_TEXT and not self.is_child
        self.two_way = schema.get("bind") is True
        self.is_live = schema.get("live") is True
        self.binds = schema.get("bind") is not False and not self.is_child
        self._proved = schema.keys() <= _FREE_TEXT and len(self.shape.kinds) == 1 and self.is_scalar

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Prop):
            return NotImplemented
        mine, theirs = (self.name, self.schema, self.required), (other.name, other.schema, other.required)
        return mine == theirs

    def __hash__(self) -> int:
        return hash((self.name, self.required))

    def __repr__(self) -> str:
        return f"Prop({self.name!r}, {self.schema!r}, required={self.required})"

    @cached_property
    def _validator(self) -> Any:
        return jsonschema_rs.Draft202012Validator(
            self.schema, validate_formats=True, formats=cast(Any, _FORMATS)
        )

    @property
    def wanted(self) -> str:
        """What belongs here, in words: "a number from 0 to 100", "one of low, high"."""
        return wanted(self.schema, self.shape)

    def check(self, value: Json, *, bound: bool = False) -> None:
        """Judge a whole, coerced value; with `bound`, one in which `$name` and `{…}` may stand for values
        that are not known yet; one that cannot be read is as good as any text where a text may stand.
        Raises PropError with the code `invalid-prop`."""
        if self._proved and kind_of(value) in self.shape.kinds:
            return
        if is_too_much(value):
            raise self.too_much()
        fault = complaint(value) if bound and self.binds else None
        waits = bound and self.binds and fault is None
        errors = self._validator.iter_errors(value)
        error = next((error for error in errors if not (waits and _is_open(value, error))), None)
        if error is None:
            return
        if fault is not None:
            raise PropError("invalid-prop", f"`{self.name}` {fault}")
        where, said = _complaint(self.schema, value, error)
        raise PropError("invalid-prop", f"`{self.name}{where}` {said}")

    def too_much(self) -> PropError:
        """What is wrong with a value that `is_too_much`."""
        return PropError("invalid-prop", f"`{self.name}` holds more than {MOST_VALUES:,} values")


def _is_open(value: Json, error: Any) -> bool:
    """Whether an error is about a bound text, whose value is not known yet."""
    for step in error.instance_path:
        value = value[step]
    return is_bound(value)


def _complaint(schema: Mapping[str, Json], value: Json, error: Any) -> tuple[str, str]:
    """Where inside a prop's value the mistake is, and what to say of it."""
    where = ""
    for step in error.instance_path:
        schema, value = _below(schema, step), value[step]
        where += f"[{step}]" if isinstance(step, int) else f".{step}"
    if error.schema_path[-1:] == ["required"]:
        missing = [name for name in schema.get("required", ()) if name not in value]
        if missing:
            return where, f"needs {', '.join(f'`{name}`' for name in missing)}"
    if where and not schema:
        return where, f"is not valid: {error.message}"
    return where, f"must be {wanted(schema, Shape(schema))}, not {shorten(value)}"


def _below(schema: Mapping[str, Json], step: str | int) -> Mapping[str, Json]:
    """The schema of one element or member; empty where it cannot be told."""
    for branch in _branches(schema):
        found = branch.get("items") if isinstance(step, int) else branch.get("properties", {}).get(step)
        if isinstance(found, Mapping):
            return found
    return {}


def shorten(value: Json, limit: int = 60) -> str:
    """A value as JSON for a message, cut to `limit` characters."""
    text = json.dumps(value, ensure_ascii=False)
    return text if len(text) <= limit else text[: limit - 1] + "…"


_ARTICLES = {
    "string": "text",
    "number": "a number",
    "integer": "a whole number",
    "boolean": "true or false",
    "null": "null",
    "array": "a list",
    "object": "an object",
}
_BOUNDS = (
    ("minimum", "at least {}"),
    ("exclusiveMinimum", "more than {}"),
    ("maximum", "at most {}"),
    ("exclusiveMaximum", "less than {}"),
    ("minLength", "of at least {} characters"),
    ("maxLength", "of at most {} characters"),
    ("minItems", "of at least {} elements"),
    ("maxItems", "of at most {} elements"),
    ("pattern", "matching {}"),
)
_RANGES = (
    ("minimum", "maximum", "from {} to {}"),
    ("minLength", "maxLength", "of {} to {} characters"),
    ("minItems", "maxItems", "of {} to {} elements"),
)
_FORMAT_WORDS = {
    "uri": "a web address such as https://example.org",
    "uri-reference": "an address such as /help or https://example.org",
    "date": "a date such as 2025-12-31",
    "time": "a time such as 18:30:00Z",
    "date-time": "a date and time such as 2025-12-31T18:30:00Z",
    "email": "an e-mail address",
    "color": "a color such as #3b5bdb or teal",
}


def wanted(schema: Mapping[str, Json], shape: Shape) -> str:
    """What a schema asks for, in words for people and models."""
    if shape.enum:
        return "one of " + ", ".join(str(choice) for choice in shape.enum)
    if schema.get("format") in _FORMAT_WORDS:
        return _FORMAT_WORDS[schema["format"]]
    kinds = [_ARTICLES[kind] for kind in _ARTICLES if kind in shape.kinds]
    what = "anything" if len(kinds) == len(_ARTICLES) else " or ".join(kinds)
    bounds = list(_bounds(schema))
    return what + (" " + ", ".join(bounds) if bounds else "")


def _bounds(schema: Mapping[str, Json]) -> Iterator[str]:
    """How much, how long: "from 0 to 100", "at least 2 elements"."""
    both = set()
    for least, most, phrase in _RANGES:
        if least in schema and most in schema:
            both |= {least, most}
            yield phrase.format(schema[least], schema[most])
    for keyword, phrase in _BOUNDS:
        if keyword in schema and keyword not in both:
            yield phrase.format(schema[keyword])
    if "format" in schema:
        yield f"in the format {schema['format']}"
