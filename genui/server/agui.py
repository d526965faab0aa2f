"""The routes of AG-UI. docs/protocols.md describes them.

Its clients send the whole conversation each time, without the activities, which are our components. Where
the thread is known here and what they send goes on from it, only the new question is taken, and the thread
keeps what its components were; a conversation that differs takes the thread's place.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Sequence
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field
from pydantic.alias_generators import to_camel
from starlette.responses import Response
from starlette.routing import Route
from starlette.types import Receive, Scope, Send

from genui.errors import CallerError
from genui.events import ComponentData, Event, RenderComponent, Thought
from genui.runs import Answered, Follower, Said, UnknownThreadError, new_id
from genui.server.attachments import noted, refusal
from genui.server.raw import Raw
from genui.server.requests import (
    ActionRequest,
    ChatMessage,
    RunRequest,
    given_position,
    number,
    owner_of,
    parse,
    query,
    render_of,
)
from genui.server.sending import Sender
from genui.server.service import Service
from genui.server.streams import disconnected
from genui.wire import AgUi

_ROLES = {"user": "user", "assistant": "assistant", "system": "system", "developer": "system"}


class _Camel(BaseModel):
    model_config = ConfigDict(alias_generator=to_camel)


class Spoken(_Camel):
    """A message of theirs. Those of other roles (tool, activity, reasoning) are left out."""

    role: str
    content: Any = None


class Resume(_Camel):
    """The answer to an interrupt."""

    interrupt_id: Annotated[str, Field(max_length=400)]
    status: Literal["resolved", "cancelled"]
    payload: Any = None


class RunAgentInput(_Camel):
    """The body of POST /v1/ag-ui. What is not named here is ignored."""

    thread_id: str
    run_id: Annotated[str, Field(min_length=1, max_length=200)]
    messages: Annotated[list[Spoken], Field(max_length=1000)] = []
    resume: Annotated[list[Resume], Field(max_length=100)] | None = None


class AgUiRoutes:
    """Handlers over one service."""

    def __init__(self, service: Service, sender: Sender) -> None:
        self._service = service
        self._sender = sender

    def routes(self) -> list[Route]:
        return [
            Route("/v1/ag-ui", Raw(self.run), methods=["POST"]),
            Route("/v1/ag-ui/{run}", Raw(self.follow), methods=["GET"]),
        ]

    async def run(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Begin a run, or go on with one that asked something; stream it."""
        request = parse(RunAgentInput, await self._sender.read(scope, receive))
        if request.resume:
            await self._resume(request, request.resume, scope, receive, send)
            return
        thoughts = await self._sender.thoughts(scope)
        asked = await self._asked(request, owner_of(scope))
        asked = asked.model_copy(update={"render": render_of(scope)})
        run = await self._service.answer(asked, new_id("run"), owner_of(scope), thoughts=thoughts)
        follower = await self._service.runs.follow(run.id)
        encoder = self._encoder(request.thread_id, request.run_id, (), follower)
        await self._sender.send(scope, send, follower, disconnected(receive), encoder)

    async def follow(self, scope: Scope, receive: Receive, send: Send) -> None:
        """A run of ours once more, from its beginning, or after the frame in Last-Event-ID."""
        run, asked = scope["path_params"]["run"], query(scope)
        seq, frames = _position(scope)
        await self._service.check_run(run, owner_of(scope))
        events = await self._service.runs.so_far(run)
        answered = [event.id for event in events if isinstance(event, ComponentData)]
        follower = await self._service.follow(run, owner_of(scope), seq)
        if follower.exhausted:
            follower.close()
            await Response(status_code=204)(scope, receive, send)
            return
        about = await self._service.runs.about(run)
        thread = asked.get("threadId") or about.thread
        encoder = self._encoder(thread, asked.get("runId") or run, answered, follower)
        _replay(encoder, events[:seq], thoughts=await self._sender.thoughts(scope))
        encoder.skip(frames)
        await self._sender.send(scope, send, follower, disconnected(receive), encoder)

    async def _resume(
        self, request: RunAgentInput, answers: Sequence[Resume], scope: Scope, receive: Receive, send: Send
    ) -> None:
        """The rest of a run of ours that waited for an answer.

        One that was given too late changes nothing: what came of the question is in the rest.
        """
        run, _, asked = answers[0].interrupt_id.partition(":")
        owner = owner_of(scope)
        await self._service.check_run(run, owner)
        for each in answers:
            await self._answer(each, owner)
        events = await self._service.runs.so_far(run)
        seq = _asked_at(events, asked)
        answered = {event.id for event in events if isinstance(event, ComponentData)} | {asked}
        follower = await self._service.follow(run, owner, seq)
        encoder = self._encoder(request.thread_id, request.run_id, answered, follower)
        _replay(encoder, events[:seq], thoughts=await self._sender.thoughts(scope))
        encoder.resume()
        await self._sender.send(scope, send, follower, disconnected(receive), encoder)

    async def _answer(self, answer: Resume, owner: str | None) -> None:
        run, _, component = answer.interrupt_id.partition(":")
        action = _action(answer)
        try:
            await self._service.reply(ActionRequest(run=run, component=component, action=action), owner)
        except CallerError as error:
            if error.code != "action-taken":
                raise

    def _encoder(self, thread: str, run: str, answered: Collection[str], follower: Follower) -> AgUi:
        return AgUi(thread, run, self._service.questions(), answered, follower.close)

    async def _asked(self, request: RunAgentInput, owner: str | None) -> RunRequest:
        """What is new, where they go on from the thread as it is; else all they sent."""
        told = _told(request.messages)
        if request.messages and (kind := _attached(request.messages[-1].content)):
            raise refusal(kind)
        if not told:
            raise CallerError("no-messages", "There are no messages: the last must be the user's.")
        users = [message.content for message in told if message.role == "user"]
        known = await self._questions(request.thread_id, owner)
        if told[-1].role == "user" and known is not None and known == users[:-1]:
            told = told[-1:]
        body = {"messages": [each.model_dump() for each in told], "thread": request.thread_id}
        return parse(RunRequest, json.dumps(body).encode())

    async def _questions(self, thread: str, owner: str | None) -> list[str] | None:
        """What the user has asked in a thread; None where an answer is missing or the thread is."""
        try:
            _, turns = await self._service.read_thread(thread, owner)
        except UnknownThreadError:
            return None
        if not turns or not isinstance(turns[-1], Answered):
            return None
        return [
            turn.content for turn in turns if isinstance(turn, Said) and turn.role == "user" and not turn.act
        ]


