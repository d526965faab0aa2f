"""An MCP App in the chat: somebody else's page, which gets what its tool got and reaches nothing of ours."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest_asyncio
from playwright.async_api import Page, expect

from genui import GenUI, McpServer
from tests.browser.chat import Chat
from tests.browser.hosting import hosting
from tests.mcp_server import server as city
from tests.test_mcp import Calling


@pytest_asyncio.fixture(loop_scope="session")
async def server() -> AsyncIterator[str]:
    genui = GenUI(model=Calling(), tools=[McpServer(city, name="city")], store="memory")
    async with hosting(genui) as url:
        yield url
    await genui.close()


async def test_it_shows_what_its_tool_was_asked_and_answered_and_is_as_high_as_it_wants(chat: Chat) -> None:
    await chat.ask('clock {"zone": "Oslo"}')
    await chat.answered()
    frame = chat.answer.locator("iframe")
    inside = frame.content_frame
    await expect(inside.locator("#zone")).to_have_text("Oslo")
    await expect(inside.locator("#time")).to_have_text("12:34")
    await expect(inside.locator("body")).to_have_attribute("data-theme", "light")
    await expect(frame).to_have_css("height", "320px")
    await expect(frame).to_have_attribute("title", "World clock")


async def test_it_reaches_nothing_of_ours_and_calls_no_tool(chat: Chat) -> None:
    await chat.ask('clock {"zone": "Oslo"}')
    await chat.answered()
    inside = chat.answer.locator("iframe").content_frame
    spy = inside.locator("#spy")
    await expect(spy).to_have_text("page: closed, cookie: closed, storage: closed")
    await inside.get_by_role("button").click()
    await expect(spy).to_have_text("This host does not offer tools/call.")


async def test_it_is_there_again_when_the_page_is_loaded_anew(chat: Chat, page: Page) -> None:
    await chat.ask('clock {"zone": "Oslo"}')
    await chat.answered()
    await page.reload()
    await expect(chat.answer.locator("iframe").content_frame.locator("#time")).to_have_text("12:34")


async def test_a_message_of_another_window_is_not_taken_for_the_app_s(chat: Chat, page: Page) -> None:
    await chat.ask('clock {"zone": "Oslo"}')
    await chat.answered()
    frame = chat.answer.locator("iframe")
    await expect(frame).to_have_css("height", "320px")
    await page.evaluate(
        """() => window.postMessage(
          { jsonrpc: "2.0", method: "ui/notifications/size-changed", params: { height: 900 } }, "*")"""
    )
    await page.evaluate("() => new Promise((resolve) => setTimeout(resolve))")
    await expect(frame).to_have_css("height", "320px")
