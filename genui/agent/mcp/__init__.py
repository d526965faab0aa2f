"""MCP servers: their tools for the agent, and their apps as widgets. Needs `genui[mcp]`."""

from genui.agent.mcp.apps import Document, app_component, server_of
from genui.agent.mcp.server import McpServer

__all__ = ["Document", "McpServer", "app_component", "server_of"]
