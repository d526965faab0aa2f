"""What a command is at, while there is nothing to print yet."""

from __future__ import annotations

from typing import TextIO


class Progress:
    """A line of a terminal, which is gone when something comes of it; what is no terminal gets none of it.

    Spaces wipe it out, and no control sequence: every terminal knows those.
    """

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream if stream.isatty() else None
        self._shown = ""

    def show(self, doing: str) -> None:
        """In the place of what was shown before."""
        self.clear()
        self._write(f"{doing}...")
        self._shown = doing

    def clear(self) -> None:
        """Leave the line empty, for what is printed next."""
        if self._shown:
            self._write(f"\r{' ' * (len(self._shown) + 3)}\r")
            self._shown = ""

    def _write(self, text: str) -> None:
        if self._stream is not None:
            self._stream.write(text)
            self._stream.flush()
