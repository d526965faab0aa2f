"""What stands around a widget: the direction of the answer's text, and the styles of the page."""

from __future__ import annotations

from playwright.async_api import Page

from tests.browser.chat import Chat
from tests.browser.models import ByHand

_DIRECTION = "(element) => getComputedStyle(element).direction"
_RUDE = "* { color: red !important; font: italic 900 3em cursive !important;"
_RUDER = "text-transform: uppercase !important; letter-spacing: 1em !important; text-indent: 9em !important }"
_MOUNT = """async () => {
  const { connect, emptyTree, Library, mount, reduce } = await import("/static/embed.js");
  const library = await Library.load(connect({ src: "/" }));
  const tree = emptyTree();
  const own = Object.assign(document.createElement("main"), { id: "own" });
  const view = mount(tree, document.body.appendChild(own), { library });
  view.update(reduce(tree, { type: "render-component", id: "c1", name: "Metric", state: "complete",
    props: {}, html: "<p id='probe'>Sales</p>" }));
}"""
_INHERITED = """() => {
  const probe = document.querySelector("#own genui-widget").shadowRoot.querySelector("#probe");
  const { color, fontStyle, fontWeight, textTransform, letterSpacing, textIndent } = getComputedStyle(probe);
  return { color, fontStyle, fontWeight, textTransform, letterSpacing, textIndent };
}"""


async def test_block_widgets_have_the_direction_of_the_text_before_them(chat: Chat, model: ByHand) -> None:
    await chat.ask("Sales?")
    model.answer(
        '\u05de\u05db\u05d9\u05e8\u05d5\u05ea:\n\n<Metric "A" value="1"/>'
        '\n\nIn English:\n\n<Metric "B" value="2"/>'
    )
    await chat.answered()
    assert await chat.widgets.nth(0).evaluate(_DIRECTION) == "rtl"
    assert await chat.widgets.nth(1).evaluate(_DIRECTION) == "ltr"


async def test_a_page_that_styles_everything_styles_no_widget(page: Page, server: str) -> None:
    await page.goto(server)
    await page.evaluate(_MOUNT)
    await page.evaluate("document.querySelector('#own').style.setProperty('--genui-text', 'rgb(1, 2, 3)')")
    before = await page.evaluate(_INHERITED)
    assert before["color"] == "rgb(1, 2, 3)"
    await page.evaluate(
        "css => { const sheet = new CSSStyleSheet(); sheet.replaceSync(css);"
        " document.adoptedStyleSheets = [...document.adoptedStyleSheets, sheet]; }",
        f"{_RUDE} {_RUDER}",
    )
    assert await page.evaluate(_INHERITED) == before
