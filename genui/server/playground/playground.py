"""The playground's routes: the page, the author's folders, drafts in the sandbox, questions to the model.

Every route is behind the guard; what writes takes JSON only. docs/playground.md describes it for people.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from pathlib import Path
from typing import Any, TypeVar

from pydantic import BaseModel
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route
from starlette.staticfiles import StaticFiles

from genui.agent import recorded_texts
from genui.catalog import Catalog, read_folder
from genui.errors import CallerError, ModelError
from genui.server.answers import answer
from genui.server.pages import STATIC, page_headers
from genui.server.playground.ask import AskRequest, Asks
from genui.server.playground.frames import Frames
from genui.server.playground.guard import Guard
from genui.server.playground.requests import (
    CheckRequest,
    DuplicateRequest,
    NewRequest,
    PlaceRequest,
    RecordingRequest,
    SaveRequest,
    ScriptRequest,
    TraceRequest,
)
from genui.server.playground.worker import Worker
from genui.server.playground.workspace import BUILT_IN, Change, ConflictError, Place, Workspace
from genui.server.requests import owner_of, parse, read_json_body
from genui.server.security import Public

MAX_BODY = 8_000_000
"""Bytes: a component's files, or a recording."""

_PAGE_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self';"
    " connect-src 'self'; frame-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none';"
    " require-trusted-types-for 'script'; trusted-types genui"
)

Body = TypeVar("Body", bound=BaseModel)
Endpoint = Callable[[Request], Awaitable[Response]]


