"""What a model thinks, sends to tools and gets from them, and what its provider says of an error, is in
nothing that anybody can fetch: no protocol, thread, export or metric. The log has only the errors of it."""

from __future__ import annotations

import asyncio
import itertools
import logging
import threading
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from typing import Any

import pytest

from genui.agent import OpenAIModel, Tool, ToolError, tool
from genui.events import Event, RunEnd, Status, to_json
from tests.replay import Recording, ReplayServer, chunks_of, delta, random_chunks, refusal, sse
from tests.service import STREAM, Service, asking, run_of, serving
from tests.sse import Frame

SAID = "Sales rose."
TO_NOBODY = ("canary-thought", "canary-argument", "canary-result")
TO_THE_LOG = ("canary-raised", "canary-provider", "canary_tool")  # an operator has to know which tool failed
CANARIES = (*TO_NOBODY, *TO_THE_LOG)


@tool(name="canary_tool_gives", status="Looking…")
def gives(secret: str) -> dict[str, str]:
    return {"canary-result": secret}


@tool(name="canary_tool_raises")
def raises(secret: str) -> None:  # noqa: ARG001
    raise KeyError("canary-raised")


@tool(name="canary_tool_hangs", timeout=0.02)
async def hangs(secret: str) -> None:  # noqa: ARG001
    await asyncio.Event().wait()


@tool(name="canary_tool_tells", status="Telling…")
async def tells(secret: str) -> None:  # noqa: ARG001
    raise ToolError("it is closed", for_model="canary-result")


TOOLS: tuple[Tool, ...] = (gives, raises, hangs, tells)
CALLED = (*(one.name for one in TOOLS), "canary_tool_that_is_not")


def calls() -> list[dict[str, Any]]:
    """Of every tool and of one that there is not, each in two pieces; the last with broken arguments."""
    whole = [(index, name, '{"secret": "canary-', 'argument"}') for index, name in enumerate(CALLED)]
    pieces = [*whole, (len(CALLED), gives.name, '{"secret": "canary-arg', "ument")]
    return [
        delta(tool_calls=[call])
        for index, name, head, tail in pieces
        for call in (
            {"index": index, "id": f"call_{index}", "function": {"name": name, "arguments": head}},
            {"index": index, "function": {"arguments": tail}},
        )
    ]


TURN = sse(
    delta(reasoning_content="canary-thought"),
    delta(content="<think>canary-thought</think>Let me see. "),
    delta(content='<tool_call>{"name": "canary_tool_gives", "arguments": {"secret": "canary-'),
    delta(content='argument"}}</tool_call>'),
    *calls(),
    delta(finish="tool_calls"),
    "[DONE]",
)
THINKING = (delta(reasoning="canary-thought"), delta(content=f"{SAID} <Card>Up. "))
ANSWERS = {
    "an answer": sse(*THINKING, delta(content="</Card>"), delta(finish="stop"), "[DONE]"),
    "an error in the middle": sse(
        *THINKING,
        {"error": {"message": "canary-provider", "code": 502, "failed_generation": "canary-argument"}},
    ),
    "a thought that is cut off": sse(*THINKING, delta(content="</Card><think>canary-thought")),
}

Ask = Callable[[Service], Any]


def posting(path: str, body: dict[str, Any]) -> Ask:
    async def ask(service: Service) -> str:
        response = await service.client.post(path, json=body, headers=STREAM)
        assert response.status_code == 200, response.text
        return response.text

    return ask


SPOKEN = [{"id": "m1", "role": "user", "content": "Hi"}]
PARTS = [{"id": "m1", "role": "user", "parts": [{"type": "text", "text": "Hi"}]}]
PROTOCOLS: dict[str, Ask] = {
    **{
        f"genui/1, {render}": posting("v1/runs", asking(render=render))
        for render in ("props", "html", "both")
    },
    "AI SDK": posting("v1/ai-sdk/chat", {"id": "chat1", "messages": PARTS}),
    "AG-UI": posting(
        "v1/ag-ui",
        {"threadId": "t1", "runId": "r1", "messages": SPOKEN, "tools": [], "context": [], "state": {}},
    ),
    "A2UI": posting("v1/a2ui", asking()),
    "OpenAI": posting("v1/chat/completions", {"model": "m", "messages": SPOKEN, "stream": True}),
}


