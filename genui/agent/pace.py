"""What a call says while it works: the latest of each kind, ten times a second, and the last always."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Generic, TypeVar

T = TypeVar("T")

INTERVAL = 0.1
"""Seconds between two rounds."""


class Pace(Generic[T]):
    """Gives to `give` what is offered, in time. What `give` raises is raised by the next call of a method."""

    def __init__(self, give: Callable[[T], None]) -> None:
        self._give = give
        self._latest: dict[str, T] = {}
        self._timer: asyncio.TimerHandle | None = None
        self._error: Exception | None = None

    def offer(self, kind: str, value: T) -> None:
        """Something to say; it takes the place of what was offered of its kind and not said yet."""
        self._latest[kind] = value
        if self._timer is None:
            self.flush()
            self._timer = asyncio.get_running_loop().call_later(INTERVAL, self._due)

    def flush(self) -> None:
        """Say all that was offered."""
        if self._error is not None:
            raise self._error
        latest, self._latest = self._latest, {}
        for value in latest.values():
            self._give(value)

    def stop(self) -> None:
        """No more rounds."""
        if self._timer is not None:
            self._timer.cancel()

    def _due(self) -> None:
        self._timer = None
        if self._latest:
            try:
                self.flush()
            except Exception as error:
                self._error = error
            self._timer = asyncio.get_running_loop().call_later(INTERVAL, self._due)
