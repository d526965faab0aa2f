"""The conformance suite of logs: what `genui/runs/log.py` promises, asked of every backend."""

from __future__ import annotations

import asyncio
import contextlib
import re
import socketserver
import sqlite3
import threading
from collections.abc import AsyncIterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from genui.errors import CallerError, GenUIError
from genui.runs import About, Entry, Follower, Log, MemoryLog, Store, StoredLog, UnknownRunError, open_store
from tests.stores import opened


@pytest.fixture
async def log(store_url: str) -> AsyncIterator[Log]:
    store = open_store(store_url)
    async with opened(store):
        store.log.create("run", "thread", "owner")
        yield store.log


@pytest.fixture
async def logs(shared_url: str) -> AsyncIterator[tuple[Log, Log]]:
    """The logs of two workers on one store."""
    one, other = (open_store(shared_url) for _ in range(2))
    async with opened(one), opened(other):
        yield one.log, other.log


async def whole(log: Log, run: str, after: int = 0) -> list[Entry]:
    """Everything after `after` in a finished run, in as many batches as it takes."""
    await log.settle()
    entries: list[Entry] = []
    finished = False
    while not finished:
        batch = await log.read(run, entries[-1].seq if entries else after)
        assert batch.entries or batch.finished
        entries += batch.entries
        finished = batch.finished
    return entries


async def test_append_numbers_events_from_one_without_a_gap(log: Log) -> None:
    assert [log.append("run", b"x") for _ in range(5)] == [1, 2, 3, 4, 5]
    assert log.finish("run", b"end") == 6


async def test_reading_gives_back_what_was_written_in_order(log: Log) -> None:
    written = [b'{"n":%d}' % n for n in range(100)]
    for data in written:
        log.append("run", data)
    await log.settle()
    assert [entry.data for entry in (await log.read("run", 0)).entries] == written


async def test_every_position_gives_exactly_the_rest(log: Log) -> None:
    for n in range(20):
        log.append("run", b"%d" % n)
    log.finish("run", b"end")
    everything = await whole(log, "run")
    for after in range(22):
        assert await whole(log, "run", after) == everything[after:]


async def test_a_long_run_comes_in_bounded_batches_that_join_without_a_seam(log: Log) -> None:
    written = [b"%d" % n * 10_000 for n in range(60)]
    for data in written:
        log.append("run", data)
    log.finish("run", b"end")
    await log.settle()
    first = await log.read("run", 0)
    assert 0 < len(first.entries) < 61
    assert not first.finished
    assert [entry.data for entry in await whole(log, "run")] == [*written, b"end"]


async def test_an_event_larger_than_a_batch_is_still_given(log: Log) -> None:
    log.append("run", b"x" * 1_000_000)
    await log.settle()
    assert [len(entry.data) for entry in (await log.read("run", 0)).entries] == [1_000_000]


async def test_a_batch_says_that_the_run_is_finished_only_when_it_reaches_the_end(log: Log) -> None:
    log.append("run", b"1")
    await log.settle()
    assert not (await log.read("run", 0)).finished
    await log.settle()
    assert not (await log.read("run", 1)).finished
    log.finish("run", b"2")
    await log.settle()
    assert (await log.read("run", 0)).finished
    await log.settle()
    assert (await log.read("run", 2)) == ([], True)


async def test_nothing_can_be_written_after_the_end(log: Log) -> None:
    log.finish("run", b"end")
    with pytest.raises(UnknownRunError):
        log.append("run", b"more")
    with pytest.raises(UnknownRunError):
        log.finish("run", b"again")
    assert [entry.data for entry in await whole(log, "run")] == [b"end"]


async def test_a_position_that_was_never_written_is_refused(log: Log) -> None:
    log.append("run", b"1")
    await log.settle()
    with pytest.raises(CallerError, match="Event 2 does not exist"):
        await log.read("run", 2)
    with pytest.raises(CallerError):
        await log.read("run", -1)


async def test_runs_do_not_show_in_one_another(log: Log) -> None:
    log.create("other")
    log.append("run", b"mine")
    log.append("other", b"theirs")
    log.finish("other", b"end")
    await log.settle()
    assert await log.read("run", 0) == ([(1, b"mine")], False)


async def test_a_watcher_wakes_after_each_append_and_finish_until_it_stops(log: Log) -> None:
    woken = asyncio.Event()
    unwatch = log.watch("run", woken.set)
    for write in (log.append, log.finish):
        woken.clear()
        write("run", b"x")
        await woken.wait()
    unwatch()
    unwatch()


async def test_a_stopped_watcher_sleeps_on_while_others_wake(log: Log) -> None:
    woken: list[str] = []
    stop = log.watch("run", lambda: woken.append("stopped"))
    seen = asyncio.Event()
    log.watch("run", seen.set)
    stop()
    log.append("run", b"x")
    await seen.wait()
    assert woken == []


async def test_a_watcher_that_stops_itself_while_it_is_woken_harms_no_other(log: Log) -> None:
    seen = asyncio.Event()
    stop = log.watch("run", lambda: stop())
    log.watch("run", seen.set)
    log.append("run", b"x")
    await seen.wait()


