"""The chat page, the gallery of components, the bundles, and the components' scripts.

Each file has a route of its own, made when the application is: an address is looked up and never becomes
a path, so none can lead anywhere else. A component's script is looked up in the catalog that is in use.
"""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable, Container, Iterator, Mapping, Sequence
from pathlib import Path

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route
from starlette.staticfiles import StaticFiles
from starlette.types import Scope

from genui.agent import docs_folder
from genui.catalog import Catalog
from genui.errors import CallerError
from genui.server.security import Public

STATIC = Path(__file__).parents[1] / "static"

_POLICY = {
    "default-src": "'none'",
    "script-src": "'self'",
    "style-src": "'self'",
    "img-src": "'self' data:",
    "media-src": "'self'",
    "font-src": "'self' data:",
    "connect-src": "'self'",
    "frame-src": "'self'",
    "base-uri": "'none'",
    "form-action": "'none'",
    "frame-ancestors": "'self'",
    "require-trusted-types-for": "'script'",
    "trusted-types": "genui",
}
"""What the page may load: nothing inline, nothing from elsewhere, and only frontend/src/trusted.ts may make
markup of a string. An image from elsewhere would be a way to carry a conversation out, so one that a model
links to is loaded only from origins that whoever runs the server has named."""

_ORIGIN = re.compile(r"https?://[a-z0-9.\-]+(:\d{1,5})?\Z")

Endpoint = Callable[[Request], Awaitable[Response]]

Stranger = Callable[[Scope], Awaitable[bool]]
"""Whether a request comes from somebody who has yet to sign in."""

_RELOAD = '<script type="module" src="static/reload.js"></script>'

_JAVASCRIPT = "text/javascript; charset=utf-8"


def image_origin(given: str) -> str:
    """An origin that pictures may load from, as browsers write it; "*" for any.

    Raises CallerError (`bad-origin`).
    """
    origin = given.strip().lower().removesuffix("/")
    if origin != "*" and not _ORIGIN.match(origin):
        raise CallerError(
            "bad-origin", f"{given!r} is no origin: give a scheme and a host, as https://img.example"
        )
    return origin


def page_headers(image_origins: Sequence[str] = ()) -> dict[str, str]:
    """The headers of everything that a browser loads. no-cache: it asks whether its copy is still good, which
    costs a 304."""
    images = "".join(f" {'https: http:' if origin == '*' else origin}" for origin in image_origins)
    policy = _POLICY | {name: _POLICY[name] + images for name in ("img-src", "media-src")}
    return {
        "Content-Security-Policy": "; ".join(f"{name} {value}" for name, value in policy.items()),
        "Cross-Origin-Opener-Policy": "same-origin",
        "Referrer-Policy": "no-referrer",
        "X-Content-Type-Options": "nosniff",
        "Cache-Control": "no-cache",
    }


def page_routes(
    catalog: Callable[[], Catalog],
    image_origins: Sequence[str] = (),
    *,
    reload: bool = False,
    stranger: Stranger | None = None,
) -> list[Route]:
    """A route for everything that a browser loads. `catalog` gives the one that is in use; with `reload` the
    pages watch for another one. A `stranger` gets the page to sign in on in place of a page."""
    headers = page_headers(image_origins)
    pages = {"/": STATIC / "index.html", "/gallery": STATIC / "gallery.html"}
    return [
        *(
            Public(address, _for_friends(_page(file, headers, reload=reload), headers, stranger))
            for address, file in pages.items()
        ),
        *(Public(address, _serving(file, headers)) for address, file in _files()),
        Public("/{bundle}.js", _leading(_beside(), headers)),
        Public("/components/{folder}/script.js", _scripts(catalog, headers)),
    ]


def _beside() -> frozenset[str]:
    """The bundles that genui.js looks for beside itself."""
    return frozenset(file.stem for file in STATIC.glob("*.js"))


def _files() -> Iterator[tuple[str, Path]]:
    yield "/genui.js", STATIC / "genui.js"
    for file in sorted(STATIC.rglob("*")):
        if file.is_file():
            yield f"/static/{file.relative_to(STATIC).as_posix()}", file
    for file in sorted(docs_folder().glob("*.md")):
        yield f"/docs/{file.name}", file


def _leading(bundles: Container[str], headers: Mapping[str, str]) -> Endpoint:
    """Leads to the one address that a bundle has: a browser would take the same module at two for two."""

    async def lead(request: Request) -> Response:
        name = request.path_params["bundle"]
        if name not in bundles:
            raise HTTPException(404)
        return Response(status_code=307, headers={**headers, "Location": f"static/{name}.js"})

    return lead


def _page(file: Path, headers: Mapping[str, str], *, reload: bool) -> Endpoint:
    """A page; one that reloads loads one script more."""
    if not reload:
        return _serving(file, headers)
    html = file.read_text("utf-8").replace("</head>", f"{_RELOAD}</head>")
    csp = "Content-Security-Policy"  # the script loads others by themselves, to look for mistakes
    policy = headers[csp].replace("trusted-types genui", "trusted-types genui genui-reload")
    headers = {**headers, csp: policy}

    async def serve(_: Request) -> Response:
        return Response(html, headers=headers, media_type="text/html")

    return serve


def _for_friends(page: Endpoint, headers: Mapping[str, str], stranger: Stranger | None) -> Endpoint:
    """The page, or the one to sign in on, at the same address."""
    if stranger is None:
        return page

    async def serve(request: Request) -> Response:
        asked = await stranger(request.scope)
        response = _response(STATIC / "signin.html", request, headers) if asked else await page(request)
        response.headers["Vary"] = "Cookie, Authorization"
        return response

    return serve


def _serving(file: Path, headers: Mapping[str, str]) -> Endpoint:
    async def serve(request: Request) -> Response:
        return _response(file, request, headers)

    return serve


def _scripts(catalog: Callable[[], Catalog], headers: Mapping[str, str]) -> Endpoint:
    """The script of the component whose folder is named. It is looked up and never becomes a path."""

    async def serve(request: Request) -> Response:
        folder = request.path_params["folder"]
        script = next((one.script for one in catalog() if one.folder == folder and one.script), None)
        if script is None:
            raise HTTPException(404)
        if isinstance(script, str):
            return Response(script, headers={**headers, "Content-Type": _JAVASCRIPT})
        return _response(script, request, headers)

    return serve


def _response(file: Path, request: Request, headers: Mapping[str, str]) -> Response:
    """The file, or 304 to who has it."""
    response = StaticFiles().file_response(file, file.stat(), request.scope)
    response.headers.update(headers)
    if file.suffix == ".md" and response.status_code == 200:
        response.headers["Content-Type"] = "text/plain; charset=utf-8"  # which browsers show
    if file.suffix == ".js" and response.status_code == 200:
        # What the machine's own table of types says may be something that no browser runs.
        response.headers["Content-Type"] = _JAVASCRIPT
    return response
