"""Tools that ask the user first: a run that waits for an action, through a real socket."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Sequence
from typing import Any

import pytest

import genui
from genui.agent import FinishPiece, Message, Piece, TextPiece, Tool, ToolCallPiece, respond, tool
from genui.events import ComponentData, Event, RenderComponent, RunEnd, RunStart, Status
from tests.plain import PlainText
from tests.service import STREAM, Service, asking, serving
from tests.sse import frames

BOOKED: list[str] = []
ASK = [{"role": "user", "content": "Hello"}]


@tool(status="Booking {hotel}…", confirm="Book {hotel} for {nights} nights?")
async def book(hotel: str, nights: int) -> str:
    """Book a room."""
    BOOKED.append(hotel)
    return f"booked {hotel} for {nights}"


class Books:
    """Calls `book` once, then says what came of it."""

    name = "books"

    async def stream(self, messages: Sequence[Message], tools: Sequence[Tool]) -> AsyncIterator[Piece]:
        assert tools
        results = [message["content"] for message in messages if message["role"] == "tool"]
        if results:
            yield TextPiece(f"I was told: {results[-1]}")
            yield FinishPiece("stop")
        else:
            yield ToolCallPiece(0, "id0", "book", json.dumps({"hotel": "Ritz", "nights": 2}))
            yield FinishPiece("tool_calls")


@pytest.fixture(autouse=True)
def _nothing_booked() -> None:
    BOOKED.clear()


def asked(**settings: Any) -> Any:
    return serving(tools=[book], **{"model": Books(), **settings})


async def question(events: AsyncIterator[Any]) -> tuple[str, str]:
    """The run, and the id of its question, once that can be answered."""
    run = ""
    async for frame in events:
        event = frame.event
        if isinstance(event, RunStart):
            run = event.run
        if isinstance(event, RenderComponent) and event.state == "complete":
            assert event.name == "Confirmation"
            assert event.props == {"question": "Book Ritz for 2 nights?"}
            return run, event.id
    raise AssertionError("nothing was asked")


async def reply(service: Service, run: str, component: str, action: str) -> Any:
    body = {"run": run, "component": component, "action": action}
    return await service.client.post("v1/actions", json=body)


def said(events: Sequence[Event]) -> str:
    return "".join(event.text for event in events if isinstance(event, genui.events.Text))


@pytest.mark.parametrize(
    ("action", "told", "booked"),
    [
        ("confirm", "booked Ritz for 2", ["Ritz"]),
        ("decline", "Error: The user declined. It was not done.", []),
    ],
)
async def test_a_tool_waits_for_the_answer_to_what_it_asks(action: str, told: str, booked: list[str]) -> None:
    async with asked() as service, service.stream() as stream:
        run, component = await question(stream)
        assert BOOKED == []
        answer = await reply(service, run, component, action)
        assert (answer.status_code, answer.json()) == (202, {"run": run, "once": True})
        rest = [frame.event async for frame in stream]
        assert said(rest) == f"I was told: {told}"
        assert booked == BOOKED
        answered = [event for event in rest if isinstance(event, ComponentData)]
        assert [event.ops for event in answered] == [[{"op": "set", "path": "/answer", "value": action}]]
        statuses = [(event.label, event.state) for event in rest if isinstance(event, Status)]
        wanted = [("Booking Ritz…", "running"), ("Booking Ritz…", "done")]
        assert statuses == (wanted if booked else []), "nothing seems to be done before it is confirmed"


async def test_a_question_outlives_everybody_who_follows_it() -> None:
    async with asked(grace=0.01) as service:
        async with service.stream() as stream:
            run, component = await question(stream)
        await asyncio.sleep(0.05)  # five times the grace of a run that nobody follows
        async with service.follow(run) as again:
            assert await question(again) == (run, component)
            await reply(service, run, component, "confirm")
            rest = [frame.event async for frame in again]
        assert rest[-1] == RunEnd("stop")
        assert BOOKED == ["Ritz"]


async def test_a_question_is_answered_once() -> None:
    async with asked() as service, service.stream() as stream:
        run, component = await question(stream)
        await reply(service, run, component, "decline")
        async for frame in stream:
            if isinstance(frame.event, ComponentData):
                break
        late = await reply(service, run, component, "confirm")
        assert (late.status_code, late.json()["error"]["code"]) == (409, "action-taken")
    assert BOOKED == []


@pytest.mark.parametrize(
    ("component", "action", "status", "code"),
    [(None, "pay", 403, "not-offered"), ("c9", "confirm", 409, "thread-busy")],
)
async def test_what_was_not_asked_cannot_be_answered(
    component: str | None, action: str, status: int, code: str
) -> None:
    async with asked() as service, service.stream() as stream:
        run, there = await question(stream)
        refused = await reply(service, run, component or there, action)
        assert (refused.status_code, refused.json()["error"]["code"]) == (status, code)
        await service.client.post(f"v1/runs/{run}/cancel")


async def test_a_run_that_is_stopped_takes_its_question_along() -> None:
    async with asked() as service:
        async with service.stream(render="html") as stream:
            run, component = await question(stream)
            await service.client.post(f"v1/runs/{run}/cancel")
            rest = [frame.event async for frame in stream]
        (answered,) = [event for event in rest if isinstance(event, ComponentData)]
        assert answered.ops == [{"op": "set", "path": "/answer", "value": "cancelled"}]
        assert "<button" not in str(answered.html)
        assert rest[-1] == RunEnd("cancelled")
        late = await reply(service, run, component, "confirm")
        assert late.json()["error"]["code"] == "action-taken"
    assert BOOKED == []


async def test_the_widget_is_drawn_with_its_buttons_then_with_its_answer() -> None:
    async with (
        asked() as service,
        service.client.stream("POST", "v1/runs", json=asking(render="html"), headers=STREAM) as response,
    ):
        stream = frames(response.aiter_bytes())
        drawn: list[str] = []
        async for frame in stream:
            event = frame.event
            if isinstance(event, RunStart):
                run = event.run
            if isinstance(event, RenderComponent | ComponentData) and event.html:
                drawn.append(event.html)
            if isinstance(event, RenderComponent) and event.state == "complete":
                await reply(service, run, event.id, "confirm")
        assert "Book Ritz for 2 nights?" in drawn[0]
        assert 'data-action="confirm"' in drawn[0]
        assert "Confirmed" in drawn[-1]
        assert "<button" not in drawn[-1]


async def test_a_question_that_nobody_answers_expires() -> None:
    @tool(confirm="Sure?", confirm_timeout=0.01)
    def act() -> str:
        raise AssertionError("it was never confirmed")

    class Acts(Books):
        async def stream(self, messages: Sequence[Message], tools: Sequence[Tool]) -> AsyncIterator[Piece]:
            assert tools
            if messages[-1]["role"] == "tool":
                yield TextPiece(messages[-1]["content"])
            else:
                yield ToolCallPiece(0, "id0", "act", "{}")

    inbox: asyncio.Queue[Any] = asyncio.Queue()
    held: list[bool] = []
    run = respond(Acts(), ASK, PlainText(), tools=[act], inbox=inbox, on_question=held.append)
    events = [event async for event in run]
    assert said(events) == "Error: The user did not answer in time. It was not done."
    assert ComponentData("t1", [{"op": "set", "path": "/answer", "value": "expired"}]) in events
    assert held == [True, False]


async def test_where_nobody_can_be_asked_nothing_is_done() -> None:
    events = [event async for event in respond(Books(), ASK, PlainText(), tools=[book])]
    assert said(events) == "I was told: Error: The user cannot be asked. It was not done."
    assert BOOKED == []


async def test_no_model_can_write_a_question() -> None:
    async with asked() as service:
        assert "Confirmation" not in (await service.client.get("v1/prompt")).text
        described = (await service.client.get("v1/components")).json()["components"]
        assert [one["name"] for one in described].count("Confirmation") == 1
        assert (await service.client.get("components/confirmation/script.js")).status_code == 200


@pytest.mark.parametrize(
    ("action", "told", "booked"),
    [
        ("confirm", "booked Ritz for 2", ["Ritz"]),
        ("decline", "Error: The user declined. It was not done.", []),
    ],
)
async def test_a_question_is_read_and_answered_through_another_worker(
    shared_url: str, action: str, told: str, booked: list[str]
) -> None:
    async with asked(store=shared_url) as one, asked(store=shared_url) as other, one.stream() as stream:
        run, component = await question(stream)
        async with other.follow(run) as afar:
            assert await question(afar) == (run, component)
            answer = await reply(other, run, component, action)
            assert (answer.status_code, answer.json()) == (202, {"run": run, "once": True})
            assert said([frame.event async for frame in afar]) == f"I was told: {told}"
        assert said([frame.event async for frame in stream]) == f"I was told: {told}"
        assert booked == BOOKED
        late = await reply(other, run, component, "confirm")
        assert (late.status_code, late.json()["error"]["code"]) == (409, "action-taken")
