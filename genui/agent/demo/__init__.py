"""The demo model: scripted answers, streamed as a real model would stream them. It needs no key and no
network, and says what it is."""

from genui.agent.demo.model import DemoModel
from genui.agent.demo.tokens import cut as cut_tokens

__all__ = ["DemoModel", "cut_tokens"]
