"""The loop, its tools and its statuses, with models that say what the test wants."""

from __future__ import annotations

import asyncio
import contextlib
import json
import threading
from collections.abc import AsyncIterator, Awaitable, Sequence
from typing import Annotated, Any, Literal

import pytest
from pydantic import BaseModel, Field

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
    stream,
    tool,
)
from genui.agent.budget import Budget
from genui.agent.labels import Label
from genui.catalog import Catalog
from genui.errors import ModelError
from genui.events import Event, RunEnd, RunStart, Status, Text
from tests.plain import PlainText

ASK = [{"role": "user", "content": "Hello"}]


class Says:
    """A model that says one list of pieces a turn; an exception among them is raised, an event waited for."""

    name = "says"

    def __init__(self, *turns: Sequence[Piece | Exception | asyncio.Event]) -> None:
        self.turns = list(turns)
        self.asked: list[list[Message]] = []
        self.offered: list[str] = []
        self.left = False

    async def stream(self, messages: Sequence[Message], tools: Sequence[Tool]) -> AsyncIterator[Piece]:
        self.asked.append(list(messages))
        self.offered = [tool.name for tool in tools]
        try:
            for piece in self.turns.pop(0):
                if isinstance(piece, Exception):
                    raise piece
                if isinstance(piece, asyncio.Event):
                    await piece.wait()
                else:
                    yield piece
        finally:
            self.left = True


STOP = FinishPiece("stop")
CALLS = FinishPiece("tool_calls")
ANSWER = (TextPiece("Done."), STOP)


def call(name: str, arguments: Any = None, index: int = 0) -> ToolCallPiece:
    text = arguments if isinstance(arguments, str) else json.dumps(arguments or {})
    return ToolCallPiece(index, f"id{index}", name, text)


async def events_of(model: Says, *tools: Tool, **how: Any) -> list[Event]:
    return [event async for event in respond(model, ASK, PlainText("|"), tools=tools, **how)]


def statuses(events: Sequence[Event]) -> list[tuple[str, str]]:
    return [(event.label, event.state) for event in events if isinstance(event, Status)]


def outcomes(events: Sequence[Event]) -> list[tuple[str, str, str | None]]:
    """How each line ended."""
    over = [event for event in events if isinstance(event, Status) and event.state != "running"]
    return [(event.label, event.state, event.reason) for event in over]


def results(model: Says) -> list[str]:
    """What the model was told in its last turn."""
    return [message["content"] for message in model.asked[-1] if message["role"] == "tool"]


# The loop.


async def test_an_answer_is_its_text_then_the_recognizers_rest_then_one_end() -> None:
    events = await events_of(Says([TextPiece("Hel"), TextPiece("lo"), STOP, UsagePiece(3, 2)]))
    usage = {"input_tokens": 3, "output_tokens": 2}
    assert events == [Text("Hel"), Text("lo"), Text("|"), RunEnd("stop", usage=usage)]


@pytest.mark.parametrize(
    ("pieces", "end"),
    [
        ([STOP], RunEnd("stop")),
        ([], RunEnd("stop")),
        ([FinishPiece("length")], RunEnd("length")),
        ([CALLS], RunEnd("stop")),
        ([call("f"), CALLS], RunEnd("stop")),
        ([call("f"), FinishPiece("length")], RunEnd("length")),
    ],
)
async def test_each_reason_to_finish_is_a_reason_to_end(pieces: list[Piece], end: RunEnd) -> None:
    assert (await events_of(Says(pieces)))[-1] == end


async def test_the_providers_filter_is_an_error_that_says_so() -> None:
    end = (await events_of(Says([TextPiece("Well"), FinishPiece("content_filter")])))[-1]
    assert isinstance(end, RunEnd)
    assert end.error is not None
    assert end.error["code"] == "model-content-filter"


