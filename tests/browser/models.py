"""Models for tests that look at the page between one piece and the next."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence

from genui.agent import FinishPiece, Message, Model, Piece, TextPiece, ThoughtPiece, Tool, UsagePiece
from genui.errors import ModelError


class ByHand:
    """Says what the test writes, when the test writes it."""

    name = "by-hand"

    def __init__(self) -> None:
        self._pieces: asyncio.Queue[Piece | Exception] = asyncio.Queue()
        self.closed = asyncio.Event()  # the last answer has ended or was cancelled
        self.asked: list[str] = []  # the content of the last message of each request
        self.conversation: list[Message] = []  # all messages of the last request

    async def stream(self, messages: Sequence[Message], tools: Sequence[Tool]) -> AsyncIterator[Piece]:
        del tools
        self.closed.clear()
        self.asked.append(messages[-1]["content"])
        self.conversation = [*messages]
        try:
            while True:
                piece = await self._pieces.get()
                if isinstance(piece, Exception):
                    raise piece
                yield piece
                if isinstance(piece, FinishPiece):
                    return
        finally:
            self.closed.set()

    def write(self, text: str) -> None:
        """The next piece of the answer that is running, or that will be asked for next."""
        self._pieces.put_nowait(TextPiece(text))

    def think(self, text: str) -> None:
        self._pieces.put_nowait(ThoughtPiece(text))

    def cost(self, asked: int, answered: int) -> None:
        """What the answer costs, in tokens."""
        self._pieces.put_nowait(UsagePiece(asked, answered))

    def finish(self) -> None:
        self._pieces.put_nowait(FinishPiece("stop"))

    def fail(self, message: str, code: str = "model-error") -> None:
        self._pieces.put_nowait(ModelError(code, message))

    def answer(self, text: str) -> None:
        """A whole answer in one piece."""
        self.write(text)
        self.finish()


class AtOnce:
    """Another model's answers with every stretch of text in one piece, as if nothing had streamed."""

    def __init__(self, model: Model) -> None:
        self._model = model
        self.name = model.name
        self.tools = getattr(model, "tools", ())

    async def stream(self, messages: Sequence[Message], tools: Sequence[Tool]) -> AsyncIterator[Piece]:
        text = ""
        async for piece in self._model.stream(messages, tools):
            if isinstance(piece, TextPiece):
                text += piece.text
                continue
            if text:
                yield TextPiece(text)
                text = ""
            yield piece
        if text:
            yield TextPiece(text)
