"""Tools at work: what they give, what people see of it, and that nothing of a run outlives it."""

from __future__ import annotations

import asyncio
import contextlib
import json
import threading
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import genui
from genui.agent import (
    AgentOptions,
    FinishPiece,
    Message,
    Piece,
    Style,
    TextPiece,
    ThoughtPiece,
    Tool,
    ToolCallPiece,
    ToolDefinitionError,
    ToolError,
    respond,
    tool,
)
from genui.agent.members import ObjectReader
from genui.agent.styles import put
from genui.catalog import Catalog
from genui.events import (
    ComponentDelta,
    ComponentError,
    Event,
    RenderComponent,
    RunEnd,
    Status,
    Text,
    Thought,
    to_json,
)
from genui.markup import Recognizer
from genui.runs import Runs
from tests.plain import PlainText

ASK = [{"role": "user", "content": "Hello"}]
CATALOG = Catalog.builtin()
STOP, CALLS = FinishPiece("stop"), FinishPiece("tool_calls")


class Says:
    """A model that says one list of pieces a turn, then "Done."; an Event among them is waited for."""

    name = "says"

    def __init__(self, *turns: Sequence[Any]) -> None:
        self.turns: list[Sequence[Any]] = list(turns)
        self.asked: list[list[Message]] = []
        self.offered: list[list[str]] = []

    async def stream(self, messages: Sequence[Message], tools: Sequence[Tool]) -> AsyncIterator[Piece]:
        self.asked.append(list(messages))
        self.offered.append([tool.name for tool in tools])
        turn: Sequence[Any] = self.turns.pop(0) if self.turns else [TextPiece("Done."), STOP]
        for piece in turn:
            if isinstance(piece, asyncio.Event):
                await piece.wait()
            else:
                yield piece


def call(name: str, arguments: Any = None, index: int = 0) -> ToolCallPiece:
    text = arguments if isinstance(arguments, str) else json.dumps(arguments or {})
    return ToolCallPiece(index, f"id{index}", name, text)


def run_of(model: Says, *tools: Tool, **how: Any) -> Any:
    return respond(model, ASK, Recognizer(CATALOG), tools=tools, catalog=CATALOG, **how)


async def events_of(model: Says, *tools: Tool, **how: Any) -> list[Event]:
    return [event async for event in run_of(model, *tools, **how)]


def lines(events: Sequence[Event]) -> list[tuple[str, str, str | None]]:
    return [(one.label, one.state, one.reason) for one in events if isinstance(one, Status)]


def told(model: Says) -> str:
    return str(model.asked[-1][-1]["content"])


# What a tool gives.


async def test_progress_is_the_words_of_a_status_for_a_while() -> None:
    @tool(status="Reading {what}…")
    async def read(what: str) -> AsyncIterator[Any]:
        yield genui.Progress("Reading page 1 of 2…")
        yield f"read {what}"

    model = Says([call("read", {"what": "it"}), CALLS])
    events = await events_of(model, read)
    assert [line[:2] for line in lines(events)] == [
        ("Reading it…", "running"),
        ("Reading page 1 of 2…", "running"),
        ("Reading it…", "done"),
    ]
    assert told(model) == "read it"


async def test_a_sync_generator_gives_the_same_and_may_use_what_belongs_to_its_thread() -> None:
    threads: set[threading.Thread] = set()

    @tool
    def count() -> Iterator[Any]:
        for number in range(3):
            threads.add(threading.current_thread())
            yield genui.Progress(f"{number}…")
        yield "counted"

    model = Says([call("count"), CALLS])
    await events_of(model, count)
    assert told(model) == "counted"
    assert len(threads) == 1
    assert not threads & set(threading.enumerate())


@genui.component(template="<p>{{ city }}</p>")
class Weather:
    """The weather."""

    city: str


async def test_a_component_is_shown_and_the_model_knows_of_it() -> None:
    @tool
    def show() -> Any:
        return {"temp": 21}, CATALOG["Metric"](label="MRR", value=3), Weather(city="Paris")

    model = Says([call("show"), CALLS])
    catalog = CATALOG.merged(Catalog([Weather]))
    run = respond(model, ASK, Recognizer(catalog), tools=[show], catalog=catalog)
    events = [event async for event in run]
    shown = [event for event in events if isinstance(event, RenderComponent)]
    assert [(one.id, one.name, one.state) for one in shown] == [
        ("t1", "Metric", "streaming"), ("t2", "Weather", "streaming"),
        ("t1", "Metric", "complete"), ("t2", "Weather", "complete"),
    ]  # fmt: skip
    assert shown[0].props == shown[2].props == {"label": "MRR", "value": 3}
    shown_tags = '<Metric label="MRR" value={3}/><Weather city="Paris"/>'
    assert told(model) == f'{{"temp":21}}\n\nShown to the user: {shown_tags}'


