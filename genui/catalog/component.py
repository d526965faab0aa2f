"""A component: what the recognizer, the prompt and the page need to know of it, whatever it was made from."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path
from typing import Protocol

from genui.catalog.actions import Action
from genui.catalog.bindings import has_bound, is_unit, told
from genui.catalog.data import LOAD_TIMEOUT, Load
from genui.catalog.schema import Prop
from genui.catalog.templates import HtmlTemplate
from genui.errors import ComponentDefinitionError
from genui.events import Json, State

NAME = re.compile(r"[A-Z][A-Za-z0-9]{0,63}\Z")


class Template(Protocol):
    """What a component needs of a Jinja2 template."""

    def render(self, variables: Mapping[str, Json], /) -> str: ...


def snake_case(name: str) -> str:
    """The folder of the component `name`: `StockQuote` lies in stock_quote."""
    return re.sub(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])", "_", name).lower()


def fold_prop_name(name: str) -> str:
    """The form in which `max-value`, `maxValue`, `max_value` and `MaxValue` are one name."""
    return name.replace("-", "").replace("_", "").lower()


@dataclass(frozen=True, slots=True)
class Element:
    """A component with props, and what stands in it: more of them, and Markdown. Nothing is checked yet."""

    component: Component
    props: Mapping[str, Json]
    children: tuple[Element | str, ...] = ()


@dataclass(frozen=True)
class Component:
    """One kind of widget. `props` stand in their positional order.

    `load` brings its data, called as soon as the props named in `load_needs` are whole and valid (None:
    all of them), for at most `load_timeout` seconds. `waits`: its data comes later too, though it has no
    loader: from the run itself. `input` is the kind of value that it has in a form.
    """

    name: str
    props: tuple[Prop, ...]
    description: str = ""
    folder: str = ""
    children: bool = False
    inline: bool = False
    min_height: int = 0
    examples: tuple[str, ...] = ()
    style: str = ""
    script: Path | str | None = None  # an ES module: its file, or its text
    template: Template | None = field(default=None, repr=False)
    alt_template: Template | None = field(default=None, repr=False)
    load: Load | None = field(default=None, repr=False)
    load_needs: tuple[str, ...] | None = None
    load_timeout: float = LOAD_TIMEOUT
    actions: tuple[Action, ...] = ()
    input: str = ""
    waits: bool = False

    def __post_init__(self) -> None:
        if not NAME.match(self.name):
            raise ComponentDefinitionError(
                "bad-name",
                f"component name {self.name!r}: begin with A–Z and use only letters and digits, at most 64",
            )

    def showing_images_of(self, origins: frozenset[str]) -> Component:
        """The same, its template letting pictures load from these other origins."""
        if not isinstance(self.template, HtmlTemplate):
            return self
        return replace(self, template=replace(self.template, image_origins=origins))

    @cached_property
    def takes_children(self) -> bool:
        """Whether anything may stand between an open and a close tag."""
        return self.children or any(prop.is_child for prop in self.props)

    @cached_property
    def _by_name(self) -> dict[str, Prop]:
        return {prop.name: prop for prop in self.props}

    @cached_property
    def _by_folded_name(self) -> dict[str, Prop | None]:
        found: dict[str, Prop | None] = {}
        for prop in self.props:
            folded = fold_prop_name(prop.name)
            found[folded] = None if folded in found else prop
        return found

    @cached_property
    def defaults(self) -> dict[str, Json]:
        """The props that hold something before anything is written."""
        return {prop.name: prop.default for prop in self.props if prop.has_default}

    @cached_property
    def schema(self) -> dict[str, Json]:
        """The props as one JSON Schema object."""
        required = [prop.name for prop in self.props if prop.required]
        properties = {prop.name: prop.schema for prop in self.props}
        return {"type": "object", "properties": properties, **({"required": required} if required else {})}

    @property
    def has_data(self) -> bool:
        """Whether data may come for it, before or after it is complete."""
        return self.load is not None or self.waits

    def __call__(self, *, children: Sequence[Element | str] = (), **props: Json) -> Element:
        """One of these with its props, for a tool to show: `catalog["Card"](title="Q3")`."""
        return Element(self, props, tuple(children))

    def prop(self, name: str) -> Prop | None:
        """The prop of exactly this name, or None."""
        return self._by_name.get(name)

    def prop_like(self, name: str) -> Prop | None:
        """The only prop whose name differs from `name` just in case, hyphens or underscores, or None."""
        return self._by_folded_name.get(fold_prop_name(name))

    def render(
        self,
        props: Mapping[str, Json],
        *,
        data: Mapping[str, Json] | None = None,
        state: State = "complete",
        loading: bool = False,
        literal: bool = False,
    ) -> str:
        """The HTML of the widget's shadow root, from any prefix of its props. `loading`: data is still to
        come, so that a skeleton stands for it. What is bound is drawn as what is not yet written; with
        `literal`, every text is just that."""
        drawn = props if literal else self.unbound(props)
        waits = any(
            props.get(prop.name) is not drawn.get(prop.name)
            for prop in self.props
            if not (prop.two_way or prop.is_live)
        )
        state = "streaming" if waits else state
        return self._fill(self.template, drawn, data or {}, state, loading=loading)

    def unbound(self, props: Mapping[str, Json]) -> dict[str, Json]:
        """The props without those that are bound, whose values only the page knows."""
        return {name: value for name, value in props.items() if not self._is_bound(name, value)}

    def follows(self, props: Mapping[str, Json]) -> bool:
        """Whether its script follows something bound, as Show does: only the page knows what shows."""
        return any(
            prop.is_live and not prop.two_way and has_bound(props.get(prop.name)) for prop in self.props
        )

    def _is_bound(self, name: str, value: Json) -> bool:
        prop = self.prop(name)
        if prop is None or not prop.binds or not has_bound(value):
            return False
        return prop.two_way or not (is_unit(value) and "string" in prop.shape.kinds)

    def alt(self, props: Mapping[str, Json], *, data: Mapping[str, Json] | None = None) -> str:
        """The widget in plain words, for clients that show none, for ears and for the clipboard. A value that
        is bound is left out, or an ellipsis where it is one of the words: only the page knows it."""
        known = {name: self._told(name, value) for name, value in props.items()}
        return self._fill(self.alt_template, known, data or {}, "complete")

    def _told(self, name: str, value: Json) -> Json:
        prop = self.prop(name)
        if prop is None or not self._is_bound(name, value):
            return value
        shown = told(value)
        is_words = "string" in prop.shape.kinds and not prop.two_way
        return shown if isinstance(value, list | dict) or is_words else None

    def _fill(
        self,
        template: Template | None,
        props: Mapping[str, Json],
        data: Mapping[str, Json],
        state: State,
        *,
        loading: bool = False,
    ) -> str:
        if template is None:
            return ""
        variables = {prop.name: props.get(prop.name) for prop in self.props}
        given = {"props": props, "data": data, "state": state, "loading": loading}
        return template.render({**variables, **given})
