"""Formulas: MathML that stands once, when it is whole, under the page's strict policy."""

from __future__ import annotations

import asyncio

from playwright.async_api import BrowserContext, Page, Route, expect

from tests.browser.chat import Chat
from tests.browser.models import ByHand
from tests.browser.watch import Watch

TEXT = (
    "The roots of $ax^2 + bx + c = 0$ are\n\n$$\nx = \\frac{-b \\pm \\sqrt{b^2 - 4ac}}{2a}\n$$\n\n"
    "and \\(e^{i\\pi} + 1 = 0\\) costs $5, or $6 with\n\n"
    "\\[ \\begin{pmatrix} 1 & 2 \\\\ 3 & 4 \\end{pmatrix} "
    "\\begin{cases} x & y \\\\ \\mathbb{R} & \\mathcal{L} \\end{cases} "
    "\\sum_{n=1}^\\infty \\frac{1}{n^2} = \\int_0^1 \\vec{v}\\,dx \\]\n\n"
    "| formula | price |\n|---|---|\n| $\\frac{1}{2}$ | $5 |\n"
)

_WATCH_SOURCES = """() => {
  window.seen = new Set();
  const look = () => {
    for (const prose of document.querySelector("genui-chat").shadowRoot.querySelectorAll(".genui-prose"))
      for (const source of ["ax^2", "frac", "sqrt", "\\\\(", "$$", "pmatrix"])
        if (prose.textContent.includes(source)) window.seen.add(source);
  };
  new MutationObserver(look).observe(document.querySelector("genui-chat").shadowRoot,
    { subtree: true, childList: true, characterData: true });
}"""


async def test_formulas_stand_as_mathml_and_their_source_is_never_seen(chat: Chat, model: ByHand) -> None:
    await chat.page.evaluate(_WATCH_SOURCES)
    await chat.ask("Roots?")
    for start in range(0, len(TEXT), 4):
        model.write(TEXT[start : start + 4])
    model.finish()
    await chat.answered()
    await expect(chat.answer.locator("math")).to_have_count(5)
    await expect(chat.answer.locator("mfrac")).to_have_count(3)
    await expect(chat.answer).to_contain_text("costs $5, or $6 with")
    await expect(chat.answer.locator("td").last).to_have_text("$5")
    assert await chat.page.evaluate("[...window.seen]") == []
    fraction = await chat.answer.locator(".math-block mfrac").first.bounding_box()
    assert fraction is not None
    assert fraction["height"] > 25  # drawn as a formula, not as a line of letters


async def test_prices_load_no_math(chat: Chat, model: ByHand) -> None:
    asked: list[str] = []
    chat.page.on("request", lambda request: asked.append(request.url))
    await chat.ask("Prices?")
    model.answer("From $5 and $6 a month, up to $10k in all.")
    await chat.answered()
    await expect(chat.answer).to_contain_text("From $5 and $6 a month, up to $10k in all.")
    assert [url for url in asked if url.endswith("/math.js")] == []


async def test_what_follows_a_formula_waits_for_what_draws_it(
    context: BrowserContext, server: str, model: ByHand
) -> None:
    page = await context.new_page()
    waiting: asyncio.Future[Route] = asyncio.get_running_loop().create_future()
    await page.route("**/math.js", lambda route: waiting.set_result(route))
    chat = await Chat.open(page, server)
    await chat.ask("Roots?")
    model.answer('See $x^2$ here.\n\n<Metric "MRR" value="$412k"/>\n\nAnd $y$.')
    await chat.answered()
    await expect(chat.answer).to_contain_text("See")
    math = await waiting
    await expect(chat.widgets).to_have_count(1)
    await expect(chat.widgets).to_be_hidden()
    await math.continue_()
    await expect(chat.widgets).to_be_visible()
    await expect(chat.answer.locator("math")).to_have_count(2)
    await expect(chat.answer).to_contain_text("And ")


async def test_a_formula_is_shown_as_written_when_math_cannot_be_loaded(
    page: Page, server: str, model: ByHand, watch: Watch
) -> None:
    watch.expect("ERR_FAILED")
    watch.expect("could not be loaded")
    await page.route("**/math.js", lambda route: route.abort())
    chat = await Chat.open(page, server)
    await chat.ask("Roots?")
    model.answer("See $x^2$ here.")
    await chat.answered()
    await expect(chat.answer).to_contain_text("See x^2 here.")
