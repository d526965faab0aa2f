"""genui: a language model's token stream, turned into text and live widgets."""

from genui import events
from genui.agent import stream, tool
from genui.catalog import Catalog, component
from genui.markup import Recognizer
from genui.server import GenUI, ServerLimits

__version__ = "0.1.0"

__all__ = [
    "Catalog",
    "GenUI",
    "Recognizer",
    "ServerLimits",
    "__version__",
    "component",
    "events",
    "stream",
    "tool",
]
