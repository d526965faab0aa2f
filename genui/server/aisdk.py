"""The routes of the AI SDK: its chat's id is our thread. docs/protocols.md describes them.

`useChat` owns its conversation, and sends all of it each time: cut off where the reader asks again, changed
where an earlier question was. So what it sends is the truth. As far as it says what the thread holds, the
thread's own turns stand, with all that our answers are; what follows is taken from the client, its answers
as the markup that their parts come to.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Sequence
from typing import Annotated, Any, Literal, TypeAlias

from pydantic import BaseModel, Discriminator, Field, Tag
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route
from starlette.types import Receive, Scope, Send

from genui.errors import CallerError
from genui.events import Event, RenderComponent, Text
from genui.runs import Act, Answered, Follower, Run, Said, Turn, UnknownThreadError, new_id
from genui.server.answers import answer
from genui.server.attachments import noted, refusal
from genui.server.raw import Raw
from genui.server.requests import ActionRequest, Render, owner_of, parse
from genui.server.retell import markup_of
from genui.server.sending import Sender
from genui.server.service import Service
from genui.server.streams import disconnected
from genui.wire import AiSdk


class TextPart(BaseModel):
    """Text, at the top of a message or in a component."""

    type: Literal["text"]
    text: str
    providerMetadata: dict[str, Any] | None = None  # noqa: N815 (theirs)

    @property
    def parent(self) -> str | None:
        """The component that it stands in."""
        ours = (self.providerMetadata or {}).get("genui")
        parent = ours.get("parent") if isinstance(ours, dict) else None
        return parent if isinstance(parent, str) else None


class Shown(BaseModel):
    """A component, as our encoder tells it."""

    name: str
    state: str
    props: dict[str, Any]
    parent: str | None = None


class ComponentPart(BaseModel):
    """A component of an earlier answer."""

    type: Literal["data-component"]
    id: str
    data: Shown


class Done(BaseModel):
    """What a reader did with a component."""

    run: Annotated[str, Field(max_length=200)]
    component: Annotated[str, Field(max_length=200)]
    action: Annotated[str, Field(min_length=1, max_length=1000)]
    values: Annotated[dict[str, Any], Field(max_length=200)] = {}


class ActionPart(BaseModel):
    """An action, as a user's message."""

    type: Literal["data-action"]
    data: Done


class OtherPart(BaseModel):
    """A part of which nothing is read: a source, a step, a status, what the model thought."""

    type: str


def _tag(part: Any) -> str:
    kind = part.get("type") if isinstance(part, dict) else getattr(part, "type", None)
    return kind if kind in ("text", "data-component", "data-action") else "other"


Part: TypeAlias = Annotated[
    Annotated[TextPart, Tag("text")]
    | Annotated[ComponentPart, Tag("data-component")]
    | Annotated[ActionPart, Tag("data-action")]
    | Annotated[OtherPart, Tag("other")],
    Discriminator(_tag),
]


class UIMessage(BaseModel):
    """A message as `useChat` keeps it."""

    id: str = ""
    role: Literal["user", "assistant", "system"]
    parts: Annotated[list[Part], Field(max_length=10_000)]

    @property
    def attached(self) -> bool:
        """Whether a picture or file is in it."""
        return self.role == "user" and any(part.type == "file" for part in self.parts)

    @property
    def text(self) -> str:
        text = "\n\n".join(part.text for part in self.parts if isinstance(part, TextPart) and part.text)
        return noted(text) if self.attached else text

    @property
    def done(self) -> Done | None:
        """What it says that the reader did."""
        return next((part.data for part in self.parts if isinstance(part, ActionPart)), None)


class ChatRequest(BaseModel):
    """The body of POST /v1/ai-sdk/chat: what DefaultChatTransport sends, and `render`, which its `body` may
    add."""

    id: Annotated[str, Field(pattern=r"^[A-Za-z0-9_-]{1,128}$")]
    messages: Annotated[list[UIMessage], Field(min_length=1, max_length=1000)]
    render: Render = "props"


