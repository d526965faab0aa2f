"""What servers that speak OpenAI's wire do differently, each as a named case: over a real socket, cut at
random bytes, the client's events are the same every time, and nothing hidden is in any of them."""

from __future__ import annotations

import asyncio
import json
import threading
import time
from collections.abc import AsyncIterator
from email.utils import formatdate
from typing import Any

import pytest

from genui.agent import OpenAIModel, TextPiece, WaitPiece, respond, tool
from genui.agent.transport import asked_wait
from genui.catalog import Catalog
from genui.events import Event, RenderComponent, RunEnd, Status, Text, to_json
from genui.markup import Recognizer
from tests.replay import WHOLE, Recording, ReplayServer, chunks_of, delta, random_chunks, refusal, sse

CATALOG = Catalog.from_json_schema(
    {"$defs": {"Gauge": {"properties": {"value": {"type": "integer"}}, "required": ["value"]}}}
)
ASK = [{"role": "user", "content": "?"}]
CANARY = "canary"
STOP = delta(finish="stop")
DONE = "[DONE]"
SAID = [delta(content=piece) for piece in ("It is ", "<Gau", 'ge value="2', '1"/>', " now.")]
USAGE = {"prompt_tokens": 3, "completion_tokens": 2}


def called(**part: Any) -> dict[str, Any]:
    return delta(tool_calls=[part])


def frames(*lines: str) -> bytes:
    return "".join(f"{line}\n\n" for line in lines).encode()


CALL = {"id": "call_1", "type": "function", "function": {"name": "look", "arguments": '{"word": "canary"}'}}

ANSWERS: dict[str, bytes] = {
    "openai: a role first, usage last in a chunk without choices": sse(
        delta(role="assistant", content="", refusal=None), *SAID, STOP, {"choices": [], "usage": USAGE}, DONE
    ),
    "azure: a filter's verdict first, without a delta": sse(
        {"choices": [], "prompt_filter_results": [{"content_filter_results": {"hate": {"filtered": False}}}]},
        *SAID,
        {"choices": [{"index": 0, "content_filter_offsets": {}, "finish_reason": None}]},
        STOP,
        DONE,
    ),
    "vllm: content null, usage in every chunk": sse(
        delta(role="assistant", content=None), *({**said, "usage": USAGE} for said in SAID), STOP, DONE
    ),
    "vllm: the reason to stop beside an empty delta and a stop_reason": sse(
        *SAID,
        {"choices": [{"index": 0, "delta": {"content": ""}, "finish_reason": "stop", "stop_reason": 151645}]},
    ),
    "vllm, sglang: reasoning_content before content": sse(
        delta(reasoning_content=CANARY), delta(reasoning_content=CANARY, content=None), *SAID, STOP, DONE
    ),
    "ollama: reasoning, and no usage ever": sse(delta(content="", reasoning=CANARY), *SAID, STOP, DONE),
    "llama.cpp: timings, no blank after the colon": b"".join(
        sse({**said, "timings": {"predicted_ms": 1.5}}).replace(b"data: ", b"data:") for said in [*SAID, STOP]
    )
    + b"data:[DONE]\n\n",
    "openrouter: comments, reasoning beside reasoning_details": b": OPENROUTER PROCESSING\n\n"
    + sse(
        delta(reasoning=CANARY, reasoning_details=[{"type": "reasoning.text", "text": CANARY}]),
    )
    + b": OPENROUTER PROCESSING\n\n"
    + sse(*SAID, STOP, DONE),
    "openrouter: reasoning that is encrypted": sse(
        delta(
            content="", reasoning=None, reasoning_details=[{"type": "reasoning.encrypted", "data": CANARY}]
        ),
        *SAID,
        STOP,
        DONE,
    ),
    "groq: usage under x_groq": sse(
        {**delta(role="assistant"), "x_groq": {"id": "req_1"}},
        *SAID,
        {**STOP, "x_groq": {"usage": USAGE}},
        DONE,
    ),
    "mistral: content in typed parts": sse(
        delta(content=[{"type": "thinking", "thinking": [{"type": "text", "text": CANARY}]}]),
        *(delta(content=[{"type": "text", "text": said["choices"][0]["delta"]["content"]}]) for said in SAID),
        delta(content=[{"type": "reference", "reference_ids": [1]}]),
        STOP,
        DONE,
    ),
    "deepseek: keep-alive comments and an empty last choice": b": keep-alive\n\n"
    + sse(*SAID)
    + b": keep-alive\n\n"
    + sse(delta(content="", reasoning_content=None, finish="stop"), DONE),
    "thoughts in tags in the text": sse(
        delta(content="<thi"), delta(content=f"nk>{CANARY}</"), delta(content="think>"), *SAID, STOP, DONE
    ),
    "no reason to finish": sse(*SAID, DONE),
    "no [DONE]": sse(*SAID, STOP),
    "no blank line at the end": sse(*SAID, STOP).rstrip(),
    "CRLF": sse(*SAID, STOP, DONE, end=b"\r\n"),
    "CR alone": sse(*SAID, STOP, DONE, end=b"\r"),
    "event and id lines": b"".join(b"event: message\nid: 7\n" + sse(said) for said in [*SAID, STOP])
    + sse(DONE),
    "a chunk on several data lines": b"".join(
        json.dumps(said, indent=1).replace("\n", "\ndata: ").join(["data: ", "\n\n"]).encode()
        for said in [*SAID, STOP]
    ),
    "a second choice that nobody asked for": sse(
        *(x for said in SAID for x in (said, {"choices": [{"index": 1, "delta": {"content": CANARY}}]})),
        STOP,
        DONE,
    ),
    "a server that cannot stream": sse(
        {
            "choices": [
                {
                    "message": {"content": 'It is <Gauge value="21"/> now.', "reasoning": CANARY},
                    "finish_reason": "stop",
                }
            ],
            "usage": USAGE,
        }
    ),
    "frames that hold nothing": frames("data:", "data: null", "") + sse(*SAID, STOP, DONE),
}

