"""What every route of runs needs of the server's settings: bodies within limits, who may read thoughts,
and one heartbeat for all streams."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from inspect import isawaitable
from typing import TypeAlias

from starlette.requests import Request
from starlette.types import Receive, Scope, Send

from genui.runs import Follower
from genui.server.observing import Metrics
from genui.server.requests import read_json_body
from genui.server.security import ServerLimits
from genui.server.streams import Heartbeat, send_stream
from genui.wire import Encoder

MayThink: TypeAlias = bool | Callable[[Request], bool | Awaitable[bool]]
"""Who may read what the model thinks: all, nobody, or those of whom it is true."""


class Sender:
    """Reads requests and sends streams."""

    def __init__(
        self, heartbeat: Heartbeat, limits: ServerLimits, metrics: Metrics, may_think: MayThink = False
    ) -> None:
        self._heartbeat = heartbeat
        self._metrics = metrics
        self._limits = limits
        self._may_think = may_think

    async def read(self, scope: Scope, receive: Receive, most: int | None = None) -> bytes:
        """A JSON body, of at most `most` bytes where that is less than the limit. Raises CallerError."""
        limit = self._limits.body if most is None else min(self._limits.body, most)
        return await read_json_body(scope, receive, limit, self._limits.body_seconds)

    async def thoughts(self, scope: Scope) -> bool:
        """Whether who asks may read what the model thinks: the application says so, request by request."""
        if isinstance(self._may_think, bool):
            return self._may_think
        allowed = self._may_think(Request(scope))
        return (await allowed if isawaitable(allowed) else allowed) is True

    async def send(
        self, scope: Scope, send: Send, follower: Follower, gone: Awaitable[None], encoder: Encoder
    ) -> None:
        """The whole response; see `send_stream`."""
        thoughts = await self.thoughts(scope)
        with self._metrics.streams.track_inprogress():
            await send_stream(scope, send, follower, gone, self._heartbeat, encoder, thoughts=thoughts)
