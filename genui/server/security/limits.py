"""How often and how much: the limits of the server, and the counting of requests.

A caller is whoever authentication found, and beside that the address that a request comes from. Each has a
bucket of tokens (`burst` of them, filled up at `rate` a second) of which a request takes one, and a number
of requests that may be open at a time, streams included. Both are counted for each process.
"""

from __future__ import annotations

import math
import time
from collections import Counter, OrderedDict
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

from genui.errors import CallerError

_CALLERS = 10_000
"""Callers that are remembered. One that is forgotten begins with a full bucket, as a new one does."""


@dataclass(frozen=True, slots=True)
class ServerLimits:
    """What a caller may make large, long or many. Bytes, seconds and numbers; 0 for a rate or a number of
    open requests is no limit."""

    body: int = 1_000_000
    """Bytes of a JSON body."""
    text: int = 10_000_000
    """Bytes of a text to recognize."""
    body_seconds: float = 30.0
    """Until a JSON body has arrived; between two pieces of a text to recognize, twice as long."""
    rate: float = 20.0
    """Requests a second of one caller, in the long run."""
    burst: int = 200
    """Requests of one caller at once."""
    open: int = 200
    """Requests of one caller that are open at a time, streams included."""
    streams: int | None = None
    """Streams, and runs, that a process has at a time; None: half as many as it may open files."""
    guesses: int = 20
    """Wrong keys from one address, which come back one every six seconds."""


class Buckets:
    """A bucket of tokens for each name."""

    def __init__(self, rate: float, burst: int, clock: Callable[[], float] = time.monotonic) -> None:
        self._rate = rate
        self._burst = burst
        self._clock = clock
        self._held: OrderedDict[str, tuple[float, float]] = OrderedDict()  # tokens, and when

    def wait(self, name: str) -> float:
        """Seconds until there is a token: 0 when there is one."""
        return max(0.0, (1 - self._tokens(name)) / self._rate)

    def take(self, name: str) -> None:
        """Take one."""
        self._held[name] = (self._tokens(name) - 1, self._clock())
        self._held.move_to_end(name)
        if len(self._held) > _CALLERS:
            self._held.popitem(last=False)

    def _tokens(self, name: str) -> float:
        tokens, then = self._held.get(name, (float(self._burst), 0.0))
        return min(self._burst, tokens + (self._clock() - then) * self._rate)


class Limiter:
    """Counts the requests of callers."""

    def __init__(self, limits: ServerLimits, clock: Callable[[], float] = time.monotonic) -> None:
        self._buckets = Buckets(limits.rate, limits.burst, clock) if limits.rate else None
        self._guesses = Buckets(1 / 6, limits.guesses, clock) if limits.guesses else None
        self._most = limits.open
        self._open: Counter[str] = Counter()

    def check_guesses(self, address: str) -> None:
        """Before a key is looked at. Raises CallerError (`too-many-requests`)."""
        if address and self._guesses and (wait := self._guesses.wait(address)):
            raise _too_many("Too many wrong keys came from this address.", wait)

    def guessed(self, address: str) -> None:
        """A key was wrong."""
        if address and self._guesses:
            self._guesses.take(address)

    @contextmanager
    def entered(self, callers: Sequence[str]) -> Iterator[None]:
        """While a request is open. Raises CallerError (`too-many-requests`)."""
        for caller in callers:
            self._check(caller)
        for caller in callers:
            self._open[caller] += 1
            if self._buckets:
                self._buckets.take(caller)
        try:
            yield
        finally:
            for caller in callers:
                self._open[caller] -= 1
                if not self._open[caller]:
                    del self._open[caller]

    def _check(self, caller: str) -> None:
        if self._buckets and (wait := self._buckets.wait(caller)):
            raise _too_many("You ask too often.", wait)
        if self._most and self._open[caller] >= self._most:
            raise _too_many(f"You have {self._most} requests open; end one of them first.", 1.0)


def _too_many(message: str, wait: float) -> CallerError:
    return CallerError("too-many-requests", message, 429, retry_after=math.ceil(wait))