async def test_a_thought_is_one_status_and_its_text_is_nowhere() -> None:
    thought = ThoughtPiece("canary")
    events = await events_of(Says([thought, thought, TextPiece("Hi"), thought, STOP]))
    assert statuses(events) == [("Thinking…", "running"), ("Thinking…", "done")] * 2
    assert len({event.id for event in events if isinstance(event, Status)}) == 2
    assert "canary" not in repr(events)
    assert isinstance(events[1], Status), "thinking is over before the text that follows it"


async def test_a_wait_that_the_model_asks_for_is_a_status_until_it_goes_on() -> None:
    events = await events_of(
        Says([WaitPiece(2.4), WaitPiece(0.1), ThoughtPiece("Hm"), TextPiece("Hi"), STOP])
    )
    assert statuses(events) == [
        ("The model is busy. It is asked again in 2 s…", "running"),
        ("The model is busy. It is asked again in 2 s…", "done"),
        ("The model is busy. It is asked again in 1 s…", "running"),
        ("The model is busy. It is asked again in 1 s…", "done"),
        ("Thinking…", "running"),
        ("Thinking…", "done"),
    ]


@pytest.mark.parametrize(
    ("error", "code"),
    [(ModelError("model-cut", "The line went dead."), "model-cut"), (KeyError("canary"), "internal")],
)
async def test_a_model_that_raises_ends_the_run_in_order(
    error: Exception, code: str, caplog: pytest.LogCaptureFixture
) -> None:
    *_, thinking, rest, failed, end = await events_of(Says([ThoughtPiece("Hm"), UsagePiece(1, 1), error]))
    assert isinstance(thinking, Status)
    assert rest == Text("|")
    assert isinstance(failed, Status)
    assert (failed.id, failed.label, failed.state) == (thinking.id, thinking.label, "failed")
    assert isinstance(end, RunEnd)
    assert (end.reason, end.error and end.error["code"]) == ("error", code)
    assert end.usage == {"input_tokens": 1, "output_tokens": 1}
    assert "canary" not in repr(end)
    assert bool(caplog.records) == (code == "internal")


async def test_a_cancelled_run_closes_what_is_open_and_passes_the_cancellation_on() -> None:
    model = Says([TextPiece("Hi"), ThoughtPiece("Hm"), asyncio.Event()])
    events: list[Event] = []
    thinking = asyncio.Event()

    async def read() -> None:
        async for event in respond(model, ASK, PlainText("|")):
            events.append(event)
            if isinstance(event, Status):
                thinking.set()

    reading = asyncio.create_task(read())
    await thinking.wait()
    await asyncio.sleep(0)
    reading.cancel()
    await asyncio.wait([reading])
    assert reading.cancelled()
    assert model.left
    assert events[-2] == Text("|")
    assert statuses(events) == [("Thinking…", "running"), ("Thinking…", "failed")]
    assert not any(isinstance(event, RunEnd) for event in events)


async def test_leaving_at_any_event_leaves_the_model_and_no_task_behind() -> None:
    @tool
    async def slow() -> str:
        await asyncio.sleep(0)
        return "ok"

    def model() -> Says:
        return Says([ThoughtPiece("Hm"), TextPiece("Hi"), call("slow"), CALLS], ANSWER)

    tasks = asyncio.all_tasks()
    for count in range(1, len(await events_of(model(), slow)) + 1):
        left = model()
        async with contextlib.aclosing(respond(left, ASK, PlainText("|"), tools=[slow])) as events:
            for _ in range(count):
                await anext(events)
        assert left.left
        assert asyncio.all_tasks() == tasks


# Tools in the loop.


async def test_a_tools_result_goes_back_to_the_model_and_its_status_to_the_reader() -> None:
    @tool(status="Looking up {city}…")
    def weather(city: str) -> dict[str, float]:
        """The weather."""
        return {"temp": 21.5 if city == "Oslo" else 0.0}

    model = Says(
        [TextPiece("Let me see."), call("weather", {"city": "Oslo"}), CALLS, UsagePiece(5, 2)],
        [*ANSWER, UsagePiece(9, 3)],
    )
    events = await events_of(model, weather, system="Be kind.")
    assert statuses(events) == [("Looking up Oslo…", "running"), ("Looking up Oslo…", "done")]
    assert "".join(event.text for event in events if isinstance(event, Text)) == "Let me see.\n\nDone.|"
    assert events[-1] == RunEnd("stop", usage={"input_tokens": 14, "output_tokens": 5})
    system, question, said, result = model.asked[1]
    assert (system, question) == ({"role": "system", "content": "Be kind."}, ASK[0])
    assert said["content"] == "Let me see."
    assert said["tool_calls"][0]["function"] == {"name": "weather", "arguments": '{"city": "Oslo"}'}
    assert result == {"role": "tool", "tool_call_id": "id0", "content": '{"temp":21.5}'}