async def test_a_component_that_comes_again_grows_and_children_stand_in_it() -> None:
    @tool
    async def find() -> AsyncIterator[Any]:
        for found in ([{"title": "A"}], [{"title": "A"}, {"title": "B"}]):
            yield CATALOG["SourceList"](sources=found)
            await asyncio.sleep(0.12)
        yield CATALOG["Card"](title="Q3", children=["Up.", CATALOG["Metric"](label="MRR", value=1)])

    events = await events_of(Says([call("find"), CALLS]), find)
    (delta,) = [event for event in events if isinstance(event, ComponentDelta)]
    assert delta.ops == [{"op": "push", "path": "/sources", "value": {"title": "B"}}]
    inside = [event for event in events if getattr(event, "parent", None) == "t2"]
    assert [type(event) for event in inside] == [Text, RenderComponent, RenderComponent]


@pytest.mark.parametrize(
    "given_",
    [
        lambda: CATALOG["Metric"](label="canary"),  # `value` is missing
        lambda: CATALOG["Metric"](value=1, canary=2),
        lambda: CATALOG["Metric"](value=object()),
        lambda: CATALOG["TextBlock"](text="canary" * 200_000),
        lambda: Weather(city="canary"),  # not in the catalog
    ],
)
async def test_what_cannot_be_shown_fails_the_tool_and_harms_nothing_else(
    given_: Callable[[], Any], caplog: pytest.LogCaptureFixture
) -> None:
    show = tool(name="show")(given_)
    events = await events_of(Says([call("show"), CALLS]), show)
    assert lines(events)[-1] == ("Working…", "failed", "it cannot be shown")
    assert events[-1] == RunEnd("stop")
    assert "canary" not in "".join(map(to_json, events))
    assert caplog.records


# Statuses while a call is written.


async def test_a_status_stands_as_soon_as_the_argument_it_names_has_arrived() -> None:
    @tool(status="Searching for {query}…")
    def search(text: str, query: str, limit: int = 3) -> str:
        return f"{text}{query}{limit}"

    written, ready = '{"text": "a, {\\"query\\": 1}", "query": "Oslo"', asyncio.Event()
    model = Says(
        [ToolCallPiece(0, "i", "search"), *(ToolCallPiece(0, arguments=part) for part in written),
         ToolCallPiece(0, arguments=","), ready, ToolCallPiece(0, arguments=' "limit": 2}'), CALLS]
    )  # fmt: skip
    async with contextlib.aclosing(run_of(model, search)) as run:
        status = await anext(run)
        assert isinstance(status, Status)
        assert (status.label, status.state) == ("Searching for Oslo…", "running")
        assert not ready.is_set(), "the call is not whole yet"
        ready.set()
        rest = [event async for event in run]
    assert [line[:2] for line in lines(rest)] == [("Searching for Oslo…", "done")]


JSON = st.recursive(
    st.sampled_from([None, True, 1, -2.5, 'a"b\\', "{[x,]}:", "é\n", ""]),
    lambda below: st.lists(below, max_size=3) | st.dictionaries(st.sampled_from("a:,"), below, max_size=2),
    max_leaves=6,
)
NAMES = st.sampled_from(["a", "query", "n,m", "x{", "é:"])


@settings(deadline=None)
@given(st.dictionaries(NAMES, JSON, max_size=4), st.booleans(), st.integers(1, 6))
def test_an_object_is_read_the_same_however_it_is_cut(whole: dict[str, Any], plain: bool, size: int) -> None:
    text = json.dumps(whole, ensure_ascii=plain and all(map(str.isascii, whole))) + "rest"
    reader = ObjectReader()
    for at in range(0, len(text), size):
        reader.feed(text[at : at + size])
    assert reader.closed
    assert reader.rest == "rest"
    assert {name: reader[name] for name in whole if name in reader} == whole


# Calls in text, and a conversation in each way of writing.


@tool(status="Looking up {city}…")
def weather(city: str) -> str:
    """The weather."""
    return f"sunny in {city}"


