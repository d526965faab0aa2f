"""A model's server whose every word says when it was sent: `python -m benchmarks.service.model PORTFILE`.

The name of the model says what is wanted: `<words>x<microseconds between two>`; with a `w` behind it the
words are in a widget's prop. A word is its number and the monotonic clock in microseconds, which all
processes of a machine share: `@17:81234567 `. A timer a stream and nothing parsed but the name: on a machine
of two cores a dear model would measure itself. `GET /closed` gives the times at which answers were cut off.
"""

from __future__ import annotations

import asyncio
import json
import re
import socket
import sys
import time
from pathlib import Path
from typing import cast

import uvloop

from benchmarks.models.upstream import HEAD, chat_chunk

_BEFORE, _AFTER = chat_chunk("@@").split(b"@@")
_END = chat_chunk(None, "stop") + b"data: [DONE]\n\n"
_WANTED = re.compile(rb'"model": ?"(\d+)x(\d+)(w?)"')
_SIZE = re.compile(rb"content-length: (\d+)")

closed: list[int] = []
"""When an answer was cut off: by hanging up in the middle of it."""


def now() -> int:
    """Microseconds of the clock that all processes share."""
    return time.monotonic_ns() // 1000


class Answer(asyncio.Protocol):
    """A connection: answers one after another."""

    def __init__(self) -> None:
        self._loop = asyncio.get_running_loop()
        self._asked = b""
        self._timer: asyncio.TimerHandle | None = None
        self._number = self._words = 0
        self._gap = self._due = 0.0
        self._tag = False

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.Transport, transport)  # uvloop's is no subclass

    def data_received(self, data: bytes) -> None:
        self._asked += data
        head, found, body = self._asked.partition(b"\r\n\r\n")
        size = _SIZE.search(head.lower())
        if not found or (size and len(body) < int(size[1])):
            return
        self._asked = b""
        if head.startswith(b"GET /closed"):
            told = json.dumps(closed).encode()
            self._transport.write(b"HTTP/1.1 200 OK\r\ncontent-length: %d\r\n\r\n%b" % (len(told), told))
            return
        wanted = _WANTED.search(body)
        assert wanted, body
        self._words, self._gap = int(wanted[1]), int(wanted[2]) / 1e6
        self._number, self._due = 0, self._loop.time() + self._gap
        self._tag = bool(wanted[3])
        self._transport.write(HEAD)
        if self._tag:
            self._send(chat_chunk('<CodeBlock code="'))
        self._timer = self._loop.call_at(self._due, self._say)

    def _say(self) -> None:
        if self._number == self._words:
            self._timer = None
            if self._tag:
                self._send(chat_chunk('"/>'))
            self._send(_END)
            self._transport.write(b"0\r\n\r\n")
            return
        self._send(b"%b@%d:%d %b" % (_BEFORE, self._number, now(), _AFTER))
        self._number += 1
        self._due += self._gap
        self._timer = self._loop.call_at(self._due, self._say)

    def _send(self, chunk: bytes) -> None:
        self._transport.write(b"%x\r\n%b\r\n" % (len(chunk), chunk))

    def connection_lost(self, error: Exception | None) -> None:  # noqa: ARG002 (asyncio names it)
        if self._timer:
            self._timer.cancel()
            closed.append(now())


async def main(listener: socket.socket) -> None:
    server = await asyncio.get_running_loop().create_server(Answer, sock=listener, backlog=4096)
    async with server:
        await server.serve_forever()


if __name__ == "__main__":
    with socket.create_server(("127.0.0.1", 0), backlog=4096) as ours:
        Path(sys.argv[1]).write_text(str(ours.getsockname()[1]))
        uvloop.run(main(ours))
