"""A store in one SQLite file: for one machine, with as many workers as it has.

Write-ahead logging, and one thread that writes: readers never wait for a writer, and the event loop for
neither. A group of events is one INSERT statement, however many runs it is of: then the thread lets go of
Python's lock just once for all of it. Statement by statement it would have to wait for its turn again
after each, which takes milliseconds while the loop is busy.

`synchronous=NORMAL`: what is committed survives the death of the process; the death of the machine may cost
the last moments, but never the file. Checkpoints, which wait for the disk, are done by the reading thread.

Other workers' commits are seen by `PRAGMA data_version`, asked every few milliseconds while there are any
other workers. SQLite has no notification between processes; a file's change is what there is.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import secrets
import socket
import sqlite3
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path

from genui.events import Json
from genui.runs.driver import LEASE, TAKEN, Birth, Chunk, Document, Ears, Stored, Summary
from genui.runs.ending import end_tasks
from genui.runs.log import About, StoreError
from genui.runs.sqlite_file import SqliteFile, transaction

POLL_FOLLOWED, POLL = 0.015, 0.05
"""Seconds between two looks for what other workers wrote: while their runs are followed, and else."""

SWEEP = 60.0
"""Seconds between two deletions of what is old."""

_SWEPT = 200
"""Runs that are deleted at a time."""

_VERSION = 2
_SCHEMA = f"""
CREATE TABLE IF NOT EXISTS workers (id TEXT PRIMARY KEY, host TEXT, pid INTEGER, seen REAL) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS runs (id TEXT PRIMARY KEY, thread TEXT, owner TEXT, worker TEXT, finished REAL)
  WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS live_runs ON runs (worker) WHERE finished IS NULL;
CREATE INDEX IF NOT EXISTS old_runs ON runs (finished) WHERE finished IS NOT NULL;
CREATE TABLE IF NOT EXISTS chunks
  (id INTEGER PRIMARY KEY AUTOINCREMENT, run TEXT, first INTEGER, length INTEGER, data BLOB, end INTEGER,
  UNIQUE (run, first));
CREATE TABLE IF NOT EXISTS mail (id INTEGER PRIMARY KEY AUTOINCREMENT, worker TEXT, body TEXT);
CREATE TABLE IF NOT EXISTS threads
  (id TEXT PRIMARY KEY, version INTEGER, title TEXT, owner TEXT, created REAL, updated REAL, head TEXT);
