"""The status lines of one run: each has an id, an order and an end, and says how long it took."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, replace

from genui.agent.labels import one_line
from genui.events import Activity, Status


@dataclass(slots=True)
class _Line:
    label: str
    began: float


class Statuses:
    """Makes Status events and knows which lines are still running. `clock` counts seconds."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._count = 0
        self._running: dict[str, _Line] = {}

    def start(self, label: str) -> Status:
        """A new line, running."""
        self._count += 1
        return self._begin(f"agent-{self._count}", one_line(label))

    def again(self, id_: str) -> None:
        """What a line stands for begins only now: its time is counted from here."""
        self._running[id_].began = self._clock()

    def change(self, id_: str, label: str) -> Status:
        """Other words for a running line."""
        line = self._running[id_]
        line.label = one_line(label)
        return Status(id_, line.label, "running")

    def end(
        self, id_: str, state: Activity = "done", reason: str | None = None, *, label: str | None = None
    ) -> Status:
        """The line's last word."""
        line = self._running.pop(id_)
        seconds = round(self._clock() - line.began, 3)
        return Status(id_, label or line.label, state, seconds, one_line(reason) if reason else None)

    def pass_on(self, status: Status) -> Status:
        """A line of somebody else's who has no clock: it gets its time here, and is known to run."""
        if status.state == "running":
            return self._begin(status.id, status.label)
        if status.id not in self._running:
            return status
        return replace(self.end(status.id, status.state, status.reason), label=status.label)

    def close(self, reason: str | None = None) -> list[Status]:
        """Fail every line that is still running, in the order in which they started."""
        return [self.end(id_, "failed", reason) for id_ in tuple(self._running)]

    def _begin(self, id_: str, label: str) -> Status:
        self._running[id_] = _Line(label, self._clock())
        return Status(id_, label, "running")
