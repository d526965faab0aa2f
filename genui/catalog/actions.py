"""What a reader may do with a component, and which values that may bring.

A component declares its actions in component.toml; nothing knows a Button or a Form by name:

    [actions.submit]
    label = "submit"          # the prop that holds the words on it, which the thread then shows
    named_by = ["action"]     # the action is called what the first of these props holds (a list: any of
                              # it), else `submit`
    when = "action"           # it is offered only where this prop holds something
    once = true               # it is taken once in each answer
    fields = "inside"         # its values are those of the inputs among its children; "around": those of
                              # the form that it stands in; "own": its own as an input, and those
    props = ["name"]          # or: they are these props, of which a client need not tell us
    [actions.vote.values]     # or: the JSON Schema of its values, in which {"$prop": "options"} stands for
                              # the choices in that prop

A component that is an input says so with `input = "text"`, or number, date, flag, choice, choices. What it
accepts then follows from its props, by names that all inputs share: `name` and `label` (what the value is
called), `required`, `type` (as in HTML), `options`, `min`, `max`.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal, NamedTuple, get_args

import jsonschema_rs

from genui.catalog.bindings import has_bound
from genui.catalog.filters import choices
from genui.catalog.schema import parse_number
from genui.errors import PropError
from genui.events import Json

InputKind = Literal["text", "number", "date", "flag", "choice", "choices"]
INPUT_KINDS: tuple[str, ...] = get_args(InputKind)
Fields = Literal["inside", "around", "own"]
FIELDS: tuple[str, ...] = get_args(Fields)

LONGEST_TEXT = 10_000
_NO_VALUES: dict[str, Json] = {"type": "object", "additionalProperties": False}
_BY_TYPE: dict[str, dict[str, Json]] = {
    "email": {"format": "email"},
    "url": {"format": "iri"},
    "date": {"format": "date"},
    "time": {"pattern": r"^([01]\d|2[0-3]):[0-5]\d(:[0-5]\d)?$"},
}
_DATE_AND_TIME: dict[str, Json] = {
    "type": "string",
    "pattern": r"^\d{4}-\d\d-\d\dT([01]\d|2[0-3]):[0-5]\d(:[0-5]\d)?$",
}
_FORMAT_WORDS = {"email": "an email address", "iri": "a web address", "date": "a date", "time": "a time"}


@dataclass(frozen=True, slots=True)
class Action:
    """One thing that a reader may do with a component."""

    name: str
    label: str = ""
    named_by: tuple[str, ...] = ()
    when: str = ""
    once: bool = False
    fields: Fields | None = None
    props: tuple[str, ...] = ()
    values: Mapping[str, Json] | None = None

    def called(self, props: Mapping[str, Json]) -> Sequence[str]:
        """The names that the action goes by in a component with these props; none where it is not offered."""
        if self.when and not props.get(self.when):
            return ()
        return next((choices_of(props[prop]) for prop in self.named_by if props.get(prop)), [self.name])

    def schema(self, props: Mapping[str, Json]) -> dict[str, Json]:
        """The JSON Schema of its values, for a component with these props, without any fields."""
        filled: dict[str, Json] = _filled(self.values or _NO_VALUES, props)
        return filled


def _filled(schema: Json, props: Mapping[str, Json]) -> Json:
    if isinstance(schema, Mapping):
        if "$prop" in schema:
            return choices_of(props.get(str(schema["$prop"])))
        return {key: _filled(value, props) for key, value in schema.items()}
    return [_filled(value, props) for value in schema] if isinstance(schema, list) else schema


def choices_of(options: Json) -> list[str]:
    """The values of `options`, as they stand on the page: of plain ones, or of objects with `value` and
    `label`; of what is no list, itself."""
    if options is None:
        return []
    listed = options if isinstance(options, list) else [options]
    return [str(option["value"]).strip() for option in choices(listed)]


class Field(NamedTuple):
    """One input of a form: what its value is called in `values`, and on the page."""

    name: str
    label: str
    kind: str
    required: bool
    schema: dict[str, Json]

    def read(self, value: Json) -> Json:
        """A value as a browser sends it, as its schema wants it; None when nothing was filled in."""
        if value == "" or value is None or value == []:
            return None
        number = (
            parse_number(value.strip()) if self.schema.get("type") == "number" and _is_text(value) else None
        )
        return value if number is None else number

    def check(self, value: Json) -> None:
        """Judge a value that was read. Raises PropError, whose message is for the reader."""
        if value is None or (self.kind == "flag" and value is False):
            if self.required:
                raise PropError("bad-values", f"“{self.label}” is needed.")
            return
        if not jsonschema_rs.Draft202012Validator(self.schema, validate_formats=True).is_valid(value):
            raise PropError("bad-values", f"“{self.label}” must be {self._wanted()}.")

    def _wanted(self) -> str:
        if "enum" in self.schema or "items" in self.schema:
            return "one of the choices" if "enum" in self.schema else "some of the choices"
        if word := _FORMAT_WORDS.get(
            str(self.schema.get("format", "time" if "pattern" in self.schema else ""))
        ):
            return word
        if self.schema.get("type") != "number":
            return "yes or no" if self.kind == "flag" else f"text of at most {LONGEST_TEXT:,} characters"
        bounds = [
            f"{word} {self.schema[key]}"
            for key, word in (("minimum", "from"), ("maximum", "to"))
            if key in self.schema
        ]
        return " ".join(["a number", *bounds])


def _is_text(value: Json) -> bool:
    return isinstance(value, str)


def field_of(kind: str, props: Mapping[str, Json]) -> Field:
    """The field that an input of this kind, with these props, is in its form."""
    name = str(props.get("name") or props.get("label") or "value")
    label = str(props.get("label") or name)
    return Field(name, label, kind, bool(props.get("required")), _input_schema(kind, props))


def _input_schema(kind: str, props: Mapping[str, Json]) -> dict[str, Json]:
    type_ = str(props.get("type") or "text")
    if kind == "flag":
        return {"type": "boolean"}
    if kind in ("choice", "choices") and has_bound(props.get("options")):
        return {}  # which choices there were, only the page knows
    if kind == "choice":
        return {"enum": choices_of(props.get("options"))}
    if kind == "choices":
        return {"type": "array", "uniqueItems": True, "items": {"enum": choices_of(props.get("options"))}}
    if kind == "date":
        return _DATE_AND_TIME if props.get("time") else {"type": "string", "format": "date"}
    if kind == "number" or type_ == "number":
        bounds = {"minimum": props.get("min"), "maximum": props.get("max")}
        return {"type": "number"} | {key: value for key, value in bounds.items() if _is_number(value)}
    return {"type": "string", "maxLength": LONGEST_TEXT, **_BY_TYPE.get(type_, {})}


def _is_number(value: Json) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def read_fields(fields: Iterable[Field], values: Mapping[str, Json]) -> Iterator[tuple[Field, Json]]:
    """The values of a form, field by field, those that were left empty left out.

    Raises PropError for the first that does not fit, and for one that no field is called.
    """
    known = {field.name: field for field in fields}
    for name in values:
        if name not in known:
            raise PropError("bad-values", f"The form has no field `{name[:64]}`.")
    for field in known.values():
        value = field.read(values.get(field.name))
        field.check(value)
        if value is not None:
            yield field, value


def check_values(schema: Mapping[str, Json], values: Json) -> None:
    """Judge an action's values by its schema. Raises PropError."""
    error: Any = next(jsonschema_rs.Draft202012Validator(dict(schema)).iter_errors(values), None)
    if error is not None:
        where = "".join(f"[{part!r}]" for part in error.instance_path)
        raise PropError("bad-values", f"values{where}: {error.message}"[:500])
