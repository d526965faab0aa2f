"""The stage that draws widgets on the server: props and data in, HTML out, and bytes that stay linear.

A component is drawn when it opens, then at most every 100 ms while its props change (the last change
always shows, by a timer), and when it is complete. Drawing a table again for each row would make bytes and
work quadratic; so beyond the first 32 kB of HTML a component is drawn again only when its props have grown
by a quarter since, which makes the sum a geometric series: a constant times the last drawing. Data does
not grow, it changes: a widget is drawn for it at most every 100 ms, and at most 32 kB a second.

Sans-IO: time comes in as an argument, and `due` says when `tick` is wanted.

| render | while streaming | complete |
| --- | --- | --- |
| html | render-component with html, no props | with html, alt and props |
| both | deltas, and render-component with html and the props as they are | with html, alt and props |

Data comes as component-data, with the html and the alt that it makes; so does what changes when a loader
has failed.

The alt of a component with something inside it comes before that: its attributes are whole then, and
whoever reads the answer aloud says a card's title before what the card holds.
"""

from __future__ import annotations

import copy
import logging
from collections.abc import Sequence
from typing import Literal

from genui.catalog import Catalog
from genui.events import (
    LOAD_ERRORS,
    ComponentData,
    ComponentDelta,
    ComponentError,
    Event,
    Json,
    Op,
    RenderComponent,
    RunEnd,
    apply_op,
)
from genui.server.weight import weight
from genui.server.words import alt_of

log = logging.getLogger("genui.server")

INTERVAL = 0.1
"""Seconds between two drawings of one component."""

FREE_BYTES = 32_000
"""HTML that one component may cost before its drawings are rationed."""

GROWTH = 1.25
"""How much larger the props must be for a rationed drawing."""


