"""An MCP server whose tools the agent may use (https://modelcontextprotocol.io), through the package `mcp`.

Two designs were weighed.

1. Connect first, and give `GenUI` the tools that are there. But an ASGI application is made before there is
   an event loop, and a server that starts late or again would need the service to start again, too.
2. A set of tools, asked for them when a run begins. It connects when it is first needed, keeps what it was
   told for a while, and connects anew when the connection has broken.

The second it is. A server that cannot be reached costs the first run that asks a few seconds and the others
nothing: they go on without its tools, and it is tried again later.
"""

from __future__ import annotations

import asyncio
import importlib.util
import json
import logging
import math
import re
import time
from collections.abc import AsyncIterator, Callable, Collection, Coroutine, Mapping, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from typing import TYPE_CHECKING, Any

from genui.agent.mcp.apps import (
    EXTENSION,
    LARGEST_RESULT,
    PAGE_TYPE,
    Document,
    app_of,
    document,
    is_for_apps,
    key_of,
)
from genui.agent.mcp.connection import Connection
from genui.agent.mcp.convert import AppTool, Caller, app_tool_of, is_offered, tool_of
from genui.agent.tools import Tool, ToolError
from genui.errors import CallerError

if TYPE_CHECKING:
    from mcp import Client
    from mcp.types import CallToolResult
    from mcp.types import Tool as Spec

log = logging.getLogger("genui.agent")

PATIENCE = 5.0
"""Seconds that a run waits for a server to say which tools it has."""

FRESH = 60.0
"""Seconds for which that is good, and after which one that failed is tried again."""

_PAGES = 20
"""Of a list of tools, beside the first."""

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,31}\Z")


