"""The chat page as a person uses it: found by role and label, never by the element's inner structure."""

from __future__ import annotations

from pathlib import Path
from typing import Self

from playwright.async_api import Locator, Page, expect

_FLATTEN = (Path(__file__).parent / "flatten.js").read_text()

TWO_FRAMES = "() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))"
"""Evaluated, it waits until what has been done is laid out, and whoever observes that has been told."""


class Chat:
    """One open chat page."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.server: str | None = None  # where it is, when the page is not its own
        self.question = page.get_by_role("textbox", name="Message")
        self.send = page.get_by_role("button", name="Send", exact=True)
        self.stop = page.get_by_role("button", name="Stop", exact=True)
        self.retry = page.get_by_role("button", name="Try again")
        self.alert = page.get_by_role("alert")
        self.questions = page.get_by_role("article", name="You")
        self.answer = page.get_by_role("article", name="Answer").last
        self.widgets = self.answer.locator("genui-widget")

    @classmethod
    async def open(cls, page: Page, url: str) -> Self:
        await page.goto(url)
        chat = cls(page)
        await expect(chat.question).to_be_editable()
        return chat

    async def ask(self, question: str) -> None:
        await self.question.fill(question)
        await self.send.click()
        await expect(self.questions.last).to_contain_text(question)

    async def answered(self, within: float = 30.0) -> None:
        """Waits until the running answer has ended, at most so many seconds."""
        await expect(self.stop).to_be_hidden(timeout=within * 1000)
        await expect(self.question).to_be_editable()

    def widget(self, name: str) -> Locator:
        return self.answer.locator(f'genui-widget[name="{name}"]')

    async def started(self, folder: str) -> None:
        """Waits until the script of a component that is on the page runs: before, a press would be lost."""
        await self.page.evaluate(
            """async ([folder, server]) => {
              const base = server ?? document.baseURI;
              const { components } = await (await fetch(new URL("v1/components", base))).json();
              const { script } = components.find((one) => one.folder === folder);
              await import(new URL(script, base).href);
            }""",
            [folder, self.server],
        )

    async def flattened(self) -> list[str]:
        """What the last answer shows, one line a node, shadow roots included; ids counted, not named."""
        lines: list[str] = await self.answer.evaluate(_FLATTEN)
        return lines
