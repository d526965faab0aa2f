"""A component's folder, read into a Component. What a built-in one needs is all that a user's own needs.

Every mistake is a ComponentDefinitionError whose message begins with the file, and the line where it
can be known, and ends with what to do.
"""

from __future__ import annotations

import difflib
import re
import tomllib
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import NoReturn

import jsonschema_rs
from jinja2 import Template, TemplateSyntaxError

from genui.catalog.actions import FIELDS, INPUT_KINDS, Action
from genui.catalog.component import NAME, Component
from genui.catalog.data import LOAD_TIMEOUT, LONGEST_TIMEOUT, Load, import_load
from genui.catalog.schema import Prop
from genui.catalog.templates import SHARED, compile_html, compile_text, unknown_names
from genui.errors import ComponentDefinitionError
from genui.events import Json

_KEYS: dict[str, type] = {
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
_WORDS = {
    str: "a string in quotes",
    bool: "true or false",
    int: "a whole number",
    list: "a list",
    dict: "a table",
}
_GIVEN = ("props", "data", "state", "loading")
_DEFAULT_ALT = """{{ props.values() | select("string") | join(" · ") }}"""
_PROP_NAME = re.compile(r"[a-z_][a-z0-9_]*\Z")
_FORBIDDEN = (
    (re.compile(r"\sstyle\s*=", re.I), "a style attribute, which pages forbid: use a class and style.css"),
    (re.compile(r"\son[a-z]+\s*=", re.I), "an event attribute, which pages forbid: use script.js"),
    (re.compile(r"<script", re.I), "a script element, which never runs: use script.js"),
)


def load_folder(folder: Path) -> Iterator[Component]:
    """The components in a folder of them, by name of their folders. Raises ComponentDefinitionError."""
    if not folder.is_dir():
        _fail(
            "no-folder", folder, "there is no such folder; give the folder that holds the components' folders"
        )
    if (folder / "component.toml").exists():
        _fail("not-a-catalog", folder, "is one component; give the folder that it lies in")
    for path in sorted(folder.iterdir()):
        if path.is_dir() and not path.name.startswith((".", "_")) and _is_component(path):
            yield load_component(path)


def _is_component(path: Path) -> bool:
    if (path / "component.toml").exists():
        return True
    if (path / "template.html").exists():
        _fail(
            "no-definition", path, "has a template.html but no component.toml; add one with at least a name"
        )
    return False


def load_component(folder: Path) -> Component:
    """The component that a folder describes. Raises ComponentDefinitionError."""
    definition = _Definition(folder / "component.toml")
    props = tuple(definition.props())
    template = _template(folder / "template.html", props, takes_children=definition.value("children", False))
    script = folder / "script.js"
    needs, timeout = definition.load(props)
    return Component(
        name=definition.name(),
        props=props,
        description=definition.required("description"),
        folder=folder.name,
        children=definition.value("children", False),
        inline=definition.value("inline", False),
        min_height=definition.value("min_height", 0),
        examples=tuple(definition.examples()),
        style="".join([_base_style(), *definition.styles(), _text(folder / "style.css", optional=True)]),
        script=script if script.exists() else None,
        template=template,
        alt_template=definition.alt(props),
        load=_load(folder / "loader.py"),
        load_needs=needs,
        load_timeout=timeout,
        actions=tuple(definition.actions(props)),
        input=definition.input(),
    )


class _Definition:
    """A component.toml: its values, and where each stands."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._source = _text(path)
        try:
            self._values = tomllib.loads(self._source)
        except tomllib.TOMLDecodeError as error:
            at = re.search(r"at line (\d+)", str(error))
            _fail("bad-toml", path, f"is not valid TOML: {error}", int(at[1]) if at else None)
        for key, value in self._values.items():
            self._check(key, value)

    def _check(self, key: str, value: Json) -> None:
        wanted = _KEYS.get(key)
        if wanted is None:
            near = difflib.get_close_matches(key, _KEYS, n=1)
            advice = f"did you mean `{near[0]}`?" if near else f"known are {', '.join(_KEYS)}"
            self._fail("unknown-key", key, f"`{key}` means nothing here; {advice}")
        if type(value) is not wanted:
            self._fail("bad-value", key, f"`{key}` must be {_WORDS[wanted]}")

    def _fail(self, code: str, key: str, message: str) -> NoReturn:
        _fail(code, self._path, message, self._line_of(key))

    def _line_of(self, key: str) -> int | None:
        """Where a key (`alt`) or a table (`props.city`) is set, as far as a glance can tell."""
        name = re.escape(key.rsplit(".", 1)[-1])
        where = re.compile(rf'^\s*(?:\[\s*{re.escape(key)}\s*[.\]]|"?{name}"?\s*[=.])', re.M)
        found = where.search(self._source)
        return None if found is None else _line(self._source, found.end() - 1)

    def value(self, key: str, default: Json) -> Json:
        return self._values.get(key, default)

    def required(self, key: str) -> str:
        value = self._values.get(key)
        if not value:
            self._fail("no-" + key, key, f"`{key}` is missing; add one, for the model reads it")
        return str(value)

    def name(self) -> str:
        name = self.required("name")
        if not NAME.match(name):
            self._fail(
                "bad-name", "name", f"`name` {name!r}: begin with A–Z and use letters and digits, at most 64"
            )
        folder = re.sub(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])", "_", name).lower()
        if folder != self._path.parent.name:
            self._fail("bad-folder", "name", f"`name` is {name!r}, so call its folder {folder!r}")
        return name

    def examples(self) -> Iterator[str]:
        for example in self._values.get("examples", ()):
            if not isinstance(example, str) or f"<{self._values['name']}" not in example:
                self._fail(
                    "bad-example",
                    "examples",
                    f"each of `examples` must be markup with <{self._values['name']} …>",
                )
            yield example

    def styles(self) -> Iterator[str]:
        """The shared style sheets that it names, which its own comes after."""
        known = {path.stem: path for path in sorted(SHARED.glob("*.css"))}
        for name in self._values.get("styles", ()):
            if name not in known:
                self._fail("unknown-style", "styles", f"`styles` has {name!r}; known are {', '.join(known)}")
            yield known[name].read_text("utf-8")

    def props(self) -> Iterator[Prop]:
        for name, schema in self._values.get("props", {}).items():
            yield self._prop(name, schema)

    def _prop(self, name: str, schema: Json) -> Prop:
        key = f"props.{name}"
        if not _PROP_NAME.match(name) or name in _GIVEN:
            self._fail(
                "bad-prop",
                key,
                f"a prop cannot be called {name!r}; use a–z, 0–9 and _, and not {', '.join(_GIVEN)}",
            )
        if name == "children":
            self._fail("bad-prop", key, "child tags are not a prop; write `children = true` above the props")
        if not isinstance(schema, Mapping):
            self._fail("bad-prop", key, f"`{key}` must be a table with a JSON Schema")
        # `required = true` is ours; a list of member names is JSON Schema's.
        required = schema.get("required") is True
        schema = {
            word: value
            for word, value in schema.items()
            if not (word == "required" and isinstance(value, bool))
        }
        self._judge(key, schema)
        return Prop(name, schema, required=required)

    def _judge(self, key: str, schema: Mapping[str, Json]) -> None:
        try:
            jsonschema_rs.Draft202012Validator(dict(schema))
        except jsonschema_rs.ValidationError as error:
            self._fail("bad-schema", key, f"`{key}` is not a JSON Schema: {error.message}")
        default = schema.get("default")
        if default is not None and not jsonschema_rs.Draft202012Validator(dict(schema)).is_valid(default):
            self._fail("bad-default", key, f"`{key}`: its default {default!r} does not fit its own schema")

    def load(self, props: tuple[Prop, ...]) -> tuple[tuple[str, ...] | None, float]:
        """Which props `load` needs (None: all), and how many seconds it may take."""
        settings = self._table("load", ("needs", "timeout"))
        if settings and not self._path.with_name("loader.py").exists():
            self._fail("no-loader", "load", "`[load]` is about a loader.py, which is missing; add it")
        needs = settings.get("needs")
        if needs is not None:
            self._prop_names("load.needs", needs, props)
        timeout = settings.get("timeout", LOAD_TIMEOUT)
        if type(timeout) not in (int, float) or not 0 < timeout <= LONGEST_TIMEOUT:
            self._fail("bad-value", "load.timeout", f"`timeout` must be seconds, at most {LONGEST_TIMEOUT:g}")
        return None if needs is None else tuple(needs), float(timeout)

    def actions(self, props: tuple[Prop, ...]) -> Iterator[Action]:
        for name in self._values.get("actions", {}):
            yield self._action(name, props)

    def _action(self, name: str, props: tuple[Prop, ...]) -> Action:
        key = f"actions.{name}"
        known = ("label", "named_by", "when", "once", "fields", "props", "values")
        settings = self._table(key, known)
        label, when = settings.get("label", ""), settings.get("when", "")
        named_by, held = settings.get("named_by", []), settings.get("props", [])
        for names in (named_by, held, [word for word in (label, when) if word]):
            self._prop_names(key, names, props)
        self._judge_values(key, settings)
        once, fields, values = settings.get("once", False), settings.get("fields"), settings.get("values")
        action = Action(name, label, tuple(named_by), when, once, fields, tuple(held), values)
        if values is not None:
            # With the choices filled in, for `enum = {"$prop" = "options"}` alone is no JSON Schema.
            self._judge(key, action.schema({prop.name: ["choice"] for prop in props}))
        return action

    def _judge_values(self, key: str, settings: Mapping[str, Json]) -> None:
        if settings.get("fields") not in (None, *FIELDS):
            self._fail("bad-action", key, f"`fields` of `{key}` must be one of {', '.join(FIELDS)}")
        if type(settings.get("once", False)) is not bool:
            self._fail("bad-action", key, f"`once` of `{key}` must be true or false")
        if sum(word in settings for word in ("fields", "props", "values")) > 1:
            self._fail("bad-action", key, f"`{key}` may have one of `fields`, `props` and `values`")
        if not isinstance(settings.get("values", {}), Mapping):
            self._fail("bad-action", key, f"`values` of `{key}` must be a table")

    def input(self) -> str:
        kind = str(self._values.get("input", ""))
        if kind and kind not in INPUT_KINDS:
            self._fail("bad-input", "input", f"`input` must be one of {', '.join(INPUT_KINDS)}")
        return kind

    def _table(self, key: str, known: tuple[str, ...]) -> Mapping[str, Json]:
        """The settings in a table, which are all known."""
        table: Json = self._values
        for step in key.split("."):
            table = table.get(step, {})
        if not isinstance(table, Mapping):
            self._fail("bad-value", key, f"`{key}` must be a table")
        for word in table:
            if word not in known:
                advice = f"known are {', '.join(known)}"
                self._fail("unknown-key", f"{key}.{word}", f"`{word}` means nothing in `[{key}]`; {advice}")
        return table

    def _prop_names(self, key: str, names: Json, props: tuple[Prop, ...]) -> None:
        known = [prop.name for prop in props]
        if not isinstance(names, list):
            self._fail("bad-value", key, f"`{key}` must be a list of names of props")
        for name in names:
            if name not in known:
                self._fail("unknown-prop", key, f"`{key}` names `{name}`, which is not a prop")

    def alt(self, props: tuple[Prop, ...]) -> Template:
        source = str(self._values.get("alt", _DEFAULT_ALT))
        try:
            strangers = unknown_names(source, [*_GIVEN, *(prop.name for prop in props)])
            template = compile_text(source)
        except TemplateSyntaxError as error:
            self._fail("bad-alt", "alt", f"`alt` is not a Jinja template: {error.message}")
        for stranger in sorted(strangers):
            self._fail("unknown-variable", "alt", f"`alt` uses `{stranger}`, which is not a prop")
        return template


def _load(path: Path) -> Load | None:
    if not path.exists():
        return None
    try:
        return import_load(path)
    except SyntaxError as error:
        _fail("bad-loader", path, f"is not Python: {error.msg}", error.lineno)
    except TypeError as error:
        _fail(
            "bad-loader",
            path,
            f"cannot be used: {error}; its `async def load(props)` returns a dict, or yields dicts",
        )
    except Exception as error:
        _fail("bad-loader", path, f"fails when it is imported: {type(error).__name__}: {error}")


def _template(path: Path, props: tuple[Prop, ...], *, takes_children: bool) -> Template:
    source = _text(path)
    for pattern, what in _FORBIDDEN:
        if found := pattern.search(source):
            _fail("forbidden-html", path, f"has {what}", _line(source, found.start() + 1))
    if takes_children and "<slot" not in source:
        _fail(
            "no-slot", path, "has no <slot></slot>, so children would not be seen; add one where they belong"
        )
    try:
        strangers = unknown_names(source, [*_GIVEN, *(prop.name for prop in props)])
        template = compile_html(path)
    except TemplateSyntaxError as error:
        _fail(
            "bad-template",
            path.with_name(error.name or path.name),
            f"is not a Jinja template: {error.message}",
            error.lineno,
        )
    for stranger in sorted(strangers):
        _fail_on_stranger(path, source, stranger, props)
    return template


def _fail_on_stranger(path: Path, source: str, stranger: str, props: tuple[Prop, ...]) -> NoReturn:
    near = difflib.get_close_matches(stranger, [prop.name for prop in props], n=1)
    advice = f"did you mean `{near[0]}`?" if near else "declare it under [props] in component.toml"
    found = re.search(rf"\b{re.escape(stranger)}\b", source)
    line = _line(source, found.start()) if found else None
    _fail("unknown-variable", path, f"uses `{stranger}`, which is not a prop; {advice}", line)


@cache
def _base_style() -> str:
    return (Path(__file__).parent / "base.css").read_text("utf-8")


def _text(path: Path, *, optional: bool = False) -> str:
    if optional and not path.exists():
        return ""
    try:
        return path.read_text("utf-8")
    except FileNotFoundError:
        _fail("no-file", path, "is missing; add it")
    except UnicodeDecodeError as error:
        _fail("not-utf-8", path, f"is not UTF-8 text (byte {error.start}); save it as UTF-8")


def _line(source: str, offset: int) -> int:
    return source.count("\n", 0, offset) + 1


def _fail(code: str, path: Path, message: str, line: int | None = None) -> NoReturn:
    where = f"{path}:{line}" if line else str(path)
    raise ComponentDefinitionError(code, f"{where}: {message}")
