"""The other workers on the same store: what one asks of another, and who looks after the runs of the dead.

A run lives in one worker; a request may reach any. Following needs nobody's help, for the log is shared.
To cancel a run or tell it something, a message goes to its worker, and an answer comes back. That somebody
follows a run from afar is told again with every beat: so a worker that dies is forgotten by itself, and the
grace period begins with the last time it was heard of.

Every beat, each worker looks for live runs whose worker is dead, takes them over (the store gives each to
one) and closes them: with all that was written, and the error `interrupted`.
"""

from __future__ import annotations

import asyncio
import itertools
import logging
import time
from collections.abc import Awaitable, Callable, Mapping
from typing import Protocol

from genui.errors import CallerError
from genui.events import Failure, Json, RunEnd, from_json, to_json
from genui.runs.answer import Answer
from genui.runs.driver import BEAT, LEASE, TAKEN, Chunk, Driver, Ears
from genui.runs.ending import end_tasks
from genui.runs.journal import StoredLog
from genui.runs.log import BATCH_BYTES, StoreError, UnknownRunError
from genui.runs.threads import Threads

log = logging.getLogger("genui.runs")

INTERRUPTED: Failure = {
    "code": "interrupted",
    "message": "The server stopped before this answer was complete; ask again.",
}

ANSWER_SECONDS = 10.0
"""How long another worker may take to answer: a run that is cancelled has its patience to end."""


class Host(Protocol):
    """What a worker does for others: `Runs`."""

    async def cancel(self, run_id: str) -> None: ...

    async def tell(self, run_id: str, message: Mapping[str, Json]) -> bool: ...

    def followed_afar(self, run_id: str) -> None: ...

    def following_afar(self) -> list[str]: ...


