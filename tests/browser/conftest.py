"""Fixtures of the browser tests: one browser for all, and for each test a context of its own that is
watched. Everything runs in the session's event loop, which is where the browser lives.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack
from pathlib import Path

import pytest
import pytest_asyncio
from playwright.async_api import Browser, BrowserContext, Page, expect

from genui import GenUI
from tests.browser.chat import Chat
from tests.browser.chromium import chromium
from tests.browser.hosting import hosting
from tests.browser.models import ByHand
from tests.browser.watch import Watch

_HERE = Path(__file__).parent

expect.set_options(timeout=20_000)  # what holds is seen at once; this is for machines that are slow and busy

Visit = Callable[[], Awaitable[BrowserContext]]


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if item.path.is_relative_to(_HERE):
            item.add_marker(pytest.mark.asyncio(loop_scope="session"), append=False)


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def browser() -> AsyncIterator[Browser]:
    async with chromium() as started:
        yield started


@pytest.fixture
def model() -> ByHand:
    """The model behind `server`; a module that wants another one defines its own fixture of this name."""
    return ByHand()


@pytest_asyncio.fixture(loop_scope="session")
async def server(model: ByHand) -> AsyncIterator[str]:
    async with hosting(GenUI(store="memory", model=model, repair=False)) as url:
        yield url


@pytest.fixture
def watch(server: str) -> Watch:
    return Watch(server)


@pytest_asyncio.fixture(loop_scope="session")
async def visit(browser: Browser, watch: Watch) -> AsyncIterator[Visit]:
    """Opens contexts, each like a new visitor's, in which anything that `watch` finds fails the test."""
    async with AsyncExitStack() as visitors:

        async def one() -> BrowserContext:
            opened = await browser.new_context(
                viewport={"width": 1100, "height": 800}, reduced_motion="reduce"
            )
            visitors.push_async_callback(opened.close)
            opened.set_default_timeout(20_000)
            await watch.start(opened)
            return opened

        yield one
    assert watch.unexpected() == []


@pytest_asyncio.fixture(loop_scope="session")
async def context(visit: Visit) -> BrowserContext:
    """A visitor's. Chromium draws one of its pages sixty times a second, and the others once."""
    return await visit()


@pytest_asyncio.fixture(loop_scope="session")
async def page(context: BrowserContext) -> Page:
    return await context.new_page()


@pytest_asyncio.fixture(loop_scope="session")
async def chat(page: Page, server: str) -> Chat:
    """The chat page of `server`, open and ready for a question."""
    return await Chat.open(page, server)
