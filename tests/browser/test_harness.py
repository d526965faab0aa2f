"""Browser tests are only as good as what they notice: the watch and the readers of pages, tested too."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio
from playwright.async_api import BrowserContext, Page
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import HTMLResponse
from starlette.routing import Route

from tests.browser.hosting import hosting
from tests.browser.watch import Watch

RUNNABLE = (Path(__file__).parent / "runnable.js").read_text()
FLATTEN = (Path(__file__).parent / "flatten.js").read_text()


async def _echo(request: Request) -> HTMLResponse:
    """A page with the body that the query asks for, under a policy that forbids inline scripts if asked."""
    policy = {"Content-Security-Policy": "script-src 'none'"} if "strict" in request.query_params else {}
    return HTMLResponse(f"<!doctype html><body>{request.query_params.get('body', '')}", headers=policy)


@pytest_asyncio.fixture(loop_scope="session")
async def server() -> AsyncIterator[str]:
    async with hosting(Starlette(routes=[Route("/page", _echo), Route("/favicon.ico", _echo)])) as url:
        yield url


@pytest.mark.parametrize(
    ("body", "strict", "problem"),
    [
        ("<script>console.error('oops')</script>", False, "console error: oops"),
        ("<script>undefined.name</script>", False, "uncaught:"),
        ("<script>alert('hello')</script>", False, "dialog: hello"),
        ("<img src='http://127.0.0.1:9/x.png'>", False, "request to elsewhere: http://127.0.0.1:9/x.png"),
        ("<script>console.log('blocked')</script>", True, "script-src"),
    ],
)
async def test_the_watch_notices(
    context: BrowserContext, watch: Watch, server: str, body: str, strict: bool, problem: str
) -> None:
    page = await context.new_page()
    page.on("dialog", lambda dialog: dialog.dismiss())
    await page.goto(f"{server}/page?body={body}{'&strict' if strict else ''}", wait_until="load")
    assert any(problem in seen for seen in watch.unexpected()), watch.problems
    watch.expect("")


async def test_a_quiet_page_is_no_problem(page: Page, watch: Watch, server: str) -> None:
    await page.goto(f"{server}/page?body=<p>Quiet</p>")
    assert watch.problems == []


async def test_what_could_run_is_found_in_light_and_shadow_trees(page: Page) -> None:
    await page.set_content(
        "<a href=' java\tscript:1'>x</a><p onclick='1'></p><object></object>"
        "<div id='host'></div><a href='/fine'>fine</a>"
    )
    await page.evaluate("host.attachShadow({mode: 'open'}).append(document.createElement('iframe'))")
    assert len(await page.evaluate(RUNNABLE)) == 4


async def test_pages_that_differ_only_in_ids_and_white_space_flatten_to_the_same_lines(page: Page) -> None:
    async def flattened(body: str) -> list[str]:
        await page.set_content(f"<main>{body}</main>")
        lines: list[str] = await page.locator("main").evaluate(FLATTEN)
        return lines

    first = await flattened("<label for=a1>Name</label> <input id=a1>")
    assert first == await flattened("<label for=b9>\n Name</label><input id=b9>")
    assert first != await flattened("<label for=b9>Name</label><input id=b7>")
    assert first != await flattened("<label for=a1>Names</label><input id=a1>")
