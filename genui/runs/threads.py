"""Conversations: what was said in a thread, and what was answered.

Two designs were weighed.

1. A thread is a list of questions and ids of runs; an answer is read out of its run's log whenever it is
   wanted. Nothing is stored twice. But a log holds every delta and is forgotten after a while, so the
   conversation would be too; and each turn would read all logs of its thread again.
2. A thread holds its answers: each run's events, boiled down when it ends to the few that show the same
   (`Answer`). That is stored beside the log, a small part of its size; the log is then only for those who
   follow a run, and may forget.

The second it is: a form may be sent off an hour later, and a conversation may be read a year later. A
worker that dies leaves a turn whose answer is missing; whoever closes its run boils that down from the log.

One run at a time answers in a thread. A turn that failed stands until the same is said again, which then
takes its place: that is what trying again means.

The rules are `Conversation`'s, the same in every store. A store keeps documents with a version: a change is
made to what was read, and made again when somebody else was faster.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import time
from collections.abc import Callable, Mapping, Sequence
from typing import NamedTuple, Protocol, TypeVar

from genui.errors import CallerError
from genui.runs.answer import Answer
from genui.runs.conversation import (
    Answered,
    Conversation,
    Said,
    Turn,
    UnknownThreadError,
    answer_json,
    conversation_of,
    head_json,
)
from genui.runs.driver import Document, Summary
from genui.runs.log import StoreError

log = logging.getLogger("genui.runs")

T = TypeVar("T")


def _now() -> float:
    """Seconds since the epoch, in whole microseconds: as exact as a time on the wire."""
    return round(time.time(), 6)


class Shelf(Protocol):
    """Where documents stand: the part of a Driver that threads need."""

    async def load(self, thread: str) -> Document | None: ...

    async def save(self, document: Document) -> bool: ...

    async def thread_of(self, run: str) -> str | None: ...

    async def threads(self, owner: str | None, limit: int, before: float | None) -> Sequence[Summary]: ...

    async def delete(self, thread: str) -> bool: ...


class Thread(NamedTuple):
    """A thread as it is read. Times are seconds since the epoch."""

    about: Summary
    turns: tuple[Turn, ...]


class Threads:
    """The threads on a shelf. `thread_bytes` bounds one. Every coroutine may raise StoreError."""

    def __init__(
        self, shelf: Shelf, *, thread_bytes: int = 8_000_000, clock: Callable[[], float] = _now
    ) -> None:
        self._shelf = shelf
        self._thread_bytes = thread_bytes
        self._clock = clock
        self._ended: dict[str, tuple[str, Answer]] = {}  # by run: ends that are not stored yet, and where
        self._storing = asyncio.Lock()
        self._tasks: set[asyncio.Task[None]] = set()

    async def read(self, thread: str) -> Thread:
        """A thread. Raises UnknownThreadError."""
        document, conversation = await self._load(thread)
        return Thread(document.summary, conversation.turns)

    async def answer(self, run: str) -> tuple[Summary, Answered]:
        """The thread that a run answered in, and its answer, even when a client has since replaced the
        conversation. Raises CallerError (`unknown-run`)."""
        thread = await self._shelf.thread_of(run)
        if thread is None:
            raise CallerError("unknown-run", "There is no run with this id, or it is forgotten.", 404)
        document, conversation = await self._load(thread)
        if run not in conversation.answers:  # somebody else was faster to say something
            raise CallerError("unknown-run", "There is no run with this id, or it is forgotten.", 404)
        return document.summary, conversation.answers[run]

    async def begin(
        self,
        thread: str,
        said: Sequence[Said],
        run: str,
        *,
        replace: bool,
        keep: int = 0,
        after: str | None = None,
        owner: str | None = None,
        known: bool = False,
    ) -> Sequence[Turn]:
        """Say something in a thread, which `run` will answer; all turns up to it. `replace`: what is said
        is the whole conversation, or all that follows its first `keep` turns. `after`: it is said after the
        answer of that run (START: first of all), and takes the place of what was said there; what was done
        once in that can be done again. `owner` is recorded when the thread is new, and must be the same when
        it is not. `known`: it is not new.

        Raises UnknownThreadError for somebody else's or one that must be known and is not,
        ThreadBusyError while another run answers (but not to
        who replaces), and CallerError (`action-taken`, `thread-too-large`, `unknown-run`).
        """

        def say(conversation: Conversation) -> Sequence[Turn]:
            if conversation.owner != owner:
                raise UnknownThreadError
            conversation.begin(said, run, keep if replace else None, after, self._thread_bytes)
            return conversation.turns[:-1]

        new = None if known else Conversation(owner=owner)
        return await self._change(thread, say, new=new, answers=[run])

    def finish(self, thread: str, run: str, answer: Answer) -> None:
        """The run has ended. Known here at once, and stored behind."""
        self._ended[run] = (thread, answer)
        task = asyncio.get_running_loop().create_task(self._settle_if_possible(), name="genui threads")
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _settle_if_possible(self) -> None:
        with contextlib.suppress(StoreError):  # the log meets the same, and tries again until it is done
            await self.settle()

    async def settle(self) -> None:
        """Returns when the ends of all runs are stored."""
        async with self._storing:
            for run, (thread, _) in list(self._ended.items()):
                try:  # loading it is enough to have all of its ends in it
                    await self._change(thread, lambda _: None, answers=[run])
                except UnknownThreadError:  # deleted meanwhile
                    self._ended.pop(run, None)
                except StoreError:
                    raise
                except Exception:  # the mistake may be in this one: no other answer shall wait for it
                    log.exception("run %s: its answer cannot be stored", run)
                    self._ended.pop(run, None)

    async def owned_by(self, owner: str | None, limit: int, before: float | None = None) -> Sequence[Summary]:
        """An owner's threads (None: nobody's), the latest change first: those changed before `before`."""
        return await self._shelf.threads(owner, limit, before)

    async def rename(self, thread: str, title: str) -> Summary:
        """Give a thread another title. Raises UnknownThreadError."""

        def retitle(conversation: Conversation) -> None:
            conversation.title = title

        await self._change(thread, retitle)
        return (await self.read(thread)).about

    async def fork(self, thread: str, new: str, turns: int, new_run: Callable[[], str]) -> Summary:
        """Make a new thread of the first turns of one, for the same owner.

        Raises UnknownThreadError, ThreadBusyError when one of them is still being answered.
        """
        _, conversation = await self._load(thread)
        forked = conversation.fork(turns, new_run)
        await self._change(new, lambda _: None, new=forked, answers=list(forked.answers))
        return (await self.read(new)).about

    async def delete(self, thread: str) -> Sequence[str]:
        """Forget a thread; the runs that answered in it. Raises UnknownThreadError."""
        _, conversation = await self._load(thread)
        await self._shelf.delete(thread)
        return list(conversation.answers)

    async def _load(self, thread: str) -> tuple[Document, Conversation]:
        ended = self._ends_of(thread)  # while the document comes they may be stored, and be known no more
        document = await self._shelf.load(thread)
        if document is None:
            raise UnknownThreadError
        about = document.summary
        conversation = conversation_of(about.title, about.owner, document.head, document.answers)
        _add(ended | self._ends_of(thread), conversation)
        return document, conversation

    def _ends_of(self, thread: str) -> dict[str, Answer]:
        return {run: answer for run, (where, answer) in self._ended.items() if where == thread}

    async def _change(
        self,
        thread: str,
        change: Callable[[Conversation], T],
        *,
        new: Conversation | None = None,
        answers: Sequence[str] = (),
    ) -> T:
        """Load, change and store a thread, until nobody came in between. `answers` are those that change."""
        while True:
            version, created = 0, self._clock()
            try:
                document, conversation = await self._load(thread)
                version, created = document.version, document.summary.created
            except UnknownThreadError:
                if new is None:
                    raise
                conversation = new
            ended = self._ends_of(thread)
            _add(ended, conversation)
            result = change(conversation)
            about = Summary(thread, conversation.title, conversation.owner, created, self._clock())
            changed = {
                run: answer_json(conversation.answers[run])
                for run in dict.fromkeys([*ended, *answers])
                if run in conversation.answers
            }
            if await self._shelf.save(Document(version + 1, about, head_json(conversation), changed)):
                for run in ended:
                    self._ended.pop(run, None)
                return result


class MemoryShelf:
    """Documents of this process. The longest untouched are forgotten first; none that is being answered.

    `keep_threads` and `keep_bytes` bound all together.
    """

    def __init__(self, *, keep_threads: int = 1000, keep_bytes: int = 64_000_000) -> None:
        self._keep_threads = keep_threads
        self._keep_bytes = keep_bytes
        self._idle: dict[str, Document] = {}  # the longest untouched first
        self._busy: dict[str, Document] = {}  # apart: a save would pass over thousands of them
        self._by_run: dict[str, str] = {}
        self._size = 0

    async def load(self, thread: str) -> Document | None:
        if thread in self._idle:
            self._idle[thread] = self._idle.pop(thread)
        return self._find(thread)

    async def save(self, document: Document) -> bool:
        name = document.summary.id
        known = self._find(name)
        if document.version != (known.version if known else 0) + 1:
            return False
        answers = {**(known.answers if known else {}), **document.answers}
        self._take(name)
        self._put(name, document._replace(answers=answers))
        self._forget(name)
        return True

    async def thread_of(self, run: str) -> str | None:
        return self._by_run.get(run)

    async def threads(self, owner: str | None, limit: int, before: float | None) -> Sequence[Summary]:
        found = [
            document.summary
            for document in (*self._idle.values(), *self._busy.values())
            if document.summary.owner == owner and (before is None or document.summary.updated < before)
        ]
        return sorted(found, key=lambda summary: summary.updated, reverse=True)[:limit]

    async def delete(self, thread: str) -> bool:
        return self._take(thread)

    def _find(self, name: str) -> Document | None:
        return self._idle.get(name) or self._busy.get(name)

    def _put(self, name: str, document: Document) -> None:
        (self._busy if _is_busy(document.answers) else self._idle)[name] = document
        self._by_run.update(dict.fromkeys(document.answers, name))
        self._size += _size(document)

    def _take(self, name: str) -> bool:
        document = self._idle.pop(name, None) or self._busy.pop(name, None)
        if document is None:
            return False
        for run in document.answers:
            del self._by_run[run]
        self._size -= _size(document)
        return True

    def _forget(self, newest: str) -> None:
        while self._idle and self._is_full():
            name = next(iter(self._idle))
            if name == newest:
                return
            self._take(name)

    def _is_full(self) -> bool:
        return len(self._idle) + len(self._busy) > self._keep_threads or self._size > self._keep_bytes


def _add(ended: Mapping[str, Answer], conversation: Conversation) -> None:
    for run, answer in ended.items():
        conversation.finish(run, answer.events(), answer.end)


def _size(document: Document) -> int:
    return len(document.head) + sum(map(len, document.answers.values()))


def _is_busy(answers: Mapping[str, str]) -> bool:
    return any(body.endswith('"end":null}') for body in answers.values())
