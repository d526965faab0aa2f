"""What is offered to a model: tools, and those of the sets that are asked for theirs when a run begins."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Iterable, Sequence

from genui.agent.mcp import McpServer, app_component
from genui.agent.questions import with_question
from genui.agent.tools import Tool, Toolset
from genui.catalog import Catalog

log = logging.getLogger("genui.agent")


async def all_of(tools: Sequence[Tool | Toolset]) -> list[Tool]:
    """Each tool, and then those of the sets, which are asked at the same time. None of a set's stands in for
    another of its name: somebody else's tool would take the place of one that asks first."""
    offered = [one for one in tools if isinstance(one, Tool)]
    sets = [one for one in tools if not isinstance(one, Tool)]
    names = {tool.name for tool in offered}
    for tool in (each for found in await asyncio.gather(*(one.tools() for one in sets)) for each in found):
        if tool.name in names:
            log.warning("the tool %s of a server is left out: there is one of that name", tool.name)
        else:
            names.add(tool.name)
            offered.append(tool)
    return offered


def with_widgets(catalog: Catalog, tools: Iterable[Tool | Toolset]) -> Catalog:
    """A catalog with what tools show beside what is in it: questions, and the apps of MCP servers."""
    given = list(tools)
    asking = with_question(catalog, given)
    if not any(isinstance(one, McpServer) for one in given):
        return asking
    return asking.merged(Catalog([app_component()]))
