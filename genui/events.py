"""The events of protocol `genui/1`: the one type that flows through every room.

An event is frozen and slotted; its wire form is a JSON object that carries `type` first and leaves out
fields that hold nothing. `to_json` and `from_json` are exact inverses.

The legal order, in one table (`?` none or one, `*` any number):

    run        run-start  ( status | thought | text | component )*  ( answer-end  late* )?  run-end
    component  render-component(streaming)
               ( component-delta | component-data | render-component(streaming) )*
               ( render-component(complete) | component-error )
               component-data*

    late       component-data | component* render-component(complete), of a component that is repaired

Events of different components interleave freely: children stand between their parent's first and
last event. A `component-error` may be followed by a later `complete` of the same id: it was repaired.
One whose code is in LOAD_ERRORS only says that the component's data does not come: it may stand wherever
`component-data` may, and the component stands with the props that it has.
Applying every delta to the props of the first `render-component` gives exactly those of the last.
"""

from __future__ import annotations

import copy
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, fields
from typing import Any, ClassVar, Literal, TypeAlias, TypedDict, cast

import pydantic_core

PROTOCOL = "genui/1"

LOAD_ERRORS = frozenset({"load-failed", "load-timeout"})
"""The codes of a `component-error` that leaves its component standing: only its data does not come."""

Json: TypeAlias = Any
"""A value that JSON can hold: None, bool, int, float, str, list or dict of these."""

State = Literal["streaming", "complete"]
Activity = Literal["running", "done", "failed"]
Reason = Literal["stop", "length", "cancelled", "error"]


class Op(TypedDict):
    """One change to a component's props or data; `path` is a JSON Pointer (RFC 6901)."""

    op: Literal["set", "append", "push"]
    path: str
    value: Json


class Failure(TypedDict):
    """What went wrong, for people and for programs."""

    code: str
    message: str


@dataclass(frozen=True, slots=True)
class RunStart:
    """The first event of a run, exactly once."""

    type: ClassVar[Literal["run-start"]] = "run-start"
    run: str
    thread: str
    protocol: str = PROTOCOL


@dataclass(frozen=True, slots=True)
class Status:
    """What the agent is doing, in words for people. The same id again changes the line.

    Once it is over: `seconds` is how long that took, and `reason` why it failed, for people.
    """

    type: ClassVar[Literal["status"]] = "status"
    id: str
    label: str
    state: Activity
    seconds: float | None = None
    reason: str | None = None


@dataclass(frozen=True, slots=True)
class Thought:
    """What the model thinks, to append to what it thought under the status `id`. Only for those whom the
    application lets read it."""

    type: ClassVar[Literal["thought"]] = "thought"
    id: str
    text: str


@dataclass(frozen=True, slots=True)
class Text:
    """Markdown to append; `parent` is the id of the component that encloses it."""

    type: ClassVar[Literal["text"]] = "text"
    text: str
    parent: str | None = None


@dataclass(frozen=True, slots=True)
class RenderComponent:
    """Mount a component (the first time) or bring it up to date (later times). `alt` is the component in
    plain words, for ears and for the clipboard; it comes with `html`, when it is whole."""

    type: ClassVar[Literal["render-component"]] = "render-component"
    id: str
    name: str
    state: State
    props: dict[str, Json]
    parent: str | None = None
    html: str | None = None
    alt: str | None = None
    warnings: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class ComponentDelta:
    """A component's props grow."""

    type: ClassVar[Literal["component-delta"]] = "component-delta"
    id: str
    ops: list[Op]


@dataclass(frozen=True, slots=True)
class ComponentData:
    """What a loader brought: `data`, kept apart from the props that the model wrote."""

    type: ClassVar[Literal["component-data"]] = "component-data"
    id: str
    ops: list[Op]
    html: str | None = None
    alt: str | None = None


@dataclass(frozen=True, slots=True)
class ComponentError:
    """This one component failed; the stream goes on. `id` is None when it was never mounted."""

    type: ClassVar[Literal["component-error"]] = "component-error"
    id: str | None
    name: str
    code: str
    message: str
    source: str


@dataclass(frozen=True, slots=True)
class AnswerEnd:
    """All is said, and the next turn may begin: only data that is being loaded and repairs may still come.
    Left out where there are none, since the run's end then follows at once."""

    type: ClassVar[Literal["answer-end"]] = "answer-end"


@dataclass(frozen=True, slots=True)
class RunEnd:
    """The last event of a run, exactly once."""

    type: ClassVar[Literal["run-end"]] = "run-end"
    reason: Reason
    error: Failure | None = None
    usage: dict[str, int] | None = None


