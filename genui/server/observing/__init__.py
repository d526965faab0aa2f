"""What the operator sees: metrics, the run a log line is about, spans. docs/observing.md describes it."""

from genui.server.observing.logs import current_run
from genui.server.observing.metrics import MULTIPROCESS, Metrics
from genui.server.observing.observer import Observer
from genui.server.observing.scraping import MetricsRoute

__all__ = ["MULTIPROCESS", "Metrics", "MetricsRoute", "Observer", "current_run"]
