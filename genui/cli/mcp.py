"""`genui serve --mcp`: MCP servers whose tools the model may call."""

from __future__ import annotations

import argparse
import re
import shlex

from genui.agent import McpServer

_NAMED = re.compile(r"([A-Za-z0-9][A-Za-z0-9_-]*)=(.+)\Z", re.DOTALL)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The options about MCP servers."""
    parser.add_argument(
        "--mcp",
        action="append",
        default=[],
        metavar="[NAME=]SERVER",
        help="offer the model the tools of an MCP server: its URL, or the command that starts it, as"
        " 'time=uvx mcp-server-time' (again for more; needs genui[mcp])",
    )
    parser.add_argument(
        "--mcp-unasked",
        dest="mcp_confirm",
        action="store_false",
        help="call the tools of MCP servers without asking the user first, also those that do more than read",
    )


def servers_of(options: argparse.Namespace) -> list[McpServer]:
    """Raises CallerError (`no-mcp`, `bad-mcp`)."""
    return [
        _server(given, f"mcp{at}" if at else "mcp", confirm=options.mcp_confirm)
        for at, given in enumerate(options.mcp)
    ]


def _server(given: str, default: str, *, confirm: bool) -> McpServer:
    named = _NAMED.match(given)
    name, where = (named[1], named[2]) if named else (default, given)
    is_url = where.startswith(("http://", "https://"))
    return McpServer(where if is_url else shlex.split(where), name=name, confirm=confirm)