class AiSdkRoutes:
    """Handlers over one service."""

    def __init__(self, service: Service, sender: Sender) -> None:
        self._service = service
        self._sender = sender

    def routes(self) -> list[Route]:
        return [
            Route("/v1/ai-sdk/chat", Raw(self.chat), methods=["POST"]),
            Route("/v1/ai-sdk/chat/{id}/stream", Raw(self.resume), methods=["GET"]),
            Route("/v1/ai-sdk/chat/{id}/stop", self.stop, methods=["POST"]),
        ]

    async def chat(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Begin a run and stream it."""
        request = parse(ChatRequest, await self._sender.read(scope, receive))
        run = await self._begin(request, owner_of(scope), thoughts=await self._sender.thoughts(scope))
        await self._stream(await self._service.runs.follow(run.id), scope, receive, send)

    async def resume(self, scope: Scope, receive: Receive, send: Send) -> None:
        """The run that answers now, from its beginning, as their client expects; 204 when there is none."""
        run, owner = None, owner_of(scope)
        with contextlib.suppress(UnknownThreadError):  # a chat in which nothing was said yet
            run = await self._service.answering(scope["path_params"]["id"], owner)
        if run is None:
            await Response(status_code=204)(scope, receive, send)
        else:
            await self._stream(await self._service.follow(run, owner), scope, receive, send)

    async def stop(self, request: Request) -> Response:
        """End the run that answers now. Their `stop()` only stops reading, as if to come back."""
        run = await self._service.stop(request.path_params["id"], owner_of(request.scope))
        return answer({"run": run})

    async def _stream(self, follower: Follower, scope: Scope, receive: Receive, send: Send) -> None:
        await self._sender.send(scope, send, follower, disconnected(receive), AiSdk())

    async def _begin(self, request: ChatRequest, owner: str | None, *, thoughts: bool) -> Run:
        last = request.messages[-1]
        if last.role != "user":
            raise CallerError("bad-request", "messages: the last one must be the user's.")
        if last.attached:
            raise refusal("file")
        if done := last.done:
            action = ActionRequest(**done.model_dump(), render=request.render)
            acted = await self._service.act(action, new_id("run"), owner, thoughts=thoughts)
            return acted.run
        turns = await self._turns(request.id, owner)
        keep = _common(turns, request.messages[:-1])
        said = [self._said(message) for message in request.messages[keep:]]
        return await self._service.rewrite(
            request.id, said, request.render, owner, keep=keep, thoughts=thoughts
        )

    async def _turns(self, thread: str, owner: str | None) -> Sequence[Turn]:
        try:
            return (await self._service.read_thread(thread, owner)).turns
        except UnknownThreadError:
            return ()

    def _said(self, message: UIMessage) -> Said:
        content = message.text
        if message.role == "assistant":
            content = markup_of(list(_events(message)), self._service.shown)
        if not content and message.done:  # of a thread that is gone
            content = message.done.action.replace("_", " ")
        if not content and message.role == "user":
            raise CallerError("bad-request", "messages: a user's message has no text.")
        return Said(message.role, content)


def _common(turns: Sequence[Turn], messages: Sequence[UIMessage]) -> int:
    """How many of the first messages say what the thread holds."""
    same = [_same(turn, message) for turn, message in zip(turns, messages, strict=False)]
    return same.index(False) if False in same else len(same)


def _same(turn: Turn, message: UIMessage) -> bool:
    if isinstance(turn, Answered):
        return message.role == "assistant" and message.id == turn.run
    if turn.act is not None:
        return message.done == _done(turn.act)
    return message.role == turn.role and message.text == turn.content


def _done(act: Act) -> Done:
    return Done(run=act.run, component=act.component, action=act.action, values=act.values)


def _events(message: UIMessage) -> Iterator[Event]:
    """The events that its parts come to."""
    for part in message.parts:
        if isinstance(part, TextPart):
            yield Text(part.text, part.parent)
        elif isinstance(part, ComponentPart) and part.data.state == "complete":
            yield RenderComponent(part.id, part.data.name, "complete", part.data.props, part.data.parent)
