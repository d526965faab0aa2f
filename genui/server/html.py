"""The stage that draws widgets on the server: props in, HTML out, and bytes that stay linear.

A component is drawn when it opens, then at most every 100 ms while its props change (the last change
always shows, by a timer), and when it is complete. Drawing a table again for each row would make bytes and
work quadratic; so beyond the first 32 kB of HTML a component is drawn again only when its props have grown
by a quarter since, which makes the sum a geometric series: a constant times the last drawing.

Sans-IO: time comes in as an argument, and `due` says when `tick` is wanted.

| render | while streaming | complete |
| --- | --- | --- |
| html | render-component with html, no props | with html and props |
| both | deltas, and render-component with html and the props as they are | with html and props |
"""

from __future__ import annotations

import copy
import logging
from collections.abc import Sequence
from typing import Literal

from genui.catalog import Catalog
from genui.events import ComponentDelta, ComponentError, Event, Json, RenderComponent, RunEnd
from genui.server.ops import apply, weight

log = logging.getLogger("genui.server")

INTERVAL = 0.1
"""Seconds between two drawings of one component."""

FREE_BYTES = 32_000
"""HTML that one component may cost before its drawings are rationed."""

GROWTH = 1.25
"""How much larger the props must be for a rationed drawing."""


class _Widget:
    """An open component: its props so far, and what its drawings have cost."""

    __slots__ = ("changed", "drawn_at", "drawn_weight", "event", "html", "props", "spent", "weight")

    def __init__(self, event: RenderComponent) -> None:
        self.event = event
        self.props: dict[str, Json] = copy.deepcopy(event.props)
        self.weight = weight(self.props)
        self.changed = False
        self.drawn_at = 0.0
        self.drawn_weight = 0
        self.html: str | None = None
        self.spent = 0

    def grow(self, delta: ComponentDelta) -> None:
        for op in delta.ops:
            apply(self.props, op)
            self.weight += weight(op["value"])
        self.changed = True

    def affords_drawing(self) -> bool:
        return self.spent <= FREE_BYTES or self.weight >= self.drawn_weight * GROWTH

    def drawn(self, html: str, now: float) -> None:
        self.html = html
        self.spent += len(html.encode("utf-8", "replace"))
        self.drawn_at = now
        self.drawn_weight = self.weight


class HtmlStage:
    """Between a run's source and its log: see the module. One for each run."""

    def __init__(self, catalog: Catalog, render: Literal["html", "both"]) -> None:
        self._catalog = catalog
        self._both = render == "both"
        self._open: dict[str, _Widget] = {}
        self._changed: dict[str, _Widget] = {}  # those of _open that are to be drawn again, when they may
        self._broken: set[str] = set()

    def feed(self, event: Event, now: float) -> Sequence[Event]:
        """What to send for this event."""
        if isinstance(event, RenderComponent):
            return self._begin(event, now) if event.state == "streaming" else self._complete(event, now)
        if isinstance(event, ComponentDelta):
            return self._grow(event, now)
        if isinstance(event, ComponentError) and event.id is not None:
            self._drop(event.id)
        if isinstance(event, RunEnd):
            return [*self._rest(now), event]
        return [event]

    def due(self) -> float | None:
        """When the next changed component may be drawn again, or None."""
        times = [widget.drawn_at for widget in self._changed.values() if widget.affords_drawing()]
        return min(times) + INTERVAL if times else None

    def tick(self, now: float) -> Sequence[Event]:
        """The drawings that are due."""
        return [event for widget in list(self._changed.values()) for event in self._draw_if_due(widget, now)]

    def _begin(self, event: RenderComponent, now: float) -> Sequence[Event]:
        if event.id in self._broken:
            return []
        widget = self._open[event.id] = _Widget(event)
        return self._draw(widget, now)

    def _grow(self, event: ComponentDelta, now: float) -> Sequence[Event]:
        delta = [event] if self._both else []
        if widget := self._open.get(event.id):
            widget.grow(event)
            self._changed[event.id] = widget
            return [*delta, *self._draw_if_due(widget, now)]
        return delta

    def _complete(self, event: RenderComponent, now: float) -> Sequence[Event]:
        self._drop(event.id)
        widget = _Widget(event)
        return self._draw(widget, now)

    def _draw_if_due(self, widget: _Widget, now: float) -> Sequence[Event]:
        due = widget.affords_drawing() and now >= widget.drawn_at + INTERVAL
        return self._draw(widget, now) if due else []

    def _draw(self, widget: _Widget, now: float) -> Sequence[Event]:
        """The widget as it is, unless it looks as it did."""
        event = widget.event
        self._changed.pop(event.id, None)
        before = widget.html
        try:
            html = self._catalog[event.name].render(widget.props, state=event.state)
        except Exception:
            return self._fail(event)
        widget.drawn(html, now)
        if html == before:
            return []
        props = copy.deepcopy(widget.props) if self._both or event.state == "complete" else {}
        return [RenderComponent(event.id, event.name, event.state, props, event.parent, html, event.warnings)]

    def _fail(self, event: RenderComponent) -> Sequence[Event]:
        """A template that raises is its author's fault: this one widget shows an error, once."""
        log.exception("component %s: its template failed", event.name)
        self._drop(event.id)
        if event.id in self._broken:
            return []
        self._broken.add(event.id)
        message = f"{event.name} could not be drawn."
        return [ComponentError(event.id, event.name, "template-failed", message, source="")]

    def _drop(self, component: str) -> None:
        self._open.pop(component, None)
        self._changed.pop(component, None)

    def _rest(self, now: float) -> Sequence[Event]:
        """The last change of each component that was cut."""
        return [event for widget in list(self._changed.values()) for event in self._draw(widget, now)]
