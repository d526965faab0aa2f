"""A2UI v0.9 (https://a2ui.org) as JSON Lines: a message a line, each for a surface.

A surface is one root: a component of the outermost level, or a stretch of the answer's text as a `Markdown`.
Two ways to tell a component that grows were weighed. Its props in `updateComponents`, sent again at each
step, weigh the square of their length. So a component binds each prop to the data model, where
`updateDataModel` sets what changes:

    /{id}/props/{name}   what the model wrote       /{id}/state   streaming or complete
    /{id}/data           what a loader brought      /{id}/error   {code, message}

The bindings are sent again only when a prop is new or a child is added: a list of children is a whole. A
run that fails says so in a last text, since the protocol has no other place for it.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import TypeAlias

from genui.events import (
    LOAD_ERRORS,
    ComponentData,
    ComponentDelta,
    ComponentError,
    Event,
    Json,
    RenderComponent,
    RunEnd,
    RunStart,
    Text,
)
from genui.wire.encoder import EventEncoder
from genui.wire.mirror import Grown, Operation
from genui.wire.pace import due

VERSION = "v0.9"

CATALOG = "urn:genui:catalog"
"""The id of the catalog that GET /v1/a2ui/catalog gives."""

MARKDOWN = "Markdown"
"""The component of that catalog that stands for text."""

ROOT = "root"

Message: TypeAlias = dict[str, Json]

_ENCODER = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"))

_RESERVED = frozenset({"id", "component", "children", "accessibility", "weight"})


def property_name(prop: str) -> str:
    """A prop's name as a property of an A2UI component, whose own names it must not take."""
    return f"{prop}_" if prop in _RESERVED else prop


class Widget:
    """A component on a surface."""

    def __init__(self, surface: str, id_: str, key: str, name: str) -> None:
        self.surface = surface
        self.id = id_
        self.key = key  # of its place in the data model
        self.name = name
        self.children: list[str] = []
        self.props = Grown(f"/{key}/props", {})
        self.data = Grown(f"/{key}/data", {})
        self.bound: set[str] = set()
        self.text: Prose | None = None  # that is being written among its children
        self.texts = 0

    def component(self) -> Message:
        """As `updateComponents` has it."""
        bindings = {property_name(prop): {"path": f"/{self.key}/props/{prop}"} for prop in sorted(self.bound)}
        children = {"children": [*self.children]} if self.children else {}
        return {"id": self.id, "component": self.name, **bindings, **children}


class Prose:
    """Text that grows, in the data model at `path`."""

    def __init__(self, surface: str, path: str) -> None:
        self.surface = surface
        self.path = path
        self._pieces: list[str] = []
        self._length = self._sent = 0

    def say(self, text: str) -> list[Message]:
        self._pieces.append(text)
        self._length += len(text)
        return self.flush() if due(self._sent, self._length) else []

    def flush(self) -> list[Message]:
        """What the client still lacks."""
        if self._sent == self._length:
            return []
        self._pieces, self._sent = ["".join(self._pieces)], self._length
        return [_set(self.surface, self.path, self._pieces[0])]


