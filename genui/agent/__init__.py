"""Models, tools, and the loop that makes events of them."""

from genui.agent import adapters
from genui.agent.choose import model
from genui.agent.constrain import CONSTRAINTS, Api, Constrain
from genui.agent.demo import ASSISTANT, DemoModel, cut_tokens, docs_folder
from genui.agent.loop import AgentOptions, respond
from genui.agent.mcp import Document, McpServer, server_of
from genui.agent.model import (
    FinishPiece,
    FinishReason,
    Message,
    Model,
    Piece,
    ReasoningPiece,
    TextPiece,
    ThoughtPiece,
    ToolCallPiece,
    UsagePiece,
    WaitPiece,
)
from genui.agent.offer import with_widgets
from genui.agent.openai_model import OpenAIModel
from genui.agent.questions import Inbox, question_component
from genui.agent.recorded import recorded_texts
from genui.agent.repair import RepairCount, RepairLimits, Repairs
from genui.agent.source import stream
from genui.agent.styles import STYLES, Style
from genui.agent.threads import cancelled
from genui.agent.tools import Progress, Tool, ToolDefinitionError, ToolError, Toolset, tool

__all__ = [
    "ASSISTANT",
    "CONSTRAINTS",
    "STYLES",
    "AgentOptions",
    "Api",
    "Constrain",
    "DemoModel",
    "Document",
    "FinishPiece",
    "FinishReason",
    "Inbox",
    "McpServer",
    "Message",
    "Model",
    "OpenAIModel",
    "Piece",
    "Progress",
    "ReasoningPiece",
    "RepairCount",
    "RepairLimits",
    "Repairs",
    "Style",
    "TextPiece",
    "ThoughtPiece",
    "Tool",
    "ToolCallPiece",
    "ToolDefinitionError",
    "ToolError",
    "Toolset",
    "UsagePiece",
    "WaitPiece",
    "adapters",
    "cancelled",
    "cut_tokens",
    "docs_folder",
    "model",
    "question_component",
    "recorded_texts",
    "respond",
    "server_of",
    "stream",
    "tool",
    "with_widgets",
]
