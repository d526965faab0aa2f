"""A model's output in portions, so that one that writes much and fast holds up no other stream.

Whatever has arrived is read without ever waiting, and each character costs some microseconds, ten times that
where widgets are drawn: a quarter of a megabyte that a socket brought in one go would stop everything else
for seconds. Characters are counted and not time, since a turn of the loop for each slow token costs more than
the token.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from genui.agent import failures
from genui.agent.model import Piece, ReasoningPiece, TextPiece, ThoughtPiece, ToolCallPiece

AT_ONCE = 1024
"""Characters, in some milliseconds, before everybody else has a turn."""

LONGEST_ANSWER = 16_000_000
"""Characters of a run, with what nobody is shown: thoughts, calls, and all that is hidden in text."""

_PIECE = 16
"""Characters that a piece costs as much as, however short it is."""


class Portions:
    """Counts what a model writes in a run."""

    def __init__(self) -> None:
        self._all = 0
        self._since = 0

    def due(self, piece: Piece) -> bool:
        """Whether it is everybody else's turn after this piece. Raises ModelError (`run-too-large`)."""
        length = _length(piece)
        self._all += length or _PIECE
        if self._all > LONGEST_ANSWER:
            raise failures.failed("run-too-large")
        self._since += length + _PIECE
        if self._since < AT_ONCE:
            return False
        self._since = 0
        return True


def portions_of(piece: Piece) -> Sequence[Piece] | Iterator[Piece]:
    """A piece, or the shorter ones that say the same."""
    if isinstance(piece, TextPiece) and len(piece.text) > AT_ONCE:
        text = piece.text
        return (TextPiece(text[at : at + AT_ONCE]) for at in range(0, len(text), AT_ONCE))
    return (piece,)


def _length(piece: Piece) -> int:
    if isinstance(piece, TextPiece | ThoughtPiece):
        return len(piece.text)
    if isinstance(piece, ToolCallPiece):
        return len(piece.arguments)
    return len(str(piece.item)) if isinstance(piece, ReasoningPiece) else 0
