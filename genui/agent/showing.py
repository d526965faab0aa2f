"""Widgets that tools show: what they give, as events of components that were never written.

An element is mounted with the props that it has; the same component again, out of the same call, brings
that widget up to date; the end of the call completes it. Its props are coerced and judged as a tag's are,
and it must be in the catalog, for it is drawn by what the catalog knows.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from genui.catalog import Catalog, Component, Element, fit, write_tag
from genui.errors import GenUIError
from genui.events import ComponentDelta, Event, Json, RenderComponent, State, Text, changes

LARGEST = 1_000_000
"""Characters of JSON that a component's props may hold."""


class ShowError(GenUIError):
    """A tool gave a component that cannot be shown: its author's fault."""


class Showcase:
    """The widgets of one run that tools have shown; their ids are never those of a recognizer."""

    def __init__(self, catalog: Catalog | None) -> None:
        self._catalog = catalog
        self._count = 0
        self.open: dict[str, Widget] = {}

    def id(self) -> str:
        """A new id."""
        self._count += 1
        return f"t{self._count}"

    def component(self, element: Element) -> Component:
        """The component of an element, as the catalog has it. Raises ShowError."""
        name = element.component.name
        found = self._catalog.get(name) if self._catalog else None
        if found is None:
            raise ShowError("not-in-catalog", f"<{name}> is not in the catalog; add it to components=")
        return found

    def close(self) -> list[Event]:
        """Complete every widget that is open."""
        return [widget.complete() for widget in list(self.open.values())]


@dataclass(slots=True)
class Widget:
    """One that is mounted and not complete."""

    id: str
    component: Component
    props: dict[str, Json]
    showcase: Showcase
    parent: str | None = None

    def event(self, state: State) -> RenderComponent:
        return RenderComponent(self.id, self.component.name, state, dict(self.props), self.parent)

    def change(self, props: dict[str, Json]) -> Iterator[Event]:
        """Lay these props over those that it has."""
        ops = list(changes(self.props, props))
        if ops:
            self.props = self.props | props
            yield ComponentDelta(self.id, ops)

    def complete(self) -> Event:
        del self.showcase.open[self.id]
        return self.event("complete")


class Shown:
    """What one call shows."""

    def __init__(self, showcase: Showcase, say: Callable[[Event], None]) -> None:
        self._showcase = showcase
        self._say = say
        self._widgets: dict[str, Widget] = {}
        self._children: dict[str, str] = {}

    def show(self, element: Element) -> None:
        """Mount a widget, or bring the one of that name up to date. Raises ShowError and PropError."""
        component = self._showcase.component(element)
        props = fitted(component, element)
        widget = self._widgets.get(component.name)
        if widget is None:
            self._widgets[component.name] = self._mount(element, component, props, None)
            return
        for event in widget.change(props):
            self._say(event)

    def close(self) -> None:
        """The call is over: its widgets are complete."""
        for widget in self._widgets.values():
            if widget.id in self._showcase.open:
                self._say(widget.complete())

    def written(self) -> str:
        """The widgets as tags, for the model to know what stands there."""
        return "".join(
            write_tag(widget.component.name, widget.props, widget.component, self._children[widget.id])
            for widget in self._widgets.values()
        )

    def _mount(
        self, element: Element, component: Component, props: dict[str, Json], parent: str | None
    ) -> Widget:
        widget = Widget(self._showcase.id(), component, props, self._showcase, parent)
        self._showcase.open[widget.id] = widget
        self._say(widget.event("streaming"))
        self._children[widget.id] = "".join(self._child(child, widget) for child in element.children)
        return widget

    def _child(self, child: Element | str, parent: Widget) -> str:
        """Put a child in, whole; how it is written."""
        if isinstance(child, str):
            self._say(Text(child, parent.id))
            return child
        component = self._showcase.component(child)
        widget = self._mount(child, component, fitted(component, child), parent.id)
        self._say(widget.complete())
        return write_tag(component.name, widget.props, component, self._children[widget.id])


def fitted(component: Component, element: Element) -> dict[str, Json]:
    """The element's props as the component takes them. Raises ShowError, and PropError where one that is
    needed is missing or wrong."""
    try:
        text = json.dumps(dict(element.props), allow_nan=False)
    except (TypeError, ValueError) as error:
        raise ShowError(
            "not-json", f"<{component.name}> has a prop that JSON cannot hold: {error}"
        ) from error
    if len(text) > LARGEST:
        raise ShowError(
            "too-large", f"<{component.name}> has {len(text)} characters of props; at most {LARGEST}"
        )
    found = fit(component, json.loads(text))
    if found.warnings:
        raise ShowError("bad-props", f"<{component.name}>: {'; '.join(found.warnings)}")
    return found.props
