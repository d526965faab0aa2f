"""One run: a task that belongs to no connection, and the log it writes.

Whatever happens, the log of a run is `run-start`, events, and one `run-end`. The first is written before
the task exists, the last when it is over, by a callback and not by the task itself: a task that is
cancelled before its first step never executes a line.

| the source | the run ends with |
| --- | --- |
| gives a RunEnd | that; it is closed, and nothing it might still give is read |
| ends without one | stop |
| raises a GenUIError | error, with its code and message |
| raises anything else | error `internal`: the logger gets the traceback, the user no detail |
| is cancelled | cancelled, after what it gives while it is being cancelled |
| does not end when cancelled | cancelled, when patience is over; what it still gives is dropped |
| is cut for another reason: the server stops, the store fails | that error, in the same way |

A companion may work beside the source and add events of its own. Once the source has given its RunEnd,
the run waits for the companion; cancelled while it does, it ends as the source said.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import math
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Protocol

from genui.errors import GenUIError
from genui.events import AnswerEnd, Event, Failure, Json, RunEnd, RunStart, to_json
from genui.runs.inbox import Inbox
from genui.runs.log import Log, UnknownRunError

log = logging.getLogger("genui.runs")


class Stage(Protocol):
    """What may stand between a source and the log, and change what passes. Times are seconds of one
    monotonic clock."""

    def feed(self, event: Event, now: float) -> Sequence[Event]:
        """What to write for this event. For RunEnd, the last call, that is everything left and the end."""

    def due(self) -> float | None:
        """When `tick` has something to say though nothing is fed; None: not as things stand."""

    def tick(self, now: float) -> Sequence[Event]:
        """What has become due."""


class Companion(Protocol):
    """What works beside a source and adds events of its own to the run."""

    def hear(self, event: Event, say: Callable[[Event], None]) -> None:
        """An event of the source, before it is written. What is said is written at once, whenever."""

    @property
    def busy(self) -> bool:
        """Whether it may have something to say."""

    async def finish(self) -> None:
        """The source has ended; returns when there is nothing more to say. May be cancelled."""

    async def close(self) -> None:
        """End whatever still works."""

    def conclude(self, end: RunEnd) -> RunEnd:
        """The run's last event, with what it adds to it."""


@dataclass(frozen=True, slots=True)
class Around:
    """What may stand around a source: all of it optional.

    `stage` changes what passes, `companion` adds to it; `hear` is told each event, of the source and of
    the companion, as it is before the stage, RunEnd as the last. `inbox` is what the
    source was given to be told something while it runs.
    """

    stage: Stage | None = None
    companion: Companion | None = None
    hear: Callable[[Event], None] | None = None
    inbox: Inbox | None = None


