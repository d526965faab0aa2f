"""`python -m tests.browser.screenshots [FOLDER]`: a picture of each demo script, light and dark, wide and
on a phone, for people to look at."""

from __future__ import annotations

import asyncio
import re
import sys
from itertools import product
from pathlib import Path
from typing import Literal

from playwright.async_api import Browser, ViewportSize

from genui import GenUI
from genui.agent import DemoModel
from tests.browser.chat import Chat
from tests.browser.chromium import chromium
from tests.browser.hosting import hosting

Theme = Literal["light", "dark"]
THEMES: tuple[Theme, ...] = ("light", "dark")
SIZES: dict[str, ViewportSize] = {
    "wide": {"width": 1200, "height": 900},
    "phone": {"width": 390, "height": 844},
}


async def take_all(folder: Path) -> None:
    async with hosting(GenUI(store="memory", model=DemoModel(speed=400))) as url, chromium() as browser:
        await _take(browser, url, "", "light", "wide", folder / "start-light-wide.png")
        for starter, theme, size in product(DemoModel.starters, THEMES, SIZES):
            await _take(browser, url, starter, theme, size, folder / f"{_slug(starter)}-{theme}-{size}.png")


async def _take(browser: Browser, url: str, starter: str, theme: Theme, size: str, file: Path) -> None:
    """One picture, as tall as the conversation is: the window grows, since the chat scrolls inside itself."""
    page = await browser.new_page(viewport=SIZES[size], color_scheme=theme, device_scale_factor=2)
    chat = await Chat.open(page, url)
    if starter:
        await chat.ask(starter)
        await chat.answered()
        await page.mouse.move(0, 0)  # hovers over nothing
        hidden = await page.locator("genui-chat .scroller").evaluate(
            "it => it.scrollHeight - it.clientHeight"
        )
        await page.set_viewport_size(SIZES[size] | {"height": SIZES[size]["height"] + hidden})
        await page.wait_for_timeout(500)  # fonts, charts and transitions settle: a picture, not a test
    await page.screenshot(path=file)
    await page.close()
    print(file)


def _slug(starter: str) -> str:
    return re.sub(r"[^a-z0-9]+", "-", starter.lower())[:40].strip("-")


if __name__ == "__main__":
    asyncio.run(take_all(Path(sys.argv[1] if len(sys.argv) > 1 else "build/screenshots")))
