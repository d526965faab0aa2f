"""The log over a store that takes time: written behind, many runs at once, and read from memory where it is.

Two designs were weighed for when an event may be read.

1. At once, from memory, while it is being stored. A disk that hangs slows nobody. But a process that is
   killed takes with it events that its readers have seen, and they cannot go on where they were.
2. When it is stored. Nothing that was seen is ever lost. But a disk that hangs stops every stream.

It is the second, with a bound: what is not stored after `HOLD` seconds may be read all the same. A group
commit takes a millisecond, so that a killed process loses nothing that was seen; while a store hangs, its
streams go on, and what was said meanwhile is stored when it is back.

One task writes, whatever there is; while it waits for the store, the next group gathers. It lives only
while something is to be written. A run that another worker writes has a *window*: the latest of its events,
filled by the driver's one reader and shared by all followers here; who is further back asks the store.
"""

from __future__ import annotations

import asyncio
import logging
from collections import OrderedDict
from collections.abc import Awaitable, Callable, Sequence

from genui.runs.driver import TAKEN, Birth, Chunk, Driver
from genui.runs.ending import end_tasks
from genui.runs.log import (
    BATCH_BYTES,
    RUN_BYTES,
    About,
    Batch,
    Entry,
    PositionError,
    StoreError,
    UnknownRunError,
    check_size,
)
from genui.runs.tape import Tape

log = logging.getLogger("genui.runs")

HOLD = 0.25
"""Seconds that an event waits for being stored before it is shown."""

GROUP_BYTES = 4_000_000
"""About how much is stored at a time."""

WINDOW_BYTES = 256_000
"""How much of a run that is written elsewhere is kept here for its followers."""

PAUSES = (0.1, 0.2, 0.5, 1.0)
"""Seconds between two tries while a store fails."""


class _Written(Tape):
    """A run that is written here: up to `stored` it is in the store, up to `shown` it may be read."""

    __slots__ = ("about", "born", "shown", "stored")

    def __init__(self, about: About) -> None:
        super().__init__()
        self.about = about
        self.born = False
        self.shown = 0
        self.stored = 0

    @property
    def dirty(self) -> bool:
        return self.lacks(self.last)

    def lacks(self, seq: int) -> bool:
        """Whether event `seq` is not stored yet."""
        return self.stored < seq or not self.born

    def show(self, upto: int) -> None:
        if upto > self.shown:
            self.shown = upto
            self.wake()

    def chunk(self, run: str, limit: int) -> Chunk | None:
        """What is not stored yet, as far as it fits."""
        if self.stored == self.last:
            return None
        entries = self.read(self.stored, self.last, limit)
        end = self.finished and entries[-1].seq == self.last
        return Chunk(run, self.stored + 1, len(entries), b"\n".join([entry.data for entry in entries]), end)


