"""How a prop's value may be written: an expression for each way, in the order that reads best.

None means that a grammar cannot say what the schema does. Such a prop is left out where it may be, and its
component where it may not: the grammars describe only what the recognizer takes without a warning.
"""

from __future__ import annotations

import json
import math
import re
import zlib
from collections.abc import Callable, Iterator, Mapping, Sequence

from genui.catalog.grammars.expr import EMPTY, Alt, Expr, JsonValue, Lit, Pattern, Rep, Term, alt
from genui.catalog.grammars.expr import seq as joined
from genui.catalog.grammars.printing import regex
from genui.catalog.grammars.terminals import (
    BOUND,
    BRACED,
    FORMATS,
    INTEGER,
    JSON_STRING,
    NUMBER,
    PLAIN_STRING,
    STRING,
    bounded_string,
    decimals,
    integers,
)
from genui.catalog.schema import Shape
from genui.events import Json

_ANNOTATIONS = frozenset(
    {"title", "description", "default", "examples", "$comment", "deprecated", "bind", "live"}
)
_KEYWORDS: dict[str, frozenset[str]] = {
    "string": frozenset({"minLength", "maxLength", "pattern", "format"}),
    "number": frozenset({"minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum"}),
    "integer": frozenset({"minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum"}),
    "boolean": frozenset(),
    "null": frozenset(),
    "array": frozenset({"items", "minItems", "maxItems"}),
    "object": frozenset({"properties", "required", "additionalProperties"}),
}
_ALL = frozenset().union(*_KEYWORDS.values())
_BARE = re.compile(r"[A-Za-z][A-Za-z0-9_-]{0,60}\Z")
_NOT_BARE = frozenset({"true", "false", "null", "none", "undefined", "nan", "infinity"})
_LOOKS = re.compile(r"\(\?[=!<]|\\[1-9bB]|\\[pP]\{|[\"/]")
_SCALAR_KINDS = ("string", "number", "boolean")
_LIMIT = 1e15
_TIGHT = {"x-guidance": {"whitespace_flexible": False, "item_separator": ", ", "key_separator": ": "}}
"""llguidance's own word for: no white space that means nothing."""


class _Unsayable(Exception):  # noqa: N818 – it never leaves this module
    """The schema holds something that no expression here can say."""


