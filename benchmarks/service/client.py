"""Readers who note when each word comes: `python -m benchmarks.service.client URL BODY END STREAMS WORDS N`.

They connect at random, N microseconds apart on average: as people do, and so that their words do not come in
step. In BODY `{n}` is each stream's own. Prints one JSON object. Latency is a
word's, from the model's `write` to the reader's `read`. A stream is over right when all words came, in order,
and then `END`.
"""

from __future__ import annotations

import asyncio
import json
import os
import random
import re
import sys
from typing import cast
from urllib.parse import urlsplit

import uvloop

from benchmarks.service.model import now

_WORD = re.compile(rb"@(\d+):(\d+) ")
_PORTS = 20_000
"""Connections from one address: a loopback address has 28,000 ports."""


class Reader(asyncio.Protocol):
    """One stream."""

    def __init__(self, request: bytes, end: bytes) -> None:
        self.numbers: list[int] = []
        self.latencies: list[int] = []
        self.first = self.bytes = 0
        self.ended = False
        self.over = asyncio.get_running_loop().create_future()
        self._request, self._end, self._pending = request, end, b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.Transport, transport)  # uvloop's is no subclass
        self._began = now()
        self._transport.write(self._request)

    def data_received(self, data: bytes) -> None:
        came = now()
        self.bytes += len(data)
        data = self._pending + data
        last = 0
        for found in _WORD.finditer(data):
            self.first = self.first or came - self._began
            self.numbers.append(int(found[1]))
            self.latencies.append(came - int(found[2]))
            last = found.end()
        if self._end in data:
            self.ended = True
            self._transport.close()
        self._pending = data[last:][-64:]

    def connection_lost(self, error: Exception | None) -> None:  # noqa: ARG002 (asyncio names it)
        if not self.over.done():
            self.over.set_result(None)


def percentile(values: list[int], share: float) -> float:
    """In milliseconds."""
    return sorted(values)[min(len(values) - 1, int(len(values) * share))] / 1000 if values else 0.0


def request(url: str, body: str) -> tuple[int, bytes]:
    """The port, and the request."""
    parts = urlsplit(url)
    assert parts.port
    head = (
        f"POST {parts.path} HTTP/1.1\r\nhost: localhost\r\naccept: text/event-stream\r\n"
        f"content-type: application/json\r\nconnection: close\r\ncontent-length: {len(body)}\r\n\r\n"
    )
    return parts.port, f"{head}{body}".encode()


async def main(url: str, body: str, end: str, count: int, words: int, ramp: int) -> None:
    loop = asyncio.get_running_loop()
    port, _ = request(url, body)
    bodies = (body.replace("{n}", f"{os.getpid()}-{at}") for at in range(count))
    readers = [Reader(request(url, each)[1], end.encode()) for each in bodies]
    chance, due = random.Random(1), loop.time()  # noqa: S311 (the same for all servers)
    for at, reader in enumerate(readers):
        source = (f"127.0.0.{2 + at // _PORTS}", 0)
        await loop.create_connection(lambda reader=reader: reader, "127.0.0.1", port, local_addr=source)  # type: ignore[misc]
        due += chance.expovariate(1e6 / ramp)
        await asyncio.sleep(due - loop.time())
    await asyncio.wait([reader.over for reader in readers], timeout=180)
    latencies = [each for reader in readers for each in reader.latencies]
    firsts = [reader.first for reader in readers]
    report = {
        "ended": sum(reader.ended for reader in readers),
        "right": sum(reader.ended and reader.numbers == list(range(words)) for reader in readers),
        "lost": count * words - len(latencies),
        "reordered": sum(reader.numbers != sorted(reader.numbers) for reader in readers),
        "bytes": sum(reader.bytes for reader in readers) / count,
        "p50": percentile(latencies, 0.5),
        "p99": percentile(latencies, 0.99),
        "first p50": percentile(firsts, 0.5),
        "first p99": percentile(firsts, 0.99),
    }
    print(json.dumps(report))


if __name__ == "__main__":
    where, said, ending, *numbers = sys.argv[1:7]
    streams, each, between = map(int, numbers)
    uvloop.run(main(where, said, ending, streams, each, between))
