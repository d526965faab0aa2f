"""HTTP/1.1 as uvicorn writes it, and bounds on what a client that does not read may cost.

uvicorn waits for ever for such a client, and until then its system has taken some megabytes: the kernel lets
a socket's buffer grow with what is sent. An ASGI application can do nothing about either, for it never sees
the connection. Here the socket's buffer is fixed (`listening.py`, inherited from the listener), the
process's own is small, and a client that takes nothing at all for `stall_seconds` is cut off, by an abort,
since closing would wait for it. It loses nothing: it comes back and follows its run from the last event it
has, after the time that the stream's first frame told it.
"""

from __future__ import annotations

import asyncio

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

WRITE_BYTES = 16 * 1024
"""What a connection holds back in this process before whoever sends has to wait."""

STALL_SECONDS = 20.0
"""How long a client may take nothing of what waits for it."""


class WritingProtocol(HttpToolsProtocol):
    """See the module."""

    __slots__ = ("_stall",)

    stall_seconds = STALL_SECONDS

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        transport.set_write_buffer_limits(high=WRITE_BYTES)
        self._stall: asyncio.TimerHandle | None = None

    def connection_lost(self, exc: Exception | None) -> None:
        self._cancel_stall()
        super().connection_lost(exc)

    def pause_writing(self) -> None:
        super().pause_writing()
        self._await_progress()

    def resume_writing(self) -> None:
        self._cancel_stall()
        super().resume_writing()

    def _await_progress(self) -> None:
        waiting = self.transport.get_write_buffer_size()
        self._stall = self.loop.call_later(self.stall_seconds, self._judge, waiting)

    def _judge(self, before: int) -> None:
        """Nothing is added to a paused buffer: it is smaller now, or the client took nothing."""
        if self.transport.get_write_buffer_size() < before:
            self._await_progress()
        else:
            self.transport.abort()

    def _cancel_stall(self) -> None:
        if self._stall is not None:
            self._stall.cancel()
            self._stall = None
