"""A model that answers from a script, at the pace of a real one, and calls its tools for real."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncGenerator, Iterator, Sequence
from typing import Any

from genui.agent.demo.scripts import SCRIPTS, Script, choose
from genui.agent.demo.tokens import cut
from genui.agent.demo.tools import TOOLS
from genui.agent.model import (
    FinishPiece,
    Message,
    Piece,
    TextPiece,
    ThoughtPiece,
    ToolCallPiece,
    UsagePiece,
)
from genui.agent.tools import Tool


class DemoModel:
    """Answers each of `starters` from its script, and anything else by saying what it can show.

    `speed` is in tokens a second; 0 is as fast as possible. It keeps no state: everything is in the
    messages, as with any model.
    """

    demo = True
    name = "demo"
    starters: tuple[str, ...] = tuple(script.starter for script in SCRIPTS)
    tools: tuple[Tool, ...] = TOOLS

    def __init__(self, speed: float = 60.0) -> None:
        self._speed = speed

    async def stream(
        self,
        messages: Sequence[Message],
        tools: Sequence[Tool],  # noqa: ARG002 (its script knows which it calls)
    ) -> AsyncGenerator[Piece, None]:
        """The pieces of the next turn, the first at once."""
        question, rest = _since_question(messages)
        script = choose(question)
        pieces = list(_pieces(script, rest))
        start = asyncio.get_running_loop().time()
        for count, piece in enumerate(pieces):
            await self._wait(start, count)
            yield piece
        yield UsagePiece(sum(_tokens(message) for message in messages), len(pieces) - 1)

    async def _wait(self, start: float, count: int) -> None:
        """Until piece `count` is due. Due times are reckoned from the start, so that delays do not add up."""
        due = start + count / self._speed if self._speed else 0.0
        await asyncio.sleep(max(0.0, due - asyncio.get_running_loop().time()))


def _pieces(script: Script, rest: Sequence[Message]) -> Iterator[Piece]:
    """One turn: the thoughts and calls first, the answer once the tools have answered."""
    results = [_result(message["content"]) for message in rest if message["role"] == "tool"]
    if script.calls and not results:
        yield from (ThoughtPiece(text) for text in cut(script.thought))
        yield from _calls(script)
        yield FinishPiece("tool_calls")
    else:
        yield from (TextPiece(text) for text in cut(script.text(results)))
        yield FinishPiece("stop")


def _result(content: str) -> Any:
    try:
        return json.loads(content.partition("\n\nShown to the user: ")[0])
    except ValueError:  # the tool failed, or is somebody else's of the same name
        return {"error": content.removeprefix("Error: ")} if content.startswith("Error: ") else {}


def _calls(script: Script) -> Iterator[Piece]:
    for index, (name, arguments) in enumerate(script.calls):
        yield ToolCallPiece(index, id=f"demo_{index}", name=name)
        for part in cut(json.dumps(arguments)):
            yield ToolCallPiece(index, arguments=part)


def _since_question(messages: Sequence[Message]) -> tuple[str, Sequence[Message]]:
    """What the user last wrote, and the messages after it."""
    for at in range(len(messages) - 1, -1, -1):
        if messages[at]["role"] == "user":
            return _text(messages[at]), messages[at + 1 :]
    return "", messages


def _text(message: Message) -> str:
    content = message.get("content") or ""
    if isinstance(content, str):
        return content
    return " ".join(part.get("text", "") for part in content)


def _tokens(message: Message) -> int:
    return sum(1 for _ in cut(_text(message)))
