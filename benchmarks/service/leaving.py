"""Readers who leave: what becomes of the model's connection, and of the service's memory and descriptors."""

from __future__ import annotations

import asyncio
import json
import re
import time
from collections.abc import Iterator
from contextlib import contextmanager

from benchmarks.service.client import percentile, request
from benchmarks.service.contenders import GENUI
from benchmarks.service.model import now
from benchmarks.service.processes import address, descriptors, model, process, resident

_RUN = re.compile(rb'"run":"([^"]+)"')
_AT_ONCE = 50


@contextmanager
def service(words: str) -> Iterator[tuple[str, int, str]]:
    """Its address, its process's id, and the model's port."""
    with model() as port:
        environment = {
            "OPENAI_BASE_URL": f"http://127.0.0.1:{port}/v1", "OPENAI_API_KEY": "none", "GENUI_MODEL": words
        }  # fmt: skip
        with process(*GENUI.command, **environment) as server:
            yield address(server), server.pid, port


async def _ask(url: str, body: str) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    port, asked = request(url, body)
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(asked)
    return reader, writer


async def _cancel_one(url: str) -> int:
    """When it was asked for: once the answer's first word is there."""
    reader, writer = await _ask(f"{url}v1/runs", GENUI.body)
    seen = b""
    while b"@0:" not in seen:
        seen += await reader.read(65536)
    found = _RUN.search(seen)
    assert found
    asked = now()
    canceling, other = await _ask(f"{url}v1/runs/{found[1].decode()}/cancel", "")
    await canceling.read()
    await reader.read()
    other.close()
    writer.close()
    return asked


async def _cancel_all(url: str, upstream: str, count: int) -> list[int]:
    """Microseconds, one run after another."""
    asked = [await _cancel_one(url) for _ in range(count)]
    reader, writer = await asyncio.open_connection("127.0.0.1", int(upstream))
    writer.write(b"GET /closed HTTP/1.1\r\nhost: localhost\r\n\r\n")
    head = await reader.readuntil(b"\r\n\r\n")
    size = re.search(rb"content-length: (\d+)", head)
    assert size
    closed = json.loads(await reader.readexactly(int(size[1])))
    writer.close()
    assert len(closed) == count, f"{len(closed)} of {count} answers were cut off"
    return [end - start for start, end in zip(asked, closed, strict=True)]


def cancel(count: int) -> str:
    """Cancel a run: how long until the model's connection is closed."""
    with service("1000x20000") as (url, _, upstream):
        times = asyncio.run(_cancel_all(url, upstream, count))
    return (
        f"{count:,} runs canceled, one after another: the model's connection was closed after "
        f"p50 {percentile(times, 0.5):.1f} ms, p99 {percentile(times, 0.99):.1f} ms."
    )


async def _churn(url: str, count: int) -> None:
    left = iter(range(count))

    async def come_and_go() -> None:
        for _ in left:
            reader, writer = await _ask(f"{url}v1/runs", GENUI.body)
            await reader.read(100)
            writer.transport.abort()

    await asyncio.gather(*(come_and_go() for _ in range(_AT_ONCE)))


def churn(count: int) -> str:
    """Readers who come, see the response begin and hang up without a word."""
    with service("3x20000") as (url, pid, _):
        asyncio.run(_churn(url, 200))
        time.sleep(2)
        memory, files = resident(pid), descriptors(pid)
        asyncio.run(_churn(url, count))
        time.sleep(5)
        grown, more = resident(pid) - memory, descriptors(pid)
    return (
        f"{count:,} readers who hung up as their answers began, {_AT_ONCE} at a time: the service's memory "
        f"grew by {grown / 1e6:.1f} MB ({grown / count / 1000:.1f} kB each, their logs included); its "
        f"descriptors were {files} before and {more} after."
    )
