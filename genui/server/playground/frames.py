"""The frames in which widgets are shown: documents of no origin, for whose scripts this server is a stranger.

A component's script, which may be under edit or have come in a link, runs there and nowhere else. The frame
is a sandbox without `allow-same-origin`: it has no access to the page around it, to its storage or to its
routes, and its policy lets it connect to nothing. What it loads (its bundle, charts, scripts) comes from an
address that holds a secret of this process, because a document of no origin can show no other sign that it
belongs here; that is also why these answers may be read from everywhere.
"""

from __future__ import annotations

import secrets
from collections import OrderedDict
from collections.abc import Awaitable, Callable
from pathlib import Path

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route
from starlette.staticfiles import StaticFiles

from genui.errors import CallerError
from genui.server.pages import STATIC, page_headers
from genui.server.playground.guard import Guard
from genui.server.security import Public

Endpoint = Callable[[Request], Awaitable[Response]]

_JAVASCRIPT = "text/javascript; charset=utf-8"
_DRAFTS = 64
"""How many scripts under edit are kept."""

_POLICY = (
    "sandbox allow-scripts; default-src 'none'; script-src {here}; style-src {here};"
    " img-src {here} {pictures} data:; media-src {here} {pictures}; font-src {here} data:;"
    " frame-src {here} {apps}; connect-src 'none'; base-uri 'none'; form-action 'none';"
    " frame-ancestors 'self';"
    " require-trusted-types-for 'script'; trusted-types genui"
)


class Frames:
    """What frames load. `script` gives the text of a saved component's script by the name of its folder."""

    def __init__(self, guard: Guard, script: Callable[[str], str]) -> None:
        self.secret = secrets.token_urlsafe(24)
        self._guard = guard
        self._script = script
        self._drafts: OrderedDict[str, str] = OrderedDict()

    @property
    def address(self) -> str:
        """Where the frame is, relative to the playground's page."""
        return f"playground/frame/{self.secret}/"

    def keep(self, text: str) -> str:
        """Have a script under edit served; its address, relative to the frame's."""
        name = secrets.token_urlsafe(12)
        self._drafts[name] = text
        if len(self._drafts) > _DRAFTS:
            self._drafts.popitem(last=False)
        return f"drafts/{name}/script.js"

    def routes(self) -> list[Route]:
        here = f"/playground/frame/{self.secret}"
        return [
            Public(f"{here}/", self._serve(self._page)),
            Public(here + "/static/{file:path}", self._serve(self._static)),
            Public(here + "/components/{folder}/script.js", self._serve(self._saved)),
            Public(here + "/drafts/{name}/script.js", self._serve(self._draft)),
            Public(here + "/v1/mcp/{server}/{key}", self._serve(self._app)),
        ]

    def _serve(self, endpoint: Endpoint) -> Endpoint:
        async def serve(request: Request) -> Response:
            self._guard.check_host(request.scope)
            response = await endpoint(request)
            response.headers.update({**page_headers(), "Access-Control-Allow-Origin": "*"})
            response.headers["Content-Security-Policy"] = _policy(request)
            return response

        return serve

    async def _page(self, request: Request) -> Response:
        file = STATIC / "frame.html"
        return StaticFiles().file_response(file, file.stat(), request.scope)

    async def _static(self, request: Request) -> Response:
        file = _known_static().get(request.path_params["file"])
        if file is None:
            raise _not_found()
        response = StaticFiles().file_response(file, file.stat(), request.scope)
        if file.suffix == ".js":
            response.headers["Content-Type"] = _JAVASCRIPT
        return response

    async def _saved(self, request: Request) -> Response:
        return Response(self._script(request.path_params["folder"]), media_type=_JAVASCRIPT)

    async def _app(self, request: Request) -> Response:
        """An MCP App looks for its page beside its script's folder: it is where it is for everybody."""
        server, key = request.path_params["server"], request.path_params["key"]
        return RedirectResponse(f"{_root(request)}/v1/mcp/{server}/{key}")

    async def _draft(self, request: Request) -> Response:
        text = self._drafts.get(request.path_params["name"])
        if text is None:
            raise _not_found()
        return Response(text, media_type=_JAVASCRIPT)


def _root(request: Request) -> str:
    return f"{request.url.scheme}://{request.url.netloc}{request.scope.get('root_path', '')}"


def _policy(request: Request) -> str:
    """'self' is nothing to a document of no origin in some browsers, so the address is written out; scripts
    come only from below the secret."""
    origin = f"{request.url.scheme}://{request.url.netloc}"
    root = _root(request)
    here, apps = f"{root}/playground/frame/", f"{root}/v1/mcp/"
    return _POLICY.format(here=here, apps=apps, pictures=f"{origin}/static/")


def _known_static() -> dict[str, Path]:
    return {file.relative_to(STATIC).as_posix(): file for file in STATIC.rglob("*") if file.is_file()}


def _not_found() -> CallerError:
    return CallerError("not-found", "There is nothing at this address.", 404)
