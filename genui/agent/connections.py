"""HTTP/1.1 for answers that are streamed: a transport for openai's client, straight from the socket.

httpx's own transport was weighed. It costs 110 µs CPU for each piece of a body (anyio, httpcore and h11, five
layers of generators and a cancel scope a read), some 50 kB a stream, and looks through all its connections
at each request, of which openai's client lets it have a thousand. So does aiohttp, at half the cost a piece.
Here a piece costs what the socket and httptools' parser cost, which uvicorn reads requests with, and all
that came meanwhile is one piece.

It does what a model's server needs: requests with a body in memory, connections that are used again, TLS
with the system's settings. A proxy in the environment is httpx's business: see `client`.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Coroutine
from importlib import import_module
from typing import Any, NamedTuple, TypeAlias
from urllib.request import getproxies

import httptools
import openai

httpx: Any = import_module(str(openai.DefaultAsyncHttpxClient.__base__.__module__).partition(".")[0])
"""The package of this name or a fork of it: whichever openai's client is made with."""

BODY = "genui.body"
"""The key of a response's extensions under which its `Body` is, if this transport brought it."""

IDLE_SECONDS = 5.0
"""How long a connection waits for another request."""

IDLE_CONNECTIONS = 100
"""How many wait, for each server."""

AHEAD_BYTES = 256 * 1024
"""How much may have arrived that nobody has read."""

HEAD_BYTES = 256 * 1024
"""How much may arrive in a row that is nothing of a body: a head, what announces a chunk, trailers. The
parser keeps it until it is whole."""

ERROR_BYTES = 64 * 1024
"""How much is read of the body of an answer that is none, which openai's client has in memory as a whole."""

_Place: TypeAlias = tuple[str, str, int]


class Head(NamedTuple):
    """What stands before a body."""

    status: int
    headers: list[tuple[bytes, bytes]]


def client(**options: Any) -> Any:
    """An HTTP client for `openai.AsyncOpenAI(http_client=…)`; where a proxy is set, with httpx's transport.

    It follows no redirect: a conversation is for the server that was named, and for no other.
    """
    if not any(scheme in getproxies() for scheme in ("http", "https", "all")):
        options["transport"] = StreamTransport()
    options.setdefault("headers", {"Accept-Encoding": "identity"})  # a stream is late where it is compressed
    hooks = {"response": [_bound_error]}
    return openai.DefaultAsyncHttpxClient(follow_redirects=False, event_hooks=hooks, **options)


async def _bound_error(response: Any) -> None:
    """Of an answer that is none, whichever transport brought it."""
    if response.status_code >= 300:
        response.headers.pop("content-encoding", None)  # nobody asked for it; a few bytes might be very many
        response.stream = _Beginning(response.stream)


class _Beginning(httpx.AsyncByteStream):  # type: ignore[misc]
    """The first `ERROR_BYTES` of a body, which then counts as ended."""

    def __init__(self, body: Any) -> None:
        self._body = body

    async def __aiter__(self) -> AsyncIterator[bytes]:
        left = ERROR_BYTES
        async for piece in self._body:
            yield piece[:left]
            left -= len(piece)
            if left <= 0:
                return

    async def aclose(self) -> None:
        await self._body.aclose()


class Body(httpx.AsyncByteStream):  # type: ignore[misc]
    """The body of one response."""

    def __init__(self, connection: _Connection) -> None:
        self._connection: _Connection | None = connection

    def read(self) -> Coroutine[Any, Any, bytes]:
        """All that has arrived, as soon as there is anything; nothing at the end. Raises what httpx does."""
        return _nothing() if self._connection is None else self._connection.read()

    @property
    def complete(self) -> bool:
        """Whether its end has arrived and all of it is read."""
        return self._connection is None or self._connection.read_all

    async def __aiter__(self) -> AsyncIterator[bytes]:
        while piece := await self.read():
            yield piece

    def close(self) -> None:
        """Give the connection back, or close it when something is left to read."""
        connection, self._connection = self._connection, None
        if connection is not None:
            connection.leave()

    async def aclose(self) -> None:
        self.close()


