"""Tool calls: whole ones, and those that are still being written."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from genui.agent.members import ObjectReader
from genui.agent.model import ToolCallPiece
from genui.events import Json

_FENCED = re.compile(r"\s*```\w*\s*(.*?)\s*```\s*\Z", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Call:
    """A whole tool call. `arguments` is what the model wrote: a JSON object, one hopes. `status` is the id
    of the line that stands for it already, if one does."""

    id: str
    name: str
    arguments: str
    status: str | None = None


@dataclass(slots=True)
class Draft:
    """A call that is being written. Its first id and name that hold something stand."""

    id: str = ""
    name: str = ""
    members: ObjectReader = field(default_factory=ObjectReader)
    status: str | None = None
    _arguments: list[str] = field(default_factory=list)

    def add(self, piece: ToolCallPiece) -> None:
        self.id = self.id or piece.id
        self.name = self.name or piece.name
        if piece.arguments:
            self._arguments.append(piece.arguments)
            if self.status is None:
                self.members.feed(piece.arguments)

    def call(self, default_id: str) -> Call:
        """The call as it is now."""
        return Call(self.id or default_id, self.name, "".join(self._arguments), self.status)


def sendable(arguments: str) -> str:
    """`arguments` if they are a JSON object, else an empty one: servers fail on templates when a message
    quotes back the broken JSON of their own model, which the tool's result speaks of anyway."""
    try:
        return arguments if isinstance(json.loads(arguments), dict) else "{}"
    except (ValueError, RecursionError):
        return "{}"


def as_object(arguments: str, parameters: Mapping[str, Json]) -> str:
    """Arguments as models write them into text: out of their fence, the one value of a tool that takes one as
    an object, and what is quoted that is no string without its quotes."""
    fenced = _FENCED.match(arguments)
    text = (fenced[1] if fenced else arguments).strip()
    properties = parameters.get("properties", {})
    names = parameters.get("required") or list(properties)
    if not text.startswith("{"):
        return json.dumps({names[0]: _value(text)}) if text and len(names) == 1 else text
    quoted = [
        name
        for name, schema in properties.items()
        if isinstance(schema, Mapping) and schema.get("type") in ("array", "object")
    ]
    return _unquoted(text, quoted) if quoted else text


def _unquoted(text: str, names: Iterable[str]) -> str:
    """An object with these members as lists or objects, where they are such as text. (A number as text the
    validation takes as it is.)"""
    try:
        found = json.loads(text)
    except (ValueError, RecursionError):
        return text
    texts = {name: _value(found[name]) for name in names if isinstance(found.get(name), str)}
    return json.dumps(found | texts) if texts else text


def _value(text: str) -> Json:
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return text.strip("\"'")
