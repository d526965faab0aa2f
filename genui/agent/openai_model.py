"""Any model that speaks OpenAI's chat completions: OpenAI, vLLM, Ollama, llama.cpp, OpenRouter and others.

The `openai` package does what it does best: configuration, authentication, retries with back-off, errors.
The body of the answer is read as raw bytes by `answer`, because the package's typed stream costs ten times
as much CPU a chunk and stumbles over dialects that are understood there.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import os
from collections.abc import AsyncGenerator, AsyncIterator, Mapping, Sequence
from typing import Any

import openai

from genui.agent import failures
from genui.agent.answer import AnswerReader
from genui.agent.model import Message, Piece
from genui.agent.tools import Tool
from genui.errors import ModelError

log = logging.getLogger("genui.agent")

_CONNECT_TIMEOUT = 10.0
_DRAIN_TIMEOUT = 0.25


class OpenAIModel:
    """A model behind an OpenAI-wire server.

    Times are in seconds: `first_timeout` is for everything up to the first bytes of the answer, retries and
    all, `next_timeout` for each silence after it. `options` are further request parameters (`temperature`
    …). `client` brings settings of its own; without one, `api_key` and `base_url` are used, and without
    those OPENAI_API_KEY and OPENAI_BASE_URL.

    Raises ModelError (`model-auth`) when there is no API key for OpenAI itself; servers of one's own
    mostly need none.
    """

    def __init__(
        self,
        name: str,
        *,
        api_key: str | None = None,
        base_url: str | None = None,
        client: openai.AsyncOpenAI | None = None,
        first_timeout: float = 120.0,
        next_timeout: float = 60.0,
        retries: int = 2,
        usage: bool = True,
        options: Mapping[str, Any] | None = None,
    ) -> None:
        self._name = name
        self._client = client or _client(api_key, base_url, retries)
        self._first_timeout = first_timeout
        self._next_timeout = next_timeout
        self._options = dict(options or {})
        if usage:  # a few servers refuse the parameter: hence the switch
            self._options.setdefault("stream_options", {"include_usage": True})

    @property
    def name(self) -> str:
        return self._name

    async def aclose(self) -> None:
        """Close the pool of connections; the model is of no use afterwards."""
        await self._client.close()

    async def stream(self, messages: Sequence[Message], tools: Sequence[Tool]) -> AsyncGenerator[Piece, None]:
        """One answer. Leaving the iterator closes the connection at once. Raises ModelError."""
        reader = AnswerReader()
        broken = False
        async with contextlib.aclosing(self._body(self._request(messages, tools))) as body:
            try:
                async for chunk in body:
                    for piece in reader.feed(chunk):
                        yield piece
                    if reader.done:
                        await _drain(body)
                        return
            except _BrokenError:
                broken = True
        for piece in reader.close(broken=broken):
            yield piece

    def _request(self, messages: Sequence[Message], tools: Sequence[Tool]) -> dict[str, Any]:
        request: dict[str, Any] = {"model": self._name, "messages": list(messages), "stream": True}
        if tools:
            request["tools"] = [_offer(tool) for tool in tools]
        return request | self._options

    async def _body(self, request: dict[str, Any]) -> AsyncGenerator[bytes, None]:
        """The bytes of the answer, as they come. Raises ModelError, or _BrokenError midway."""
        async with contextlib.AsyncExitStack() as stack:
            try:
                async with asyncio.timeout(self._first_timeout):
                    response = await self._open(request, stack)
                    body = response.iter_bytes()
                    chunk = await _next(body, self._first_timeout)
            except TimeoutError as error:
                raise failures.failed("model-timeout") from error
            if response.headers.get("content-type", "").startswith("application/json"):
                yield b"data: "  # a server that does not stream: its one JSON document is made one frame
                chunk = await self._whole(chunk, body)
            while chunk:
                yield chunk
                chunk = await _next(body, self._next_timeout)

    async def _open(self, request: dict[str, Any], stack: contextlib.AsyncExitStack) -> Any:
        completions: Any = self._client.chat.completions.with_streaming_response
        try:
            return await stack.enter_async_context(completions.create(**request))
        except openai.OpenAIError as error:
            raise failures.from_openai(error) from error

    async def _whole(self, chunk: bytes, body: AsyncIterator[bytes]) -> bytes:
        chunks = [chunk]
        while chunk := await _next(body, self._next_timeout):
            chunks.append(chunk)
        return b"".join(chunks).replace(b"\r", b" ").replace(b"\n", b" ")


class _BrokenError(Exception):
    """The transport failed while the body was being read."""


def _client(api_key: str | None, base_url: str | None, retries: int) -> openai.AsyncOpenAI:
    if base_url or os.environ.get("OPENAI_BASE_URL"):
        api_key = api_key or os.environ.get("OPENAI_API_KEY") or "none"
    try:
        return openai.AsyncOpenAI(
            api_key=api_key,
            base_url=base_url,
            max_retries=retries,
            timeout=openai.Timeout(None, connect=_CONNECT_TIMEOUT),  # the rest is timed here, by token
        )
    except openai.OpenAIError as error:
        raise ModelError(
            "model-auth",
            "There is no API key: set OPENAI_API_KEY, or OPENAI_BASE_URL for a server that needs none.",
        ) from error


def _offer(tool: Tool) -> dict[str, Any]:
    function = {"name": tool.name, "description": tool.description, "parameters": tool.parameters}
    return {"type": "function", "function": function}


async def _next(body: AsyncIterator[bytes], seconds: float) -> bytes:
    """The next bytes; none at the end. Whatever HTTP library openai brought, and whatever that raises, a
    failure while reading is a broken connection."""
    try:
        async with asyncio.timeout(seconds):
            return await anext(body, b"")
    except TimeoutError as error:
        raise failures.failed("model-timeout") from error
    except Exception as error:
        log.warning("the model's connection broke: %s: %s", type(error).__name__, error)
        raise _BrokenError from error


async def _drain(body: AsyncIterator[bytes]) -> None:
    """Read to the end of a body whose last word is known: a connection is used again only then."""
    with contextlib.suppress(TimeoutError, ModelError, _BrokenError):
        async with asyncio.timeout(_DRAIN_TIMEOUT):
            async for _ in body:
                pass
