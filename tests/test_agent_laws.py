"""The laws of a run, for any model and any tools: whatever is said, called, broken, or stopped whenever."""

from __future__ import annotations

import asyncio
import json
import threading
from collections.abc import AsyncIterator, Sequence
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

import genui
from genui.agent import (
    AgentOptions,
    FinishPiece,
    Message,
    Piece,
    TextPiece,
    ThoughtPiece,
    Tool,
    ToolCallPiece,
    ToolError,
    UsagePiece,
    WaitPiece,
    respond,
    tool,
)
from genui.catalog import Catalog
from genui.errors import ModelError
from genui.events import (
    ComponentDelta,
    ComponentError,
    Event,
    RenderComponent,
    RunEnd,
    RunStart,
    Status,
    Text,
    to_json,
)
from genui.markup import Recognizer
from genui.runs import Runs

CATALOG = Catalog.builtin()


@tool(status="Reading {page}…")
async def reads(page: int) -> AsyncIterator[Any]:
    yield genui.Progress("Half of it…")
    yield CATALOG["Metric"](label="Pages", value=page)
    await asyncio.sleep(0)
    yield CATALOG["Metric"](label="Pages", value=page + 1)
    yield "canary"


@tool
def raises(page: int = 0) -> None:
    raise KeyError("canary", page)


@tool
async def refuses() -> None:
    raise ToolError("it is closed", for_model="canary")


@tool(timeout=0.005)
async def hangs() -> None:
    await asyncio.Event().wait()


@tool(confirm="Book it?", confirm_timeout=0.005)
async def books() -> str:
    return "canary"


@tool
async def shows_nonsense() -> Any:
    return CATALOG["Metric"](canary=object())


TOOLS: tuple[Tool, ...] = (reads, raises, refuses, hangs, books, shows_nonsense)
NAMES = st.sampled_from([*(one.name for one in TOOLS), "canary", ""])
ARGUMENTS = (
    "{}", '{"page": 3}', '{"page": "three", "secret": "canary"}', '{"pa', 'ge": 3}', "[1]", "canary", ""
)  # fmt: skip
WRITTEN = (
    "Sales **rose**. ",
    "\n\n",
    "<",
    '<Metric "MRR" value="$4k"/>',
    '<Card title="Q3">',
    "</Card>",
    "</>",
    '<Table columns={["a"]} rows={[["x", 1], ["y", 2]]}/>',
    "<think>canary",
    "</think>",
    '<tool_call>{"name": "reads", "arguments": {"page": 3',
    "}}</tool_call>",
    "</tool_call>",
    '\nAction: reads\nAction Input: {"page": 3}\n',
    "\nObservation: made up\n",
)
PIECES = st.one_of(
    st.sampled_from(WRITTEN).map(TextPiece),
    st.just(ThoughtPiece("canary")),
    st.builds(
        ToolCallPiece, st.integers(0, 2), st.sampled_from(["id", ""]), NAMES, st.sampled_from(ARGUMENTS)
    ),
    st.sampled_from([UsagePiece(3, 2), WaitPiece(0.0), FinishPiece("tool_calls"), FinishPiece("length")]),
)
FAULTS = st.sampled_from(["none", "none", "cut", "bug", "silence"])
TURNS = st.lists(st.tuples(st.lists(PIECES, max_size=8), FAULTS), max_size=3)


class Says:
    """A model that says one list of pieces a turn, then "Done."; a turn may end in an error or in silence."""

    name = "says"

    def __init__(self, turns: Sequence[tuple[Sequence[Piece], str]]) -> None:
        self.turns = list(turns)

    async def stream(self, messages: Sequence[Message], tools: Sequence[Tool]) -> AsyncIterator[Piece]:  # noqa: ARG002
        json.dumps(messages)  # what no server could be sent is a mistake of the loop's
        pieces, fault = self.turns.pop(0) if self.turns else ([TextPiece("Done.")], "none")
        for piece in pieces:
            await asyncio.sleep(0)
            yield piece
        if fault == "cut":
            raise ModelError("model-cut", "Cut.")
        if fault == "bug":
            raise KeyError("canary")
        if fault == "silence":
            await asyncio.Event().wait()


def check(events: Sequence[Event]) -> None:
    """One start, one end, every status and widget ended once and used only before, nothing hidden shown."""
    assert [isinstance(event, RunStart) for event in events] == [True] + [False] * (len(events) - 1)
    assert [isinstance(event, RunEnd) for event in events] == [False] * (len(events) - 1) + [True]
    lines: dict[str, str] = {}
    widgets: dict[str, str] = {}
    for event in events:
        if isinstance(event, Status):
            assert lines.get(event.id, "running") == "running", f"{event} after its end"
            assert event.state == "running" or event.id in lines, f"{event} before its beginning"
            lines[event.id] = event.state
        elif isinstance(event, RenderComponent):
            assert widgets.get(event.id, "streaming") == "streaming", f"{event} after its end"
            assert event.parent is None or event.parent in widgets
            widgets[event.id] = event.state
        elif isinstance(event, ComponentDelta):
            assert widgets[event.id] == "streaming"
        elif isinstance(event, ComponentError) and event.id:
            widgets[event.id] = "failed"
        elif isinstance(event, Text) and event.parent:
            assert widgets[event.parent] == "streaming"
    assert "running" not in lines.values()
    assert "streaming" not in widgets.values()
    assert "canary" not in "".join(map(to_json, events))


async def run_of(
    turns: Sequence[tuple[Sequence[Piece], str]], options: AgentOptions, stop_after: int | None
) -> list[Event]:
    """All that the log of a run has; its user may stop it after so many events."""
    runs, seen, stops = Runs(), 0, list[asyncio.Task[None]]()

    def hear(_: Event) -> None:
        nonlocal seen
        seen += 1
        if seen == stop_after:
            stops.append(asyncio.create_task(runs.cancel(run.id)))

    tasks = asyncio.all_tasks()
    source = respond(
        Says(turns),
        [{"role": "user", "content": "Hello"}],
        Recognizer(CATALOG, react=options.style == "react"),
        tools=TOOLS,
        catalog=CATALOG,
        options=options,
    )
    run = runs.start(source, hear=hear)
    async with asyncio.timeout(20):
        await run.ended.wait()
        await asyncio.gather(*stops)
        events = await runs.so_far(run.id)
        await runs.close()
    assert asyncio.all_tasks() == tasks
    return events


@settings(max_examples=150, deadline=None)
@given(
    TURNS,
    st.builds(
        AgentOptions,
        style=st.sampled_from(["native", "tags", "react"]),
        steps=st.integers(1, 4),
        seconds=st.just(0.1),
    ),
    st.none() | st.integers(1, 20),
)
def test_whatever_is_said_called_broken_or_stopped_a_run_keeps_its_laws(
    turns: list[tuple[list[Piece], str]], options: AgentOptions, stop_after: int | None
) -> None:
    threads = set(threading.enumerate())
    events = asyncio.run(run_of(turns, options, stop_after))
    check(events)
    if options.style == "react":  # for which alone such lines are markup
        assert "made up" not in "".join(map(to_json, events))
    for thread in set(threading.enumerate()) - threads:
        thread.join(5)
        assert not thread.is_alive()
