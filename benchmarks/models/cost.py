"""CPU a chunk from the socket on: the process's own time, divided by the chunks."""

from __future__ import annotations

import time
from collections.abc import AsyncIterator, Awaitable, Callable
from statistics import median
from typing import Any

import openai

from benchmarks.models.upstream import chat_body
from genui import Catalog, Recognizer
from genui.agent import OpenAIModel, TextPiece, respond
from genui.agent.answer import AnswerReader
from genui.agent.chunks import ChunkReader
from genui.agent.repetition import RepetitionGuard

ASK: list[Any] = [{"role": "user", "content": "How were sales?"}]

_CHUNK = b'"content":'

Contender = Callable[[str], Awaitable[int]]
"""Reads one whole answer of the server at a base URL; how many chunks of text came."""


async def _count(things: AsyncIterator[Any], wanted: Callable[[Any], bool]) -> int:
    return sum([1 async for thing in things if wanted(thing)])


def _is_text(thing: Any) -> bool:
    return type(thing).__name__ in ("TextPiece", "Text")


async def _pieces(url: str, **settings: Any) -> int:
    model = OpenAIModel("m", base_url=url, api_key="x", **settings)
    count = await _count(model.stream(ASK, ()), _is_text)
    await model.aclose()
    return count


async def _events(url: str, **settings: Any) -> int:
    model = OpenAIModel("m", base_url=url, api_key="x", **settings)
    count = await _count(respond(model, ASK, Recognizer(Catalog.builtin())), _is_text)
    await model.aclose()
    return count


async def _decoded(url: str) -> int:
    """From the bytes to the events, with neither a socket nor an HTTP library."""
    reader, check = AnswerReader(ChunkReader()), RepetitionGuard().check
    recognizer = Recognizer(Catalog.builtin())
    count = 0
    for frame in chat_body(int(url.split("/")[-2])):
        for piece in reader.feed(frame):
            check(piece)
            if isinstance(piece, TextPiece):
                count += len(recognizer.feed(piece.text))
    return count


async def _raw(url: str) -> int:
    """What the HTTP library alone costs."""
    async with openai.AsyncOpenAI(base_url=url, api_key="x") as client:
        create = client.chat.completions.with_streaming_response.create
        async with create(model="m", messages=ASK, stream=True) as response:
            count, tail = 0, b""
            async for data in response.iter_bytes():
                tail += data  # where a read may have cut one in two
                count += tail.count(_CHUNK)
                tail = tail[1 - len(_CHUNK) :]
            return count


async def _typed_chat(url: str) -> int:
    async with openai.AsyncOpenAI(base_url=url, api_key="x") as client:
        stream = await client.chat.completions.create(model="m", messages=ASK, stream=True)
        return await _count(stream, lambda chunk: bool(chunk.choices[0].delta.content))


async def _typed_responses(url: str) -> int:
    async with openai.AsyncOpenAI(base_url=url, api_key="x") as client:
        stream = await client.responses.create(model="m", input=ASK, stream=True)
        return await _count(stream, lambda event: event.type == "response.output_text.delta")


async def _responses_events(url: str) -> int:
    return await _events(url, api="responses")


CONTENDERS: dict[str, Contender] = {
    "**genui**, chat completions: from bytes in hand to events": _decoded,
    "the bytes alone, by the openai package": _raw,
    "**genui**, chat completions: pieces": _pieces,
    "**genui**, chat completions: events": _events,
    "**genui**, Responses: events": _responses_events,
    "openai's typed stream, chat completions": _typed_chat,
    "openai's typed stream, Responses": _typed_responses,
}


async def measure(address: str, *, chunks: int, pause: int, rounds: int) -> dict[str, float]:
    """Microseconds of CPU a chunk, for each contender, in turn; `pause` is between two chunks, in µs.

    Raises AssertionError where a contender did not read every chunk: its speed would mean nothing.
    """
    url = f"{address}/v1/{chunks}/{pause}"
    spent: dict[str, list[float]] = {name: [] for name in CONTENDERS}
    for number in range(rounds + 1):  # the first one only warms up
        for name, read in CONTENDERS.items():
            before = time.process_time()
            assert await read(url) == chunks, name
            if number:
                spent[name].append((time.process_time() - before) / chunks * 1e6)
    return {name: median(times) for name, times in spent.items()}
