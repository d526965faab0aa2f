"""Whoever else is on the event loop while a test does something on it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager


class Others:
    """Take every turn that they get, and count them."""

    turns = 0

    async def take_turns(self) -> None:
        while True:
            self.turns += 1
            await asyncio.sleep(0)


@asynccontextmanager
async def beside_others() -> AsyncIterator[Others]:
    others = Others()
    task = asyncio.create_task(others.take_turns())
    try:
        yield others
    finally:
        task.cancel()