CREATE INDEX IF NOT EXISTS threads_by_owner ON threads (owner, updated);
CREATE TABLE IF NOT EXISTS answers (run TEXT PRIMARY KEY, thread TEXT, body TEXT);
CREATE INDEX IF NOT EXISTS answers_by_thread ON answers (thread);
CREATE TABLE IF NOT EXISTS keys (key TEXT PRIMARY KEY, value TEXT, until REAL) WITHOUT ROWID;
PRAGMA user_version = {_VERSION};
"""

_CHUNKS = "SELECT run, first, length, data, end FROM chunks"


class SqliteDriver:
    """The file at `path`, made if it is missing, for its owner's eyes only. Events of a run are deleted
    `keep_seconds` after its end; threads stay until they are deleted."""

    def __init__(
        self, path: str | Path, *, keep_seconds: float = 7 * 24 * 3600.0, lock_seconds: float = 2.0
    ) -> None:
        self.worker = f"worker_{secrets.token_urlsafe(12)}"
        self._file = SqliteFile(Path(path), _SCHEMA, _VERSION, lock_seconds)
        self._keep_seconds = keep_seconds
        self._ears: Ears
        self._followed: dict[str, int] = {}  # run: its last event that was told, or -1
        self._others = False  # whether other workers are alive
        self._poller: asyncio.Task[None] | None = None
        self._change = -1
        self._seen = 0  # the last chunk, of all runs, that was looked at
        self._read_mail = 0
        self._swept = 0.0

    def check(self) -> None:
        """Raises CallerError (`bad-store`) if the file cannot be used."""
        self._file.check()

    async def open(self, ears: Ears) -> None:
        self._ears = ears
        await self._file.open()
        try:
            await self.beat()
        except BaseException:
            await self._file.close()
            raise

    async def close(self) -> None:
        if self._poller is not None:
            await end_tasks([self._poller])
            self._poller = None
        with contextlib.suppress(StoreError):
            await self._file.write(lambda db: db.execute("DELETE FROM workers WHERE id = ?", (self.worker,)))
        await self._file.close()

    # ------------------------------------------------------------------------------------------------ runs

    async def write(self, births: Sequence[Birth], chunks: Sequence[Chunk]) -> Mapping[str, int]:
        return await self._file.write(lambda db: self._store(db, births, chunks))

    async def fetch(self, run: str, after: int, limit: int) -> Stored | None:
        def look(db: sqlite3.Connection) -> Stored | None:
            with transaction(db, "DEFERRED"):
                if not db.execute("SELECT 1 FROM runs WHERE id = ?", (run,)).fetchone():
                    return None
                chunks = list(_fetch(db, run, after, limit))
                query = "SELECT first + length - 1, end FROM chunks WHERE run = ? ORDER BY first DESC LIMIT 1"
                last, end = db.execute(query, (run,)).fetchone() or (0, False)
                return Stored(last, bool(end), chunks)

        return await self._file.read(look)

    async def about(self, run: str) -> About | None:
        row = await self._file.one("SELECT thread, owner FROM runs WHERE id = ?", run)
        return About(*row) if row else None

    async def forget(self, run: str) -> None:
        await self._file.write(lambda db: _forget(db, [run]))

    async def workers_of(self, runs: Sequence[str]) -> Mapping[str, str]:
        query = (
            "SELECT id, worker FROM runs WHERE id IN (SELECT value FROM json_each(?)) AND finished IS NULL"
        )
        return await self._file.read(lambda db: dict(db.execute(query, (json.dumps(runs),)).fetchall()))

    def _store(
        self, db: sqlite3.Connection, births: Sequence[Birth], chunks: Sequence[Chunk]
    ) -> Mapping[str, int]:
        ends = [chunk.run for chunk in chunks if chunk.end]
        try:
            if births or ends:
                with transaction(db):
                    self._store_births(db, births)
                    _store_chunks(db, chunks)
                    _store_ends(db, ends)
            else:
                _store_chunks(db, chunks)
        except sqlite3.IntegrityError:
            return self._store_one_by_one(db, births, chunks)
        return {}

    def _store_births(self, db: sqlite3.Connection, births: Sequence[Birth]) -> None:
        rows = [(birth.run, *birth.about, self.worker) for birth in births]
        db.executemany("INSERT OR IGNORE INTO runs (id, thread, owner, worker) VALUES (?, ?, ?, ?)", rows)

    def _store_one_by_one(
        self, db: sqlite3.Connection, births: Sequence[Birth], chunks: Sequence[Chunk]
    ) -> Mapping[str, int]:
        """Something of this is there already: find out of which runs, and store the others."""
        odd = {}
        with transaction(db):
            self._store_births(db, births)
            for chunk in chunks:
                try:
                    _store_chunks(db, [chunk])
                    _store_ends(db, [chunk.run] if chunk.end else [])
                except sqlite3.IntegrityError:
                    odd[chunk.run] = self._held(db, chunk.run)
        return odd

    def _held(self, db: sqlite3.Connection, run: str) -> int:
        """The last event of it that is stored, if it is still ours."""
        ours = db.execute("SELECT 1 FROM runs WHERE id = ? AND worker = ?", (run, self.worker)).fetchone()
        return _last(db, run) if ours else TAKEN

    # --------------------------------------------------------------------------------------------- workers

    def follow(self, run: str) -> None:
        self._followed[run] = -1
        self._poll()

    def unfollow(self, run: str) -> None:
        self._followed.pop(run, None)

    async def beat(self) -> None:
        self._others = await self._file.write(self._sign)
        if self._others:
            self._poll()

    async def tidy(self) -> None:
        await self._file.read(lambda db: db.execute("PRAGMA wal_checkpoint(PASSIVE)").fetchone())
        if time.time() - self._swept > SWEEP:
            self._swept = time.time()
            while await self._file.write(self._sweep):
                pass  # what else there is to write comes in between

    def _sign(self, db: sqlite3.Connection) -> bool:
        mine = (self.worker, socket.gethostname(), os.getpid(), time.time())
        with transaction(db):
            db.execute("INSERT OR REPLACE INTO workers VALUES (?, ?, ?, ?)", mine)
            db.execute("DELETE FROM mail WHERE worker = ? AND id <= ?", (self.worker, self._read_mail))
            return len(_alive(db)) > 1

    def _sweep(self, db: sqlite3.Connection) -> bool:
        """Whether there is more that is old."""
        now = time.time()
        query = "SELECT id FROM runs WHERE finished < ? LIMIT ?"
        old = [run for (run,) in db.execute(query, (now - self._keep_seconds, _SWEPT))]
        _forget(db, old)
        db.execute("DELETE FROM keys WHERE until < ?", (now,))
        db.execute("DELETE FROM workers WHERE seen < ?", (now - 60 * LEASE,))
        db.execute("DELETE FROM mail WHERE worker NOT IN (SELECT id FROM workers)")
        return len(old) == _SWEPT

    async def orphans(self) -> Sequence[str]:
        def adopt(db: sqlite3.Connection) -> list[str]:
            alive = _alive(db) | {self.worker}
            with transaction(db):
                rows = db.execute("SELECT id, worker FROM runs WHERE finished IS NULL").fetchall()
                found = [run for run, worker in rows if worker not in alive]
                db.executemany(
                    "UPDATE runs SET worker = ? WHERE id = ?", [(self.worker, run) for run in found]
                )
            return found

        def any_left(db: sqlite3.Connection) -> bool:
            alive = _alive(db) | {self.worker}
            rows = db.execute("SELECT DISTINCT worker FROM runs WHERE finished IS NULL").fetchall()
            return any(worker not in alive for (worker,) in rows)

        return await self._file.write(adopt) if await self._file.read(any_left) else []

    async def send(self, worker: str, message: Mapping[str, Json]) -> bool:
        def post(db: sqlite3.Connection) -> bool:
            if worker not in _alive(db):
                return False
            db.execute("INSERT INTO mail (worker, body) VALUES (?, ?)", (worker, json.dumps(message)))
            return True

        return await self._file.write(post)

    def _poll(self) -> None:
        if self._poller is None:
            self._poller = asyncio.get_running_loop().create_task(
                self._look_around(), name="genui sqlite poll"
            )

    async def _look_around(self) -> None:
        try:
            while self._followed or self._others:
                with contextlib.suppress(StoreError):
                    await self._look()
                await asyncio.sleep(POLL_FOLLOWED if self._followed else POLL)
        finally:
            self._poller = None

    async def _look(self) -> None:
        followed = dict(self._followed)
        try:
            news, mail = await self._file.read(lambda db: self._news(db, followed))
        except StoreError:  # what was passed over then is told as what there may be of every run
            self._change, self._followed = -1, dict.fromkeys(self._followed, -1)
            raise
        for run, (last, chunks) in news.items():
            if run in self._followed:
                self._followed[run] = last
                if not chunks:
                    self._ears.chunk(run, None)
                for chunk in chunks:
                    self._ears.chunk(run, chunk)
        for number, body in mail:
            self._read_mail = number
            self._ears.mail(json.loads(body))

    def _news(
        self, db: sqlite3.Connection, followed: Mapping[str, int]
    ) -> tuple[dict[str, tuple[int, list[Chunk]]], list[tuple[int, str]]]:
        """Of followed runs with news, how far they are told then, and the chunks that were not told yet (of
        one that is new here none: what it holds can be read); and this worker's mail."""
        (change,) = db.execute("PRAGMA data_version").fetchone()
        if change == self._change and -1 not in followed.values():
            return {}, []
        self._change = change
        news: dict[str, tuple[int, list[Chunk]]] = {}
        for chunk in self._arrived(db, [run for run, told in followed.items() if told >= 0]):
            told, chunks = news.setdefault(chunk.run, (followed[chunk.run], []))
            last = chunk.first + chunk.length - 1
            if last > told:
                chunks.append(chunk)
                news[chunk.run] = (last, chunks)
        # These after what arrived: what comes in between is then told once more, not never.
        news.update({run: (_last(db, run), []) for run, told in followed.items() if told < 0})
        mail = db.execute(
            "SELECT id, body FROM mail WHERE worker = ? AND id > ? ORDER BY id",
            (self.worker, self._read_mail),
        ).fetchall()
        return news, mail

    def _arrived(self, db: sqlite3.Connection, runs: Sequence[str]) -> list[Chunk]:
        """Chunks of these runs that came since the last time: one question, however many runs."""
        seen = self._seen
        (self._seen,) = db.execute("SELECT coalesce(max(id), 0) FROM chunks").fetchone()
        if not runs:
            return []
        among = "+run IN (SELECT value FROM json_each(?))"  # `+`: by number, not through all of each run
        query = f"{_CHUNKS} WHERE id > ? AND id <= ? AND {among} ORDER BY id"
        rows = db.execute(query, (seen, self._seen, json.dumps(runs)))
        return [Chunk(run, first, length, data, bool(end)) for run, first, length, data, end in rows]

    # --------------------------------------------------------------------------------------------- threads

    async def load(self, thread: str) -> Document | None:
        def look(db: sqlite3.Connection) -> Document | None:
            with transaction(db, "DEFERRED"):
                row = db.execute(
                    "SELECT version, head, id, title, owner, created, updated FROM threads WHERE id = ?",
                    (thread,),
                ).fetchone()
                answers = db.execute(
                    "SELECT run, body FROM answers WHERE thread = ? ORDER BY rowid", (thread,)
                )
                return Document(row[0], Summary(*row[2:]), row[1], dict(answers.fetchall())) if row else None

        return await self._file.read(look)

    async def save(self, document: Document) -> bool:
        def store(db: sqlite3.Connection) -> bool:
            with transaction(db):
                found = db.execute(
                    "SELECT version FROM threads WHERE id = ?", (document.summary.id,)
                ).fetchone()
                if (found[0] if found else 0) != document.version - 1:
                    return False
                _store_document(db, document)
                return True

        return await self._file.write(store)

    async def thread_of(self, run: str) -> str | None:
        row = await self._file.one("SELECT thread FROM answers WHERE run = ?", run)
        return str(row[0]) if row else None

    async def threads(self, owner: str | None, limit: int, before: float | None) -> Sequence[Summary]:
        query = (
            "SELECT id, title, owner, created, updated FROM threads"
            " WHERE owner IS ? AND updated < ? ORDER BY updated DESC LIMIT ?"
        )
        earlier = 1e300 if before is None else before
        rows = await self._file.read(lambda db: db.execute(query, (owner, earlier, limit)).fetchall())
        return [Summary(*row) for row in rows]

    async def delete(self, thread: str) -> bool:
        def drop(db: sqlite3.Connection) -> bool:
            with transaction(db):
                db.execute("DELETE FROM answers WHERE thread = ?", (thread,))
                return db.execute("DELETE FROM threads WHERE id = ?", (thread,)).rowcount > 0

        return await self._file.write(drop)

    # ------------------------------------------------------------------------------------------------ keys

    async def claim(self, key: str, value: str, seconds: float) -> str | None:
        def take(db: sqlite3.Connection) -> str | None:
            with transaction(db):
                now = time.time()
                row = db.execute("SELECT value FROM keys WHERE key = ? AND until > ?", (key, now)).fetchone()
                if row is None:
                    db.execute("INSERT OR REPLACE INTO keys VALUES (?, ?, ?)", (key, value, now + seconds))
                return row and str(row[0])

        return await self._file.write(take)

    async def confirm(self, key: str, value: str, seconds: float) -> None:
        row = (key, value, time.time() + seconds)
        await self._file.write(lambda db: db.execute("INSERT OR REPLACE INTO keys VALUES (?, ?, ?)", row))

    async def release(self, keys: Iterable[str]) -> None:
        rows = [(key,) for key in keys]
        await self._file.write(lambda db: db.executemany("DELETE FROM keys WHERE key = ?", rows))


