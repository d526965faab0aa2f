"""Readers who note when each word comes: `python -m benchmarks.service.client PORT STREAMS WORDS`.

Prints one JSON object. Latency is a word's, from the model's `write` to the reader's `read`.
"""

from __future__ import annotations

import asyncio
import json
import re
import sys

from benchmarks.service.model import now

_WORD = re.compile(rb"@(\d+):(\d+) ")
_BODY = b'{"messages":[{"role":"user","content":"Go"}]}'
_RAMP = 0.002
"""Seconds between two connects: a storm of them is another measurement."""


class Reader:
    """One stream."""

    def __init__(self) -> None:
        self.numbers: list[int] = []
        self.latencies: list[int] = []
        self.first = 0
        self.ended = False

    async def read(self, port: int) -> None:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        began = now()
        writer.write(
            b"POST /v1/runs HTTP/1.1\r\nhost: localhost\r\naccept: text/event-stream\r\n"
            b"content-type: application/json\r\nconnection: close\r\n"
            b"content-length: %d\r\n\r\n%b" % (len(_BODY), _BODY)
        )
        pending = b""
        while data := await reader.read(65536):
            came = now()
            self.first = self.first or came - began
            self.ended = self.ended or b'"reason":"stop"' in pending + data
            pending = self._note(pending + data, came)
        writer.close()

    def _note(self, data: bytes, came: int) -> bytes:
        """What is left, in which a word may have begun."""
        end = 0
        for found in _WORD.finditer(data):
            self.numbers.append(int(found[1]))
            self.latencies.append(came - int(found[2]))
            end = found.end()
        return data[end:][-64:]


def percentile(values: list[int], share: float) -> float:
    """In milliseconds."""
    return sorted(values)[min(len(values) - 1, int(len(values) * share))] / 1000 if values else 0.0


async def main(port: int, count: int, words: int) -> None:
    readers = [Reader() for _ in range(count)]
    tasks = []
    for reader in readers:
        tasks.append(asyncio.create_task(reader.read(port)))
        await asyncio.sleep(_RAMP)
    await asyncio.gather(*tasks)
    latencies = [each for reader in readers for each in reader.latencies]
    report = {
        "right": sum(reader.ended and reader.numbers == list(range(words)) for reader in readers),
        "lost": count * words - len(latencies),
        "reordered": sum(reader.numbers != sorted(reader.numbers) for reader in readers),
        "p50": percentile(latencies, 0.5),
        "p99": percentile(latencies, 0.99),
        "first p50": percentile([reader.first for reader in readers], 0.5),
        "first p99": percentile([reader.first for reader in readers], 0.99),
    }
    print(json.dumps(report))


if __name__ == "__main__":
    asyncio.run(main(*(int(word) for word in sys.argv[1:4])))
