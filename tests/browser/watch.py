"""What a page does behind one's back: errors in the console, uncaught exceptions, requests to elsewhere,
breaches of its Content-Security-Policy. All of it is a problem unless a test says that it expects it.
"""

from __future__ import annotations

import re

from playwright.async_api import BrowserContext, ConsoleMessage, Page, Request

_REPORT_CSP = """
document.addEventListener("securitypolicyviolation", (event) =>
  console.error(`CSP: ${event.violatedDirective} blocked ${event.blockedURI || event.sample}`), true)
"""
_INSIDE = ("data:", "blob:", "about:")


class Watch:
    """Collects the problems of every page in a browser context."""

    def __init__(self, *origins: str) -> None:
        self.problems: list[str] = []
        self._inside = [*_INSIDE, *(f"{origin}/" for origin in origins)]
        self._expected: list[re.Pattern[str]] = []

    async def start(self, context: BrowserContext) -> None:
        await context.add_init_script(_REPORT_CSP)
        context.on("page", self._watch_page)
        context.on("request", self._see_request)

    def allow_origin(self, origin: str) -> None:
        self._inside.append(f"{origin}/")

    def expect(self, pattern: str) -> None:
        """A problem that this test brings about on purpose."""
        self._expected.append(re.compile(pattern))

    def unexpected(self) -> list[str]:
        return [seen for seen in self.problems if not any(known.search(seen) for known in self._expected)]

    def _watch_page(self, page: Page) -> None:
        page.on("pageerror", lambda error: self.problems.append(f"uncaught: {error}"))
        page.on("console", self._see_console)
        page.on("dialog", lambda dialog: self.problems.append(f"dialog: {dialog.message}"))

    def _see_console(self, message: ConsoleMessage) -> None:
        if message.type in ("error", "warning"):
            self.problems.append(f"console {message.type}: {message.text}")

    def _see_request(self, request: Request) -> None:
        if not request.url.startswith(tuple(self._inside)):
            self.problems.append(f"request to elsewhere: {request.url}")
