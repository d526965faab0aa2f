"""What a run's source is told while it runs."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping

from genui.events import Json


class Inbox:
    """Messages in the order in which they were put, at most `limit` of them unread (0: any number).

    Every run has one and few are ever told something: there is a queue, two kilobytes, from then on.
    """

    __slots__ = ("_limit", "_queue")

    def __init__(self, limit: int = 0) -> None:
        self._limit = limit
        self._queue: asyncio.Queue[Mapping[str, Json]] | None = None

    def full(self) -> bool:
        """Whether no more fits."""
        return self._queue is not None and self._queue.full()

    def put_nowait(self, message: Mapping[str, Json]) -> None:
        """Add a message. Raises asyncio.QueueFull."""
        self._messages().put_nowait(message)

    async def get(self) -> Mapping[str, Json]:
        """The next message, as soon as there is one."""
        return await self._messages().get()

    def _messages(self) -> asyncio.Queue[Mapping[str, Json]]:
        if self._queue is None:
            self._queue = asyncio.Queue(self._limit)
        return self._queue
