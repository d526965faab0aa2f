"""A run's life, the log it writes, and the thread it answers in."""

from genui.runs.answer import Answer
from genui.runs.follower import Follower
from genui.runs.log import Batch, Entry, Log, UnknownRunError
from genui.runs.memory import MemoryLog
from genui.runs.run import Companion, Inbox, Run, Stage
from genui.runs.runs import Runs, new_id
from genui.runs.store import open_log
from genui.runs.threads import (
    Act,
    Answered,
    MemoryThreads,
    Said,
    ThreadBusyError,
    Threads,
    Turn,
    UnknownThreadError,
)

__all__ = [
    "Act",
    "Answer",
    "Answered",
    "Batch",
    "Companion",
    "Entry",
    "Follower",
    "Inbox",
    "Log",
    "MemoryLog",
    "MemoryThreads",
    "Run",
    "Runs",
    "Said",
    "Stage",
    "ThreadBusyError",
    "Threads",
    "Turn",
    "UnknownRunError",
    "UnknownThreadError",
    "new_id",
    "open_log",
]
