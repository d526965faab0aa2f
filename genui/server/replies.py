"""Answers to what a tool asks in the midst of a run: an action of a component that waits for it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from genui.catalog import Catalog
from genui.errors import CallerError
from genui.events import ComponentData, Event, RenderComponent
from genui.runs import Answer, Runs, ThreadBusyError
from genui.server.actions import judge
from genui.server.requests import ActionRequest


def _over() -> CallerError:
    return CallerError("action-taken", "This was already answered, or is no longer asked.", 409)


def refuse_late(events: Sequence[Event], catalog: Catalog, request: ActionRequest) -> None:
    """Raises CallerError (`action-taken`) for a question of an answer that is over: it is no next turn."""
    if _waits(events, catalog, request.component):
        raise _over()


async def reply(runs: Runs, catalog: Catalog, request: ActionRequest) -> dict[str, Any]:
    """Bring a reader's answer to the run that waits for it; what `POST /v1/actions` says of it.

    Raises ThreadBusyError for an action of any other component, since its run is still going on, and
    CallerError: `action-taken`, or what is wrong with the action.
    """
    events = _boiled(await runs.so_far(request.run))
    if not _waits(events, catalog, request.component):
        raise ThreadBusyError
    judge(events, catalog, request.run, request.component, request.action, request.values)
    message = {"component": request.component, "action": request.action, "values": request.values}
    answered = any(isinstance(event, ComponentData) and event.id == request.component for event in events)
    if answered or not await runs.tell(request.run, message):
        raise _over()
    return {"run": request.run, "once": True}


def _boiled(events: list[Event]) -> list[Event]:
    answer = Answer()
    for event in events:
        answer.add(event)
    return answer.events()


def _waits(events: Sequence[Event], catalog: Catalog, id_: str) -> bool:
    named = [event.name for event in events if isinstance(event, RenderComponent) and event.id == id_]
    component = catalog.get(named[0]) if named else None
    return component is not None and component.waits
