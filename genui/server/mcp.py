"""The pages of MCP Apps, at addresses that only `<McpApp>` frames, and the tools that these call.

The pages are templates, the same for everybody: what a tool was asked and what it answered comes to them from
the page around. So they are as public as a component's script. A call is its user's: it names the component
that the app stands in, and only the run can say which server's app that is.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route
from starlette.types import Receive, Scope, Send

from genui.agent import McpServer, Tool, Toolset, server_of
from genui.errors import CallerError
from genui.server.answers import answer
from genui.server.raw import Raw
from genui.server.requests import CallRequest, owner_of, parse, read_json_body
from genui.server.security import Limiter, Public, ServerLimits
from genui.server.service import Service

MAX_CALL = 200_000
"""Bytes of the body of a call."""

OF_ONE_ANSWER = ServerLimits(rate=2.0, burst=30, open=8)
"""How often the apps of one answer may call, beside all that its owner may ask: a page that calls without an
end must not use up what the reader has."""


def mcp_routes(tools: Sequence[Tool | Toolset], service: Service, limits: ServerLimits) -> list[Route]:
    """The routes of all servers' apps, if there is a server. Raises CallerError (`bad-mcp`)."""
    servers = _by_name(one for one in tools if isinstance(one, McpServer))
    return _Routes(servers, service, limits).routes() if servers else []


class _Routes:
    def __init__(self, servers: Mapping[str, McpServer], service: Service, limits: ServerLimits) -> None:
        self._servers = servers
        self._service = service
        self._limits = limits
        self._limiter = Limiter(OF_ONE_ANSWER)

    def routes(self) -> list[Route]:
        return [
            Public("/v1/mcp/{server}/{key}", self.page),
            Route("/v1/mcp/call", Raw(self.call), methods=["POST"]),
        ]

    async def page(self, request: Request) -> Response:
        """An app's page, under its policy."""
        server = self._servers.get(request.path_params["server"])
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

    async def call(self, scope: Scope, receive: Receive, send: Send) -> None:
        """What a tool answers to an app, or what its user is to be asked first."""
        limit = min(self._limits.body, MAX_CALL)
        body = await read_json_body(scope, receive, limit, self._limits.body_seconds)
        request, owner = parse(CallRequest, body), owner_of(scope)
        with self._limiter.entered([json.dumps([owner, request.run])]):  # before the answer is looked for
            server = await self._server(request, owner)
            told = await server.call_for_app(request.tool, request.arguments, confirmed=request.confirmed)
        await answer(told)(scope, receive, send)

    async def _server(self, request: CallRequest, owner: str | None) -> McpServer:
        """That of the app which calls. Raises CallerError."""
        component = await self._service.component(request.run, request.component, owner)
        name = server_of(str(component.props.get("src"))) if component.name == "McpApp" else None
        server = self._servers.get(name or "")
        if server is None:
            raise CallerError("not-offered", f"That {component.name} calls no tools.", 403)
        return server


def _by_name(servers: Iterable[McpServer]) -> dict[str, McpServer]:
    found: dict[str, McpServer] = {}
    for server in servers:
        if server.name in found:
            raise CallerError(
                "bad-mcp", f"two MCP servers are called {server.name!r}: give each a name of its own"
            )
        found[server.name] = server
    return found
