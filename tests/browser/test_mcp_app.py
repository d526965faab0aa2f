"""An MCP App in the chat: somebody else's page, which gets what its tool got and reaches nothing of ours."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest_asyncio
from playwright.async_api import Page, expect

from genui import GenUI, McpServer
from tests.browser.chat import Chat
from tests.browser.hosting import hosting
from tests.browser.watch import Watch
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


class App:
    """An app that stands in the chat."""

    def __init__(self, chat: Chat) -> None:
        self.widget = chat.answer.locator("genui-widget[name=McpApp]").first
        self.inside = self.widget.locator("iframe").content_frame
        self.spy = self.inside.locator("#spy")

    async def press(self, name: str) -> None:
        await self.inside.get_by_role("button", name=name, exact=True).click()


@pytest_asyncio.fixture(loop_scope="session")
async def app(chat: Chat) -> App:
    await chat.ask('clock {"zone": "Oslo"}')
    await chat.answered()
    app = App(chat)
    await expect(app.spy).to_have_text("page: closed, cookie: closed, storage: closed")
    return app


async def test_it_reaches_nothing_of_ours_and_calls_no_tool_that_is_not_for_apps(
    app: App, watch: Watch
) -> None:
    watch.expect("status of 404")
    await app.press("Send")
    await expect(app.spy).to_have_text("-32000: This server has no tool of that name for its apps.")


async def test_it_calls_a_tool_that_is_for_apps(app: App) -> None:
    await app.press("Sunset")
    await expect(app.spy).to_contain_text("21:43")


async def test_a_tool_that_does_more_than_read_is_called_when_the_reader_allows_it(app: App) -> None:
    await app.press("Tick")
    question = app.widget.get_by_role("group", name="“World clock” wants to do something")
    await expect(question).to_contain_text("Let city do this: tick?")
    await app.press("Link")  # one question at a time
    await expect(app.spy).to_have_text("-32000: The reader is being asked something else.")
    await question.get_by_role("button", name="Not now").click()
    await expect(app.spy).to_have_text("-32000: The reader did not want it.")
    await expect(question).to_have_count(0)
    await app.press("Tick")
    await question.get_by_role("button", name="Allow once").click()
    await expect(app.spy).to_have_text('"tick"')
    await expect(question).to_have_count(0)


async def test_a_link_is_opened_by_the_reader_s_press_alone(app: App, page: Page) -> None:
    opened: list[Page] = []
    page.context.on("page", lambda page: opened.append(page))
    await app.press("Script")
    await expect(app.spy).to_have_text("-32602: Only whole addresses of the web are opened.")
    await app.press("Link")
    question = app.widget.get_by_role("group", name="“World clock” wants to open a page")
    await expect(question).to_contain_text("https://clocks.example/oslo")
    link = question.get_by_role("link", name="Open")
    await expect(link).to_have_attribute("rel", "noopener noreferrer nofollow")
    await expect(link).to_have_attribute("href", "https://clocks.example/oslo")
    assert opened == []
    await link.evaluate("link => link.addEventListener('click', (event) => event.preventDefault())")
    await link.click()  # prevented: nothing of a test goes elsewhere
    await expect(app.spy).to_have_text("{}")


async def test_what_it_wants_to_say_is_said_by_the_reader_s_press_alone(app: App, chat: Chat) -> None:
    await app.press("Say")
    question = app.widget.get_by_role("group", name="“World clock” wants to say for you")
    await expect(question).to_contain_text("And in Rome?")
    await expect(chat.page.locator(".turn.user")).to_have_count(1)
    await question.get_by_role("button", name="Send").click()
    await expect(chat.page.locator(".turn.user").last).to_contain_text("And in Rome?")


async def test_a_question_takes_no_press_that_was_meant_for_the_page(app: App) -> None:
    await app.widget.evaluate(
        """({ shadowRoot }) => {
          const place = shadowRoot.querySelector(".app");
          new MutationObserver(([{ addedNodes: [asked] }]) => asked && (place.dataset.first = asked.inert))
            .observe(place, { childList: true });
        }"""
    )
    await app.press("Tick")
    await expect(app.widget.locator(".app")).to_have_attribute("data-first", "true")
    await app.widget.get_by_role("button", name="Allow once").click()
    await expect(app.spy).to_have_text('"tick"')


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
