"""A connection to an MCP server, kept by a task of its own.

The package's scopes must be left by the task that has entered them, and a run that begins first may end
first. So neither a run nor the application holds the connection: a task enters it, hands out the client and
waits until nobody wants it any more.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from mcp import Client


class Connection:
    """Connects at once. `await connection.client()` raises whatever stood in its way."""

    def __init__(self, connect: Callable[[], AbstractAsyncContextManager[Client]]) -> None:
        self._ready: asyncio.Future[Client] = asyncio.get_running_loop().create_future()
        self._unwanted = asyncio.Event()
        self._task = asyncio.create_task(self._keep(connect), name="genui mcp")

    @property
    def is_open(self) -> bool:
        """Whether it is there or on its way."""
        return not self._task.done()

    async def client(self) -> Client:
        return await asyncio.shield(self._ready)

    async def close(self) -> None:
        """Returns when the server's process or the connection is gone. Raises nothing."""
        self._unwanted.set()
        if not self._ready.done():
            self._task.cancel()
        await asyncio.wait([self._task])
        if not self._ready.done():  # cancelled before its first step
            self._fail(ConnectionError("closed"))

    async def _keep(self, connect: Callable[[], AbstractAsyncContextManager[Client]]) -> None:
        try:
            async with connect() as client:
                self._ready.set_result(client)
                await self._unwanted.wait()
        except BaseException as error:
            if self._ready.done():  # what breaks a connection that stood, its next call tells
                return
            self._fail(ConnectionError(_reason(error)))
            if isinstance(error, asyncio.CancelledError):
                raise

    def _fail(self, error: ConnectionError) -> None:
        self._ready.set_exception(error)
        self._ready.exception()  # nobody may be waiting


def _reason(error: BaseException) -> str:
    """What really happened, out of the groups that task groups raise."""
    while isinstance(error, BaseExceptionGroup) and error.exceptions:
        error = error.exceptions[0]
    return f"{type(error).__name__}: {error}".rstrip(": ")
