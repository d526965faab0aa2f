"""The hot route: a follower's events to one client as server-sent events, in plain ASGI.

Nothing stands between a follower and the server's `send`: Starlette's StreamingResponse costs twice the
memory a stream. One coroutine a stream sends, so frames never interleave; a second waits for the client
to go away. A slow client blocks only its own `send`.
"""

from __future__ import annotations

import asyncio
import random
from collections.abc import Awaitable

from starlette.types import Receive, Scope, Send

from genui.runs import Follower
from genui.wire import genui1

HEADERS = [
    (b"content-type", genui1.CONTENT_TYPE.encode()),
    (b"cache-control", b"no-cache, no-transform"),  # no-transform: not even compression may hold events back
    (b"x-accel-buffering", b"no"),  # nginx passes each event on
]


AWAY = (500, 4000)
"""Milliseconds, at least and at most, until a client that was sent away shall come back."""

_THOUGHT = b'{"type":"thought"'


class Heartbeat:
    """One timer for all streams: every `interval` seconds each that is waiting sends a comment."""

    def __init__(self, interval: float) -> None:
        self._interval = interval
        self._followers: set[Follower] = set()
        self._timer: asyncio.TimerHandle | None = None

    def add(self, follower: Follower) -> None:
        self._followers.add(follower)
        if self._timer is None:
            self._set_timer()

    def discard(self, follower: Follower) -> None:
        self._followers.discard(follower)
        if not self._followers and self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _set_timer(self) -> None:
        self._timer = asyncio.get_running_loop().call_later(self._interval, self._beat)

    def _beat(self) -> None:
        for follower in self._followers:
            follower.nudge()
        self._set_timer()


async def send_stream(
    scope: Scope,
    send: Send,
    follower: Follower,
    gone: Awaitable[None],
    heartbeat: Heartbeat,
    *,
    thoughts: bool,
) -> None:
    """The whole response: what `follower` gives, until the run ends or `gone` returns. `thoughts`: those of
    the model, too."""
    watcher = asyncio.ensure_future(gone)
    watcher.add_done_callback(lambda _: follower.close())
    heartbeat.add(follower)
    try:
        await send({"type": "http.response.start", "status": 200, "headers": [*HEADERS]})
        if scope["method"] != "HEAD":
            await _send_batches(send, follower, thoughts=thoughts)
            if not follower.exhausted and not watcher.done():
                # Sent away, like others: all at once, they would come back all at once.
                farewell = genui1.retry(random.randint(*AWAY))  # noqa: S311
                await send({"type": "http.response.body", "body": farewell, "more_body": True})
        await send({"type": "http.response.body"})
    except OSError:
        pass  # ASGI servers may say so when the client is gone
    finally:
        heartbeat.discard(follower)
        follower.close()
        watcher.cancel()


async def _send_batches(send: Send, follower: Follower, *, thoughts: bool) -> None:
    async for entries in follower:
        if entries and not thoughts:
            entries = [entry for entry in entries if not entry.data.startswith(_THOUGHT)]
            if not entries:
                continue
        body = genui1.frames(entries) if entries else genui1.HEARTBEAT
        await send({"type": "http.response.body", "body": body, "more_body": True})


async def disconnected(receive: Receive) -> None:
    """Returns when the client has gone away."""
    while (await receive())["type"] != "http.disconnect":
        pass