async def _nothing() -> bytes:
    return b""


class StreamTransport(httpx.AsyncBaseTransport):  # type: ignore[misc]
    """Connections by where they lead; see the module."""

    def __init__(self) -> None:
        self._idle: dict[_Place, list[_Connection]] = {}
        self._all: set[_Connection] = set()
        self._ssl: Any = None

    async def handle_async_request(self, request: Any) -> Any:
        """Send it, and wait for the head of the answer. Raises what httpx does."""
        content = await request.aread()
        connection = self._waiting(request) or await self._connect(request)
        try:
            head = await connection.ask(_head_of(request), content)
        except BaseException:
            connection.close()
            raise
        body = Body(connection)
        return httpx.Response(head.status, headers=head.headers, stream=body, extensions={BODY: body})

    async def aclose(self) -> None:
        """Close every connection."""
        for connection in list(self._all):
            connection.close()

    def _waiting(self, request: Any) -> _Connection | None:
        """A connection that was used before, of this loop: a test may have several, one after another."""
        idle = self._idle.get(_place_of(request.url))
        loop = asyncio.get_running_loop()
        while idle:
            connection = idle.pop()
            if connection.wake(loop):
                return connection
        return None

    async def _connect(self, request: Any) -> _Connection:
        place = scheme, host, port = _place_of(request.url)
        tls = {"ssl": self._context(), "server_hostname": host} if scheme == "https" else {}
        idle = self._idle.setdefault(place, [])
        loop = asyncio.get_running_loop()
        seconds = request.extensions.get("timeout", {}).get("connect")
        try:
            async with asyncio.timeout(seconds):
                _, connection = await loop.create_connection(
                    lambda: _Connection(loop, self._all, idle), host, port, **tls
                )
        except TimeoutError as error:
            raise httpx.ConnectTimeout(f"no connection within {seconds} seconds", request=request) from error
        except OSError as error:
            raise httpx.ConnectError(str(error), request=request) from error
        return connection

    def _context(self) -> Any:
        if self._ssl is None:
            self._ssl = httpx.create_ssl_context()
        return self._ssl


def _place_of(url: Any) -> _Place:
    return url.scheme, url.host, url.port or (443 if url.scheme == "https" else 80)


def _head_of(request: Any) -> bytes:
    """The request line and the headers, which httpx has checked for line ends."""
    lines = [b"%b %b HTTP/1.1" % (request.method.encode(), request.url.raw_path)]
    lines += [b"%b: %b" % header for header in request.headers.raw]
    return b"\r\n".join([*lines, b"", b""])


