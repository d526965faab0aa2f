"""`genui serve --reload`: an edit in a folder of components shows in the pages that are open.

The folders are read again as a whole, so that what is served is always one consistent catalog: the new
one, or, while an edit is broken, the last good one. Answers that are being written keep the catalog that
they began with. Pages learn of it from `GET /v1/reload`, which exists only here.
"""

from __future__ import annotations

import asyncio
import json
import logging
from collections.abc import AsyncIterator, Callable, Sequence
from pathlib import Path

from starlette.requests import Request
from starlette.responses import StreamingResponse
from starlette.routing import Route
from watchfiles import awatch

from genui.catalog import Catalog
from genui.errors import CallerError, ComponentDefinitionError
from genui.server.streams import HEADERS

log = logging.getLogger("genui.reload")

_SETTLED = 50
"""Milliseconds without a change: an editor that saves writes several files."""

_HEARTBEAT = 15.0


class Reloader:
    """Reads the components anew (`load`) whenever a file in `folders` changes, and hands the result to `use`.

    Raises CallerError (`nothing-to-watch`) without folders.
    """

    def __init__(
        self, folders: Sequence[Path], load: Callable[[], Catalog], use: Callable[[Catalog], None]
    ) -> None:
        if not folders:
            advice = "begin one with `genui new`, or name it (--components)"
            raise CallerError("nothing-to-watch", f"there is no folder of components to watch: {advice}")
        self._folders = folders
        self._load = load
        self._use = use
        self._generation = 0
        self._error: str | None = None
        self._closed = asyncio.Event()
        self._news = asyncio.Event()

    def route(self) -> Route:
        """GET /v1/reload: `{"generation", "error"}` at once and after each change, as server-sent events."""
        return Route("/v1/reload", self._follow)

    async def watch(self) -> None:
        """Reload until `close`."""
        async for _ in awatch(*self._folders, stop_event=self._closed, step=_SETTLED):
            self.reload()

    def reload(self) -> None:
        """Read the folders now. What is wrong is logged and told to the pages, and the old catalog stays."""
        try:
            self._use(self._load())
        except ComponentDefinitionError as error:
            self._error = str(error)
            log.error("%s\n  The components stay as they were until this is mended.", error)
        else:
            self._generation += 1
            log.warning("Components reloaded.")
            self._error = None
        self._tell()

    def close(self) -> None:
        """End the watch and all streams."""
        self._closed.set()
        self._tell()

    def _tell(self) -> None:
        """Wake all followers; those that come later wait for the next news."""
        self._news.set()
        self._news = asyncio.Event()

    async def _follow(self, _: Request) -> StreamingResponse:
        headers = {name.decode(): value.decode() for name, value in HEADERS}
        return StreamingResponse(self._frames(), headers=headers, media_type="text/event-stream")

    async def _frames(self) -> AsyncIterator[str]:
        while not self._closed.is_set():
            news = self._news
            yield f"data: {json.dumps({'generation': self._generation, 'error': self._error})}\n\n"
            while not await _heard(news):
                yield ": \n\n"


async def _heard(news: asyncio.Event) -> bool:
    """Whether there was news before a heartbeat was due."""
    try:
        await asyncio.wait_for(news.wait(), _HEARTBEAT)
    except TimeoutError:
        return False
    return True
