"""One SQLite file as an event loop uses it: a thread that writes and one that reads, each with a connection.

Work is a function of a connection, and is done in the order in which it was given to its thread.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import re
import sqlite3
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path
from typing import Any, TypeVar

from genui.errors import CallerError
from genui.runs.log import StoreError

T = TypeVar("T")

OPEN_SECONDS = 5.0
"""How long to wait for other processes that open the same file."""

_TABLE = re.compile(r"CREATE TABLE IF NOT EXISTS (\w+)")


class SqliteFile:
    """The file at `path`, made with this schema if it is missing, for its owner's eyes only. `lock_seconds`
    is how long another process may keep each piece of work waiting; opening has OPEN_SECONDS.

    What is written to a file that was moved or removed nobody would ever find again: so nothing is, until it
    is back.
    """

    def __init__(self, path: Path, schema: str, version: int, lock_seconds: float) -> None:
        self._path = path
        self._schema = schema
        self._version = version
        self._lock_seconds = lock_seconds
        self._threads: list[ThreadPoolExecutor] = []
        self._writing: sqlite3.Connection
        self._reading: sqlite3.Connection
        self._identity: tuple[int, int] | None = None

    def check(self) -> None:
        """Raises CallerError (`bad-store`) if it cannot be used."""
        with contextlib.closing(self._connect()) as connection, self._said():
            self._complete(connection)

    async def open(self) -> None:
        """Raises CallerError (`bad-store`)."""
        self._threads = [
            ThreadPoolExecutor(1, "genui sqlite writer"),
            ThreadPoolExecutor(1, "genui sqlite reader"),
        ]
        try:
            self._writing = await self._submit(0, self._connect)
            with self._said():
                await self._submit(0, lambda: self._complete(self._writing))
            self._reading = await self._submit(1, self._connect)
            self._identity = _identity(self._path)
            for thread, connection in enumerate((self._writing, self._reading)):
                wait = f"PRAGMA busy_timeout = {int(self._lock_seconds * 1000)}"
                await self._submit(thread, partial(connection.execute, wait))
        except BaseException:
            self._end_threads()
            raise

    async def close(self) -> None:
        await self._submit(1, self._reading.close)
        await self._submit(0, self._writing.close)
        self._end_threads()

    async def write(self, work: Callable[[sqlite3.Connection], T]) -> T:
        """Raises StoreError."""

        def checked() -> T:
            if _identity(self._path) != self._identity:
                raise sqlite3.OperationalError("the file was moved or removed; put it back, or start anew")
            return work(self._writing)

        return await self._told(0, checked)

    async def read(self, work: Callable[[sqlite3.Connection], T]) -> T:
        """Raises StoreError."""
        return await self._told(1, lambda: work(self._reading))

    async def one(self, query: str, name: str) -> Any:
        """The one row of a query about `name`, or None. Raises StoreError."""
        return await self.read(lambda db: db.execute(query, (name,)).fetchone())

    def _connect(self) -> sqlite3.Connection:
        with self._said():
            _make(self._path)
            connection = sqlite3.connect(
                self._path, timeout=OPEN_SECONDS, isolation_level=None, check_same_thread=False
            )
            try:
                self._judge(connection)  # first of all, since what comes next changes the file
                _write_ahead(connection)
                connection.execute("PRAGMA synchronous = NORMAL")
                connection.execute("PRAGMA wal_autocheckpoint = 0")
                connection.execute("PRAGMA journal_size_limit = 67108864")
            except BaseException:
                connection.close()
                raise
            return connection

    def _judge(self, connection: sqlite3.Connection) -> None:
        """Raises DatabaseError if it is not ours: it is left alone."""
        query = "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%'"
        found = {name for (name,) in connection.execute(query)}
        ours = set(_TABLE.findall(self._schema))
        (version,) = connection.execute("PRAGMA user_version").fetchone()  # after them: both come at once
        if found and not (version and found >= ours):
            which = min(found - ours or found)
            raise sqlite3.DatabaseError(f"it belongs to another program, which keeps {which!r} there")
        if version not in (0, self._version):  # 0: it is new
            which = "a newer" if version > self._version else "an older"
            raise sqlite3.DatabaseError(f"it was made by {which} version of genui")

    def _complete(self, connection: sqlite3.Connection) -> None:
        """Make what is missing, all at once: half of it would be taken for another program's."""
        connection.executescript(f"BEGIN IMMEDIATE; {self._schema} COMMIT;")

    @contextlib.contextmanager
    def _said(self) -> Iterator[None]:
        """What is wrong with the file, in words for whoever named it."""
        try:
            yield
        except (OSError, sqlite3.Error) as error:
            why = error.strerror if isinstance(error, OSError) else error
            message = f"store: cannot use {self._path} as an SQLite file: {why}; name another with --store"
            raise CallerError("bad-store", message, 503) from error

    async def _submit(self, thread: int, work: Callable[[], T]) -> T:
        return await asyncio.get_running_loop().run_in_executor(self._threads[thread], work)

    async def _told(self, thread: int, work: Callable[[], T]) -> T:
        if not self._threads:
            raise StoreError(f"{self._path}: closed")
        try:
            return await self._submit(thread, work)
        except sqlite3.Error as error:
            raise StoreError(f"{self._path}: {error}", lasting=not _is_lock(error)) from error

    def _end_threads(self) -> None:
        for thread in self._threads:
            thread.shutdown(wait=False)
        self._threads = []


@contextlib.contextmanager
def transaction(db: sqlite3.Connection, kind: str = "IMMEDIATE") -> Iterator[None]:
    """All that is done in the context, or nothing of it."""
    db.execute(f"BEGIN {kind}")
    try:
        yield
        db.execute("COMMIT")
    except BaseException:
        if db.in_transaction:  # SQLite itself rolls back after some errors
            db.execute("ROLLBACK")
        raise


def _write_ahead(connection: sqlite3.Connection) -> None:
    """Have it write ahead. Where several open a new file at once, SQLite refuses all but one of them at once,
    without the wait that every other statement has (https://sqlite.org/wal.html); so it is tried again."""
    until = time.monotonic() + OPEN_SECONDS
    while True:
        try:
            connection.execute("PRAGMA journal_mode = WAL")
            return
        except sqlite3.OperationalError as error:
            if error.sqlite_errorcode != sqlite3.SQLITE_BUSY or time.monotonic() > until:
                raise
        time.sleep(0.01)


def _make(path: Path) -> None:
    """An empty file, if there is none: conversations are nobody else's business, and SQLite gives its other
    files the same rights.

    One that exists is not opened: closing it would drop the locks that this process has on it (POSIX), and
    another process would take the write-ahead log for abandoned.
    """
    with contextlib.suppress(FileExistsError):
        os.close(os.open(path, os.O_CREAT | os.O_EXCL | os.O_RDWR, 0o600))


def _identity(path: Path) -> tuple[int, int] | None:
    """Which file it is; None when there is none."""
    try:
        found = path.stat()
    except OSError:
        return None
    return found.st_dev, found.st_ino


def _is_lock(error: sqlite3.Error) -> bool:
    return getattr(error, "sqlite_errorcode", 0) & 0xFF in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED)
