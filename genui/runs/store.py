"""Which log a `--store` means."""

from __future__ import annotations

from genui.errors import CallerError
from genui.runs.log import Log
from genui.runs.memory import MemoryLog


def open_log(store: str | Log) -> Log:
    """The log that `store` names ("memory"), or `store` itself. Raises CallerError (`bad-store`)."""
    if not isinstance(store, str):
        return store
    if store == "memory":
        return MemoryLog()
    raise CallerError("bad-store", f'store {store!r}: this version knows "memory"')
