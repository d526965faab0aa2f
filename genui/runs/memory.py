"""The log in this process's memory. Nothing here outlives the process.

There is no timer: what is too old, too many or too large is forgotten when a run begins or ends.
"""

from __future__ import annotations

import time
from collections.abc import Callable

from genui.runs.log import BATCH_BYTES, RUN_BYTES, About, Batch, PositionError, UnknownRunError, check_size
from genui.runs.tape import Tape


class _Kept(Tape):
    """A run's tape, and what is known of the run."""

    __slots__ = ("about", "finished_at")

    def __init__(self, about: About) -> None:
        super().__init__()
        self.about = about
        self.finished_at = 0.0


class MemoryLog:
    """Keeps live runs, and finished ones while they are young, few and small enough.

    `run_bytes` bounds one run; `keep_runs`, `keep_seconds` and `keep_bytes` all finished ones together.
    A reader holds a finished run for `hold_seconds` at most.
    """

    def __init__(
        self,
        *,
        run_bytes: int = RUN_BYTES,
        keep_runs: int = 1000,
        keep_seconds: float = 3600.0,
        keep_bytes: int = 256_000_000,
        hold_seconds: float = 60.0,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._run_bytes = run_bytes
        self._keep_runs = keep_runs
        self._keep_seconds = keep_seconds
        self._keep_bytes = keep_bytes
        self._hold_seconds = hold_seconds
        self._clock = clock
        self._live: dict[str, _Kept] = {}
        self._finished: dict[str, _Kept] = {}  # in the order in which they finished
        self._finished_bytes = 0

    def create(self, run: str, thread: str = "", owner: str | None = None) -> None:
        self._forget()
        self._live[run] = _Kept(About(thread, owner))

    def append(self, run: str, data: bytes) -> int:
        tape = self._live.get(run)
        if tape is None:
            raise UnknownRunError
        check_size(len(tape.data) + len(data), self._run_bytes)
        seq = tape.append(data)
        tape.wake()
        return seq

    def finish(self, run: str, data: bytes) -> int:
        tape = self._live.pop(run, None)
        if tape is None:
            raise UnknownRunError
        seq = tape.append(data)
        tape.finished = True
        tape.finished_at = self._clock()
        self._finished[run] = tape
        self._finished_bytes += len(tape.data)
        tape.wake()
        self._forget()
        return seq

    async def about(self, run: str) -> About:
        return self._tape(run).about

    async def read(self, run: str, after: int) -> Batch:
        tape = self._tape(run)
        if not 0 <= after <= tape.last:
            raise PositionError(after, tape.last)
        entries = tape.read(after, tape.last, BATCH_BYTES)
        reached = entries[-1].seq if entries else after
        return Batch(entries, tape.finished and reached == tape.last)

    def watch(self, run: str, wake: Callable[[], None]) -> Callable[[], None]:
        return self._tape(run).watch(wake)

    async def evict(self, run: str) -> None:
        tape = self._tape(run)
        if tape.finished and not self._held(tape):
            self._drop(run, tape)

    async def settle(self, run: str | None = None) -> None:
        """There is nothing behind."""

    def _tape(self, run: str) -> _Kept:
        tape = self._live.get(run) or self._finished.get(run)
        if tape is None:
            raise UnknownRunError
        return tape

    def _drop(self, run: str, tape: _Kept) -> None:
        self._finished_bytes -= len(tape.data)
        del self._finished[run]
        tape.wake()

    def _held(self, tape: _Kept) -> bool:
        return bool(tape.watchers) and self._age(tape) <= self._hold_seconds

    def _forget(self) -> None:
        """Evict from the longest finished on, until the rest may stay."""
        for run, tape in self._too_many():
            self._drop(run, tape)

    def _too_many(self) -> list[tuple[str, _Kept]]:
        """Looks at no more than it finds and those that are held: it is asked for every run."""
        found: list[tuple[str, _Kept]] = []
        count, size = len(self._finished), self._finished_bytes
        for run, tape in self._finished.items():
            if (
                count <= self._keep_runs
                and size <= self._keep_bytes
                and self._age(tape) <= self._keep_seconds
            ):
                break
            if not self._held(tape):
                found.append((run, tape))
                count, size = count - 1, size - len(tape.data)
        return found

    def _age(self, tape: _Kept) -> float:
        return self._clock() - tape.finished_at
