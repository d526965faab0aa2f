"""AI SDK UI message stream, version 1 (https://ai-sdk.dev/docs/ai-sdk-ui/stream-protocol), as `ai` 5, 6 and 7
read it.

A message is one flat list of parts. Text parts are closed before a component and opened anew behind it, so
that the order of the parts is the order on the page. What stands in a component says so: a text part by
`providerMetadata.genui.parent`, a component by `parent`. A chunk of an unknown type ends their stream, so
what is ours alone goes as `data-*`.

A part of data has no deltas: it can only be sent again, whole. Two rates were weighed at which a component
that grows is: whenever it has grown by a quarter, a geometric series; or whenever the events have paid for
it, RATE times their own bytes. The second it is: a long text in a prop then grows evenly instead of in ever
larger steps, and what a loader brings is covered by the same rule, though it need not grow. Either way the
bytes are linear in those of the events, and the last state is always sent.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from genui.events import (
    LOAD_ERRORS,
    AnswerEnd,
    ComponentData,
    ComponentDelta,
    ComponentError,
    Event,
    Failure,
    Json,
    Op,
    RenderComponent,
    RunEnd,
    RunStart,
    Status,
    Text,
    Thought,
    apply_op,
)
from genui.wire.encoder import EventEncoder

RATE = 4
"""Bytes that may be sent for each byte of a component's events."""

FREE = 2000
"""Bytes that each component may be sent beside those."""

_ENCODER = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"))


@dataclass(slots=True)
class _Component:
    """A component as its part shows it, and what may be spent on showing it again."""

    name: str
    parent: str | None = None
    state: str = "streaming"
    props: dict[str, Json] = field(default_factory=dict)
    data: dict[str, Json] = field(default_factory=dict)
    html: str | None = None
    alt: str | None = None
    warnings: tuple[str, ...] = ()
    error: Failure | None = None
    credit: int = FREE
    size: int = 0  # at most so many bytes would be sent now
    stale: bool = False  # more has come since it was sent

    def told(self) -> dict[str, Json]:
        shown = {
            "parent": self.parent, "data": self.data, "html": self.html, "alt": self.alt,
            "warnings": self.warnings, "error": self.error,
        }  # fmt: skip
        optional = {name: value for name, value in shown.items() if value}
        return {"name": self.name, "state": self.state, "props": self.props, **optional}

    def draw(self, event: RenderComponent) -> None:
        self.name, self.parent, self.state, self.error = event.name, event.parent, event.state, None
        self.props, self.warnings = event.props, event.warnings
        self.html, self.alt = event.html or self.html, event.alt or self.alt


