"""Models, tools, and the loop that makes events of them."""

from genui.agent.choose import model
from genui.agent.demo import DemoModel
from genui.agent.loop import respond
from genui.agent.model import (
    FinishPiece,
    FinishReason,
    Message,
    Model,
    Piece,
    TextPiece,
    ThoughtPiece,
    ToolCallPiece,
    UsagePiece,
)
from genui.agent.openai_model import OpenAIModel
from genui.agent.source import stream
from genui.agent.tools import Tool, ToolError, tool

__all__ = [
    "DemoModel",
    "FinishPiece",
    "FinishReason",
    "Message",
    "Model",
    "OpenAIModel",
    "Piece",
    "TextPiece",
    "ThoughtPiece",
    "Tool",
    "ToolCallPiece",
    "ToolError",
    "UsagePiece",
    "model",
    "respond",
    "stream",
    "tool",
]