def _store_chunks(db: sqlite3.Connection, chunks: Sequence[Chunk]) -> None:
    for start in range(0, len(chunks), 500):
        group = chunks[start : start + 500]
        values = ", ".join(["(?, ?, ?, ?, ?)"] * len(group))
        db.execute(
            f"INSERT INTO chunks (run, first, length, data, end) VALUES {values}",  # noqa: S608 - only marks
            [value for chunk in group for value in chunk],
        )


def _store_ends(db: sqlite3.Connection, runs: Sequence[str]) -> None:
    now = time.time()
    db.executemany("UPDATE runs SET finished = ? WHERE id = ?", [(now, run) for run in runs])


def _store_document(db: sqlite3.Connection, document: Document) -> None:
    thread = document.summary
    row = (thread.id, document.version, *thread[1:], document.head)
    db.execute("INSERT OR REPLACE INTO threads VALUES (?, ?, ?, ?, ?, ?, ?)", row)
    db.executemany(
        "INSERT INTO answers (run, thread, body) VALUES (?, ?, ?)"
        " ON CONFLICT (run) DO UPDATE SET body = excluded.body",
        [(run, thread.id, body) for run, body in document.answers.items()],
    )


def _last(db: sqlite3.Connection, run: str) -> int:
    row = db.execute("SELECT max(first + length - 1) FROM chunks WHERE run = ?", (run,)).fetchone()
    return int(row[0] or 0)


