"""All runs of this process: started, followed, cancelled, and cancelled when nobody cares any more."""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import AsyncIterator, Callable, Mapping

from genui.errors import CallerError
from genui.events import Event, Json
from genui.runs.follower import Follower
from genui.runs.log import Log
from genui.runs.memory import MemoryLog
from genui.runs.run import Around, Companion, Inbox, Run, Stage


class Runs:
    """A run goes on without followers for `grace` seconds, then it is cancelled. A source that is
    cancelled has `patience` seconds to end."""

    def __init__(self, log: Log | None = None, *, grace: float = 30.0, patience: float = 5.0) -> None:
        self._log = log if log is not None else MemoryLog()
        self._grace = grace
        self._patience = patience
        self._live: dict[str, Run] = {}
        self._closed = False

    def __len__(self) -> int:
        """How many runs are going on."""
        return len(self._live)

    def start(
        self,
        source: AsyncIterator[Event],
        *,
        run: str | None = None,
        thread: str | None = None,
        stage: Stage | None = None,
        companion: Companion | None = None,
        hear: Callable[[Event], None] | None = None,
        inbox: Inbox | None = None,
    ) -> Run:
        """Set a source going, with what stands around it (see Around), under ids that are new or given.
        Must be called in an event loop.

        Raises CallerError (`shutting-down`, 503) after `close`.
        """
        self.check_open()
        around = Around(stage, companion, hear, inbox)
        begun = Run(run or new_id("run"), thread or new_id("thread"), self._log, around, self._forget)
        self._live[begun.id] = begun
        begun.begin(source)
        self._await_followers(begun)
        return begun

    def check_open(self) -> None:
        """Raises CallerError (`shutting-down`, 503) after `close`."""
        if self._closed:
            raise CallerError("shutting-down", "The server is shutting down; try again in a moment.", 503)

    def get(self, run_id: str) -> Run | None:
        """The run of this id, if it is going on."""
        return self._live.get(run_id)

    async def follow(self, run_id: str, after: int = 0) -> Follower:
        """A follower of that run from the event after number `after` on. Close it, or leave its context.

        Raises UnknownRunError, and PositionError when there was never an event `after`.
        """
        run = self._live.get(run_id)
        follower = Follower(self._log, run_id, after, lambda: self._left(run))
        self._joined(run)
        try:
            await follower.look_ahead()
        except BaseException:
            follower.close()
            raise
        return follower

    async def cancel(self, run_id: str) -> None:
        """End a run now; its source is closed when this returns. No harm to one that has ended.

        Raises UnknownRunError.
        """
        run = self._live.get(run_id)
        if run is None:
            await self._log.read(run_id, 0)
            return
        run.cancel(self._patience)
        await run.ended.wait()

    async def tell(self, run_id: str, message: Mapping[str, Json]) -> bool:
        """Tell the source of a run something: it finds the message in its inbox. False when it cannot: it
        has no inbox or too much unread in it, or it has ended.

        Raises UnknownRunError.
        """
        run = self._live.get(run_id)
        if run is None:
            await self._log.read(run_id, 0)
            return False
        return run.tell(message)

    async def close(self) -> None:
        """Cancel all runs, wait for their ends, and start no more."""
        self._closed = True
        runs = list(self._live.values())
        for run in runs:
            run.cancel(self._patience)
        await asyncio.gather(*(run.ended.wait() for run in runs))

    def _forget(self, run: Run) -> None:
        del self._live[run.id]

    def _joined(self, run: Run | None) -> None:
        if run is not None:
            run.followers += 1
            if run.grace is not None:
                run.grace.cancel()

    def _left(self, run: Run | None) -> None:
        if run is not None:
            run.followers -= 1
            if not run.followers and not run.ended.is_set():
                self._await_followers(run)

    def _await_followers(self, run: Run) -> None:
        loop = asyncio.get_running_loop()
        run.grace = loop.call_later(self._grace, run.cancel, self._patience)


def new_id(kind: str) -> str:
    """An id that cannot be guessed: 128 random bits behind the kind of thing it names."""
    return f"{kind}_{secrets.token_urlsafe(16)}"
