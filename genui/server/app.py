"""GenUI: the whole service as one ASGI application, to run or to mount.

Starlette's Router without Starlette's middlewares, so that between a run and the socket an event passes
nothing; what those middlewares do about errors is `_handle`, in ten lines.

Nothing needs a start: the first stream starts the heartbeat, the first run its task. So the app works
where an outer application passes no lifespan on to what it mounts; that one should `await genui.close()`
when it shuts down.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Awaitable, Mapping, Sequence
from contextlib import asynccontextmanager
from typing import Any

from starlette.exceptions import HTTPException
from starlette.middleware.cors import CORSMiddleware
from starlette.requests import ClientDisconnect
from starlette.routing import BaseRoute, Router
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from genui.agent import AgentOptions, Constrain, Model, OpenAIModel, RepairCount, RepairLimits, Tool, Toolset
from genui.agent import model as model_of
from genui.catalog import Catalog
from genui.errors import CallerError
from genui.runs import Log, Runs, Store, StoreError, open_store
from genui.server.answers import error_answer
from genui.server.api import Api
from genui.server.components import Components, catalog_of, folders_of
from genui.server.load import Load
from genui.server.mcp import mcp_routes
from genui.server.observing import MetricsRoute, Observer
from genui.server.openapi import OpenApiRoute
from genui.server.pages import image_origin, page_routes
from genui.server.playground import Asks, Playground
from genui.server.reload import Reloader
from genui.server.security import (
    Auth,
    Authentication,
    Gate,
    Hosts,
    Limiter,
    Origins,
    ServerLimits,
    origin_of,
)
from genui.server.sending import MayThink
from genui.server.service import Service
from genui.server.streams import Heartbeat

log = logging.getLogger("genui.server")


class GenUI:
    """An ASGI application: the chat page at `/`, the API at `/v1`, under any prefix.

    components: a folder or several, whose components stand beside the built-in ones and win by name; or a
    Catalog, used as it is. model: a Model, "demo" or a model's name; None asks the environment
    (OPENAI_API_KEY, OPENAI_BASE_URL, GENUI_MODEL). tools: functions that the model may call, and McpServers
    whose tools it may. store: "memory", "sqlite:///PATH" or "redis://HOST:PORT/NUMBER"; None is the file
    genui.db in the working directory. instructions: what the model is told before the components. repair:
    whether it is asked once, hidden from the user, to mend a component that it wrote wrong, and within
    which limits (the demo model never is). constrain: how the model's server takes the catalog's grammar,
    so that the model can write nothing else: "vllm", "llama.cpp" or "openai" (see docs/models.md). origins:
    other origins whose pages may use the API ("*" for all). image_origins: other origins that pictures,
    films and sounds in answers may load from ("*" for all, none by default; see docs/embedding.md). agent:
    how tools are put to the model, and how long an answer may take. thoughts: who may read what the model
    thinks, True or a function of the Request (nobody by default). keys: API keys, or a mapping of keys to
    their owners' names; runs and threads belong to the owner. auth: says whose request one is, in place of
    keys or beside them (see Auth). secret: signs cookies and tickets where several processes with an `auth`
    serve. allowed_hosts: names that the server has, against DNS rebinding ("*" for all; see
    docs/security.md). metrics: who may read /metrics: True for everybody, False for nobody, or a key of its
    own; None is True without authentication and False with it. limits: how much and how often a caller may
    ask. grace: seconds a run goes on without anyone following it. heartbeat: seconds between comments that
    keep an idle stream open. reload: watch the folders in `components`, and take up what is edited in them,
    in open pages too; for development. playground: whether `/playground` is there, where components are
    written: for an author's own machine, never in production; playground_hosts: names other than localhost
    under which it may be used.

    Raises ComponentDefinitionError, ModelError, CallerError (`bad-store`, `bad-constrain`, `bad-origin`,
    `bad-key`, `nothing-to-watch`).
    """

    def __init__(
        self,
        components: Components = None,
        model: str | Model | None = None,
        tools: Sequence[Tool | Toolset] = (),
        store: str | Log | Store | None = None,
        *,
        instructions: str = "",
        repair: bool | RepairLimits = True,
        constrain: Constrain | None = None,
        origins: Sequence[str] = (),
        image_origins: Sequence[str] = (),
        keys: Mapping[str, str] | Sequence[str] = (),
        auth: Auth | None = None,
        secret: str | None = None,
        allowed_hosts: Sequence[str] | None = None,
        metrics: bool | str | None = None,
        limits: ServerLimits | None = None,
        agent: AgentOptions = AgentOptions(),  # noqa: B008 (frozen)
        thoughts: MayThink = False,
        grace: float = 30.0,
        heartbeat: float = 15.0,
        reload: bool = False,
        playground: bool = False,
        playground_hosts: Sequence[str] = (),
    ) -> None:
        images = [image_origin(each) for each in image_origins]
        pages = [origin_of(each) for each in origins]

        def load() -> Catalog:
            catalog = catalog_of(components)
            return catalog.showing_images_of(images) if images else catalog

        self.catalog: Catalog = load()
        self.model: Model = _constrained(model_of(model), constrain, self.catalog)
        self.store: Store = open_store(store)
        self.runs = Runs(self.store.log, grace=grace, peers=self.store.peers)
        self._opening: asyncio.Task[None] | None = None
        repair_limits = _repair_limits(repair, self.model)
        self._observer = Observer()
        limits = limits or ServerLimits()
        heart = Heartbeat(heartbeat)
        service = Service(
            self.catalog,
            self.model,
            tuple(tools),
            self.runs,
            self.store.threads,
            Load(limits.streams, lambda: len(heart), lambda: len(self.runs)),
            instructions,
            images,
            repair_limits,
            agent,
            self._observer,
        )
        self.repairs: RepairCount = service.repairs
        self._service = service
        self._toolsets = [one for one in tools if not isinstance(one, Tool)]
        self._reloader = Reloader(folders_of(components), load, self._use) if reload else None
        who = Authentication(keys, auth, secret)
        self._gate = Gate(who, Limiter(limits), Hosts(allowed_hosts, playground_hosts), Origins(pages))
        api = Api(service, self.store.keys, heart, limits, who, thoughts)
        routes: list[BaseRoute] = [
            *api.routes(),
            *page_routes(
                lambda: service.shown,
                images,
                reload=reload,
                stranger=self._gate.is_stranger if who.signs_in else None,
            ),
            MetricsRoute(self._observer.metrics, not who if metrics is None else metrics).route(),
            OpenApiRoute(_version()).route(),
            *mcp_routes(tools, service, limits),
            *([self._reloader.route()] if self._reloader else []),
        ]
        self._playground: Playground | None = None
        if playground:
            asks = Asks(self.runs, self.model, tuple(tools), instructions)
            self._playground = Playground(self.catalog, folders_of(components), asks, playground_hosts)
            routes += self._playground.routes()
        self._router = Router(self._gate.close(routes), redirect_slashes=False, lifespan=self._lifespan)
        self._app: ASGIApp = self._handle
        if pages:
            self._app = CORSMiddleware(
                self._handle,
                allow_origins=pages,
                allow_methods=["GET", "POST", "PATCH", "DELETE"],
                allow_headers=["*"],  # other protocols' clients say in some of their own what they are
                expose_headers=["Location", "Retry-After"],
            )

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        await self._app(scope, receive, send)

    @property
    def routes(self) -> list[BaseRoute]:
        """Every route, for those who want to list them."""
        return self._router.routes

    async def open(self) -> None:
        """Open the store, once; the first request does it otherwise. Raises CallerError (`bad-store`)."""
        if self._opening is None or (self._opening.done() and self._opening.exception()):
            self._opening = asyncio.ensure_future(self.runs.open())
        await asyncio.shield(self._opening)

    async def close(self, drain: float = 0.0) -> None:
        """End all runs and wait until they are stored; every stream ends with its run. They have `drain`
        seconds to end by themselves."""
        if self._reloader:
            self._reloader.close()
        self._observer.metrics.close()
        await self.runs.close(drain)
        for toolset in self._toolsets:
            await toolset.close()
        if self._playground is not None:
            await self._playground.close()

    async def _handle(self, scope: Scope, receive: Receive, send: Send) -> None:
        scope["app"] = self  # Starlette's sign to raise HTTPException where it would answer in plain text
        started = False

        def sending(message: Message) -> Awaitable[None]:
            nonlocal started
            if not started:
                started = True
                self._count(scope, message.get("status", 0))
            return send(message)

        try:
            if scope["type"] == "http":
                self._observer.metrics.watch_loop()
                self._gate.check(scope)
                if not self._is_open:
                    await self.open()
            await self._router(scope, receive, sending)
        except ClientDisconnect:
            pass
        except (CallerError, HTTPException) as error:
            if isinstance(error, StoreError):  # the caller is told no cause
                log.warning("%s %s failed: the store: %s", scope["method"], scope["path"], error)
            self._count_error(error)
            await error_answer(error)(scope, receive, sending)
        except Exception as error:
            if started or scope["type"] != "http":
                raise
            log.exception("%s %s failed", scope["method"], scope["path"])
            self._count_error(error)
            await error_answer(error)(scope, receive, sending)

    def _count(self, scope: Scope, status: int) -> None:
        if scope["type"] == "http":
            self._observer.metrics.requests.labels(scope.get("genui.route", "public"), status).inc()

    def _count_error(self, error: Exception) -> None:
        code = error.code if isinstance(error, CallerError) else "internal"
        code = f"http-{error.status_code}" if isinstance(error, HTTPException) else code
        self._observer.metrics.errors.labels("request", code).inc()

    @property
    def _is_open(self) -> bool:
        return self._opening is not None and self._opening.done() and self._opening.exception() is None

    def _use(self, catalog: Catalog) -> None:
        """From the next run and the next request on."""
        self.catalog = catalog
        self._service.use(catalog)

    @asynccontextmanager
    async def _lifespan(self, _: Any) -> AsyncIterator[None]:
        await self.open()
        watching = asyncio.ensure_future(self._reloader.watch()) if self._reloader else None
        yield
        if watching is not None:
            watching.cancel()
        await self.close()


def _version() -> str:
    from genui import __version__  # the package's own face, which is not made yet when this is

    return __version__


def _repair_limits(repair: bool | RepairLimits, model: Model) -> RepairLimits | None:
    """What stands in the setting, unless the model answers from scripts and could mend nothing."""
    if repair is False or getattr(model, "demo", False):
        return None
    return RepairLimits() if repair is True else repair


def _constrained(model: Model, how: Constrain | None, catalog: Catalog) -> Model:
    if how is None:
        return model
    if not isinstance(model, OpenAIModel):
        raise CallerError("bad-constrain", f'constrain="{how}" is for a model by its name, or an OpenAIModel')
    return model.constrained(how, catalog)
