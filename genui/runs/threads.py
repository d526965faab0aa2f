"""Conversations: what was said in a thread, and what was answered.

Two designs were weighed.

1. A thread is a list of questions and ids of runs; an answer is read out of its run's log whenever it is
   wanted. Nothing is stored twice. But a log holds every delta and is forgotten after an hour, so the
   conversation would be too; and each turn would read all logs of its thread again.
2. A thread holds its answers: each run's events, boiled down when it ends to the few that show the same
   (`Answer`). That is stored beside the log, a small part of its size; the log is then only for those who
   follow a run, and may forget.

The second it is: a form may be sent off an hour later, and a conversation may be read a year later. A
worker that dies leaves a turn whose answer is missing; it can be boiled down from the log by whoever
closes that run, for the log is still there.

One run at a time answers in a thread. A turn that failed stands until the same is said again, which then
takes its place: that is what trying again means.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Literal, NamedTuple, Protocol, TypeAlias

from genui.errors import CallerError
from genui.events import Event, Json, RunEnd, to_json
from genui.runs.answer import Answer


class Act(NamedTuple):
    """What a reader did with a component of an earlier answer; `of` is the component's name."""

    run: str
    component: str
    action: str
    values: dict[str, Json]
    of: str


@dataclass(frozen=True, slots=True)
class Said:
    """A message that came from outside: the user's, or history that a client brought along."""

    role: Literal["user", "assistant", "system"]
    content: str
    act: Act | None = None


@dataclass(frozen=True, slots=True)
class Answered:
    """An answer of ours. While its run goes on, `end` is None and `events` is empty: follow the run."""

    run: str
    events: tuple[Event, ...] = ()
    end: RunEnd | None = None


Turn: TypeAlias = Said | Answered


class UnknownThreadError(CallerError):
    """No thread has this id, or it was forgotten."""

    def __init__(self) -> None:
        message = "There is no thread with this id, or it is forgotten; send the whole conversation."
        super().__init__("unknown-thread", message, 404)


class ThreadBusyError(CallerError):
    """A run is answering in this thread."""

    def __init__(self) -> None:
        message = "An answer in this thread is still running: wait for its end, or cancel it."
        super().__init__("thread-busy", message, 409)


class Threads(Protocol):
    """Where threads are kept. `begin` decides and writes in one step, whoever else asks at the same time."""

    async def read(self, thread: str) -> Sequence[Turn]:
        """All its turns, in order. Raises UnknownThreadError."""

    async def answer(self, run: str) -> tuple[str, Answered]:
        """The thread that a run answered in, and its answer, even when a client has since replaced the
        conversation. Raises CallerError (`unknown-run`)."""

    async def begin(
        self, thread: str, said: Sequence[Said], run: str, *, replace: bool, once: bool = False
    ) -> Sequence[Turn]:
        """Say something in a thread, which `run` will answer; all turns up to it. `replace`: what is said
        is the whole conversation. `once`: the last turn's act must be the first of its kind.

        Raises ThreadBusyError while another run answers (but not to who replaces), and CallerError
        (`action-taken`, `thread-too-large`).
        """

    def finish(self, thread: str, run: str, answer: Answer) -> None:
        """The run has ended. Does not wait: what is slow is written behind."""


@dataclass(slots=True)
class _Thread:
    turns: list[Turn] = field(default_factory=list)
    answers: dict[str, Answered] = field(default_factory=dict)
    taken: dict[tuple[str, str, str], str] = field(default_factory=dict)  # what was done once, by which run
    size: int = 0


class MemoryThreads:
    """Threads of this process. The longest untouched are forgotten first; one that is being answered is not.

    `thread_bytes` bounds one thread, `keep_threads` and `keep_bytes` all together.
    """

    def __init__(
        self, *, thread_bytes: int = 8_000_000, keep_threads: int = 1000, keep_bytes: int = 64_000_000
    ) -> None:
        self._thread_bytes = thread_bytes
        self._keep_threads = keep_threads
        self._keep_bytes = keep_bytes
        self._threads: OrderedDict[str, _Thread] = OrderedDict()
        self._by_run: dict[str, str] = {}
        self._size = 0

    async def read(self, thread: str) -> Sequence[Turn]:
        return tuple(self._known(thread).turns)

    async def answer(self, run: str) -> tuple[str, Answered]:
        thread = self._by_run.get(run)
        if thread is None:
            raise CallerError("unknown-run", "There is no run with this id, or it is forgotten.", 404)
        return thread, self._threads[thread].answers[run]

    async def begin(
        self, thread: str, said: Sequence[Said], run: str, *, replace: bool, once: bool = False
    ) -> Sequence[Turn]:
        found = self._threads.get(thread) or _Thread()
        turns = [] if replace else _without_failure(found.turns, said)
        act = said[-1].act if once else None
        self._check(found, turns, said, act)
        self._threads[thread] = found
        self._threads.move_to_end(thread)
        if act:
            found.taken[act[:3]] = run
        found.turns = [*turns, *said, Answered(run)]
        found.answers[run] = Answered(run)
        self._by_run[run] = thread
        self._grow(found, sum(map(_size, said)))
        return tuple(found.turns[:-1])

    def finish(self, thread: str, run: str, answer: Answer) -> None:
        found = self._threads.get(thread)
        if found is None or run not in found.answers:
            return
        answered = found.answers[run] = Answered(run, tuple(answer.events()), answer.end)
        found.turns = [answered if _is_run(turn, run) else turn for turn in found.turns]
        if _failed(answered):
            found.taken = {act: by for act, by in found.taken.items() if by != run}
        self._grow(found, _size(answered))

    def _check(self, found: _Thread, turns: Sequence[Turn], said: Sequence[Said], act: Act | None) -> None:
        if turns and isinstance(turns[-1], Answered) and turns[-1].end is None:
            raise ThreadBusyError
        if act and act[:3] in found.taken:
            raise CallerError("action-taken", "This was already done; it can be done once.", 409)
        if found.size + sum(map(_size, said)) > self._thread_bytes:
            message = "This conversation has become too long to go on; begin a new one."
            raise CallerError("thread-too-large", message, 413)

    def _known(self, thread: str) -> _Thread:
        if thread not in self._threads:
            raise UnknownThreadError
        self._threads.move_to_end(thread)
        return self._threads[thread]

    def _grow(self, found: _Thread, size: int) -> None:
        found.size += size
        self._size += size
        for name in [name for name, thread in self._threads.items() if thread is not found]:
            if len(self._threads) <= self._keep_threads and self._size <= self._keep_bytes:
                return
            self._forget(name)

    def _forget(self, name: str) -> None:
        thread = self._threads[name]
        if any(answered.end is None for answered in thread.answers.values()):
            return
        del self._threads[name]
        self._size -= thread.size
        for run in thread.answers:
            del self._by_run[run]


def _without_failure(turns: Sequence[Turn], said: Sequence[Said]) -> Sequence[Turn]:
    """The turns to go on from: without the last one, when it failed and the same is said again."""
    if len(turns) >= 2 and _failed(turns[-1]) and turns[-2] == said[-1]:
        return turns[:-2]
    return turns


def _failed(turn: Turn) -> bool:
    return isinstance(turn, Answered) and turn.end is not None and turn.end.reason == "error"


def _is_run(turn: Turn, run: str) -> bool:
    return isinstance(turn, Answered) and turn.run == run


def _size(turn: Turn) -> int:
    """About how many bytes a turn holds."""
    if isinstance(turn, Said):
        return len(turn.content) + len(str(turn.act or ""))
    return sum(len(to_json(event)) for event in turn.events)
