"""What the routes do, without HTTP: answers, actions and recognitions as runs; threads."""

from __future__ import annotations

import contextlib
import time
from collections.abc import AsyncIterator, Callable, Sequence
from functools import partial
from typing import Any, NamedTuple

from genui.agent import (
    AgentOptions,
    Message,
    Model,
    RepairCount,
    RepairLimits,
    Repairs,
    Tool,
    Toolset,
    respond,
    stream,
    with_widgets,
)
from genui.catalog import DIALECTS, Catalog
from genui.errors import CallerError
from genui.events import Event, RenderComponent, RunEnd
from genui.markup import Recognizer
from genui.runs import (
    INTERRUPTED,
    Answer,
    Answered,
    Companion,
    Follower,
    Inbox,
    Run,
    Runs,
    Said,
    Summary,
    Thread,
    ThreadBusyError,
    Threads,
    UnknownRunError,
    UnknownThreadError,
    new_id,
)
from genui.server.actions import judge
from genui.server.companions import Companions
from genui.server.data import DataLoaders
from genui.server.drawing import drawings
from genui.server.html import HtmlStage
from genui.server.load import Load
from genui.server.observing import Observer
from genui.server.redraw import message_of, told
from genui.server.replies import refuse_late, reply
from genui.server.requests import ActionRequest, Render, RenderRequest, RunRequest
from genui.server.retell import messages_of

INBOX = 100
"""Messages that may wait unread in a run's inbox."""

LOST = 10.0
"""Seconds after which a run that no log knows will not begin any more."""

_OURS = "thread_"
"""How the ids begin that are made here: one that is not known was forgotten, and is not a new one."""


class Acted(NamedTuple):
    """The run that answers an action, and what the action says in the thread."""

    run: Run
    said: Said

    @property
    def once(self) -> bool:
        """Whether it is used up now."""
        return self.said.act is not None and self.said.act.once