class Peers:
    """Opens the driver and works until `close`. `beat` is in seconds."""

    def __init__(self, driver: Driver, events: StoredLog, threads: Threads, *, beat: float = BEAT) -> None:
        self._driver = driver
        self._log = events
        self._threads = threads
        self._beat = beat
        self._host: Host | None = None
        self._keepers: list[asyncio.Task[None]] = []
        self._tasks: set[asyncio.Task[None]] = set()
        self._asked: dict[str, asyncio.Future[bool]] = {}
        self._numbers = itertools.count()
        self._orphans: set[str] = set()
        self._signed = 0.0
        self._patient_until = 0.0

    async def open(self, host: Host) -> None:
        """Raises CallerError (`bad-store`), StoreError."""
        self._host = host
        await self._driver.open(Ears(self._log.hear, self._hear))
        self._signed = time.time()
        # Each on its own: a sign of life must not wait until all else is done, however much that is.
        self._keepers = [
            asyncio.create_task(self._repeat(duty), name="genui keeper")
            for duty in (self._sign, self._tell_followed, self._bury, self._driver.tidy)
        ]

    async def close(self) -> None:
        """Safe without `open`, and again."""
        if not self._keepers:
            return
        await end_tasks((*self._keepers, *self._tasks))
        self._keepers = []
        await self._log.close()
        await self._driver.close()

    async def cancel(self, run: str) -> None:
        """Have a run ended that is not here. Raises UnknownRunError, and CallerError (`worker-silent`)."""
        if await self._ask(run, {"do": "cancel"}) is None:
            raise CallerError("worker-silent", "The worker that runs it does not answer; try again.", 503)

    async def tell(self, run: str, message: Mapping[str, Json]) -> bool:
        """Tell a run something that is not here; False when it could not be told. Raises UnknownRunError."""
        return bool(await self._ask(run, {"do": "tell", "message": message}))

    async def _ask(self, run: str, message: Mapping[str, Json]) -> bool | None:
        """The answer of the worker of a live run; False when the run is over, None when none came."""
        worker = (await self._driver.workers_of([run])).get(run)
        if worker is None:
            await self._log.about(run)
            return False
        if worker == self._driver.worker:  # it has ended here, and only its end is not stored yet
            await self._log.settle(run)
            return False
        name = f"{self._driver.worker}/{next(self._numbers)}"
        answer = self._asked[name] = asyncio.get_running_loop().create_future()
        try:
            asked = {**message, "run": run, "from": self._driver.worker, "name": name}
            if not await self._driver.send(worker, asked):
                return None
            return await asyncio.wait_for(answer, ANSWER_SECONDS)
        except TimeoutError:
            return None
        finally:
            del self._asked[name]

    def _hear(self, message: Mapping[str, Json]) -> None:
        if message["do"] == "answer":
            asked = self._asked.get(message["name"])
            if asked is not None and not asked.done():
                asked.set_result(message["ok"])
        elif message["do"] == "follow":
            for run in message["runs"]:
                self._worked_for.followed_afar(run)
        else:
            self._work(self._oblige(message))

    async def _oblige(self, message: Mapping[str, Json]) -> None:
        try:
            done = True
            if message["do"] == "cancel":
                await self._worked_for.cancel(message["run"])
                await self._log.settle(message["run"])
            else:
                done = await self._worked_for.tell(message["run"], message["message"])
        except UnknownRunError:
            done = False
        await self._driver.send(message["from"], {"do": "answer", "name": message["name"], "ok": done})

    async def _repeat(self, duty: Callable[[], Awaitable[None]]) -> None:
        while True:
            try:
                await duty()
            except StoreError as error:
                log.warning("the store failed: %s", error)
            except Exception:
                log.exception("looking after the store failed")
            await asyncio.sleep(self._beat)

    async def _tell_followed(self) -> None:
        followed = self._worked_for.following_afar()
        if not followed:
            return
        by_worker: dict[str, list[str]] = {}
        for run, worker in (await self._driver.workers_of(followed)).items():
            by_worker.setdefault(worker, []).append(run)
        for worker, runs in by_worker.items():
            await self._driver.send(worker, {"do": "follow", "runs": runs})

    async def _sign(self) -> None:
        await self._driver.beat()
        if self._is_late():
            # The store was away, or this machine asleep: so perhaps for the others, who are not dead.
            self._patient_until = time.time() + LEASE
        self._signed = time.time()

    def _is_late(self) -> bool:
        return time.time() - self._signed > 2 * self._beat + 1

    async def _bury(self) -> None:
        """Close what dead workers left behind; what cannot be closed now is tried again."""
        if self._is_late() or time.time() < self._patient_until:
            return  # who cannot give a sign of life cannot tell who is dead
        self._orphans.update(await self._driver.orphans())
        for run in list(self._orphans):
            try:
                await self._close_run(run)
            except StoreError as error:
                log.warning("run %s, whose worker died, cannot be closed yet: %s", run, error)
                continue
            except Exception:  # trying again would not help
                log.exception("run %s, whose worker died, cannot be closed", run)
            self._orphans.discard(run)

    async def _close_run(self, run: str) -> None:
        answer, last, odd = Answer(), 0, {run: 0}
        while odd:
            stored = await self._driver.fetch(run, last, BATCH_BYTES)  # the log may not have heard of all
            if stored is None:
                raise UnknownRunError
            entries = stored.entries(last)
            for entry in entries:
                answer.add(from_json(entry.data))
            last = entries[-1].seq if entries else stored.last
            if stored.finished and last == stored.last:
                return
            if entries:
                continue
            end = RunEnd("error", INTERRUPTED)
            answer.add(end)
            about = await self._log.about(run)
            self._threads.finish(about.thread, run, answer)
            await self._threads.settle()
            chunk = Chunk(run, last + 1, 1, to_json(end).encode(), True)
            odd = dict(await self._driver.write([], [chunk]))
            if odd.get(run) == TAKEN:  # its worker, or another heir, was not dead after all
                return
        log.warning("run %s was closed: its worker died", run)

    @property
    def _worked_for(self) -> Host:
        assert self._host is not None, "open"  # noqa: S101
        return self._host

    def _work(self, coroutine: Awaitable[None]) -> None:
        task = asyncio.ensure_future(coroutine)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
