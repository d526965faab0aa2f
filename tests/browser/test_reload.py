"""`genui serve --reload`: a component is edited on disk while a conversation with it is open."""

from __future__ import annotations

import asyncio
import shutil
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio
from playwright.async_api import Page, Route, expect

from genui import GenUI
from tests.browser.chat import Chat
from tests.browser.hosting import hosting
from tests.browser.models import ByHand
from tests.browser.watch import Watch

_TOML = """name = "StockQuote"
description = "A price."
[props.symbol]
type = "string"
[props.price]
type = "number"
"""
_WITH_EXAMPLE = _TOML.replace("[props.s", "examples = ['<StockQuote A 1/>']\n[props.s")
_TEMPLATE = "<p class='frame'>{{ symbol }} costs {{ price }}</p><input aria-label='Pieces'><output></output>"
_SCRIPT = """export default (root) => {
  const say = () => (root.querySelector("output").textContent = "%s");
  say();
  return { update: say };
};
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder of components with one in it; this is that one's."""
    folder = tmp_path / "components" / "stock_quote"
    folder.mkdir(parents=True)
    (folder / "component.toml").write_text(_TOML)
    (folder / "template.html").write_text(_TEMPLATE)
    (folder / "style.css").write_text(".frame { border-radius: 1px; }")
    (folder / "script.js").write_text(_SCRIPT % "one")
    return folder


@pytest_asyncio.fixture(loop_scope="session")
async def server(folder: Path, model: ByHand) -> AsyncIterator[str]:
    genui = GenUI(store="memory", components=folder.parent, model=model, reload=True)
    async with hosting(genui) as url:
        yield url
        await genui.close()


@pytest_asyncio.fixture(loop_scope="session")
async def quoted(page: Page, server: str, model: ByHand) -> Chat:
    """A chat in which a quote stands, with something typed into it and a question begun."""
    chat = await Chat.open(page, server)
    await chat.ask("ACME?")
    model.answer('Look:\n\n<StockQuote "ACME" 12/>\n\nThat was it.')
    await chat.answered()
    await expect(chat.widget("StockQuote").locator("output")).to_have_text("one")
    await chat.page.get_by_label("Pieces").fill("500")
    await chat.question.fill("And the ne")
    return chat


async def intact(chat: Chat) -> None:
    await expect(chat.page.get_by_label("Pieces")).to_have_value("500")
    await expect(chat.question).to_have_value("And the ne")
    await expect(chat.answer).to_contain_text("That was it.")
    await expect(chat.questions).to_have_text("ACME?")


async def test_an_edited_template_style_and_script_show_in_the_conversation(
    quoted: Chat, folder: Path
) -> None:
    widget = quoted.widget("StockQuote")
    (folder / "template.html").write_text(_TEMPLATE.replace("costs", "is at"))
    await expect(widget).to_contain_text("ACME is at 12")
    (folder / "style.css").write_text(".frame { border-radius: 9px; }")
    await expect(widget.locator(".frame")).to_have_css("border-radius", "9px")
    (folder / "script.js").write_text(_SCRIPT % "two")
    await expect(widget.locator("output")).to_have_text("two")
    await intact(quoted)


async def test_a_new_prop_is_known_to_the_next_answer_and_the_template(
    quoted: Chat, folder: Path, model: ByHand
) -> None:
    (folder / "component.toml").write_text(
        _TOML + '[props.currency]\ntype = "string"\ndefault = "USD"\nenum = ["USD", "EUR"]\n'
    )
    (folder / "template.html").write_text(_TEMPLATE.replace("{{ price }}", "{{ price }} {{ currency }}"))
    widget = quoted.widget("StockQuote")
    await expect(widget).to_contain_text("12 USD")
    await quoted.ask("In euros?")
    model.answer("<StockQuote ACME 11 EUR/>")
    await expect(widget).to_contain_text("11 EUR")


