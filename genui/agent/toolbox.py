"""Runs the tool calls of one model turn, all at once, with a status line for each."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Coroutine, Sequence
from dataclasses import dataclass
from typing import Any

from genui.agent.model import Message
from genui.agent.statuses import Statuses
from genui.agent.tools import DEFAULT_STATUS, Tool, ToolError
from genui.events import Status


@dataclass(frozen=True, slots=True)
class Call:
    """A whole tool call. `arguments` is what the model wrote: a JSON object, one hopes."""

    id: str
    name: str
    arguments: str


class Toolbox:
    """The tools of one run, by name; of two with one name the later stands."""

    def __init__(self, tools: Sequence[Tool]) -> None:
        self._tools = {tool.name: tool for tool in tools}

    @property
    def tools(self) -> list[Tool]:
        return list(self._tools.values())

    async def run(
        self, calls: Sequence[Call], statuses: Statuses, results: list[Message]
    ) -> AsyncGenerator[Status, None]:
        """The status lines as calls start and end; the results are added to `results`, as messages in the
        order of `calls`. Closing the iterator cancels the tools."""
        contents: dict[str, str] = {}
        running: dict[asyncio.Task[str], tuple[Call, Status]] = {}
        try:
            for call in calls:
                label, work = self._prepare(call)
                status = statuses.start(label)
                running[asyncio.create_task(work)] = call, status
                yield status
            while running:
                done, _ = await asyncio.wait(running, return_when=asyncio.FIRST_COMPLETED)
                for task in [task for task in running if task in done]:
                    call, status = running.pop(task)
                    contents[call.id], ended = _outcome(task, status, statuses)
                    yield ended
        finally:
            for task in running:
                task.cancel()
            await asyncio.gather(*running, return_exceptions=True)
        results.extend(_message(call, contents[call.id]) for call in calls)

    def _prepare(self, call: Call) -> tuple[str, Coroutine[Any, Any, str]]:
        """The status line of a call, and its work."""
        tool = self._tools.get(call.name)
        if tool is None:
            names = ", ".join(self._tools)
            return DEFAULT_STATUS, _fail(
                ToolError(
                    "there is no such tool",
                    code="tool-unknown",
                    for_model=f"There is no tool {call.name!r}. There are: {names}.",
                )
            )
        try:
            arguments = tool.check(call.arguments)
        except ToolError as error:
            return tool.label(), _fail(error)
        return tool.label(arguments), tool.run(arguments)


async def _fail(error: ToolError) -> str:
    raise error


def _outcome(task: asyncio.Task[str], status: Status, statuses: Statuses) -> tuple[str, Status]:
    """What the model is told, and the line's last word."""
    try:
        return task.result(), statuses.end(status)
    except asyncio.CancelledError:  # by the tool's own doing: a cancelled run is not waiting here
        return "Error: cancelled", statuses.end(status, "failed", _failed(status, "it did not work"))
    except ToolError as error:
        return f"Error: {error.for_model}", statuses.end(status, "failed", _failed(status, error.message))


def _failed(status: Status, reason: str) -> str:
    return f"{status.label.rstrip('….: ')}: {reason}"


def _message(call: Call, content: str) -> Message:
    return {"role": "tool", "tool_call_id": call.id, "content": content}
