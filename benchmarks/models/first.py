"""From a request to its first event, through the whole service on a socket; the model answers at once."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable
from statistics import quantiles

import httpx2 as httpx
import uvicorn

from genui import GenUI
from genui.agent import OpenAIModel

BODY = {"messages": [{"role": "user", "content": "How were sales?"}], "render": "html"}
STREAM = {"Accept": "text/event-stream"}


class Times:
    """Milliseconds of many requests: to the first event, and to the first that the model brought."""

    def __init__(self) -> None:
        self.event: list[float] = []
        self.text: list[float] = []

    def row(self, name: str, times: list[float]) -> str:
        """A line of the table."""
        cuts = quantiles(times, n=100)
        return f"| {name} | {cuts[49]:.1f} | {cuts[94]:.1f} | {cuts[98]:.1f} | {max(times):.1f} |"


async def measure(upstream: str, *, rate: int, seconds: int) -> tuple[Times, list[float]]:
    """The service at `rate` requests a second; and the model's server itself, asked directly so often."""
    model = OpenAIModel("m", base_url=f"{upstream}/v1/5/0", api_key="x")
    genui = GenUI(model=model, store="memory")
    config = uvicorn.Config(genui, port=0, log_level="error", access_log=False)
    server = uvicorn.Server(config)
    serving = asyncio.create_task(server.serve())
    while not server.started:  # noqa: ASYNC110
        await asyncio.sleep(0.01)
    port = server.servers[0].sockets[0].getsockname()[1]
    times, direct = Times(), list[float]()
    async with httpx.AsyncClient(
        timeout=30, limits=httpx.Limits(max_connections=500, keepalive_expiry=1)
    ) as client:
        chat = f"{upstream}/v1/5/0/chat/completions"
        await _paced(rate, seconds, lambda: _direct(client, chat, direct))
        await _paced(rate, seconds, lambda: _run(client, f"http://127.0.0.1:{port}/v1/runs", times))
    server.should_exit = True
    await serving
    await model.aclose()
    return times, direct


async def _paced(rate: int, seconds: int, request: Callable[[], Awaitable[None]]) -> None:
    """Begin a request every 1/rate seconds, whether or not those before have ended."""
    began = asyncio.get_running_loop().time()
    async with asyncio.TaskGroup() as group:
        for number in range(rate * seconds):
            await asyncio.sleep(began + number / rate - asyncio.get_running_loop().time())
            group.create_task(_awaited(request))


async def _awaited(request: Callable[[], Awaitable[None]]) -> None:
    await request()


async def _run(client: httpx.AsyncClient, url: str, times: Times) -> None:
    began = time.perf_counter()
    seen = b""
    async with client.stream("POST", url, json=BODY, headers=STREAM) as response:
        assert response.status_code == 200
        async for chunk in response.aiter_bytes():
            now = (time.perf_counter() - began) * 1000
            if not seen:
                times.event.append(now)
            if b'"type":"text"' in chunk and b'"type":"text"' not in seen:
                times.text.append(now)
            seen += chunk


async def _direct(client: httpx.AsyncClient, url: str, times: list[float]) -> None:
    began = time.perf_counter()
    async with client.stream("POST", url, json={"messages": [], "stream": True}) as response:
        async for _ in response.aiter_bytes():
            times.append((time.perf_counter() - began) * 1000)
            break
