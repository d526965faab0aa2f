"""The text of a recorded answer: the body of a chat completions stream, as it came from a provider."""

from __future__ import annotations

from collections.abc import Iterator

from genui.agent.chunks import ChunkReader
from genui.agent.model import TextPiece
from genui.agent.sse import SSEDecoder

_END = b"[DONE]"


def recorded_texts(body: bytes) -> Iterator[str]:
    """What the recognizer was fed, cut as the provider cut it; thoughts and tool calls are passed over.

    Raises ModelError where the recording has an error, ValueError where it is no such stream.
    """
    decoder, reader = SSEDecoder(), ChunkReader()
    for frame in [*decoder.feed(body), *decoder.close()]:
        if frame.data.strip() == _END:
            return
        for piece in reader.read(frame.data, frame.event):
            if isinstance(piece, TextPiece):
                yield piece.text
