"""The loop: a model answers, calls tools, reads their results and goes on, until it has nothing to call.

What comes out is for people. Text goes through the recognizer; a thought becomes "Thinking…" and a tool
call its status line, and nothing of what they hold leaves this module, save a thought to those who may read
it. Whatever ends a run, no status is left running and no widget of a tool open:

| ended by | the last events |
| --- | --- |
| the model | recognizer's rest, RunEnd(stop or length) |
| an error, the filter, steps or time used up | recognizer's rest, what is open closed, RunEnd(error) |
| cancellation | recognizer's rest, what is open closed, then CancelledError: the run writes RunEnd |
| `aclose()` | nothing: there is nobody to read it |
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncGenerator, Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Protocol

from genui.agent import failures
from genui.agent.budget import Budget
from genui.agent.closing import closing
from genui.agent.job import Desk
from genui.agent.model import (
    Message,
    Model,
    Piece,
    TextPiece,
    ThoughtPiece,
    ToolCallPiece,
    UsagePiece,
    WaitPiece,
)
from genui.agent.offer import all_of
from genui.agent.overheard import Listener, Thought
from genui.agent.portions import Portions, portions_of
from genui.agent.questions import Inbox, Questions
from genui.agent.showing import Showcase
from genui.agent.statuses import Statuses
from genui.agent.styles import Style, put
from genui.agent.toolbox import Toolbox
from genui.agent.tools import Tool, Toolset
from genui.agent.turn import Turn
from genui.catalog import Catalog
from genui.errors import ModelError
from genui.events import Event, RunEnd, Status
from genui.events import Thought as ThoughtEvent

THINKING = "Thinking…"
WAITING = "The model is busy. It is asked again in {seconds} s…"


@dataclass(frozen=True, slots=True)
class AgentOptions:
    """How an answer is made. `style` is how tools are put to the model. After `steps` turns a model that
    still calls tools is stopped with the error `agent-steps`, after `seconds` (None: never) with
    `agent-time`; the time in which the user is asked something does not count."""

    style: Style = "native"
    steps: int = 8
    seconds: float | None = 600.0


class TextReader(Protocol):
    """What reads a model's text: `genui.markup.Recognizer`."""

    def feed(self, text: str, /) -> list[Event]: ...

    def listen(self, listener: Callable[[str, str, str | None], None], /) -> None: ...

    def end_turn(self) -> list[Event]: ...

    def close(self) -> list[Event]: ...


async def respond(
    model: Model,
    messages: Sequence[Message],
    recognizer: TextReader,
    *,
    tools: Sequence[Tool | Toolset] = (),
    system: str | None = None,
    catalog: Catalog | None = None,
    inbox: Inbox | None = None,
    thoughts: bool = False,
    on_question: Callable[[bool], None] = lambda _: None,
    options: AgentOptions = AgentOptions(),
) -> AsyncGenerator[Event, None]:
    """The events of a whole answer: everything but RunStart, and as the last exactly one RunEnd.

    `messages` is the conversation so far, `system` the system prompt to put before it. `tools` stand
    beside those that the model brings. `catalog` holds the components that tools may show, `inbox` brings
    the user's answers to what tools ask, and `on_question` is told when the first question is open and
    when none is any more. `thoughts` says whether who reads this answer may read what the model thinks.
    Never raises for a model or a tool; a cancelled task gets its CancelledError after the closing events.
    """
    showcase = Showcase(catalog)
    questions = Questions(inbox, showcase, on_question)
    offered = await all_of([*getattr(model, "tools", ()), *tools])
    desk = Desk(Statuses(), showcase, questions, Budget(options.seconds))  # the loop closes it
    toolbox = Toolbox(offered, desk)
    loop = _Loop(model, recognizer, toolbox, desk, options, thoughts=thoughts)
    try:
        async with contextlib.aclosing(loop.run(_conversation(messages, system))) as events:
            async for event in events:
                yield event
        end = loop.end()
    except asyncio.CancelledError:
        # What is yielded here still reaches whoever iterates, in the very task that is being cancelled.
        for event in loop.close():
            yield event
        raise
    except Exception as error:
        end = RunEnd("error", failures.failure(error), loop.usage())
    for event in loop.close():
        yield event
    yield end


