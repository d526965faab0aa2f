"""Metrics in Prometheus' form, a registry of its own for each application.

Names and labels follow Prometheus' naming (https://prometheus.io/docs/practices/naming/). Every label has a
bounded number of values: routes, codes of errors and names of components are those of the code and of the
catalog, and never what a caller or a model wrote.

Nothing here is done for each event: a run counts for itself (`Watch`) and tells when it is over.
"""

from __future__ import annotations

import asyncio
import os

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, ProcessCollector

MULTIPROCESS = "PROMETHEUS_MULTIPROC_DIR"
"""The environment variable with the folder in which several workers add up, as prometheus_client has it."""

_WAITS = (0.05, 0.1, 0.25, 0.5, 1, 2, 4, 8, 15, 30, 60)
_LAGS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1)

LAG_INTERVAL = 0.5
"""Seconds between two looks at how late the loop is."""


class Metrics:
    """All of them."""

    def __init__(self) -> None:
        own = self.registry = CollectorRegistry()
        self.streams = Gauge(
            "genui_streams", "Streams of events that are open.", registry=own, multiprocess_mode="livesum"
        )
        self.live = Gauge(
            "genui_runs_live", "Runs that are going on.", registry=own, multiprocess_mode="livesum"
        )
        self.tasks = Gauge(
            "genui_tasks", "Tasks of the event loop.", registry=own, multiprocess_mode="livesum"
        )
        self.runs = Counter("genui_runs", "Runs that ended, by reason.", ["kind", "reason"], registry=own)
        self.run_seconds = Histogram(
            "genui_run_seconds", "From a run's start to its end.", ["kind"], buckets=_WAITS, registry=own
        )
        self.first = Histogram(
            "genui_first_token_seconds",
            "From a run's start to the first text or widget.",
            ["kind"],
            buckets=_WAITS,
            registry=own,
        )
        self.mounts = Histogram(
            "genui_first_mount_seconds",
            "From a run's start to its first widget's mount.",
            ["kind"],
            buckets=_WAITS,
            registry=own,
        )
        self.widgets = Histogram(
            "genui_widget_seconds",
            "From a widget's mount until it is complete.",
            buckets=_WAITS,
            registry=own,
        )
        self.tokens = Counter("genui_tokens", "Tokens, as models count them.", ["direction"], registry=own)
        self.events = Counter("genui_events", "Events of runs, by type.", ["type"], registry=own)
        self.components = Counter(
            "genui_components", "Components by what became of them.", ["name", "outcome"], registry=own
        )
        self.repairs = Counter("genui_repairs", "Repairs that were asked for.", ["outcome"], registry=own)
        self.errors = Counter(
            "genui_errors",
            "Errors by code: of answers, of runs, of components.",
            ["where", "code"],
            registry=own,
        )
        self.requests = Counter(
            "genui_requests", "Requests by route and status.", ["route", "status"], registry=own
        )
        self.lag = Histogram(
            "genui_loop_lag_seconds",
            f"How late the event loop is, looked at every {LAG_INTERVAL:g} seconds.",
            buckets=_LAGS,
            registry=own,
        )
        if MULTIPROCESS not in os.environ:
            ProcessCollector(registry=own)
        self._timer: asyncio.TimerHandle | None = None

    def watch_loop(self) -> None:
        """Begin to measure how late the running loop is. Safe to call again."""
        if self._timer is None:
            self._set_timer(asyncio.get_running_loop())

    def close(self) -> None:
        """Stop that."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _set_timer(self, loop: asyncio.AbstractEventLoop) -> None:
        due = loop.time() + LAG_INTERVAL

        def look() -> None:
            self.lag.observe(max(0.0, loop.time() - due))
            self.tasks.set(len(asyncio.all_tasks(loop)))
            self._set_timer(loop)

        self._timer = loop.call_at(due, look)