TAGS = 'I look. <tool_call>\n{"name": "weather", "arguments": {"city": "Oslo"}}\n</tool_call>'
REACT = (
    'Thought: canary\nAction: weather\nAction Input: {"city": "Oslo"}\n'
    "Observation: canary\nFinal Answer: canary"
)


@pytest.mark.parametrize("size", [1, 3, 1000])
@pytest.mark.parametrize(("style", "text"), [("tags", TAGS), ("native", TAGS), ("react", REACT)])
async def test_a_call_in_the_text_is_a_call(style: Style, text: str, size: int) -> None:
    pieces = [TextPiece(text[at : at + size]) for at in range(0, len(text), size)]
    model = Says(pieces, [TextPiece("Final Answer: Sun." if style == "react" else "Sun."), STOP])
    recognizer = Recognizer(CATALOG, react=style == "react")
    run = respond(model, ASK, recognizer, tools=[weather], options=AgentOptions(style=style))
    events = [event async for event in run]
    assert ("Looking up Oslo…", "done", None) in lines(events)
    shown = "".join(event.text for event in events if isinstance(event, Text))
    assert shown.split() == (["I", "look.", "Sun."] if style != "react" else ["Sun."])
    assert "canary" not in "".join(map(to_json, events))
    assert "sunny in Oslo" in told(model)
    assert model.offered[0] == (["weather"] if style == "native" else [])


def test_one_conversation_can_be_put_in_every_style() -> None:
    function = {"name": "weather", "arguments": '{"city": "Oslo"}'}
    said = {"role": "assistant", "content": "I look.", "tool_calls": [{"id": "1", "function": function}]}
    conversation: list[Message] = [*ASK, said, {"role": "tool", "tool_call_id": "1", "content": "sunny"}]
    assert put(conversation, [weather], "native") == conversation
    system, _, called, result = put(conversation, [weather], "tags")
    assert '"name": "weather"' in system["content"]
    assert (
        called["content"]
        == 'I look.\n<tool_call>\n{"name": "weather", "arguments": {"city": "Oslo"}}\n</tool_call>'
    )
    assert result == {"role": "user", "content": "<tool_response>\nsunny\n</tool_response>"}
    *_, called, result = put(conversation, [weather], "react")
    assert called["content"] == 'I look.\nAction: weather\nAction Input: {"city": "Oslo"}'
    assert result["content"] == "Observation: sunny"


# Limits.


async def test_invalid_arguments_are_told_to_the_model_and_after_some_the_tool_is_offered_no_more() -> None:
    strict = tool(name="strict", retries=1)(lambda city: city)
    model = Says(*([call("strict", {"canary": 1}), CALLS] for _ in range(2)))
    events = await events_of(model, strict, weather)
    assert "Mend them and call it again." in str(model.asked[1][-1]["content"])
    assert "Do not call it again." in told(model)
    assert model.offered == [["strict", "weather"], ["strict", "weather"], ["weather"]]
    assert "canary" not in "".join(map(to_json, events))


async def test_a_run_has_only_so_much_time() -> None:
    @tool
    async def hangs() -> None:
        await asyncio.Event().wait()

    for model in (Says([call("hangs"), CALLS]), Says([TextPiece("Hm"), asyncio.Event()])):
        end = (await events_of(model, hangs, options=AgentOptions(seconds=0.02)))[-1]
        assert isinstance(end, RunEnd)
        assert end.error is not None
        assert end.error["code"] == "agent-time"


async def test_a_sync_tool_is_told_that_it_is_cancelled() -> None:
    started, stopped = threading.Event(), threading.Event()

    @tool(timeout=0.5)  # by then a thread has begun with it
    def works() -> None:
        started.set()
        while not genui.cancelled():
            pass
        stopped.set()

    await events_of(Says([call("works"), CALLS]), works)
    assert started.is_set()
    assert await asyncio.to_thread(stopped.wait, 5)
    assert not genui.cancelled()


def test_a_status_that_names_what_the_tool_does_not_take_is_refused() -> None:
    with pytest.raises(ToolDefinitionError, match=r"names \{qery\}, and it takes query"):
        tool(status="Searching for {qery}…")(lambda query: query)


@pytest.mark.parametrize(
    "text",
    ["Find.\n\nArgs:\n    city: Its name.", "Find.\n\n:param city: Its name.",
     "Find.\n\nParameters\n----------\ncity : str\n    Its name."],
)  # fmt: skip
def test_arguments_are_described_in_every_style_of_docstring(text: str) -> None:
    def find(city: str) -> None: ...

    find.__doc__ = text
    made = tool(find)
    assert made.description == "Find."
    assert made.parameters["properties"]["city"]["description"] == "Its name."


