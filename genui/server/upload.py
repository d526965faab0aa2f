"""A request body read as text while it arrives, for an answer that is streamed at the same time."""

from __future__ import annotations

import asyncio
import codecs
from collections.abc import AsyncIterator

from starlette.types import Receive

from genui.errors import CallerError
from genui.server.streams import disconnected

AT_ONCE = 4096
"""Characters to recognize, in some milliseconds, before everybody else has a turn."""


class Upload:
    """`receive` has one reader at a time: `texts` until the body has ended, from then on `gone`."""

    def __init__(self, receive: Receive, limit: int, seconds: float) -> None:
        self._receive = receive
        self._seconds = seconds  # between two pieces
        self._limit = limit
        self._read = asyncio.Event()
        self._lost = False

    async def texts(self) -> AsyncIterator[str]:
        """The body, decoded as it comes; bytes that are no UTF-8 become U+FFFD.

        Raises CallerError (`body-too-large`, `body-too-slow`, `text-cut`).
        """
        decoder = codecs.getincrementaldecoder("utf-8")("replace")
        size = 0
        try:
            more = True
            while more:
                data, more = await self._next()
                size += len(data)
                if size > self._limit:
                    raise CallerError("body-too-large", f"The text is longer than {self._limit} bytes.", 413)
                text = decoder.decode(data, final=not more)
                for start in range(0, len(text), AT_ONCE):
                    yield text[start : start + AT_ONCE]
                    await asyncio.sleep(0)  # what has already arrived is read without ever waiting
        finally:
            self._read.set()

    async def gone(self) -> None:
        """Returns when the client has gone away."""
        await self._read.wait()
        if not self._lost:
            await disconnected(self._receive)

    async def _next(self) -> tuple[bytes, bool]:
        try:
            async with asyncio.timeout(self._seconds):
                message = await self._receive()
        except TimeoutError:
            words = f"The text was cut: nothing came for {self._seconds:g} seconds."
            raise CallerError("body-too-slow", words, 408) from None
        if message["type"] == "http.disconnect":
            self._lost = True
            raise CallerError("text-cut", "The text was cut: its sender left before the end.")
        return message.get("body", b""), message.get("more_body", False)