class _Widget:
    """A component that may still change: its props and data so far, and what its drawings have cost."""

    __slots__ = (
        "data", "drawn_at", "drawn_weight", "entered", "event", "html", "loading", "news", "props", "sealed",
        "size", "spent", "weight",
    )  # fmt: skip

    def __init__(self, event: RenderComponent, *, loading: bool) -> None:
        self.event = event
        self.props: dict[str, Json] = copy.deepcopy(event.props)
        self.weight = weight(self.props)
        self.data: dict[str, Json] = {}
        self.news: list[Op] | None = None  # what has happened to data since the last drawing
        self.loading = loading
        self.entered = False  # something stands in it: its attributes are whole
        self.sealed = False
        self.drawn_at = 0.0
        self.drawn_weight = 0
        self.html: str | None = None
        self.size = 0  # of the last drawing
        self.spent = 0

    def grow(self, delta: ComponentDelta) -> None:
        for op in delta.ops:
            apply_op(self.props, op)
            self.weight += weight(op["value"])

    def fill(self, ops: Sequence[Op]) -> None:
        """Data has come, or it is clear that none will."""
        for op in ops:
            apply_op(self.data, op)
        self.news = [*(self.news or ()), *ops]
        self.loading = False

    def seal(self, event: RenderComponent) -> None:
        """The props are complete."""
        self.event = event
        self.props = copy.deepcopy(event.props)
        self.weight = weight(self.props)
        self.sealed = True

    def due(self) -> float | None:
        """When it may be drawn again; None: not before its props have grown."""
        if self.news is not None:
            return self.drawn_at + max(INTERVAL, self.size / FREE_BYTES)
        free = self.spent <= FREE_BYTES or self.weight >= self.drawn_weight * GROWTH
        return self.drawn_at + INTERVAL if free else None

    def drawn(self, html: str, now: float) -> None:
        self.html = html
        self.size = len(html.encode("utf-8", "replace"))
        self.spent += self.size
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
        parent = self._open.get(getattr(event, "parent", None) or "")
        if parent is None or parent.entered:
            return self._feed(event, now)
        return [*self._enter(parent, now), *self._feed(event, now)]

    def _feed(self, event: Event, now: float) -> Sequence[Event]:
        if isinstance(event, RenderComponent):
            return self._begin(event, now) if event.state == "streaming" else self._complete(event, now)
        if isinstance(event, ComponentDelta):
            return self._grow(event, now)
        if isinstance(event, ComponentData):
            return self._fill(event, now)
        if isinstance(event, ComponentError) and event.id is not None:
            if event.code in LOAD_ERRORS:
                return [*self._fill(ComponentData(event.id, []), now), event]
            self._drop(event.id)
        if isinstance(event, RunEnd):
            return [*self._rest(now), event]
        return [event]

    def due(self) -> float | None:
        """When the next changed component may be drawn again, or None."""
        return min(
            (due for widget in self._changed.values() if (due := widget.due()) is not None), default=None
        )

    def tick(self, now: float) -> Sequence[Event]:
        """The drawings that are due."""
        return [event for widget in list(self._changed.values()) for event in self._draw_if_due(widget, now)]

    def _begin(self, event: RenderComponent, now: float) -> Sequence[Event]:
        if event.id in self._broken:
            return []
        widget = self._open[event.id] = _Widget(event, loading=self._loads(event.name))
        return self._draw(widget, now)

    def _enter(self, widget: _Widget, now: float) -> Sequence[Event]:
        widget.entered = True
        if self._alt(widget) is None and widget.event.id not in self._changed:
            return []
        if not widget.sealed:
            widget.html = None  # it is told with its words, whatever it looks like
        return self._draw(widget, now)

    def _grow(self, event: ComponentDelta, now: float) -> Sequence[Event]:
        delta = [event] if self._both else []
        if widget := self._open.get(event.id):
            widget.grow(event)
            return [*delta, *self._change(widget, now)]
        return delta

    def _fill(self, event: ComponentData, now: float) -> Sequence[Event]:
        widget = self._open.get(event.id)
        if widget is None:
            return [event] if event.ops else []
        widget.fill(event.ops)
        return self._change(widget, now)

    def _complete(self, event: RenderComponent, now: float) -> Sequence[Event]:
        widget = self._open.get(event.id) or _Widget(event, loading=self._loads(event.name))
        before = self._told(widget, None)
        widget.seal(event)
        widget.html = None  # complete is said, whatever it looks like
        drawn = self._draw(widget, now)
        if self._loads(event.name) and event.id not in self._broken:
            self._open[event.id] = widget
        else:
            self._drop(event.id)
        return [*before, *drawn]

    def _loads(self, name: str) -> bool:
        component = self._catalog.get(name)
        return component is not None and component.has_data

    def _change(self, widget: _Widget, now: float) -> Sequence[Event]:
        self._changed[widget.event.id] = widget
        return self._draw_if_due(widget, now)

    def _draw_if_due(self, widget: _Widget, now: float) -> Sequence[Event]:
        due = widget.due()
        return self._draw(widget, now) if due is not None and now >= due else []

    def _draw(self, widget: _Widget, now: float) -> Sequence[Event]:
        """The widget as it is, unless it looks as it did."""
        event = widget.event
        self._changed.pop(event.id, None)
        before = widget.html
        try:
            html = self._catalog[event.name].render(
                widget.props, data=widget.data, state=event.state, loading=widget.loading
            )
        except Exception:
            return self._fail(event)
        widget.drawn(html, now)
        if widget.news is not None or (widget.sealed and before is not None):
            return self._told(widget, None if html == before else html)
        if html == before:
            return []
        props = copy.deepcopy(widget.props) if self._both or event.state == "complete" else {}
        alt = self._alt(widget)
        return [
            RenderComponent(event.id, event.name, event.state, props, event.parent, html, alt, event.warnings)
        ]

    def _alt(self, widget: _Widget) -> str | None:
        """The widget in plain words, once its attributes are whole."""
        if not (widget.sealed or widget.entered):
            return None
        return alt_of(self._catalog[widget.event.name], widget.props, widget.data)

    def _told(self, widget: _Widget, html: str | None) -> Sequence[Event]:
        """What has happened to the widget's data."""
        news, widget.news = widget.news, None
        if not news and html is None:
            return []
        alt = self._alt(widget) if html is not None else None
        return [ComponentData(widget.event.id, news or [], html, alt)]

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
        """The last change of each component that was cut, and no skeleton for data that will not come."""
        for name, widget in self._open.items():
            if widget.loading:
                widget.loading = False
                self._changed[name] = widget
        return [event for widget in list(self._changed.values()) for event in self._draw(widget, now)]
