"""The chat as other people see it: on paper, in forced colors, in large letters, from right to left."""

from __future__ import annotations

from playwright.async_api import Browser, Locator, Page, expect

from genui import GenUI
from genui.agent import DemoModel
from tests.browser.chat import TWO_FRAMES, Chat
from tests.browser.hosting import hosting
from tests.browser.models import ByHand

_LONG = "".join(f"## Part {at}\n\nSome words about it.\n\n" for at in range(40))
_TABLE = "| المدينة | السكان |\n| --- | --- |\n| باريس | 2,100,000 |\n| قرية | −12 |\n"

_ROOM = "it => [it.scrollTop, it.scrollHeight > it.clientHeight]"


async def _say(chat: Chat, model: ByHand, answer: str) -> None:
    model.answer(answer)
    await chat.ask("Tell me")
    await chat.answered()


async def test_on_paper_the_whole_conversation_stands_without_what_can_be_pressed(
    chat: Chat, model: ByHand
) -> None:
    await chat.page.locator("genui-chat").evaluate("it => it.theme = 'dark'")
    await _say(chat, model, _LONG)
    await chat.page.emulate_media(media="print")
    for control in (chat.send, chat.question, chat.page.get_by_role("button", name="Copy answer")):
        await expect(control).to_be_hidden()
    bounds = await chat.answer.bounding_box()
    page_height: float = await chat.page.evaluate("document.scrollingElement.scrollHeight")
    assert bounds
    assert bounds["height"] > 1600
    assert page_height + 1 >= bounds["y"] + bounds["height"]
    assert await chat.answer.evaluate("it => getComputedStyle(it).colorScheme") == "light"


async def test_a_question_has_an_edge_and_code_no_marks_where_colors_are_forced(
    browser: Browser, server: str, model: ByHand
) -> None:
    context = await browser.new_context(forced_colors="active", reduced_motion="reduce")
    chat = await Chat.open(await context.new_page(), server)
    await _say(chat, model, "```python\nimport os\n```\n")
    edge = """it => {
      const { borderTopColor, borderTopWidth, color } = getComputedStyle(it);
      return [borderTopWidth, borderTopColor === color];
    }"""
    assert await chat.questions.last.locator("p").evaluate(edge) == ["1px", True]
    marks = """async () => {
      await import("/static/highlight.js");
      await new Promise((drawn) => requestAnimationFrame(() => setTimeout(drawn)));
      return [...CSS.highlights.values()].map((one) => one.size);
    }"""
    assert await chat.page.evaluate(marks) == []
    await context.close()


async def test_figures_and_their_heading_stand_at_one_end_of_a_column_in_either_direction(
    chat: Chat, model: ByHand
) -> None:
    await _say(chat, model, _TABLE)
    left = [await _text_edge(cell, "left") for cell in await _column(chat)]
    assert max(left) - min(left) < 1, left
    await _say(chat, model, "| City | People |\n| --- | --- |\n| Paris | 2,100,000 |\n| Hamlet | −12 |\n")
    right = [await _text_edge(cell, "right") for cell in await _column(chat)]
    assert max(right) - min(right) < 1, right


async def test_buttons_grow_with_the_letters(page: Page, server: str, model: ByHand) -> None:
    chat = await Chat.open(page, server)
    await page.locator("genui-chat").evaluate("it => it.style.setProperty('--genui-font-size', '30px')")
    await _say(chat, model, "Here.")
    for name in ("Copy answer", "Ask again", "New conversation"):
        button = page.get_by_role("button", name=name)
        outer, inner = await button.bounding_box(), await button.locator("svg").bounding_box()
        assert outer
        assert inner
        assert outer["width"] > 1.5 * inner["width"], name
    text = await _text_edge(chat.answer.locator("p"), "left")
    icon = await page.get_by_role("button", name="Copy answer").locator("svg").bounding_box()
    assert icon
    assert abs(icon["x"] - text) < 4


async def test_a_new_conversation_begins_with_its_heading_however_low_the_window_is(
    browser: Browser,
) -> None:
    page = await browser.new_page(viewport={"width": 390, "height": 500})
    async with hosting(GenUI(store="memory", model=DemoModel(speed=1000))) as url:
        chat = await Chat.open(page, url)
        for _ in range(2):
            await expect(page.get_by_role("button", name=DemoModel.starters[-1])).to_be_attached()
            await page.evaluate(TWO_FRAMES)
            assert await page.locator("genui-chat .scroller").evaluate(_ROOM) == [0, True]
            await chat.ask(DemoModel.starters[0])
            await chat.answered()
            await page.evaluate(TWO_FRAMES)
            assert await page.locator("genui-chat .scroller").evaluate("it => it.scrollTop") > 0
            await page.get_by_role("button", name="New conversation").click()
    await page.close()


async def test_code_that_has_left_the_page_is_not_kept_by_its_colors(chat: Chat, model: ByHand) -> None:
    painted = """() => [...CSS.highlights.values()].flatMap((one) => [...one])
      .map((range) => range.startContainer.data)"""
    await _say(chat, model, "```python\nimport old\n```\n")
    await chat.page.wait_for_function(f"() => ({painted})().length > 0")
    await chat.page.get_by_role("button", name="New conversation").click()
    await _say(chat, model, "```python\nimport new\n```\n")
    await chat.page.wait_for_function(f"() => ({painted})().some((code) => code.includes('new'))")
    await chat.page.wait_for_function(f"() => ({painted})().every((code) => !code.includes('old'))")


async def _column(chat: Chat) -> list[Locator]:
    return await chat.answer.locator("tr > :nth-child(2)").all()


async def _text_edge(element: Locator, edge: str) -> float:
    """Where the text of an element begins or ends, by the window."""
    found: float = await element.evaluate(
        """(it, edge) => {
          const range = document.createRange();
          range.selectNodeContents(it);
          return range.getBoundingClientRect()[edge];
        }""",
        edge,
    )
    return found
