"""What is offered to a model: tools, and those of the sets that are asked for theirs when a run begins."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Sequence

from genui.agent.mcp import McpServer, app_component
from genui.agent.questions import with_question
from genui.agent.tools import Tool, Toolset
from genui.catalog import Catalog


async def all_of(tools: Sequence[Tool | Toolset]) -> list[Tool]:
    """Each tool and each of the sets', in their order; the sets are asked at the same time."""
    found = await asyncio.gather(*(one.tools() for one in tools if not isinstance(one, Tool)))
    of_sets = iter(found)
    return [each for one in tools for each in ([one] if isinstance(one, Tool) else next(of_sets))]


def with_widgets(catalog: Catalog, tools: Iterable[Tool | Toolset]) -> Catalog:
    """A catalog with what tools show beside what is in it: questions, and the apps of MCP servers."""
    given = list(tools)
    asking = with_question(catalog, given)
    if not any(isinstance(one, McpServer) for one in given):
        return asking
    return asking.merged(Catalog([app_component()]))