Event: TypeAlias = (
    RunStart
    | Status
    | Thought
    | Text
    | RenderComponent
    | ComponentDelta
    | ComponentData
    | ComponentError
    | AnswerEnd
    | RunEnd
)

# For what pydantic's, six times as fast, refuses. json.dumps makes an encoder for every call.
_ENCODER = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"))

_TYPES: dict[str, type[Event]] = {
    kind.type: kind
    for kind in (
        RunStart,
        Status,
        Thought,
        Text,
        RenderComponent,
        ComponentDelta,
        ComponentData,
        ComponentError,
        AnswerEnd,
        RunEnd,
    )
}
_FIELDS = {kind: tuple(field.name for field in fields(kind)) for kind in _TYPES.values()}


def to_dict(event: Event) -> dict[str, Json]:
    """The wire form as a dict: `type`, then every field that is neither None nor empty warnings."""
    wire: dict[str, Json] = {"type": event.type}
    for name in _FIELDS[type(event)]:
        value = getattr(event, name)
        if value is not None and value != ():
            wire[name] = list(value) if type(value) is tuple else value
    return wire


def from_dict(wire: Mapping[str, Json]) -> Event:
    """The event that `to_dict` made this of. Unknown fields are ignored.

    Raises ValueError for an unknown `type` and TypeError for a missing field.
    """
    kind = _TYPES.get(cast(str, wire.get("type")))
    if kind is None:
        raise ValueError(f"unknown event type {wire.get('type')!r}")
    values = {name: wire[name] for name in _FIELDS[kind] if name in wire}
    if kind is RenderComponent and "warnings" in values:
        values["warnings"] = tuple(values["warnings"])
    if kind is ComponentError:
        values.setdefault("id", None)
    return kind(**values)


def to_json(event: Event) -> str:
    """The wire form as compact JSON on one line (no raw line ends, so it fits an SSE data line).

    Half of a surrogate pair, which JSON's `\\ud800` and Python's file names may bring, becomes U+FFFD: UTF-8
    has no place for it, and neither has a store.
    """
    wire = to_dict(event)
    try:
        return pydantic_core.to_json(wire).decode()
    except pydantic_core.PydanticSerializationError:
        return _ENCODER.encode(wire).encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")


def from_json(line: str | bytes) -> Event:
    """The inverse of `to_json`."""
    return from_dict(json.loads(line))


def apply_op(target: dict[str, Json], op: Op) -> None:
    """Do one op to props or data, in place. The op's value is copied: later ops grow what it was set to.

    Raises LookupError for a path that leads nowhere.
    """
    *parents, last = pointer_steps(op["path"])
    holder: Json = target
    for part in parents:
        holder = holder[_key(holder, part)]
    key = _key(holder, last)
    value = copy.deepcopy(op["value"])
    if op["op"] == "append":
        holder[key] += value
    elif op["op"] == "push":
        holder[key].append(value)
    elif isinstance(holder, list) and key == len(holder):
        holder.append(value)
    else:
        holder[key] = value


def changes(old: Mapping[str, Json], new: Mapping[str, Json]) -> Iterator[Op]:
    """The ops that bring `old` to `new`, key by key. What only grew at its end is told by its growth."""
    for key, value in new.items():
        path = "/" + pointer_escape(key)
        before = old.get(key)
        if key in old and before == value and type(before) is type(value):
            continue
        if isinstance(value, str) and isinstance(before, str) and before and value.startswith(before):
            yield {"op": "append", "path": path, "value": value[len(before) :]}
        elif (
            isinstance(value, list) and isinstance(before, list) and before and value[: len(before)] == before
        ):
            for element in value[len(before) :]:
                yield {"op": "push", "path": path, "value": element}
        else:
            yield {"op": "set", "path": path, "value": value}


def pointer_escape(key: str) -> str:
    """A key as one step of a JSON Pointer (RFC 6901, section 3)."""
    return key.replace("~", "~0").replace("/", "~1") if "~" in key or "/" in key else key


def pointer_steps(path: str) -> list[str]:
    """The keys that a JSON Pointer goes through."""
    return [_unescape(part) for part in path.split("/")[1:]]


def _unescape(part: str) -> str:
    return part.replace("~1", "/").replace("~0", "~")


def _key(holder: Json, part: str) -> str | int:
    if not isinstance(holder, list):
        return part
    return len(holder) if part == "-" else int(part)
