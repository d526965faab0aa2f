"""Sync functions off the event loop, each in a thread of its own.

Not `asyncio.to_thread`: its pool is one for the whole process and has few threads, so that some tools that
hang would stop all others, and the interpreter's end would wait for them. A thread that is made for one
call costs 50 µs and is gone when the call is over. None can be killed, so one that is no longer wanted is
told: `cancelled()` is true in it.
"""

from __future__ import annotations

import asyncio
import contextlib
import contextvars
import inspect
import threading
from collections.abc import AsyncGenerator, Callable
from typing import Any

_STOPPED: contextvars.ContextVar[threading.Event | None] = contextvars.ContextVar("stopped", default=None)


def cancelled() -> bool:
    """Whether nobody wants the result of this tool any more: for a sync one that works long, to ask now
    and then. An async one is cancelled as any task is."""
    stopped = _STOPPED.get()
    return stopped is not None and stopped.is_set()


class _Values:
    """The way of values out of a thread: one at a time, so that a fast generator fills no memory."""

    def __init__(self) -> None:
        self.stopped = threading.Event()
        self.taken = threading.Semaphore(0)
        self._loop = asyncio.get_running_loop()
        self._queue: asyncio.Queue[tuple[str, Any]] = asyncio.Queue()

    def put(self, kind: str, value: Any = None) -> None:
        """Called in the thread."""
        with contextlib.suppress(RuntimeError):  # the loop is closed: nobody waits
            self._loop.call_soon_threadsafe(self._queue.put_nowait, (kind, value))

    async def get(self) -> tuple[str, Any]:
        return await self._queue.get()


async def values_of(work: Callable[[], Any]) -> AsyncGenerator[Any, None]:
    """What `work` returns, or what the generator gives that it returns. Raises what it raises. Closing the
    iterator leaves the thread to itself, and tells it."""
    values = _Values()
    context = contextvars.copy_context()
    context.run(_STOPPED.set, values.stopped)
    thread = threading.Thread(target=context.run, args=(_run, work, values), daemon=True, name="genui tool")
    thread.start()
    try:
        while True:
            kind, value = await values.get()
            if kind == "end":
                thread.join()  # it has nothing left to do
                return
            if kind == "error":
                raise value
            yield value
            values.taken.release()
    finally:
        values.stopped.set()
        values.taken.release()


def _run(work: Callable[[], Any], values: _Values) -> None:
    try:
        result = work()
        if not inspect.isgenerator(result):
            values.put("value", result)
        else:
            with contextlib.closing(result):
                for value in result:
                    values.put("value", value)
                    values.taken.acquire()
                    if values.stopped.is_set():
                        return
    except BaseException as error:
        # A StopIteration would end the generator that it is raised in again.
        values.put("error", RuntimeError(repr(error)) if isinstance(error, StopIteration) else error)
    finally:
        values.put("end")
