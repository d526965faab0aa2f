"""The log in this process's memory: a bytearray and offsets for each run.

Two thousand events kept as bytes objects would cost 230 kB a run; kept end to end they cost their length
and eight bytes each. Nothing here outlives the process.

There is no timer: what is too old, too many or too large is forgotten when a run begins or ends.
"""

from __future__ import annotations

import time
from array import array
from collections.abc import Callable

from genui.errors import GenUIError
from genui.runs.log import BATCH_BYTES, Batch, Entry, PositionError, UnknownRunError


class _Tape:
    """One run's events, end to end. Event n lies between ends[n - 1] and ends[n]."""

    __slots__ = ("data", "ends", "finished_at", "watchers")

    def __init__(self) -> None:
        self.data = bytearray()
        self.ends = array("Q", [0])
        self.finished_at: float | None = None
        self.watchers: list[Callable[[], None]] = []

    @property
    def last(self) -> int:
        return len(self.ends) - 1

    def append(self, data: bytes) -> int:
        self.data += data
        self.ends.append(len(self.data))
        return self.last

    def wake(self) -> None:
        for wake in tuple(self.watchers):
            wake()

    def read(self, after: int, limit: int) -> list[Entry]:
        entries: list[Entry] = []
        first = self.ends[after]
        # A view, so that each event is copied once; released before the next append, which resizes.
        with memoryview(self.data) as view:
            for seq in range(after + 1, len(self.ends)):
                start, end = self.ends[seq - 1], self.ends[seq]
                if entries and end - first > limit:
                    break
                entries.append(Entry(seq, bytes(view[start:end])))
        return entries


class MemoryLog:
    """Keeps live runs, and finished ones while they are young, few and small enough.

    `run_bytes` bounds one run; `keep_runs`, `keep_seconds` and `keep_bytes` all finished ones together.
    """

    def __init__(
        self,
        *,
        run_bytes: int = 16_000_000,
        keep_runs: int = 1000,
        keep_seconds: float = 3600.0,
        keep_bytes: int = 256_000_000,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._run_bytes = run_bytes
        self._keep_runs = keep_runs
        self._keep_seconds = keep_seconds
        self._keep_bytes = keep_bytes
        self._clock = clock
        self._live: dict[str, _Tape] = {}
        self._finished: dict[str, _Tape] = {}  # in the order in which they finished
        self._finished_bytes = 0

    def create(self, run: str) -> None:
        self._forget()
        self._live[run] = _Tape()

    def append(self, run: str, data: bytes) -> int:
        tape = self._live.get(run)
        if tape is None:
            raise UnknownRunError
        if len(tape.data) + len(data) > self._run_bytes:
            raise GenUIError("run-too-large", "The answer was stopped: it became too long.")
        seq = tape.append(data)
        tape.wake()
        return seq

    def finish(self, run: str, data: bytes) -> int:
        tape = self._live.pop(run, None)
        if tape is None:
            raise UnknownRunError
        seq = tape.append(data)
        tape.finished_at = self._clock()
        self._finished[run] = tape
        self._finished_bytes += len(tape.data)
        tape.wake()
        self._forget()
        return seq

    async def read(self, run: str, after: int) -> Batch:
        tape = self._tape(run)
        if not 0 <= after <= tape.last:
            raise PositionError(after, tape.last)
        entries = tape.read(after, BATCH_BYTES)
        reached = entries[-1].seq if entries else after
        return Batch(entries, tape.finished_at is not None and reached == tape.last)

    def watch(self, run: str, wake: Callable[[], None]) -> Callable[[], None]:
        tape = self._tape(run)
        tape.watchers.append(wake)

        def unwatch() -> None:
            if wake in tape.watchers:
                tape.watchers.remove(wake)

        return unwatch

    def evict(self, run: str) -> None:
        tape = self._tape(run)
        if tape.finished_at is not None and not tape.watchers:
            self._finished_bytes -= len(tape.data)
            del self._finished[run]

    def _tape(self, run: str) -> _Tape:
        tape = self._live.get(run) or self._finished.get(run)
        if tape is None:
            raise UnknownRunError
        return tape

    def _forget(self) -> None:
        """Evict from the longest finished on, until the rest may stay."""
        for run, tape in list(self._finished.items()):
            if not self._too_much(tape):
                break
            self.evict(run)

    def _too_much(self, oldest: _Tape) -> bool:
        return (
            len(self._finished) > self._keep_runs
            or self._finished_bytes > self._keep_bytes
            or self._clock() - (oldest.finished_at or 0.0) > self._keep_seconds
        )
