"""Right to left: the gallery's examples, and an answer in Arabic, whose widgets take its direction."""

from __future__ import annotations

import pytest
from playwright.async_api import Page, expect

from tests.browser.chat import Chat
from tests.browser.models import ByHand
from tests.browser.test_gallery import opened

_TURN = "document.addEventListener('DOMContentLoaded', () => { document.documentElement.dir = 'rtl'; })"

_BEYOND = """() => [...document.querySelectorAll(".stage")].flatMap((stage) => {
  const { left, right } = stage.getBoundingClientRect();
  return [...stage.querySelectorAll(":scope > genui-widget, :scope > .genui-prose")]
    .filter((it) => it.checkVisibility())
    .map((it) => it.getBoundingClientRect())
    .filter((box) => box.left < left - 1 || box.right > right + 1)
    .concat(stage.scrollWidth > stage.clientWidth + 1 ? [stage] : [])
    .map(() => stage.closest(".entry").id);
})"""

# Where the first and the last letter of a text stand.
_ENDS = """(it) => {
  const [text] = [...(function* texts(node) {
    if (node.nodeType === Node.TEXT_NODE && node.data.trim()) yield node;
    for (const child of node.childNodes) yield* texts(child);
  })(it)];
  const at = (place) => {
    const range = document.createRange();
    range.setStart(text, place);
    range.setEnd(text, place + 1);
    return range.getBoundingClientRect().left;
  };
  return [at(0), at(text.data.length - 1)];
}"""


@pytest.mark.parametrize("width", ["320", "full"])
async def test_no_example_leaves_its_column_from_right_to_left(page: Page, server: str, width: str) -> None:
    await page.add_init_script(_TURN)
    await opened(page, server, width=width)
    assert await page.evaluate(_BEYOND) == []


async def test_widgets_in_an_arabic_answer_run_from_right_to_left_nested_and_inline_too(
    chat: Chat, model: ByHand
) -> None:
    await chat.ask("Go on")
    model.answer(
        'الحالة <Badge "جديد"/> الآن.\n\n<Card "الخطة">\n\nالسعر <Badge "خصم"/> هنا.\n\n'
        '<Metric "السعر" value="١٢"/></Card>'
    )
    await chat.answered()
    for widget in await chat.widgets.all():
        assert await widget.evaluate("it => getComputedStyle(it).direction") == "rtl"
    await expect(chat.widgets).to_have_count(4)


async def test_text_of_the_other_direction_reads_as_it_was_written_and_stands_at_the_same_edge(
    chat: Chat, model: ByHand
) -> None:
    await chat.ask("Go on")
    model.answer(
        'كم مساحة القرص؟\n\n<Progress "القرص" 68 caption="34 of 50 GB"/>'
        '<Card "50 GB" subtitle="سعة القرص"></Card>'
    )
    await chat.answered()
    first, last = await chat.widget("Progress").get_by_text("34 of 50 GB").evaluate(_ENDS)
    assert first < last
    title = chat.widget("Card").get_by_text("50 GB")
    below = chat.widget("Card").get_by_text("سعة القرص")
    first, last = await title.evaluate(_ENDS)
    assert first < last
    edges = [
        await it.evaluate(
            "it => { const all = document.createRange(); all.selectNodeContents(it);"
            " return all.getBoundingClientRect().right; }"
        )
        for it in (title, below)
    ]
    assert abs(edges[0] - edges[1]) < 2


async def test_the_arrow_keys_go_the_way_the_tabs_stand(chat: Chat, model: ByHand) -> None:
    await chat.ask("Go on")
    model.answer('اختر:\n\n<Tabs><Tab "أولا">واحد</Tab><Tab "ثانيا">اثنان</Tab></Tabs>')
    await chat.answered()
    await chat.started("tabs")
    first, second = chat.answer.get_by_role("tab").first, chat.answer.get_by_role("tab").last
    await first.focus()
    await chat.page.keyboard.press("ArrowLeft")
    await expect(second).to_have_attribute("aria-selected", "true")
    await chat.page.keyboard.press("ArrowRight")
    await expect(first).to_have_attribute("aria-selected", "true")


async def test_a_carousel_goes_on_to_the_left(chat: Chat, model: ByHand) -> None:
    await chat.page.set_viewport_size({"width": 400, "height": 800})
    await chat.ask("Go on")
    cards = "".join(f'<Card "بطاقة {at}">نص</Card>' for at in range(6))
    model.answer(f'الأماكن:\n\n<Carousel "قريب">{cards}</Carousel>')
    await chat.answered()
    await chat.started("carousel")
    await chat.answer.get_by_role("button", name="Forward").click()
    track = chat.widget("Carousel").locator(".track")
    await track.evaluate(
        "it => it.scrollLeft < 0 || new Promise((done) => it.addEventListener('scroll', done))"
    )
    await expect(chat.answer.get_by_role("button", name="Back")).to_be_enabled()
    assert await track.evaluate("it => it.scrollLeft") < 0
