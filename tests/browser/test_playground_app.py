"""An MCP App that the model's tool shows in the playground: in its frame, which has no origin either."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest_asyncio
from playwright.async_api import Page, expect

from genui import GenUI, McpServer
from tests.browser.hosting import hosting
from tests.browser.test_playground import Playground
from tests.mcp_server import server as city
from tests.test_mcp import Calling


@pytest_asyncio.fixture(loop_scope="session")
async def server() -> AsyncIterator[str]:
    tools = [McpServer(city, name="city")]
    genui = GenUI(model=Calling(), tools=tools, store="memory", playground=True)
    async with hosting(genui) as url:
        yield url
        await genui.close()


async def test_a_tool_s_app_is_shown_with_what_it_got(page: Page, server: str) -> None:
    playground = await Playground(page, server).open()
    await playground.go("Ask")
    question = page.get_by_role("textbox", name="Question")
    await question.fill('clock {"zone": "Oslo"}')
    await question.press("Enter")
    inside = playground.frame("Ask").locator("iframe").content_frame
    await expect(inside.locator("#zone")).to_have_text("Oslo", timeout=30_000)
    await expect(inside.locator("#time")).to_have_text("12:34")
