"""GET /openapi.json: the API as OpenAPI 3.1, from the table here and the models that requests are parsed by.

A table and not decorators at the routes: what an operation answers is said in one place, and a test holds
the table to the routes, so that neither can be forgotten.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import MISSING, dataclass, fields
from types import NoneType, UnionType
from typing import (
    Any,
    Literal,
    NotRequired,
    Required,
    Union,
    get_args,
    get_origin,
    get_type_hints,
    is_typeddict,
)

from pydantic import BaseModel
from starlette.requests import Request
from starlette.responses import Response

from genui.catalog import DIALECTS
from genui.events import Event
from genui.server.agui import RunAgentInput
from genui.server.aisdk import ChatRequest
from genui.server.answers import answer
from genui.server.openai import CompletionRequest
from genui.server.requests import (
    ActionRequest,
    CallRequest,
    ForkRequest,
    RenderRequest,
    RunRequest,
    TitleRequest,
)
from genui.server.security import COOKIE, Public

Schema = Mapping[str, Any]

_STRING: Schema = {"type": "string"}
_NUMBER: Schema = {"type": "integer"}


def _object(required: Mapping[str, Schema], **optional: Schema) -> Schema:
    properties = {**required, **optional}
    return {"type": "object", "properties": properties, "required": list(required)}


def _list(items: Schema) -> Schema:
    return {"type": "array", "items": items}


_ERROR = _object({"error": _object({"code": _STRING, "message": _STRING})})
_TOLD = _object({"run": _STRING, "thread": _STRING, "events": _STRING})
_ABOUT: Mapping[str, Schema] = dict.fromkeys(("thread", "title", "created", "updated"), _STRING)
_MESSAGE = _object(
    {"role": {"enum": ["user", "assistant", "system"]}, "content": _STRING},
    run=_STRING,
    state=_STRING,
    events=_list({"$ref": "#/components/schemas/Event"}),
    action={"type": "object"},
    error={"type": "object"},
)
_THREAD = _object({**_ABOUT, "messages": _list(_MESSAGE)})
_STREAM = {"text/event-stream": {"schema": {"type": "string", "description": "frames of Event"}}}

_RENDER = ("render", {"enum": ["props", "html", "both"], "default": "props"}, "what widgets carry")
_AFTER = ("after", {"type": "integer", "minimum": 0, "maximum": 2**53}, "the number of the last known event")
_TICKET = ("ticket", _STRING, "in place of a key, for EventSource")
_KEY = ("Idempotency-Key", {"type": "string", "minLength": 1, "maxLength": 255}, "begins no second run")
_LAST = ("Last-Event-ID", _STRING, "as EventSource sends it; wins over `after`")


@dataclass(frozen=True, slots=True)
class Operation:
    """One method of one path. `answers` are schemas of JSON by status, or whole media types; `errors` the
    statuses of errors beside those that every operation may have."""

    summary: str
    answers: Mapping[int, Any]
    body: type[BaseModel] | str | None = None
    query: tuple[tuple[str, Schema, str], ...] = ()
    headers: tuple[tuple[str, Schema, str], ...] = ()
    errors: tuple[int, ...] = ()
    public: bool = False


def _text(media_type: str = "text/plain") -> Mapping[str, Any]:
    return {media_type: {"schema": _STRING}}


OPERATIONS: Mapping[str, Operation] = {
    "POST /v1/runs": Operation(
        "Begin a run", {200: _STREAM, 202: _TOLD}, RunRequest, headers=(_KEY,),
        errors=(400, 404, 408, 409, 413, 415, 422),
    ),
    "GET /v1/runs/{run}/events": Operation(
        "Follow a run", {200: _STREAM, 204: None}, query=(_AFTER, _TICKET), headers=(_LAST,),
        errors=(400, 404),
    ),
    "POST /v1/runs/{run}/cancel": Operation("End a run", {200: _object({"run": _STRING})}, errors=(404,)),
    "POST /v1/runs/{run}/ticket": Operation(
        "An address for EventSource", {200: _object({"events": _STRING}, seconds=_NUMBER)}, errors=(404,)
    ),
    "POST /v1/actions": Operation(
        "Say what a reader did with a widget", {200: _STREAM, 202: {"type": "object"}}, ActionRequest,
        headers=(_KEY,), errors=(400, 403, 404, 408, 409, 413, 415, 422),
    ),
    "GET /v1/threads": Operation(
        "List threads", {200: _object({"threads": _list(_object(_ABOUT))}, next=_STRING)},
        query=(
            ("limit", {"type": "integer", "minimum": 1, "maximum": 200, "default": 50}, "how many"),
            ("before", {"type": "string", "format": "date-time"}, "`next` of the page before"),
        ), errors=(400,),
    ),
    "GET /v1/threads/{thread}": Operation(
        "Read a thread", {200: _THREAD}, query=(_RENDER,), errors=(400, 404)
    ),
    "PATCH /v1/threads/{thread}": Operation(
        "Rename a thread", {200: _object(_ABOUT)}, TitleRequest, errors=(400, 404, 408, 413, 415)
    ),
    "DELETE /v1/threads/{thread}": Operation("Forget a thread", {204: None}, errors=(404,)),
    "POST /v1/threads/{thread}/fork": Operation(
        "Fork a thread", {201: _object(_ABOUT)}, ForkRequest, errors=(400, 404, 408, 409, 413, 415)
    ),
    "GET /v1/threads/{thread}/export": Operation(
        "Export a thread", {200: {"application/json": {"schema": _THREAD}, **_text("text/markdown")}},
        query=(("format", {"enum": ["json", "markdown"], "default": "json"}, "of the file"),),
        errors=(400, 404),
    ),
    "POST /v1/ai-sdk/chat": Operation(
        "Begin a run, for the AI SDK's useChat", {200: _STREAM}, ChatRequest,
        errors=(400, 404, 408, 409, 413, 415, 422),
    ),
    "GET /v1/ai-sdk/chat/{id}/stream": Operation(
        "Follow the run that answers in a chat", {200: _STREAM, 204: None}, errors=(404,)
    ),
    "POST /v1/ai-sdk/chat/{id}/stop": Operation(
        "End the run that answers in a chat", {200: _object({"run": {"type": ["string", "null"]}})},
        errors=(404,),
    ),
    "POST /v1/ag-ui": Operation(
        "Begin a run, for AG-UI clients", {200: _STREAM}, RunAgentInput,
        errors=(400, 403, 404, 408, 409, 413, 415, 422),
    ),
    "GET /v1/ag-ui/{run}": Operation(
        "Follow a run, for AG-UI clients", {200: _STREAM, 204: None}, errors=(400, 404)
    ),
    "POST /v1/a2ui": Operation(
        "Begin a run, for A2UI clients", {200: {"type": "object"}, 202: {"type": "object"}},
        "application/json", errors=(400, 403, 404, 408, 409, 413, 415, 422),
    ),
    "GET /v1/a2ui/catalog": Operation("The catalog, as A2UI has it", {200: {"type": "object"}}),
    "POST /v1/chat/completions": Operation(
        "An answer in plain words, for OpenAI clients", {200: {"type": "object"}}, CompletionRequest,
        errors=(400, 404, 408, 413, 415, 422),
    ),
    "GET /v1/models": Operation("The model, for OpenAI clients", {200: {"type": "object"}}),
    "GET /v1/models/{model}": Operation(
        "The model by its name, for OpenAI clients", {200: {"type": "object"}}, errors=(404,)
    ),
    "POST /v1/recognize": Operation(
        "Events of a text", {200: _STREAM}, "text/plain", query=(_RENDER,), errors=(400,)
    ),
    "POST /v1/render": Operation(
        "HTML of components", {200: _object({"renders": _list({"type": "object"})})}, RenderRequest,
        errors=(400, 408, 413, 415),
    ),
    "GET /v1/components": Operation(
        "The components, who answers, and what to ask",
        {200: _object({"components": _list({"type": "object"}), "starters": _list(_STRING),
                       "model": {"type": "object"}, "image_origins": _list(_STRING)})},
    ),
    "GET /v1/prompt": Operation("The system prompt", {200: _text()}),
    "GET /v1/grammar": Operation(
        "The grammar of answers", {200: _text()},
        query=(("format", {"enum": list(DIALECTS), "default": "lark"}, "the dialect"),), errors=(400,),
    ),
    "GET /v1/mcp/{server}/{key}": Operation(
        "The page of an MCP App, for its frame", {200: _text("text/html")}, errors=(404, 502), public=True
    ),
    "POST /v1/mcp/call": Operation(
        "Call a tool for an MCP App",
        {200: _object({}, result={"type": "object"}, question=_STRING)}, CallRequest,
        errors=(400, 404, 408, 413, 415, 422, 502),
    ),
    "POST /v1/session": Operation(
        "Sign a browser in", {200: _object({"owner": _STRING, "seconds": _NUMBER})}
    ),
    "DELETE /v1/session": Operation("Sign it out", {204: None}),
    "GET /v1/doctor": Operation("Timed events, for `genui doctor`", {200: _STREAM}, errors=(400,)),
    "GET /healthz": Operation(
        "Alive?", {200: _object({"status": {"const": "ok"}, "runs": _NUMBER})}, public=True
    ),
    "GET /metrics": Operation("Metrics, for Prometheus", {200: _text()}, errors=(404,)),
    "GET /openapi.json": Operation("This", {200: {"type": "object"}}, public=True),
}  # fmt: skip

_ALWAYS = (401, 403, 421, 429, 500, 503)
"""Errors that every operation may answer with."""


def openapi(version: str, prefix: str = "") -> dict[str, Any]:
    """The document; `prefix` is where the service stands."""
    schemas = dict(_schemas())
    paths: dict[str, dict[str, Any]] = {}
    for name, operation in OPERATIONS.items():
        method, path = name.split()
        paths.setdefault(path, {})[method.lower()] = _operation(path, operation, schemas)
    return {
        "openapi": "3.1.0",
        "info": {"title": "genui", "version": version, "license": {"name": "MIT", "identifier": "MIT"}},
        "servers": [{"url": prefix or "/"}],
        "paths": paths,
        "components": {
            "schemas": schemas,
            "securitySchemes": {
                "key": {"type": "http", "scheme": "bearer"},
                "session": {"type": "apiKey", "in": "cookie", "name": COOKIE},
            },
        },
        "security": [{"key": []}, {"session": []}, {}],
    }


def _operation(path: str, operation: Operation, schemas: dict[str, Any]) -> dict[str, Any]:
    told: dict[str, Any] = {"summary": operation.summary, "parameters": list(_parameters(path, operation))}
    if operation.body:
        told["requestBody"] = {"required": True, "content": _content(operation.body, schemas)}
    if operation.public:
        told["security"] = []
    told["responses"] = {
        **{str(status): _answer(content) for status, content in operation.answers.items()},
        **{
            str(status): {"description": "an error", "content": {"application/json": {"schema": _ERROR}}}
            for status in sorted({*_ALWAYS, *operation.errors})
        },
    }
    return told


def _parameters(path: str, operation: Operation) -> Iterator[dict[str, Any]]:
    for part in path.split("/"):
        if part.startswith("{"):
            yield {"name": part[1:-1], "in": "path", "required": True, "schema": _STRING}
    for place, parameters in (("query", operation.query), ("header", operation.headers)):
        for name, schema, description in parameters:
            yield {"name": name, "in": place, "schema": schema, "description": description}


def _content(body: type[BaseModel] | str, schemas: dict[str, Any]) -> dict[str, Any]:
    if isinstance(body, str):
        return {body: {"schema": _STRING}}
    schema = body.model_json_schema(ref_template="#/components/schemas/{model}")
    schemas.update(schema.pop("$defs", {}))
    schemas[body.__name__] = schema
    return {"application/json": {"schema": {"$ref": f"#/components/schemas/{body.__name__}"}}}


def _answer(content: Any) -> dict[str, Any]:
    if content is None:
        return {"description": "nothing more to say"}
    is_media = all("/" in name for name in content)
    return {
        "description": "as asked for",
        "content": content if is_media else {"application/json": {"schema": content}},
    }


def _schemas() -> Iterator[tuple[str, Any]]:
    """The events, from their classes, each with its `type`."""
    kinds = get_args(Event)
    for kind in kinds:
        hints = get_type_hints(kind)
        known = {one.name: _schema_of(hints[one.name]) for one in fields(kind)}
        needed = [
            one.name for one in fields(kind) if one.default is MISSING and one.default_factory is MISSING
        ]
        yield (
            kind.__name__,
            {
                "type": "object",
                "properties": {"type": {"const": kind.type}, **known},
                "required": ["type", *needed],
            },
        )
    yield "Event", {"oneOf": [{"$ref": f"#/components/schemas/{kind.__name__}"} for kind in kinds]}


def _schema_of(hint: Any) -> dict[str, Any]:
    """What an event's field is in JSON. Before Python 3.12 pydantic reads no TypedDict of `typing`."""
    origin, arguments = get_origin(hint), get_args(hint)
    if origin is Literal:
        return {"enum": list(arguments)}
    if origin in (Union, UnionType):
        one = [each for each in arguments if each is not NoneType]
        return _schema_of(one[0]) if len(one) == 1 else {}
    if is_typeddict(hint):
        hints = {name: _unwrapped(each) for name, each in get_type_hints(hint).items()}
        properties = {name: _schema_of(each) for name, each in hints.items()}
        return {"type": "object", "properties": properties, "required": sorted(hint.__required_keys__)}
    if origin is not None and issubclass(origin, Sequence):
        return {"type": "array", "items": _schema_of(arguments[0])}
    if origin is not None and issubclass(origin, Mapping):
        return {"type": "object"}
    names = {str: "string", bool: "boolean", int: "integer", float: "number"}
    return {"type": names[hint]} if hint in names else {}


def _unwrapped(hint: Any) -> Any:
    return get_args(hint)[0] if get_origin(hint) in (Required, NotRequired) else hint


class OpenApiRoute:
    """Serves it."""

    def __init__(self, version: str) -> None:
        self._version = version

    def route(self) -> Public:
        return Public("/openapi.json", self.read, methods=["GET"])

    async def read(self, request: Request) -> Response:
        return answer(openapi(self._version, request.scope.get("root_path", "")))
