"""Any model behind a server that speaks OpenAI's wire: OpenAI, vLLM, Ollama, llama.cpp, OpenRouter and more.

Two APIs, one class: what differs is the body of a request (`requests`) and the reader of its frames
(`chunks`, `responses`). The body of the answer is read as raw bytes by `answer`, because the openai
package's typed stream costs ten times as much CPU a chunk and stumbles over dialects that are understood
there; how it is asked for and waited for is `transport`.
"""

from __future__ import annotations

import contextlib
import copy
import os
from collections.abc import AsyncGenerator, Mapping, Sequence
from typing import Any

import openai

from genui.agent import connections, transport
from genui.agent.answer import AnswerReader, FrameReader
from genui.agent.chunks import ChunkReader
from genui.agent.constrain import Api, Constrain, Grammar
from genui.agent.model import Message, Piece, WaitPiece
from genui.agent.repetition import WINDOW, RepetitionGuard
from genui.agent.requests import chat_request, responses_request
from genui.agent.responses import ResponsesReader
from genui.agent.tools import Tool
from genui.agent.transport import BrokenError, Patience
from genui.catalog import Catalog
from genui.errors import ModelError

_CONNECT_TIMEOUT = 10.0

_OPTIONS = {
    "extra_body": "extra_json",
    "extra_headers": "headers",
    "extra_query": "params",
    "timeout": "timeout",
}
"""Of a request's parameters, those that are not of its body: as `create` calls them, and `post`."""


class OpenAIModel:
    """A model behind an OpenAI-wire server.

    `api` is "chat" (chat completions, which everybody has) or "responses". Times are in seconds:
    `first_timeout` is for everything up to the first bytes of an answer, `next_timeout` for each silence
    after it. A server that is busy is asked again, `retries` times, after the time that it asks for; all
    its waits together take at most `patience`. `repetition` is after how many characters a model that only
    repeats itself is stopped (0: never). `options` are further request parameters (`temperature` …),
    among them `extra_body`, `extra_headers` and `extra_query`, as the openai package has them. `client`
    brings settings of its own; without one, `api_key` and `base_url` are used, and without those
    OPENAI_API_KEY and OPENAI_BASE_URL.

    Raises ModelError (`model-auth`) when there is no API key for OpenAI itself; servers of one's own
    mostly need none.
    """

    def __init__(
        self,
        name: str,
        *,
        api: Api = "chat",
        api_key: str | None = None,
        base_url: str | None = None,
        client: openai.AsyncOpenAI | None = None,
        first_timeout: float = 120.0,
        next_timeout: float = 60.0,
        patience: float = 60.0,
        retries: int = 2,
        usage: bool = True,
        repetition: int = WINDOW,
        options: Mapping[str, Any] | None = None,
    ) -> None:
        self._name = name
        self._api = api
        self._client = (client or _client(api_key, base_url)).with_options(max_retries=0)
        self._patience = Patience(first_timeout, next_timeout, patience, retries)
        self._repetition = repetition
        self._grammar: Grammar | None = None
        self._options = dict(options or {})
        if usage and api == "chat":  # a few servers refuse the parameter: hence the switch
            self._options.setdefault("stream_options", {"include_usage": True})

    @property
    def name(self) -> str:
        return self._name

    def constrained(self, how: Constrain, catalog: Catalog) -> OpenAIModel:
        """The same model, which can write nothing but valid tags of this catalog: see `constrain`.

        Raises CallerError (`bad-constrain`).
        """
        model = copy.copy(self)
        model._grammar = Grammar(how, self._api, catalog)
        return model

    async def aclose(self) -> None:
        """Close the pool of connections; the model is of no use afterwards."""
        await self._client.close()

    async def stream(self, messages: Sequence[Message], tools: Sequence[Tool]) -> AsyncGenerator[Piece, None]:
        """One answer. Leaving the iterator closes the connection at once. Raises ModelError."""
        reader = AnswerReader(self._frames())
        check = RepetitionGuard(self._repetition).check if self._repetition else None
        broken = False
        body: transport.Body | None = None
        try:
            async with contextlib.aclosing(
                transport.answer(self._post(messages, tools), self._patience)
            ) as opening:
                async for opened in opening:
                    if isinstance(opened, WaitPiece):
                        yield opened
                    else:
                        body = opened
            while body is not None and (chunk := await body.next()):
                for piece in reader.feed(chunk):
                    if check is not None:
                        check(piece)
                    yield piece
                if reader.done:
                    await body.drain()
                    return
        except BrokenError:
            broken = True
        finally:
            if body is not None:
                await body.aclose()
        for piece in reader.close(broken=broken):
            yield piece

    def _frames(self) -> FrameReader:
        if self._api == "chat":
            return ChunkReader()
        return ResponsesReader(self._grammar.answer_tool if self._grammar else None)

    def _post(self, messages: Sequence[Message], tools: Sequence[Tool]) -> transport.Post:
        """By openai's `post`: its `create` walks through the whole conversation, to change nothing in it."""
        build = chat_request if self._api == "chat" else responses_request
        body = build(self._name, messages, tools) | self._options
        if self._grammar is not None:
            self._grammar.add_to(body)
        options: Any = {_OPTIONS[key]: body.pop(key) for key in _OPTIONS if key in body}
        path = "/chat/completions" if self._api == "chat" else "/responses"
        post: Any = self._client.post
        return lambda: post(
            path,
            cast_to=connections.httpx.Response,
            body=body,
            options={**options, "security": {"bearer_auth": True}},
            stream=True,
            stream_cls=openai.AsyncStream[Any],
        )


def _client(api_key: str | None, base_url: str | None) -> openai.AsyncOpenAI:
    if base_url or os.environ.get("OPENAI_BASE_URL"):
        api_key = api_key or os.environ.get("OPENAI_API_KEY") or "none"
    timeout = openai.Timeout(None, connect=_CONNECT_TIMEOUT)  # the rest is timed here, by token
    try:
        return openai.AsyncOpenAI(
            api_key=api_key, base_url=base_url, timeout=timeout, http_client=connections.client()
        )
    except openai.OpenAIError as error:
        raise ModelError(
            "model-auth",
            "There is no API key: set OPENAI_API_KEY, or OPENAI_BASE_URL for a server that needs none.",
        ) from error