TOOL_CALLS: dict[str, bytes] = {
    "openai: by index, in pieces": sse(
        called(index=0, id="call_1", type="function", function={"name": "look", "arguments": ""}),
        *(called(index=0, function={"arguments": part}) for part in ('{"wo', 'rd": "can', 'ary"}')),
        delta(finish="tool_calls"),
        DONE,
    ),
    "ollama: whole, in one chunk, finished with stop": sse(called(index=0, **CALL), STOP, DONE),
    "mistral: whole, without an index": sse(called(**CALL), delta(finish="tool_calls"), DONE),
    "gemini: index 0, arguments whole": sse(called(index=0, **CALL), delta(finish="tool_calls"), DONE),
    "arguments as an object, without an id": sse(
        called(function={"name": "look", "arguments": {"word": CANARY}}), delta(finish="tool_calls"), DONE
    ),
    "in pieces, without index or id": sse(
        called(function={"name": "look", "arguments": '{"word": '}),
        called(function={"arguments": '"canary"}'}),
        delta(finish="tool_calls"),
        DONE,
    ),
    "name and id in every piece": sse(
        *(
            called(index=0, id="call_1", function={"name": "look", "arguments": part})
            for part in ('{"word"', ': "canary"}')
        ),
        delta(finish="tool_calls"),
        DONE,
    ),
    "no reason to finish": sse(called(index=0, **CALL), DONE),
}

BREAKS: dict[str, tuple[bytes, str]] = {
    "an error object after 200": (sse({"error": {"message": CANARY, "code": 502}}), "model-error"),
    "an error as a string": (sse({"error": CANARY}), "model-error"),
    "openrouter: an error beside a choice": (
        sse({"error": {"code": 429, "message": CANARY}, **delta(content="", finish="error")}),
        "model-rate-limit",
    ),
    "vllm: an error that is the chunk": (
        sse({"object": "error", "message": CANARY, "type": "BadRequestError", "code": 400}),
        "model-error",
    ),
    "groq: a tool call that failed to parse": (
        frames(f'event: error\ndata: {{"error":{{"message":"{CANARY}","failed_generation":"{CANARY}"}}}}'),
        "model-error",
    ),
    "deepseek: overloaded": (sse(delta(content="", finish="insufficient_system_resource")), "model-error"),
    "a proxy's page": (b"<html>canary</html>\n\n", "model-cut"),
    "half a chunk, then the end": (sse(STOP)[:40], "model-cut"),
}


@tool(status="Looking it up…")
def look(word: str) -> str:
    """Looks a word up."""
    return f"{word} result"


@pytest.fixture
async def server() -> AsyncIterator[ReplayServer]:
    async with ReplayServer() as server:
        yield server


@pytest.fixture
async def asked(server: ReplayServer) -> AsyncIterator[OpenAIModel]:
    model = OpenAIModel("m", base_url=server.url, api_key="sk-canary", retries=0)
    yield model
    await model.aclose()


async def events_of(asked: OpenAIModel, *tools: Any) -> list[Event]:
    return [event async for event in respond(asked, ASK, Recognizer(CATALOG), tools=tools)]


