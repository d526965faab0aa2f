"""A model's server whose every word says when it was sent: `python -m benchmarks.service.model PORTFILE`.

The name of the model says what is wanted: `<words>x<microseconds between two>`. A word is its number and the
monotonic clock in microseconds, which all processes of a machine share: `@17:81234567 `.
"""

from __future__ import annotations

import asyncio
import re
import socket
import sys
import time
from pathlib import Path

from benchmarks.models.upstream import HEAD, chat_chunk


def now() -> int:
    """Microseconds of the clock that all processes share."""
    return time.monotonic_ns() // 1000


async def _serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    try:
        while head := await reader.readuntil(b"\r\n\r\n"):
            size = re.search(rb"content-length: (\d+)", head.lower())
            body = await reader.readexactly(int(size[1]) if size else 0)
            wanted = re.search(rb'"model": ?"(\d+)x(\d+)"', body)
            assert wanted, body
            await _answer(writer, int(wanted[1]), int(wanted[2]) / 1e6)
    except (asyncio.IncompleteReadError, ConnectionError):
        pass
    finally:
        writer.close()


async def _answer(writer: asyncio.StreamWriter, words: int, gap: float) -> None:
    writer.write(HEAD)
    loop = asyncio.get_running_loop()
    due = loop.time()
    for number in range(words):
        due += gap
        await asyncio.sleep(due - loop.time())
        _chunk(writer, chat_chunk(f"@{number}:{now()} "))
        await writer.drain()
    _chunk(writer, chat_chunk(None, "stop") + b"data: [DONE]\n\n")
    writer.write(b"0\r\n\r\n")
    await writer.drain()


def _chunk(writer: asyncio.StreamWriter, data: bytes) -> None:
    writer.write(b"%x\r\n%b\r\n" % (len(data), data))


async def main(listener: socket.socket) -> None:
    server = await asyncio.start_server(_serve, sock=listener, backlog=4096)
    async with server:
        await server.serve_forever()


if __name__ == "__main__":
    with socket.create_server(("127.0.0.1", 0)) as ours:
        Path(sys.argv[1]).write_text(str(ours.getsockname()[1]))
        asyncio.run(main(ours))
