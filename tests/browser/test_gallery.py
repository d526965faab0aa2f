"""The gallery: every component with each of its examples, in both themes, on a phone and wide."""

from __future__ import annotations

from itertools import product
from pathlib import Path

import pytest
from playwright.async_api import Page, ViewportSize, expect

from genui import Catalog, GenUI
from tests.browser.hosting import hosting
from tests.browser.watch import Watch

_AXE = Path(__file__).parents[2] / "frontend" / "node_modules" / "axe-core" / "axe.min.js"
_PATIENCE = 60_000  # for more than a hundred examples on a busy machine

_SIZES: dict[str, ViewportSize] = {
    "320": {"width": 400, "height": 800},
    "full": {"width": 1280, "height": 900},
}

_FINDINGS = """async () => {
  const { violations } = await axe.run(document, { resultTypes: ["violations"] });
  return violations
    .filter(({ impact }) => impact === "serious" || impact === "critical")
    .flatMap(({ id, nodes }) => nodes.map((node) =>
      `${id}: ${node.target.flat().join(" ")} – ${node.any[0]?.message ?? node.failureSummary}`));
}"""

_TOO_WIDE = """() => [...document.querySelectorAll(".stage")]
  .filter((stage) => stage.scrollWidth > stage.clientWidth + 1)
  .map((stage) => stage.closest(".entry").id)"""


async def opened(page: Page, url: str, theme: str = "light", width: str = "full") -> None:
    """The gallery, when every example stands."""
    await page.set_viewport_size(_SIZES.get(width, _SIZES["full"]))
    await page.goto(f"{url}/gallery?theme={theme}&width={width}")
    await page.locator("genui-gallery[ready]").wait_for(timeout=_PATIENCE)


@pytest.mark.parametrize(("theme", "width"), [*product(("light", "dark"), _SIZES)])
async def test_no_component_has_a_serious_fault_of_accessibility_or_is_too_wide(
    page: Page, server: str, theme: str, width: str
) -> None:
    await opened(page, server, theme, width)
    await page.evaluate(_AXE.read_text())
    assert await page.evaluate(_FINDINGS) == []
    assert await page.evaluate(_TOO_WIDE) == []


async def test_every_example_of_every_component_is_shown_as_a_widget(page: Page, server: str) -> None:
    await opened(page, server)
    for component in Catalog.builtin():
        entry = page.locator(f"#{component.name}")
        widgets = entry.locator(f'.stage:has(genui-widget[name="{component.name}"])')
        await expect(widgets).to_have_count(len(component.examples))
    await expect(page.locator(".said:visible, genui-widget[failed]")).to_have_count(0)


async def test_the_theme_and_the_width_are_chosen_and_kept_in_the_address(page: Page, server: str) -> None:
    await opened(page, server)
    await page.get_by_role("radio", name="Dark").check(force=True)
    await page.get_by_role("radio", name="375").check(force=True)
    stage = page.locator("#Card .stage").first
    assert await stage.evaluate("it => it.clientWidth") == 375
    assert await stage.evaluate("it => getComputedStyle(it).colorScheme") == "dark"
    assert "theme=dark&width=375" in page.url


async def test_components_are_found_by_what_they_are_for(page: Page, server: str) -> None:
    await opened(page, server)
    await page.get_by_role("searchbox").fill("WEATHER")
    await expect(page.get_by_role("heading", name="WeatherWidget")).to_be_visible()
    await expect(page.get_by_role("heading", name="Accordion", exact=True)).to_be_hidden()


async def test_an_authors_own_component_stands_first_and_its_mistakes_are_said(
    page: Page, watch: Watch, tmp_path: Path
) -> None:
    folder = tmp_path / "stock_quote"
    folder.mkdir()
    (folder / "component.toml").write_text(
        'name = "StockQuote"\ndescription = "A price."\n'
        'examples = ["<StockQuote 12/>", "<StockQuote dear/>"]\n'
        '[props.price]\ntype = "number"\nrequired = true\nminimum = 0\n'
    )
    (folder / "template.html").write_text("<p class='frame'>Price: {{ price }}</p>")
    async with hosting(GenUI(store="memory", components=tmp_path, model="demo")) as url:
        watch.allow_origin(url)
        await opened(page, url)
        first = page.locator(".entry").first
        await expect(first.get_by_role("heading", name="StockQuote")).to_be_visible()
        await expect(first.locator("genui-widget").first).to_contain_text("Price: 12")
        await expect(first.get_by_role("row", name="price")).to_contain_text("number, ≥ 0")
        await expect(first.locator(".said:visible")).to_contain_text("`price`")
        await page.goto("about:blank")  # or SystemLoad would still be streaming when its server goes


async def test_an_action_is_shown_to_whoever_tries_it(page: Page, server: str) -> None:
    await opened(page, server)
    entry = page.locator("#Button")
    await entry.get_by_role("button", name="Show details").click()
    await expect(entry.locator(".said").first).to_contain_text("Action")
