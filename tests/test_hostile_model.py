"""A model's server that means harm, or is broken: what it costs is bounded, and what comes of it an error."""

from __future__ import annotations

import asyncio
import contextlib
import gzip
import json
import logging
import tracemalloc
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from typing import Any

import pytest

from genui.agent import (
    FinishPiece,
    Message,
    OpenAIModel,
    Piece,
    TextPiece,
    ThoughtPiece,
    Tool,
    ToolCallPiece,
    UsagePiece,
    portions,
    respond,
    tool,
)
from genui.errors import ModelError
from genui.events import Event, RunEnd, Text
from tests.others import beside_others
from tests.plain import PlainText

ASK = [{"role": "user", "content": "Hi"}]
PIECE = b"x" * 65536
MOST = 64 * 1024 * 1024
"""What is sent without an end: far more than any limit, far less than a machine has."""

Answer = Callable[[asyncio.StreamWriter], Awaitable[None]]


def head(status: str = "200 OK", kind: str = "text/event-stream", *more: str) -> bytes:
    return "\r\n".join([f"HTTP/1.1 {status}", f"content-type: {kind}", *more, "", ""]).encode()


class Sender:
    """Answers with a beginning and then one piece over and over; knows how much it got rid of."""

    def __init__(self, begin: bytes, piece: bytes, end: bytes = b"", most: int = MOST) -> None:
        self.begin, self.piece, self.end, self.most = begin, piece, end, most
        self.sent = 0

    async def __call__(self, writer: asyncio.StreamWriter) -> None:
        writer.write(self.begin)
        while self.sent < self.most:
            writer.write(self.piece)
            await writer.drain()
            self.sent += len(self.piece)
        writer.write(self.end)


def saying(body: bytes) -> Answer:
    async def answer(writer: asyncio.StreamWriter) -> None:
        writer.write(body)

    return answer


@asynccontextmanager
async def answering(answer: Answer) -> AsyncIterator[str]:
    """The address of what answers each request so, and then closes the connection."""

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(ConnectionError, asyncio.IncompleteReadError):
            asked = await reader.readuntil(b"\r\n\r\n")
            await reader.readexactly(int(asked.lower().partition(b"content-length: ")[2].split()[0]))
            await answer(writer)
            await writer.drain()
        writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    try:
        yield f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    finally:
        server.close()


async def asked(url: str, **settings: Any) -> list[Piece]:
    model = OpenAIModel("m", base_url=f"{url}/v1", api_key="none", **{"retries": 0, **settings})
    try:
        return [piece async for piece in model.stream(ASK, ())]
    finally:
        await model.aclose()


async def pieces_of(answer: Answer, **settings: Any) -> list[Piece]:
    async with answering(answer) as url:
        return await asked(url, **settings)


async def code_of(answer: Answer, **settings: Any) -> str:
    """How an answer that is none fails."""
    with pytest.raises(ModelError) as failed:
        await pieces_of(answer, **settings)
    return failed.value.code


END = b'data: {"choices":[{"delta":{},"finish_reason":"stop"}]}\n\ndata: [DONE]\n\n'


def chunk(**members: Any) -> bytes:
    return b"data: " + json.dumps(members).encode() + b"\n\n"


def delta(**members: Any) -> bytes:
    return chunk(choices=[{"delta": members}])


CHUNKED = head("200 OK", "text/event-stream", "transfer-encoding: chunked")
ENDLESS = {
    "headers": (b"HTTP/1.1 200 OK\r\n", b"x-a: " + b"y" * 1000 + b"\r\n", "model-unreachable"),
    "one header": (b"HTTP/1.1 200 OK\r\nx-a: ", PIECE, "model-unreachable"),
    "words that it will come": (b"", b"HTTP/1.1 100 Continue\r\n\r\n" * 999, "model-unreachable"),
    "trailers": (CHUNKED + b"0\r\n", b"x-a: " + b"y" * 1000 + b"\r\n", "model-garbled"),
    "one trailer": (CHUNKED + b"0\r\nx-a: ", PIECE, "model-garbled"),
    "one line": (head() + b"data: ", PIECE, "model-garbled"),
    "lines of one frame": (head(), b"data: x\n" * 9999, "model-garbled"),
    "empty lines of one frame": (head(), b"data:\n" * 9999, "model-garbled"),
    "comments": (head(), b": beat\n\n" * 9999, "model-garbled"),
    "empty lines": (head(), b"\n" * 9999, "model-garbled"),
    "empty data": (head(), b"data:\n\n" * 9999, "model-garbled"),
    "names of events": (head(), b"event: a\n" * 9999, "model-garbled"),
    "empty names of events": (head(), b"event:\n" * 9999, "model-garbled"),
    "other fields": (head(), b"id: 1\nretry: 1\n" * 9999, "model-garbled"),
    "chunks without a word": (head(), b"data: {}\n\n" * 9999, "model-garbled"),
    "hardly a word": (head(), delta(content="a") + b"\r" * 9999, "model-garbled"),
    "one document": (head("200 OK", "application/json") + b'{"a": "', PIECE, "model-garbled"),
    "an error": (head("500 No", "application/json") + b'{"error": "', PIECE, "model-error"),
    "a refusal": (head("400 No", "text/html"), PIECE, "model-error"),
}


