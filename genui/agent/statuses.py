"""The status lines of one run: each has an id, an order and an end."""

from __future__ import annotations

from genui.events import Activity, Status


class Statuses:
    """Makes Status events and knows which lines are still running."""

    def __init__(self) -> None:
        self._count = 0
        self._running: dict[str, Status] = {}

    def start(self, label: str) -> Status:
        """A new line, running."""
        self._count += 1
        status = Status(f"agent-{self._count}", label, "running")
        self._running[status.id] = status
        return status

    def end(self, status: Status, state: Activity = "done", label: str | None = None) -> Status:
        """The line's last word."""
        del self._running[status.id]
        return Status(status.id, label or status.label, state)

    def close(self) -> list[Status]:
        """Fail every line that is still running, in the order in which they started."""
        return [self.end(status, "failed") for status in tuple(self._running.values())]
