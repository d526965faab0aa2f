"""The chat page, the bundles, and the components' scripts.

Each file has a route of its own, made when the application is: an address is looked up and never becomes
a path, so none can lead anywhere else.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterator
from pathlib import Path

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route
from starlette.staticfiles import StaticFiles

from genui.catalog import Catalog

STATIC = Path(__file__).parents[1] / "static"

_POLICY = {
    "default-src": "'none'",
    "script-src": "'self'",
    "style-src": "'self'",
    "img-src": "'self' data:",
    "media-src": "'self'",
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

_JAVASCRIPT = "text/javascript; charset=utf-8"


def page_routes(catalog: Catalog) -> list[Route]:
    """A route for everything that a browser loads."""
    served = [Route(address, _serving(file)) for address, file in _addresses(catalog)]
    return served + [Route(f"/{name}", _leading(f"static/{name}")) for name in _beside()]


def _beside() -> list[str]:
    """The bundles that genui.js looks for beside itself. They are led to the one address that they have:
    a browser would take the same module at two addresses for two."""
    return sorted(file.name for file in STATIC.glob("*.js") if file.name != "genui.js")


def _addresses(catalog: Catalog) -> Iterator[tuple[str, Path | str]]:
    yield "/", STATIC / "index.html"
    yield "/genui.js", STATIC / "genui.js"
    for file in sorted(STATIC.rglob("*")):
        if file.is_file():
            yield f"/static/{file.relative_to(STATIC).as_posix()}", file
    for component in catalog:
        if component.script:
            yield f"/components/{component.folder}/script.js", component.script


def _leading(address: str) -> Callable[[Request], Awaitable[Response]]:
    """Leads to an address relative to the one that was asked for, under whatever prefix."""

    async def lead(_: Request) -> Response:
        return Response(status_code=307, headers={**HEADERS, "Location": address})

    return lead


def _serving(source: Path | str) -> Callable[[Request], Awaitable[Response]]:
    """Answers with a file, or with the text of a script."""

    async def serve(request: Request) -> Response:
        if isinstance(source, str):
            return Response(source, headers={**HEADERS, "Content-Type": _JAVASCRIPT})
        return _response(source, request)

    return serve


def _response(file: Path, request: Request) -> Response:
    """The file, or 304 to who has it."""
    response = StaticFiles().file_response(file, file.stat(), request.scope)
    response.headers.update(HEADERS)
    if file.suffix == ".js" and response.status_code == 200:
        # What the machine's own table of types says may be something that no browser runs.
        response.headers["Content-Type"] = _JAVASCRIPT
    return response
