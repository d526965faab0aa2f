"""The loop: a model answers, calls tools, reads their results and goes on, until it has nothing to call.

What comes out is for people. Text goes through the recognizer; a thought becomes "Thinking…" and a tool
call its status line, and nothing of what they hold leaves this module. Whatever ends a run, no status is
left running:

| ended by | the last events |
| --- | --- |
| the model | recognizer's rest, RunEnd(stop or length) |
| an error, the filter, too many steps | recognizer's rest, open statuses failed, RunEnd(error) |
| cancellation | recognizer's rest, open statuses failed, then CancelledError: the run writes RunEnd |
| `aclose()` | nothing: there is nobody to read it |
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncGenerator, Sequence
from typing import Protocol

from genui.agent import failures
from genui.agent.closing import closing
from genui.agent.model import Message, Model, Piece, TextPiece, ThoughtPiece, UsagePiece, WaitPiece
from genui.agent.statuses import Statuses
from genui.agent.toolbox import Toolbox
from genui.agent.tools import Tool
from genui.agent.turn import Turn
from genui.errors import ModelError
from genui.events import Event, RunEnd, Status

THINKING = "Thinking…"
WAITING = "The model is busy. It is asked again in {seconds} s…"


class TextReader(Protocol):
    """What reads a model's text: `genui.markup.Recognizer`."""

    def feed(self, text: str, /) -> list[Event]: ...

    def close(self) -> list[Event]: ...


async def respond(
    model: Model,
    messages: Sequence[Message],
    recognizer: TextReader,
    *,
    tools: Sequence[Tool] = (),
    system: str | None = None,
    steps: int = 8,
) -> AsyncGenerator[Event, None]:
    """The events of a whole answer: everything but RunStart, and as the last exactly one RunEnd.

    `messages` is the conversation so far, `system` the system prompt to put before it. `tools` stand
    beside those that the model brings. After `steps` turns a model that still calls tools is stopped with
    the error `agent-steps`. Never raises for a model or a tool; a cancelled task gets its CancelledError
    after the closing events.
    """
    loop = _Loop(model, recognizer, Toolbox([*getattr(model, "tools", ()), *tools]), steps)
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

    def __init__(self, model: Model, recognizer: TextReader, toolbox: Toolbox, steps: int) -> None:
        self._model = model
        self._recognizer = recognizer
        self._toolbox = toolbox
        self._steps = steps
        self._statuses = Statuses()
        self._thinking: Status | None = None
        self._waiting: Status | None = None
        self._turns: list[Turn] = []

    async def run(self, conversation: list[Message]) -> AsyncGenerator[Event, None]:
        """All turns, to the last. Raises what the model raises."""
        for _ in range(self._steps):
            turn = Turn(len(self._turns))
            self._turns.append(turn)
            async with contextlib.aclosing(self._answer(conversation, turn)) as events:
                async for event in events:
                    yield event
            if not (calls := turn.calls()) or not self._toolbox.tools:
                return
            conversation.append(turn.message())
            async with contextlib.aclosing(self._toolbox.run(calls, self._statuses, conversation)) as lines:
                async for line in lines:
                    yield line
        raise ModelError("agent-steps", f"The answer was stopped after {self._steps} rounds of tools.")

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
        return [*self._recognizer.close(), *self._statuses.close()]

    async def _answer(self, conversation: Sequence[Message], turn: Turn) -> AsyncGenerator[Event, None]:
        """One turn of the model."""
        async with closing(self._model.stream(conversation, self._toolbox.tools)) as pieces:
            async for piece in pieces:
                for status in (*self._waited(piece), *self._thought(piece)):
                    yield status
                if isinstance(piece, TextPiece):
                    for event in self._recognizer.feed(self._spaced(piece.text, turn)):
                        yield event
                turn.add(piece)
        for status in (*self._waited(None), *self._thought(None)):
            yield status

    def _spaced(self, text: str, turn: Turn) -> str:
        """What a turn says after another that said something begins a new paragraph."""
        first = not turn.has_text and any(earlier.has_text for earlier in self._turns)
        return "\n\n" + text if first else text

    def _waited(self, piece: Piece | None) -> list[Status]:
        """One line for each wait that the model's server asks for, until something else comes."""
        lines: list[Status] = []
        if self._waiting is not None:
            lines.append(self._statuses.end(self._waiting))
            self._waiting = None
        if isinstance(piece, WaitPiece):
            self._waiting = self._statuses.start(WAITING.format(seconds=max(1, round(piece.seconds))))
            lines.append(self._waiting)
        return lines

    def _thought(self, piece: Piece | None) -> list[Status]:
        """The change, if any, that `piece` (None: the turn's end) makes to "Thinking…": one line for each
        stretch of thoughts."""
        if isinstance(piece, ThoughtPiece):
            if self._thinking is None:
                self._thinking = self._statuses.start(THINKING)
                return [self._thinking]
        elif self._thinking is not None and not isinstance(piece, UsagePiece):  # which some send with each
            thinking, self._thinking = self._thinking, None
            return [self._statuses.end(thinking)]
        return []


def _conversation(messages: Sequence[Message], system: str | None) -> list[Message]:
    return [{"role": "system", "content": system}, *messages] if system else list(messages)
