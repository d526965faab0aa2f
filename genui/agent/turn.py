"""One turn of a model: its pieces, put together again."""

from __future__ import annotations

import json
from dataclasses import dataclass

from genui.agent.model import FinishPiece, FinishReason, Message, Piece, TextPiece, ToolCallPiece, UsagePiece
from genui.agent.toolbox import Call


@dataclass(slots=True)
class _Draft:
    """A tool call that is being written."""

    id: str = ""
    name: str = ""
    arguments: str = ""

    def add(self, piece: ToolCallPiece) -> None:
        self.id = self.id or piece.id
        self.name = self.name or piece.name
        self.arguments += piece.arguments


class Turn:
    """Collects the pieces of turn `number` (from 0) of a run."""

    def __init__(self, number: int) -> None:
        self._number = number
        self._text: list[str] = []
        self._drafts: dict[int, _Draft] = {}
        self.finish: FinishReason | None = None
        self.usage: UsagePiece | None = None

    @property
    def has_text(self) -> bool:
        return bool(self._text)

    def add(self, piece: Piece) -> None:
        """The next piece. Thoughts are not kept: nobody may read them."""
        if isinstance(piece, TextPiece):
            self._text.append(piece.text)
        elif isinstance(piece, ToolCallPiece):
            self._drafts.setdefault(piece.index, _Draft()).add(piece)
        elif isinstance(piece, FinishPiece):
            self.finish = piece.reason
        elif isinstance(piece, UsagePiece):
            self.usage = piece

    def calls(self) -> list[Call]:
        """What the model wants to have run: nothing when its answer was cut off in the middle. A call
        without an id gets one, which no other of the run has."""
        if self.finish in ("length", "content_filter"):
            return []
        return [
            Call(draft.id or f"call_{self._number}_{index}", draft.name, draft.arguments)
            for index, draft in sorted(self._drafts.items())
        ]

    def message(self) -> Message:
        """The turn as a message of the conversation, with its calls."""
        calls = [
            {
                "id": call.id,
                "type": "function",
                "function": {"name": call.name, "arguments": _sendable(call.arguments)},
            }
            for call in self.calls()
        ]
        return {"role": "assistant", "content": "".join(self._text) or None, "tool_calls": calls}


def _sendable(arguments: str) -> str:
    """`arguments` if they are a JSON object, else an empty one: servers fail on templates when a message
    quotes back the broken JSON of their own model, which the tool's result speaks of anyway."""
    try:
        return arguments if isinstance(json.loads(arguments), dict) else "{}"
    except ValueError:
        return "{}"
