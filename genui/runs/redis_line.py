"""One Redis as an event loop uses it: some connections, for which commands wait in line.

The client's own pools do not: one refuses whoever finds no connection free, the other lets a newcomer
overtake those who wait, and some of a thousand then wait until they give up.
"""

from __future__ import annotations

import asyncio
from typing import Any

from redis.exceptions import OutOfMemoryError, ReadOnlyError, RedisError

from genui.runs.log import StoreError

CONNECTIONS, PATIENCE = 16, 10.0
"""Commands of a line that are on their way at once: one connection does some thousands a second. Seconds
that a command may wait for its turn."""


class Line:
    """Commands to the Redis at `url`, CONNECTIONS at a time."""

    def __init__(self, url: str) -> None:
        self._url = url
        self._turns = asyncio.Semaphore(CONNECTIONS)

    async def do(self, command: Any) -> Any:
        """What a command of the client, or `execute` of a pipeline, gives: coroutines, though the client's
        types promise less. Raises StoreError."""
        try:
            await self._wait()
        except BaseException:
            command.close()  # nobody will await it now
            raise
        try:
            return await command
        except (RedisError, OSError) as error:
            raise StoreError(f"{shown(self._url)}: {_cause(error)}", lasting=_is_lasting(error)) from error
        finally:
            self._turns.release()

    async def _wait(self) -> None:
        try:
            async with asyncio.timeout(PATIENCE):
                await self._turns.acquire()
        except TimeoutError as error:
            raise StoreError(f"{shown(self._url)}: more is asked of it than it answers") from error


def shown(url: str) -> str:
    """An address without its password."""
    scheme, _, rest = url.partition("://")
    return f"{scheme}://{rest.rpartition('@')[2]}"


def _cause(error: Exception) -> str:
    """What went wrong, without the command: the client puts its beginning before errors of a pipeline."""
    return str(error).rpartition(" of pipeline caused error: ")[2].strip("(',\")")


def _is_lasting(error: Exception) -> bool:
    """Whether it stays so until somebody does something: Redis has no memory left, cannot save, or is a
    replica."""
    return isinstance(error, OutOfMemoryError | ReadOnlyError) or _cause(error).startswith("MISCONF")
