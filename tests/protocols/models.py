"""Models for the tests of protocols: what they say, in pieces of any size."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from pathlib import Path

from genui.agent import FinishPiece, Message, Model, Piece, TextPiece, Tool, recorded_texts


class Answer:
    """Says what it was made with, a few characters at a time."""

    name = "answer"

    def __init__(self, text: str) -> None:
        self._text = text

    async def stream(self, messages: Sequence[Message], tools: Sequence[Tool]) -> AsyncIterator[Piece]:
        del messages, tools
        for at in range(0, len(self._text), 3):
            yield TextPiece(self._text[at : at + 3])
        yield FinishPiece("stop")


class Recorded:
    """Answers a file's name with the text of the stream that it holds."""

    name = "recorded"

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    async def stream(self, messages: Sequence[Message], tools: Sequence[Tool]) -> AsyncIterator[Piece]:
        del tools
        for text in recorded_texts((self._folder / messages[-1]["content"]).read_bytes()):
            yield TextPiece(text)


class Chunked:
    """Another model, whose text comes in pieces of so many characters as the question says: `7|What …?`"""

    name = "chunked"

    def __init__(self, model: Model) -> None:
        self._model = model
        self.tools = getattr(model, "tools", ())

    async def stream(self, messages: Sequence[Message], tools: Sequence[Tool]) -> AsyncIterator[Piece]:
        question = next(message for message in messages if message["role"] == "user")
        size, bar, words = question["content"].partition("|")
        if not bar:
            async for piece in self._model.stream(messages, tools):
                yield piece
            return
        asked = [{**one, "content": words} if one is question else one for one in messages]
        rest = ""
        async for piece in self._model.stream(asked, tools):
            if isinstance(piece, TextPiece):
                rest += piece.text
                while len(rest) >= int(size):
                    yield TextPiece(rest[: int(size)])
                    rest = rest[int(size) :]
                continue
            if rest:
                yield TextPiece(rest)
            rest = ""
            yield piece
        if rest:
            yield TextPiece(rest)
