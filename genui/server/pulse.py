"""`GET /v1/doctor`: a stream whose events say when they were sent, to measure a set-up with.

The demo's answers were weighed: they need the demo model, and say nothing of time. This needs no model, makes
no run, and is bounded in length, number and time; authentication and limits are those of every route.
"""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import AsyncIterator

from starlette.types import Receive, Scope, Send

from genui.errors import CallerError
from genui.server.requests import query
from genui.server.streams import HEADERS, disconnected

EVENTS = 10
EVERY_SECONDS = 0.2

MOST_IDLE = 120.0
"""Seconds that one may ask for in which nothing is sent."""

MOST_OPEN = 20
"""Such streams that a process has at a time."""


class Pulse:
    """The route's endpoint."""

    def __init__(self) -> None:
        self._open = 0

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Events a fifth of a second apart, then `?idle=` seconds of nothing and one event more.

        Raises CallerError.
        """
        idle = _idle(query(scope).get("idle", "0"))
        if self._open >= MOST_OPEN:
            raise CallerError(
                "overloaded", "Too many are measuring; try again in a moment.", 503, retry_after=5
            )
        self._open += 1
        gone = asyncio.ensure_future(disconnected(receive))
        try:
            await _send_events(send, idle, gone)
        finally:
            self._open -= 1
            gone.cancel()


def _idle(text: str) -> float:
    try:
        seconds = float(text)
    except ValueError:
        seconds = -1.0
    if not 0 <= seconds <= MOST_IDLE:
        raise CallerError("bad-request", f"idle: must be a number of seconds from 0 to {MOST_IDLE:g}.")
    return seconds


async def _send_events(send: Send, idle: float, gone: asyncio.Future[None]) -> None:
    headers = [(b"content-type", b"text/event-stream; charset=utf-8"), *HEADERS]
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    async for number in _pulses(idle, gone):
        event = json.dumps({"n": number, "sent": round(time.time(), 3)})
        frame = f"data: {event}\n\n".encode()
        await send({"type": "http.response.body", "body": frame, "more_body": True})
    await send({"type": "http.response.body"})


async def _pulses(idle: float, gone: asyncio.Future[None]) -> AsyncIterator[int]:
    """The numbers of the events, each when it is due."""
    for number in range(EVENTS):
        yield number
        await asyncio.wait([gone], timeout=EVERY_SECONDS)
        if gone.done():
            return
    if idle:
        await asyncio.wait([gone], timeout=idle)
        if not gone.done():
            yield EVENTS