async def same_events(
    server: ReplayServer, asked: OpenAIModel, *bodies: bytes, tools: Any = ()
) -> list[Event]:
    """A run's summary, which is the same at every cutting and shows nothing hidden."""
    cuts = [
        lambda: chunks_of(WHOLE),
        *((lambda seed=seed: random_chunks(seed, most=50)) for seed in range(4)),
    ]
    told = []
    for cut in cuts:
        server.play(*(Recording(body, sizes=cut()) for body in bodies))  # type: ignore[no-untyped-call]
        told.append(summary(await events_of(asked, *tools)))
    assert all(each == told[0] for each in told)
    assert CANARY not in "".join(map(to_json, told[0]))
    assert [event for event in told[0] if isinstance(event, RunEnd)] == told[0][-1:]
    return told[0]


def summary(events: list[Event]) -> list[Event]:
    """Text in one piece, and of components and statuses the last word: how fine they stream depends on the
    wire, and how long a status took on the clock."""
    text = "".join(event.text for event in events if isinstance(event, Text))
    kept = [
        e
        for e in events
        if isinstance(e, RunEnd) or (isinstance(e, RenderComponent) and e.state == "complete")
    ]
    states = {e.id: Status(e.id, e.label, e.state) for e in events if isinstance(e, Status)}
    return [*states.values(), Text(text), *kept]


@pytest.mark.parametrize("name", ANSWERS)
async def test_an_answer_is_understood_in_every_dialect(
    name: str, server: ReplayServer, asked: OpenAIModel
) -> None:
    *statuses, text, gauge, end = await same_events(server, asked, ANSWERS[name])
    assert isinstance(text, Text)
    assert text.text.strip() == "It is  now."
    assert isinstance(gauge, RenderComponent)
    assert gauge.props == {"value": 21}
    assert isinstance(end, RunEnd)
    assert end.reason == "stop"
    assert all(isinstance(status, Status) and status.state == "done" for status in statuses)


@pytest.mark.parametrize("name", TOOL_CALLS)
async def test_a_tool_call_is_understood_in_every_dialect(
    name: str, server: ReplayServer, asked: OpenAIModel
) -> None:
    answer = sse(delta(content="Done."), STOP, DONE)
    events = await same_events(server, asked, TOOL_CALLS[name], answer, tools=[look])
    assert server.requests[-1]["messages"][-1]["content"] == "canary result"
    assert Text("Done.") in events
    assert [event.state for event in events if isinstance(event, Status)] == ["done"]


@pytest.mark.parametrize("name", BREAKS)
async def test_a_stream_that_breaks_ends_in_one_error_after_what_it_said(
    name: str, server: ReplayServer, asked: OpenAIModel
) -> None:
    body, code = BREAKS[name]
    *_, text, end = await same_events(server, asked, sse(delta(reasoning=CANARY), delta(content="Hi")) + body)
    assert text == Text("Hi")
    assert isinstance(end, RunEnd)
    assert end.error is not None
    assert end.error["code"] == code


# Busy servers.


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({"retry-after": "7"}, 7),
        ({"retry-after-ms": "250", "retry-after": "1"}, 0.25),
        ({"retry-after": formatdate(1_000_030, usegmt=True)}, 30),
        ({"x-ratelimit-remaining-requests": "0", "x-ratelimit-reset-requests": "6m0s"}, 360),
        ({"x-ratelimit-remaining-tokens": "0", "x-ratelimit-reset-tokens": "1.5s"}, 1.5),
        ({"x-ratelimit-reset-tokens": "20ms"}, 0.02),
        (
            {
                "x-ratelimit-remaining-tokens": "0",
                "x-ratelimit-reset-tokens": "2m59.56s",
                "x-ratelimit-remaining-requests": "99",
                "x-ratelimit-reset-requests": "24h0m0s",
            },
            179.56,
        ),
        ({"x-ratelimit-reset": "1000012000000"}, 1_000_012_000 - 1_000_000),
        ({"retry-after": "soon"}, None),
        ({"retry-after": "-3"}, None),
        ({}, None),
    ],
)
def test_how_long_to_wait_is_read_from_what_servers_say(
    headers: dict[str, str], seconds: float | None
) -> None:
    expected = None if seconds is None else pytest.approx(seconds)
    assert asked_wait(headers, now=1_000_000) == expected