async def test_the_callers_messages_are_not_changed() -> None:
    @tool
    def f() -> str:
        return "ok"

    messages = [*ASK]
    model = Says([call("f"), CALLS], ANSWER)
    async for _ in respond(model, messages, PlainText("|"), tools=[f]):
        pass
    assert messages == ASK


async def test_calls_of_one_turn_run_at_the_same_time_and_answer_in_their_order() -> None:
    second_ran = asyncio.Event()

    @tool(status="One…")
    async def one() -> str:
        await second_ran.wait()
        return "1"

    @tool(status="Two…")
    async def two() -> str:
        second_ran.set()
        return "2"

    model = Says([call("one", index=0), call("two", index=1), CALLS], ANSWER)
    events = await events_of(model, one, two)
    assert results(model) == ["1", "2"]
    started, ended = statuses(events)[:2], statuses(events)[2:]
    assert started == [("One…", "running"), ("Two…", "running")]
    assert sorted(ended) == [("One…", "done"), ("Two…", "done")]


async def test_a_sync_tool_runs_in_a_thread_of_its_own() -> None:
    threads: list[threading.Thread] = []

    @tool
    def f() -> None:
        threads.append(threading.current_thread())

    model = Says([call("f"), CALLS], ANSWER)
    await events_of(model, f)
    assert threads[0] is not threading.current_thread()
    assert results(model) == ["null"]


def _raises(error: Exception) -> Tool:
    @tool(name="f", status="Searching…")
    async def f() -> str:
        raise error

    return f


@pytest.mark.parametrize(
    ("called", "offered", "told", "ended"),
    [
        (
            call("f"),
            _raises(KeyError("canary")),
            "Error: KeyError: 'canary'",
            ("Searching…", "it did not work"),
        ),
        (
            call("f"),
            _raises(ToolError("the library is closed", for_model="Closed on Sundays.")),
            "Error: Closed on Sundays.",
            ("Searching…", "the library is closed"),
        ),
        (
            call("f", {"canary": 1}),
            _raises(KeyError()),
            "Error: The arguments are invalid. canary: Unexpected keyword argument",
            ("Searching…", "the request made no sense"),
        ),
        (
            call("f", '{"canary'),
            _raises(KeyError()),
            "Error: The arguments are invalid. arguments: Invalid JSON: EOF while parsing a string",
            ("Searching…", "the request made no sense"),
        ),
        (
            call("canary"),
            _raises(KeyError()),
            "Error: There is no tool 'canary'. There are: f.",
            ("Working…", "there is no such tool"),
        ),
    ],
)
async def test_a_tool_that_fails_tells_the_model_why_and_the_reader_only_what_is_fit(
    called: ToolCallPiece, offered: Tool, told: str, ended: tuple[str, str]
) -> None:
    model = Says([called, CALLS], ANSWER)
    events = await events_of(model, offered)
    assert outcomes(events) == [(ended[0], "failed", ended[1])]
    assert results(model)[0].startswith(told)
    assert "canary" not in repr(events)
    assert events[-1] == RunEnd("stop")
    arguments = model.asked[1][-2]["tool_calls"][0]["function"]["arguments"]
    assert isinstance(json.loads(arguments), dict), "broken JSON is never sent back"


async def test_a_tool_that_hangs_is_stopped_at_its_timeout() -> None:
    @tool(timeout=0.01)
    async def hangs() -> None:
        await asyncio.Event().wait()

    model = Says([call("hangs"), CALLS], ANSWER)
    assert outcomes(await events_of(model, hangs)) == [("Working…", "failed", "it took too long")]
    assert results(model) == ["Error: it took too long"]