class Values:
    """Expressions for values. `json_schema`: whether the dialect knows JSON Schema; `patterns`: whether it
    knows regular expressions as authors write them."""

    def __init__(self, *, json_schema: bool, patterns: bool) -> None:
        self._json_schema = json_schema
        self._patterns = patterns

    def written(self, schema: Mapping[str, Json], taken: Callable[[str], bool]) -> Expr | None:
        """What may follow `prop=`, or None. `taken` says which bare words mean something else."""
        try:
            forms = self._forms(schema, taken)
            if schema.get("bind") is False:
                return alt(forms)
            return alt([*forms, BRACED] if forms == [STRING] else [*forms, BOUND, BRACED])
        except _Unsayable:
            return None

    def _forms(self, schema: Mapping[str, Json], taken: Callable[[str], bool]) -> list[Expr]:
        string = PLAIN_STRING if schema.get("bind") is False else STRING
        forms = [form for case in _cases(schema) for form in self._case(case, taken, string)]
        if not forms:
            raise _Unsayable
        return forms

    def _case(self, schema: Mapping[str, Json], taken: Callable[[str], bool], string: Term) -> Iterator[Expr]:
        if (choices := _choices(schema)) is not None:
            yield from (_choice(choice, taken) for choice in choices if _is_plain(choice))
            return
        kind = schema["type"]
        if kind in ("array", "object"):
            yield joined(Lit("{"), self.json(schema), Lit("}"))
        elif kind != "null":
            yield self._scalar(schema, string)

    def _scalar(self, schema: Mapping[str, Json], string: Term) -> Expr:
        match schema["type"]:
            case "string":
                return self._string(schema, string)
            case "boolean":
                return Alt((Lit("true"), Lit("false")))
            case "null":
                return Lit("null")
        return _number(schema)

    def _string(self, schema: Mapping[str, Json], string: Term) -> Expr:
        if not schema.keys() & _KEYWORDS["string"]:
            return string
        if len(schema.keys() & {"pattern", "format"}) == 2:
            raise _Unsayable
        return _term("TEXT", joined(Lit('"'), self._inside(schema), Lit('"')))

    def _inside(self, schema: Mapping[str, Json]) -> Expr:
        sized = "minLength" in schema or "maxLength" in schema
        if "format" in schema:
            if schema["format"] not in FORMATS or sized:
                raise _Unsayable
            return FORMATS[schema["format"]]
        if "pattern" in schema:
            if sized or not self._patterns:
                raise _Unsayable
            return Pattern(_anchored(schema["pattern"]))
        return bounded_string(schema.get("minLength", 0), schema.get("maxLength"))

    # JSON

    def json(self, schema: Mapping[str, Json]) -> Expr:
        """A value as JSON. Raises _Unsayable."""
        expr = alt([self._json_case(case) for case in _cases(schema)])
        return JsonValue(json.dumps({**_TIGHT, **_narrowed(schema)})) if self._json_schema else expr

    def _json_case(self, schema: Mapping[str, Json]) -> Expr:
        if (choices := _choices(schema)) is not None:
            return alt([Lit(json.dumps(choice, ensure_ascii=False)) for choice in choices])
        match schema["type"]:
            case "array":
                return self._array(schema)
            case "object":
                return self._object(schema)
        return self._scalar(schema, JSON_STRING)

    def _plain_json(self, schema: Mapping[str, Json]) -> Expr:
        return alt([self._json_case(case) for case in _cases(schema)])

    def _array(self, schema: Mapping[str, Json]) -> Expr:
        least, most = schema.get("minItems", 0), schema.get("maxItems")
        if most == 0:
            return Lit("[]")
        item = self._plain_json(schema.get("items", {}))
        more = Rep(joined(Lit(", "), item), max(least - 1, 0), None if most is None else most - 1)
        filled = joined(Lit("["), item, more, Lit("]"))
        return filled if least else Alt((Lit("[]"), filled))

    def _object(self, schema: Mapping[str, Json]) -> Expr:
        members = list(schema.get("properties", {}).items())
        required = set(schema.get("required", ()))
        if not required <= {name for name, _ in members}:
            raise _Unsayable
        if not members:
            more = schema.get("additionalProperties")
            return self._map(more if isinstance(more, Mapping) else {})
        written = [joined(Lit(json.dumps(name) + ": "), self._plain_json(below)) for name, below in members]
        needed = [name in required for name, _ in members]
        return joined(Lit("{"), _some_of(written, needed), Lit("}"))

    def _map(self, schema: Mapping[str, Json]) -> Expr:
        member = joined(JSON_STRING, Lit(": "), self._plain_json(schema))
        return Alt((Lit("{}"), joined(Lit("{"), member, Rep(joined(Lit(", "), member)), Lit("}"))))


def _some_of(members: Sequence[Expr], needed: Sequence[bool]) -> Expr:
    """Members in their order with commas between them, each that is not needed there or not."""
    starts: list[Expr] = []
    for first, member in enumerate(members):
        rest = zip(members[first + 1 :], needed[first + 1 :], strict=True)
        following = [Rep(joined(Lit(", "), below), int(must), 1) for below, must in rest]
        starts.append(joined(member, *following))
        if needed[first]:
            return alt(starts)
    return alt([*starts, EMPTY])


def _cases(schema: Mapping[str, Json]) -> Iterator[dict[str, Json]]:
    """The schema as alternatives of one type each (or an enum). Raises _Unsayable."""
    words = schema.keys() - _ANNOTATIONS
    for union in ("anyOf", "oneOf"):
        if union in schema:
            branches = schema[union]
            kinds = [kind for branch in branches for kind in Shape(branch).kinds]
            if words != {union} or (union == "oneOf" and len(kinds) != len(set(kinds))):
                raise _Unsayable
            for branch in branches:
                yield from _cases(branch)
            return
    if _choices(schema) is not None:
        if not words <= {"enum", "const", "type"}:
            raise _Unsayable
        yield dict(schema)
        return
    kinds_named = schema.get("type", _SCALAR_KINDS)
    for kind in [kinds_named] if isinstance(kinds_named, str) else kinds_named:
        if not words <= _ALL | {"type"}:
            raise _Unsayable
        relevant = {word: schema[word] for word in words & _KEYWORDS[kind]}
        yield {"type": kind, **relevant}


