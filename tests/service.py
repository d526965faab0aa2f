"""The service on a real socket, a client for it, and a check that nothing is left of either."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import httpx2 as httpx

from genui import GenUI
from genui.events import Event, RunStart
from tests.browser.hosting import hosting
from tests.browser.models import ByHand
from tests.sse import Frame, frames

STREAM = {"Accept": "text/event-stream"}
PATIENCE = 20.0  # seconds that anything may take before it is called hanging


def asking(content: str = "Hello", **more: Any) -> dict[str, Any]:
    """The body of a request to begin a run."""
    return {"messages": [{"role": "user", "content": content}], **more}


class Service:
    """A served GenUI, the model in the test's hand, and a client."""

    def __init__(self, genui: GenUI, model: ByHand, client: httpx.AsyncClient) -> None:
        self.genui = genui
        self.model = model
        self.client = client

    async def start(self, **more: Any) -> str:
        """Begin a run that nobody follows yet; its id."""
        response = await self.client.post("v1/runs", json=asking(**more))
        assert response.status_code == 202, response.text
        return str(response.json()["run"])

    @asynccontextmanager
    async def stream(self, **more: Any) -> AsyncIterator[AsyncIterator[Frame]]:
        """The frames of a new run, as they arrive."""
        async with self.client.stream("POST", "v1/runs", json=asking(**more), headers=STREAM) as response:
            assert response.status_code == 200
            yield frames(response.aiter_bytes())

    @asynccontextmanager
    async def follow(self, run: str, **request: Any) -> AsyncIterator[AsyncIterator[Frame]]:
        """The frames of a run that exists, as they arrive."""
        async with self.client.stream("GET", f"v1/runs/{run}/events", **request) as response:
            assert response.status_code == 200
            yield frames(response.aiter_bytes())

    async def read(self, run: str, **request: Any) -> list[Frame]:
        """All frames of a run, to its end."""
        async with self.follow(run, **request) as stream:
            return [frame async for frame in stream]

    async def idle(self) -> None:
        """Wait until no run is going on, no stream is open and no task of either is left."""
        while len(self.genui.runs) or any(map(_is_ours, asyncio.all_tasks())):  # noqa: ASYNC110
            await asyncio.sleep(0.01)


def _is_ours(task: asyncio.Task[Any]) -> bool:
    """Whether a task is a run, a request that uvicorn has not finished with, or a watcher of one."""
    code = getattr(task.get_coro(), "cr_code", None)
    watcher = "genui/server" in getattr(code, "co_filename", "")
    request = getattr(code, "co_name", "") == "run_asgi"
    return watcher or request or task.get_name().startswith(("genui run", "genui load"))


def run_of(event: Event) -> str:
    assert isinstance(event, RunStart)
    return event.run


@asynccontextmanager
async def serving(**settings: Any) -> AsyncIterator[Service]:
    """The service with a model in the test's hand; at the end nothing of it may be left."""
    model = ByHand()
    genui = GenUI(**{"model": model, "store": "memory", "repair": False, **settings})
    limits = httpx.Limits(max_connections=200)
    async with asyncio.timeout(PATIENCE), hosting(genui) as url:
        async with httpx.AsyncClient(base_url=f"{url}/", timeout=PATIENCE, limits=limits) as client:
            service = Service(genui, model, client)
            yield service
            await genui.close()
        await service.idle()
