"""Nothing jumps: each example of each component is written at 60 tokens a second, and in a few pieces cut
anywhere, with words before and after it, and the layout shift that Chromium measures stays below 0.01
(https://web.dev/articles/cls calls 0.1 good).

A shift counts although a key was pressed just before, since nobody presses one here. A page is shown what
it has shown before in an answer further up, as in any conversation.

No wait guesses at how fast the machine is: the model says nothing until the page has drawn the question,
and an answer is over when the page has been still for some frames.
"""

from __future__ import annotations

import asyncio
import codecs
import random
import warnings
from collections import defaultdict
from collections.abc import AsyncIterator, Iterable, Iterator, Sequence
from typing import Literal

import pytest
from playwright.async_api import Page, Route, ViewportSize, expect

from genui import Catalog
from genui.agent import FinishPiece, Message, Piece, TextPiece, Tool
from tests.browser.chat import Chat
from tests.browser.conftest import Visit

pytestmark = pytest.mark.timeout(900)  # a minute where nothing else runs, three beside much else on two cores

_Motion = Literal["no-preference", "reduce"]

MOST = 0.01
_RATE = 60  # tokens a second
_BURSTS = 15  # pieces a second: each is drawn before the next
_MOST_CUTS = 6
_VISITORS = 4  # at a time

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
_STILL = """async () => {  // nothing new fetched and nothing shifted for 20 frames, or two seconds gone
  let seen = -1;
  for (let quiet = 0, frames = 0; quiet < 20 && frames < 120; quiet++, frames++) {
    await new Promise(requestAnimationFrame);
    const now = performance.getEntriesByType("resource").length + window.shifts.length;
    if (now !== seen) quiet = 0;
    seen = now;
  }
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
    """Writes the example that it is asked for, as fast as models do, once it is told to begin."""

    name = "paced"
    rate = _RATE

    def __init__(self) -> None:
        self.begin: defaultdict[str, asyncio.Event] = defaultdict(asyncio.Event)

    async def stream(self, messages: Sequence[Message], tools: Sequence[Tool]) -> AsyncIterator[Piece]:
        del tools
        # before the question stands the data that an example before has shown
        name = str(messages[-1]["content"]).splitlines()[-1]
        await self.begin[name].wait()
        text = f"Here it is:\n\n{_EXAMPLES[name]}\n\nThat is what there is to see.\n"
        for piece in self.cut(text):
            yield TextPiece(piece)
            await asyncio.sleep(1 / self.rate)
        yield FinishPiece("stop")

    def cut(self, text: str) -> Iterable[str]:
        return _words(text)


class Bursts(Paced):
    """Writes it in a few pieces, as a network that stalls delivers them, or a page that draws late."""

    rate = _BURSTS

    def cut(self, text: str) -> Iterable[str]:
        words = [*_words(text)]
        dice = random.Random(text)  # noqa: S311 (the same cuts each time)
        cuts = sorted(dice.sample(range(1, len(words)), dice.randint(1, _MOST_CUTS)))
        return ("".join(words[start:end]) for start, end in zip([0, *cuts], [*cuts, None], strict=True))


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
def model(request: pytest.FixtureRequest) -> Paced:
    paced: Paced = getattr(request, "param", Paced)()
    return paced


async def shifted(page: Page, url: str, model: Paced, names: Sequence[str]) -> dict[str, str]:
    """How far each of these examples moved what stood, for those that moved it too far, and what it was."""
    chat = await Chat.open(page, url)
    await page.evaluate(_OBSERVE)
    found = {}
    for name in names:
        await page.evaluate("name => document.querySelector('genui-chat').send(name)", name)
        await expect(chat.stop).to_be_visible()
        await page.evaluate(_STILL)
        await page.evaluate(_TAKE)  # the question itself may move things: it was asked for
        model.begin[name].set()
        await chat.answered(within=90)
        await page.evaluate(_STILL)
        taken = await page.evaluate(_TAKE)
        if taken["shift"] > MOST:
            found[name] = f"{taken['shift']:.4f}: {'; '.join(taken['moved'])}"
    await page.context.close()
    return found


@pytest.mark.parametrize(
    ("model", "motion"), [(Paced, "reduce"), (Bursts, "no-preference")], indirect=["model"]
)
@pytest.mark.parametrize("size", [{"width": 1100, "height": 800}, {"width": 375, "height": 700}])
async def test_nothing_jumps_while_any_example_is_written(
    visit: Visit, server: str, model: Paced, size: ViewportSize, motion: _Motion
) -> None:
    names = [*_EXAMPLES]

    async def some(start: int) -> dict[str, str]:
        page = await (await visit()).new_page()
        await page.emulate_media(reduced_motion=motion)
        await page.set_viewport_size(size)
        return await shifted(page, server, model, names[start::_VISITORS])

    found = await asyncio.gather(*(some(start) for start in range(_VISITORS)))
    assert {name: moved for part in found for name, moved in part.items()} == {}


async def test_nothing_jumps_when_a_script_comes_late(visit: Visit, server: str, model: Paced) -> None:
    async def late(route: Route) -> None:
        await asyncio.sleep(1.5)
        await route.continue_()

    async def one(name: str) -> dict[str, str]:
        page = await (await visit()).new_page()
        await page.route("**/components/*/script.js", late)
        return await shifted(page, server, model, [name])

    found: dict[str, str] = {}
    for start in range(0, len(_CHARTS), _VISITORS):
        for part in await asyncio.gather(*map(one, _CHARTS[start : start + _VISITORS])):
            found |= part
    assert found == {}