async def test_an_unknown_run_is_one_clear_error_everywhere(log: Log) -> None:
    for ask in (log.read("nobody", 0), log.about("nobody"), log.evict("nobody")):
        with pytest.raises(UnknownRunError, match="no run with this id"):
            await ask
    for write in (log.append, log.finish):
        with pytest.raises(UnknownRunError):
            write("nobody", b"")


async def test_an_evicted_run_is_unknown(log: Log) -> None:
    log.finish("run", b"end")
    await log.settle()
    await log.evict("run")
    with pytest.raises(UnknownRunError):
        await log.read("run", 0)


async def test_a_live_run_is_not_evicted(log: Log) -> None:
    log.append("run", b"1")
    await log.settle()
    await log.evict("run")
    assert log.append("run", b"2") == 2


async def test_what_is_known_of_a_run_is_what_it_was_created_with(log: Log) -> None:
    assert await log.about("run") == About("thread", "owner")
    log.finish("run", b"end")
    await log.settle()
    assert await log.about("run") == About("thread", "owner")


async def test_all_of_a_finished_run_is_there_when_it_is_no_longer_in_memory(log: Log) -> None:
    for n in range(300):
        log.append("run", b"%d" % n * 1000)
    log.finish("run", b"end")
    everything = await whole(log, "run")
    if isinstance(log, StoredLog):
        log.forget_finished()
    for after in (0, 1, 150, 299, 300):
        assert await whole(log, "run", after) == everything[after:]
    assert (await log.read("run", 301)) == ([], True)
    with pytest.raises(
        CallerError, match="Event 302 does not exist: the last event of this run so far is 301"
    ):
        await log.read("run", 302)


async def test_what_one_worker_writes_another_reads_from_every_position(logs: tuple[Log, Log]) -> None:
    one, other = logs
    one.create("run", "thread", "owner")
    for n in range(30):
        one.append("run", b"%d" % n)
        if n % 7 == 0:
            await one.settle()
    one.finish("run", b"end")
    everything = await whole(one, "run")
    assert await other.about("run") == About("thread", "owner")
    for after in range(32):
        assert await whole(other, "run", after) == everything[after:]


async def test_a_watcher_in_another_worker_misses_nothing_while_it_is_written(logs: tuple[Log, Log]) -> None:
    one, other = logs
    one.create("run")
    await one.settle()
    readers = [asyncio.create_task(followed(other, "run")) for _ in range(20)]
    for n in range(200):
        one.append("run", b"%d" % n)
        if n % 10 == 0:
            await asyncio.sleep(0.005)
    one.finish("run", b"end")
    everything = await whole(one, "run")
    assert len(everything) == 201
    for reader in readers:
        assert await reader == everything


async def followed(log: Log, run: str) -> list[Entry]:
    """What a follower gets that is there from the first event on."""
    with Follower(log, run, 0, lambda: None) as follower:
        return [entry async for batch in follower for entry in batch]


async def test_memory_does_not_evict_a_run_that_a_reader_awaits_until_it_has_had_its_time() -> None:
    now = [0.0]
    log = MemoryLog(keep_runs=0, hold_seconds=60, clock=lambda: now[0])
    log.create("run")
    log.watch("run", lambda: None)
    log.finish("run", b"end")
    await log.evict("run")
    assert await log.read("run", 0) == ([(1, b"end")], True)
    now[0] = 61
    log.create("other")
    with pytest.raises(UnknownRunError):
        await log.read("run", 0)


async def test_a_slow_reader_of_a_run_that_is_forgotten_meanwhile_ends_and_is_not_exhausted() -> None:
    log = MemoryLog()
    log.create("run")
    log.append("run", b"x" * 100_000)
    log.finish("run", b"end")
    with Follower(log, "run", 0, lambda: None) as follower:
        await anext(follower)
        await log.evict("run")
        assert [batch async for batch in follower] == []
        assert not follower.exhausted


def finished(log: Log, run: str, data: bytes = b"end") -> None:
    log.create(run)
    log.finish(run, data)


async def known(log: Log, *runs: str) -> list[str]:
    found = []
    for run in runs:
        try:
            await log.read(run, 0)
        except UnknownRunError:
            continue
        found.append(run)
    return found


async def test_memory_forgets_the_longest_finished_runs_when_there_are_too_many() -> None:
    log = MemoryLog(keep_runs=2)
    log.create("live")
    for run in "abc":
        finished(log, run)
    assert await known(log, "live", "a", "b", "c") == ["live", "b", "c"]


async def test_memory_forgets_finished_runs_when_they_hold_too_many_bytes() -> None:
    log = MemoryLog(keep_bytes=250)
    for run in "abc":
        finished(log, run, b"x" * 100)
    assert await known(log, "a", "b", "c") == ["b", "c"]


