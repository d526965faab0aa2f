"""A class with typed fields as a component: the same Component that a folder gives.

Two designs were weighed. A base class (`class WeatherCard(Widget): …`, a pydantic model) reads well, but its
methods and settings share the namespace of the fields, so that no prop could be called `style`, `schema` or
`copy`. A decorator (`@component(template=…) class WeatherCard: …`) keeps settings out of the class, leaves
the class plain (a pydantic dataclass: construct it, compare it, return it from a tool), and type checkers
know its constructor through `dataclass_transform`. It is the decorator.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, TypeVar, cast, dataclass_transform

from jinja2 import TemplateSyntaxError
from pydantic import ConfigDict, Field, PydanticUserError, TypeAdapter
from pydantic.dataclasses import dataclass as pydantic_dataclass

from genui.catalog.actions import Action
from genui.catalog.component import Component, Element, snake_case
from genui.catalog.data import LOAD_TIMEOUT, Load, is_load
from genui.catalog.definition import RESERVED, near
from genui.catalog.findings import Finding
from genui.catalog.loader import base_style, judge_template
from genui.catalog.schema import Prop
from genui.catalog.shapes import inlined
from genui.catalog.templates import DEFAULT_ALT, HtmlTemplate, TextTemplate, shared_styles
from genui.errors import ComponentDefinitionError
from genui.events import Json

_Class = TypeVar("_Class")
_ATTRIBUTE = "__genui_component__"
_MARK = "x-genui-component"
Source = str | Path
"""The text itself, or the file it stands in; a relative path starts at the file of the class."""


@dataclass_transform(kw_only_default=True, field_specifiers=(Field,))
def component(
    *,
    template: Source,
    style: Source = "",
    script: Source | None = None,
    children: bool = False,
    inline: bool = False,
    min_height: int = 0,
    styles: Sequence[str] = (),
    alt: str = DEFAULT_ALT,
    examples: Sequence[str] = (),
    load_timeout: float = LOAD_TIMEOUT,
    actions: Sequence[Action] = (),
    input: str = "",  # noqa: A002 (as in component.toml)
) -> Callable[[type[_Class]], type[_Class]]:
    """Make a component of a class: its fields are the props, in their order, its docstring the description.

    >>> @component(template="<p>{{ city }}: {{ temp }}°</p>")
    ... class Weather:
    ...     '''The weather in one place.'''
    ...     city: str
    ...     temp: float | None = None
    >>> Weather(city="Paris")
    Weather(city='Paris', temp=None)

    A field without a default is a required prop; `X | None = None` is a prop that may be left out. What a
    prop means is said with `Annotated[str, Field(description="…")]` or in a string below the field. The
    settings are those of component.toml. An `async def load(self)` of the class, on an instance that has the
    props, brings its data as a loader.py does. Raises ComponentDefinitionError.
    """

    def decorate(cls: type[_Class]) -> type[_Class]:
        described = inspect.cleandoc(cls.__doc__ or "").split("\n\n")[0].replace("\n", " ")
        config = ConfigDict(use_attribute_docstrings=True, json_schema_extra={_MARK: cls.__name__})
        made = pydantic_dataclass(kw_only=True, config=config)(cls)
        place = _Place(cls)
        props = _props(made, place)
        html = place.text(template)
        setattr(
            made,
            _ATTRIBUTE,
            Component(
                name=cls.__name__,
                props=props,
                description=described
                or place.fail("no-description", "has no docstring", "the model reads it"),
                folder=snake_case(cls.__name__),
                children=children,
                inline=inline,
                min_height=min_height,
                examples=tuple(examples),
                style="".join([base_style(), *place.styles(styles), place.text(style)]),
                script=place.path(script) if isinstance(script, Path) else script,
                template=place.template(html, template, props, takes_children=children),
                alt_template=place.alt(alt),
                load=_load_of(made, place),
                load_timeout=load_timeout,
                actions=tuple(actions),
                input=input,
            ),
        )
        return cast(type[_Class], made)

    return decorate


def component_of(thing: object) -> Component | None:
    """The component of a class that `component` made, or of an instance of one; None for anything else."""
    found = getattr(thing, _ATTRIBUTE, None)
    return found if isinstance(found, Component) else None


def props_of(instance: object) -> dict[str, Json]:
    """The props that an instance holds, as JSON; those that are None are left out."""
    dumped = TypeAdapter(type(instance)).dump_python(instance, mode="json", exclude_none=True)
    return {name: value for name, value in dumped.items() if not name.startswith("_")}


def element_of(thing: object) -> Element | None:
    """What a tool gave, if that is a component to show: an element, or an instance of a class that
    `component` made."""
    if isinstance(thing, Element):
        return thing
    found = None if isinstance(thing, type) else component_of(thing)
    return Element(found, props_of(thing)) if found else None


class _Place:
    """Where a class stands: what its relative paths start from, and what is said when something is wrong."""

    def __init__(self, cls: type) -> None:
        self._name = cls.__name__
        try:
            self._file = Path(inspect.getsourcefile(cls) or "")
            self._line = inspect.getsourcelines(cls)[1]
        except (OSError, TypeError):  # typed into a prompt
            self._file, self._line = Path(f"<{cls.__name__}>"), 0

    def fail(self, code: str, what: str, advice: str) -> Any:
        """Raise the error that says what is wrong with the class."""
        raise Finding(self._file, self._line, code, f"{self._name} {what}", advice).as_error()

    def path(self, path: Path) -> Path:
        return self._file.parent / path

    def text(self, source: Source) -> str:
        if isinstance(source, str):
            return source
        try:
            return self.path(source).read_text("utf-8")
        except OSError as error:
            raise Finding(self.path(source), 0, "no-file", "is missing", "add it").as_error() from error

    def styles(self, names: Sequence[str]) -> list[str]:
        known = shared_styles()
        for name in set(names) - set(known):
            self.fail("unknown-style", f"has the style {name!r}", near(name, known))
        return [known[name] for name in names]

    def template(
        self, html: str, source: Source, props: tuple[Prop, ...], *, takes_children: bool
    ) -> HtmlTemplate:
        """The template of `html`, which came from `source`."""
        path = self.path(source) if isinstance(source, Path) else self._file
        judge_template(html, path, props, _raise, takes_children=takes_children)
        template = HtmlTemplate(html, path.parent if isinstance(source, Path) else None)
        try:
            template.compile_all()
        except TemplateSyntaxError as error:
            self.fail(
                "bad-template", f"has no Jinja template: {error.message} (line {error.lineno})", "mend it"
            )
        return template

    def alt(self, source: str) -> TextTemplate:
        try:
            return TextTemplate(source.strip("\n"))
        except TemplateSyntaxError as error:
            self.fail("bad-alt", f"has an `alt` that is no Jinja template: {error.message}", "mend it")
            raise


def _load_of(cls: type, place: _Place) -> Load | None:
    method = inspect.getattr_static(cls, "load", None)
    if not inspect.isfunction(method):  # none, or a field of that name
        return None
    if not is_load(method):
        place.fail("bad-loader", "has a `load` that is not async", "make it `async def load(self)`")
    return lambda props: method(cls(**props))


def _raise(finding: Finding) -> None:
    raise finding.as_error()


def _props(cls: type, place: _Place) -> tuple[Prop, ...]:
    try:
        schema = TypeAdapter(cls).json_schema()
    except PydanticUserError as error:
        raise ComponentDefinitionError("bad-prop", f"{cls.__name__}: {error.message}") from error
    definitions = schema.get("$defs", {})
    own = str(schema.get("$ref", "")).rsplit("/", 1)[-1]
    schema = definitions.get(own, schema)
    required = schema.get("required", ())
    names = schema.get("properties", {})
    for name in names:
        if name in (*RESERVED, "children"):
            place.fail(
                "bad-prop", f"has a field called `{name}`", "which templates use themselves: rename it"
            )
    return tuple(
        Prop(name, _tidy(inlined(below, definitions, _is_component)), required=name in required)
        for name, below in names.items()
    )


def _is_component(_: str, definition: Json) -> bool:
    return _MARK in definition


def _tidy(schema: Json) -> Json:
    """The schema as an author would write it: no made-up titles, no None where a prop may be left out."""
    if isinstance(schema, list):
        return [_tidy(below) for below in schema]
    if not isinstance(schema, Mapping):
        return schema
    found = {
        word: {name: _tidy(below) for name, below in value.items()} if word == "properties" else value
        for word, value in schema.items()
        if word not in ("title", _MARK)
    }
    found |= {
        word: _tidy(found[word])
        for word in ("items", "anyOf", "oneOf", "additionalProperties")
        if word in found
    }
    if found.get("default", 0) is None:
        del found["default"]
        found = _without_null(found)
    if "enum" in found or "const" in found:
        found.pop("type", None)
    return found


def _without_null(schema: dict[str, Json]) -> dict[str, Json]:
    """An optional value's schema: no null among the alternatives, and no `anyOf` where that is not needed."""
    branches = [branch for branch in schema.get("anyOf", ()) if branch != {"type": "null"}]
    rest = {word: value for word, value in schema.items() if word != "anyOf"}
    if len(branches) == 1:
        return {**branches[0], **rest}
    if branches and all(branch.keys() == {"type"} for branch in branches):
        return {"type": [branch["type"] for branch in branches], **rest}
    return {"anyOf": branches, **rest} if branches else rest
