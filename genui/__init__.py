"""genui: a language model's token stream, turned into text and live widgets."""

from genui import events
from genui.agent import AgentOptions, McpServer, Progress, ToolError, adapters, cancelled, stream, tool
from genui.catalog import Catalog, component
from genui.markup import Recognizer
from genui.server import GenUI, ServerLimits

__version__ = "0.1.0"

__all__ = [
    "AgentOptions",
    "Catalog",
    "GenUI",
    "McpServer",
    "Progress",
    "Recognizer",
    "ServerLimits",
    "ToolError",
    "__version__",
    "adapters",
    "cancelled",
    "component",
    "events",
    "stream",
    "tool",
]
