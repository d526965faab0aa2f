"""One turn of a model: its pieces, put together again."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from genui.agent.calls import Call, Draft, sendable
from genui.agent.model import (
    FinishPiece,
    FinishReason,
    Message,
    Piece,
    ReasoningPiece,
    TextPiece,
    ToolCallPiece,
    UsagePiece,
)
from genui.agent.overheard import without_hidden
from genui.errors import ModelError

MOST_CALLS = 128
"""Of one turn. Each is a task, a status and two messages for the next turn."""


class Turn:
    """Collects the pieces of turn `number` (from 0) of a run."""

    def __init__(self, number: int) -> None:
        self._number = number
        self._text: list[str] = []
        self._reasoning: list[Mapping[str, Any]] = []
        self.drafts: dict[int, Draft] = {}
        self.finish: FinishReason | None = None
        self.usage: UsagePiece | None = None

    @property
    def has_text(self) -> bool:
        return bool(self._text)

    def add(self, piece: Piece) -> None:
        """The next piece. Thoughts are not kept, save sealed ones: no later turn may read them.

        Raises ModelError (`agent-calls`)."""
        if isinstance(piece, TextPiece):
            self._text.append(piece.text)
        elif isinstance(piece, ToolCallPiece):
            self.draft(piece.index).add(piece)
        elif isinstance(piece, FinishPiece):
            self.finish = piece.reason
        elif isinstance(piece, UsagePiece):
            self.usage = piece
        elif isinstance(piece, ReasoningPiece):
            self._reasoning.append(piece.item)

    def draft(self, index: int) -> Draft:
        """The call of this index, begun or not. Raises ModelError (`agent-calls`)."""
        if index not in self.drafts and len(self.drafts) >= MOST_CALLS:
            raise ModelError("agent-calls", f"The answer was stopped: it called {MOST_CALLS} tools at once.")
        return self.drafts.setdefault(index, Draft())

    def calls(self) -> list[Call]:
        """What the model wants to have run: nothing when its answer was cut off in the middle. A call
        without an id gets one, which no other of the run has."""
        if self.finish in ("length", "content_filter"):
            return []
        return [draft.call(f"call_{self._number}_{index}") for index, draft in sorted(self.drafts.items())]

    def message(self) -> Message:
        """The turn as a message of the conversation, with its calls; what it wrote of them into its text is
        left out of it."""
        calls = [
            {
                "id": call.id,
                "type": "function",
                "function": {"name": call.name, "arguments": sendable(call.arguments)},
            }
            for call in self.calls()
        ]
        text = without_hidden("".join(self._text))
        sealed = {"reasoning": self._reasoning} if self._reasoning else {}
        return {"role": "assistant", "content": text or None, "tool_calls": calls, **sealed}