class McpServer:
    """The tools of an MCP server, to be given to `GenUI(tools=…)` as a tool is.

        GenUI(tools=[McpServer("https://host/mcp", headers={"Authorization": "Bearer …"})])
        GenUI(tools=[McpServer(["uvx", "mcp-server-time"])])

    server: the URL of a server that speaks Streamable HTTP; a command as a list of words, which is started
    and spoken to over its standard input and output; or whatever else `mcp.Client` connects to. name: what
    people are told it is called, and a part of its apps' addresses: letters, digits, `-` and `_`. headers: of
    each request to a URL. environment: of a command, beside the few variables that are inherited. only: the
    names of the tools that are offered; None is all. confirm: whether people are asked before a call of a
    tool that does not say of itself that it only reads. timeout: seconds that a call may take.

    Raises CallerError (`no-mcp`, `bad-mcp`).
    """

    def __init__(
        self,
        server: str | Sequence[str] | Any,
        *,
        name: str = "mcp",
        headers: Mapping[str, str] | None = None,
        environment: Mapping[str, str] | None = None,
        only: Collection[str] | None = None,
        confirm: bool = True,
        timeout: float = 60.0,
    ) -> None:
        if importlib.util.find_spec("mcp") is None:
            raise CallerError("no-mcp", "MCP servers need a package more: pip install 'genui[mcp]'")
        if not _NAME.match(name):
            raise CallerError(
                "bad-mcp", f"{name!r} is no name for an MCP server: use letters, digits, - and _"
            )
        self.name = name
        self.confirm = confirm
        self._connect = _connector(server, headers or {}, environment or {})
        self._only = only
        self._timeout = timeout
        self._connection: Connection | None = None
        self._closing: set[asyncio.Task[None]] = set()
        self._tools: list[Tool] = []
        self._apps: dict[str, str] = {}
        self._for_apps: dict[str, AppTool] = {}
        self._pages: dict[str, _Page] = {}
        self._failed = False
        self._good_until = 0.0
        self._asking: asyncio.Task[None] | None = None

    async def tools(self) -> list[Tool]:
        """What the server offers now. One that cannot be reached offers nothing, and the log says why."""
        await self._ask()
        return list(self._tools)

    async def document(self, key: str) -> Document | None:
        """The page of an app, by the key in its address; for a while the one that was read before, since
        anybody may ask. None is there for a key that no tool's app has; raises OSError where the server
        cannot be reached or does not give it."""
        await self._ask()
        uri = self._apps.get(key)
        if uri is None:
            if self._failed:
                raise ConnectionError("the server cannot be reached")
            return None
        page = self._pages.get(key)
        if page is None or page.is_over:
            page = self._pages[key] = _Page(self._read(uri))
        return await page.document()

    async def call_for_app(
        self, tool: str, arguments: Mapping[str, Any], *, confirmed: bool
    ) -> dict[str, Any]:
        """A tool's `result` for an app of this server's; one that failed says so in it. Or, where it is not
        `confirmed` and has to be, the `question` to ask the user first.

        Raises CallerError: `unknown-tool`, `bad-values`, `tool-failed`.
        """
        await self._ask()
        found = self._for_apps.get(tool)
        if found is None:
            raise CallerError("unknown-tool", "This server has no tool of that name for its apps.", 404)
        try:
            _, given = found.check(json.dumps(arguments))
        except ToolError as error:
            raise CallerError("bad-values", error.for_model, 422) from error
        if found.question is not None and not confirmed:
            return {"question": found.question.fill(given)}
        log.info("an app of the MCP server %s calls %s", self.name, tool)
        return {"result": await self._answer_app(tool, given)}

    async def _answer_app(self, tool: str, arguments: dict[str, Any]) -> Any:
        try:
            async with asyncio.timeout(self._timeout):
                result = await self._call(tool, arguments, None)
        except Exception as error:
            log.warning("an app's call of %s failed", tool, exc_info=error)
            words = "It took too long." if isinstance(error, TimeoutError) else "The server does not answer."
            raise CallerError("tool-failed", words, 502) from error
        told = result.model_dump_json(by_alias=True, exclude_none=True)
        if len(told) > LARGEST_RESULT:
            raise CallerError("tool-failed", f"The answer is longer than {LARGEST_RESULT} characters.", 502)
        return json.loads(told)

    async def close(self) -> None:
        """Leave the server."""
        if self._asking is not None:
            self._asking.cancel()
        for page in self._pages.values():
            page.reading.cancel()
        if self._connection is not None:
            self._drop(self._connection)
        if self._closing:
            await asyncio.wait(self._closing)
        self._asking, self._good_until = None, 0.0

    async def _ask(self) -> None:
        """Be told which tools there are, once for all runs that want to know."""
        if time.monotonic() < self._good_until:
            return
        if self._asking is None or self._asking.done():
            self._asking = asyncio.create_task(self._list(), name="genui mcp tools")
        await asyncio.wait([self._asking], timeout=PATIENCE)

    async def _list(self) -> None:
        try:
            self._take(await self._listed())
        except TimeoutError:  # it is busy, with a call perhaps: what it has told stands
            log.warning("the MCP server %s does not say which tools it has", self.name)
        except Exception as error:
            self._tools, self._apps, self._for_apps, self._failed = [], {}, {}, True
            log.warning("the MCP server %s cannot be reached: %s", self.name, error or type(error).__name__)
        self._good_until = time.monotonic() + FRESH

    def _take(self, told: Sequence[Spec]) -> None:
        caller = Caller(self.name, self._call, self._timeout, confirm=self.confirm)
        chosen = [spec for spec in told if self._only is None or spec.name in self._only]
        tools = (tool_of(spec, caller) for spec in chosen if is_offered(spec))
        self._tools = [tool for tool in tools if tool is not None]
        self._apps = {key_of(uri): uri for spec in chosen if (uri := app_of(spec))}
        for_apps = (app_tool_of(spec, caller) for spec in chosen if is_for_apps(spec))
        self._for_apps = {tool.name: tool for tool in for_apps if tool is not None}
        self._failed = False

    async def _listed(self) -> list[Spec]:
        """A connection that was there may have broken unseen: then once more, on a new one."""
        connection, client = await self._connected()
        try:
            return await _all_tools(client)
        except Exception as error:
            if not _is_lost(error):
                raise
            self._drop(connection)
        _, client = await self._connected()
        return await _all_tools(client)

    async def _read(self, uri: str) -> Document | None:
        try:
            async with self._using() as client, asyncio.timeout(PATIENCE):
                return document(await client.read_resource(uri))
        except Exception as error:
            raise ConnectionError(f"{type(error).__name__}: {error}") from error

    async def _call(
        self, tool: str, arguments: dict[str, Any], progress: Callable[..., Any] | None
    ) -> CallToolResult:
        async with self._using() as client:
            return await client.call_tool(
                tool, arguments, read_timeout_seconds=self._timeout, progress_callback=progress
            )

    @asynccontextmanager
    async def _using(self) -> AsyncIterator[Client]:
        """For one request: a connection that is lost with it is dropped."""
        connection, client = await self._connected()
        try:
            yield client
        except Exception as error:
            if _is_lost(error):
                self._drop(connection)
            raise

    async def _connected(self) -> tuple[Connection, Client]:
        """Raises ConnectionError."""
        if self._connection is None or not self._connection.is_open:
            self._connection = Connection(self._connect)
        connection = self._connection
        try:
            async with asyncio.timeout(2 * PATIENCE):
                return connection, await connection.client()
        except (ConnectionError, TimeoutError) as error:
            self._drop(connection)
            raise ConnectionError(str(error) or "it does not answer") from error

    def _drop(self, connection: Connection) -> None:
        """Have no more to do with this one. It closes behind: a process may take its seconds to end."""
        if self._connection is connection:
            self._connection = None
        closing = asyncio.create_task(connection.close(), name="genui mcp close")
        self._closing.add(closing)
        closing.add_done_callback(self._closing.discard)


