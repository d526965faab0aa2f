"""An answer out of a thread, as a client gets it: events to render again, with HTML where it is wanted."""

from __future__ import annotations

import logging
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from genui.catalog import Catalog
from genui.events import ComponentData, Event, Json, RenderComponent, apply_op, to_dict
from genui.runs import Answered, Said, Summary, Turn
from genui.server.requests import Render
from genui.server.retell import markup_of
from genui.server.words import alt_of

log = logging.getLogger("genui.server")


def told(thread: Summary) -> dict[str, Any]:
    """What the API tells of a thread besides its messages. Times are ISO 8601, in UTC."""
    return {
        "thread": thread.id,
        "title": thread.title,
        "created": _when(thread.created),
        "updated": _when(thread.updated),
    }


def _when(seconds: float) -> str:
    return datetime.fromtimestamp(seconds, UTC).isoformat(timespec="microseconds")


def message_of(turn: Turn, following: Turn | None, catalog: Catalog, render: Render) -> dict[str, Any]:
    """A turn as GET /v1/threads gives it; `following` is the one after it."""
    if isinstance(turn, Said):
        message: dict[str, Any] = {"role": turn.role, "content": turn.content}
        if turn.act is not None:
            act = turn.act
            message["action"] = {
                "run": act.run, "component": act.component, "action": act.action, "values": act.values,
                "once": act.once and not _failed(following),
            }  # fmt: skip
        return message
    return _answer(turn, catalog, render)


def _failed(turn: Turn | None) -> bool:
    return isinstance(turn, Answered) and turn.end is not None and turn.end.reason == "error"


def _answer(turn: Answered, catalog: Catalog, render: Render) -> dict[str, Any]:
    events = turn.events if render == "props" else list(_drawn(turn.events, catalog))
    message: dict[str, Any] = {
        "role": "assistant",
        "run": turn.run,
        "state": "running" if turn.end is None else turn.end.reason,
        "content": markup_of(turn.events, catalog),
        "events": [to_dict(event) for event in events],
    }
    if turn.end is not None and turn.end.error is not None:
        message["error"] = turn.end.error
    return message


def _drawn(events: Sequence[Event], catalog: Catalog) -> Iterator[Event]:
    data: dict[str, dict[str, Json]] = {}
    for event in events:
        if isinstance(event, ComponentData):
            for op in event.ops:
                apply_op(data.setdefault(event.id, {}), op)
    for event in events:
        yield _with_html(event, data, catalog) if isinstance(event, RenderComponent) else event


def _with_html(event: RenderComponent, data: dict[str, dict[str, Json]], catalog: Catalog) -> Event:
    """With what its template makes of it; without, where the catalog has changed so that it cannot."""
    component = catalog.get(event.name)
    if component is None:
        return event
    try:
        html = component.render(event.props, data=data.get(event.id), state=event.state)
    except Exception:
        log.exception("component %s: its template failed", event.name)
        return event
    alt = alt_of(component, event.props, data.get(event.id)) if event.state == "complete" else None
    return replace(event, html=html, alt=alt)
