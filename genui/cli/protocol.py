"""HTTP/1.1 as uvicorn reads it, and bounds on what it leaves open: a request's head.

uvicorn reads a head of any size and waits for its end for ever, and it goes on reading the body of a request
that is answered already. So a client that sends a byte now and then holds a connection as long as it likes
(slowloris). Here a head has `HEAD_BYTES` and `HEAD_SECONDS`, the second counted from the connection or from
its first byte, and what is left of an answered request `REST_SECONDS`. uvicorn stops waiting for the next
request at any byte, be it a blank line or the last of a body that nobody wanted, and it makes a task of each
request that stands behind another, of which one read brings ten thousand.
"""

from __future__ import annotations

import asyncio

from genui.cli.writing import WritingProtocol

HEAD_BYTES = 32_768
"""Of the request line and all headers together."""

HEAD_SECONDS = 10.0
"""Until the head of a request is complete."""

REST_SECONDS = 5.0
"""For what is left of a request's body when it has been answered."""


WAITING = 16
"""Requests that a client may have sent before the first of them is answered."""


class Protocol(WritingProtocol):
    """See the module."""

    # Beside the attributes of uvicorn's, of which Python shares the names among connections up to thirty.
    __slots__ = ("_in_head", "_pending", "_size", "_timer")

    head_seconds = HEAD_SECONDS
    rest_seconds = REST_SECONDS

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        self._timer: asyncio.TimerHandle | None = None
        self._begin_head()

    def connection_lost(self, exc: Exception | None) -> None:
        self._cancel_timer()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        super().data_received(data)
        if self._in_head and self._size <= HEAD_BYTES:  # a header is counted when it is whole
            self._pending += len(data)
            if self._pending > HEAD_BYTES:
                self._refuse(b"431 Request Header Fields Too Large")
        idle = self.cycle is not None and self.cycle.response_complete and not self._in_head
        if idle and self._timer is None:  # what came is no request, and has stopped the wait for one
            self._timer = self.loop.call_later(self.timeout_keep_alive, self.transport.close)

    def on_message_begin(self) -> None:
        super().on_message_begin()
        if not self._in_head:
            self._begin_head()

    def on_url(self, url: bytes) -> None:
        self._count(len(url))
        super().on_url(url)

    def on_header(self, name: bytes, value: bytes) -> None:
        self._count(len(name) + len(value) + 4)
        super().on_header(name, value)

    def on_headers_complete(self) -> None:
        if len(self.pipeline) >= WAITING:
            raise ValueError("too many requests wait")  # the parser stops, and asks for a 400
        self._in_head = False
        self._cancel_timer()
        super().on_headers_complete()

    def on_response_complete(self) -> None:
        unread = self.cycle is not None and self.cycle.more_body and not self.transport.is_closing()
        super().on_response_complete()
        if unread and self._timer is None:
            self._timer = self.loop.call_later(self.rest_seconds, self.transport.close)

    def on_message_complete(self) -> None:
        self._cancel_timer()
        super().on_message_complete()

    def send_400_response(self, msg: str) -> None:
        if self._size > HEAD_BYTES:
            self._refuse(b"431 Request Header Fields Too Large")
        elif self._is_answering:
            self.transport.close()
        else:
            super().send_400_response(msg)

    def _begin_head(self) -> None:
        self._in_head = True
        self._size = self._pending = 0
        self._cancel_timer()
        self._timer = self.loop.call_later(self.head_seconds, self._refuse, b"408 Request Timeout")

    def _count(self, size: int) -> None:
        self._size += size
        if self._size > HEAD_BYTES:
            raise ValueError("the head is too large")  # the parser stops, and asks for a 400

    def _cancel_timer(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    @property
    def _is_answering(self) -> bool:
        """Whether what is written now would stand in the midst of an answer."""
        cycle = self.cycle
        begun = cycle is not None and cycle.response_started and not cycle.response_complete
        return begun or bool(self.pipeline)

    def _refuse(self, status: bytes) -> None:
        if self.transport.is_closing():
            return
        if not self._is_answering:
            self.transport.write(b"HTTP/1.1 %s\r\nconnection: close\r\ncontent-length: 0\r\n\r\n" % status)
        self.transport.close()