class Service:
    """A model, its tools and a catalog, the runs they make and the threads those stand in."""

    def __init__(
        self,
        catalog: Catalog,
        model: Model,
        tools: Sequence[Tool | Toolset],
        runs: Runs,
        threads: Threads,
        load: Load,
        instructions: str,
        image_origins: Sequence[str] = (),
        repair: RepairLimits | None = None,
        options: AgentOptions = AgentOptions(),  # noqa: B008 (frozen)
        observer: Observer | None = None,
    ) -> None:
        self.observer = observer or Observer()
        self.runs = runs
        self._load = load
        self._options = options
        self._model = model
        self._tools = tools
        self.threads = threads
        self._image_origins = list(image_origins)
        self._repair = repair
        self.repairs = RepairCount()
        self._instructions = instructions
        self.use(catalog)

    def use(self, catalog: Catalog) -> None:
        """Take another catalog from the next run on; those that go on keep theirs."""
        self._catalog = catalog
        self.shown = with_widgets(catalog, [*getattr(self._model, "tools", ()), *self._tools])
        """With what tools show beside: for everyone but the model."""
        self.prompt = "\n\n".join(part for part in (self._instructions, catalog.prompt()) if part)

    async def answer(
        self, request: RunRequest, run: str, owner: str | None = None, *, thoughts: bool = False
    ) -> Run:
        """The model's answer to a conversation: the one in the request, or, when that is a single message,
        the thread's with that message at its end, or after the answer that the request names. `run` is the id
        for it, `owner` whose it will be.

        Raises CallerError.
        """
        said = [Said(message.role, message.content) for message in request.messages]
        thread = request.thread or new_id("thread")
        whole = request.after is None and (len(said) > 1 or said[0].role != "user")
        return await self._answer(
            run,
            thread,
            said,
            request.render,
            owner,
            replace=whole,
            after=request.after,
            known=bool(request.thread) and not whole and thread.startswith(_OURS),
            thoughts=thoughts,
        )

    async def rewrite(
        self,
        thread: str,
        said: Sequence[Said],
        render: Render,
        owner: str | None,
        *,
        keep: int,
        thoughts: bool = False,
    ) -> Run:
        """The model's answer to a conversation: the first `keep` turns of a thread, and then what is said.
        An answer that is still running in it ends. Raises CallerError."""
        with contextlib.suppress(UnknownThreadError):
            await self.stop(thread, owner)
        return await self._answer(
            new_id("run"), thread, said, render, owner, replace=True, keep=keep, thoughts=thoughts
        )

    async def answering(self, thread: str, owner: str | None) -> str | None:
        """The run that answers in a thread now, if any. Raises UnknownThreadError."""
        _, turns = await self.read_thread(thread, owner)
        last = turns[-1] if turns else None
        return last.run if isinstance(last, Answered) and last.end is None else None

    async def stop(self, thread: str, owner: str | None) -> str | None:
        """End the run that answers in a thread; which it was. Raises UnknownThreadError."""
        run = await self.answering(thread, owner)
        if run is not None:
            with contextlib.suppress(UnknownRunError):
                await self.runs.cancel(run)
        return run

    async def reply(self, request: ActionRequest, owner: str | None = None) -> dict[str, Any] | None:
        """Where the run of an action is still going on: what came of it. Raises CallerError."""
        _, answered = await self._answered(request.run, owner)
        live = self.runs.get(request.run)
        if answered.end is not None or (live is not None and live.answered):
            refuse_late(answered.events, self.shown, request)
            return None
        return await reply(self.runs, self.shown, request)

    async def act(
        self, request: ActionRequest, run: str, owner: str | None = None, *, thoughts: bool = False
    ) -> Acted:
        """The model's answer to what a reader did with a widget; see `answer`. Raises CallerError."""
        thread, answered = await self._answered(request.run, owner)
        if answered.end is None:
            await self._end_loaders(request.run)
            _, answered = await self.threads.answer(request.run)
        if answered.end is None:
            raise ThreadBusyError
        said = judge(
            answered.events,
            self.shown,
            request.run,
            request.component,
            request.action,
            request.values,
        )
        begun = await self._answer(run, thread, [said], request.render, owner, known=True, thoughts=thoughts)
        return Acted(begun, said)

    async def _answered(self, run: str, owner: str | None) -> tuple[str, Answered]:
        """The thread that an owner's run answered in, and its answer. Raises CallerError (`unknown-run`)."""
        thread, answered = await self.threads.answer(run)
        if thread.owner != owner:
            raise UnknownRunError
        return thread.id, answered

    async def component(self, run: str, id_: str, owner: str | None) -> RenderComponent:
        """A component of an owner's run, be it going on, over, or known to its thread alone.

        Raises CallerError (`unknown-run`, `unknown-component`).
        """
        for event in reversed(await self._told(run, owner)):
            if isinstance(event, RenderComponent) and event.id == id_:
                return event
        raise CallerError("unknown-component", "There is no such component in that answer.", 404)

    async def _told(self, run: str, owner: str | None) -> Sequence[Event]:
        """What a run has come to; from its log only while its thread has not got all of it, or there is
        none."""
        try:
            _, answered = await self._answered(run, owner)
        except CallerError:
            await self.check_run(run, owner)
            return await self.runs.so_far(run)
        return answered.events if answered.end is not None else await self.runs.so_far(run)

    async def check_run(self, run: str, owner: str | None) -> None:
        """That it is the owner's: another's is as unknown as one that never was. Raises UnknownRunError."""
        if (await self.runs.about(run)).owner != owner:
            raise UnknownRunError

    async def follow(self, run: str, owner: str | None, after: int = 0) -> Follower:
        """See `Runs.follow`."""
        await self.check_run(run, owner)
        self._load.admit_stream()
        return await self.runs.follow(run, after)

    async def cancel(self, run: str, owner: str | None) -> None:
        """See `Runs.cancel`."""
        await self.check_run(run, owner)
        await self.runs.cancel(run)

    async def thread(self, thread: str, render: Render, owner: str | None) -> dict[str, Any]:
        """A thread's messages, ready to render again. Raises UnknownThreadError."""
        about, turns = await self.read_thread(thread, owner)
        messages = [
            message_of(turn, following, self.shown, render)
            for turn, following in zip(turns, [*turns[1:], None], strict=True)
        ]
        return {**told(about), "messages": messages}

    async def read_thread(self, thread: str, owner: str | None) -> Thread:
        """An owner's thread. Another's is as unknown as one that never was. Raises UnknownThreadError."""
        found = await self.threads.read(thread)
        if found.about.owner != owner:
            raise UnknownThreadError
        return found

    async def delete_thread(self, thread: str, owner: str | None) -> None:
        """Forget a thread, end the run that answers in it, and forget what its runs said.

        Raises UnknownThreadError.
        """
        await self.stop(thread, owner)
        for run in await self.threads.delete(thread):
            with contextlib.suppress(UnknownRunError):
                await self.runs.evict(run)

    def complete(self, messages: Sequence[Message], owner: str | None) -> Run:
        """The model's answer to a conversation that no thread keeps. Raises CallerError."""
        self.runs.check_open()
        self._load.admit_run()
        run, thread, inbox = new_id("run"), new_id("thread"), Inbox(INBOX)
        with self.observer.run("answer", run, thread, self.shown, self._note_repairs) as hear:
            return self.runs.start(
                self._events(messages, run, inbox, thoughts=False),
                run=run,
                thread=thread,
                owner=owner,
                companion=self._companion(messages),
                hear=hear,
                inbox=inbox,
            )

    @property
    def model_name(self) -> str:
        """Who answers."""
        return self._model.name

    def recognize(self, texts: AsyncIterator[str], render: Render, owner: str | None = None) -> Run:
        """The events of somebody else's text. Raises CallerError."""
        self._load.admit_run()
        run, thread = new_id("run"), new_id("thread")
        with self.observer.run("recognize", run, thread, self._catalog) as hear:
            return self.runs.start(
                stream(texts, self._catalog),
                run=run,
                thread=thread,
                owner=owner,
                stage=self._stage(render),
                companion=DataLoaders(self._catalog),
                hear=hear,
            )

    async def draw(self, request: RenderRequest) -> list[dict[str, Any]]:
        """HTML of components by themselves; of each its own, or what is wrong with it."""
        return await drawings(self.shown, request.components)

    def grammar(self, dialect: str) -> str:
        """The grammar of answers, for constrained decoding. Raises CallerError (`bad-format`)."""
        for known in DIALECTS:
            if dialect == known:
                return self._catalog.grammar(known)
        raise CallerError("bad-format", f"format={dialect!r} is none of {', '.join(DIALECTS)}")

    def questions(self) -> frozenset[str]:
        """The names of components that wait for the reader's answer."""
        return frozenset(component.name for component in self.shown if component.waits)

    def describe(self) -> dict[str, Any]:
        """The components, what to try, and who answers: for a frontend."""
        model = {"name": self._model.name, "demo": bool(getattr(self._model, "demo", False))}
        starters = list(getattr(self._model, "starters", ()))
        return {
            "components": self.shown.describe(),
            "starters": starters,
            "model": model,
            "image_origins": self._image_origins,
        }

    async def _answer(
        self,
        run: str,
        thread: str,
        said: Sequence[Said],
        render: Render,
        owner: str | None,
        *,
        replace: bool = False,
        keep: int = 0,
        after: str | None = None,
        known: bool = False,
        thoughts: bool = False,
    ) -> Run:
        self.runs.check_open()
        self._load.admit_run()
        begin = partial(
            self.threads.begin,
            thread,
            said,
            run,
            replace=replace,
            keep=keep,
            after=after,
            owner=owner,
            known=known,
        )
        try:
            turns = await begin()
        except ThreadBusyError:
            await self._make_free(thread, owner)
            turns = await begin()
        messages = list(messages_of(turns, self.shown))
        inbox = Inbox(INBOX)  # for whoever answers, to be told something by `runs.tell`
        recorder = self._recorder(thread, run)
        with self.observer.run("answer", run, thread, self.shown, recorder) as hear:
            return self.runs.start(
                self._events(messages, run, inbox, thoughts=thoughts),
                run=run,
                thread=thread,
                owner=owner,
                stage=self._stage(render),
                companion=self._companion(messages),
                hear=hear,
                inbox=inbox,
            )

    def _companion(self, messages: Sequence[Message]) -> Companion:
        """Repairs speak to the loaders: a widget that was put right may have data to load."""
        loaders = DataLoaders(self.shown)
        if self._repair is None:
            return loaders
        return Companions(Repairs(self._model, self._catalog, messages, self._repair, self.repairs), loaders)

    def _events(
        self, messages: Sequence[Message], run: str, inbox: Inbox, *, thoughts: bool
    ) -> AsyncIterator[Event]:
        return respond(
            self.observer.model(self._model),
            messages,
            Recognizer(self._catalog, react=self._options.style == "react"),
            tools=self._tools,
            system=self.prompt,
            catalog=self.shown,
            inbox=inbox,
            on_question=partial(self.runs.hold, run),
            thoughts=thoughts,
            options=self._options,
        )

    async def _make_free(self, thread: str, owner: str | None) -> None:
        """A run of which only loaders are left does not hold up the thread: it ends now, as it would have.
        Raises UnknownThreadError."""
        about, turns = await self.read_thread(thread, owner)
        last = turns[-1] if turns else None
        if isinstance(last, Answered) and last.end is None:
            await self._end_loaders(last.run)
            await self._end_lost(about, last.run)

    async def _end_loaders(self, name: str) -> None:
        run = self.runs.get(name)
        if run is not None and run.answered:
            await self.runs.cancel(name)

    async def _end_lost(self, thread: Summary, run: str) -> None:
        """A worker that dies between the thread's turn and its run leaves a run that never was."""
        if time.time() - thread.updated < LOST:
            return
        try:
            await self.runs.about(run)
        except UnknownRunError:
            answer = Answer()
            answer.add(RunEnd("error", INTERRUPTED))
            self.threads.finish(thread.id, run, answer)

    def _recorder(self, thread: str, run: str) -> Callable[[Event], None]:
        answer = Answer()

        def hear(event: Event) -> None:
            answer.add(event)
            if isinstance(event, RunEnd):
                self.threads.finish(thread, run, answer)
            self._note_repairs(event)

        return hear

    def _note_repairs(self, event: Event) -> None:
        if isinstance(event, RunEnd):
            self.observer.note(self.repairs)

    def _stage(self, render: Render) -> HtmlStage | None:
        return None if render == "props" else HtmlStage(self.shown, render)
