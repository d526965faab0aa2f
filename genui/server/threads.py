"""The routes under /v1/threads: conversations listed, read, renamed, deleted, forked and taken away."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from genui.errors import CallerError
from genui.runs import new_id
from genui.server.answers import HEADERS, answer
from genui.server.redraw import told
from genui.server.requests import ForkRequest, TitleRequest, owner_of, parse, read_json_body, render_of
from genui.server.service import Service

PAGE, LARGEST_PAGE = 50, 200
"""Threads in one answer: when nobody says, and at most."""

MAX_BODY = 10_000
"""Bytes of a body that is a title or a number."""


class ThreadRoutes:
    """Handlers over one service."""

    def __init__(self, service: Service) -> None:
        self._service = service

    def routes(self) -> list[Route]:
        return [
            Route("/v1/threads", self.list, methods=["GET"]),
            Route("/v1/threads/{thread}", self.read, methods=["GET"]),
            Route("/v1/threads/{thread}", self.rename, methods=["PATCH"]),
            Route("/v1/threads/{thread}", self.delete, methods=["DELETE"]),
            Route("/v1/threads/{thread}/fork", self.fork, methods=["POST"]),
            Route("/v1/threads/{thread}/export", self.export, methods=["GET"]),
        ]

    async def list(self, request: Request) -> Response:
        """The caller's threads, the latest change first, a page at a time."""
        limit, before = _page(request)
        found = await self._service.threads.owned_by(owner_of(request.scope), limit + 1, before)
        page = [told(thread) for thread in found[:limit]]
        following = {"next": page[-1]["updated"]} if len(found) > limit else {}
        return answer({"threads": page, **following})

    async def read(self, request: Request) -> Response:
        """A conversation, ready to render again."""
        render, owner = render_of(request.scope), owner_of(request.scope)
        return answer(await self._service.thread(_name(request), render, owner))

    async def rename(self, request: Request) -> Response:
        """Give it another title."""
        body = await read_json_body(request.scope, request.receive, MAX_BODY)
        title = parse(TitleRequest, body).title
        await self._service.read_thread(_name(request), owner_of(request.scope))
        return answer(told(await self._service.threads.rename(_name(request), title)))

    async def delete(self, request: Request) -> Response:
        """Forget it; a run that answers in it ends."""
        await self._service.delete_thread(_name(request), owner_of(request.scope))
        return Response(status_code=204)

    async def fork(self, request: Request) -> Response:
        """Begin another one with its first messages."""
        body = await read_json_body(request.scope, request.receive, MAX_BODY)
        name, new = _name(request), new_id("thread")
        _, turns = await self._service.read_thread(name, owner_of(request.scope))
        wanted = parse(ForkRequest, body).messages or len(turns)
        if wanted > len(turns):
            raise CallerError("bad-request", f"messages: this thread has only {len(turns)}.")
        forked = await self._service.threads.fork(name, new, wanted, lambda: new_id("run"))
        return answer(told(forked), 201)

    async def export(self, request: Request) -> Response:
        """The whole of it as a file: JSON, or Markdown for people."""
        form = request.query_params.get("format", "json")
        thread = await self._service.thread(_name(request), "props", owner_of(request.scope))
        if form == "json":
            return answer(thread, headers=_attached("json"))
        if form == "markdown":
            text = "\n\n".join(_markdown(thread)) + "\n"
            headers = {**HEADERS, **_attached("md")}
            return Response(text, media_type="text/markdown; charset=utf-8", headers=headers)
        raise CallerError("bad-format", f"format={form!r} is none of json, markdown")


def _name(request: Request) -> str:
    return str(request.path_params["thread"])


def _page(request: Request) -> tuple[int, float | None]:
    limit, before = request.query_params.get("limit", str(PAGE)), request.query_params.get("before")
    if not (limit.isascii() and limit.isdecimal() and 0 < int(limit[:9]) <= LARGEST_PAGE):
        raise CallerError("bad-request", f"limit: must be a number from 1 to {LARGEST_PAGE}.")
    try:
        # A plus sign that was not escaped arrives as a blank.
        return int(limit), datetime.fromisoformat(before.replace(" ", "+")).timestamp() if before else None
    except (ValueError, OverflowError):
        raise CallerError("bad-request", "before: must be the `next` of an earlier answer.") from None


def _attached(suffix: str) -> dict[str, str]:
    return {"Content-Disposition": f'attachment; filename="conversation.{suffix}"'}


def _markdown(thread: dict[str, Any]) -> Iterator[str]:
    """A heading for the thread, one for each message; answers with their widgets as tags, as the model
    wrote them."""
    yield f"# {thread['title']}"
    for message in thread["messages"]:
        yield f"## {message['role'].capitalize()}"
        if message["content"]:
            yield message["content"].strip()
        if message.get("error"):
            yield f"*{message['error']['message']}*"
