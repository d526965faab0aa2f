"""What callers send: read within limits, checked, and refused with words that say what to mend."""

from __future__ import annotations

import asyncio
import re
from typing import Annotated, Any, Literal, TypeVar, cast, get_args

from pydantic import BaseModel, BeforeValidator, Field, ValidationError
from starlette.datastructures import Headers, QueryParams
from starlette.requests import ClientDisconnect
from starlette.types import Receive, Scope

from genui.errors import CallerError

Render = Literal["props", "html", "both"]

LAST_SEQ = 2**53
"""No run is longer: and a JavaScript client counts exactly up to here."""


class ChatMessage(BaseModel):
    """One message of the conversation."""

    role: Literal["user", "assistant", "system"]
    content: Annotated[str, Field(min_length=1)]


class RunRequest(BaseModel):
    """The body of POST /v1/runs. Fields that are not named here are ignored, so that a client may be newer
    than its server."""

    messages: Annotated[list[ChatMessage], Field(min_length=1, max_length=1000)]
    thread: Annotated[str, Field(pattern=r"^[A-Za-z0-9_-]{1,128}$")] | None = None
    after: Annotated[str, Field(min_length=1, max_length=200)] | None = None
    render: Render = "props"


class ActionRequest(BaseModel):
    """The body of POST /v1/actions: what a reader did with a component of an earlier run."""

    run: Annotated[str, Field(max_length=200)]
    component: Annotated[str, Field(max_length=200)]
    action: Annotated[str, Field(min_length=1, max_length=1000)]
    values: Annotated[dict[str, Any], Field(max_length=200)] = {}
    render: Render = "props"


class CallRequest(BaseModel):
    """The body of POST /v1/mcp/call: a tool that is called by the app which stands in a run's component.
    `confirmed`: the user was asked the `question` that this was answered with before."""

    run: Annotated[str, Field(max_length=200)]
    component: Annotated[str, Field(max_length=200)]
    tool: Annotated[str, Field(min_length=1, max_length=200)]
    arguments: Annotated[dict[str, Any], Field(max_length=200)] = {}
    confirmed: bool = False


class Drawing(BaseModel):
    """One component to draw, with the props (and the data) that it is to have."""

    name: Annotated[str, Field(max_length=64)]
    props: dict[str, Any] = {}
    data: dict[str, Any] = {}
    state: Literal["streaming", "complete"] = "complete"


class RenderRequest(BaseModel):
    """The body of POST /v1/render."""

    components: Annotated[list[Drawing], Field(min_length=1, max_length=100)]


_UNPRINTABLE = re.compile(r"[\x00-\x08\x0e-\x1b\x7f-\x84\x86-\x9f\u202a-\u202e\u2066-\u2069]")
"""Control characters that are no white space, and those that turn the direction of text."""


def _on_one_line(title: Any) -> Any:
    """Without what would break a line, hide or turn round what stands beside it in a list or a heading."""
    if not isinstance(title, str):
        return title
    return " ".join(_UNPRINTABLE.sub("", title).split())


class TitleRequest(BaseModel):
    """The body of PATCH /v1/threads/{thread}."""

    title: Annotated[str, BeforeValidator(_on_one_line), Field(min_length=1, max_length=200)]


class ForkRequest(BaseModel):
    """The body of POST /v1/threads/{thread}/fork: how many messages to take over; all when it is missing."""

    messages: Annotated[int, Field(ge=1, strict=True)] | None = None


Request = TypeVar("Request", bound=BaseModel)


def parse(kind: type[Request], body: bytes) -> Request:
    """The request in a body. Raises CallerError."""
    try:
        return kind.model_validate_json(body)
    except ValidationError as invalid:
        raise _refusal(invalid) from invalid


def _refusal(invalid: ValidationError) -> CallerError:
    first = invalid.errors(include_url=False, include_context=False, include_input=False)[0]
    place = _place(first["loc"])
    if first["type"] == "json_invalid":
        return CallerError("not-json", f"The body is not JSON: {first['msg']}.")
    if not place:
        return CallerError("not-an-object", "The body must be a JSON object.")
    if place == "messages" and first["type"] in ("missing", "too_short"):
        message = 'There are no messages: send {"messages": [{"role": "user", "content": "..."}]}.'
        return CallerError("no-messages", message)
    return CallerError("bad-request", f"{place}: {first['msg']}.")


def _place(location: tuple[int | str, ...]) -> str:
    """Where in the body: `messages[1].role`."""
    place = "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in location)
    return place.removeprefix(".")


BODY_SECONDS = 30.0
"""Until a body must have arrived, where nobody says."""


async def read_json_body(scope: Scope, receive: Receive, limit: int, seconds: float = BODY_SECONDS) -> bytes:
    """The whole body, of at most `limit` bytes that arrive within `seconds`, said to be JSON.

    Raises CallerError (`unsupported-media-type`, `body-too-large`, `body-too-slow`).

    That the media type must be right is also a defense: a page of another origin cannot send it without
    asking first.
    """
    headers = Headers(scope=scope)
    media_type = headers.get("content-type", "").partition(";")[0].strip().lower()
    if media_type != "application/json":
        raise CallerError("unsupported-media-type", "Send JSON, with Content-Type: application/json.", 415)
    length = headers.get("content-length", "")
    if length.isdecimal() and int(length) > limit:
        raise _too_large(limit)
    try:
        async with asyncio.timeout(seconds):
            return await _read_body(receive, limit)
    except TimeoutError:
        raise CallerError(
            "body-too-slow", f"The body did not arrive within {seconds:g} seconds.", 408
        ) from None


async def _read_body(receive: Receive, limit: int) -> bytes:
    body = bytearray()
    more = True
    while more:
        message = await receive()
        if message["type"] == "http.disconnect":
            raise ClientDisconnect
        body += message.get("body", b"")
        more = message.get("more_body", False)
        if len(body) > limit:
            raise _too_large(limit)
    return bytes(body)


def _too_large(limit: int) -> CallerError:
    message = f"The body is larger than {limit:,} bytes; all that is in its messages counts."
    return CallerError("body-too-large", message, 413)


def owner_of(scope: Scope) -> str | None:
    """Whose request this is: what authentication has put into the scope's state; None for nobody's."""
    state: dict[str, Any] = scope.get("state") or {}
    owner: str | None = state.get("genui.owner")
    return owner


def wants_stream(scope: Scope) -> bool:
    """Whether the caller asked for server-sent events."""
    return "text/event-stream" in Headers(scope=scope).get("accept", "").lower()


def position(scope: Scope) -> int:
    """The event after which to follow: Last-Event-ID, else ?after=, else 0. Raises CallerError.

    The header wins: an EventSource that reconnects sends it along with the address it began with.
    """
    return number(given_position(scope))


def given_position(scope: Scope) -> str:
    """See `position`: as it was sent."""
    return Headers(scope=scope).get("last-event-id") or query(scope).get("after") or "0"


def number(given: str) -> int:
    """The number of an event. Raises CallerError."""
    if not (given.isascii() and given.isdecimal() and len(given) < 20 and int(given) <= LAST_SEQ):
        raise CallerError("bad-position", "Last-Event-ID (or ?after=) must be the number of an event.")
    return int(given)


def render_of(scope: Scope) -> Render:
    """The ?render= of an address; props by default. Raises CallerError."""
    given = query(scope).get("render", "props")
    if given in get_args(Render):
        return cast(Render, given)
    raise CallerError("bad-request", "render: must be props, html or both.")


def query(scope: Scope) -> QueryParams:
    return QueryParams(scope["query_string"])