class _Page:
    """A page that is read once for all who want it, and for a while after."""

    def __init__(self, read: Coroutine[Any, Any, Document | None]) -> None:
        self.reading = asyncio.create_task(read, name="genui mcp page")
        self.reading.add_done_callback(self._read)
        self._until = math.inf

    @property
    def is_over(self) -> bool:
        """Whether it has to be read again."""
        return time.monotonic() >= self._until

    async def document(self) -> Document | None:
        """Raises what reading it did. Who is cancelled takes it from nobody else."""
        return await asyncio.shield(self.reading)

    def _read(self, reading: asyncio.Task[Document | None]) -> None:
        failed = reading.cancelled() or reading.exception() is not None
        self._until = 0.0 if failed else time.monotonic() + FRESH


def _is_lost(error: Exception) -> bool:
    """Whether the connection is to blame, and not one request: others may be under way on it."""
    import anyio
    import httpx2
    from mcp import MCPError
    from mcp.types import CONNECTION_CLOSED

    if isinstance(error, MCPError):
        return error.code == CONNECTION_CLOSED or error.message == "Session terminated"
    if isinstance(error, TimeoutError):
        return False
    gone = (OSError, anyio.ClosedResourceError, anyio.BrokenResourceError, anyio.EndOfStream)
    return isinstance(error, (*gone, httpx2.TransportError))


async def _all_tools(client: Client) -> list[Spec]:
    """Raises TimeoutError."""
    async with asyncio.timeout(2 * PATIENCE):
        page = await client.list_tools(cache_mode="refresh")
        found = list(page.tools)
        for _ in range(_PAGES):
            if not page.next_cursor:
                break
            page = await client.list_tools(cursor=page.next_cursor, cache_mode="refresh")
            found += page.tools
    return found


def _connector(
    server: str | Sequence[str] | Any, headers: Mapping[str, str], environment: Mapping[str, str]
) -> Callable[[], AbstractAsyncContextManager[Client]]:
    """What opens a new connection. Raises CallerError (`bad-mcp`)."""
    from mcp import StdioServerParameters

    if isinstance(server, str):
        if not re.match(r"https?://", server):
            raise CallerError("bad-mcp", f"{server!r} is no URL; give a command as a list of words")
        url = server
        return lambda: _over_http(url, headers)
    if isinstance(server, Sequence):
        if not server or not all(isinstance(word, str) for word in server):
            raise CallerError("bad-mcp", f"{server!r} is no command: give a list of words")
        parameters = StdioServerParameters(
            command=server[0], args=list(server[1:]), env={**environment} or None
        )
        return lambda: _client(parameters)
    return lambda: _client(server)


def _client(server: Any) -> Client:
    """One that shows apps, and says so: a server may have none for others."""
    from mcp import Client
    from mcp.client.extension import advertise

    return Client(server, extensions=[advertise(EXTENSION, {"mimeTypes": [PAGE_TYPE]})])


@asynccontextmanager
async def _over_http(url: str, headers: Mapping[str, str]) -> AsyncIterator[Client]:
    from mcp.client.streamable_http import streamable_http_client
    from mcp.shared._httpx_utils import create_mcp_http_client

    async with (
        create_mcp_http_client(headers=dict(headers)) as http,
        _client(streamable_http_client(url, http_client=http)) as client,
    ):
        yield client
