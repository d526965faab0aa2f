"""A component.toml, read on past its mistakes: each is reported, and what is left still makes a Component.

`KEYS` and `RESERVED` are the format; docs/components.md lists the same.
"""

from __future__ import annotations

import difflib
import re
import tomllib
from collections.abc import Callable, Iterator, Mapping
from functools import cached_property
from pathlib import Path

import jsonschema_rs
from jinja2 import TemplateSyntaxError

from genui.catalog.component import NAME, snake_case
from genui.catalog.findings import Finding, line_at
from genui.catalog.schema import Prop
from genui.catalog.templates import DEFAULT_ALT, TextTemplate, shared_styles, unknown_names
from genui.events import Json

KEYS: dict[str, type] = {
    "name": str,
    "description": str,
    "children": bool,
    "inline": bool,
    "min_height": int,
    "styles": list,
    "alt": str,
    "examples": list,
    "props": dict,
    "load": dict,
    "actions": dict,
    "input": str,
}
RESERVED = ("props", "data", "state", "loading")
"""What a template is given beside the props, so that no prop can be called so."""

_WORDS = {
    str: "a string in quotes",
    bool: "true or false",
    int: "a whole number",
    list: "a list",
    dict: "a table",
}
_PROP_NAME = re.compile(r"[a-z_][a-z0-9_]*\Z")
_SCHEMA_WORDS = (
    "type", "enum", "const", "default", "description", "title", "format", "pattern", "minimum", "maximum",
    "exclusiveMinimum", "exclusiveMaximum", "multipleOf", "minLength", "maxLength", "items", "minItems",
    "maxItems", "uniqueItems", "prefixItems", "contains", "properties", "required", "additionalProperties",
    "patternProperties", "propertyNames", "minProperties", "maxProperties", "anyOf", "oneOf", "allOf", "not",
    "if", "then", "else", "$ref", "$defs", "$comment", "examples", "bind", "live",
)  # fmt: skip

_TYPES = ("string", "number", "integer", "boolean", "array", "object", "null")

Report = Callable[[Finding], None]