# Thoughts.


@pytest.mark.parametrize("allowed", [True, False])
async def test_what_the_model_thinks_is_for_those_who_may_read_it(allowed: bool) -> None:
    model = Says([ThoughtPiece("secret "), TextPiece("<think>hid"), TextPiece("den</think>Hi"), STOP])
    events = await events_of(model, thoughts=allowed)
    read: dict[str, str] = {}
    for event in events:
        if isinstance(event, Thought):
            read[event.id] = read.get(event.id, "") + event.text
    assert read == ({"agent-1": "secret ", "h1": "hidden"} if allowed else {})
    over = [event for event in events if isinstance(event, Status) and event.state == "done"]
    assert all(event.seconds is not None for event in over)


# Whatever happens.


@tool(status="Raising…")
async def raises() -> None:
    raise KeyError("canary")


@tool(status="Failing…")
def fails() -> None:
    raise ToolError("the library is closed", for_model="canary")


@tool(status="Huge…")
def huge() -> str:
    return "canary" * 1_700_000


@tool(status="Hanging…", timeout=0.01)
async def hangs() -> None:
    await asyncio.Event().wait()


@tool(status="Showing…")
async def shows() -> AsyncIterator[Any]:
    yield CATALOG["Metric"](label="One", value=1)
    await asyncio.sleep(0)
    yield CATALOG["Metric"](label="Two", value=2)


TOOLS = (raises, fails, huge, hangs, shows)


def everything() -> Says:
    calls = [call(one.name, {"canary": 1} if i == 9 else {}, i) for i, one in enumerate(TOOLS)]
    bad = [call("canary", index=8), call("raises", '{"canary', 9)]
    thought = ThoughtPiece("canary")
    return Says(
        [thought, TextPiece("Well. <Card>in "), *calls, *bad, CALLS], [thought, TextPiece("Done."), STOP]
    )


def check(events: Sequence[Event]) -> None:
    """The laws: one end, no status and no widget left open, nothing hidden shown."""
    assert [isinstance(event, RunEnd) for event in events] == [False] * (len(events) - 1) + [True]
    open_lines: dict[str, str] = {}
    open_widgets: set[str] = set()
    for event in events:
        if isinstance(event, Status):
            open_lines[event.id] = event.state
        elif isinstance(event, RenderComponent):
            (open_widgets.add if event.state == "streaming" else open_widgets.discard)(event.id)
        elif isinstance(event, ComponentError) and event.id:
            open_widgets.discard(event.id)
    assert "running" not in open_lines.values()
    assert not open_widgets
    assert "canary" not in "".join(map(to_json, events))


async def test_tools_that_raise_hang_or_give_too_much_end_in_one_run_end() -> None:
    events = await events_of(everything(), *TOOLS)
    check(events)
    assert events[-1] == RunEnd("stop")
    assert ("Failing…", "failed", "the library is closed") in lines(events)


async def stopped_after(count: int) -> list[Event]:
    """All that the log of a run has when its user stops it after so many events."""
    runs, seen = Runs(), 0

    def hear(_: Event) -> None:
        nonlocal seen
        seen += 1
        if seen == count:
            asyncio.get_running_loop().call_soon(run.cut_short)

    class Stop:
        def cut_short(self) -> None:
            stopping.append(asyncio.ensure_future(runs.cancel(started.id)))

    stopping: list[asyncio.Future[None]] = []
    run = Stop()
    started = runs.start(run_of(everything(), *TOOLS), hear=hear)
    await started.ended.wait()
    await asyncio.gather(*stopping)
    events = await runs.so_far(started.id)
    await runs.close()
    return events


async def test_a_user_who_stops_at_any_event_leaves_nothing_behind() -> None:
    tasks, threads = asyncio.all_tasks(), set(threading.enumerate())
    for count in range(1, len(await events_of(everything(), *TOOLS)) + 1):
        check(await stopped_after(count))
        assert asyncio.all_tasks() == tasks
        for thread in set(threading.enumerate()) - threads:
            thread.join(5)
            assert not thread.is_alive()


async def test_a_reader_of_plain_text_serves_as_well() -> None:
    events = [event async for event in respond(everything(), ASK, PlainText(), tools=TOOLS)]
    assert events[-1] == RunEnd("stop")
