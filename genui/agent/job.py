"""One call of one tool at work: asked for, begun, followed, ended, and never without an end.

| the tool | its status | the model is told |
| --- | --- | --- |
| gives a result | done | the result |
| raises a ToolError | failed, with its words | its words |
| raises anything else | failed: "it did not work" | the exception; the logger gets the traceback |
| takes too long | failed: "it took too long" | that |
| gives what cannot be shown | failed: "it cannot be shown" | that; the logger gets what is wrong |
| is refused by the user | none, its question says so | that |
| is cancelled with its run | failed, when the run ends | nothing: there is nobody to tell |
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from contextlib import aclosing
from typing import Any

import pydantic_core

from genui.agent.budget import Budget
from genui.agent.calls import Call
from genui.agent.pace import Pace
from genui.agent.questions import Questions
from genui.agent.showing import Showcase, ShowError, Shown
from genui.agent.signatures import Arguments
from genui.agent.statuses import Statuses
from genui.agent.tools import Progress, Tool, ToolError
from genui.catalog import Element, element_of
from genui.errors import PropError
from genui.events import Activity, Event

log = logging.getLogger("genui.agent")

LONGEST_RESULT = 100_000
"""Characters of a result that the model gets to read."""

BREATH = 0.001
"""Seconds after each value of a tool: one that never waits must not stop everything else."""


class Desk:
    """What the calls of one run share. `say` brings an event to the client."""

    def __init__(self, statuses: Statuses, showcase: Showcase, questions: Questions, budget: Budget) -> None:
        self.statuses = statuses
        self.showcase = showcase
        self.questions = questions
        self.budget = budget
        self.slots = asyncio.Semaphore(16)
        self.say: Callable[[Event], None] = lambda _: None


class Job:
    """A call, and what the model is told of it: `told`."""

    def __init__(self, call: Call, tool: Tool, arguments: Arguments, desk: Desk) -> None:
        self._call = call
        self._tool = tool
        self._arguments = arguments
        self._desk = desk
        self._status = call.status
        self._shown = Shown(desk.showcase, desk.say)
        self._result: Any = None
        self._has_result = False
        self._relabelled = False
        self._pace = Pace(self._give)
        self.told = "Error: cancelled"

    async def work(self) -> None:
        """Do it all. Raises nothing but CancelledError, when the run is cancelled."""
        try:
            await self._ask()
            async with self._desk.slots:
                self._begin()
                await self._run()
        except ToolError as error:
            self._fail(error.message, error.for_model)
        except (ShowError, PropError) as error:
            log.error("tool %s: %s", self._tool.name, error)
            self._fail("it cannot be shown", f"What the tool gave cannot be shown: {error}")
        except asyncio.CancelledError:
            if (task := asyncio.current_task()) and task.cancelling():
                raise
            self._fail("it did not work", "cancelled")  # by the tool's own doing
        except Exception as error:
            log.warning("tool %s failed", self._tool.name, exc_info=error)
            self._fail("it did not work", f"{type(error).__name__}: {error}")
        else:
            self.told = self._answer()
            self._end("done")

    async def _ask(self) -> None:
        if self._tool.confirm is not None:
            words = self._tool.confirm.fill(self._arguments[1])
            with self._desk.budget.paused():
                await self._desk.questions.ask(words, self._tool.confirm_timeout, self._desk.say)

    def _begin(self) -> None:
        if self._status is None:
            status = self._desk.statuses.start(self._tool.status.fill(self._arguments[1]))
            self._status = status.id
            self._desk.say(status)
        self._desk.statuses.again(self._status)

    async def _run(self) -> None:
        try:
            async with asyncio.timeout(self._tool.timeout) as limit:
                async with aclosing(self._tool.values(self._arguments)) as values:
                    async for value in values:
                        self._take(value)
                        await asyncio.sleep(BREATH)
            self._pace.flush()
        except TimeoutError as error:
            if limit.expired():
                raise ToolError("it took too long", code="tool-timeout") from error
            raise
        finally:
            self._pace.stop()

    def _take(self, value: Any) -> None:
        """Something that the tool gives."""
        if isinstance(value, Progress):
            self._pace.offer("", value)
        elif element := element_of(value):
            self._pace.offer(element.component.name, element)
        elif isinstance(value, list | tuple) and any(element_of(one) is not None for one in value):
            for one in value:
                self._take(one)
        else:
            self._result, self._has_result = value, True

    def _give(self, value: Progress | Element) -> None:
        """Show what is due to be shown."""
        if isinstance(value, Element):
            self._shown.show(value)
        elif self._status is not None:
            self._relabelled = True
            self._desk.say(self._desk.statuses.change(self._status, value.label))

    def _answer(self) -> str:
        """What the model gets to read."""
        shown = self._shown.written()
        if not shown:
            return _as_text(self._result)
        told = f"Shown to the user: {shown}"
        return _cut(f"{_as_text(self._result)}\n\n{told}" if self._has_result else told)

    def _fail(self, reason: str, for_model: str) -> None:
        self.told = _cut(f"Error: {for_model}")
        self._end("failed", reason)

    def _end(self, state: Activity, reason: str | None = None) -> None:
        self._shown.close()
        if self._status is not None:
            label = self._tool.status.fill(self._arguments[1]) if self._relabelled else None
            self._desk.say(self._desk.statuses.end(self._status, state, reason, label=label))


def _as_text(result: object) -> str:
    text = result if isinstance(result, str) else pydantic_core.to_json(result, fallback=str).decode()
    return _cut(text)


def _cut(text: str) -> str:
    return text if len(text) <= LONGEST_RESULT else text[:LONGEST_RESULT] + "\n(The rest was cut.)"
