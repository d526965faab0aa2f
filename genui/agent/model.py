"""What a model is to genui: something that turns a conversation into a stream of pieces.

Pieces are what is left of a provider's stream once its dialect is gone: text for people, thoughts that
nobody is shown, parts of tool calls, why it ended and what it used. The loop knows nothing else.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal, Protocol, TypeAlias, runtime_checkable

from genui.agent.tools import Tool

Message: TypeAlias = Mapping[str, Any]
"""One message of a conversation in OpenAI's chat form: `role`, `content`, and for tools `tool_calls`
(assistant) or `tool_call_id` (tool); `reasoning` (assistant) is what ReasoningPieces brought."""

FinishReason = Literal["stop", "length", "tool_calls", "content_filter"]


@dataclass(frozen=True, slots=True)
class TextPiece:
    """The next characters of the answer; never empty."""

    text: str


@dataclass(frozen=True, slots=True)
class ThoughtPiece:
    """The next characters of the model's reasoning; never empty, and never for the client."""

    text: str


@dataclass(frozen=True, slots=True)
class ToolCallPiece:
    """A part of a tool call. Parts of one call share an `index`; `arguments` are joined, and the first
    `id` and `name` that hold something stand."""

    index: int
    id: str = ""
    name: str = ""
    arguments: str = ""


@dataclass(frozen=True, slots=True)
class FinishPiece:
    """Why the model ended its turn. Pieces may follow (usage does)."""

    reason: FinishReason


@dataclass(frozen=True, slots=True)
class UsagePiece:
    """Tokens of this turn so far; a later one replaces an earlier one."""

    input_tokens: int
    output_tokens: int


def tokens(told: object) -> int:
    """A number of tokens as a server tells it; 0 for what is none."""
    return told if isinstance(told, int) and not isinstance(told, bool) and 0 <= told < 2**53 else 0


@dataclass(frozen=True, slots=True)
class WaitPiece:
    """The model's server is too busy: it is asked again in `seconds`."""

    seconds: float


@dataclass(frozen=True, slots=True)
class ReasoningPiece:
    """A thought as its provider wants it back in the next turn of the run, sealed: it is for nobody else. The
    turn's message has it among its `reasoning`."""

    item: Mapping[str, Any]


Piece: TypeAlias = (
    TextPiece | ThoughtPiece | ToolCallPiece | FinishPiece | UsagePiece | WaitPiece | ReasoningPiece
)


@runtime_checkable
class Model(Protocol):
    """A language model. One object may serve many streams at a time.

    A model may also carry `tools`, which the loop then offers beside the application's own.
    """

    @property
    def name(self) -> str:
        """What people call it, for logs and for the page."""
        ...

    def stream(self, messages: Sequence[Message], tools: Sequence[Tool]) -> AsyncIterator[Piece]:
        """One turn of the model over `messages`. Closing the iterator ends the work upstream at once.

        Raises ModelError, whose message is fit for a user.
        """
        ...
