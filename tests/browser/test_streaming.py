"""Widgets are on the page while the model is still writing them, and streaming leaves no trace."""

from __future__ import annotations

import re

import pytest
from playwright.async_api import Page, expect

from genui import GenUI
from genui.agent import DemoModel, Model
from tests.browser.chat import Chat
from tests.browser.hosting import hosting
from tests.browser.models import AtOnce, ByHand
from tests.browser.watch import Watch


async def test_a_widget_is_on_the_page_while_the_model_still_writes_its_tag(
    chat: Chat, model: ByHand
) -> None:
    await chat.ask("Weather?")
    model.write("Here you are.\n\n<WeatherWidget ")
    await expect(chat.widgets).to_have_count(1)
    await expect(chat.stop).to_be_visible()

    model.write('city="Par')
    await expect(chat.widgets).to_contain_text("Par")
    model.write('is" temp=21 ')
    await expect(chat.widgets).to_contain_text("Paris")
    await expect(chat.widgets).to_contain_text("21")

    model.write('condition="sunny"/>')
    model.finish()
    await chat.answered()
    await expect(chat.widgets).to_have_count(1)


async def test_text_is_on_the_page_before_the_next_piece_exists(chat: Chat, model: ByHand) -> None:
    await chat.ask("Hello?")
    for word in ("One ", "two ", "three "):  # a word is shown at its end: until then it may be Markdown
        model.write(word)
        await expect(chat.answer).to_contain_text(word.strip())
    model.finish()
    await chat.answered()
    await expect(chat.answer).to_contain_text("One two three")


async def test_children_stand_inside_their_parent_while_it_is_open(chat: Chat, model: ByHand) -> None:
    await chat.ask("Report?")
    model.write('<Card title="Q3">Sales **rose**.<Metric "MRR" value="$412k"/>')
    card = chat.widgets.first
    await expect(card.locator("genui-widget")).to_contain_text("$412k")
    await expect(card.locator("strong")).to_have_text("rose")
    model.write("</Card>After.")
    model.finish()
    await chat.answered()
    await expect(card).not_to_contain_text("After.")
    await expect(chat.answer).to_contain_text("After.")


MEASURED = "How busy is this machine"
"""Its answer is what it measures, and never the same twice."""

TOOK = re.compile(r'\s*"[\d.]+s"')
"""The line that says how long a step took: neither is that."""


@pytest.mark.parametrize(
    "starter", [starter for starter in DemoModel.starters if not starter.startswith(MEASURED)]
)
async def test_the_finished_page_equals_the_one_rendered_at_once(
    page: Page, watch: Watch, starter: str
) -> None:
    streamed = await _finished(page, watch, DemoModel(speed=400), starter)
    at_once = await _finished(page, watch, AtOnce(DemoModel(speed=0)), starter)
    assert streamed == at_once


async def _finished(page: Page, watch: Watch, model: Model, question: str) -> list[str]:
    async with hosting(GenUI(store="memory", model=model, repair=False)) as url:
        watch.allow_origin(url)
        chat = await Chat.open(page, url)
        await chat.ask(question)
        await chat.answered()
        await expect(chat.answer.locator(".skeleton")).to_have_count(
            0
        )  # what is bound is drawn after the end
        lines = await chat.flattened()
        await page.goto("about:blank")  # lets go of the server before it ends
    return [line.replace(url, "") for line in lines if not TOOK.fullmatch(line)]