async def test_a_component_that_is_added_or_removed_counts_from_the_next_answer_on(
    quoted: Chat, folder: Path, model: ByHand
) -> None:
    async with quoted.page.expect_response("**/v1/components"):
        own = folder.parent / "fact"
        own.mkdir()
        (own / "template.html").write_text("<p>Fact: {{ text }}</p>")
        (own / "component.toml").write_text(
            'name = "Fact"\ndescription = "One."\n[props.text]\ntype = "string"\n'
        )
    await quoted.ask("A fact?")
    model.answer('<Fact "Water is wet"/>')
    await expect(quoted.widget("Fact")).to_contain_text("Fact: Water is wet")


async def test_a_component_that_is_removed_stands_where_it_was_and_is_text_in_the_next_answer(
    quoted: Chat, folder: Path, model: ByHand
) -> None:
    shown = quoted.widget("StockQuote")
    async with quoted.page.expect_response("**/v1/components"):
        shutil.rmtree(folder)
    await expect(shown).to_contain_text("ACME costs 12")
    await intact(quoted)
    await expect(quoted.page.get_by_role("alert")).to_be_hidden()
    await quoted.ask("Again?")
    model.answer('<StockQuote "ACME" 13/>')
    await quoted.answered()
    await expect(quoted.answer).to_contain_text('<StockQuote "ACME" 13/>')


async def test_an_edited_loader_brings_its_data_to_the_next_answer(
    quoted: Chat, folder: Path, model: ByHand
) -> None:
    (folder / "template.html").write_text("<p>{{ symbol }}: {{ data.price }}</p><output></output>")
    for price in ("20", "21"):
        async with quoted.page.expect_response("**/v1/components"):
            (folder / "loader.py").write_text(f"async def load(props):\n    return {{'price': {price}}}\n")
        await quoted.ask(f"Is it {price}?")
        model.answer("<StockQuote ACME/>")
        await quoted.answered()
        await expect(quoted.widget("StockQuote")).to_contain_text(f"ACME: {price}")


async def test_the_page_stays_where_it_was_scrolled_to(quoted: Chat, folder: Path, model: ByHand) -> None:
    await quoted.ask("At length?")
    prose = "Some words.\n\n" * 60
    model.answer(f'{prose}<StockQuote "LONG" 7/>\n\n{prose}')
    await quoted.answered()
    widget = quoted.widget("StockQuote")
    await widget.evaluate("(element) => element.scrollIntoView({ block: 'center', behavior: 'instant' })")
    before = await widget.bounding_box()
    (folder / "template.html").write_text(_TEMPLATE.replace("costs", "is at"))
    await expect(widget).to_contain_text("LONG is at 7")
    assert await widget.bounding_box() == before


async def test_a_broken_edit_is_said_with_its_line_and_recovers(
    quoted: Chat, folder: Path, caplog: pytest.LogCaptureFixture
) -> None:
    widget = quoted.widget("StockQuote")
    (folder / "template.html").write_text("\n{% if %}")
    await expect(quoted.page.get_by_role("alert")).to_contain_text("template.html:2")
    await expect(widget).to_contain_text("ACME costs 12")
    assert "template.html:2" in caplog.text
    (folder / "template.html").write_text(_TEMPLATE.replace("costs", "again"))
    await expect(widget).to_contain_text("ACME again 12")
    await expect(quoted.page.get_by_role("alert")).to_be_hidden()
    await intact(quoted)


@pytest.mark.parametrize("place", ["root", "root.querySelector('input')", "host"])
async def test_what_an_edited_script_listened_to_it_hears_no_more(
    quoted: Chat, folder: Path, place: str
) -> None:
    widget = quoted.widget("StockQuote")
    script = _SCRIPT.replace("(root)", "(root, host)").replace(
        "say();", f"{place}.addEventListener('click', () => root.append('%s!')); say();"
    )
    for word in ("two", "three"):
        (folder / "script.js").write_text(script % (word, word))
        await expect(widget.locator("output")).to_have_text(word)
    await widget.get_by_label("Pieces").click()
    await expect(widget).to_contain_text("three!")
    await expect(widget).not_to_contain_text("two!")
    await intact(quoted)


