"""The playground as an author uses it: writing, streaming, asking, sharing."""

from __future__ import annotations

import json
import shutil
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
from playwright.async_api import FrameLocator, Locator, Page, expect

from genui import GenUI, cli
from genui.catalog import scaffold
from tests.browser.hosting import hosting
from tests.browser.models import ByHand
from tests.browser.watch import Watch

_AXE = Path(__file__).parents[2] / "frontend/node_modules/axe-core/axe.min.js"
_CUT = """(view) => {
  const cut = (button) => {
    const { right } = button.getBoundingClientRect();
    return right > button.closest(".bar").getBoundingClientRect().right;
  };
  return [...view.querySelectorAll(".bar button")].filter(cut).map((button) => button.textContent);
}"""
_PATIENCE = 30_000  # ms: the sandbox starts in seconds, on a machine that has nothing else to do
_SCRIPT = 'export default function (root) { root.querySelector(".label").textContent = "from a script"; }\n'


@pytest.fixture(scope="session")
def mine(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An author's folder."""
    return tmp_path_factory.mktemp("mine")


@pytest.fixture
def folder(mine: Path) -> Path:
    """The one component in it, StockQuote, as it was begun."""
    for left in mine.iterdir():
        shutil.rmtree(left)
    made = mine / "stock_quote"
    made.mkdir()
    for name, text in scaffold("StockQuote").items():
        (made / name).write_text(text)
    return made


_MODEL = ByHand()


@pytest.fixture
def model() -> ByHand:
    return _MODEL


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def shared_server(mine: Path) -> AsyncIterator[str]:
    """One server for all tests: its sandbox takes seconds to start."""
    genui = GenUI(model=_MODEL, components=mine, playground=True, store="memory")
    async with hosting(genui) as url:
        yield url
        await genui.close()


@pytest.fixture
def server(shared_server: str, folder: Path) -> str:
    assert folder.is_dir()
    return shared_server


class Playground:
    """One open playground, found by role and label."""

    def __init__(self, page: Page, url: str) -> None:
        self.page = page
        self.url = url
        self.editor = page.get_by_role("textbox", name="Source:")
        self.answer = page.get_by_role("textbox", name="What a model might write")
        self.problems = page.get_by_role("region", name="Problems")
        self.save = page.get_by_role("button", name="Save", exact=True)
        self.position = page.get_by_role("slider", name="Position")
        self.events = page.locator(".event")
        self.notices = page.locator(".notices")

    async def open(self, fragment: str = "") -> Playground:
        await self.page.goto(f"{self.url}/playground{fragment}")
        await expect(self.page.get_by_role("navigation", name="Views")).to_be_visible()
        return self

    def view(self, name: str) -> Locator:
        return self.page.get_by_role("region", name=name, exact=True)

    async def go(self, view: str) -> None:
        await self.page.get_by_role("navigation", name="Views").get_by_role("button", name=view).click()

    def frame(self, view: str = "Write", theme: str = "light") -> FrameLocator:
        return self.view(view).frame_locator(f'iframe[title="Preview, {theme}"]')

    async def file(self, name: str) -> None:
        await self.page.get_by_role("tab", name=name).click()

    async def type(self, text: str, where: Locator | None = None) -> None:
        """Replace the text, by keys: at `fill` Chromium writes styles into the editor's elements, which the
        page's policy refuses."""
        await (where or self.editor).click()
        await self.page.keyboard.press("Control+a")
        await self.page.keyboard.press("Delete")
        await self.page.keyboard.insert_text(text)

    async def checked(self) -> None:
        await expect(self.problems).to_contain_text("Nothing wrong", timeout=_PATIENCE)

    async def shown(self, words: str, view: str = "Write", theme: str = "light") -> None:
        widget = self.frame(view, theme).locator("genui-widget")
        await expect(widget).to_contain_text(words, timeout=_PATIENCE)

    async def to_the_end(self) -> None:
        await self.page.get_by_role("button", name="To the end").click()
        await expect(self.position).not_to_have_attribute("max", "0", timeout=_PATIENCE)
        await expect(self.page.get_by_role("button", name="Play", exact=True)).to_be_visible()


@pytest_asyncio.fixture(loop_scope="session")
async def playground(page: Page, server: str) -> Playground:
    return await Playground(page, server).open()


# Write


async def test_a_component_is_drawn_in_both_themes_while_it_is_edited_and_saved(
    playground: Playground, folder: Path
) -> None:
    await playground.checked()
    for theme in ("light", "dark"):
        await playground.shown("Visitors today", theme=theme)
    await playground.type("<p class='frame'>{{ label }} {{ value }} {{ change }} edited</p>")
    for theme in ("light", "dark"):
        await playground.shown("edited", theme=theme)
    assert "edited" not in (folder / "template.html").read_text()
    await playground.save.click()
    await expect(playground.notices).to_contain_text("Saved template.html")
    assert "edited" in (folder / "template.html").read_text()
    await expect(playground.save).to_be_disabled()


async def test_mistakes_are_told_at_their_line_as_one_types(playground: Playground) -> None:
    await playground.checked()
    await playground.type("<p>{{ label }} {{ value }} {{ change }}</p>\n<p>{{ lable }}</p>\n")
    await expect(playground.problems).to_contain_text("template.html:2", timeout=_PATIENCE)
    await expect(playground.problems).to_contain_text("did you mean `label`?")
    await expect(playground.page.locator(".cm-lint-marker-error")).to_have_count(1)
    await playground.type("<p>{{ label }} {{ value }} {{ change }}</p>\n")
    await playground.checked()


async def test_widths_can_be_chosen(playground: Playground) -> None:
    await playground.checked()
    frame = playground.view("Write").locator('iframe[title="Preview, light"]')
    for name, width in (("360", 360), ("640", 640)):
        await playground.view("Write").get_by_role("button", name=name).click()
        box = await frame.bounding_box()
        assert box is not None
        assert box["width"] == width


async def test_what_another_editor_saves_is_read_again(playground: Playground, folder: Path) -> None:
    await playground.checked()
    (folder / "template.html").write_text("<p>{{ label }} {{ value }} {{ change }} elsewhere</p>")
    await expect(playground.notices).to_contain_text("Changed on disk", timeout=_PATIENCE)
    await playground.shown("elsewhere")


async def test_nothing_that_another_editor_saved_is_overwritten_silently(
    playground: Playground, folder: Path, watch: Watch
) -> None:
    watch.expect("409")
    await playground.checked()
    mine = "<p>{{ label }} {{ value }} {{ change }} mine</p>\n"
    await playground.type(mine)
    theirs = "<p>{{ label }} {{ value }} {{ change }} theirs</p>\n"
    (folder / "template.html").write_text(theirs)
    await playground.page.keyboard.press("Control+s")
    dialog = playground.page.get_by_role("dialog")
    await expect(dialog).to_contain_text("has changed on disk")
    await expect(dialog.locator(".theirs")).to_contain_text("theirs")
    await expect(dialog.locator(".mine")).to_contain_text("mine")
    assert (folder / "template.html").read_text() == theirs
    await dialog.get_by_role("button", name="Keep mine").click()
    await playground.save.click()
    await expect(playground.notices).to_contain_text("Saved template.html")
    assert (folder / "template.html").read_text() == mine


async def test_a_built_in_component_is_read_only_until_it_is_duplicated(
    playground: Playground, folder: Path
) -> None:
    await playground.page.get_by_role("button", name="Poll", exact=True).click()
    await expect(playground.page.get_by_text("Read-only")).to_be_visible()
    await playground.checked()
    await playground.page.get_by_role("button", name="Duplicate into my folder").click()
    dialog = playground.page.get_by_role("dialog")
    await expect(dialog.get_by_label("Name of the tag")).to_have_value("MyPoll")
    await dialog.get_by_role("button", name="Create").click()
    await expect(playground.page.get_by_role("button", name="MyPoll")).to_have_attribute(
        "aria-current", "true"
    )
    assert (folder.parent / "my_poll" / "script.js").exists()


async def test_a_template_without_an_end_is_stopped_and_said(playground: Playground, watch: Watch) -> None:
    watch.expect("422")
    await playground.checked()
    await playground.type("{% for a in range(99999) %}" * 3 + "{% endfor %}" * 3)
    await expect(playground.problems).to_contain_text("a loop without an end", timeout=60_000)
    await playground.type("<p>{{ label }} {{ value }} {{ change }} again</p>")
    await playground.shown("again")


# Stream


async def test_a_stream_is_played_stepped_and_scrubbed_back(playground: Playground) -> None:
    await playground.go("Stream")
    await playground.type('One <Metric label="MRR" value="$4"/> two.', playground.answer)
    await playground.to_the_end()
    await playground.shown("$4", "Stream")
    whole = await playground.events.count()
    await playground.page.get_by_role("button", name="One event back").click()
    await expect(playground.events).to_have_count(whole - 1)
    await playground.page.get_by_role("button", name="One event on").click()
    await expect(playground.events).to_have_count(whole)
    await playground.page.get_by_role("button", name="To the start").click()
    await expect(playground.frame("Stream").locator("genui-widget")).to_have_count(0)
    await playground.page.get_by_role("button", name="Play", exact=True).click()
    await playground.shown("$4", "Stream")
    await playground.view("Stream").get_by_role("button", name="Props").click()
    await expect(playground.page.locator(".props")).to_contain_text('"value": "$4"')
    await expect(playground.page.locator(".props")).to_contain_text("complete")


async def test_at_worst_each_piece_ends_in_what_is_held_back(playground: Playground) -> None:
    await playground.go("Stream")
    await playground.type("One <Metric label=1/> two.", playground.answer)
    await playground.view("Stream").get_by_role("button", name="Worst case").click()
    await playground.page.get_by_role("button", name="One event on").click()
    held = playground.page.locator(".held code")
    await expect(held).to_have_text("<Metric", timeout=_PATIENCE)
    await expect(playground.page.locator(".warnings")).to_be_empty()


async def test_warnings_stand_beside_the_stream(playground: Playground) -> None:
    await playground.go("Stream")
    await playground.type('<Metric label="a" value=1 colour="red"/>', playground.answer)
    await playground.to_the_end()
    await expect(playground.page.locator(".warnings")).to_contain_text("colour")


async def test_a_run_is_downloaded_and_replays_here_and_in_genui_replay(
    playground: Playground, tmp_path: Path
) -> None:
    await playground.go("Stream")
    await playground.type('One <Metric label="MRR" value="$4"/> two.', playground.answer)
    async with playground.page.expect_download(timeout=_PATIENCE) as started:
        await playground.page.get_by_role("button", name="Download").first.click()
    file = tmp_path / "run.genui.jsonl"
    await (await started.value).save_as(file)
    assert cli.main(["replay", str(file), "--check"]) == 0
    assert json.loads(file.read_text().splitlines()[0])["type"] == "recording"
    await playground.type("something else", playground.answer)
    await playground.page.get_by_label("Open a recording").set_input_files(file)
    await playground.shown("$4", "Stream")
    await expect(playground.answer).to_contain_text("MRR")


async def test_a_run_of_which_only_events_are_known_plays_too(playground: Playground, tmp_path: Path) -> None:
    file = tmp_path / "events.jsonl"
    props = {"label": "MRR", "value": "$9"}
    event = {"type": "render-component", "id": "c1", "name": "Metric", "state": "complete", "props": props}
    file.write_text(json.dumps({**event, "html": "<p>$9 recorded</p>"}) + "\n")
    await playground.go("Stream")
    await playground.page.get_by_label("Open a recording").set_input_files(file)
    await playground.shown("$9 recorded", "Stream")


async def test_a_recorded_stream_of_a_provider_plays(playground: Playground, tmp_path: Path) -> None:
    file = tmp_path / "provider.sse"
    parts = ["Hi <Metric", ' label="MRR" value="$7"', "/>"]
    chunks = [json.dumps({"choices": [{"delta": {"content": part}}]}) for part in parts]
    file.write_text("".join(f"data: {chunk}\n\n" for chunk in [*chunks, "[DONE]"]))
    await playground.go("Stream")
    await playground.page.get_by_label("Open a recording").set_input_files(file)
    await playground.shown("$7", "Stream")


# Ask


async def test_a_model_is_asked_and_what_it_took_is_told(playground: Playground, model: ByHand) -> None:
    await playground.go("Ask")
    await playground.page.get_by_text("Components:").click()
    await playground.page.get_by_role("button", name="Mine").click()
    await expect(playground.page.get_by_text("Components: 1 of")).to_be_visible()
    await playground.page.get_by_role("textbox", name="Question").fill("How are we doing?")
    await playground.page.get_by_role("textbox", name="Question").press("Enter")
    model.write("Well. ")
    model.write('<StockQuote label="Revenue" value=12/>')
    await playground.shown("Revenue", "Ask")
    model.finish()
    account = playground.page.get_by_role("region", name="Account").last
    await expect(account).to_contain_text("Time to first token")
    await expect(account.locator(".timeline")).to_contain_text("StockQuote")
    await expect(playground.page.get_by_role("button", name="Ask", exact=True).last).to_be_enabled()
    await playground.page.get_by_role("button", name="Prompt").click()
    await expect(account).to_contain_text("StockQuote")
    await expect(account).not_to_contain_text("LineChart")
    await playground.page.get_by_role("button", name="What it wrote").click()
    await expect(account).to_contain_text('<StockQuote label="Revenue" value=12/>')


# Share


async def shared(playground: Playground) -> str:
    """The fragment of a link to what is open."""
    await playground.page.get_by_role("button", name="Share").click()
    field = playground.page.get_by_role("dialog").get_by_label("Link")
    link = await field.input_value()
    await playground.page.keyboard.press("Escape")
    return "#" + link.partition("#")[2]


async def test_a_link_carries_a_text_and_how_it_is_cut(playground: Playground, page: Page) -> None:
    await playground.go("Stream")
    await playground.type("Shared **text**", playground.answer)
    await playground.view("Stream").get_by_role("button", name="Worst case").click()
    fragment = await shared(playground)
    await page.goto("about:blank")
    await playground.open(fragment)
    await expect(playground.answer).to_contain_text("Shared **text**")
    chosen = playground.view("Stream").get_by_role("button", name="Worst case")
    await expect(chosen).to_have_attribute("aria-pressed", "true")


async def test_the_script_of_a_shared_link_runs_only_when_the_reader_says_so_and_never_on_the_page(
    playground: Playground, page: Page, folder: Path
) -> None:
    await playground.checked()
    spy = "window.spied = true; try { parent.spied = true; } catch {} try { localStorage.x = 1; } catch {}"
    (folder / "script.js").write_text(_SCRIPT.replace("{ ", "{ " + spy + " ", 1))
    await expect(page.get_by_role("tab", name="script.js")).to_be_visible(timeout=_PATIENCE)
    await playground.shown("from a script")
    fragment = await shared(playground)
    await page.goto("about:blank")
    before = sorted(path.name for path in folder.parent.iterdir())
    await playground.open(fragment)
    await expect(page.get_by_text("This component came in a link.")).to_be_visible()
    await playground.shown("Visitors today")
    await page.get_by_role("button", name="Run its script").click()
    await playground.shown("from a script")
    assert await page.evaluate("window.spied") is None
    assert await page.evaluate("localStorage.length") == 0
    assert sorted(path.name for path in folder.parent.iterdir()) == before


async def test_a_script_in_a_frame_reaches_neither_the_page_nor_the_server(
    playground: Playground, watch: Watch
) -> None:
    watch.expect("CSP: connect-src|Refused to connect|violates the following Content Security Policy")
    await playground.checked()
    frame = playground.view("Write").locator('iframe[title="Preview, light"]')
    handle = await frame.element_handle()
    inner = await handle.content_frame() if handle else None
    assert inner is not None
    assert await inner.evaluate("origin") == "null"
    tried = "async (url) => fetch(url).then(() => 'reached', () => 'stopped')"
    assert await inner.evaluate(tried, f"{playground.url}/playground/components") == "stopped"
    reach = "() => { try { return String(parent.document.title); } catch (error) { return error.name; } }"
    assert await inner.evaluate(reach) == "SecurityError"


async def test_a_damaged_link_says_so(playground: Playground) -> None:
    await playground.open("#example=AAAA")
    await expect(playground.notices).to_contain_text("This link is damaged")


# For everyone


@pytest.mark.parametrize("width", [1440, 1100, 720])
async def test_no_button_is_cut_off_at_the_edge_of_its_pane(
    playground: Playground, page: Page, width: int
) -> None:
    await page.set_viewport_size({"width": width, "height": 800})
    for view in ("Write", "Stream", "Ask"):
        await playground.go(view)
        await expect(playground.view(view)).to_be_visible()
        assert await playground.view(view).evaluate(_CUT) == []


@pytest.mark.skipif(not _AXE.exists(), reason="axe-core is not installed: npm ci in frontend")
@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("view", ["Write", "Stream", "Ask"])
async def test_axe_finds_nothing_serious(playground: Playground, page: Page, view: str, scheme: Any) -> None:
    await page.emulate_media(color_scheme=scheme)
    await playground.checked()
    await playground.go(view)
    if view == "Stream":
        await playground.to_the_end()
    await page.evaluate(_AXE.read_text())
    found = await page.evaluate("() => axe.run(document, { iframes: false })")
    serious = [
        (one["id"], [node["target"] for node in one["nodes"]], one["nodes"][0].get("failureSummary"))
        for one in found["violations"]
        if one["impact"] in ("serious", "critical")
    ]
    assert serious == []


async def test_on_a_phone_the_panes_stand_below_each_other_and_none_is_wider_than_it(
    playground: Playground,
) -> None:
    await playground.page.set_viewport_size({"width": 390, "height": 844})
    for view in ("Write", "Stream", "Ask"):
        await playground.go(view)
        shown = playground.view(view)
        await expect(shown).to_be_visible()
        panes = await shown.evaluate(
            """view => [...view.children].map((pane) => {
              const { top, left, right } = pane.getBoundingClientRect();
              return { top, left, right, stays: getComputedStyle(pane).position === "sticky" };
            })"""
        )
        assert {(pane["left"], pane["right"]) for pane in panes} == {(0, 390)}, view
        tops = [pane["top"] for pane in panes if not pane["stays"]]
        assert tops == sorted({*tops}), view
        assert await playground.page.evaluate("document.scrollingElement.scrollWidth") == 390
