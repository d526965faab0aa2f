"""Asking the user before a tool does something: a widget with two buttons, and a run that waits for one.

Two designs were weighed.

1. The run ends with the question; the answer is the next turn, which has to find the call again and do it.
   Nothing waits; but calls, half a conversation and the model's turn must be kept, and a call that was
   asked beside others splits what belongs together.
2. The run stays, and its source waits for a message. All state is where it was; a page that is loaded again
   follows the run and finds the question in its log.

The second it is. A question is complete when it is shown, so that every client sees it, and its answer is
data: `confirm`, `decline`, or, when nobody answered, `expired` or `cancelled`.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Protocol

from genui.agent.showing import Showcase
from genui.agent.tools import Tool, ToolError, Toolset
from genui.catalog import Catalog, Component
from genui.events import ComponentData, Event, Json, RenderComponent, State


class Inbox(Protocol):
    """What a run is told while it goes on: `{"component": id, "action": name}` answers a question."""

    async def get(self) -> Mapping[str, Json]:
        """The next message."""


ANSWERS = ("confirm", "decline")

_REFUSED = {
    "decline": ("you declined", "The user declined. It was not done."),
    "expired": ("there was no answer in time", "The user did not answer in time. It was not done."),
}
"""What the reader and what the model is told."""


def question_component() -> Component:
    """The widget of a question. No model can write it: it is in no catalog that a recognizer knows."""
    (component,) = Catalog.load(Path(__file__).parent / "widgets")
    return replace(component, waits=True)


def with_question(catalog: Catalog, tools: Iterable[Tool | Toolset]) -> Catalog:
    """A catalog with the widget of questions, if any tool asks; one of that name in it stands in for it."""
    if not any(tool.confirm for tool in tools):
        return catalog
    question = question_component()
    own = catalog.get(question.name)
    return catalog.merged(Catalog([replace(own, waits=True) if own else question]))


class Questions:
    """Those of one run. Without an inbox nobody can answer, and nothing is asked."""

    def __init__(
        self, inbox: Inbox | None, showcase: Showcase, on_change: Callable[[bool], None] = lambda _: None
    ) -> None:
        self._inbox = inbox
        self._showcase = showcase
        self._on_change = on_change
        self._open: dict[str, asyncio.Future[str]] = {}
        self._listener: asyncio.Task[None] | None = None

    async def ask(self, words: str, seconds: float, say: Callable[[Event], None]) -> None:
        """Returns when the user has confirmed. Raises ToolError when not."""
        if self._inbox is None:
            raise ToolError(
                "nobody can be asked here", for_model="The user cannot be asked. It was not done."
            )
        id_ = self._showcase.id()
        answered = self._open[id_] = asyncio.get_running_loop().create_future()
        self._on_change(True)
        self._listener = self._listener or asyncio.create_task(self._listen(self._inbox))
        say(_question(id_, words, "streaming"))
        say(_question(id_, words, "complete"))
        answer = "expired"
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                answer = await answered
        del self._open[id_]
        self._on_change(bool(self._open))
        say(_answer(id_, answer))
        if answer in _REFUSED:
            message, for_model = _REFUSED[answer]
            raise ToolError(message, code="tool-refused", for_model=for_model)

    async def close(self) -> None:
        """Ask nothing more."""
        if self._listener is not None:
            self._listener.cancel()
            await asyncio.wait([self._listener])
            self._listener = None

    def left(self) -> list[Event]:
        """What has to be said of the questions that nobody will answer."""
        left, self._open = self._open, {}
        return [_answer(id_, "cancelled") for id_ in left]

    async def _listen(self, inbox: Inbox) -> None:
        while True:
            message = await inbox.get()
            answered = self._open.get(str(message.get("component")))
            if answered is not None and not answered.done() and message.get("action") in ANSWERS:
                answered.set_result(str(message["action"]))


def _question(id_: str, words: str, state: State) -> Event:
    return RenderComponent(id_, "Confirmation", state, {"question": words})


def _answer(id_: str, answer: str) -> Event:
    return ComponentData(id_, [{"op": "set", "path": "/answer", "value": answer}])
