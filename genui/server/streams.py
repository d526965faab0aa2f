"""The hot route: a follower's events to one client, in whatever protocol, in plain ASGI.

Nothing stands between a follower and the server's `send`: Starlette's StreamingResponse costs twice the
memory a stream. One coroutine a stream sends, so frames never interleave; a second waits for the client
to go away. A slow client blocks only its own `send`, and holds little: it is given at most `SLICE` bytes
at a time, and what it has not read stays in the log, where all followers read it. The first token leaves at
once; what is written while the loop has other things to do leaves in one piece.
"""

from __future__ import annotations

import asyncio
import random
from collections.abc import Awaitable

from starlette.types import Receive, Scope, Send

from genui.runs import Follower
from genui.wire import Encoder

HEADERS = [
    (b"cache-control", b"no-cache, no-transform"),  # no-transform: not even compression may hold events back
    (b"x-accel-buffering", b"no"),  # nginx passes each event on
]

AWAY = (500, 4000)
"""Milliseconds, at least and at most, until a client that was sent away shall come back."""

SLICE = 32 * 1024
"""Bytes that are sent at once: what waits for one client in this process besides its run's log."""

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

    def __len__(self) -> int:
        """How many streams there are."""
        return len(self._followers)

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
    encoder: Encoder,
    *,
    thoughts: bool,
) -> None:
    """The whole response: what `follower` gives, as `encoder` says it, until the run ends or `gone` returns.
    `thoughts`: those of the model, too."""
    watcher = asyncio.ensure_future(gone)
    watcher.add_done_callback(lambda _: follower.close())
    heartbeat.add(follower)
    try:
        await send({"type": "http.response.start", "status": 200, "headers": _headers(encoder)})
        if scope["method"] != "HEAD":
            await _send_batches(send, follower, encoder, thoughts=thoughts)
            if not watcher.done():
                await _send(send, encoder.end() if follower.exhausted else encoder.leave(_away()))
        await send({"type": "http.response.body"})
    except OSError:
        pass  # ASGI servers may say so when the client is gone
    finally:
        heartbeat.discard(follower)
        follower.close()
        watcher.cancel()


def _headers(encoder: Encoder) -> list[tuple[bytes, bytes]]:
    own = {"content-type": encoder.content_type, **encoder.headers}
    return [*((name.encode(), value.encode()) for name, value in own.items()), *HEADERS]


def _away() -> int:
    """When to come back: cut or sent away all at once, clients would come back all at once."""
    return random.randint(*AWAY)  # noqa: S311


async def _send_batches(send: Send, follower: Follower, encoder: Encoder, *, thoughts: bool) -> None:
    hint = encoder.begin(_away())  # with the first events: to a client that is cut off nothing can be said
    async for entries in follower:
        if entries:
            body = encoder.encode(
                entries if thoughts else [e for e in entries if not e.data.startswith(_THOUGHT)]
            )
        else:
            body = encoder.heartbeat()
        del entries  # a slow client would hold them beside their bytes
        await _send(send, hint + body)
        hint = b""


async def _send(send: Send, body: bytes) -> None:
    if 0 < len(body) <= SLICE:  # nearly always
        await send({"type": "http.response.body", "body": body, "more_body": True})
        return
    for start in range(0, len(body), SLICE):
        piece = body[start : start + SLICE]
        await send({"type": "http.response.body", "body": piece, "more_body": True})


async def disconnected(receive: Receive) -> None:
    """Returns when the client has gone away."""
    while (await receive())["type"] != "http.disconnect":
        pass
