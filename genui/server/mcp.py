"""The pages of MCP Apps, at addresses that only `<McpApp>` frames.

They are templates, the same for everybody: what a tool was asked and what it answered comes to them from the
page around. So they are as public as a component's script.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from genui.agent import McpServer, Tool, Toolset
from genui.errors import CallerError
from genui.server.security import Public


def mcp_routes(tools: Sequence[Tool | Toolset]) -> list[Route]:
    """The route of all servers' apps, if there is a server. Raises CallerError (`bad-mcp`)."""
    servers = _by_name(one for one in tools if isinstance(one, McpServer))
    if not servers:
        return []

    async def serve(request: Request) -> Response:
        server = servers.get(request.path_params["server"])
        if server is None:
            raise HTTPException(404)
        try:
            found = await server.document(request.path_params["key"])
        except OSError as error:
            raise HTTPException(502, "The MCP server does not answer.") from error
        if found is None:
            raise HTTPException(404)
        headers = {
            "Content-Security-Policy": found.policy,
            "Referrer-Policy": "no-referrer",
            "X-Content-Type-Options": "nosniff",
            "Cache-Control": "no-cache",
        }
        return Response(found.html, headers=headers, media_type="text/html")

    return [Public("/v1/mcp/{server}/{key}", serve)]


def _by_name(servers: Iterable[McpServer]) -> dict[str, McpServer]:
    found: dict[str, McpServer] = {}
    for server in servers:
        if server.name in found:
            raise CallerError(
                "bad-mcp", f"two MCP servers are called {server.name!r}: give each a name of its own"
            )
        found[server.name] = server
    return found