@asynccontextmanager
async def asked(last: bytes | Recording, seed: int) -> AsyncIterator[Service]:
    """The service before a model's server that calls tools and then answers with `last`, cut at random."""
    async with ReplayServer() as upstream:
        answer = last if isinstance(last, Recording) else Recording(last, sizes=random_chunks(seed))
        upstream.play(Recording(TURN, sizes=random_chunks(seed)), answer)
        model = OpenAIModel("m", base_url=upstream.url, api_key="sk-canary-argument", retries=0)
        async with serving(model=model, tools=TOOLS) as service:
            yield service
        await model.aclose()


async def told_later(service: Service) -> list[str]:
    """All that may be fetched of what has been said."""
    threads = (await service.client.get("v1/threads")).json()["threads"]
    paths = [f"v1/threads/{one['thread']}" for one in threads]
    forms = [f"{path}/export?format={form}" for path in paths for form in ("json", "markdown")]
    answers = [await service.client.get(path) for path in (*paths, *forms, "v1/threads", "metrics")]
    assert {answer.status_code for answer in answers} == {200}
    return [answer.text for answer in answers]


@pytest.mark.parametrize("answer", ANSWERS)
@pytest.mark.parametrize("protocol", PROTOCOLS)
async def test_nothing_hidden_leaves_by_any_protocol_thread_export_metric_or_record(
    protocol: str, answer: str, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG, logger="genui")
    async with asked(ANSWERS[answer], seed=len(protocol + answer)) as service:
        told = [await PROTOCOLS[protocol](service), *await told_later(service)]
    assert SAID in told[0]
    assert not [(canary, text) for text in told for canary in CANARIES if canary in text]
    ours = [record for record in caplog.records if record.name.startswith("genui")]
    logged = [logging.Formatter().format(record) for record in ours]
    assert not [(canary, line) for line in logged for canary in TO_NOBODY if canary in line]


async def test_what_a_provider_says_when_it_refuses_is_for_the_log_alone(
    caplog: pytest.LogCaptureFixture,
) -> None:
    async with asked(refusal(400, "canary-provider"), seed=1) as service:
        told = [await PROTOCOLS["genui/1, html"](service), *await told_later(service)]
    assert "model-error" in told[0]
    assert not [text for text in told for canary in CANARIES if canary in text]
    assert "canary-provider" in caplog.text
    assert "canary-raised" in caplog.text


async def test_a_user_who_stops_at_any_event_gets_one_end_and_leaves_no_task_socket_or_thread() -> None:
    """Through real sockets on both sides."""
    before = set(threading.enumerate())
    async with ReplayServer() as upstream:
        model = OpenAIModel("m", base_url=upstream.url, api_key="none", retries=0)
        async with serving(model=model, tools=TOOLS) as service:
            for count in itertools.count(1):
                answer = Recording(ANSWERS["an answer"], sizes=chunks_of(150), pace=0.002)
                upstream.play(Recording(TURN, sizes=chunks_of(150), pace=0.002), answer)
                events = await stopped(service, count)
                check(events)
                if count >= len(events):
                    break
                await service.idle()
        await model.aclose()
        for connection in upstream.connections:
            await asyncio.wait_for(connection.closed.wait(), 5)
    for thread in set(threading.enumerate()) - before:
        if not thread.name.startswith("asyncio"):  # the loop's own, which it keeps to resolve names
            thread.join(5)
            assert not thread.is_alive(), thread


async def stopped(service: Service, count: int) -> list[Event]:
    """The events of a run that its user stops after so many."""
    async with service.stream() as frames:
        events = [frame.event async for frame in aislice(frames, count)]
        await service.client.post(f"v1/runs/{run_of(events[0])}/cancel")
        return events + [frame.event async for frame in frames]


async def aislice(frames: AsyncIterator[Frame], count: int) -> AsyncIterator[Frame]:
    """The first `count`, or all that there are; the others can be read after."""
    for _ in range(count):
        try:
            yield await anext(frames)
        except StopAsyncIteration:
            return


def check(events: Sequence[Event]) -> None:
    assert [isinstance(event, RunEnd) for event in events] == [False] * (len(events) - 1) + [True]
    states = {event.id: event.state for event in events if isinstance(event, Status)}
    assert "running" not in states.values()
    assert not any(canary in to_json(event) for canary in CANARIES for event in events)
