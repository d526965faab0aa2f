"""A tool that asks first: its question is on the page, outlives a reload, and rests when it was answered."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest
import pytest_asyncio
from playwright.async_api import BrowserContext, expect

import genui
from genui import GenUI
from genui.agent import tool
from tests.browser.chat import Chat
from tests.browser.hosting import hosting
from tests.test_questions import Books

BOOKED: list[str] = []


@tool(status="Booking {hotel}…", confirm="Book {hotel} for {nights} nights?")
async def book(hotel: str, nights: int) -> AsyncIterator[object]:
    """Book a room."""
    BOOKED.append(hotel)
    yield genui.Progress(f"Asking {hotel}…")
    yield f"booked {hotel} for {nights}"


@pytest_asyncio.fixture(loop_scope="session")
async def server() -> AsyncIterator[str]:
    BOOKED.clear()
    async with hosting(GenUI(store="memory", model=Books(), tools=[book], repair=False)) as url:
        yield url


async def asked(chat: Chat) -> None:
    """Waits until the question can be answered."""
    question = chat.widget("Confirmation")
    await expect(question).to_contain_text("Book Ritz for 2 nights?")
    await expect(question.get_by_role("button")).to_have_text(["Confirm", "Decline"])
    await expect(question.get_by_role("button", name="Confirm")).to_be_enabled()
    await chat.started("confirmation")


@pytest.mark.parametrize(
    ("press", "shown", "told", "booked"),
    [
        ("Confirm", "Confirmed", "I was told: booked Ritz for 2", ["Ritz"]),
        ("Decline", "Declined", "I was told: Error: The user declined. It was not done.", []),
    ],
)
async def test_a_question_is_answered_after_a_reload_and_the_run_goes_on(
    chat: Chat, press: str, shown: str, told: str, booked: list[str]
) -> None:
    await chat.ask("A room, please")
    await asked(chat)
    await chat.page.reload()
    await asked(chat)
    assert BOOKED == []
    await expect(chat.stop).to_be_visible()

    await chat.widget("Confirmation").get_by_role("button", name=press).click()
    await chat.answered()
    await expect(chat.answer).to_contain_text(told)
    await expect(chat.widget("Confirmation")).to_contain_text(shown)
    await expect(chat.widget("Confirmation").get_by_role("button")).to_have_count(0)
    assert booked == BOOKED

    await chat.page.reload()
    await expect(chat.widget("Confirmation")).to_contain_text(shown)
    await expect(chat.answer).to_contain_text(told)
    assert booked == BOOKED


async def test_two_pages_show_one_question_and_it_is_answered_once(
    chat: Chat, context: BrowserContext
) -> None:
    await chat.ask("A room, please")
    await asked(chat)
    async with context.expect_page() as opened:  # a tab that is duplicated is in the same conversation
        await chat.page.evaluate("void window.open(location.href)")
    other = Chat(await opened.value)
    await asked(other)
    await other.widget("Confirmation").get_by_role("button", name="Decline").click()
    for one in (chat, other):
        await one.answered()
        await expect(one.widget("Confirmation")).to_contain_text("Declined")
        await expect(one.answer).to_contain_text("It was not done.")
    assert BOOKED == []


async def test_a_question_that_is_stopped_can_no_longer_be_answered(chat: Chat) -> None:
    await chat.ask("A room, please")
    await asked(chat)
    await chat.stop.click()
    await chat.answered()
    await expect(chat.widget("Confirmation")).to_contain_text("No longer open")
    assert BOOKED == []
