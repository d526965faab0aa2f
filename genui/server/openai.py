"""OpenAI's chat completions as a proxy: any chat client shows a readable answer. docs/protocols.md.

Such a client keeps its conversation itself and never comes back to a run: nothing of it stands in a thread,
and a run ends with its request.
"""

from __future__ import annotations

import time
from collections.abc import Mapping
from typing import Annotated, Any, Literal

from pydantic import BaseModel, Field
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route
from starlette.types import Receive, Scope, Send

from genui.events import Json
from genui.runs import Run
from genui.server.answers import answer
from genui.server.raw import Raw
from genui.server.requests import owner_of, parse
from genui.server.sending import Sender
from genui.server.service import Service
from genui.server.streams import disconnected
from genui.server.words import alt_of
from genui.wire import OpenAiChat, Prose, SaidInWords, completion

_ROLES = {"user": "user", "assistant": "assistant", "system": "system", "developer": "system"}


class TextContent(BaseModel):
    """A part of a message's content."""

    type: Literal["text"]
    text: str


class ChatMessage(BaseModel):
    """A message as OpenAI's clients send it."""

    role: Literal["user", "assistant", "system", "developer"]
    content: str | Annotated[list[TextContent], Field(max_length=1000)]

    def plain(self) -> dict[str, Any]:
        parts = self.content
        content = parts if isinstance(parts, str) else "\n\n".join(part.text for part in parts)
        return {"role": _ROLES[self.role], "content": content}


class StreamOptions(BaseModel):
    """What else a stream shall tell."""

    include_usage: bool = False


class CompletionRequest(BaseModel):
    """The body of POST /v1/chat/completions. What is not named here is ignored: the model is ours."""

    messages: Annotated[list[ChatMessage], Field(min_length=1, max_length=1000)]
    stream: bool | None = False
    stream_options: StreamOptions | None = None


class OpenAiRoutes:
    """Handlers over one service."""

    def __init__(self, service: Service, sender: Sender) -> None:
        self._service = service
        self._sender = sender

    def routes(self) -> list[Route]:
        return [
            Route("/v1/chat/completions", Raw(self.complete), methods=["POST"]),
            Route("/v1/models", self.models),
        ]

    async def complete(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Begin a run; stream it, or answer when it has ended. Who leaves ends it."""
        request = parse(CompletionRequest, await self._sender.read(scope, receive))
        messages = [message.plain() for message in request.messages]
        run = self._service.complete(messages, owner_of(scope))
        try:
            if request.stream:
                await self._stream(run, request, scope, receive, send)
            else:
                await self._whole(run, scope, receive, send)
        finally:
            await self._service.runs.cancel(run.id)

    async def models(self, _: Request) -> Response:
        """Who answers, as OpenAI's clients ask."""
        model = {"id": self._service.model_name, "object": "model", "created": 0, "owned_by": "genui"}
        return answer({"object": "list", "data": [model]})

    async def _stream(
        self, run: Run, request: CompletionRequest, scope: Scope, receive: Receive, send: Send
    ) -> None:
        usage = request.stream_options is not None and request.stream_options.include_usage
        prose = Prose(self._words)
        encoder = OpenAiChat(prose, self._service.model_name, int(time.time()), usage=usage)
        follower = await self._service.runs.follow(run.id)
        await self._sender.send(scope, send, follower, disconnected(receive), encoder)

    async def _whole(self, run: Run, scope: Scope, receive: Receive, send: Send) -> None:
        with await self._service.runs.follow(run.id) as follower:
            async for _ in follower:
                pass
        events = await self._service.runs.so_far(run.id)
        told = completion(events, Prose(self._words), self._service.model_name, int(time.time()))
        await answer(told, 502 if "error" in told else 200)(scope, receive, send)

    def _words(self, name: str, props: Mapping[str, Json], data: Mapping[str, Json]) -> SaidInWords:
        component = self._service.shown.get(name)
        if component is None:
            return SaidInWords("", inline=False)
        return SaidInWords(alt_of(component, props, data) or "", component.inline)
