"""Ending tasks, whatever they wait for."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable

AGAIN = 0.5
"""Seconds that a task has to end once it is cancelled, until it is cancelled again."""


async def end_tasks(tasks: Iterable[asyncio.Future[None]]) -> None:
    """Cancel tasks; returns when they are done.

    Again and again: up to Python 3.11 `asyncio.wait_for` loses a cancellation that comes in the very turn in
    which what it waits for is done, and the client of Redis sends each command in it. A task that works in a
    loop would go on for ever, and whoever waits for its end with it.
    """
    left = set(tasks)
    while left:
        for task in left:
            task.cancel()
        _, left = await asyncio.wait(left, timeout=AGAIN)
