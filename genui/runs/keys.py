"""What is claimed by one and then held for a while: who began a run under which Idempotency-Key."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable
from typing import Protocol


class Keys(Protocol):
    """The part of a Driver that this needs. Times are seconds."""

    async def claim(self, key: str, value: str, seconds: float) -> str | None: ...

    async def confirm(self, key: str, value: str, seconds: float) -> None: ...

    async def release(self, keys: Iterable[str]) -> None: ...


class MemoryKeys:
    """Keys of this process: at most `keep` of them, the oldest forgotten first."""

    def __init__(self, *, keep: int = 10_000, clock: Callable[[], float] = time.monotonic) -> None:
        self._keep = keep
        self._clock = clock
        self._held: dict[str, tuple[str, float]] = {}

    async def claim(self, key: str, value: str, seconds: float) -> str | None:
        held = self._held.get(key)
        if held and held[1] > self._clock():
            return held[0]
        await self.confirm(key, value, seconds)
        return None

    async def confirm(self, key: str, value: str, seconds: float) -> None:
        self._held.pop(key, None)
        self._held[key] = (value, self._clock() + seconds)
        while len(self._held) > self._keep:
            del self._held[next(iter(self._held))]

    async def release(self, keys: Iterable[str]) -> None:
        for key in keys:
            self._held.pop(key, None)