def _told(messages: Sequence[Spoken]) -> list[ChatMessage]:
    """Their messages as ours: an answer is one message again, though it came in pieces around components."""
    told: list[ChatMessage] = []
    for message in messages:
        role, words = _ROLES.get(message.role), _words(message.content)
        if role is None or not words:
            continue
        if told and told[-1].role == role == "assistant":
            words = f"{told.pop().content}\n\n{words}"
        told.append(ChatMessage.model_validate({"role": role, "content": words}))
    return told


def _words(content: Any) -> str:
    """A message's text, whether it is that or a list of parts."""
    if isinstance(content, str):
        return content
    parts = content if isinstance(content, list) else []
    text = "\n".join(str(part["text"]) for part in parts if isinstance(part, dict) and part.get("text"))
    return noted(text) if _attached(content) else text


def _attached(content: Any) -> str | None:
    """What kind of picture or file is in a message's content."""
    parts = content if isinstance(content, list) else []
    kinds = [part.get("type") for part in parts if isinstance(part, dict)]
    return next((str(kind) for kind in kinds if kind not in ("text", None)), None)


def _replay(encoder: AgUi, events: Sequence[Event], *, thoughts: bool) -> None:
    """Bring an encoder to where a client is that has read these."""
    for seq, event in enumerate(events, 1):
        if thoughts or not isinstance(event, Thought):
            encoder.event(seq, event)


def _position(scope: Scope) -> tuple[int, int]:
    """Events and, of the one after them, frames that a client has. Raises CallerError."""
    event, dot, frames = given_position(scope).partition(".")
    if not dot:
        return number(event), 0
    return max(0, number(event) - 1), number(frames)


def _action(answer: Resume) -> str:
    """`confirm` or `decline`. An answer that says neither is none, and nothing is done without one."""
    payload = answer.payload
    said = payload.get("action") if isinstance(payload, dict) else payload
    confirmed = answer.status == "resolved" and (said == "confirm" or said is True)
    return "confirm" if confirmed else "decline"


def _asked_at(events: Sequence[Event], id_: str) -> int:
    """The number of the event with which a question was complete. Raises CallerError."""
    for seq, event in enumerate(events, 1):
        if isinstance(event, RenderComponent) and event.id == id_ and event.state == "complete":
            return seq
    raise CallerError("unknown-component", "There is no such question in that run.", 404)
