"""A component as a client has it, and the JSON Patch (RFC 6902) that brings it up to date.

Shared by the protocols whose clients keep one JSON document a widget. The document of a component is

    {"type": "component", "id", "name", "state", "props": {}, "children": [], "data"?, "html"?, "alt"?,
     "warnings"?, "note"?, "error"?: {"code", "message"}}

with children of the same form, or `{"type": "text", "text"}`.
"""

from __future__ import annotations

import copy
import json
from collections.abc import Iterator, Mapping
from typing import TypeAlias

from genui.events import Json, Op, RenderComponent, apply_op, pointer_escape, pointer_steps
from genui.wire.pace import due

Operation: TypeAlias = dict[str, Json]
"""`op`, `path` and, unless it removes, `value`."""

Patch: TypeAlias = list[Operation]
"""Operations in their order, of one document."""

_FORBIDDEN = frozenset({"", "__proto__", "constructor", "prototype"})
"""Steps that JavaScript's libraries refuse, and with them a whole patch, or pass over: such a prop is sent
whole."""


class Grown:
    """One JSON object that grows by ops, at `base` in a document: a component's props, or its data.

    What it holds may run ahead of what the client was sent: strings are sent at a pace.
    """

    def __init__(self, base: str, value: dict[str, Json]) -> None:
        self.base = base
        self.value = value
        self._sent: dict[str, int] = {}  # characters the client has, of strings that grow
        self._whole: set[str] = set()  # keys that are behind, to be sent whole
        self._last = ""  # the string that grew last
        self._caught_up: set[str] = set()

    def grow(self, op: Op) -> Iterator[dict[str, Json]]:
        """Do one op here, and give what the client needs of it now."""
        path = op["path"]
        steps = pointer_steps(path)
        if self._last not in ("", path):
            yield from self._catch_up(self._last)
            self._last = ""
        if not _FORBIDDEN.isdisjoint(steps):
            self._whole.add(steps[0])
            apply_op(self.value, op)
        elif op["op"] == "append":
            yield from self._append(path, op)
        else:
            yield self._put(path, steps, op)
            apply_op(self.value, op)

    def become(self, value: Mapping[str, Json]) -> Iterator[dict[str, Json]]:
        """Be exactly `value`, which is taken and not copied."""
        old, self.value = self.value, dict(value)
        for key in old.keys() - value.keys():
            yield {"op": "remove", "path": self._at(key)}
        for key, new in value.items():
            if key not in old or not _same(old[key], new):
                self._whole.add(key)
        yield from self.flush()

    def flush(self) -> Iterator[dict[str, Json]]:
        """What the client still lacks."""
        whole, self._whole = self._whole, set()
        for key in sorted(whole):
            yield {"op": "add", "path": self._at(key), "value": self.value[key]}
        sent, self._sent, self._last = self._sent, {}, ""
        for path, length in sent.items():
            steps = pointer_steps(path)
            text = _at(self.value, steps)
            if steps[0] not in whole and isinstance(text, str) and len(text) != length:
                yield {"op": "replace", "path": self.base + path, "value": text}

    def _append(self, path: str, op: Op) -> Iterator[dict[str, Json]]:
        before = _at(self.value, pointer_steps(path))
        sent = self._sent.get(path, len(before))
        self._sent[path] = min(sent, len(before))  # more was sent only of what a `set` has replaced since
        apply_op(self.value, op)
        if due(self._sent[path], len(before) + len(op["value"])):
            yield self._replace(path)
        self._last = path

    def _catch_up(self, path: str) -> Iterator[dict[str, Json]]:
        """A string is left for another place: most often it is whole, so the client gets the rest.

        Only once, as it could be taken up again and again: from then on it is at the pace or at the end.
        """
        text = _at(self.value, pointer_steps(path))
        if path not in self._caught_up and len(text) != self._sent[path]:
            self._caught_up.add(path)
            yield self._replace(path)

    def _replace(self, path: str) -> dict[str, Json]:
        text = _at(self.value, pointer_steps(path))
        self._sent[path] = len(text)
        return {"op": "replace", "path": self.base + path, "value": text}

    def _put(self, path: str, steps: list[str], op: Op) -> dict[str, Json]:
        value = copy.deepcopy(op["value"])
        if op["op"] == "push":
            at = len(_at(self.value, steps))
            return {"op": "add", "path": f"{self.base}{path}/{at}", "value": value}
        holder = _at(self.value, steps[:-1])
        there = isinstance(holder, list) and steps[-1] != "-" and int(steps[-1]) < len(holder)
        return {"op": "replace" if there else "add", "path": self.base + path, "value": value}

    def _at(self, key: str) -> str:
        return f"{self.base}/{pointer_escape(key)}"


