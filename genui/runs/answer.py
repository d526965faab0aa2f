"""What the events of a run come to: the few that show the same when they are read later.

Text that belongs together is one event, a status is its last word, a component is one event with its
props, followed by its data and by what went wrong with it. A parent stands before its children. HTML is
left out: whoever shows the answer again draws it from props and data.
"""

from __future__ import annotations

from collections.abc import Iterator

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
    Status,
    Text,
    apply_op,
    pointer_escape,
)


class _Prose:
    """Text without anything in between."""

    def __init__(self, parent: str | None) -> None:
        self._parent = parent
        self.pieces: list[str] = []

    def events(self) -> Iterator[Event]:
        yield Text("".join(self.pieces), self._parent)


class _Line:
    """A status."""

    def __init__(self, status: Status) -> None:
        self.status = status

    def events(self) -> Iterator[Event]:
        yield self.status


class _Widget:
    """A component. The ops of an open one are kept, not done: most are forgotten when it is complete."""

    def __init__(self) -> None:
        self.event: RenderComponent | None = None
        self.ops: list[Op] = []
        self.data: dict[str, Json] = {}
        self.error: ComponentError | None = None
        self.load_error: ComponentError | None = None

    def render(self, event: RenderComponent) -> None:
        self.ops = []
        if event.state == "complete":
            self.error = None
        self.event = event

    def events(self) -> Iterator[Event]:
        if self.event is not None:
            yield self._rendered(self.event)
            if self.data:
                ops: list[Op] = [_setting(key, value) for key, value in self.data.items()]
                yield ComponentData(self.event.id, ops)
        yield from (error for error in (self.error, self.load_error) if error)

    def _rendered(self, event: RenderComponent) -> RenderComponent:
        props = dict(event.props)
        for op in self.ops:
            apply_op(props, op)
        return RenderComponent(
            event.id, event.name, event.state, props, event.parent, warnings=event.warnings
        )


def _setting(key: str, value: Json) -> Op:
    return {"op": "set", "path": "/" + pointer_escape(key), "value": value}


class Answer:
    """Takes a run's events, as they are before any HTML is drawn, and gives what they come to."""

    def __init__(self) -> None:
        self.end: RunEnd | None = None
        self._parts: list[_Prose | _Line | _Widget] = []
        self._last: dict[str | None, _Prose | _Line | _Widget] = {}  # by parent: what came last in it
        self._lines: dict[str, _Line] = {}
        self._widgets: dict[str, _Widget] = {}

    def add(self, event: Event) -> None:
        """The run's next event."""
        if isinstance(event, Text):
            self._text(event)
        elif isinstance(event, ComponentDelta):
            self._widget(event.id).ops.extend(event.ops)
        elif isinstance(event, RenderComponent):
            self._widget(event.id, event.parent).render(event)
        elif isinstance(event, ComponentData):
            for op in event.ops:
                apply_op(self._widget(event.id).data, op)
        elif isinstance(event, ComponentError):
            self._fail(event)
        elif isinstance(event, Status):
            self._status(event)
        elif isinstance(event, RunEnd):
            self.end = event

    def events(self) -> list[Event]:
        """All that was said so far, without the run's start and end."""
        return [event for part in self._parts for event in part.events()]

    def _text(self, event: Text) -> None:
        last = self._last.get(event.parent)
        if not isinstance(last, _Prose):
            last = _Prose(event.parent)
            self._place(last, event.parent)
        last.pieces.append(event.text)

    def _status(self, event: Status) -> None:
        if line := self._lines.get(event.id):
            line.status = event
            return
        line = self._lines[event.id] = _Line(event)
        self._place(line, None)

    def _fail(self, event: ComponentError) -> None:
        widget = _Widget() if event.id is None else self._widget(event.id)
        if event.id is None:
            self._place(widget, None)
        if event.code in LOAD_ERRORS:
            widget.load_error = event
        else:
            widget.error = event

    def _widget(self, name: str, parent: str | None = None) -> _Widget:
        if name not in self._widgets:
            self._widgets[name] = _Widget()
            self._place(self._widgets[name], parent)
        return self._widgets[name]

    def _place(self, part: _Prose | _Line | _Widget, parent: str | None) -> None:
        self._parts.append(part)
        self._last[parent] = part