async def test_a_cancelled_run_cancels_its_tools() -> None:
    started, stopped = asyncio.Event(), asyncio.Event()

    @tool(status="Waiting…")
    async def waits() -> None:
        started.set()
        try:
            await asyncio.Event().wait()
        finally:
            stopped.set()

    events: list[Event] = []

    async def read() -> None:
        async for event in respond(Says([call("waits"), CALLS]), ASK, PlainText("|"), tools=[waits]):
            events.append(event)  # noqa: PERF401 (the task is cancelled midway)

    reading = asyncio.create_task(read())
    await started.wait()
    reading.cancel()
    await asyncio.wait([reading])
    assert stopped.is_set()
    assert statuses(events) == [("Waiting…", "running"), ("Waiting…", "failed")]


async def test_a_model_that_never_stops_calling_is_stopped() -> None:
    @tool
    def again() -> str:
        return "again"

    model = Says(*((call("again"), CALLS) for _ in range(3)))
    end = (await events_of(model, again, options=AgentOptions(steps=3)))[-1]
    assert isinstance(end, RunEnd)
    assert end.error is not None
    assert end.error["code"] == "agent-steps"
    assert model.turns == []


async def test_a_result_too_long_to_read_is_cut() -> None:
    @tool
    def everything() -> str:
        return "x" * 10_000_000

    model = Says([call("everything"), CALLS], ANSWER)
    await events_of(model, everything)
    assert len(results(model)[0]) < 200_000


async def test_a_models_own_tools_are_offered_beside_the_applications() -> None:
    @tool
    def mine() -> str:
        return "mine"

    @tool
    def its() -> str:
        return "its"

    class Brings(Says):
        tools = (its,)

    model = Brings(ANSWER)
    await events_of(model, mine)
    assert model.offered == ["its", "mine"]


async def test_a_tool_that_cancels_itself_fails_and_the_run_goes_on() -> None:
    @tool
    async def quits() -> None:
        raise asyncio.CancelledError

    model = Says([call("quits"), CALLS], ANSWER)
    events = await events_of(model, quits)
    assert outcomes(events) == [("Working…", "failed", "it did not work")]
    assert events[-1] == RunEnd("stop")


# Tools themselves.


async def given(tool: Tool, arguments: Any) -> Any:
    (value,) = [value async for value in tool.values(arguments)]
    return value


class Place(BaseModel):
    """Where."""

    city: str
    country: str = "France"


async def test_a_tool_is_described_by_its_signature_and_docstring() -> None:
    @tool
    async def forecast(
        place: Place, days: Annotated[int, Field(gt=0)] = 3, unit: Literal["C", "F"] = "C"
    ) -> str:
        """The forecast.

        It is updated hourly.

        Args:
            place: Where it is for.
            days (int): How many days,
                from today.

        Returns:
            Prose.
        """
        return f"{place.city} {days} {unit}"

    assert forecast.name == "forecast"
    assert forecast.description == "The forecast.\n\nIt is updated hourly."
    properties = forecast.parameters["properties"]
    assert properties["days"]["description"] == "How many days, from today."
    assert properties["days"]["exclusiveMinimum"] == 0
    assert properties["unit"]["enum"] == ["C", "F"]
    assert forecast.parameters["required"] == ["place"]
    assert await forecast(Place(city="Nice")) == "Nice 3 C", "the function can be called as before"
    arguments = forecast.check('{"place": {"city": "Lyon"}, "days": "2"}')
    assert await given(forecast, arguments) == "Lyon 2 C"


async def test_a_status_names_arguments_in_one_short_line() -> None:
    @tool(status="Finding {what} in {where} ({how})…")
    def find(what: str, where: str = "Rome", how: float = 2.0) -> None: ...

    def label(arguments: str) -> str:
        return find.status.fill(find.check(arguments)[1])

    assert label('{"what": "a\\n bar"}') == "Finding a bar in Rome (2)…"
    assert find.status.fill({}) == "Finding … in … (…)…"
    assert len(label(json.dumps({"what": "x" * 999}))) < 120


