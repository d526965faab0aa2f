"""The routes under /v1. docs/api.md describes them."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route
from starlette.types import Receive, Scope, Send

from genui.runs import Keys
from genui.server.a2ui import A2UiRoutes
from genui.server.agui import AgUiRoutes
from genui.server.aisdk import AiSdkRoutes
from genui.server.answers import answer, plain_answer
from genui.server.once import Once, Told, key_of
from genui.server.openai import OpenAiRoutes
from genui.server.pulse import Pulse
from genui.server.raw import Raw
from genui.server.requests import (
    ActionRequest,
    RenderRequest,
    RunRequest,
    owner_of,
    parse,
    position,
    render_of,
    wants_stream,
)
from genui.server.security import (
    TICKET_SECONDS,
    Authentication,
    Public,
    ServerLimits,
    SessionRoutes,
    Ticketed,
)
from genui.server.sending import MayThink, Sender
from genui.server.service import Service
from genui.server.streams import Heartbeat, disconnected
from genui.server.threads import ThreadRoutes
from genui.server.upload import Upload
from genui.wire import Genui1

MAX_ACTION = 200_000
"""Bytes of the body of an action."""


class Api:
    """Handlers over one service."""

    def __init__(
        self,
        service: Service,
        keys: Keys,
        heartbeat: Heartbeat,
        limits: ServerLimits,
        authentication: Authentication,
        thoughts: MayThink = False,
    ) -> None:
        self._service = service
        self._once = Once(keys, service.runs)
        self._threads = ThreadRoutes(service)
        self._sender = Sender(heartbeat, limits, service.observer.metrics, thoughts)
        self._a2ui = A2UiRoutes(service, self._sender)
        self._agui = AgUiRoutes(service, self._sender)
        self._aisdk = AiSdkRoutes(service, self._sender)
        self._openai = OpenAiRoutes(service, self._sender)
        self._limits = limits
        self._authentication = authentication

    def routes(self) -> list[Route]:
        return [
            Route("/v1/runs", Raw(self.start), methods=["POST"]),
            Ticketed("/v1/runs/{run}/events", Raw(self.follow), methods=["GET"]),
            Route("/v1/runs/{run}/ticket", self.ticket, methods=["POST"]),
            Route("/v1/runs/{run}/cancel", self.cancel, methods=["POST"]),
            Route("/v1/actions", Raw(self.act), methods=["POST"]),
            *self._threads.routes(),
            *self._a2ui.routes(),
            *self._agui.routes(),
            *self._aisdk.routes(),
            *self._openai.routes(),
            Route("/v1/recognize", Raw(self.recognize), methods=["POST"]),
            Route("/v1/render", Raw(self.render), methods=["POST"]),
            Route("/v1/components", self.components),
            Route("/v1/prompt", self.prompt),
            Route("/v1/grammar", self.grammar),
            *SessionRoutes(self._authentication.signer).routes(),
            Route("/v1/doctor", Raw(Pulse()), methods=["GET"]),
            Public("/healthz", self.health),
        ]

    async def start(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Begin a run; stream it, or say where it can be followed."""
        body = await self._sender.read(scope, receive)
        request = parse(RunRequest, body)
        thoughts = await self._sender.thoughts(scope)

        async def begin(name: str) -> Told:
            run = await self._service.answer(request, name, owner_of(scope), thoughts=thoughts)
            return Told(run.id, run.thread, {})

        told = await self._once.begin(key_of(scope), owner_of(scope), body, begin)
        await self._tell(told, scope, receive, send)

    async def act(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Begin the run that answers an action, likewise."""
        body = await self._sender.read(scope, receive, MAX_ACTION)
        request = parse(ActionRequest, body)
        if replied := await self._service.reply(request, owner_of(scope)):
            await answer(replied, 202)(scope, receive, send)
            return
        thoughts = await self._sender.thoughts(scope)

        async def begin(name: str) -> Told:
            acted = await self._service.act(request, name, owner_of(scope), thoughts=thoughts)
            message = {"role": acted.said.role, "content": acted.said.content}
            return Told(acted.run.id, acted.run.thread, {"message": message, "once": acted.once})

        told = await self._once.begin(key_of(scope), owner_of(scope), body, begin)
        await self._tell(told, scope, receive, send)

    async def _tell(self, told: Told, scope: Scope, receive: Receive, send: Send) -> None:
        """Stream the run, or say where it can be followed, and more."""
        if wants_stream(scope):
            # A run that is new was admitted with whom it streams to.
            service, owner = self._service, owner_of(scope)
            follower = await (
                service.follow(told.run, owner) if told.again else service.runs.follow(told.run)
            )
            await self._sender.send(scope, send, follower, disconnected(receive), Genui1())
            return
        await self._service.runs.settle(told.run)  # the next request may reach another worker
        events = f"{scope.get('root_path', '')}/v1/runs/{told.run}/events"
        content = {"run": told.run, "thread": told.thread, "events": events, **told.more}
        await answer(content, 202, {"Location": events})(scope, receive, send)

    async def follow(self, scope: Scope, receive: Receive, send: Send) -> None:
        """A run's events from a position on, or 204: there are no more, and an EventSource stops asking."""
        run = scope["path_params"]["run"]
        follower = await self._service.follow(run, owner_of(scope), position(scope))
        if follower.exhausted:
            follower.close()
            await Response(status_code=204)(scope, receive, send)
        else:
            await self._sender.send(scope, send, follower, disconnected(receive), Genui1())

    async def cancel(self, request: Request) -> Response:
        """End a run; answers when it has ended and its model is closed."""
        run = request.path_params["run"]
        await self._service.cancel(run, owner_of(request.scope))
        return answer({"run": run})

    async def ticket(self, request: Request) -> Response:
        """An address under which EventSource, which sends no headers, can read the run."""
        run, owner = request.path_params["run"], owner_of(request.scope)
        await self._service.check_run(run, owner)
        events = f"{request.scope.get('root_path', '')}/v1/runs/{run}/events"
        if owner is None:
            return answer({"events": events})
        return answer(
            {
                "events": f"{events}?ticket={self._authentication.ticket(owner, run)}",
                "seconds": TICKET_SECONDS,
            }
        )

    async def recognize(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Events of the body's text, while the body still arrives."""
        render = render_of(scope)
        upload = Upload(receive, self._limits.text, 2 * self._limits.body_seconds)
        run = self._service.recognize(upload.texts(), render, owner_of(scope))
        follower = await self._service.runs.follow(run.id)
        await self._sender.send(scope, send, follower, upload.gone(), Genui1())

    async def render(self, scope: Scope, receive: Receive, send: Send) -> None:
        """HTML of components by themselves."""
        request = parse(RenderRequest, await self._sender.read(scope, receive))
        renders = await self._service.draw(request)
        await answer({"renders": renders})(scope, receive, send)

    async def components(self, _: Request) -> Response:
        return answer(self._service.describe())

    async def prompt(self, _: Request) -> Response:
        return plain_answer(self._service.prompt)

    async def grammar(self, request: Request) -> Response:
        return plain_answer(self._service.grammar(request.query_params.get("format", "lark")))

    async def health(self, _: Request) -> Response:
        return answer({"status": "ok", "runs": len(self._service.runs)})