class Node:
    """A component of a document, at `path` in it; `root` is the id of the outermost one around it."""

    def __init__(self, event: RenderComponent, root: str, path: str) -> None:
        self.root = root
        self.path = path
        self.complete = event.state == "complete"
        self._props = Grown(f"{path}/props", copy.deepcopy(event.props))
        self._data: Grown | None = None
        self._children = 0
        self._pieces: list[str] = []  # of the text that is being written, the last child
        self._length = self._sent = 0
        self._failed = False

    def add(self, event: RenderComponent) -> tuple[Node, Patch]:
        """A child that is new."""
        child = Node(event, self.root, f"{self.path}/children/{self._children + (1 if self._pieces else 0)}")
        patch = [*self._close_text(), self._add_child(face(event))]
        return child, patch

    def say(self, text: str) -> Patch:
        """Text among the children."""
        first = not self._pieces
        self._pieces.append(text)
        self._length += len(text)
        if first:
            self._sent = self._length
            return [{"op": "add", "path": f"{self.path}/children/-", "value": {"type": "text", "text": text}}]
        return [self._text()] if due(self._sent, self._length) else []

    def update(self, event: RenderComponent) -> Patch:
        """A later `render-component` of it."""
        patch = [*self._close_text(), *self._props.become(copy.deepcopy(event.props))]
        if event.state == "complete" and not self.complete:
            self.complete = True
            patch.append({"op": "replace", "path": f"{self.path}/state", "value": "complete"})
        if self._failed and event.state == "complete":
            self._failed = False
            patch.append({"op": "remove", "path": f"{self.path}/error"})
        if event.warnings:
            patch.append(self._set("warnings", list(event.warnings)))
        return [*patch, *self._drawn(event.html, event.alt)]

    def grow(self, ops: list[Op]) -> Patch:
        return [step for op in ops for step in self._props.grow(op)]

    def load(self, ops: list[Op], html: str | None, alt: str | None) -> Patch:
        """What its loader brought."""
        patch: Patch = []
        if self._data is None:
            self._data = Grown(f"{self.path}/data", {})
            patch.append(self._set("data", {}))
        grown = [step for op in ops for step in self._data.grow(op)]
        return [*patch, *grown, *self._drawn(html, alt)]

    def fail(self, code: str, message: str) -> Patch:
        self._failed = True
        return [*self.flush(), self._set("error", {"code": code, "message": message})]

    def note(self, message: str) -> Patch:
        """Its data does not come, and it stands without."""
        return [self._set("note", message)]

    def flush(self) -> Patch:
        """What the client still lacks of it, when no more comes."""
        data = self._data.flush() if self._data else ()
        return [*self._close_text(), *self._props.flush(), *data]

    def _close_text(self) -> Patch:
        late = [self._text()] if self._sent < self._length else []
        if self._pieces:
            self._children += 1
        self._pieces, self._length, self._sent = [], 0, 0
        return late

    def _text(self) -> dict[str, Json]:
        self._pieces = ["".join(self._pieces)]
        self._sent = self._length
        path = f"{self.path}/children/{self._children}/text"
        return {"op": "replace", "path": path, "value": self._pieces[0]}

    def _add_child(self, child: dict[str, Json]) -> dict[str, Json]:
        self._children += 1
        return {"op": "add", "path": f"{self.path}/children/-", "value": child}

    def _drawn(self, html: str | None, alt: str | None) -> Patch:
        drawn = {"html": html, "alt": alt}
        return [self._set(key, value) for key, value in drawn.items() if value is not None]

    def _set(self, key: str, value: Json) -> dict[str, Json]:
        return {"op": "add", "path": f"{self.path}/{key}", "value": value}


def face(event: RenderComponent) -> dict[str, Json]:
    """A new component's document."""
    more = {"html": event.html, "alt": event.alt, "warnings": list(event.warnings) or None}
    return {
        "type": "component",
        "id": event.id,
        "name": event.name,
        "state": event.state,
        "props": event.props,
        "children": [],
        **{key: value for key, value in more.items() if value is not None},
    }


def _at(value: Json, steps: list[str]) -> Json:
    for step in steps:
        value = value[int(step)] if isinstance(value, list) else value[step]
    return value


def _same(one: Json, other: Json) -> bool:
    """As JSON: 1 is not true."""
    return bool(one == other) and json.dumps(one, sort_keys=True) == json.dumps(other, sort_keys=True)
