"""A page of another origin with the chat in it, as somebody else would write it."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from typing import Any

from playwright.async_api import Page, expect
from starlette.responses import HTMLResponse
from starlette.types import Receive, Scope, Send

from genui import GenUI
from genui.agent import Model
from tests.browser.chat import Chat
from tests.browser.hosting import hosting
from tests.browser.watch import Watch


class Site:
    """Somebody's own site: one page, whatever its address."""

    def __init__(self) -> None:
        self.html = ""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http":
            await HTMLResponse(self.html)(scope, receive, send)


def page_with(server: str, attributes: str = "", inside: str = "", head: str = "", around: str = "{}") -> str:
    """The page that the README tells people to write, with what the test adds."""
    chat = f'<genui-chat src="{server}" {attributes}>{inside}</genui-chat>'
    return (
        f'<!doctype html><html lang="en"><title>A shop</title><link rel="icon" href="data:,">'
        f'<script type="module" src="{server}/genui.js"></script>{head}'
        f"<body><main><h1>A shop</h1>{around.format(chat)}</main></body></html>"
    )


@asynccontextmanager
async def embedded(
    page: Page,
    watch: Watch,
    model: Model,
    *,
    genui: dict[str, Any] | None = None,
    named: bool = True,
    **parts: str,
) -> AsyncIterator[Chat]:
    """The chat on a page of another origin, which the server allows. `named`: it is one, open, in English."""
    site = Site()
    settings = genui or {}
    async with AsyncExitStack() as stack:
        home = await stack.enter_async_context(hosting(site))
        server = await stack.enter_async_context(
            hosting(GenUI(model=model, **{"store": "memory", "origins": [home], **settings}))
        )
        watch.allow_origin(home)
        watch.allow_origin(server)
        site.html = page_with(server, **parts)
        await page.goto(home)
        chat = Chat(page)
        chat.server = server
        if named and 'mode="floating"' not in parts.get("attributes", ""):
            await expect(chat.question).to_be_editable()
        yield chat