class AiSdk(EventEncoder):
    """One run as a UI message stream, from its first event on."""

    headers: Mapping[str, str] = {"x-vercel-ai-ui-message-stream": "v1"}

    def __init__(self) -> None:
        self._components: dict[str, _Component] = {}
        self._open: tuple[str, str | None] | None = None  # the kind of the open part, and in what it stands
        self._parts = 0
        self._sources: set[str] = set()
        self._size = 0  # of the event's JSON

    def encode(self, entries: Iterable[tuple[int, bytes]]) -> bytes:
        told = []
        for entry in entries:
            self._size = len(entry[1])
            told.append(super().encode([entry]))
        return b"".join(told)

    def event(self, seq: int, event: Event) -> bytes:
        return b"".join([_frame(chunk) for chunk in self._chunks(seq, event)])

    def end(self) -> bytes:
        return b"data: [DONE]\n\n"

    def _chunks(self, seq: int, event: Event) -> Iterator[dict[str, Json]]:
        match event:
            case RunStart():
                ours = {"run": event.run, "thread": event.thread}
                yield {"type": "start", "messageId": event.run, "messageMetadata": {"genui": ours}}
            case Text():
                yield from self._write("text", event.parent, event.text)
            case Thought():
                yield from self._write("reasoning", event.id, event.text)
            case Status():
                yield from self._status(event)
            case RenderComponent():
                yield from self._render(event)
            case ComponentDelta() | ComponentData():
                yield from self._grow(event)
            case ComponentError():
                yield from self._fail(seq, event)
            case AnswerEnd():
                yield {"type": "data-answer-end", "data": {}, "transient": True}
            case RunEnd():
                yield from self._finish(event)

    def _write(self, kind: str, within: str | None, text: str) -> Iterator[dict[str, Json]]:
        if self._open != (kind, within):
            yield from self._close()
            self._open = (kind, within)
            self._parts += 1
            start: dict[str, Json] = {"type": f"{kind}-start", "id": self._part}
            if kind == "text" and within is not None:
                start["providerMetadata"] = {"genui": {"parent": within}}
            yield start
        yield {"type": f"{kind}-delta", "id": self._part, "delta": text}

    def _close(self) -> Iterator[dict[str, Json]]:
        if self._open is not None:
            yield {"type": f"{self._open[0]}-end", "id": self._part}
            self._open = None

    @property
    def _part(self) -> str:
        return f"p{self._parts}"

    def _status(self, event: Status) -> Iterator[dict[str, Json]]:
        if self._open == ("reasoning", event.id) and event.state != "running":
            yield from self._close()
        told: dict[str, Json] = {"label": event.label, "state": event.state}
        more = {"seconds": event.seconds, "reason": event.reason}
        told |= {name: value for name, value in more.items() if value is not None}
        yield {"type": "data-status", "id": event.id, "data": told, "transient": True}

    def _render(self, event: RenderComponent) -> Iterator[dict[str, Json]]:
        component = self._components.get(event.id)
        if component is None:
            yield from self._close()
            component = self._components[event.id] = _Component(event.name)
            component.draw(event)
            yield self._told(event.id)
            yield from self._cite(event)
            return
        component.draw(event)
        if event.state == "complete":
            yield self._told(event.id)
            yield from self._cite(event)
        else:
            yield from self._change(event.id, component)

    def _grow(self, event: ComponentDelta | ComponentData) -> Iterator[dict[str, Json]]:
        component = self._components.get(event.id)
        if component is None:
            return
        if isinstance(event, ComponentData):
            component.html, component.alt = event.html or component.html, event.alt or component.alt
            _apply(component.data, event.ops)
        else:
            _apply(component.props, event.ops)
        yield from self._change(event.id, component)

    def _fail(self, seq: int, event: ComponentError) -> Iterator[dict[str, Json]]:
        id_ = event.id or f"e{seq}"
        if id_ not in self._components:
            yield from self._close()
        component = self._components.setdefault(id_, _Component(event.name))
        component.error = {"code": event.code, "message": event.message}
        if event.code not in LOAD_ERRORS:
            component.state = "error"
        yield self._told(id_)

    def _change(self, id_: str, component: _Component) -> Iterator[dict[str, Json]]:
        """The part again, if that is paid for."""
        component.stale = True
        component.size += self._size
        component.credit += RATE * self._size
        if component.credit >= component.size:
            yield self._told(id_)
            component.credit -= component.size

    def _told(self, id_: str) -> dict[str, Json]:
        component = self._components[id_]
        component.stale = False
        told = component.told()
        component.size = len(_ENCODER.encode(told))
        return {"type": "data-component", "id": id_, "data": told}

    def _cite(self, event: RenderComponent) -> Iterator[dict[str, Json]]:
        """What a component names as its `sources`, each address once."""
        sources = event.props.get("sources")
        if event.state != "complete" or not isinstance(sources, list):
            return
        for number, source in enumerate(sources):
            url, title = _source(source)
            if url.startswith(("https://", "http://")) and url not in self._sources:
                self._sources.add(url)
                cited = {"type": "source-url", "sourceId": f"{event.id}.{number}", "url": url}
                yield {**cited, "title": title} if title else cited

    def _finish(self, end: RunEnd) -> Iterator[dict[str, Json]]:
        yield from self._close()
        for id_, component in self._components.items():
            if component.stale:
                yield self._told(id_)
        told = {"reason": end.reason, "usage": end.usage, "error": end.error}
        metadata = {"genui": {name: value for name, value in told.items() if value is not None}}
        if end.reason == "cancelled":
            yield {"type": "message-metadata", "messageMetadata": metadata}
            yield {"type": "abort", "reason": "cancelled"}
            return
        if end.error is not None:  # where they read it they stop, so what else there is to say comes before
            yield {"type": "message-metadata", "messageMetadata": metadata}
            yield {"type": "error", "errorText": end.error["message"]}
        yield {"type": "finish", "finishReason": end.reason, "messageMetadata": metadata}


def _frame(chunk: Mapping[str, Json]) -> bytes:
    return b"data: %b\n\n" % _ENCODER.encode(chunk).encode("utf-8", "replace")


def _apply(target: dict[str, Json], ops: Iterable[Op]) -> None:
    for op in ops:
        apply_op(target, op)


def _source(source: Json) -> tuple[str, str]:
    """Its address and its title; empty where there is none."""
    if not isinstance(source, dict):
        return (source, "") if isinstance(source, str) else ("", "")
    url, title = source.get("url"), source.get("title")
    return (url if isinstance(url, str) else "", title if isinstance(title, str) else "")
