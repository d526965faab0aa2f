"""A run's events in memory: a bytearray and offsets.

Two thousand events kept as bytes objects would cost 230 kB a run; kept end to end they cost their length
and eight bytes each.
"""

from __future__ import annotations

from array import array
from collections.abc import Callable

from genui.runs.log import Entry


class Tape:
    """Events `base` + 1 and on, end to end: event n lies between ends[n - base - 1] and ends[n - base]."""

    __slots__ = ("base", "data", "ends", "finished", "watchers")

    def __init__(self, base: int = 0, watchers: list[Callable[[], None]] | None = None) -> None:
        self.base = base
        self.data = bytearray()
        self.ends = array("Q", [0])
        self.finished = False
        self.watchers = watchers if watchers is not None else []

    @property
    def last(self) -> int:
        """The number of the last event, `base` when there is none."""
        return self.base + len(self.ends) - 1

    def append(self, data: bytes) -> int:
        self.data += data
        self.ends.append(len(self.data))
        return self.base + len(self.ends) - 1

    def watch(self, wake: Callable[[], None]) -> Callable[[], None]:
        """Have `wake` called by `wake`; what is returned stops that."""
        self.watchers.append(wake)

        def unwatch() -> None:
            if wake in self.watchers:
                self.watchers.remove(wake)

        return unwatch

    def wake(self) -> None:
        for wake in tuple(self.watchers):
            wake()

    def read(self, after: int, upto: int, limit: int) -> list[Entry]:
        """Events `after` + 1 to `upto`, at least one if there is one, else as many as `limit` bytes hold."""
        base, ends = self.base, self.ends
        if upto == after + 1:  # as when a follower has kept up
            return [Entry(upto, bytes(self.data[ends[after - base] : ends[upto - base]]))]
        entries: list[Entry] = []
        first = ends[after - base]
        # A view, so that each event is copied once; released before the next append, which resizes.
        with memoryview(self.data) as view:
            for seq in range(after + 1, upto + 1):
                start, end = ends[seq - base - 1], ends[seq - base]
                if entries and end - first > limit:
                    break
                entries.append(Entry(seq, bytes(view[start:end])))
        return entries
