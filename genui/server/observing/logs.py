"""Which run a log record is about: whatever logs in a run's task, a tool or a model's client too."""

from __future__ import annotations

from contextvars import ContextVar

current_run: ContextVar[tuple[str, str] | None] = ContextVar("genui_run", default=None)
"""The ids of the run and of its thread."""
