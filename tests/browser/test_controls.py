"""Stopping, failing, trying again, and doing it all without a mouse."""

from __future__ import annotations

import asyncio

from playwright.async_api import Locator, Page, expect

from genui import GenUI, ServerLimits
from tests.browser.chat import Chat
from tests.browser.hosting import hosting
from tests.browser.models import ByHand
from tests.browser.watch import Watch


async def test_stop_ends_the_answer_and_the_model(chat: Chat, model: ByHand) -> None:
    await chat.ask("Go on")
    model.write('So far. <WeatherWidget city="Paris" ')
    await expect(chat.widgets).to_contain_text("Paris")
    await chat.stop.click()
    await chat.answered()
    async with asyncio.timeout(5):
        await model.closed.wait()
    await expect(chat.answer).to_contain_text("So far.")


async def test_after_a_stop_the_next_question_is_answered(chat: Chat, model: ByHand) -> None:
    await chat.ask("First")
    model.write("Never finished, ")
    await expect(chat.answer).to_contain_text("Never finished,")
    await chat.stop.click()
    await chat.answered()
    await chat.ask("Second")
    model.answer("Here it is.")
    await chat.answered()
    await expect(chat.answer).to_contain_text("Here it is.")


async def test_a_failing_model_is_said_and_what_came_before_stays(chat: Chat, model: ByHand) -> None:
    await chat.ask("Try")
    model.write("A beginning. ")
    await expect(chat.answer).to_contain_text("A beginning.")
    model.fail("The model has gone away.")
    await expect(chat.alert).to_contain_text("The model has gone away.")
    await expect(chat.answer).to_contain_text("A beginning.")


async def test_retry_asks_the_same_question_again(chat: Chat, model: ByHand) -> None:
    await chat.ask("Try this")
    model.fail("Not now.")
    await chat.retry.click()
    model.answer("Now it works.")
    await expect(chat.answer).to_contain_text("Now it works.")
    await chat.answered()
    assert model.asked == ["Try this", "Try this"]
    await expect(chat.alert).to_be_hidden()


async def test_a_server_that_is_gone_is_said(chat: Chat, watch: Watch) -> None:
    watch.expect("Failed to load resource|ERR_")
    await chat.page.route("**/v1/runs", lambda route: route.abort("connectionrefused"))
    await chat.question.fill("Anyone?")
    await chat.send.click()
    await expect(chat.alert).to_be_visible()
    await expect(chat.retry).to_be_visible()


async def test_a_conversation_by_keyboard_alone(chat: Chat, model: ByHand) -> None:
    await _tab_to(chat.question)
    await chat.page.keyboard.type("Line one")
    await chat.page.keyboard.press("Shift+Enter")
    await chat.page.keyboard.type("line two")
    await chat.page.keyboard.press("Enter")
    model.write("Answering ")
    await expect(chat.answer).to_contain_text("Answering")
    assert model.asked == ["Line one\nline two"]

    await chat.page.keyboard.press("Escape")
    await chat.answered()
    await expect(chat.question).to_be_focused()


async def test_stopping_by_keyboard_leaves_the_focus_where_the_next_question_is_written(
    chat: Chat, model: ByHand
) -> None:
    await chat.ask("Go on")
    model.write("Going on ")
    await expect(chat.answer).to_contain_text("Going on")
    await chat.stop.press("Enter")
    await chat.answered()
    await expect(chat.question).to_be_focused()


async def test_a_question_sent_with_the_button_leaves_the_focus_where_the_next_one_is_written(
    chat: Chat, model: ByHand
) -> None:
    model.answer("Here it is.")
    await chat.ask("With the mouse")
    await chat.answered()
    await expect(chat.question).to_be_focused()


async def test_a_long_answer_without_links_can_be_scrolled_by_keyboard(chat: Chat, model: ByHand) -> None:
    model.answer("\n\n".join(f"Paragraph {count}." for count in range(100)))
    await chat.ask("At length")
    await chat.answered()
    conversation = chat.page.get_by_role("region", name="Conversation")
    await conversation.focus()
    await chat.page.keyboard.press("Home")
    await expect(chat.questions).to_be_in_viewport()


async def test_an_answer_is_said_to_screen_readers_in_whole_sentences(chat: Chat, model: ByHand) -> None:
    said = chat.page.get_by_role("log")
    await chat.ask("Aloud")
    model.write("The first **sentence**. The sec")
    await expect(said).to_have_text("The first sentence.")
    model.answer("ond one")
    await expect(said).to_have_text("The first sentence.The second one")


async def test_a_reader_who_scrolls_up_is_left_alone_until_they_jump_to_the_end(
    chat: Chat, model: ByHand
) -> None:
    jump = chat.page.get_by_role("button", name="Jump to the latest message")
    await chat.ask("At length")
    model.write("A paragraph.\n\n" * 100 + "Almost there.\n\n")
    await expect(chat.answer.get_by_text("Almost there.")).to_be_in_viewport()
    await chat.answer.hover()
    await chat.page.mouse.wheel(0, -10_000)
    await expect(chat.questions).to_be_in_viewport()
    model.answer("The end.")
    await chat.answered()
    await expect(chat.questions).to_be_in_viewport()
    await jump.click()
    await expect(chat.answer.get_by_text("The end.")).to_be_in_viewport()
    await expect(jump).to_be_hidden()


async def test_a_question_that_is_refused_does_not_spoil_the_next(
    page: Page, model: ByHand, watch: Watch
) -> None:
    watch.expect("413")
    async with hosting(
        GenUI(store="memory", model=model, repair=False, limits=ServerLimits(body=1000))
    ) as url:
        watch.allow_origin(url)
        chat = await Chat.open(page, url)
        await chat.ask("long " * 300)
        await expect(chat.alert).to_contain_text("larger than")
        model.answer("Here it is.")
        await chat.ask("Shorter")
        await chat.answered()
        await expect(chat.answer).to_contain_text("Here it is.")
    assert _questions(model) == ["Shorter"]


async def test_a_question_that_the_model_refuses_does_not_spoil_the_next(chat: Chat, model: ByHand) -> None:
    model.fail("The provider's content filter stopped this answer.", "model-content-filter")
    await chat.ask("Something rude")
    await expect(chat.alert).to_contain_text("content filter")
    model.answer("Here it is.")
    await chat.ask("Something kind")
    await chat.answered()
    assert _questions(model) == ["Something kind"]


async def test_an_answer_that_the_server_ended_is_not_blamed_on_the_reader(
    page: Page, model: ByHand, watch: Watch
) -> None:
    genui = GenUI(store="memory", model=model, repair=False)
    async with hosting(genui) as url:
        watch.allow_origin(url)
        chat = await Chat.open(page, url)
        await chat.ask("Go on")
        model.write("So far, ")
        await expect(chat.answer).to_contain_text("So far,")
        await genui.close()
        await chat.answered()
        await expect(chat.answer).to_contain_text("The server stopped before this answer was complete")


async def test_an_empty_question_is_not_sent(chat: Chat, model: ByHand) -> None:
    await chat.question.fill("   ")
    await chat.question.press("Enter")
    await expect(chat.questions).to_have_count(0)
    assert model.asked == []


def _questions(model: ByHand) -> list[str]:
    return [message["content"] for message in model.conversation if message["role"] == "user"]


async def _tab_to(wanted: Locator) -> None:
    """Presses Tab until the element has the focus; a page on which that takes long is not usable so."""
    for _ in range(10):
        await wanted.page.keyboard.press("Tab")
        if await wanted.evaluate("element => element.matches(':focus')"):
            return
    raise AssertionError("ten presses of Tab do not reach it")
