"""The time that a run may take in all. It stands still while the user is asked something.

One timer a run: `asyncio.timeout` around every wait for the model costs more than what is done with the
piece that it waited for.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Iterator
from types import TracebackType

from genui.errors import ModelError


class Budget:
    """`seconds` from now on, or None for as long as it likes.

    `with budget:` around what is awaited: it ends with the time. Raises ModelError (`agent-time`). Never
    around a `yield`: the time would run out in the midst of whoever iterates. One wait at a time.
    """

    def __init__(self, seconds: float | None) -> None:
        self._loop = asyncio.get_running_loop()
        self._seconds = seconds
        self._left = seconds
        self._timer: asyncio.TimerHandle | None = None
        self._began = 0.0
        self._pauses = 0
        self._over = False
        self._waiting: asyncio.Task[object] | None = None
        self._go()

    def __enter__(self) -> None:
        if self._over:
            raise self._error()
        self._waiting = asyncio.current_task()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        task, self._waiting = self._waiting, None
        # Whoever else canceled the task means it: then it is not ours alone to undo.
        if kind is asyncio.CancelledError and self._over and task is not None and not task.uncancel():
            raise self._error() from error

    @contextlib.contextmanager
    def paused(self) -> Iterator[None]:
        """Time that does not count."""
        if not self._pauses:
            self.close()
        self._pauses += 1
        try:
            yield
        finally:
            self._pauses -= 1
            if not self._pauses:
                self._go()

    def close(self) -> None:
        """The time stands still from now on."""
        if self._timer is not None and self._left is not None:
            self._timer.cancel()
            self._timer = None
            self._left -= self._loop.time() - self._began

    def _go(self) -> None:
        if self._left is not None:
            self._began = self._loop.time()
            self._timer = self._loop.call_later(self._left, self._run_out)

    def _run_out(self) -> None:
        self._timer = None
        self._left = None
        self._over = True
        if self._waiting is not None:
            self._waiting.cancel()

    def _error(self) -> ModelError:
        return ModelError("agent-time", f"The answer was stopped after {self._seconds:g} seconds.")