class Run:
    """A live run. Made by `Runs.start`."""

    def __init__(
        self, run_id: str, thread: str, store: Log, around: Around, on_end: Callable[[Run], None]
    ) -> None:
        self.id = run_id
        self.thread = thread
        self.followers = 0
        self.held = False
        """It waits for somebody, and so does not end though nobody follows it."""
        self.ended = asyncio.Event()
        self.grace: asyncio.TimerHandle | None = None
        self._log = store
        self._stage = around.stage
        self._companion = around.companion
        self._hear = around.hear
        self._inbox = around.inbox
        self.heard_afar = -math.inf  # when another worker last told of followers there
        self._answer: RunEnd | None = None  # what the source ended with
        self._cut: RunEnd | None = None  # it was cut before it ended, and how it ends therefore
        self._on_end = on_end
        self._loop = asyncio.get_running_loop()
        self._due: asyncio.TimerHandle | None = None
        self._patience: asyncio.TimerHandle | None = None
        self._task: asyncio.Task[None] | None = None

    def begin(self, source: AsyncIterator[Event], owner: str | None) -> None:
        """Write run-start and set the source going."""
        self._log.create(self.id, self.thread, owner)
        self._write(RunStart(self.id, self.thread))
        self._task = self._loop.create_task(self._drain(source), name=f"genui run {self.id}")
        self._task.add_done_callback(self._settle)

    def cut(self, end: RunEnd, patience: float) -> None:
        """Interrupt the source at once, and end with `end`; after `patience` seconds whether it has ended or
        not."""
        if self._task is None or self.ended.is_set() or self._patience is not None:
            return
        self._patience = self._loop.call_later(patience, self._give_up)
        self._cut = None if self._answer else end
        self._task.cancel()

    def tell(self, message: Mapping[str, Json]) -> bool:
        """Put a message into the source's inbox; False if it has none, has ended or reads too slowly."""
        if self._inbox is None or self._inbox.full() or self.answered or self.ended.is_set():
            return False
        self._inbox.put_nowait(message)
        return True

    @property
    def answered(self) -> bool:
        """The source has ended: at most the companion is still at work."""
        return self._answer is not None

    async def _drain(self, source: AsyncIterator[Event]) -> None:
        try:
            await self._read(source)
            if self._companion and self._companion.busy and not self._cut:
                self._say(AnswerEnd())
                await self._companion.finish()
        finally:
            if self._companion:
                await self._companion.close()

    async def _read(self, source: AsyncIterator[Event]) -> None:
        end = RunEnd("stop")
        try:
            async for event in source:
                if self.ended.is_set():
                    break
                if isinstance(event, RunEnd):
                    end = event
                    break
                if not isinstance(event, RunStart):  # a source may be a whole stream; a run starts itself
                    if self._companion:
                        self._companion.hear(event, self._say)
                    self._emit(event)
        finally:
            await _close(source)
        self._answer = end

    def _say(self, event: Event) -> None:
        """Write what the companion has to say."""
        if not self.ended.is_set():
            with contextlib.suppress(GenUIError):  # the log is full: the source meets the same, or is over
                self._emit(event)

    def _emit(self, event: Event) -> None:
        if self._hear:
            self._hear(event)
        if self._stage is None:
            self._write(event)
            return
        self._write(*self._stage.feed(event, self._loop.time()))
        self._schedule()

    def _schedule(self) -> None:
        """Set the timer, if the stage wants one and none is running."""
        if self._due is None and self._stage and (due := self._stage.due()) is not None:
            self._due = self._loop.call_at(due, self._tick, self._stage)

    def _tick(self, stage: Stage) -> None:
        self._due = None
        try:
            self._write(*stage.tick(self._loop.time()))
        except GenUIError:
            return  # the log is full: the source's next event meets the same and ends the run
        self._schedule()

    def _write(self, *events: Event) -> None:
        for event in events:
            self._log.append(self.id, to_json(event).encode())

    def _settle(self, task: asyncio.Task[None]) -> None:
        """The task is over: write how."""
        error = None if task.cancelled() else task.exception()
        if self._answer is not None and error is not None:
            log.error("run %s: its companion failed", self.id, exc_info=error)
        self._end(self._ending(task.cancelled(), error))

    def _ending(self, cancelled: bool, error: BaseException | None) -> RunEnd:
        if self._answer is not None and not self._cut:
            return self._companion.conclude(self._answer) if self._companion else self._answer
        if self._cut or cancelled:
            usage = self._answer.usage if self._answer else None
            return replace(self._cut or RunEnd("cancelled"), usage=usage)
        return RunEnd("error", self._failure(error))

    def _failure(self, error: BaseException | None) -> Failure:
        if isinstance(error, GenUIError):
            return error.as_dict()
        log.error("run %s failed", self.id, exc_info=error)
        return {"code": "internal", "message": "internal error"}

    def _give_up(self) -> None:
        log.warning("run %s does not end though it was cancelled", self.id)
        self._end(self._ending(cancelled=True, error=None))

    def _end(self, end: RunEnd) -> None:
        if self.ended.is_set():
            return
        self.ended.set()
        for timer in (self.grace, self._due, self._patience):
            if timer is not None:
                timer.cancel()
        with contextlib.suppress(GenUIError):  # the log is full: the end itself is always taken
            self._write(*self._last_words(end))
        try:
            if self._hear:
                self._hear(end)  # first: who reads the end finds that everybody else knows of it
        except Exception:
            log.exception("run %s: who was to hear of its end failed", self.id)
        with contextlib.suppress(UnknownRunError):  # taken over by another worker
            self._log.finish(self.id, to_json(end).encode())
        self._on_end(self)

    def _last_words(self, end: RunEnd) -> Sequence[Event]:
        """What the stage still held back."""
        if self._stage is None:
            return ()
        try:
            return [event for event in self._stage.feed(end, self._loop.time()) if event is not end]
        except Exception:
            log.exception("run %s: the stage failed at its end", self.id)
            return ()


async def _close(source: AsyncIterator[Event]) -> None:
    aclose = getattr(source, "aclose", None)
    if aclose is None:
        return
    try:
        await aclose()
    except Exception:
        log.exception("a run's source failed while it was closed")
