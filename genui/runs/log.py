"""What a run writes to and what its followers read: one interface, several backends.

A log holds, for each run, its events as JSON in the order in which they were written. The position of an
event is its sequence number: 1, 2, 3, … without a gap. Each run has one writer.

What every backend keeps, and `tests/test_runs_log.py` asks of each of them:

1. `append` numbers the events of a run 1, 2, 3, … in the order of the calls.
2. `read(run, after)` gives the events after that number, unchanged, in order, none left out, none twice;
   and so whatever else is written meanwhile.
3. `finish` writes one last event, limits or not; nothing is written after it.
4. `Batch.finished` is true exactly when that last event is in the batch or before it.
5. A watcher is woken after every append and finish that it could not have read when it last looked: so
   "look, and if there was nothing wait to be woken" misses nothing.
6. A finished run can be read until it is evicted. A live run is never evicted; one that a reader waits
   for, only when it has been finished for a while: nobody can pin it for ever. An evicted run and one
   that never was are the same clear UnknownRunError.
7. Runs are apart: nothing that is done to one shows in another.
8. Several logs may stand over one store, in several processes: what one writes, all read and watch.

`append` and `finish` do not wait (and so are no coroutines): the order of the events is the order of the
calls, and a timer may write between two of a source's events. A backend that stores slowly takes the
event and writes behind, many at a time (`journal.py`).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import ClassVar, NamedTuple, Protocol

from genui.errors import CallerError, Fault, GenUIError

BATCH_BYTES = 64 * 1024
"""How much `read` gives at once, unless a single event is larger: bounds what one reader holds."""

RUN_BYTES = 16_000_000
"""How much one run may write."""


class Entry(NamedTuple):
    """One event in a log: its sequence number, from 1, and its JSON on one line as UTF-8."""

    seq: int
    data: bytes


class Batch(NamedTuple):
    """Entries in order; `finished` when the run's last event is among or before them."""

    entries: Sequence[Entry]
    finished: bool


class About(NamedTuple):
    """What is known of a run besides its events: the thread it answers in; whose it is (None: nobody's)."""

    thread: str = ""
    owner: str | None = None


class UnknownRunError(CallerError):
    """No run has this id, or it was evicted."""

    def __init__(self) -> None:
        message = "There is no run with this id; it may have been finished so long ago that it is forgotten."
        super().__init__("unknown-run", message, 404)


class PositionError(CallerError):
    """A reader says that it has seen an event that was never written."""

    def __init__(self, after: int, last: int) -> None:
        message = f"Event {after} does not exist: the last event of this run so far is {last}."
        super().__init__("bad-position", message)


class StoreError(CallerError):
    """The store cannot be read or written now. `lasting` when waiting a moment will not help: a full disk.
    `str(error)` has the cause, for the logger; the caller is told none of it."""

    fault: ClassVar[Fault] = "author"

    def __init__(self, cause: str, *, lasting: bool = False) -> None:
        super().__init__("store-failed", "The server cannot store anything now; try again in a moment.", 503)
        self.cause = cause
        self.lasting = lasting

    def __str__(self) -> str:
        return self.cause


def check_size(size: int, limit: int) -> None:
    """Raises GenUIError (`run-too-large`)."""
    if size > limit:
        raise GenUIError("run-too-large", "The answer was stopped: it became too long.")


class Log(Protocol):
    """Where events are kept. Every method but `create` and `settle` may raise UnknownRunError, every
    coroutine StoreError."""

    def create(self, run: str, thread: str = "", owner: str | None = None) -> None:
        """Begin the log of a new run. Only this log object then writes it."""

    def append(self, run: str, data: bytes) -> int:
        """Write one event; its sequence number. Raises GenUIError (`run-too-large`) when it does not fit."""

    def finish(self, run: str, data: bytes) -> int:
        """Write the run's last event, whatever the limits; its sequence number."""

    async def about(self, run: str) -> About:
        """What `create` was told."""

    async def read(self, run: str, after: int) -> Batch:
        """What there is after the event numbered `after`, at once; empty when there is nothing yet.

        Raises PositionError when there was never such an event.
        """

    def watch(self, run: str, wake: Callable[[], None]) -> Callable[[], None]:
        """Have `wake` called whenever there is more to read; call what is returned to stop that.

        A log that would have to ask its store raises nothing for an unknown run: reading does.
        """

    async def evict(self, run: str) -> None:
        """Forget a finished run. One that is live, or that is awaited and young, stays."""

    async def settle(self, run: str | None = None) -> None:
        """Returns when what was written so far, of one run or of all, is stored and can be read by all."""