async def test_a_busy_server_is_asked_again_when_it_says_and_the_user_is_told(server: ReplayServer) -> None:
    asked = OpenAIModel("m", base_url=server.url, api_key="x")
    server.play(refusal(429, headers={"retry-after": "1"}), Recording(sse(delta(content="Hi"), STOP)))
    began = time.monotonic()
    pieces = [piece async for piece in asked.stream(ASK, ())]
    await asked.aclose()
    assert pieces[:2] == [WaitPiece(1.0), TextPiece("Hi")]
    assert time.monotonic() - began >= 1.0
    assert len(server.requests) == 2


@pytest.mark.parametrize(
    ("answer", "settings"),
    [
        (refusal(429, headers={"retry-after": "3600"}), {}),
        (refusal(429, headers={"retry-after": "2"}), {"patience": 1.0}),
        (refusal(429, headers={"retry-after": "0", "x-should-retry": "false"}), {}),
        (refusal(429, headers={"retry-after": "0"}), {"retries": 0}),
        (
            Recording(
                b'{"error": {"code": "insufficient_quota", "message": "canary"}}',
                429,
                {"content-type": "application/json", "retry-after": "0"},
            ),
            {},
        ),
    ],
)
async def test_a_wait_that_is_too_long_or_of_no_use_is_the_error_at_once(
    answer: Recording, settings: Any, server: ReplayServer
) -> None:
    asked = OpenAIModel("m", base_url=server.url, api_key="x", **settings)
    server.play(answer)
    (end,) = await events_of(asked)
    await asked.aclose()
    assert isinstance(end, RunEnd)
    assert end.error is not None
    assert end.error["code"] == "model-rate-limit"
    assert len(server.requests) == 1


# Faults: each run ends in one run-end, and nothing of it is left.


@pytest.mark.parametrize(
    ("said", "hidden"),
    [
        ([delta(content="so very ")] * 4000, False),
        ([delta(content="\n")] * 20000, False),
        ([delta(reasoning="hm, ")] * 8000, True),
        ([called(index=0, id="a", function={"name": "look", "arguments": "[0,"})] * 8000, True),
    ],
)
async def test_a_model_that_repeats_itself_without_end_is_stopped(
    said: list[Any], hidden: bool, server: ReplayServer, asked: OpenAIModel
) -> None:
    server.play(Recording(sse(*said), stall_at=WHOLE))
    events = await events_of(asked, look)
    end = events[-1]
    assert isinstance(end, RunEnd)
    assert end.error is not None
    assert end.error["code"] == "model-repeats"
    assert len([event for event in events if isinstance(event, Text)]) == 0 or not hidden
    await asyncio.wait_for(server.connections[0].closed.wait(), 5)


async def test_what_only_looks_repetitive_is_let_through(server: ReplayServer, asked: OpenAIModel) -> None:
    table = [delta(content=f"| {row} | 0 | 0 | 0 |\n") for row in range(2000)]
    server.play(Recording(sse(*table, delta(content="0, " * 2000), STOP)))
    end = (await events_of(asked))[-1]
    assert isinstance(end, RunEnd)
    assert end.reason == "stop"


FAULTS: dict[str, tuple[Recording, dict[str, Any]]] = {
    "no answer": (Recording(b"", stall_at=-1), {"first_timeout": 0.05}),
    "no first token": (Recording(b"", stall_at=0), {"first_timeout": 0.05}),
    "silence in the middle": (Recording(sse(*SAID), stall_at=WHOLE), {"next_timeout": 0.05}),
    "cut in the middle": (Recording(sse(*SAID), cut_at=60), {}),
    "a refusal": (refusal(500, CANARY), {}),
    "a stream of nothing": (Recording(b""), {}),
}


@pytest.mark.parametrize("name", FAULTS)
async def test_a_fault_ends_in_one_error_and_leaves_no_task_socket_or_thread(
    name: str, server: ReplayServer
) -> None:
    recording, settings = FAULTS[name]
    asked = OpenAIModel("m", base_url=server.url, api_key="x", retries=0, **settings)
    server.play(recording)
    tasks, threads = len(asyncio.all_tasks()), threading.active_count()
    events = await events_of(asked)
    assert [event for event in events if isinstance(event, RunEnd)] == events[-1:]
    assert isinstance(events[-1], RunEnd)
    assert events[-1].reason == "error"
    await asked.aclose()
    for connection in server.connections:
        await asyncio.wait_for(connection.closed.wait(), 5)
    while len(asyncio.all_tasks()) > tasks:  # noqa: ASYNC110 (the server's own, on their way out)
        await asyncio.sleep(0.01)
    assert threading.active_count() <= threads + 1  # one that the loop keeps, to resolve names
