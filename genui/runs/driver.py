"""What a store has to do so that a log, threads and several processes can stand on it.

A driver knows tables and commands, and nothing of runs: order, limits, what is shown when, and who wakes
whom are decided above it, once for all stores (`journal.py`, `threads.py`, `peers.py`). All of its
coroutines may raise StoreError.

A *worker* is one process with one driver. It lives while it calls `beat` at least every `LEASE` seconds; a
run belongs to the worker that created it, until that worker is dead and another one takes it over.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import NamedTuple, Protocol

from genui.events import Json
from genui.runs.log import About, Entry

BEAT = 1.0
"""Seconds between two signs of life of a worker."""

LEASE = 5.0
"""Seconds after its last sign of life until a worker counts as dead."""


TAKEN = -1
"""Another worker has taken the run over."""


class Birth(NamedTuple):
    """A run that has begun."""

    run: str
    about: About


class Chunk(NamedTuple):
    """`length` events of one run, stored as one: `data` is their JSON joined by line ends, `first` the
    number of the first; `end` when the last of them is the run's last."""

    run: str
    first: int
    length: int
    data: bytes
    end: bool

    def entries(self) -> list[Entry]:
        """The events, numbered."""
        return [Entry(seq, data) for seq, data in enumerate(self.data.split(b"\n"), self.first)]


class Stored(NamedTuple):
    """What a store holds of a run: the number of its last event, whether that ends it, and of its chunks
    those that were asked for."""

    last: int
    finished: bool
    chunks: Sequence[Chunk]

    def entries(self, after: int) -> list[Entry]:
        """Of those chunks the events behind `after`, numbered."""
        return [entry for chunk in self.chunks for entry in chunk.entries() if entry.seq > after]


class Summary(NamedTuple):
    """A thread in a list. Times are seconds since the epoch."""

    id: str
    title: str
    owner: str | None
    created: float
    updated: float


class Document(NamedTuple):
    """A thread as it is stored: `head` is its state without the answers, each of which is stored by its
    run, in the order in which they began. Both are JSON. `version` rises with each change, from 1."""

    version: int
    summary: Summary
    head: str
    answers: Mapping[str, str]


class Ears(NamedTuple):
    """Whom a driver tells, in its event loop, of what others wrote: a chunk of a followed run, or that there
    may be news of it (None); a message to this worker."""

    chunk: Callable[[str, Chunk | None], None]
    mail: Callable[[Mapping[str, Json]], None]


class Driver(Protocol):
    """One process's way to a store."""

    worker: str
    """The name of this process among all that use the store."""

    async def open(self, ears: Ears) -> None:
        """Connect, and make what is missing. Raises CallerError (`bad-store`) where that can never work."""

    async def close(self) -> None:
        """Disconnect; this worker is dead from now on."""

    async def write(self, births: Sequence[Birth], chunks: Sequence[Chunk]) -> Mapping[str, int]:
        """Store all of it. Of the runs given back nothing was stored, for the store holds something else than
        what came before these chunks: with the number of its last event there (0 where the run is gone,
        and has to be born again), or with TAKEN."""

    async def fetch(self, run: str, after: int, limit: int) -> Stored | None:
        """How far it is stored, and the chunks from the one that holds event `after` + 1 on, about `limit`
        bytes, if there is one. None for a run that is unknown."""

    async def about(self, run: str) -> About | None:
        """What is known of a run."""

    async def forget(self, run: str) -> None:
        """Delete a finished run."""

    def follow(self, run: str) -> None:
        """Tell of this run from now on, and that there may be news as soon as that works."""

    def unfollow(self, run: str) -> None:
        """Tell of it no more."""

    async def beat(self) -> None:
        """Give a sign of life."""

    async def tidy(self) -> None:
        """What there is to do now and then, however long it takes: delete what is older than it need be
        kept."""

    async def orphans(self) -> Sequence[str]:
        """Live runs of other workers, which are dead; each is given to one worker only: to this one."""

    async def workers_of(self, runs: Sequence[str]) -> Mapping[str, str]:
        """Who writes each of these runs, asked all at once; those that are finished or unknown are left
        out."""

    async def send(self, worker: str, message: Mapping[str, Json]) -> bool:
        """A message to a worker; False when it is not there to hear it."""

    async def load(self, thread: str) -> Document | None:
        """A thread."""

    async def save(self, document: Document) -> bool:
        """Store a thread, and of its answers those that are given. False, and nothing is changed, when it
        was changed or deleted since it was loaded: when `version` is not one more than what is stored."""

    async def thread_of(self, run: str) -> str | None:
        """The thread that a run answers in."""

    async def threads(self, owner: str | None, limit: int, before: float | None) -> Sequence[Summary]:
        """An owner's threads (None: nobody's), the latest change first: those changed before `before`."""

    async def delete(self, thread: str) -> bool:
        """Delete a thread with its answers; False when there was none."""

    async def claim(self, key: str, value: str, seconds: float) -> str | None:
        """Set `key` to `value` for so long if it is not set; else what it is set to."""

    async def confirm(self, key: str, value: str, seconds: float) -> None:
        """Set it, whatever it was."""

    async def release(self, keys: Iterable[str]) -> None:
        """Unset them."""
