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
    WaitPiece,
)
from genui.agent.openai_model import OpenAIModel
from genui.agent.repair import RepairCount, RepairLimits, Repairs
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
    "RepairCount",
    "RepairLimits",
    "Repairs",
    "TextPiece",
    "ThoughtPiece",
    "Tool",
    "ToolCallPiece",
    "ToolError",
    "UsagePiece",
    "WaitPiece",
    "model",
    "respond",
    "stream",
    "tool",
]
