"""Several companions of one run, as one: each hears the source, and what those before it say.

A widget that was put right may have data to load, so loaders come after repairs. Nobody hears those after
it: two that answered each other would go on for ever.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from functools import partial, reduce

from genui.events import Event, RunEnd
from genui.runs import Companion


class Companions:
    """In the order in which they hear."""

    def __init__(self, *companions: Companion) -> None:
        self._companions = companions

    def hear(self, event: Event, say: Callable[[Event], None]) -> None:
        """All of them hear an event of the source."""
        self._tell(0, event, say)

    def _tell(self, first: int, event: Event, say: Callable[[Event], None]) -> None:
        # Nothing of this is kept for the next event: it would hold the run, which holds this.
        *others, last = self._companions[first:]
        for place, companion in enumerate(others, first + 1):
            companion.hear(event, partial(self._said, place, say))
        last.hear(event, say)

    def _said(self, next_place: int, say: Callable[[Event], None], event: Event) -> None:
        self._tell(next_place, event, say)
        say(event)

    @property
    def busy(self) -> bool:
        """Whether any of them is."""
        return any(companion.busy for companion in self._companions)

    async def finish(self) -> None:
        """Wait for one after the other: the last words of one may give those after it something to do."""
        for companion in self._companions:
            if companion.busy:
                await companion.finish()

    async def close(self) -> None:
        """End all of them."""
        await asyncio.gather(*(companion.close() for companion in self._companions))

    def conclude(self, end: RunEnd) -> RunEnd:
        """The run's last event, with what each adds to it."""
        return reduce(lambda so_far, companion: companion.conclude(so_far), self._companions, end)
