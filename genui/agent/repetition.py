"""A model that repeats itself without end is stopped: left alone, it writes until its limit, and pays.

What counts is a tail that is one short piece over and over (`_PERIODS` times or more), as long as the
window: a table full of zeros is far shorter, and prose never is that. White space alone counts too, which is
what models under a grammar fall into.
"""

from __future__ import annotations

from genui.agent import failures
from genui.agent.model import Piece, TextPiece, ThoughtPiece, ToolCallPiece

WINDOW = 8192
"""Characters: about 2,000 tokens that say nothing new."""

_PERIODS = 8
_STEPS = 8  # how often in a window it is looked for


class _Tail:
    """The last characters of one kind of output."""

    def __init__(self, window: int) -> None:
        self._window = window
        self._step = window // _STEPS
        self._text = ""
        self._new: list[str] = []
        self._size = 0

    def add(self, text: str) -> bool:
        """Whether it now repeats itself."""
        self._new.append(text)
        self._size += len(text)
        if self._size < self._step:
            return False
        self._text = (self._text + "".join(self._new))[-self._window :]
        self._new.clear()
        self._size = 0
        return len(self._text) == self._window and _repeats(self._text)


def _repeats(text: str) -> bool:
    # If the text has a period of at most half its length, this finds the shortest one.
    period = text.find(text[: len(text) // 2], 1)
    return 0 < period <= len(text) // _PERIODS and text[period:] == text[:-period]


class RepetitionGuard:
    """Watches one turn of a model. Text, thoughts and arguments each have a window of their own."""

    def __init__(self, window: int = WINDOW) -> None:
        self._text, self._thought, self._arguments = _Tail(window), _Tail(window), _Tail(window)

    def check(self, piece: Piece) -> None:
        """Raises ModelError (`model-repeats`) when this piece makes the repetition as long as the window."""
        if isinstance(piece, TextPiece):
            repeats = self._text.add(piece.text)
        elif isinstance(piece, ThoughtPiece):
            repeats = self._thought.add(piece.text)
        else:
            repeats = isinstance(piece, ToolCallPiece) and self._arguments.add(piece.arguments)
        if repeats:
            raise failures.failed("model-repeats")