def _fetch(db: sqlite3.Connection, run: str, after: int, limit: int) -> Iterator[Chunk]:
    holds = "(SELECT max(first) FROM chunks WHERE run = ?1 AND first <= ?2)"
    query = (
        f"{_CHUNKS} WHERE run = ?1 AND first >= coalesce({holds}, 1) AND first + length > ?2 ORDER BY first"
    )
    size = 0
    with contextlib.closing(db.execute(query, (run, after + 1))) as rows:
        for name, first, length, data, end in rows:
            yield Chunk(name, first, length, data, bool(end))
            size += len(data)
            if size > limit:
                return


def _forget(db: sqlite3.Connection, runs: Sequence[str]) -> None:
    rows = [(run,) for run in runs]
    with transaction(db):
        db.executemany("DELETE FROM chunks WHERE run = ?", rows)
        db.executemany("DELETE FROM runs WHERE id = ?", rows)


def _alive(db: sqlite3.Connection) -> set[str]:
    """Workers that are. Of one on this machine the process must be there, too: after a crash, the next
    start need not wait."""
    host = socket.gethostname()
    rows = db.execute("SELECT id, host, pid FROM workers WHERE seen > ?", (time.time() - LEASE,)).fetchall()
    return {worker for worker, where, pid in rows if where != host or _is_process(pid)}


def _is_process(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        pass
    return True
