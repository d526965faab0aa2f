"""What is told of each run when it is over: to the metrics, to the log, to a tracer."""

from __future__ import annotations

import logging
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Literal

from genui.agent import Model, RepairCount
from genui.catalog import Catalog
from genui.events import ComponentError, Event, RenderComponent, RunEnd, Text
from genui.server.observing.logs import current_run
from genui.server.observing.metrics import Metrics
from genui.server.observing.tracing import Span, Tracing

log = logging.getLogger("genui.run")

Kind = Literal["answer", "recognize"]

Hear = Callable[[Event], None]


class Observer:
    """One for an application."""

    def __init__(self) -> None:
        self.metrics = Metrics()
        self._tracing = Tracing()
        self._repairs = RepairCount()  # those that were told

    def model(self, model: Model) -> Model:
        """The model, its turns traced where somebody traces."""
        return self._tracing.model(model)

    @contextmanager
    def run(
        self, kind: Kind, run: str, thread: str, catalog: Catalog, hear: Hear | None = None
    ) -> Iterator[Hear]:
        """What hears the events of the run that is started in here, and passes them on to `hear`."""
        token = current_run.set((run, thread))
        try:
            with self._tracing.run(kind, run, thread) as span:
                yield Watch(kind, self.metrics, catalog, hear, span)
        finally:
            current_run.reset(token)

    def note(self, repairs: RepairCount) -> None:
        """How many repairs there were so far."""
        before, self._repairs = self._repairs, RepairCount(repairs.asked, repairs.mended)
        self.metrics.repairs.labels("asked").inc(repairs.asked - before.asked)
        self.metrics.repairs.labels("mended").inc(repairs.mended - before.mended)


class Watch:
    """Hears the events of one run."""

    def __init__(self, kind: Kind, metrics: Metrics, catalog: Catalog, hear: Hear | None, span: Span) -> None:
        self._kind = kind
        self._metrics = metrics
        self._catalog = catalog
        self._hear = hear
        self._span = span
        self._began = time.monotonic()
        self._spoke = self._mounted = False
        self._events: Counter[str] = Counter()
        self._open: dict[str, float] = {}  # by id: when a widget that is not complete was mounted
        metrics.live.inc()

    def __call__(self, event: Event) -> None:
        self._events[event.type] += 1
        if isinstance(event, Text):
            if not self._spoke:
                self._first()
        elif isinstance(event, RenderComponent):
            self._render(event)
        elif isinstance(event, ComponentError):
            self._component(event.name, "failed")
            self._metrics.errors.labels("component", event.code).inc()
        if self._hear:
            self._hear(event)
        if isinstance(event, RunEnd):
            self._end(event)

    def _first(self) -> None:
        self._spoke = True
        self._metrics.first.labels(self._kind).observe(time.monotonic() - self._began)
        self._span.first()

    def _render(self, event: RenderComponent) -> None:
        now = time.monotonic()
        if not self._spoke:
            self._first()
        if not self._mounted:
            self._mounted = True
            self._metrics.mounts.labels(self._kind).observe(now - self._began)
        mounted = self._open.setdefault(event.id, now)
        if event.state == "complete":
            del self._open[event.id]
            self._metrics.widgets.observe(now - mounted)
            self._component(event.name, "complete")

    def _component(self, name: str, outcome: str) -> None:
        known = name if self._catalog.get(name) is not None else "other"
        self._metrics.components.labels(known, outcome).inc()

    def _end(self, end: RunEnd) -> None:
        metrics, seconds = self._metrics, time.monotonic() - self._began
        metrics.live.dec()
        metrics.runs.labels(self._kind, end.reason).inc()
        metrics.run_seconds.labels(self._kind).observe(seconds)
        for kind, number in self._events.items():
            metrics.events.labels(kind).inc(number)
        if end.error:
            metrics.errors.labels("run", end.error["code"]).inc()
        usage = end.usage or {}
        metrics.tokens.labels("input").inc(usage.get("input_tokens", 0))
        metrics.tokens.labels("output").inc(usage.get("output_tokens", 0))
        self._span.end(end)
        told = {"kind": self._kind, "reason": end.reason, "seconds": round(seconds, 3), **usage}
        error = {"error": end.error["code"]} if end.error else {}
        log.info("run ended: %s", end.reason, extra={"genui": {**told, **error}})