async def test_a_tool_without_a_status_says_nothing_of_itself() -> None:
    @tool
    def canary() -> None: ...

    assert "canary" not in canary.status.fill({})


async def test_a_function_that_only_returns_an_awaitable_is_awaited() -> None:
    async def later() -> str:
        return "later"

    @tool
    def now() -> Awaitable[str]:
        return later()

    assert await given(now, now.check("{}")) == "later"


async def test_methods_and_empty_arguments_are_fine() -> None:
    class Shop:
        def count(self, of: str = "apples") -> str:
            return f"3 {of}"

    counting = tool(Shop().count)
    assert counting.name == "count"
    assert list(counting.parameters["properties"]) == ["of"]
    assert await given(counting, counting.check("")) == "3 apples"


# A stream of one's own.


async def source(*texts: Any) -> AsyncIterator[Any]:
    for text in texts:
        if isinstance(text, Exception):
            raise text
        yield text


CATALOG = Catalog.from_json_schema({"$defs": {"Note": {"properties": {"text": {"type": "string"}}}}})


async def test_a_stream_of_text_becomes_one_run() -> None:
    start, *texts, end = [event async for event in stream(source("Hel", "lo"), CATALOG)]
    assert isinstance(start, RunStart)
    assert "".join(event.text for event in texts if isinstance(event, Text)) == "Hello"
    assert end == RunEnd("stop")


@pytest.mark.parametrize(
    ("error", "code"),
    [(ModelError("model-cut", "It went dead."), "model-cut"), (OSError("canary"), "internal")],
)
async def test_a_source_that_raises_ends_the_run_in_an_error(error: Exception, code: str) -> None:
    *_, text, end = [event async for event in stream(source("Hello", error), CATALOG)]
    assert text == Text("Hello")
    assert isinstance(end, RunEnd)
    assert end.error is not None
    assert end.error["code"] == code
    assert "canary" not in repr(end)


async def test_a_source_of_something_else_than_text_is_told_so() -> None:
    end = [event async for event in stream(source(b"Hello"), CATALOG)][-1]
    assert isinstance(end, RunEnd)
    assert end.error is not None
    assert end.error["code"] == "source-not-text"
    assert "bytes" in end.error["message"]


async def test_a_stream_that_is_left_closes_its_source() -> None:
    left = asyncio.Event()

    async def endless() -> AsyncIterator[str]:
        try:
            while True:
                yield "word "
        finally:
            left.set()

    events = stream(endless(), CATALOG)
    await anext(events)
    await anext(events)
    await events.aclose()
    assert left.is_set()


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        (None, "…"),
        (True, "yes"),
        (False, "no"),
        (["Rome", None, 2.0], "Rome, …, 2"),
        ({"city": "Rome", "days": [1, 2]}, "city: Rome, days: 1, 2"),
        (2.5, "2.5"),
    ],
)
def test_a_status_tells_an_argument_in_words(value: object, shown: str) -> None:
    assert Label("For {it}").fill({"it": value}) == f"For {shown}"


async def test_a_run_that_is_cancelled_while_a_set_is_asked_for_its_tools_leaves_no_timer(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    asked = asyncio.Event()
    begun: list[float | None] = []

    class Slow:
        confirm = False

        async def tools(self) -> Sequence[Tool]:
            asked.set()
            await asyncio.sleep(60)
            return []

        async def close(self) -> None: ...

    class Counted(Budget):
        def __init__(self, seconds: float | None) -> None:
            begun.append(seconds)
            super().__init__(seconds)

        def close(self) -> None:
            begun.clear()
            super().close()

    monkeypatch.setattr("genui.agent.loop.Budget", Counted)

    async def read() -> None:
        async for _ in respond(Says(), [], PlainText(), tools=[Slow()]):
            pass

    task = asyncio.ensure_future(read())
    await asked.wait()
    task.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await task
    assert begun == []
