"""axe-core in a page: what it finds that would keep somebody from using it."""

from __future__ import annotations

from pathlib import Path

from playwright.async_api import Page

_SOURCE = (Path(__file__).parents[2] / "frontend/node_modules/axe-core/axe.min.js").read_text()

_RUN = """
async () => {
  const { violations } = await axe.run(document, { resultTypes: ["violations"] });
  const where = (nodes) => nodes.map(({ target }) => target.flat().join(" ")).join("; ");
  const told = ({ id, impact, nodes }) => `${impact} ${id}: ${where(nodes)}`;
  return violations.filter(({ impact }) => impact !== "minor").map(told);
}
"""


async def violations(page: Page) -> list[str]:
    """Each violation that is more than minor, with the elements that have it.

    Injected by the debugger, so that the page's policy stays as it is.
    """
    session = await page.context.new_cdp_session(page)
    await session.send("Runtime.evaluate", {"expression": _SOURCE})
    await session.detach()
    found: list[str] = await page.evaluate(_RUN)
    return found
