"""Which store a `--store` means, and what belongs to it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from genui.errors import CallerError
from genui.runs.driver import Driver
from genui.runs.journal import StoredLog
from genui.runs.keys import Keys, MemoryKeys
from genui.runs.log import Log
from genui.runs.memory import MemoryLog
from genui.runs.peers import Peers
from genui.runs.sqlite import SqliteDriver
from genui.runs.threads import MemoryShelf, Threads

DEFAULT_STORE = "sqlite:///genui.db"
"""Where everything is kept when nobody says: a file in the working directory."""


@dataclass(frozen=True, slots=True)
class Store:
    """Where runs, threads and keys are kept. `name` is for people; `peers` where other workers may share it;
    `check` raises CallerError (`bad-store`) when it cannot be used."""

    name: str
    log: Log
    threads: Threads
    keys: Keys
    peers: Peers | None = None
    check: Callable[[], None] = lambda: None


def memory_store(log: Log | None = None) -> Store:
    """Everything in this process, and with it gone. `log` is a log of one's own."""
    return Store("memory", log or MemoryLog(), Threads(MemoryShelf()), MemoryKeys())


def driven_store(name: str, driver: Driver, check: Callable[[], None] = lambda: None) -> Store:
    """Everything where a driver keeps it."""
    log, threads = StoredLog(driver), Threads(driver)
    log.settle_first = threads.settle
    return Store(name, log, threads, driver, Peers(driver, log, threads), check)


def open_store(store: str | Log | Store | None) -> Store:
    """What `store` names: "memory", "sqlite:///PATH" (relative, unless PATH begins with a slash of its own),
    "redis://HOST:PORT/NUMBER"; None is DEFAULT_STORE. Nothing is connected yet.

    Raises CallerError (`bad-store`).
    """
    if isinstance(store, Store):
        return store
    if store is not None and not isinstance(store, str):
        return memory_store(store)
    name = DEFAULT_STORE if store is None else store
    if name == "memory":
        return memory_store()
    path = name.removeprefix("sqlite:///")
    if path not in (name, "", ":memory:"):
        driver = SqliteDriver(path)
        return driven_store(name, driver, driver.check)
    if name.startswith(("redis://", "rediss://")):
        return _redis_store(name)
    raise CallerError(
        "bad-store",
        f'store {_without_password(name)!r} is none of "memory", "sqlite:///PATH" and "redis://HOST:PORT/NUMBER"',
    )


def _redis_store(url: str) -> Store:
    try:
        from genui.runs.redis import RedisDriver
        from genui.runs.redis_line import shown
    except ImportError as error:
        message = 'store: Redis needs a package that is not installed: pip install "genui[redis]"'
        raise CallerError("bad-store", message, 503) from error
    driver = RedisDriver(url)
    return driven_store(shown(url), driver, driver.check)


def _without_password(name: str) -> str:
    """What is no store may still be one's address in another program."""
    before, at, after = name.rpartition("@")
    return f"{before.partition('://')[0]}://…@{after}" if at else name
