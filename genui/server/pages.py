"""The chat page, the bundles, and the components' scripts.

Only files of `static/` and scripts that the catalog names are ever read: a component's folder in an
address is a key to look up, not a path.
"""

from __future__ import annotations

from pathlib import Path

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import FileResponse, Response
from starlette.routing import BaseRoute, Mount, Route
from starlette.staticfiles import StaticFiles
from starlette.types import Message, Receive, Scope, Send

from genui.catalog import Catalog

STATIC = Path(__file__).parents[1] / "static"

_POLICY = {
    "default-src": "'none'",
    "script-src": "'self'",
    "style-src": "'self'",
    "img-src": "'self' data:",
    "font-src": "'self' data:",
    "connect-src": "'self'",
    "base-uri": "'none'",
    "form-action": "'none'",
    "frame-ancestors": "'self'",
}
"""What the page may load: nothing inline, nothing from elsewhere. An image from elsewhere would be a way to
carry a conversation out, so a picture that a model links to is not loaded."""

HEADERS = {
    "Content-Security-Policy": "; ".join(f"{name} {value}" for name, value in _POLICY.items()),
    "Cross-Origin-Opener-Policy": "same-origin",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "Cache-Control": "no-cache",
}
"""no-cache: a browser asks whether its copy is still good, which costs a 304."""

_RAW_HEADERS = [(name.lower().encode(), value.encode()) for name, value in HEADERS.items()]


class Secured:
    """A file app with the page's headers on every answer."""

    def __init__(self, files: StaticFiles) -> None:
        self._files = files

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def send_secured(message: Message) -> None:
            if message["type"] == "http.response.start":
                message["headers"] = [*message["headers"], *_RAW_HEADERS]
            await send(message)

        await self._files(scope, receive, send_secured)


class Pages:
    """Handlers for everything a browser loads."""

    def __init__(self, catalog: Catalog) -> None:
        self._scripts = {component.folder: component.script for component in catalog if component.script}

    def routes(self) -> list[BaseRoute]:
        return [
            Route("/", self.page),
            Route("/genui.js", self.bundle),
            Route("/components/{folder}/script.js", self.script),
            Mount("/static", Secured(StaticFiles(directory=STATIC, check_dir=False))),
        ]

    async def page(self, _: Request) -> Response:
        return FileResponse(STATIC / "index.html", headers=HEADERS)

    async def bundle(self, _: Request) -> Response:
        return FileResponse(STATIC / "genui.js", media_type="text/javascript", headers=HEADERS)

    async def script(self, request: Request) -> Response:
        script = self._scripts.get(request.path_params["folder"])
        if script is None:
            raise HTTPException(404)
        return FileResponse(script, media_type="text/javascript", headers=HEADERS)
