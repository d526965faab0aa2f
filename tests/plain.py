"""A reader of a model's text that recognizes nothing."""

from __future__ import annotations

from typing import Any

from genui.events import Event, Text


class PlainText:
    """Takes all for text, and says at its close that it was closed."""

    def __init__(self, close: str = "") -> None:
        self._close = close

    def feed(self, text: str) -> list[Event]:
        return [Text(text)]

    def listen(self, listener: Any) -> None:
        pass

    def end_turn(self) -> list[Event]:
        return []

    def close(self) -> list[Event]:
        return [Text(self._close)] if self._close else []