class _Connection(asyncio.Protocol):
    """One connection: a request, its response, and then perhaps the next."""

    __slots__ = (
        "_ahead", "_all", "_asked", "_barren", "_complete", "_counted", "_error", "_expiry", "_head",
        "_headers", "_idle", "_loop", "_lost", "_parser", "_paused", "_pieces", "_transport", "_usable",
        "_waiter",
    )  # fmt: skip

    def __init__(
        self, loop: asyncio.AbstractEventLoop, everyone: set[_Connection], idle: list[_Connection]
    ) -> None:
        self._loop = loop
        self._all = everyone
        self._idle = idle
        self._waiter: asyncio.Future[None] | None = None
        self._expiry: asyncio.TimerHandle | None = None
        self._lost = False
        self._paused = False
        self._begin()

    def _begin(self) -> None:
        """Nothing of the next response is there."""
        self._parser = httptools.HttpResponseParser(self)
        self._head: Head | None = None
        self._headers: list[tuple[bytes, bytes]] = []
        self._counted = False  # the length of the body is known, or its pieces say which is the last
        self._pieces: list[bytes] = []
        self._ahead = 0
        self._barren = 0  # bytes since the last of a body
        self._complete = False
        self._error: Exception | None = None
        self._usable = False  # for another request
        self._asked = False  # the head was told: it is the body that is waited for

    async def ask(self, head: bytes, content: bytes) -> Head:
        """Send a request; the head of its response. uvloop makes no copy of a long conversation here."""
        self._transport.writelines((head, content))
        while self._head is None:
            await self._news()
        self._asked = True
        return self._head

    async def read(self) -> bytes:
        """See `Body.read`."""
        while not self._pieces:
            if self._complete:
                return b""
            await self._news()
        pieces = self._pieces
        piece = pieces[0] if len(pieces) == 1 else b"".join(pieces)
        pieces.clear()
        self._ahead = 0
        if self._paused:
            self._paused = False
            self._transport.resume_reading()
        return piece

    @property
    def read_all(self) -> bool:
        return self._complete and not self._pieces

    async def _news(self) -> None:
        """Wait until something has happened. Raises what has."""
        if self._error is not None:
            raise self._error
        self._waiter = self._loop.create_future()
        try:
            await self._waiter
        finally:
            self._waiter = None

    def leave(self) -> None:
        """Its response is of no interest any more: wait for another request, if that can be."""
        if self._paused or not self._usable or self._lost or len(self._idle) >= IDLE_CONNECTIONS:
            self.close()
            return
        self._idle.append(self)
        self._expiry = self._loop.call_later(IDLE_SECONDS, self.close)

    def wake(self, loop: asyncio.AbstractEventLoop) -> bool:
        """Wait no more; whether another request can be sent."""
        if self._expiry is not None:
            self._expiry.cancel()
            self._expiry = None
        if self._lost or self._loop is not loop or self._transport.is_closing():
            return False
        self._begin()
        return True

    def close(self) -> None:
        """At once, whatever is still being written."""
        if not self._loop.is_closed():
            self._transport.abort()

    # What the socket says

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        self._transport = transport
        self._all.add(self)

    def data_received(self, data: bytes) -> None:
        if self._complete:  # nobody has asked
            self.close()
            return
        self._barren += len(data)
        try:
            self._parser.feed_data(data)
        except (httptools.HttpParserError, httptools.HttpParserUpgrade) as error:
            self._fail(httpx.RemoteProtocolError(f"this is no HTTP response: {error}"))
            self.close()
        if self._barren > HEAD_BYTES:
            self._fail(httpx.RemoteProtocolError(f"more than {HEAD_BYTES} bytes of a head"))
            self.close()
        if self._ahead > AHEAD_BYTES and not self._paused:
            self._paused = True
            self._transport.pause_reading()
        self._wake_reader()

    def connection_lost(self, exc: Exception | None) -> None:
        self._lost = True
        self._all.discard(self)
        if self._expiry is not None:
            self._expiry.cancel()
        with contextlib.suppress(ValueError):
            self._idle.remove(self)
        if self._head is not None and not self._counted and exc is None:
            self._complete = True  # a body that lasts as long as its connection
        elif not self._complete:
            self._fail(httpx.RemoteProtocolError(str(exc or "the server closed the connection")))
        self._wake_reader()

    def _fail(self, error: Exception) -> None:
        self._error = self._error or error

    def _wake_reader(self) -> None:
        waiter = self._waiter
        if waiter is None or waiter.done():
            return
        if self._complete or self._error is not None or (self._pieces if self._asked else self._head):
            waiter.set_result(None)

    # What the parser says

    def on_header(self, name: bytes, value: bytes) -> None:
        self._headers.append((name, value))
        self._counted = self._counted or name.lower() in (b"content-length", b"transfer-encoding")

    def on_headers_complete(self) -> None:
        status = self._parser.get_status_code()
        if self._complete:  # nobody has asked for a second one
            self._usable = False
        elif status >= 200:
            self._head = Head(status, self._headers)
        else:  # 100 Continue and the like: the response is still to come
            self._headers, self._counted = [], False

    def on_body(self, piece: bytes) -> None:
        if not self._complete:
            self._pieces.append(piece)
            self._barren = 0
            self._ahead += len(piece)

    def on_message_complete(self) -> None:
        if self._head is not None and not self._complete:
            self._complete = True
            self._usable = self._parser.should_keep_alive()