class StoredLog:
    """A log over a driver. `settle_first` is awaited before ends are written; `on_failure` hears which runs
    cannot be stored, and why, once the store has failed for `patience` seconds (at once when that will
    last); `on_loss` which run was taken over by another worker. `cache_bytes` bounds what is kept of
    finished runs."""

    def __init__(
        self,
        driver: Driver,
        *,
        run_bytes: int = RUN_BYTES,
        cache_bytes: int = 64_000_000,
        patience: float = 5.0,
    ) -> None:
        self._driver = driver
        self._run_bytes = run_bytes
        self._cache_bytes = cache_bytes
        self._patience = patience
        self._live: dict[str, _Written] = {}
        self._dirty: dict[str, _Written] = {}  # in the order in which they became so
        self._finished: OrderedDict[str, _Written] = OrderedDict()  # stored; the last used at the end
        self._finished_bytes = 0
        self._windows: dict[str, Tape] = {}
        self._writer: asyncio.Task[None] | None = None
        self._next_group: asyncio.Future[None] | None = None  # done when the next group is stored
        self._holding: asyncio.TimerHandle
        self._failing_since: float | None = None
        self.settle_first: Callable[[], Awaitable[None]] | None = None
        self.on_failure: Callable[[list[str], StoreError], None] | None = None
        self.on_loss: Callable[[str], None] | None = None

    def create(self, run: str, thread: str = "", owner: str | None = None) -> None:
        self._live[run] = tape = _Written(About(thread, owner))
        self._soil(run, tape)

    def append(self, run: str, data: bytes) -> int:
        tape = self._live.get(run)
        if tape is None or tape.finished:
            raise UnknownRunError
        check_size(len(tape.data) + len(data), self._run_bytes)
        seq = tape.append(data)
        self._soil(run, tape)
        return seq

    def finish(self, run: str, data: bytes) -> int:
        tape = self._live.get(run)
        if tape is None or tape.finished:
            raise UnknownRunError
        seq = tape.append(data)
        tape.finished = True
        self._soil(run, tape)
        return seq

    async def about(self, run: str) -> About:
        tape = self._live.get(run) or self._finished.get(run)
        about = tape.about if tape else await self._driver.about(run)
        if about is None:
            raise UnknownRunError
        return about

    async def read(self, run: str, after: int) -> Batch:
        tape = self._live.get(run) or self._finished.get(run)
        if tape is None:
            return await self._read_elsewhere(run, after)
        if run in self._finished:
            self._finished.move_to_end(run)
        if not 0 <= after <= tape.last:
            raise PositionError(after, tape.shown)
        if after > tape.shown:  # another worker read it in the store before we heard that it is there
            return _batch([], after, tape.last, tape.finished)
        return _batch(tape.read(after, tape.shown, BATCH_BYTES), after, tape.last, tape.finished)

    def watch(self, run: str, wake: Callable[[], None]) -> Callable[[], None]:
        if tape := self._live.get(run):
            return self._watch(run, tape, wake)
        if run not in self._windows:
            self._windows[run] = Tape()
            self._driver.follow(run)
        return self._watch(run, self._windows[run], wake)

    async def evict(self, run: str) -> None:
        await self.about(run)
        if run not in self._live and not await self._driver.workers_of([run]):
            self._drop(run)
            await self._driver.forget(run)

    async def settle(self, run: str | None = None) -> None:
        behind = {name: tape.last for name, tape in self._dirty.items() if run in (None, name)}
        while any(name in self._dirty and self._dirty[name].lacks(last) for name, last in behind.items()):
            if self._next_group is None:
                self._next_group = asyncio.get_running_loop().create_future()
            await asyncio.shield(self._next_group)

    async def close(self) -> None:
        """Write no more: what the store has not taken by now is lost."""
        if self._writer is not None:
            await end_tasks([self._writer])

    def forget_finished(self) -> None:
        """Keep no finished run in memory: they are read from the store."""
        for run in list(self._finished):
            self._drop(run)

    def hear(self, run: str, chunk: Chunk | None) -> None:
        """Others wrote; see `Ears`."""
        window = self._windows.get(run)
        if window is None:
            return
        if chunk is None:  # what the window holds is no longer all: the next look is at the store
            window = self._windows[run] = Tape(watchers=window.watchers)
        else:
            window = self._widen(run, window, chunk)
        window.wake()

    async def _read_elsewhere(self, run: str, after: int) -> Batch:
        window = self._windows.get(run)
        if window is not None and window.last and window.base <= after <= window.last:
            entries = window.read(after, window.last, BATCH_BYTES)
            return _batch(entries, after, window.last, window.finished)
        stored = await self._driver.fetch(run, max(after, 0), BATCH_BYTES)
        if stored is None:
            raise UnknownRunError
        if after < 0 or (after > stored.last and stored.finished):
            raise PositionError(after, stored.last)
        # Who has seen more than is stored was shown it while the store hung: it is on its way.
        return _batch(stored.entries(after), after, stored.last, stored.finished)

    def _watch(self, run: str, tape: Tape, wake: Callable[[], None]) -> Callable[[], None]:
        unwatch = tape.watch(wake)

        def leave() -> None:
            unwatch()
            # One list of watchers goes from a run's tape or window to the next.
            if run in self._windows and not self._windows[run].watchers:
                del self._windows[run]
                self._driver.unfollow(run)

        return leave

    def _widen(self, run: str, window: Tape, chunk: Chunk) -> Tape:
        if window.last != chunk.first - 1 or len(window.data) > WINDOW_BYTES:
            window = self._windows[run] = Tape(chunk.first - 1, window.watchers)
        for entry in chunk.entries():
            window.append(entry.data)
        window.finished = chunk.end
        return window

    # ------------------------------------------------------------------------------------ writing behind

    def _soil(self, run: str, tape: _Written) -> None:
        self._dirty[run] = tape
        if self._writer is None:
            self._writer = asyncio.get_running_loop().create_task(self._write(), name="genui log")

    async def _write(self) -> None:
        try:
            tries = 0
            while self._dirty:
                try:
                    await self._write_group()
                    tries, self._failing_since = 0, None
                except StoreError as error:
                    self._fail(error)
                    await asyncio.sleep(PAUSES[min(tries, len(PAUSES) - 1)])
                    tries += 1
        finally:
            self._writer = None

    async def _write_group(self) -> None:
        births, chunks = self._gather()
        self._hold()
        try:
            if self.settle_first and any(chunk.end for chunk in chunks):
                await self.settle_first()
            odd = await self._driver.write(births, chunks)
        except StoreError:
            raise
        except Exception as error:  # whatever it is: streams go on, and it is tried again
            raise StoreError(f"{type(error).__name__}: {error}") from error
        finally:
            self._holding.cancel()
        for birth in births:
            self._live[birth.run].born = True
        for chunk in chunks:
            if chunk.run in odd:
                self._mend(chunk.run, odd[chunk.run])
            else:
                self._mark(chunk.run, self._live[chunk.run].stored + chunk.length)
        self._clean(births)
        if self._next_group is not None:
            self._next_group.set_result(None)
            self._next_group = None

    def _hold(self) -> None:
        self._holding = asyncio.get_running_loop().call_later(HOLD, self._show_unstored)

    def _gather(self) -> tuple[list[Birth], list[Chunk]]:
        births: list[Birth] = []
        chunks: list[Chunk] = []
        size = 0
        for run, tape in self._dirty.items():
            if not tape.born:
                births.append(Birth(run, tape.about))
            if chunk := tape.chunk(run, GROUP_BYTES):
                chunks.append(chunk)
                size += len(chunk.data)
            if size > GROUP_BYTES:
                break
        return births, chunks

    def _mark(self, run: str, stored: int) -> None:
        tape = self._live[run]
        tape.stored = stored
        tape.show(tape.stored)
        if not tape.dirty:
            del self._dirty[run]
        if tape.finished and not tape.dirty:
            del self._live[run]
            self._keep(run, tape)

    def _clean(self, births: list[Birth]) -> None:
        """A run that has begun and said nothing yet."""
        for run in [birth.run for birth in births]:
            if run in self._dirty and not self._dirty[run].dirty:
                del self._dirty[run]

    def _mend(self, run: str, last: int) -> None:
        """The store holds something else than what was stored there."""
        if last == TAKEN:
            self._lose(run)
            return
        log.warning("run %s: the store holds %d events of it; the rest is stored again", run, last)
        self._live[run].born = last > 0
        self._mark(run, last)  # it may hold all: what it answered then was lost

    def _show_unstored(self) -> None:
        """The store takes its time: nobody shall wait for it any longer."""
        for tape in list(self._dirty.values()):
            tape.show(tape.last)
        self._hold()

    def _fail(self, error: StoreError) -> None:
        now = asyncio.get_running_loop().time()
        if self._failing_since is None:
            log.error("the store failed: %s", error)
            self._failing_since = now
        if self.on_failure and (error.lasting or now - self._failing_since >= self._patience):
            self.on_failure([run for run, tape in self._dirty.items() if not tape.finished], error)
        for tape in list(self._dirty.values()):
            tape.show(tape.last)

    def _lose(self, run: str) -> None:
        tape = self._live.pop(run)
        self._dirty.pop(run, None)
        log.warning("run %s was taken over by another worker, which held this one for dead", run)
        if tape.watchers:
            self._windows[run] = Tape(0, tape.watchers)
            self._driver.follow(run)
        tape.wake()
        if self.on_loss:
            self.on_loss(run)

    def _keep(self, run: str, tape: _Written) -> None:
        self._finished[run] = tape
        self._finished_bytes += len(tape.data)
        while self._finished_bytes > self._cache_bytes:
            self._drop(next(iter(self._finished)))

    def _drop(self, run: str) -> None:
        tape = self._finished.pop(run, None)
        if tape is not None:
            self._finished_bytes -= len(tape.data)


def _batch(entries: Sequence[Entry], after: int, last: int, finished: bool) -> Batch:
    """What was read after `after`, of a run that has `last` events by now."""
    reached = entries[-1].seq if entries else after
    return Batch(entries, finished and reached == last)
