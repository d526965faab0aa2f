"""A run's life, and the log it writes."""

from genui.runs.follower import Follower
from genui.runs.log import Batch, Entry, Log, UnknownRunError
from genui.runs.memory import MemoryLog
from genui.runs.run import Run, Stage
from genui.runs.runs import Runs
from genui.runs.store import open_log

__all__ = [
    "Batch",
    "Entry",
    "Follower",
    "Log",
    "MemoryLog",
    "Run",
    "Runs",
    "Stage",
    "UnknownRunError",
    "open_log",
]
