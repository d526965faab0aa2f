"""The chat page in Debian's Chromium, in front of a server whose model is ours."""

from __future__ import annotations

import asyncio
import json
import shutil
import socket
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import uvicorn
from playwright.async_api import Browser, CDPSession, Page, async_playwright

from benchmarks.frontend.answers import Paced
from genui import GenUI

_PROBE = (Path(__file__).parent / "probe.js").read_text()
_TASK = "ThreadControllerImpl::RunTask"
_ARGUMENTS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
)


@asynccontextmanager
async def chromium() -> AsyncIterator[Browser]:
    """A browser of our own."""
    executable = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    assert executable, "This is measured in Chromium: make system installs it"
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=executable, args=[*_ARGUMENTS])
        try:
            yield browser
        finally:
            await browser.close()


@asynccontextmanager
async def serving(model: Paced) -> AsyncIterator[str]:
    """The address of a server with this model."""
    listener = socket.create_server(("127.0.0.1", 0))
    app: Any = GenUI(store="memory", model=model, repair=False)
    server = uvicorn.Server(uvicorn.Config(app, log_level="warning", timeout_graceful_shutdown=1))
    task = asyncio.create_task(server.serve(sockets=[listener]))
    try:
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"
    finally:
        server.should_exit = True
        await task
        listener.close()


@dataclass(frozen=True)
class Task:
    """Milliseconds of one turn of the main thread: by the clock, and those in which it had a processor."""

    clock: float
    processor: float


@dataclass(frozen=True)
class Noted:
    """What the probe has noted: times in milliseconds of the page's clock, by the widgets' ids."""

    origin: float  # of that clock, in milliseconds since 1970
    arrived: dict[str, float]
    mounted: dict[str, float]
    drawn: dict[str, float]
    tasks: list[float]  # milliseconds of each task over 50


class Chat:
    """The page, open and ready for a question."""

    def __init__(self, browser: Browser, page: Page, session: CDPSession) -> None:
        self._browser = browser
        self._page = page
        self._session = session

    async def ask(self, question: str) -> None:
        reason = await self._page.evaluate("(question) => probe.ask(question)", question)
        assert reason == "stop", reason

    async def take(self) -> Noted:
        return Noted(**await self._page.evaluate("() => probe.take()"))

    async def still(self) -> None:
        await self._page.evaluate("() => probe.still()")

    async def trace(self) -> None:
        """Note each task from now on."""
        await self._browser.start_tracing(page=self._page, categories=["toplevel"])

    async def traced(self) -> list[Task]:
        """The tasks of the page's main thread since then."""
        events = json.loads(await self._browser.stop_tracing())["traceEvents"]
        mains = {
            (event["pid"], event["tid"])
            for event in events
            if event["name"] == "thread_name" and event["args"]["name"] == "CrRendererMain"
        }
        tasks = [
            event for event in events if event["name"] == _TASK and (event["pid"], event["tid"]) in mains
        ]
        (busiest, _), *_ = Counter(event["pid"] for event in tasks).most_common(1)
        return [
            Task(event.get("dur", 0) / 1000, event.get("tdur", 0) / 1000)
            for event in tasks
            if event["pid"] == busiest
        ]

    async def begin(self) -> None:
        """A new conversation."""
        await self._page.evaluate("() => (probe.begin(), probe.still())")

    async def collect(self) -> None:
        """Let go of what nothing refers to."""
        await self._session.send("HeapProfiler.collectGarbage")

    async def metrics(self) -> dict[str, float]:
        """Chromium's own counters: seconds of processor time, bytes, numbers of things."""
        told = await self._session.send("Performance.getMetrics")
        return {each["name"]: each["value"] for each in told["metrics"]}


@asynccontextmanager
async def chatting(browser: Browser, model: Paced) -> AsyncIterator[Chat]:
    """A new visitor's page, before a server of its own."""
    async with serving(model) as url:
        context = await browser.new_context(viewport={"width": 1100, "height": 800})
        try:
            page = await context.new_page()
            await page.add_init_script(_PROBE)
            await page.goto(url)
            await page.wait_for_function("() => document.querySelector('genui-chat')?.send")
            session = await context.new_cdp_session(page)
            await session.send("Performance.enable", {"timeDomain": "threadTicks"})
            yield Chat(browser, page, session)
        finally:
            await context.close()