def _choices(schema: Mapping[str, Json]) -> list[Json] | None:
    if "const" in schema:
        return [schema["const"]]
    return list(schema["enum"]) if "enum" in schema else None


def _is_plain(choice: Json) -> bool:
    return isinstance(choice, str | int | float)


def _choice(choice: Json, taken: Callable[[str], bool]) -> Expr:
    if not isinstance(choice, str):
        return Lit(json.dumps(choice))
    if _BARE.match(choice) and choice.lower() not in _NOT_BARE and not taken(choice):
        return Lit(choice)
    escaped = choice.replace("&", "&amp;").replace('"', "&quot;").replace("\\", "&#92;")
    return Lit(f'"{escaped}"')


def _number(schema: Mapping[str, Json]) -> Expr:
    whole = schema["type"] == "integer"
    if not schema.keys() & _KEYWORDS["number"]:
        return INTEGER if whole else NUMBER
    least, most = _bounds(schema)
    found = integers(least, most) if whole else decimals(least, most)
    if found is None:
        raise _Unsayable
    return _term("NUMBER", found)


def _bounds(schema: Mapping[str, Json]) -> tuple[float, float]:
    """The least and the greatest integer that fit; an excluded bound is moved by one."""
    above, below = schema.get("exclusiveMinimum", -math.inf), schema.get("exclusiveMaximum", math.inf)
    least = max(schema.get("minimum", -math.inf), math.floor(above) + 1 if above > -math.inf else above)
    most = min(schema.get("maximum", math.inf), math.ceil(below) - 1 if below < math.inf else below)
    return least, most


def _anchored(pattern: str) -> str:
    """A pattern of JSON Schema, which may match anywhere, for the whole of a text. Raises _Unsayable."""
    if not (pattern.startswith("^") and pattern.endswith("$")) or _LOOKS.search(pattern) or "|" in pattern:
        raise _Unsayable
    return pattern[1:-1]


def _term(kind: str, expr: Expr) -> Term:
    """A lexer's piece of its own, of one name wherever it is used."""
    return Term(f"{kind}_{zlib.crc32(regex(expr).encode()):08X}", expr)


def _narrowed(schema: Json) -> Json:
    """The schema for a generator of JSON: numbers bounded, no unnamed members, formats as patterns."""
    if isinstance(schema, list):
        return [_narrowed(below) for below in schema]
    if not isinstance(schema, Mapping):
        return schema
    found = {
        word: {name: _narrowed(below) for name, below in value.items()}
        if word == "properties"
        else _narrowed(value)
        for word, value in sorted(schema.items())
        if word not in _ANNOTATIONS and word not in ("enum", "const")
    }
    found |= {word: schema[word] for word in ("enum", "const") if word in schema}
    return _bounded(found)


def _bounded(schema: dict[str, Json]) -> dict[str, Json]:
    named = schema.get("type", [])
    kinds = {named} if isinstance(named, str) else set(named)
    if kinds & {"number", "integer"}:
        if not schema.keys() & {"minimum", "exclusiveMinimum"}:
            schema["minimum"] = -_LIMIT
        if not schema.keys() & {"maximum", "exclusiveMaximum"}:
            schema["maximum"] = _LIMIT
    if "string" in kinds and not schema.keys() & _KEYWORDS["string"]:
        schema["pattern"] = "^[^{]*$"  # braces may hold an expression
    if "array" in kinds:
        schema.setdefault("items", _ANY)
    if "object" in kinds and "additionalProperties" not in schema:
        schema["additionalProperties"] = False if schema.get("properties") else _ANY
    if schema.get("format") in FORMATS:
        schema["pattern"] = f"^{regex(FORMATS[schema.pop('format')])}$"
    return schema or dict(_ANY)


_ANY: dict[str, Json] = {
    "anyOf": [
        {"type": "string", "pattern": "^[^{]*$"},
        {"type": "number", "minimum": -_LIMIT, "maximum": _LIMIT},
        {"type": "boolean"},
    ]
}