async def test_memory_forgets_finished_runs_by_age() -> None:
    now = [0.0]
    log = MemoryLog(keep_seconds=60, clock=lambda: now[0])
    finished(log, "old")
    now[0] = 30
    finished(log, "young")
    now[0] = 61
    log.create("new")
    assert await known(log, "old", "young", "new") == ["young", "new"]


async def test_memory_bounds_one_run_and_still_takes_its_end() -> None:
    log = MemoryLog(run_bytes=10)
    log.create("run")
    log.append("run", b"12345678")
    with pytest.raises(GenUIError, match="too long") as refused:
        log.append("run", b"123")
    assert refused.value.code == "run-too-large"
    assert log.finish("run", b"a long last word") == 2


def test_a_store_is_named_or_given() -> None:
    assert isinstance(open_store("memory").log, MemoryLog)
    log = MemoryLog()
    assert open_store(log).log is log
    store = open_store("memory")
    assert open_store(store) is store
    assert open_store(None).name == "sqlite:///genui.db"
    for wrong in ("postgres", "sqlite", "sqlite://", "sqlite:///", "sqlite:///:memory:", ""):
        with pytest.raises(CallerError, match="none of"):
            open_store(wrong)


def test_a_file_that_cannot_be_a_store_is_said_with_its_name(tmp_path: Path) -> None:
    (tmp_path / "text.db").write_text("This is no database, and is long enough to be seen as none. " * 20)
    for path in (tmp_path / "missing" / "genui.db", tmp_path / "text.db", tmp_path):
        with pytest.raises(CallerError, match=re.escape(str(path))) as refused:
            open_store(f"sqlite:///{path}").check()
        assert refused.value.code == "bad-store"


def test_a_file_of_another_version_is_left_alone_and_said(tmp_path: Path) -> None:
    for version, which in ((1, "older"), (1000, "newer")):
        path = tmp_path / f"{which}.db"
        with contextlib.closing(sqlite3.connect(path)) as db:
            db.execute(f"PRAGMA user_version = {version}")
        with pytest.raises(CallerError, match=f"made by an? {which} version of genui") as refused:
            open_store(f"sqlite:///{path}").check()
        assert refused.value.code == "bad-store"
        with contextlib.closing(sqlite3.connect(path)) as db:
            assert db.execute("SELECT count(*) FROM sqlite_master").fetchone() == (0,)


@pytest.mark.parametrize(
    ("version", "tables"),
    [
        (0, ["bookmarks"]),
        (0, ["bookmarks", "threads", "keys"]),
        (2, ["bookmarks", "threads"]),
        (7, ["notes"]),
    ],
)
def test_a_file_of_another_program_is_left_alone_and_said(
    tmp_path: Path, version: int, tables: list[str]
) -> None:
    path = tmp_path / "places.db"
    with contextlib.closing(sqlite3.connect(path)) as db:
        for table in tables:
            db.execute(f"CREATE TABLE {table} (title TEXT)")
        db.execute(f"PRAGMA user_version = {version}")
    before = path.read_bytes()
    with pytest.raises(CallerError, match=f"to another program, which keeps '{tables[0]}' there") as no:
        open_store(f"sqlite:///{path}").check()
    assert no.value.code == "bad-store"
    assert path.read_bytes() == before
    assert [one.name for one in tmp_path.iterdir()] == [path.name]


class OldRedis(socketserver.StreamRequestHandler):
    """As much of it as a client hears: 5 knows no HELLO, 6 no NX beside the GET of SET."""

    def handle(self) -> None:
        answers = {
            5: {b"HELLO": b"-ERR unknown command `HELLO`, with args beginning with: `3`, "},
            6: {b"HELLO": b"%1\r\n+proto\r\n:3", b"SET": b"-ERR syntax error"},
        }[getattr(self.server, "version", 0)]
        while count := self.rfile.readline()[1:]:
            words = []
            for _ in range(int(count)):
                words.append(self.rfile.read(int(self.rfile.readline()[1:])).upper())
                self.rfile.readline()
            self.wfile.write(answers.get(words[0], b"+OK") + b"\r\n")


@pytest.mark.parametrize("version", [5, 6])
def test_a_redis_that_is_too_old_is_said(version: int) -> None:
    with socketserver.ThreadingTCPServer(("127.0.0.1", 0), OldRedis) as server:
        server.daemon_threads = True
        setattr(server, "version", version)  # noqa: B010 (a server has none)
        threading.Thread(target=server.serve_forever, daemon=True).start()
        with pytest.raises(CallerError, match="it is older than Redis 7") as refused:
            open_store(f"redis://127.0.0.1:{server.server_address[1]}/0").check()
        server.shutdown()
    assert refused.value.code == "bad-store"


def test_a_new_file_may_be_opened_by_several_at_once(tmp_path: Path) -> None:
    for at in range(20):
        stores = [open_store(f"sqlite:///{tmp_path}/{at}.db") for _ in range(4)]
        with ThreadPoolExecutor(len(stores)) as threads:
            together = threading.Barrier(len(stores))

            def check(store: Store, together: threading.Barrier = together) -> None:
                together.wait()
                store.check()

            list(threads.map(check, stores))
