"""When to refuse another stream: before those that run would suffer.

Two things run out. Descriptors, of which a stream needs two, one to its client and one to its model: without
any the server could not even say no. And the event loop's time: a loop that is late is late for every
stream. One late turn means nothing, since anything may block a process for a moment; a loop that was late
at every look for a while has more to do than it can, which is how CoDel (RFC 8289, section 3) tells a
standing queue from a burst.
"""

from __future__ import annotations

import asyncio
import random
import sys
from collections import deque
from collections.abc import Callable

from genui.errors import CallerError

LOOK_SECONDS = 0.2
LOOKS = 5
"""The loop is late when it was at each of so many looks."""

LATE_SECONDS = 0.25

AGAIN = (1, 5)
"""Seconds, at least and at most, until one that was refused shall ask again: not all at once."""

_RESERVE = 64
"""Descriptors for everything but streams."""


class Load:
    """Looks at the loop while there are streams.

    `streams` and `runs` say how many there are, `most` bounds each; None: as many as descriptors allow.
    `late` is how many seconds the loop may stand behind.
    """

    def __init__(
        self,
        most: int | None,
        streams: Callable[[], int],
        runs: Callable[[], int] = lambda: 0,
        late: float = LATE_SECONDS,
    ) -> None:
        self._most = most
        self._streams = streams
        self._runs = runs
        self._late = late
        self._lags: deque[float] = deque(maxlen=LOOKS)
        self._looking = False

    @property
    def lag(self) -> float:
        """Seconds that the loop stands behind: the least of the last looks."""
        return min(self._lags) if len(self._lags) == LOOKS else 0.0

    def admit_stream(self) -> None:
        """Raises CallerError (`overloaded`) when one more cannot be followed. That the loop is late is no
        reason, nor that as many runs as may be go on: who was cut off from one of them may come back, and an
        EventSource that is refused gives up."""
        self._check(self._streams())
        if not self._looking:
            self._looking = True
            self._set_timer()

    def admit_run(self) -> None:
        """Raises CallerError (`overloaded`) when one more run would harm the others."""
        self._check(self._runs())
        self.admit_stream()
        if self.lag > self._late:
            raise _overloaded()

    def _check(self, number: int) -> None:
        most = self._most if self._most is not None else _by_descriptors()
        if most is not None and number >= most:
            raise _overloaded()

    def _set_timer(self) -> None:
        loop = asyncio.get_running_loop()
        due = loop.time() + LOOK_SECONDS
        loop.call_at(due, self._look, due)

    def _look(self, due: float) -> None:
        self._lags.append(asyncio.get_running_loop().time() - due)
        if self._streams() or self._runs():
            self._set_timer()
        else:
            self._looking = False
            self._lags.clear()


def _overloaded() -> CallerError:
    message = "The server has as much to do as it can; try again in a moment."
    return CallerError("overloaded", message, 503, retry_after=random.randint(*AGAIN))  # noqa: S311


def _by_descriptors() -> int | None:
    """How many streams this process has descriptors for; None where nothing bounds them."""
    if sys.platform == "win32":
        return None
    import resource

    soft, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
    return None if soft == resource.RLIM_INFINITY else max(1, (soft - _RESERVE) // 2)