class Definition:
    """A component.toml: its values, and where each stands. Mistakes go to `report`."""

    def __init__(self, path: Path, source: str, report: Report) -> None:
        self.path = path
        self.source = source
        self._report = report
        self._values: dict[str, Json] = {}
        try:
            values = tomllib.loads(source)
        except tomllib.TOMLDecodeError as error:
            at = re.search(r"at line (\d+)", str(error))
            line = int(at[1]) if at else 0
            report(Finding(path, line, "bad-toml", f"is not valid TOML: {error}", "mend that line"))
            self.readable = False
            return
        self.readable = True
        self._values = {key: value for key, value in values.items() if self._is_good(key, value)}

    def _is_good(self, key: str, value: Json) -> bool:
        wanted = KEYS.get(key)
        if wanted is None:
            self.fail("unknown-key", key, f"`{key}` means nothing here", near(key, KEYS))
        elif type(value) is not wanted:
            self.fail("bad-value", key, f"`{key}` has the wrong type", f"it must be {_WORDS[wanted]}")
        else:
            return True
        return False

    def fail(self, code: str, key: str, what: str, advice: str) -> None:
        """Report a mistake at a key (`alt`) or at a table (`props.city`)."""
        self._report(Finding(self.path, self.line_of(key), code, what, advice))

    def line_of(self, key: str) -> int:
        """Where a key or a table is set, as far as a glance can tell; 0 where it is not."""
        name = re.escape(key.rsplit(".", 1)[-1])
        table = re.compile(rf"^\s*\[\s*{re.escape(key)}\s*[.\]]", re.M)
        assignment = re.compile(rf'^\s*"?{name}"?\s*[=.]', re.M)
        found = table.search(self.source) or assignment.search(self.source)
        return 0 if found is None else line_at(self.source, found.end() - 1)

    def has(self, key: str) -> bool:
        """Whether a key is set, and well."""
        return key in self._values

    def value(self, key: str, default: Json) -> Json:
        return self._values.get(key, default)

    @cached_property
    def name(self) -> str | None:
        """The component's name, or None where it has none that would do."""
        if not (name := self._needed("name", "add one, the name of the tag, such as `StockQuote`")):
            return None
        if not NAME.match(name):
            what = f"`name` {name!r} cannot be a tag's name"
            self.fail("bad-name", "name", what, "begin with A–Z and use only letters and digits, at most 64")
            return None
        if snake_case(name) != self.path.parent.name:
            self.fail("bad-folder", "name", f"`name` is {name!r}", f"so call its folder {snake_case(name)!r}")
        return name

    @cached_property
    def description(self) -> str:
        return self._needed("description", "add one sentence on what it shows, for the model reads it")

    def _needed(self, key: str, advice: str) -> str:
        value = str(self._values.get(key, ""))
        if not value and self.readable:
            self.fail(f"no-{key}", key, f"`{key}` is missing", advice)
        return value

    @cached_property
    def examples(self) -> tuple[str, ...]:
        return tuple(self._examples())

    def _examples(self) -> Iterator[str]:
        tag = f"<{self.name}" if self.name else "<"
        for example in self._values.get("examples", ()):
            if isinstance(example, str) and tag in example:
                yield example
            else:
                what = f"each of `examples` must be markup with {tag} …>"
                self.fail("bad-example", "examples", what, "write it as a model would")

    @cached_property
    def styles(self) -> tuple[str, ...]:
        """The shared style sheets that it names, which its own comes after."""
        known = shared_styles()
        for name in self._values.get("styles", ()):
            if name not in known:
                self.fail("unknown-style", "styles", f"`styles` has {name!r}", near(str(name), known))
        return tuple(known[name] for name in self._values.get("styles", ()) if name in known)

    @cached_property
    def props(self) -> tuple[Prop, ...]:
        tables = self._values.get("props", {}).items()
        return tuple(prop for name, schema in tables if (prop := self._prop(name, schema)) is not None)

    def _prop(self, name: str, schema: Json) -> Prop | None:
        key = f"props.{name}"
        if not _PROP_NAME.match(name) or name in RESERVED:
            advice = f"use a–z, 0–9 and _, and not {', '.join(RESERVED)}"
            self.fail("bad-prop", key, f"a prop cannot be called {name!r}", advice)
        elif name == "children":
            self.fail("bad-prop", key, "child tags are not a prop", "write `children = true` above the props")
        elif not isinstance(schema, Mapping):
            self.fail("bad-prop", key, f"`{key}` is no table", "give it a JSON Schema under a heading")
        else:
            # `required = true` is ours; a list of member names is JSON Schema's.
            required = schema.get("required") is True
            if isinstance(schema.get("required"), bool):
                schema = {word: value for word, value in schema.items() if word != "required"}
            return Prop(name, schema, required=required) if self.judge_schema(key, schema) else None
        return None

    def judge_schema(self, key: str, schema: Mapping[str, Json]) -> bool:
        """Whether a table is a JSON Schema; what is wrong with it is reported."""
        for word in schema.keys() - set(_SCHEMA_WORDS):
            what = f"`{word}` in `{key}` is no word of JSON Schema"
            self.fail("unknown-schema-key", key, what, near(word, _SCHEMA_WORDS[:23]))
        try:
            validator = jsonschema_rs.Draft202012Validator(dict(schema))
        except jsonschema_rs.ValidationError as error:
            self.fail("bad-schema", key, *unfit(key, error))
            return False
        default = schema.get("default")
        if default is not None and not validator.is_valid(default):
            what = f"`{key}`: its default {default!r} does not fit its own schema"
            self.fail("bad-default", key, what, "change one of them")
        return True

    def alt(self) -> TextTemplate | None:
        """The template of the plain words, or None where it is wrong."""
        source = str(self._values.get("alt", DEFAULT_ALT))
        names = [prop.name for prop in self.props]
        try:
            strangers = unknown_names(source, [*RESERVED, *names])
            template = TextTemplate(source.strip("\n"))
        except TemplateSyntaxError as error:
            what = f"`alt` is not a Jinja template: {(error.message or '').rstrip('.')}"
            self.fail("bad-alt", "alt", what, "mend it")
            return None
        for stranger in sorted(strangers):
            what = f"`alt` uses `{stranger}`, which is not a prop"
            self.fail("unknown-variable", "alt", what, near(stranger, names, "declare it under [props]"))
        return template


def unfit(key: str, error: jsonschema_rs.ValidationError) -> tuple[str, str]:
    """What makes a table no JSON Schema, and what to do; the usual mistake is a type that there is not."""
    named = error.instance if isinstance(error.instance, list) else [error.instance]
    unknown = [word for word in named if isinstance(word, str) and word not in _TYPES]
    if "type" in error.instance_path[-2:] and unknown:
        return f"`{key}`: there is no type {unknown[0]!r}", near(unknown[0], _TYPES)
    message = f"`{key}` is not a JSON Schema: {error.message}"
    return message, "see json-schema.org for what may stand there"


def near(word: str, known: Iterator[str] | Mapping[str, object] | list[str] | tuple[str, ...],
         otherwise: str = "") -> str:  # fmt: skip
    """What the author may have meant."""
    names = list(known)
    close = difflib.get_close_matches(word, names, n=1)
    return f"did you mean `{close[0]}`?" if close else otherwise or f"known are {', '.join(names)}"
