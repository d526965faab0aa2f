"""One reader of one run, from any event on: first what is written, then what is being written.

There is no seam between the two, and so neither gap nor duplicate: a follower watches the log before it
looks a last time and then waits, looks again each time it is woken, and knows the number of the last event
it gave. While it has not caught up it watches nothing, and holds nothing.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from types import TracebackType
from typing import Self

from genui.errors import CallerError
from genui.runs.log import Batch, Entry, Log


def _nothing() -> None:
    pass


class Follower:
    """An async iterator over batches of entries, and a context manager: leave it, or call `close`.

    A batch is never empty, except after `nudge`. The iteration ends after the run's last event, when the
    follower is closed, and when the run was forgotten or cannot be read: it is `exhausted` after the first.
    """

    def __init__(self, log: Log, run: str, after: int, on_close: Callable[[], None]) -> None:
        self._log = log
        self._run = run
        self._after = after
        self._on_close = on_close
        self._loop = asyncio.get_running_loop()
        self._has_news = False
        self._waiter: asyncio.Future[None] | None = None  # an asyncio.Event costs ten times the memory
        self._ahead: Batch | None = None
        self._nudged = False
        self._closed = False
        self.exhausted = False
        """Every event of the run has been given; there will be no more."""
        self._unwatch: Callable[[], None] | None = None

    async def look_ahead(self) -> None:
        """Read the first batch without giving it yet: raises what the log raises, settles `exhausted`."""
        batch = await self._log.read(self._run, self._after)
        if batch.entries:  # that there was nothing yet may be wrong by the time it is asked for
            self._ahead = batch
        else:
            self.exhausted = batch.finished

    def nudge(self) -> None:
        """Have a waiting iteration give an empty batch: for what must happen though there is no event."""
        self._nudged = True
        self._wake()

    def close(self) -> None:
        """Stop following; ends a waiting iteration. Safe to call again."""
        if not self._closed:
            self._closed = True
            if self._unwatch:
                self._unwatch()
            self._wake()
            self._on_close()
            # Both hold this, which holds them: without a cycle it is gone with its stream.
            self._unwatch, self._on_close = None, _nothing

    def __aiter__(self) -> Self:
        return self

    async def __anext__(self) -> Sequence[Entry]:
        while not (self._closed or self.exhausted):
            self._has_news = False  # before looking: what is written from here on wakes us
            try:
                if entries := await self._read():
                    return entries
                await self._wait()
            except CallerError:  # forgotten while a slow client read it, or the store is down
                self.close()
            if self._nudged:
                self._nudged = False
                return ()
        raise StopAsyncIteration

    async def _wait(self) -> None:
        if self.exhausted or self._nudged:
            return
        if self._unwatch is None:
            self._unwatch = self._log.watch(self._run, self._wake)
            return  # to look once more: what was written before would not wake us
        if not self._has_news:
            self._waiter = self._loop.create_future()
            try:
                await self._waiter
            finally:
                self._waiter = None

    def _wake(self) -> None:
        self._has_news = True
        if self._waiter is not None and not self._waiter.done():
            self._waiter.set_result(None)

    async def _read(self) -> Sequence[Entry]:
        batch, self._ahead = self._ahead or await self._log.read(self._run, self._after), None
        if batch.entries:
            self._after = batch.entries[-1].seq
            self._nudged = False  # there is something to send: no need for a sign of life
        self.exhausted = batch.finished
        return batch.entries

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()
