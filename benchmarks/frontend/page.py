"""The chat page in Debian's Chromium, in front of a server whose model is ours."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from playwright.async_api import Browser, CDPSession, Page

from benchmarks.frontend.answers import Paced
from genui import GenUI
from tests.browser.hosting import hosting

_PROBE = (Path(__file__).parent / "probe.js").read_text()
_TASK = "ThreadControllerImpl::RunTask"


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
    async with hosting(GenUI(store="memory", model=model, repair=False)) as url:
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
