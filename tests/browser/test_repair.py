"""A component that was written wrong is put right in its place, while the page is open."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest_asyncio
from playwright.async_api import expect

from genui import GenUI
from tests.browser.chat import Chat
from tests.browser.hosting import hosting
from tests.browser.models import ByHand


@pytest_asyncio.fixture(loop_scope="session")
async def server(model: ByHand) -> AsyncIterator[str]:
    async with hosting(GenUI(store="memory", model=model)) as url:
        yield url


async def test_a_widget_that_is_mended_stands_where_it_was_written(chat: Chat, model: ByHand) -> None:
    await chat.ask("How warm is it?")
    model.answer('Before.\n\n<WeatherWidget city="Paris" temp="mild"/>\n\nAfter.')
    await expect(chat.answer).to_contain_text("After.")
    await expect(chat.widget("WeatherWidget")).to_have_count(1)
    await expect(chat.widget("WeatherWidget")).not_to_contain_text("21")

    model.answer('<WeatherWidget city="Paris" temp=21/>')
    await chat.answered()
    await expect(chat.widget("WeatherWidget")).to_have_count(1)
    await expect(chat.widget("WeatherWidget")).to_contain_text("21")
    shown = " ".join(await chat.flattened())
    assert shown.index("Before.") < shown.index("21") < shown.index("After.")

    await chat.page.reload()
    await expect(chat.widget("WeatherWidget")).to_contain_text("21")
    assert len(model.asked) == 2
