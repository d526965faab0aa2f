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

from genui.errors import CallerError
from genui.events import Json
from genui.runs import Run
from genui.server.answers import answer
from genui.server.attachments import noted, refusal
from genui.server.raw import Raw
from genui.server.requests import owner_of, parse
from genui.server.sending import Sender
from genui.server.service import Service
from genui.server.streams import disconnected
from genui.server.words import alt_of
from genui.wire import OpenAiChat, Prose, SaidInWords, completion

_ONCE = {"X-Should-Retry": "false"}
"""OpenAI's clients ask again after a 502. What failed was already tried again, and its tools have run."""

_ROLES = {"user": "user", "assistant": "assistant", "system": "system", "developer": "system"}

_SKIPPED = frozenset({"refusal", "thinking", "reasoning"})
"""Parts of earlier answers of which nothing is told to the model."""


class Content(BaseModel):
    """A part of a message's content."""

    type: str
    text: str = ""


class ChatMessage(BaseModel):
    """A message as OpenAI's clients send it. Those of tools are left out, and with them whatever another
    model did to call one: a client may have begun its conversation elsewhere."""

    role: Literal["user", "assistant", "system", "developer", "tool", "function"]
    content: Annotated[list[Content], Field(max_length=1000)] | str | None = None

    @property
    def attached(self) -> str | None:
        """What kind of picture or file is in it."""
        parts = self.content if isinstance(self.content, list) else []
        return next((part.type for part in parts if part.type != "text" and part.type not in _SKIPPED), None)

    def plain(self) -> dict[str, Any] | None:
        """As a model reads it; None where nothing is left."""
        words = self._words() if self.role in _ROLES else ""
        return {"role": _ROLES[self.role], "content": words} if words else None

    def _words(self) -> str:
        if not isinstance(self.content, list):
            return self.content or ""
        text = "\n\n".join(part.text for part in self.content if part.type == "text" and part.text)
        return noted(text) if self.attached else text


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
            Route("/v1/models/{model:path}", self.model),
        ]

    async def complete(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Begin a run; stream it, or answer when it has ended. Who leaves ends it."""
        request = parse(CompletionRequest, await self._sender.read(scope, receive))
        asked = next((message for message in reversed(request.messages) if message.role == "user"), None)
        if asked and asked.attached:
            raise refusal(asked.attached)
        messages = [plain for message in request.messages if (plain := message.plain()) is not None]
        if not messages:
            raise CallerError("no-messages", "There are no messages: the last must be the user's.")
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
        return answer({"object": "list", "data": [self._model()]})

    async def model(self, request: Request) -> Response:
        """The same by its name. Raises CallerError (`unknown-model`)."""
        model = self._model()
        if request.path_params["model"] != model["id"]:
            raise CallerError("unknown-model", f"There is one model, and it is called {model['id']}.", 404)
        return answer(model)

    def _model(self) -> dict[str, Any]:
        return {"id": self._service.model_name, "object": "model", "created": 0, "owned_by": "genui"}

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
        reply = answer(told, 502, _ONCE) if "error" in told else answer(told)
        await reply(scope, receive, send)

    def _words(self, name: str, props: Mapping[str, Json], data: Mapping[str, Json]) -> SaidInWords:
        component = self._service.shown.get(name)
        if component is None:
            return SaidInWords("", inline=False)
        return SaidInWords(alt_of(component, props, data) or "", component.inline)
