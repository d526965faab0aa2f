"""The body of one streamed answer, bytes in and pieces out: SSE, frames, and how it may end.

A body is whole when it said why it ended (`finish_reason`) or that it has (`[DONE]`); providers leave out
either. A body that stops having said neither was cut.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Protocol

from genui.agent import failures
from genui.agent.model import FinishPiece, Piece
from genui.agent.sse import Frame, SSEDecoder

_DONE = b"[DONE]"
_NOTHING = (b"", b"null")  # some proxies keep a connection alive with frames instead of comments


class FrameReader(Protocol):
    """Reads the frames of one API, in order: `chunks.ChunkReader` or `responses.ResponsesReader`."""

    @property
    def ended(self) -> bool:
        """The last frame was read: nothing of interest can follow."""

    def read(self, data: bytes, event: str = "") -> Iterable[Piece]:
        """The pieces in one frame, to be used up before the next. This, or iterating, raises ModelError, and
        ValueError when the frame is not one of this API."""


class AnswerReader:
    """Reads one body. The iterators must be used up, one call after the other.

    They give what stands before an error, then raise it: so the pieces are the same however the body was
    cut into chunks.
    """

    def __init__(self, frames: FrameReader) -> None:
        self._decoder = SSEDecoder()
        self._frames = frames
        self._empty = True
        self._finished = False
        self.done = False
        """`[DONE]` or the last frame was read: nothing of interest can follow."""

    def feed(self, chunk: bytes) -> Iterator[Piece]:
        """The next bytes. Raises ModelError."""
        try:
            yield from self._read(self._decoder.feed(chunk))
        except ValueError as error:
            raise failures.failed("model-garbled") from error

    def close(self, *, broken: bool = False) -> Iterator[Piece]:
        """The end of the body; `broken` when it was the connection's. Raises ModelError."""
        try:
            yield from self._read(self._decoder.close())
        except ValueError:  # half a chunk: cut, unless it had finished before
            broken = True
        if not (self.done or self._finished):
            raise failures.failed("model-garbled" if self._empty and not broken else "model-cut")

    def _read(self, frames: Iterable[Frame]) -> Iterator[Piece]:
        for frame in frames:
            data = frame.data.strip()
            self.done = self.done or self._frames.ended or data == _DONE
            if self.done:
                return
            piece = None
            if data not in _NOTHING:
                for piece in self._frames.read(data, frame.event):
                    self._finished = self._finished or isinstance(piece, FinishPiece)
                    yield piece
                self._empty = False
            if piece is None:
                self._decoder.discard(data)
        self.done = self.done or self._frames.ended
