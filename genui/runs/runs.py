"""All runs of this process: started, followed, cancelled, and cancelled when nobody cares any more.

Where several workers share a store, what is asked here of a run that lives elsewhere is done there.
"""

from __future__ import annotations

import asyncio
import contextlib
import secrets
from collections import Counter
from collections.abc import AsyncIterator, Callable, Mapping

from genui.errors import CallerError
from genui.events import Event, Json, RunEnd, from_json
from genui.runs.follower import Follower
from genui.runs.inbox import Inbox
from genui.runs.journal import StoredLog
from genui.runs.log import About, Log, StoreError
from genui.runs.memory import MemoryLog
from genui.runs.peers import INTERRUPTED, Peers
from genui.runs.run import Around, Companion, Run, Stage

SETTLE_SECONDS = 3.0
"""How long a store that fails may hold up the end of the process."""


class Runs:
    """A run goes on without followers for `grace` seconds, then it is cancelled. A source that is
    cancelled has `patience` seconds to end."""

    def __init__(
        self,
        log: Log | None = None,
        *,
        grace: float = 30.0,
        patience: float = 5.0,
        peers: Peers | None = None,
    ) -> None:
        self._log = log if log is not None else MemoryLog()
        self._grace = grace
        self._patience = patience
        self._peers = peers
        self._live: dict[str, Run] = {}
        self._afar: Counter[str] = Counter()  # followers here of runs that may live elsewhere
        self._guests: set[Follower] = set()  # these followers
        self._closed = False
        self._empty = asyncio.Event()
        if isinstance(self._log, StoredLog):
            self._log.on_failure = self._cannot_store
            self._log.on_loss = self._lose

    def __len__(self) -> int:
        """How many runs are going on."""
        return len(self._live)

    async def open(self) -> None:
        """Where the store is shared with other workers: be known to them. Raises CallerError, StoreError."""
        if self._peers:
            await self._peers.open(self)

    def start(
        self,
        source: AsyncIterator[Event],
        *,
        run: str | None = None,
        thread: str | None = None,
        owner: str | None = None,
        stage: Stage | None = None,
        companion: Companion | None = None,
        hear: Callable[[Event], None] | None = None,
        inbox: Inbox | None = None,
    ) -> Run:
        """Set a source going, with what stands around it (see Around), under ids that are new or given.
        `owner` is recorded. Must be called in an event loop.

        Raises CallerError (`shutting-down`, 503) after `close`.
        """
        self.check_open()
        around = Around(stage, companion, hear, inbox)
        begun = Run(run or new_id("run"), thread or new_id("thread"), self._log, around, self._forget)
        self._live[begun.id] = begun
        begun.begin(source, owner)
        self._await_followers(begun, self._grace)
        return begun

    def check_open(self) -> None:
        """Raises CallerError (`shutting-down`, 503) after `close`."""
        if self._closed:
            raise CallerError("shutting-down", "The server is shutting down; try again in a moment.", 503)

    def get(self, run_id: str) -> Run | None:
        """The run of this id, if it is going on here."""
        return self._live.get(run_id)

    async def settle(self, run_id: str) -> None:
        """Returns when other workers know of this run: at once where there are none."""
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(self._log.settle(run_id), SETTLE_SECONDS)

    async def about(self, run_id: str) -> About:
        """Which thread a run answers in, and whose it is. Raises UnknownRunError."""
        return await self._log.about(run_id)

    async def follow(self, run_id: str, after: int = 0) -> Follower:
        """A follower of that run from the event after number `after` on. Close it, or leave its context.

        Raises UnknownRunError, and PositionError when there was never an event `after`.
        """
        run = self._live.get(run_id)
        follower = Follower(self._log, run_id, after, lambda: self._left(run_id, run, follower))
        self._joined(run_id, run, follower)
        try:
            await follower.look_ahead()
        except BaseException:
            follower.close()
            raise
        return follower

    async def evict(self, run_id: str) -> None:
        """Forget the events of a finished run. Raises UnknownRunError."""
        await self._log.evict(run_id)

    async def cancel(self, run_id: str) -> None:
        """End a run now, wherever it lives; its source is closed when this returns. No harm to one that has
        ended.

        Raises UnknownRunError.
        """
        run = self._live.get(run_id)
        if run is not None:
            run.cut(RunEnd("cancelled"), self._patience)
            await run.ended.wait()
        elif self._peers:
            await self._peers.cancel(run_id)
        else:
            await self._log.about(run_id)

    async def tell(self, run_id: str, message: Mapping[str, Json]) -> bool:
        """Tell the source of a run something, wherever it lives: it finds the message in its inbox. False
        when it cannot: it has no inbox or too much unread in it, or it has ended.

        Raises UnknownRunError.
        """
        run = self._live.get(run_id)
        if run is not None:
            return run.tell(message)
        if self._peers:
            return await self._peers.tell(run_id, message)
        await self._log.about(run_id)
        return False

    async def so_far(self, run_id: str) -> list[Event]:
        """The events that a run has written until now. Raises UnknownRunError."""
        events: list[Event] = []
        after = 0
        while entries := (await self._log.read(run_id, after)).entries:
            events += [from_json(entry.data) for entry in entries]
            after = entries[-1].seq
        return events

    def hold(self, run_id: str, held: bool) -> None:
        """Whether a run waits for somebody: it then goes on however long nobody follows it."""
        if run := self._live.get(run_id):
            run.held = held

    async def close(self, drain: float = 0.0) -> None:
        """Start no more runs, and send away who follows runs of other workers. Runs have `drain` seconds to
        end; those that go on then end with the error `interrupted`. Returns when all is stored."""
        self._closed = True
        for follower in list(self._guests):
            follower.close()
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(self._all_ended(), drain)
        runs = list(self._live.values())
        for run in runs:
            run.cut(RunEnd("error", INTERRUPTED), self._patience)
        await asyncio.gather(*(run.ended.wait() for run in runs))
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(self._log.settle(), SETTLE_SECONDS)
        if self._peers:
            await self._peers.close()

    def followed_afar(self, run_id: str) -> None:
        """Another worker has followers of this run."""
        if run := self._live.get(run_id):
            run.heard_afar = asyncio.get_running_loop().time()

    def following_afar(self) -> list[str]:
        """Runs of other workers that are followed here."""
        return list(self._afar)

    async def _all_ended(self) -> None:
        while self._live:
            self._empty.clear()
            await self._empty.wait()

    def _forget(self, run: Run) -> None:
        del self._live[run.id]
        if not self._live:
            self._empty.set()

    def _joined(self, run_id: str, run: Run | None, follower: Follower) -> None:
        if run is None:
            self._afar[run_id] += 1
            self._guests.add(follower)
            return
        run.followers += 1
        if run.grace is not None:
            run.grace.cancel()

    def _left(self, run_id: str, run: Run | None, follower: Follower) -> None:
        if run is None:
            self._guests.discard(follower)
            self._afar[run_id] -= 1
            if not self._afar[run_id]:
                del self._afar[run_id]
            return
        run.followers -= 1
        if not run.followers and not run.ended.is_set():
            self._await_followers(run, self._grace)

    def _await_followers(self, run: Run, seconds: float) -> None:
        run.grace = asyncio.get_running_loop().call_later(seconds, self._end_forlorn, run)

    def _end_forlorn(self, run: Run) -> None:
        left = self._grace if run.held else run.heard_afar + self._grace - asyncio.get_running_loop().time()
        if left > 0:
            self._await_followers(run, left)
        else:
            run.cut(RunEnd("cancelled"), self._patience)

    def _cannot_store(self, runs: list[str], error: StoreError) -> None:
        for run in runs:
            if live := self._live.get(run):
                live.cut(RunEnd("error", error.as_dict()), self._patience)

    def _lose(self, run_id: str) -> None:
        if run := self._live.get(run_id):
            run.cut(RunEnd("error", INTERRUPTED), self._patience)


def new_id(kind: str) -> str:
    """An id that cannot be guessed: 128 random bits behind the kind of thing it names."""
    return f"{kind}_{secrets.token_urlsafe(16)}"
