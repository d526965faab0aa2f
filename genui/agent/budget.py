"""The time that a run may take in all. It stands still while the user is asked something."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Iterator

from genui.errors import ModelError


class Budget:
    """`seconds` from now on, or None for as long as it likes."""

    def __init__(self, seconds: float | None) -> None:
        self._clock = asyncio.get_running_loop().time
        self._seconds = seconds
        self._end = None if seconds is None else self._clock() + seconds
        self._pauses = 0
        self._paused_at = 0.0

    @contextlib.asynccontextmanager
    async def bounded(self) -> AsyncIterator[None]:
        """What is awaited in here ends with the time. Raises ModelError (`agent-time`).

        Never around a `yield`: the time would run out in the midst of whoever iterates.
        """
        when = None if self._pauses else self._end
        try:
            async with asyncio.timeout_at(when) as limit:
                yield
        except TimeoutError as error:
            if not limit.expired():
                raise
            message = f"The answer was stopped after {self._seconds:g} seconds."
            raise ModelError("agent-time", message) from error

    @contextlib.contextmanager
    def paused(self) -> Iterator[None]:
        """Time that does not count."""
        if not self._pauses:
            self._paused_at = self._clock()
        self._pauses += 1
        try:
            yield
        finally:
            self._pauses -= 1
            if not self._pauses and self._end is not None:
                self._end += self._clock() - self._paused_at
