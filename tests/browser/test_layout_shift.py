"""Nothing jumps: each example of each component is written at 60 tokens a second, with words before and
after it, and the layout shift that Chromium measures stays below 0.01 (https://web.dev/articles/cls calls
0.1 good).

A shift counts although a key was pressed just before, since nobody presses one here. A page is shown what
it has shown before in an answer further up, as in any conversation.
"""

from __future__ import annotations

import asyncio
import codecs
import warnings
from collections.abc import AsyncIterator, Iterator, Sequence

import pytest
from playwright.async_api import BrowserContext, Page, Route, ViewportSize

from genui import Catalog
from genui.agent import FinishPiece, Message, Piece, TextPiece, Tool
from tests.browser.chat import Chat

pytestmark = pytest.mark.timeout(240)

MOST = 0.01
_RATE = 60  # tokens a second
_PAGES = 4  # open at a time
_SETTLED = (
    700  # milliseconds after the end in which late scripts, fonts and transitions may still move things
)

_EXAMPLES = {
    f"{component.name} {at}": example
    for component in Catalog.builtin()
    for at, example in enumerate(component.examples, 1)
}
_CHARTS = [name for name in _EXAMPLES if "Chart" in name or name.startswith("CodeBlock")]

_OBSERVE = """() => {
  window.shifts = [];
  const observer = new PerformanceObserver((list) => window.shifts.push(...list.getEntries()));
  observer.observe({ type: "layout-shift" });
}"""
_TAKE = """() => {
  const told = (node) => `${node?.localName} ${node?.getAttribute?.("name") ?? node?.className ?? ""}`;
  const at = ({ x, y, width, height }) => [x, y, width, height].map(Math.round).join(" ");
  const taken = window.shifts.splice(0);
  const moved = taken.flatMap(({ sources }) => sources.map(({ node, previousRect, currentRect }) =>
    `${told(node)}: ${at(previousRect)} -> ${at(currentRect)}`));
  return { shift: taken.reduce((sum, { value }) => sum + value, 0), moved };
}"""


class Paced:
    """Writes the example that it is asked for, as fast as models do."""

    name = "paced"

    async def stream(self, messages: Sequence[Message], tools: Sequence[Tool]) -> AsyncIterator[Piece]:
        del tools
        text = f"Here it is:\n\n{_EXAMPLES[messages[-1]['content']]}\n\nThat is what there is to see.\n"
        for word in _words(text):
            yield TextPiece(word)
            await asyncio.sleep(1 / _RATE)
        yield FinishPiece("stop")


def _words(text: str) -> Iterator[str]:
    """The text, token by token; a letter of several tokens comes with the last of them."""
    with warnings.catch_warnings():  # it reads its vocabulary in a way that Python is about to drop
        warnings.simplefilter("ignore", DeprecationWarning)
        from bpe_openai import get_encoding  # type: ignore[import-untyped, unused-ignore]

        encoding = get_encoding("o200k_base")
        tokens = encoding.encode(text)
    decoder = codecs.getincrementaldecoder("utf-8")()
    for token in tokens:
        if word := decoder.decode(encoding.decode_single_token_bytes(token)):
            yield word


@pytest.fixture
def model() -> Paced:
    return Paced()


async def shifted(page: Page, url: str, names: Sequence[str]) -> dict[str, str]:
    """How far each of these examples moved what stood, for those that moved it too far, and what it was."""
    chat = await Chat.open(page, url)
    await page.evaluate(_OBSERVE)
    found = {}
    for name in names:
        await page.evaluate("name => document.querySelector('genui-chat').send(name)", name)
        await page.wait_for_timeout(100)
        await page.evaluate(_TAKE)  # the question itself may move things: it was asked for
        await chat.answered()
        await page.wait_for_timeout(_SETTLED)
        taken = await page.evaluate(_TAKE)
        if taken["shift"] > MOST:
            found[name] = f"{taken['shift']:.4f}: {'; '.join(taken['moved'])}"
    return found


@pytest.mark.parametrize("size", [{"width": 1100, "height": 800}, {"width": 375, "height": 700}])
async def test_nothing_jumps_while_any_example_is_written(
    context: BrowserContext, server: str, size: ViewportSize
) -> None:
    names = [*_EXAMPLES]

    async def some(start: int) -> dict[str, str]:
        page = await context.new_page()
        await page.set_viewport_size(size)
        return await shifted(page, server, names[start::_PAGES])

    found = await asyncio.gather(*(some(start) for start in range(_PAGES)))
    assert {name: moved for part in found for name, moved in part.items()} == {}


async def test_nothing_jumps_when_a_script_comes_late(context: BrowserContext, server: str) -> None:
    async def late(route: Route) -> None:
        await asyncio.sleep(1.5)
        await route.continue_()

    async def one(name: str) -> dict[str, str]:
        page = await context.new_page()
        await page.route("**/components/*/script.js", late)
        return await shifted(page, server, [name])

    found: dict[str, str] = {}
    for start in range(0, len(_CHARTS), _PAGES):
        for part in await asyncio.gather(*map(one, _CHARTS[start : start + _PAGES])):
            found |= part
    assert found == {}