async def test_a_script_with_a_mistake_is_said_with_its_line_and_recovers(
    quoted: Chat, folder: Path, watch: Watch
) -> None:
    watch.expect("SyntaxError|Unexpected token")
    (folder / "script.js").write_text("export default (root) => {\n  const = 1;\n};\n")
    alert = quoted.page.get_by_role("alert")
    await expect(alert).to_contain_text("components/stock_quote/script.js:2: ")
    await expect(alert).to_contain_text("Unexpected token '='")
    await quoted.page.reload()
    await expect(alert).to_contain_text("components/stock_quote/script.js:2: ")
    (folder / "script.js").write_text(_SCRIPT % "mended")
    await expect(quoted.widget("StockQuote").locator("output")).to_have_text("mended")
    await expect(alert).to_be_hidden()


async def test_the_gallery_follows_too(page: Page, server: str, folder: Path) -> None:
    (folder / "component.toml").write_text(_WITH_EXAMPLE)
    await page.goto(f"{server}/gallery#StockQuote")
    await expect(page.locator("#StockQuote .stage")).to_contain_text("A costs 1")
    (folder / "template.html").write_text(_TEMPLATE.replace("costs", "is"))
    await expect(page.locator("#StockQuote .stage")).to_contain_text("A is 1")
    await page.goto("about:blank")


async def test_an_edit_before_a_page_listens_is_not_missed(page: Page, server: str, folder: Path) -> None:
    taken = asyncio.Event()

    async def late(route: Route) -> None:
        await taken.wait()
        await route.continue_()

    await page.route("**/v1/reload", late)
    await page.goto(f"{server}/gallery#StockQuote")
    await expect(page.locator("#StockQuote")).to_be_visible()
    (folder / "component.toml").write_text(_TOML.replace('description = "', 'description = "Anew: '))
    while "Anew: " not in await (await page.request.get(f"{server}/v1/components")).text():  # noqa: ASYNC110
        await asyncio.sleep(0.02)
    assert "Anew: " not in await page.locator("#StockQuote").inner_text()
    taken.set()
    await expect(page.locator("#StockQuote")).to_contain_text("Anew: ")
    await page.goto("about:blank")


async def test_what_the_gallery_shows_stands_until_what_is_new_is_drawn(
    page: Page, server: str, folder: Path
) -> None:
    (folder / "component.toml").write_text(_WITH_EXAMPLE)
    await page.goto(f"{server}/gallery")
    await page.locator("genui-gallery[ready]").wait_for(timeout=60_000)
    place = await page.evaluate(
        """() => {
          scrollTo(0, 2000);
          window.blank = [];
          (function look() {
            const stages = [...document.querySelectorAll(".stage")];
            if (!stages.length || stages.some((one) => !one.firstElementChild)) blank.push(stages.length);
            requestAnimationFrame(look);
          })();
          return scrollY;
        }"""
    )
    (folder / "template.html").write_text(_TEMPLATE.replace("costs", "is"))
    await expect(page.locator("#StockQuote .stage")).to_contain_text("A is 1")
    await page.locator("genui-gallery[ready]").wait_for(timeout=60_000)
    assert await page.evaluate("blank") == []
    assert place == 2000
    assert await page.evaluate("scrollY") == place
    assert await page.locator("main > section").count() == await page.locator("nav li").count()
    await page.goto("about:blank")


async def test_a_page_of_a_server_that_does_not_reload_asks_nothing(page: Page, watch: Watch) -> None:
    async with hosting(GenUI(store="memory", model=ByHand())) as url:
        watch.allow_origin(url)
        await Chat.open(page, url)
        assert await page.locator("script").count() == 1
        assert (await page.request.get(f"{url}/v1/reload")).status == 404
        await page.goto("about:blank")