@pytest.mark.parametrize("what", ENDLESS)
async def test_what_has_no_end_is_given_up_after_a_bounded_number_of_bytes(what: str) -> None:
    begin, piece, code = ENDLESS[what]
    sender = Sender(begin, piece)
    assert await code_of(sender) in (code, "model-cut", "model-garbled")
    assert sender.sent < MOST // 2


@pytest.mark.parametrize("what", ["an error", "a refusal"])
async def test_an_error_without_an_end_that_a_proxy_brings_is_given_up_as_well(
    what: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    begin, piece, code = ENDLESS[what]
    sender = Sender(begin, piece)
    async with answering(sender) as proxy:
        monkeypatch.setenv("http_proxy", proxy)
        with pytest.raises(ModelError) as failed:
            await asked("http://model.example")
    assert failed.value.code == code
    assert sender.sent < MOST // 2


async def test_json_without_an_end_that_is_no_answer_is_given_up_as_well() -> None:
    sender = Sender(head(), b'data: {"a": "' + PIECE + b'"}\n\n', most=4 * MOST)
    assert await code_of(sender) == "model-garbled"
    assert sender.sent < 2 * MOST


@pytest.mark.parametrize("kept_alive", [b": beat\n\n", b"data:\n\n", b"data: null\n\n", b"data: {}\n\n"])
async def test_a_server_that_keeps_an_answer_alive_for_hours_is_heard_out(kept_alive: bytes) -> None:
    hours = kept_alive * 3 * 3600  # one each second
    assert await pieces_of(saying(head() + hours + delta(content="At last") + END)) == [
        TextPiece("At last"),
        FinishPiece("stop"),
    ]


@pytest.mark.parametrize("status", ["200 OK", "500 No"])
@pytest.mark.parametrize("proxied", [False, True])
async def test_a_small_answer_that_unfolds_to_a_huge_one_is_given_up_without_its_memory(
    status: str, proxied: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    bomb = gzip.compress(b"data: " + b"x" * 2 * MOST)
    answer = saying(head(status, "text/event-stream", "content-encoding: gzip") + bomb)
    async with answering(answer) as url:
        if proxied:
            monkeypatch.setenv("http_proxy", url)
            url = "http://model.example"
        tracemalloc.start()
        try:
            with pytest.raises(ModelError, match=r"not an answer|reported an error"):
                await asked(url)
            _, most = tracemalloc.get_traced_memory()
        finally:
            tracemalloc.stop()
    assert most < MOST // 2


@pytest.mark.parametrize(
    "frame",
    [
        b"data: " + b"[" * 100_000 + b"\n\n",
        b"data: " + b'{"choices":' * 2000 + b"\n\n",
        delta(refusal={"a": 1}),
        delta(refusal=[1]),
        delta(tool_calls=[{"id": "a", "function": {"name": {"a": 1}}}]),
        delta(tool_calls=[{"id": ["a"], "function": {"name": "a"}}]),
        delta(content=5),
        delta(reasoning_details=[{"text": 5}]),
        chunk(choices={"a": 1}),
        chunk(usage=[1]),
    ],
)
async def test_a_chunk_of_the_wrong_shape_is_garbled_and_no_fault_of_ours(frame: bytes) -> None:
    assert await code_of(saying(head() + frame + END)) == "model-garbled"
    assert await code_of(saying(head("200 OK", "application/json") + frame[6:])) in (
        "model-garbled",
        "model-cut",
    )


@pytest.mark.parametrize("event", ["response.output_text.done", "response.output_item.done"])
@pytest.mark.parametrize("odd", [{"a": 1}, [1], 7])
async def test_an_event_of_the_responses_api_of_the_wrong_shape_is_garbled(event: str, odd: object) -> None:
    item = {"type": "function_call", "call_id": odd, "name": odd, "arguments": "{}"}
    frame = chunk(type=event, text=odd, output_index=0, item=item)
    assert await code_of(saying(head() + frame), api="responses") == "model-garbled"


@pytest.mark.parametrize("odd", ["abc", -3, 1.5, True, [1], {"a": 1}, 10**400, 2.0**900, None])
async def test_what_is_no_number_of_tokens_counts_as_none(odd: object) -> None:
    frame = chunk(usage={"prompt_tokens": odd, "completion_tokens": 7})
    assert await pieces_of(saying(head() + frame + END)) == [UsagePiece(0, 7), FinishPiece("stop")]


async def test_infinite_tokens_count_as_none() -> None:
    frame = b'data: {"usage":{"prompt_tokens":NaN,"completion_tokens":1e400}}\n\n'
    assert await pieces_of(saying(head() + frame + END)) == [UsagePiece(0, 0), FinishPiece("stop")]


async def test_a_byte_order_mark_costs_no_words() -> None:
    body = b"\xef\xbb\xbf" + delta(content="first") + END
    assert await pieces_of(saying(head() + body)) == [TextPiece("first"), FinishPiece("stop")]


@pytest.mark.parametrize(
    ("body", "header"),
    [
        (b'{"error":{"code":[],"type":{}}}', "x-a: b"),
        (b"{}", "x-ratelimit-reset-requests: 1.2.3s"),
        (b"{}", "x-ratelimit-reset: ..s"),
        (b"{}", "retry-after: Mon, 01 Jan 0001 00:00:00 -0000"),
        (b"{}", "retry-after: 9e999"),
    ],
)
async def test_odd_words_of_a_busy_server_are_a_busy_server(body: bytes, header: str) -> None:
    assert await code_of(saying(head("429 No", "application/json", header) + body)) == "model-rate-limit"


@pytest.mark.parametrize("status", ["301 Moved", "302 Found", "307 Moved", "308 Moved"])
async def test_a_conversation_goes_to_no_other_server(status: str, caplog: pytest.LogCaptureFixture) -> None:
    visitors: list[object] = []
    thief = await asyncio.start_server(lambda _, writer: visitors.append(writer), "127.0.0.1", 0)
    place = f"http://127.0.0.1:{thief.sockets[0].getsockname()[1]}/v1/chat/completions"
    async with thief:
        code = await code_of(saying(head(status, "text/html", f"location: {place}", "content-length: 0")))
    assert code == "model-not-found"
    assert not visitors
    assert place in caplog.text, "whoever runs the server is told"


async def test_an_error_writes_one_line_into_the_log_and_nothing_over_it(
    caplog: pytest.LogCaptureFixture,
) -> None:
    body = b"<html>\x1b[2J\r\nERROR: all is lost\n\xe2\x80\xa8\x9b</html>"
    with caplog.at_level(logging.WARNING, "genui.agent"):
        await code_of(saying(head("502 No", "text/html") + body))
    (record,) = caplog.records
    assert not any(character in record.getMessage() for character in "\x1b\r\n\u2028\x9b")


class Writes:
    """A model that writes what it is told to, in its first turn, without ever waiting."""

    name = "writes"

    def __init__(self, *pieces: Piece) -> None:
        self.pieces = pieces
        self.taken = 0

    async def stream(self, messages: Sequence[Message], tools: Sequence[Tool]) -> AsyncIterator[Piece]:
        del tools
        for piece in self.pieces if len(messages) == 1 else ():
            self.taken += 1
            yield piece
        yield FinishPiece("stop")


async def ending(model: Writes, *tools: Tool) -> tuple[list[Event], RunEnd]:
    events = [event async for event in respond(model, ASK, PlainText("|"), tools=tools)]
    assert isinstance(events[-1], RunEnd)
    return events, events[-1]


async def test_a_model_that_calls_a_thousand_tools_at_once_is_stopped_and_none_has_run() -> None:
    ran: list[int] = []

    @tool
    def add(number: int) -> str:
        ran.append(number)
        return "added"

    calls = [ToolCallPiece(at, f"id{at}", "add", f'{{"number": {at}}}') for at in range(1000)]
    _, end = await ending(Writes(*calls), add)
    assert end.error is not None
    assert end.error["code"] == "agent-calls"
    assert not ran
    _, end = await ending(Writes(*calls[:128]), add)
    assert (end.reason, len(ran)) == ("stop", 128)


@pytest.mark.parametrize(
    "piece",
    [ThoughtPiece("x" * 99_999), ToolCallPiece(0, "id", "add", "x" * 99_999)],
)
async def test_what_nobody_is_shown_has_an_end_as_well(piece: Piece) -> None:
    model = Writes(*[piece] * 1000)
    _, end = await ending(model)
    assert end.error is not None
    assert end.error["code"] == "run-too-large"
    assert model.taken < 200


@pytest.mark.parametrize("piece", [UsagePiece(1, 1), ToolCallPiece(0, "id", "add")])
async def test_and_so_has_what_says_nothing(piece: Piece, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(portions, "LONGEST_ANSWER", 100_000)
    model = Writes(*[piece] * 100_000)
    _, end = await ending(model)
    assert end.error is not None
    assert end.error["code"] == "run-too-large"
    assert model.taken < 20_000


@pytest.mark.parametrize("pieces", [[TextPiece("word " * 20_000)], [TextPiece("word ")] * 20_000])
async def test_a_model_that_writes_much_at_once_lets_everybody_else_have_a_turn(pieces: list[Piece]) -> None:
    async with beside_others() as others:
        events, end = await ending(Writes(*pieces))
    assert end.reason == "stop"
    assert "".join(one.text for one in events if isinstance(one, Text)) == "word " * 20_000 + "|"
    assert others.turns > 90
