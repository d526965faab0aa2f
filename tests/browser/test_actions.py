"""Widgets that act and widgets that load, on the page."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping

import pytest_asyncio
from playwright.async_api import Page, Route, expect

from genui import GenUI
from genui.catalog import Catalog, Component
from genui.errors import GenUIError
from genui.events import Json
from tests.browser.chat import Chat
from tests.browser.hosting import hosting
from tests.browser.models import ByHand
from tests.browser.watch import Watch

FORM = (
    'Please: <Form "Book" action="book" submit="Request">'
    '<Input "Name" name=name required/><Select "Guests" name=guests options={["1", "2"]}/></Form>'
)


class Shown:
    """A template for a component that waits for its price."""

    def render(self, variables: Mapping[str, Json], /) -> str:
        shown = variables["data"].get(
            "price", '<span class="skeleton"></span>' if variables["loading"] else "no price"
        )
        return f"<p>Price: {shown}</p>"


class Market:
    """A loader in the test's hand."""

    def __init__(self) -> None:
        self.prices: asyncio.Queue[int | None] = asyncio.Queue()

    async def load(self, _: dict[str, Json]) -> dict[str, Json]:
        price = await self.prices.get()
        if price is None:
            raise GenUIError("closed", "The exchange is closed.")
        return {"price": price}


@pytest_asyncio.fixture(loop_scope="session")
async def market() -> Market:
    return Market()


@pytest_asyncio.fixture(loop_scope="session")
async def server(model: ByHand, market: Market) -> AsyncIterator[str]:
    quote = Component("Quote", (), template=Shown(), load=market.load)
    genui = GenUI(
        store="memory", model=model, repair=False, components=Catalog.builtin().merged(Catalog([quote]))
    )
    async with hosting(genui) as url:
        yield url


async def test_a_submitted_form_is_the_readers_turn_and_rests(chat: Chat, model: ByHand) -> None:
    await chat.ask("A table, please")
    model.answer(FORM)
    await chat.answered()
    form = chat.page.locator('genui-widget[name="Form"]')
    await chat.answer.get_by_label("Name").fill("Ada")
    await chat.answer.get_by_role("button", name="Request").click()
    await expect(chat.questions).to_have_count(2)
    await expect(chat.questions.last).to_have_text("Request\n\nName: Ada\nGuests: 1")
    model.answer("Booked.")
    await chat.answered()
    await expect(chat.answer).to_contain_text("Booked.")
    await expect(form.get_by_role("button", name="Request")).to_be_disabled()
    await expect(form.get_by_label("Name")).to_be_disabled()
    assert [message["role"] for message in model.conversation] == ["system", "user", "assistant", "user"]
    assert "<Form " in model.conversation[2]["content"]
    await chat.page.reload()
    await expect(chat.answer).to_contain_text("Booked.")
    await expect(form.get_by_role("button", name="Request")).to_be_disabled()
    await chat.questions.first.hover()
    await chat.questions.first.get_by_role("button", name="Edit question").click()
    model.answer(FORM)
    await chat.page.get_by_role("textbox", name="Edit question").fill("Another table")
    await chat.page.keyboard.press("Enter")
    await expect(chat.questions).to_have_text(["Another table"])
    await expect(chat.answer.get_by_role("button", name="Request")).to_be_enabled()


async def test_an_action_that_was_not_offered_is_refused_at_the_widget(
    chat: Chat, model: ByHand, watch: Watch
) -> None:
    watch.expect("Failed to load resource")
    await chat.ask("A table, please")
    model.answer(FORM)
    await chat.answered()
    await chat.widget("Form").evaluate(
        """(widget) => widget.dispatchEvent(new CustomEvent("genui-action",
            {detail: {action: "transfer_money", values: {}}, bubbles: true, composed: true}))"""
    )
    await expect(chat.alert).to_have_text("That Form does not offer this action.")
    await expect(chat.questions).to_have_count(1)
    assert len(model.asked) == 1
    await expect(chat.answer.get_by_role("button", name="Request")).to_be_enabled()


async def test_an_answer_to_a_form_that_failed_is_tried_again(chat: Chat, model: ByHand) -> None:
    await chat.ask("Go on?")
    model.answer('<Form submit="Send"><Input "Name" name=name value="Ada"/></Form>')
    await chat.answered()
    await chat.answer.get_by_role("button", name="Send").click()
    model.fail("Not now.")
    await chat.retry.click()
    model.answer("Now it works.")
    await expect(chat.answer).to_contain_text("Now it works.")
    await chat.answered()
    await expect(chat.questions).to_have_count(2)
    assert model.asked[1] == model.asked[2]


async def test_a_widget_is_filled_by_its_loader_while_the_text_goes_on(
    chat: Chat, model: ByHand, market: Market
) -> None:
    await chat.ask("How much?")
    model.write("Here: <Quote/> and ")
    quote = chat.widget("Quote")
    await expect(quote.locator(".skeleton")).to_have_count(1)
    await expect(quote).to_have_attribute("loading", "")
    market.prices.put_nowait(42)
    await expect(quote).to_have_text("Price: 42")
    await expect(quote).not_to_have_attribute("loading", "")
    model.answer("more.")
    await chat.answered()
    await expect(chat.answer).to_contain_text("and more.")


async def test_while_only_data_is_awaited_the_answer_is_whole_and_the_next_question_may_be_asked(
    chat: Chat, model: ByHand
) -> None:
    await chat.ask("How much?")
    model.answer("Here: <Quote/> That is it.")
    await expect(chat.widget("Quote")).to_have_attribute("loading", "")
    await expect(chat.answer).to_contain_text("That is it.")
    await chat.answered()
    await chat.ask("And then?")
    model.answer("Then this.")
    await expect(chat.answer).to_contain_text("Then this.")
    await chat.answered()
    await expect(chat.page.locator('genui-widget[name="Quote"]')).not_to_have_attribute("loading", "")
    assert [message["role"] for message in model.conversation] == ["system", "user", "assistant", "user"]


async def test_a_loader_that_fails_leaves_its_widget_with_a_quiet_note(
    chat: Chat, model: ByHand, market: Market
) -> None:
    await chat.ask("How much?")
    market.prices.put_nowait(None)
    model.answer("Here: <Quote/>")
    await chat.answered()
    await expect(chat.widget("Quote")).to_contain_text("Price: no price")
    await expect(chat.widget("Quote").get_by_role("note")).to_have_text("The exchange is closed.")


async def test_the_chat_goes_on_when_the_server_has_forgotten_its_thread(
    chat: Chat, model: ByHand, page: Page, watch: Watch
) -> None:
    watch.expect("Failed to load resource")
    await chat.ask("First")
    model.answer("One.")
    await chat.answered()
    forgotten = True

    async def forget(route: Route) -> None:
        nonlocal forgotten
        if not forgotten:
            return await route.continue_()
        forgotten = False
        error = {"error": {"code": "unknown-thread", "message": "gone"}}
        return await route.fulfill(status=404, json=error)

    await page.route("**/v1/runs", forget)
    await chat.ask("Second")
    model.answer("Two.")
    await chat.answered()
    assert [message["content"] for message in model.conversation[1:]] == ["First", "One.", "Second"]