class _Loop:
    """One run of the loop, and what it has to tidy up."""

    def __init__(
        self,
        model: Model,
        recognizer: TextReader,
        toolbox: Toolbox,
        desk: Desk,
        options: AgentOptions,
        *,
        thoughts: bool,
    ) -> None:
        self._model = model
        self._recognizer = recognizer
        self._toolbox = toolbox
        self._desk = desk
        self._statuses = desk.statuses
        self._options = options
        self._tells_thoughts = thoughts
        self._listener = Listener()
        self._thinking: str | None = None  # the status of what the model thinks now
        self._waiting: str | None = None  # the status of the wait that its server asked for
        self._turns: list[Turn] = []
        self._portions = Portions()

    async def run(self, conversation: list[Message]) -> AsyncGenerator[Event, None]:
        """Turns of the model, each with the calls that it asks for, until it asks for none; `conversation`
        grows by them. Raises what the model raises."""
        try:
            for number in range(self._options.steps):
                self._turns.append(turn := Turn(number))
                async with contextlib.aclosing(self._answer(conversation, turn)) as events:
                    async for event in events:
                        yield event
                if not (calls := turn.calls()) or not self._toolbox.tools:
                    return
                results: list[Message] = []
                async with contextlib.aclosing(self._toolbox.run(calls, results)) as events:
                    async for event in events:
                        yield event
                conversation += [turn.message(), *results]
        finally:
            self._desk.budget.close()
            await self._desk.questions.close()
        raise ModelError(
            "agent-steps", f"The answer was stopped after {self._options.steps} rounds of tools."
        )

    def end(self) -> RunEnd:
        """How the last turn ended the run. Raises ModelError when that was the provider's filter."""
        reason = self._turns[-1].finish
        if reason == "content_filter":
            raise failures.failed("model-content-filter")
        return RunEnd("length" if reason == "length" else "stop", usage=self.usage())

    def usage(self) -> dict[str, int] | None:
        """Tokens of all turns together, of those that said."""
        known = [turn.usage for turn in self._turns if turn.usage]
        if not known:
            return None
        return {
            "input_tokens": sum(usage.input_tokens for usage in known),
            "output_tokens": sum(usage.output_tokens for usage in known),
        }

    def close(self) -> list[Event]:
        """What has to be said before the end."""
        rest = self._passed_on(self._recognizer.close())
        tools = [*self._toolbox.left(), *self._desk.questions.left(), *self._desk.showcase.close()]
        return [*rest, *tools, *self._statuses.close()]

    async def _answer(self, conversation: Sequence[Message], turn: Turn) -> AsyncGenerator[Event, None]:
        """One turn of the model."""
        self._listener = Listener()
        self._recognizer.listen(self._listener.hear)
        tools = self._toolbox.tools
        messages = put(conversation, tools, self._options.style)
        async with closing(
            self._model.stream(messages, tools if self._options.style == "native" else [])
        ) as pieces:
            while not self._listener.stopped:
                with self._desk.budget:
                    piece = await anext(pieces, None)
                if piece is None:
                    break
                for portion in portions_of(piece):
                    for event in self._take(portion, turn):
                        yield event
                    if self._listener.stopped:
                        break
                    if self._portions.due(portion):
                        await asyncio.sleep(0)
        for event in self._ended(turn):
            yield event

    def _take(self, piece: Piece, turn: Turn) -> Iterable[Event]:
        """What a piece of the model's comes to. To be used up before the next one is taken."""
        if isinstance(piece, TextPiece) and self._waiting is self._thinking is None:  # nearly always
            return self._read(piece, turn)
        return self._take_with_care(piece, turn)

    def _take_with_care(self, piece: Piece, turn: Turn) -> Iterator[Event]:
        if self._waiting is not None:
            yield from self._stop_waiting()
        if isinstance(piece, ThoughtPiece):
            yield from self._think(piece)
            return
        if self._thinking is not None and not isinstance(piece, UsagePiece):  # which some send with each
            yield from self._stop_thinking()
        if isinstance(piece, TextPiece):
            yield from self._read(piece, turn)
            return
        turn.add(piece)
        if isinstance(piece, ToolCallPiece):
            yield from self._toolbox.preview(turn.draft(piece.index))
        elif isinstance(piece, WaitPiece):
            yield from self._wait(piece)

    def _read(self, piece: TextPiece, turn: Turn) -> Iterable[Event]:
        text = self._spaced(piece.text, turn)
        turn.add(piece)
        if self._options.style == "react":
            return self._read_lines(text, turn)
        return self._recognized(text, turn)

    def _read_lines(self, text: str, turn: Turn) -> Iterator[Event]:
        """By lines, where a line may say that all that follows is made up."""
        for line in text.splitlines(keepends=True):
            yield from self._recognized(line, turn)
            if self._listener.stopped:
                return

    def _recognized(self, text: str, turn: Turn) -> Iterable[Event]:
        events = self._passed_on(self._recognizer.feed(text))
        hidden = self._listener.take()
        return self._heard(events, hidden, turn) if hidden else events

    def _heard(
        self, events: list[Event], pieces: Sequence[ToolCallPiece | Thought], turn: Turn
    ) -> Iterator[Event]:
        """The recognizer's events, and what it hid meanwhile: a thought stands after its status begins."""
        told = [piece for piece in pieces if isinstance(piece, Thought)] if self._tells_thoughts else []
        begun = {event.id for event in events if isinstance(event, Status) and event.state == "running"}
        yield from (ThoughtEvent(one.status, one.piece.text) for one in told if one.status not in begun)
        for event in events:
            yield event
            if isinstance(event, Status) and event.state == "running":
                yield from (ThoughtEvent(event.id, one.piece.text) for one in told if one.status == event.id)
        for piece in pieces:
            if isinstance(piece, ToolCallPiece):
                turn.add(piece)
                yield from self._toolbox.preview(turn.draft(piece.index))

    def _ended(self, turn: Turn) -> Iterator[Event]:
        """The turn is over, and nothing that was hidden in it goes on."""
        yield from self._stop_waiting()
        yield from self._stop_thinking()
        pieces = self._listener.end()
        yield from self._heard(self._passed_on(self._recognizer.end_turn()), pieces, turn)

    def _passed_on(self, events: list[Event]) -> list[Event]:
        """The recognizer's events; it has no clock, so its statuses get their times here."""
        for event in events:
            if type(event) is Status:
                break
        else:
            return events
        return [self._statuses.pass_on(event) if isinstance(event, Status) else event for event in events]

    def _spaced(self, text: str, turn: Turn) -> str:
        """What a turn says after another that said something begins a new paragraph."""
        if turn.has_text:
            return text
        return "\n\n" + text if any(earlier.has_text for earlier in self._turns) else text

    def _think(self, piece: ThoughtPiece) -> Iterator[Event]:
        """One status for each stretch of thoughts."""
        if self._thinking is None:
            status = self._statuses.start(THINKING)
            self._thinking = status.id
            yield status
        if self._tells_thoughts:
            yield ThoughtEvent(self._thinking, piece.text)

    def _wait(self, piece: WaitPiece) -> Iterator[Event]:
        """One status for each wait that the model's server asks for, until something else comes."""
        status = self._statuses.start(WAITING.format(seconds=max(1, round(piece.seconds))))
        self._waiting = status.id
        yield status

    def _stop_waiting(self) -> Iterator[Event]:
        if self._waiting is not None:
            waiting, self._waiting = self._waiting, None
            yield self._statuses.end(waiting)

    def _stop_thinking(self) -> Iterator[Event]:
        if self._thinking is not None:
            thinking, self._thinking = self._thinking, None
            yield self._statuses.end(thinking)


def _conversation(messages: Sequence[Message], system: str | None) -> list[Message]:
    return [{"role": "system", "content": system}, *messages] if system else list(messages)