class A2Ui(EventEncoder):
    """One run of ours as messages of A2UI."""

    content_type = "application/jsonl; charset=utf-8"

    def __init__(self) -> None:
        self._run = ""
        self._surfaces = 0
        self._text: Prose | None = None
        self._blank: list[str] = []
        self._widgets: dict[str, Widget] = {}

    def event(self, seq: int, event: Event) -> bytes:  # noqa: ARG002 (lines carry no number)
        messages = self._messages(event)
        return "".join(_ENCODER.encode(message) + "\n" for message in messages).encode("utf-8", "replace")

    def heartbeat(self) -> bytes:
        return b"\n"

    def _messages(self, event: Event) -> list[Message]:
        match event:
            case RunStart():
                self._run = event.run
            case Text():
                return self._say(event)
            case RenderComponent():
                return self._render(event)
            case ComponentDelta() if event.id in self._widgets:
                return self._grow(self._widgets[event.id], event)
            case ComponentData() if event.id in self._widgets:
                widget = self._widgets[event.id]
                return [each for op in event.ops for each in _all(widget, widget.data.grow(op))]
            case ComponentError() if event.id in self._widgets:
                return self._fail(self._widgets[event.id], event)
            case RunEnd():
                return self._finish(event)
        return []

    def _say(self, event: Text) -> list[Message]:
        if widget := self._widgets.get(event.parent or ""):
            return self._say_inside(widget, event.text)
        if self._text is not None:
            return self._text.say(event.text)
        self._blank.append(event.text)
        text = "".join(self._blank) if not event.text.isspace() else ""
        if not text:
            return []
        self._blank.clear()
        self._surfaces += 1
        surface = f"{self._run}:text-{self._surfaces}"
        self._text = Prose(surface, "/text")
        markdown = {"id": ROOT, "component": MARKDOWN, "text": {"path": "/text"}}
        return [_create(surface), _update(surface, markdown), *self._text.say(text)]

    def _say_inside(self, widget: Widget, text: str) -> list[Message]:
        if widget.text is not None:
            return widget.text.say(text)
        widget.texts += 1
        id_ = f"{widget.key}-text-{widget.texts}"
        widget.text = Prose(widget.surface, f"/{id_}")
        widget.children.append(id_)
        markdown = {"id": id_, "component": MARKDOWN, "text": {"path": f"/{id_}"}}
        return [*widget.text.say(text), _update(widget.surface, markdown, widget.component())]

    def _close_text(self, widget: Widget | None) -> list[Message]:
        text = widget.text if widget else self._text
        if widget:
            widget.text = None
        else:
            self._text = None
            self._blank.clear()
        return text.flush() if text else []

    def _render(self, event: RenderComponent) -> list[Message]:
        widget = self._widgets.get(event.id)
        if widget is None:
            return self._mount(event)
        known = len(widget.bound)
        widget.bound |= event.props.keys()
        bindings = [_update(widget.surface, widget.component())] if len(widget.bound) > known else []
        values = _all(widget, widget.props.become(event.props))
        state = [_set(widget.surface, f"/{widget.key}/state", event.state)]
        return [*self._close_text(widget), *values, *bindings, *state]

    def _mount(self, event: RenderComponent) -> list[Message]:
        parent = self._widgets.get(event.parent or "")
        closed = self._close_text(parent)
        surface = parent.surface if parent else f"{self._run}:{event.id}"
        widget = Widget(surface, event.id if parent else ROOT, event.id, event.name)
        self._widgets[event.id] = widget
        widget.bound |= event.props.keys()
        list(widget.props.become(json.loads(_ENCODER.encode(event.props))))
        value = {"props": event.props, "data": {}, "state": event.state}
        data = _set(surface, f"/{event.id}", value)
        if parent is None:
            return [*closed, _create(surface), data, _update(surface, widget.component())]
        parent.children.append(event.id)
        return [*closed, data, _update(surface, widget.component(), parent.component())]

    def _grow(self, widget: Widget, event: ComponentDelta) -> list[Message]:
        known = len(widget.bound)
        widget.bound |= {op["path"].split("/")[1].replace("~1", "/").replace("~0", "~") for op in event.ops}
        values = [each for op in event.ops for each in _all(widget, widget.props.grow(op))]
        return [
            *values,
            *([_update(widget.surface, widget.component())] if len(widget.bound) > known else []),
        ]

    def _fail(self, widget: Widget, event: ComponentError) -> list[Message]:
        key = "note" if event.code in LOAD_ERRORS else "error"
        value = event.message if key == "note" else {"code": event.code, "message": event.message}
        return [_set(widget.surface, f"/{widget.key}/{key}", value)]

    def _finish(self, event: RunEnd) -> list[Message]:
        left = self._close_text(None)
        for widget in self._widgets.values():
            left += self._close_text(widget)
            left += _all(widget, [*widget.props.flush(), *widget.data.flush()])
        if event.reason == "error" and event.error:
            left += self._say(Text(event.error["message"]))
        return left


def _all(widget: Widget, operations: Iterable[Operation]) -> list[Message]:
    """Operations of JSON Patch as settings of the data model; a value that is left out removes."""
    messages: list[Message] = []
    for operation in operations:
        update: Message = {"surfaceId": widget.surface, "path": operation["path"]}
        if "value" in operation:
            update["value"] = operation["value"]
        messages.append({"version": VERSION, "updateDataModel": update})
    return messages


def _create(surface: str) -> Message:
    return {"version": VERSION, "createSurface": {"surfaceId": surface, "catalogId": CATALOG}}


def _update(surface: str, *components: Message) -> Message:
    return {"version": VERSION, "updateComponents": {"surfaceId": surface, "components": [*components]}}


def _set(surface: str, path: str, value: Json) -> Message:
    return {"version": VERSION, "updateDataModel": {"surfaceId": surface, "path": path, "value": value}}
