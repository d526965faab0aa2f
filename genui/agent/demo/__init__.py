"""The demo model: scripted answers, streamed as a real model would stream them. It needs no key and no
network, and says what it is."""

from genui.agent.demo.docs import docs_folder
from genui.agent.demo.model import DemoModel
from genui.agent.demo.tokens import cut as cut_tokens
from genui.agent.demo.tools import ASSISTANT

__all__ = ["ASSISTANT", "DemoModel", "cut_tokens", "docs_folder"]
