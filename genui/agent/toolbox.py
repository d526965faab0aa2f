"""The tools of one run: what is offered, what of a call can be shown while it is written, and all calls of
a turn at work at the same time."""

from __future__ import annotations

import asyncio
import logging
from collections import Counter
from collections.abc import AsyncGenerator, Sequence
from functools import cached_property

from genui.agent.calls import Call, Draft, as_object
from genui.agent.job import Desk, Job
from genui.agent.model import Message
from genui.agent.tools import DEFAULT_STATUS, Tool, ToolError
from genui.events import Event, Status

log = logging.getLogger("genui.agent")

PATIENCE = 1.0
"""Seconds that a cancelled tool has to end."""


class Toolbox:
    """The tools of one run, by name; of two with one name the later stands."""

    def __init__(self, tools: Sequence[Tool], desk: Desk) -> None:
        self._tools = {tool.name: tool for tool in tools}
        self._desk = desk
        self._invalid: Counter[str] = Counter()
        desk.say = self._say

    @cached_property
    def _news(self) -> asyncio.Queue[Event | None]:
        """Made when it is first needed: it weighs two kilobytes, and most runs call nothing."""
        return asyncio.Queue()

    def _say(self, event: Event) -> None:
        self._news.put_nowait(event)

    @property
    def tools(self) -> list[Tool]:
        """What the model is offered now."""
        return [tool for tool in self._tools.values() if self._invalid[tool.name] <= tool.retries]

    def preview(self, draft: Draft) -> list[Status]:
        """The status of a call that is being written, once all is there that it names. A tool that asks
        first has none yet."""
        tool = self._tools.get(draft.name)
        if draft.status is not None or tool is None or tool.confirm is not None:
            return []
        names = tool.status.names
        if not all(name in draft.members for name in names):
            return []
        status = self._desk.statuses.start(tool.status.fill({name: draft.members[name] for name in names}))
        draft.status = status.id
        return [status]

    async def run(self, calls: Sequence[Call], results: list[Message]) -> AsyncGenerator[Event, None]:
        """The events of calls at work; what the model is told is added to `results`, as messages in the
        order of `calls`. Closing the iterator cancels the tools."""
        jobs = [self._job(call) for call in calls]
        tasks = [asyncio.create_task(job.work(), name="genui tool") for job in jobs if isinstance(job, Job)]
        for task in tasks:
            task.add_done_callback(lambda _: self._news.put_nowait(None))
        try:
            async for event in self._events(len(tasks)):
                yield event
        finally:
            await _cancel(tasks)
        for call, job in zip(calls, jobs, strict=True):
            told = job.told if isinstance(job, Job) else job
            results.append({"role": "tool", "tool_call_id": call.id, "content": told})

    def left(self) -> list[Event]:
        """What was said and not yet given, when a run ends in the midst of its calls."""
        events: list[Event] = []
        while "_news" in self.__dict__ and not self._news.empty():
            event = self._news.get_nowait()
            if event is not None:
                events.append(event)
        return events

    async def _events(self, working: int) -> AsyncGenerator[Event, None]:
        while working or not self._news.empty():
            with self._desk.budget:
                event = await self._news.get()
            if event is None:
                working -= 1
            else:
                yield event

    def _job(self, call: Call) -> Job | str:
        """The work of a call; where it cannot even begin, what the model is told."""
        tool = self._tools.get(call.name)
        if tool is None or tool not in self.tools:
            names = ", ".join(tool.name for tool in self.tools)
            return self._refuse(
                call, "there is no such tool", f"There is no tool {call.name!r}. There are: {names}."
            )
        try:
            arguments = tool.check(as_object(call.arguments, tool.parameters))
        except ToolError as error:
            self._invalid[tool.name] += 1
            return self._refuse(call, error.message, f"{error.for_model}. {self._advice(tool)}")
        self._invalid[tool.name] = 0
        return Job(call, tool, arguments, self._desk)

    def _advice(self, tool: Tool) -> str:
        again = self._invalid[tool.name] <= tool.retries
        return "Mend them and call it again." if again else "Do not call it again."

    def _refuse(self, call: Call, reason: str, for_model: str) -> str:
        """Show and say that a call came to nothing."""
        statuses = self._desk.statuses
        id_ = call.status
        if id_ is None:
            tool = self._tools.get(call.name)
            status = statuses.start(tool.status.fill({}) if tool else DEFAULT_STATUS)
            id_ = status.id
            self._desk.say(status)
        self._desk.say(statuses.end(id_, "failed", reason))
        return f"Error: {for_model}"


async def _cancel(tasks: Sequence[asyncio.Task[None]]) -> None:
    """Cancel what still works, and wait for it; not for ever."""
    working = [task for task in tasks if not task.done()]
    for task in working:
        task.cancel()
    if working:
        _, stubborn = await asyncio.wait(working, timeout=PATIENCE)
        if stubborn:
            log.warning("%d tools do not end though they were cancelled", len(stubborn))
