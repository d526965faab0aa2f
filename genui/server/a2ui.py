"""The routes of A2UI. docs/protocols.md describes them."""

from __future__ import annotations

import json
import logging
from typing import Annotated, Any

from pydantic import BaseModel, Field
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route
from starlette.types import Receive, Scope, Send

from genui.catalog import Catalog, Component
from genui.errors import CallerError
from genui.runs import new_id
from genui.server.answers import answer
from genui.server.raw import Raw
from genui.server.requests import ActionRequest, RunRequest, owner_of, parse
from genui.server.sending import Sender
from genui.server.service import Service
from genui.server.streams import disconnected
from genui.wire import A2Ui, a2ui

log = logging.getLogger("genui.server")

_COMMON = "https://a2ui.org/specification/v0_9/common_types.json#/$defs/"


class Action(BaseModel):
    """What a reader did; `context` holds the values."""

    name: Annotated[str, Field(min_length=1, max_length=1000)]
    surfaceId: Annotated[str, Field(max_length=400)]  # noqa: N815 (theirs)
    sourceComponentId: Annotated[str, Field(max_length=200)]  # noqa: N815 (theirs)
    context: dict[str, Any] = {}


class Problem(BaseModel):
    """What their renderer could not do."""

    code: Annotated[str, Field(max_length=200)]
    surfaceId: Annotated[str, Field(max_length=400)]  # noqa: N815 (theirs)
    message: Annotated[str, Field(max_length=2000)]


class Told(BaseModel):
    """A message of theirs, or, with neither, the body of POST /v1/runs."""

    action: Action | None = None
    error: Problem | None = None


class A2UiRoutes:
    """Handlers over one service."""

    def __init__(self, service: Service, sender: Sender) -> None:
        self._service = service
        self._sender = sender

    def routes(self) -> list[Route]:
        return [
            Route("/v1/a2ui", Raw(self.tell), methods=["POST"]),
            Route("/v1/a2ui/catalog", self.catalog, methods=["GET"]),
        ]

    async def tell(self, scope: Scope, receive: Receive, send: Send) -> None:
        """A question or an action begins a run, which is streamed; an error is logged."""
        body = await self._sender.read(scope, receive)
        told = parse(Told, body)
        if told.error is not None:
            # Quoted: a caller writes no lines into the log.
            log.warning("an A2UI client: %r: %r", told.error.code, told.error.message)
            await Response(status_code=204)(scope, receive, send)
            return
        run = await self._begin(told.action, body, scope)
        if run is None:
            await answer({}, 202)(scope, receive, send)
            return
        follower = await self._service.runs.follow(run)
        await self._sender.send(scope, send, follower, disconnected(receive), A2Ui())

    async def _begin(self, action: Action | None, body: bytes, scope: Scope) -> str | None:
        """The run that answers; None where the one that asked goes on. Raises CallerError."""
        owner, thoughts = owner_of(scope), await self._sender.thoughts(scope)
        if action is None:
            request = parse(RunRequest, body)
            return (await self._service.answer(request, new_id("run"), owner, thoughts=thoughts)).id
        done = _done(action)
        if await self._service.reply(done, owner):
            return None
        return (await self._service.act(done, new_id("run"), owner, thoughts=thoughts)).run.id

    async def catalog(self, _: Request) -> Response:
        """The components as a catalog of A2UI."""
        return answer(catalog_of(self._service.shown))


def _done(action: Action) -> ActionRequest:
    run, colon, root = action.surfaceId.partition(":")
    if not colon:
        raise CallerError("unknown-component", "There is no such surface.", 404)
    component = root if action.sourceComponentId == a2ui.ROOT else action.sourceComponentId
    body = {"run": run, "component": component, "action": action.name, "values": action.context}
    return parse(ActionRequest, json.dumps(body).encode())


def catalog_of(catalog: Catalog) -> dict[str, Any]:
    """A catalog as A2UI v0.9 has it. Nothing is required: a component is on the page before its props are."""
    components = {component.name: _component(component) for component in catalog}
    text = {"text": {"$ref": f"{_COMMON}DynamicString"}}
    components[a2ui.MARKDOWN] = _declared(a2ui.MARKDOWN, "Markdown text.", text)
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "genui",
        "catalogId": a2ui.CATALOG,
        "components": components,
        "functions": {},
    }


def _component(component: Component) -> dict[str, Any]:
    properties = {a2ui.property_name(prop.name): _property(prop.schema) for prop in component.props}
    if component.takes_children:
        properties["children"] = {"$ref": f"{_COMMON}ChildList"}
    return _declared(component.name, component.description, properties)


def _property(schema: Any) -> dict[str, Any]:
    """The schema, or a binding. Their renderers resolve bindings only where a property refers to one of their
    dynamic values, and then look at nothing else of it."""
    return {"$ref": f"{_COMMON}DynamicValue", "anyOf": [schema, {"$ref": f"{_COMMON}DataBinding"}]}


def _declared(name: str, description: str, properties: dict[str, Any]) -> dict[str, Any]:
    return {
        "type": "object",
        "description": description,
        "allOf": [
            {"$ref": f"{_COMMON}ComponentCommon"},
            {"properties": {"component": {"const": name}, **properties}, "required": ["component"]},
        ],
        "unevaluatedProperties": False,
    }
