"""Reading server-sent events as the standard says to, for tests."""

from __future__ import annotations

import re
from collections.abc import AsyncIterable, AsyncIterator
from typing import NamedTuple

from genui.events import Event, from_json

_END = re.compile(rb"\r\n\r\n|\n\n|\r\r")
_LINE_END = re.compile("\r\n|\n|\r")


class Frame(NamedTuple):
    """One event and its id."""

    seq: int
    event: Event


def parse(stream: bytes) -> list[Frame]:
    """The frames of a whole stream; what does not end in a blank line is dropped."""
    *whole, _ = _END.split(stream)
    return [frame for block in whole if (frame := _frame(block.decode()))]


async def frames(chunks: AsyncIterable[bytes]) -> AsyncIterator[Frame]:
    """The frames of a stream, as they arrive."""
    pending = b""
    async for chunk in chunks:
        *whole, pending = _END.split(pending + chunk)
        for block in whole:
            if frame := _frame(block.decode()):
                yield frame


def _frame(block: str) -> Frame | None:
    seq, data = 0, []
    for line in _LINE_END.split(block):
        name, _, value = line.partition(":")
        if name == "id":
            seq = int(value)
        elif name == "data":
            data.append(value.removeprefix(" "))
    return Frame(seq, from_json("\n".join(data))) if data else None
