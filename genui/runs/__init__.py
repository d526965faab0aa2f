"""A run's life, the log it writes, the thread it answers in, and where all of that is kept."""

from genui.runs.answer import Answer
from genui.runs.conversation import Act, Answered, Said, ThreadBusyError, Turn, UnknownThreadError
from genui.runs.driver import Driver, Summary
from genui.runs.follower import Follower
from genui.runs.inbox import Inbox
from genui.runs.journal import StoredLog
from genui.runs.keys import Keys, MemoryKeys
from genui.runs.log import About, Batch, Entry, Log, StoreError, UnknownRunError
from genui.runs.memory import MemoryLog
from genui.runs.peers import INTERRUPTED
from genui.runs.recording import Recording, difference, outcome, read_recording
from genui.runs.run import Companion, Run, Stage
from genui.runs.runs import Runs, new_id
from genui.runs.sqlite import SqliteDriver
from genui.runs.store import DEFAULT_STORE, Store, driven_store, memory_store, open_store
from genui.runs.threads import MemoryShelf, Thread, Threads

__all__ = [
    "DEFAULT_STORE",
    "INTERRUPTED",
    "About",
    "Act",
    "Answer",
    "Answered",
    "Batch",
    "Companion",
    "Driver",
    "Entry",
    "Follower",
    "Inbox",
    "Keys",
    "Log",
    "MemoryKeys",
    "MemoryLog",
    "MemoryShelf",
    "Recording",
    "Run",
    "Runs",
    "Said",
    "SqliteDriver",
    "Stage",
    "Store",
    "StoreError",
    "StoredLog",
    "Summary",
    "Thread",
    "ThreadBusyError",
    "Threads",
    "Turn",
    "UnknownRunError",
    "UnknownThreadError",
    "difference",
    "driven_store",
    "memory_store",
    "new_id",
    "open_store",
    "outcome",
    "read_recording",
]
