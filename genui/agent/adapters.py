"""The streams of other packages, as the text that `genui.stream()` takes.

    from genui import Catalog, adapters, stream

    chunks = await client.chat.completions.create(model=…, messages=…, stream=True)
    async for event in stream(adapters.openai(chunks), Catalog.builtin()):
        ...

Each takes the package's own async stream and gives what was written for the user: thoughts, tool calls and
their results are left out. Nothing is imported: objects are known by the attributes that the packages
document, so an application brings whichever of them it uses, in its own version. Each closes its source when
it is left early, and what the source raises passes through.
"""

from __future__ import annotations

from collections.abc import AsyncGenerator, AsyncIterable, Callable, Iterable, Iterator
from typing import Any

from genui.agent.closing import closing

__all__ = ["langchain", "litellm", "openai", "pydantic_ai"]


def openai(source: AsyncIterable[Any]) -> AsyncGenerator[str, None]:
    """Of the openai package: the chunks of `chat.completions.create(stream=True)`, or the events of
    `responses.create(stream=True)` or of either's `stream()` helper."""
    return _texts(source, _of_openai)


def litellm(source: AsyncIterable[Any]) -> AsyncGenerator[str, None]:
    """Of `litellm.acompletion(stream=True)`, whose chunks are like openai's, or of its `aresponses`."""
    return _texts(source, _of_openai)


def langchain(source: AsyncIterable[Any]) -> AsyncGenerator[str, None]:
    """Of LangChain and LangGraph: `AIMessageChunk`s from a model's or a chain's `astream()`, and the pairs
    of message and metadata of a graph's `astream(stream_mode="messages")`."""
    return _texts(source, _of_langchain)


def pydantic_ai(source: AsyncIterable[Any]) -> AsyncGenerator[str, None]:
    """Of pydantic-ai: the events of `agent.run_stream_events()`, of a node's `stream()` or of an event
    stream handler; the deltas of `stream_text(delta=True)` need no adapter."""
    return _texts(source, _of_pydantic_ai)


async def _texts(
    source: AsyncIterable[Any], read: Callable[[Any], Iterable[str]]
) -> AsyncGenerator[str, None]:
    async with closing(source) as things:
        async for thing in things:
            for text in read(thing):
                if text:
                    yield text


def _of_openai(chunk: Any) -> Iterator[str]:
    if choices := getattr(chunk, "choices", None):
        if not getattr(choices[0], "index", 0):  # only the first answer, should several be written
            delta = choices[0].delta
            yield from _contents(getattr(delta, "content", None))
            yield getattr(delta, "refusal", None) or ""
        return
    kind = str(getattr(chunk, "type", ""))  # litellm has an enumeration of strings here
    if kind.endswith(("output_text.delta", "OUTPUT_TEXT_DELTA", "refusal.delta", "REFUSAL_DELTA")):
        yield chunk.delta


def _of_langchain(chunk: Any) -> Iterator[str]:
    message = chunk[0] if isinstance(chunk, tuple) else chunk
    if isinstance(message, str):  # the chain ends in a parser
        yield message
    elif getattr(message, "type", "") in ("AIMessageChunk", "ai"):  # and not a tool's, or the user's
        yield from _contents(message.content)


def _of_pydantic_ai(event: Any) -> Iterator[str]:
    kind = getattr(event, "event_kind", "")
    if kind == "part_start" and event.part.part_kind == "text":
        yield event.part.content
    elif kind == "part_delta" and event.delta.part_delta_kind == "text":
        yield event.delta.content_delta


def _contents(content: Any) -> Iterator[str]:
    """The text in a message's content: a string, or a list of strings and typed parts."""
    if isinstance(content, str):
        yield content
    elif content:
        for part in content:
            if isinstance(part, str):
                yield part
            elif isinstance(part, dict) and part.get("type") in ("text", "output_text"):
                yield part.get("text") or ""