class Playground:
    """`folders` are the author's own; `catalog` is what the application began with; `hosts` see Guard."""

    def __init__(
        self, catalog: Catalog, folders: Sequence[Path], asks: Asks, hosts: Sequence[str] = ()
    ) -> None:
        self._catalog = catalog
        self._asks = asks
        self._guard = Guard(hosts)
        self._workspace = Workspace(folders, Catalog.builtin_folder())
        self._worker = Worker(self._workspace.folders)
        self._frames = Frames(self._guard, self._script)
        self._writing = asyncio.Lock()

    def routes(self) -> list[Route]:
        """All of them."""
        own = {
            ("GET", "start"): self._start, ("GET", "components"): self._list, ("POST", "read"): self._read,
            ("POST", "check"): self._check, ("POST", "trace"): self._trace, ("POST", "save"): self._save,
            ("POST", "new"): self._new, ("POST", "duplicate"): self._duplicate,
            ("POST", "script"): self._keep_script, ("POST", "recording"): self._recording,
            ("POST", "ask"): self._ask, ("GET", "asks/{run}"): self._transcript,
        }  # fmt: skip
        return [
            Public("/playground", self._page),
            *(Route(f"/playground/{path}", self._guarded(do), methods=[method])
              for (method, path), do in own.items()),
            *self._frames.routes(),
        ]  # fmt: skip

    async def close(self) -> None:
        """End the sandbox."""
        await self._worker.close()

    def _guarded(self, endpoint: Callable[[Request], Awaitable[Any]]) -> Endpoint:
        async def guarded(request: Request) -> Response:
            self._guard.check(request.scope)
            try:
                content = await endpoint(request)
            except ConflictError as error:
                return answer({"error": error.as_dict(), "files": error.files}, error.status)
            return answer(content, headers={"Cross-Origin-Resource-Policy": "same-origin"})

        return guarded

    async def _page(self, request: Request) -> Response:
        self._guard.check_visit(request.scope)
        file = STATIC / "playground.html"
        response = StaticFiles().file_response(file, file.stat(), request.scope)
        response.headers.update({**page_headers(), "Content-Security-Policy": _PAGE_POLICY})
        return response

    async def _start(self, _: Request) -> dict[str, Any]:
        """What the page needs first."""
        listed = await asyncio.to_thread(self._workspace.list)
        model = self._asks.model
        return {**listed, "frame": self._frames.address, "model": model, "starters": self._asks.starters}

    async def _list(self, _: Request) -> dict[str, Any]:
        return await asyncio.to_thread(self._workspace.list)

    async def _read(self, request: Request) -> dict[str, Any]:
        place = await _body(request, PlaceRequest)
        files = await asyncio.to_thread(self._workspace.read, Place(place.root, place.folder))
        return {"files": files}

    async def _check(self, request: Request) -> Any:
        asked = await _body(request, CheckRequest)
        return await self._do({"job": "check", "draft": asked.draft.model_dump()})

    async def _trace(self, request: Request) -> Any:
        asked = await _body(request, TraceRequest)
        return await self._do({"job": "trace", **asked.model_dump()})

    async def _do(self, job: dict[str, Any]) -> Any:
        """A job for the sandbox, which has the folders as they are."""
        listed = await asyncio.to_thread(self._workspace.list)
        hashes = [one["hash"] for one in listed["components"] if one["root"] != BUILT_IN]
        return await self._worker.do({**job, "folders": "".join(hashes)})

    async def _save(self, request: Request) -> dict[str, Any]:
        asked = await _body(request, SaveRequest)
        changes = {name: Change(file.text, file.base) for name, file in asked.files.items()}
        async with self._writing:
            files = await asyncio.to_thread(self._workspace.save, Place(asked.root, asked.folder), changes)
        return {"files": files}

    async def _new(self, request: Request) -> dict[str, str]:
        asked = await _body(request, NewRequest)
        async with self._writing:
            place = await asyncio.to_thread(self._workspace.new, asked.root, asked.name, asked.files)
        return place._asdict()

    async def _duplicate(self, request: Request) -> dict[str, str]:
        asked = await _body(request, DuplicateRequest)
        async with self._writing:
            place = await asyncio.to_thread(
                self._workspace.duplicate, Place(asked.root, asked.folder), asked.to, asked.name
            )
        return place._asdict()

    async def _keep_script(self, request: Request) -> dict[str, str]:
        return {"address": self._frames.keep((await _body(request, ScriptRequest)).text)}

    async def _recording(self, request: Request) -> dict[str, Any]:
        """The text in a recorded stream of a provider, as it was cut."""
        body = (await _body(request, RecordingRequest)).text.encode("utf-8", "replace")
        pieces: list[str] = []
        try:
            pieces.extend(recorded_texts(body))
        except ModelError as error:
            return {"pieces": pieces, "note": error.message}
        except ValueError as error:
            raise CallerError("bad-request", f"This is no recorded stream: {error}.", 422) from error
        return {"pieces": pieces, "note": ""}

    async def _ask(self, request: Request) -> dict[str, Any]:
        asked = await _body(request, AskRequest)
        catalog = await asyncio.to_thread(self._saved_catalog)
        return self._asks.start(asked, catalog, owner_of(request.scope))

    async def _transcript(self, request: Request) -> dict[str, Any]:
        return self._asks.transcript(request.path_params["run"])

    def _saved_catalog(self) -> Catalog:
        """The components as they are on disk now; one that cannot be read is left out."""
        catalog = self._catalog
        for folder in self._workspace.folders:
            readings = read_folder(folder)
            catalog = catalog.merged(Catalog(one.component for one in readings if one.component is not None))
        return catalog

    def _script(self, folder: str) -> str:
        """A saved script: the author's where there is one, as in a catalog."""
        last_first = [str(number) for number in reversed(range(len(self._workspace.folders)))]
        for root in (*last_first, BUILT_IN):
            if (script := self._workspace.script(Place(root, folder))) is not None:
                return script
        for component in self._asks.shown(Catalog([])):  # what tools show is in no folder of an author's
            if component.folder == folder and component.script is not None:
                return component.script if isinstance(component.script, str) else component.script.read_text()
        raise CallerError("not-found", "There is no such script.", 404)


async def _body(request: Request, kind: type[Body]) -> Body:
    return parse(kind, await read_json_body(request.scope, request.receive, MAX_BODY))
