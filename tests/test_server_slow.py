"""Clients that do not read, as `genui serve` serves them: what they cost, that they are cut, that they can
come back."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import httpx2 as httpx
import pytest

from genui import GenUI
from genui.cli import listen
from genui.cli.workers import Server
from genui.cli.writing import WritingProtocol
from genui.events import Event, RunEnd, Text
from tests.browser.models import ByHand
from tests.service import PATIENCE, Service
from tests.sse import parse

MOST = 256 * 1024
"""Bytes that a client that does not read may cost."""

EVENT = 20_000
EVENTS = 100


@asynccontextmanager
async def served(stall: float, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Service]:
    """What `genui serve` runs, in this loop."""
    monkeypatch.setattr(WritingProtocol, "stall_seconds", stall)
    model = ByHand()
    genui = GenUI(model=model, store="memory", repair=False)
    with listen("127.0.0.1", 0) as listener:
        url = f"http://127.0.0.1:{listener.getsockname()[1]}/"
        server = Server(genui, drain=0.0)
        serving = asyncio.create_task(server.serve(sockets=[listener]))
        async with asyncio.timeout(PATIENCE), httpx.AsyncClient(base_url=url, timeout=PATIENCE) as client:
            yield Service(genui, model, client)
        server.should_exit = True
        await serving


async def connect_deaf(service: Service, run: str) -> socket.socket:
    """A client that asks for a run's events and reads none."""
    host, port = service.client.base_url.host, service.client.base_url.port
    deaf = socket.socket()
    deaf.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    deaf.setblocking(False)
    loop = asyncio.get_running_loop()
    await loop.sock_connect(deaf, (host, port))
    await loop.sock_sendall(deaf, f"GET /v1/runs/{run}/events HTTP/1.1\r\nHost: {host}\r\n\r\n".encode())
    return deaf


async def read_to_the_end(deaf: socket.socket) -> bytes:
    """What the kernels kept of a connection that was cut."""
    loop = asyncio.get_running_loop()
    got = b""
    try:
        while chunk := await loop.sock_recv(deaf, 65536):
            got += chunk
    except ConnectionResetError:
        pass
    return got


def unchunked(answer: bytes) -> bytes:
    """The body of an HTTP/1.1 answer in chunks, as far as it came."""
    _, _, rest = answer.partition(b"\r\n\r\n")
    body = b""
    while b"\r\n" in rest:
        size, _, rest = rest.partition(b"\r\n")
        body += rest[: int(size, 16)]
        rest = rest[int(size, 16) + 2 :]
    return body


def length(events: list[Event]) -> int:
    return sum(len(event.text) for event in events if isinstance(event, Text))


async def test_a_client_that_never_reads_is_cut_and_costs_little(monkeypatch: pytest.MonkeyPatch) -> None:
    async with served(0.2, monkeypatch) as service:
        run = await service.start()
        deaf = await connect_deaf(service, run)
        for _ in range(EVENTS):
            service.model.write("x" * EVENT)
            await asyncio.sleep(0)
        service.model.finish()
        await service.idle()  # its connection is gone, though nothing of it was read
        with deaf:
            body = unchunked(await read_to_the_end(deaf))
        assert 0 < len(body) < MOST
        came = parse(body)
        later = await service.read(run, headers={"Last-Event-ID": str(came[-1].seq)})
        frames = came + later
        assert body.startswith(b"retry: ")
        assert [frame.seq for frame in frames] == list(range(1, len(frames) + 1))
        assert length([frame.event for frame in frames]) == EVENTS * EVENT
        assert isinstance(frames[-1].event, RunEnd)


async def test_one_huge_event_costs_no_more(monkeypatch: pytest.MonkeyPatch) -> None:
    async with served(0.2, monkeypatch) as service:
        run = await service.start()
        deaf = await connect_deaf(service, run)
        service.model.answer("x" * 2_000_000)
        await service.idle()
        with deaf:
            assert 0 < len(await read_to_the_end(deaf)) < MOST


async def test_a_client_that_reads_slowly_is_left_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    async with served(1.5, monkeypatch) as service:  # a fraction of what its reading takes
        run = await service.start()
        slow = await connect_deaf(service, run)
        for _ in range(EVENTS):
            service.model.write("x" * EVENT)
            await asyncio.sleep(0)
        service.model.finish()
        loop, got = asyncio.get_running_loop(), b""
        with slow:
            while not got.endswith(b"0\r\n\r\n"):
                got += await loop.sock_recv(slow, 16384)
                await asyncio.sleep(0.005)
        assert length([frame.event for frame in parse(unchunked(got))]) == EVENTS * EVENT
