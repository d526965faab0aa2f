"""Several workers on one store: what one is asked of another's run, and who closes the runs of the dead."""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import resource
import signal
import sqlite3
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import httpx2 as httpx
import pytest

from genui.errors import CallerError
from genui.events import Event, RunEnd, RunStart, Text, from_json, to_json
from genui.runs import (
    INTERRUPTED,
    About,
    Follower,
    Inbox,
    Runs,
    SqliteDriver,
    StoreError,
    UnknownRunError,
    driven_store,
    open_store,
)
from genui.runs.driver import LEASE, Birth, Chunk, Ears, Stored
from genui.runs.redis import RedisDriver
from tests.browser.hosting import hosting
from tests.service import STREAM, asking
from tests.serving import CHECKOUT, ROOT, environment, inherited
from tests.sse import Frame, frames
from tests.stores import Lossy, RedisServer, opened
from tests.test_runs import ByHand, answering, events_of, read, written

PATIENCE = 60.0

pytestmark = pytest.mark.timeout(200)  # each starts several servers


@pytest.fixture
async def pair(shared_url: str) -> AsyncIterator[tuple[Runs, Runs]]:
    """The runs of two workers on one store."""
    async with (
        asyncio.timeout(PATIENCE),
        opened(open_store(shared_url)) as one,
        opened(open_store(shared_url)) as other,
    ):
        yield one, other


async def test_fifty_followers_in_another_worker_read_the_same_from_every_position(
    pair: tuple[Runs, Runs],
) -> None:
    one, other = pair
    source = ByHand()
    run = one.start(source.events())
    await one.settle(run.id)
    readers = []
    for n in range(50):
        source.write(Text(f"{n} "), Text("x"))
        await written(other, run.id, 2 * n + 3)
        readers.append((n, asyncio.create_task(read(await other.follow(run.id, n)))))
    source.write(RunEnd("stop"))
    everything = await read(await one.follow(run.id))
    assert [seq for seq, _ in everything] == list(range(1, 103))
    for after, reader in readers:
        assert await reader == everything[after:]
    for after in range(103):
        assert await read(await other.follow(run.id, after)) == everything[after:]


async def test_a_thousand_runs_are_followed_at_once_from_another_worker(pair: tuple[Runs, Runs]) -> None:
    async def saying() -> AsyncIterator[Event]:
        yield Text("said")

    one, other = pair
    begun = [one.start(saying()) for _ in range(1000)]
    await asyncio.gather(*(one.settle(run.id) for run in begun))
    followers = await asyncio.gather(*(other.follow(run.id) for run in begun))
    read_here = await asyncio.gather(*map(read, followers))
    assert [[event for _, event in entries][1:] for entries in read_here] == [
        [Text("said"), RunEnd("stop")]
    ] * len(begun)


async def test_a_run_is_cancelled_from_another_worker_and_has_ended_when_that_returns(
    pair: tuple[Runs, Runs],
) -> None:
    one, other = pair
    source = ByHand()
    run = one.start(source.events())
    await source.started.wait()
    await one.settle(run.id)
    await other.cancel(run.id)
    assert source.closed.is_set()
    assert (await events_of(other, run.id))[1:] == [RunEnd("cancelled")]
    await other.cancel(run.id)


async def test_a_run_is_told_something_from_another_worker(pair: tuple[Runs, Runs]) -> None:
    one, other = pair
    inbox = Inbox()
    run, deaf = one.start(answering(inbox), inbox=inbox), one.start(ByHand().events())
    await one.settle(run.id)
    await one.settle(deaf.id)
    assert await other.tell(run.id, {"say": "a"})
    assert not await other.tell(deaf.id, {"say": "a"})
    assert await other.tell(run.id, {"say": "stop"})
    assert (await events_of(other, run.id))[1:] == [Text("a"), RunEnd("stop")]
    assert not await other.tell(run.id, {"say": "b"})
    for ask in (other.tell("run_nobody", {}), other.cancel("run_nobody")):
        with pytest.raises(UnknownRunError):
            await ask


async def test_a_follower_in_another_worker_keeps_a_run_alive_until_it_leaves(
    shared_url: str,
) -> None:
    async with (
        asyncio.timeout(PATIENCE),
        opened(open_store(shared_url), grace=2.5) as one,
        opened(open_store(shared_url)) as other,
    ):
        source = ByHand()
        run = one.start(source.events())
        await one.settle(run.id)
        with await other.follow(run.id) as follower:
            await anext(follower)
            await asyncio.sleep(4)
            assert not run.ended.is_set()
            source.write(Text("still here"))
            await anext(follower)
        await run.ended.wait()
        assert (await events_of(other, run.id))[-1] == RunEnd("cancelled")


async def test_who_follows_a_run_of_another_worker_is_sent_away_when_this_one_closes(
    pair: tuple[Runs, Runs],
) -> None:
    one, other = pair
    source = ByHand()
    run = one.start(source.events())
    await one.settle(run.id)
    follower = await other.follow(run.id)
    await anext(follower)
    await other.close()
    assert [batch async for batch in follower] == []
    assert not follower.exhausted
    assert not run.ended.is_set()


async def test_a_worker_closes_whatever_it_is_doing(shared_url: str) -> None:
    for turns in range(150):  # of the event loop: it is somewhere else at each of them
        async with asyncio.timeout(PATIENCE), opened(open_store(shared_url)):
            for _ in range(turns):
                await asyncio.sleep(0)


def driver_of(url: str) -> SqliteDriver | RedisDriver:
    name = url.removeprefix("sqlite:///")
    return SqliteDriver(name) if name != url else RedisDriver(url)


async def test_a_worker_that_was_away_itself_is_given_none_of_its_own_runs(shared_url: str) -> None:
    driver = driver_of(shared_url)
    await driver.open(Ears(lambda *_: None, lambda _: None))
    await driver.write([Birth("run_a", About())], [Chunk("run_a", 1, 1, b"{}", False)])
    await asyncio.sleep(LEASE + 0.5)
    assert await driver.orphans() == []
    assert await driver.workers_of(["run_a"]) == {"run_a": driver.worker}
    await driver.close()


class Away(SqliteDriver):
    """A driver of which no sign of life gets through while it is `away`."""

    away = False

    async def beat(self) -> None:
        if self.away:
            raise StoreError("locked")
        await super().beat()


async def test_who_cannot_give_a_sign_of_life_holds_nobody_for_dead(tmp_path: Path) -> None:
    drivers = [Away(tmp_path / "genui.db") for _ in range(2)]
    stores = [driven_store("sqlite", driver) for driver in drivers]
    async with asyncio.timeout(PATIENCE), opened(stores[0]) as one, opened(stores[1]) as other:
        source = ByHand()
        run = one.start(source.events())
        await one.settle(run.id)
        for away in (True, False):
            for driver in drivers:
                driver.away = away
            await asyncio.sleep(LEASE + 2.5)
        source.write(Text("still here"), RunEnd("stop"))
        assert (await events_of(other, run.id))[1:] == [Text("still here"), RunEnd("stop")]


async def opened_driver(url: str) -> SqliteDriver | RedisDriver:
    driver = driver_of(url)
    await driver.open(Ears(lambda *_: None, lambda _: None))
    return driver


@pytest.mark.parametrize("number", range(1, 12))
async def test_whichever_answer_of_redis_is_lost_all_runs_of_a_dead_worker_are_given(
    redis_server: RedisServer, number: int
) -> None:
    redis_server.flush()
    dead = await opened_driver(redis_server.url)
    left = {"run_a", "run_b", "run_c"}
    await dead.write([Birth(run, About()) for run in left], [])
    await dead.close()
    way, given = Lossy(redis_server.port), list[str]()
    async with way.open() as url:
        heir = await opened_driver(url)
        await heir.write([Birth("run_own", About())], [])
        way.lose(number)
        for _ in range(3):
            with contextlib.suppress(StoreError):
                given += await heir.orphans()
        assert sorted(given) == sorted(left)
        await heir.close()


@pytest.mark.parametrize("events", [1, 3])
async def test_a_write_to_redis_of_which_the_answer_is_lost_is_done_once_and_the_run_ends(
    redis_server: RedisServer, events: int
) -> None:
    redis_server.flush()
    way = Lossy(redis_server.port)
    async with asyncio.timeout(PATIENCE), way.open() as url, opened(open_store(url)) as runs:
        source = ByHand()
        run = runs.start(source.events())
        await source.started.wait()
        await runs.settle(run.id)
        way.lose(1)
        source.write(*[Text("a")] * events, RunEnd("stop"))
        await run.ended.wait()
        await runs.settle(run.id)
        async with opened(open_store(redis_server.url)) as other:
            assert (await events_of(other, run.id))[1:] == [*[Text("a")] * events, RunEnd("stop")]


async def test_a_run_of_a_dead_worker_that_cannot_be_closed_keeps_no_other_from_it(shared_url: str) -> None:
    dead = await opened_driver(shared_url)
    begun = to_json(RunStart("run_0", "thread")).encode()
    for n in range(20):
        data = begun if n == 0 else b"no JSON"
        await dead.write([Birth(f"run_{n}", About("thread"))], [Chunk(f"run_{n}", 1, 1, data, False)])
    await dead.close()
    async with asyncio.timeout(PATIENCE), opened(open_store(shared_url)) as runs:
        assert (await events_of(runs, "run_0"))[1:] == [RunEnd("error", INTERRUPTED)]


async def test_all_that_is_old_leaves_at_once_however_much_it_is(tmp_path: Path) -> None:
    driver = SqliteDriver(tmp_path / "genui.db", keep_seconds=0)
    await driver.open(Ears(lambda *_: None, lambda _: None))
    runs = [f"run_{n}" for n in range(1100)]
    await driver.write([Birth(run, About()) for run in runs], [Chunk(run, 1, 1, b"{}", True) for run in runs])
    await asyncio.sleep(0.05)
    await driver.tidy()
    assert [run for run in runs if await driver.about(run)] == []
    await driver.close()


async def test_a_run_that_is_there_already_keeps_no_other_from_being_stored(tmp_path: Path) -> None:
    driver = SqliteDriver(tmp_path / "genui.db")
    await driver.open(Ears(lambda *_: None, lambda _: None))
    births = [Birth(run, About()) for run in ("run_a", "run_b", "run_c")]
    chunks = [Chunk(birth.run, 1, 1, b"{}", False) for birth in births]
    await driver.write(births[:2], chunks[:1])  # and the answer is lost
    assert await driver.write(births, chunks) == {"run_a": 1}
    stored = [await driver.fetch(birth.run, 0, 100) for birth in births]
    assert stored == [Stored(1, False, [chunk]) for chunk in chunks]
    await driver.close()


async def test_a_worker_on_redis_listens_once_however_often_it_began_anew(
    redis_server: RedisServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("genui.runs.redis.LEASE", 0.001)  # what is heard is always too long ago
    driver = await opened_driver(redis_server.url)
    async with asyncio.timeout(PATIENCE):
        for turns in range(100):
            for _ in range(turns):
                await asyncio.sleep(0)
            await driver.beat()
        while len([task for task in asyncio.all_tasks() if task.get_name() == "genui redis news"]) > 1:  # noqa: ASYNC110
            await asyncio.sleep(0.1)
    await driver.close()


class Busy(SqliteDriver):
    """A driver that never finds out who writes what, never finds the dead and is never done with tidying."""

    async def workers_of(self, runs: Sequence[str]) -> Mapping[str, str]:
        del runs
        return await asyncio.Future()

    async def orphans(self) -> Sequence[str]:
        return await asyncio.Future()

    async def tidy(self) -> None:
        await asyncio.Future()


async def test_a_worker_lives_however_long_it_takes_to_look_after_the_others(tmp_path: Path) -> None:
    busy = driven_store("sqlite", Busy(tmp_path / "genui.db"))
    async with (
        asyncio.timeout(PATIENCE),
        opened(busy) as one,
        opened(driven_store("sqlite", SqliteDriver(tmp_path / "genui.db"))) as other,
    ):
        source = ByHand()
        run, followed = one.start(source.events()), other.start(ByHand().events())
        await asyncio.gather(one.settle(run.id), other.settle(followed.id))
        with await one.follow(followed.id):
            await asyncio.sleep(LEASE + 2.5)
        source.write(Text("still here"), RunEnd("stop"))
        assert (await events_of(other, run.id))[1:] == [Text("still here"), RunEnd("stop")]


async def test_who_writes_which_of_many_runs_is_asked_at_once(shared_url: str) -> None:
    drivers = [driver_of(shared_url) for _ in range(2)]
    for driver in drivers:
        await driver.open(Ears(lambda *_: None, lambda _: None))
    for n in range(1000):
        end = [Chunk(f"run_{n}", 1, 1, b"{}", True)] if n % 10 == 0 else []
        await drivers[n % 2].write([Birth(f"run_{n}", About())], end)
    asked = [f"run_{n}" for n in range(1100)]
    expected = {f"run_{n}": drivers[n % 2].worker for n in range(1000) if n % 10}
    assert await drivers[0].workers_of(asked) == expected
    for driver in drivers:
        await driver.close()


class Counting(SqliteDriver):
    """A driver that counts how often events are asked for."""

    def __init__(self, path: Path) -> None:
        super().__init__(path)
        self.asked = 0

    async def fetch(self, run: str, after: int, limit: int) -> Stored | None:
        self.asked += 1
        return await super().fetch(run, after, limit)


async def test_a_run_is_forgotten_without_a_look_at_what_it_said(tmp_path: Path) -> None:
    driver = Counting(tmp_path / "runs.db")
    source = ByHand()
    async with (
        asyncio.timeout(PATIENCE),
        opened(open_store(f"sqlite:///{tmp_path}/runs.db")) as one,
        opened(driven_store("driver", driver)) as other,
    ):
        run = one.start(source.events())
        await one.settle(run.id)
        await other.evict(run.id)
        assert isinstance((await other.so_far(run.id))[0], RunStart), "it goes on"
        source.write(RunEnd("stop"))
        await run.ended.wait()
        await one.settle(run.id)
        driver.asked = 0
        await other.evict(run.id)
        assert driver.asked == 0
        with pytest.raises(UnknownRunError):
            await other.evict(run.id)


@asynccontextmanager
async def followed_afar(driver: SqliteDriver, file: Path) -> AsyncIterator[tuple[ByHand, Follower]]:
    """The source of a run on this file, and who follows it in the driver's worker, and has read its start."""
    source = ByHand()
    async with (
        asyncio.timeout(PATIENCE),
        opened(open_store(f"sqlite:///{file}")) as one,
        opened(driven_store("driver", driver)) as other,
    ):
        run = one.start(source.events())
        await one.settle(run.id)
        with await other.follow(run.id) as follower:
            await anext(follower)
            yield source, follower


async def asked_for_a_word(driver: Counting, source: ByHand, follower: Follower) -> int:
    """How often the store was asked until the follower had one word more."""
    driver.asked = 0
    source.write(Text("word "))
    await anext(follower)
    return driver.asked


async def caught_up(driver: Counting, source: ByHand, follower: Follower) -> int:
    """Lets the source say words until the follower is told them and asks for none; the last one's number."""
    last = 2
    while await asked_for_a_word(driver, source, follower):
        last += 1
    return last


async def test_who_has_caught_up_with_another_workers_run_is_told_its_events_and_asks_for_none(
    tmp_path: Path,
) -> None:
    driver = Counting(tmp_path / "genui.db")
    async with followed_afar(driver, tmp_path / "genui.db") as (source, follower):
        await caught_up(driver, source, follower)
        assert [await asked_for_a_word(driver, source, follower) for _ in range(30)] == [0] * 30


class Failing(Counting):
    """A driver that cannot tell what others wrote, once, when there is something to tell."""

    fails = False

    def _news(self, db: sqlite3.Connection, followed: Mapping[str, int]) -> Any:
        news, mail = super()._news(db, followed)
        if news and self.fails:
            self.fails = False
            raise sqlite3.OperationalError("disk I/O error")
        return news, mail


async def test_what_came_while_the_news_could_not_be_read_is_not_passed_over(tmp_path: Path) -> None:
    driver = Failing(tmp_path / "genui.db")
    async with followed_afar(driver, tmp_path / "genui.db") as (source, follower):
        last = await caught_up(driver, source, follower)
        driver.fails = True
        source.write(RunEnd("stop"))
        assert [seq for seq, _ in await anext(follower)] == [last + 1]
        assert not driver.fails


class Deaf(SqliteDriver):
    """A driver that hears no events, while it is told to."""

    deaf = False

    async def open(self, ears: Ears) -> None:
        def hear(run: str, chunk: Chunk | None) -> None:
            if not self.deaf:
                ears.chunk(run, chunk)

        await super().open(Ears(hear, ears.mail))


async def test_a_run_of_a_dead_worker_is_closed_behind_all_that_is_stored_of_it(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path}/genui.db"
    dead, heir = await opened_driver(url), Deaf(tmp_path / "genui.db")
    words = [
        to_json(event).encode() for event in (RunStart("run", "thread"), Text("a"), Text("b"), Text("c"))
    ]
    await dead.write([Birth("run", About("thread"))], [])
    async with asyncio.timeout(PATIENCE), opened(driven_store("deaf", heir)) as runs:
        with await runs.follow("run") as follower:
            first = asyncio.ensure_future(anext(follower))
            while heir._followed.get("run", -1) < 0:  # noqa: ASYNC110 (told of it from the beginning)
                await asyncio.sleep(0.01)
            for seq in (1, 2, 3):
                await dead.beat()
                await dead.write([], [Chunk("run", seq, 1, words[seq - 1], False)])
                await (first if seq == 1 else anext(follower))
            heir.deaf = True
            await dead.write([], [Chunk("run", 4, 1, words[3], False)])
            await dead.close()
            while (stored := await heir.fetch("run", 3, 1000)) and not stored.finished:  # noqa: ASYNC110
                await asyncio.sleep(0.05)
            assert stored is not None
            assert [from_json(chunk.data) for chunk in stored.chunks] == [
                Text("c"), RunEnd("error", INTERRUPTED),
            ]  # fmt: skip


class Held(SqliteDriver):
    """A driver that stores events only while it is let."""

    def __init__(self, path: Path) -> None:
        super().__init__(path)
        self.let = asyncio.Event()
        self.let.set()

    async def write(self, births: Sequence[Birth], chunks: Sequence[Chunk]) -> Mapping[str, int]:
        await self.let.wait()
        return await super().write(births, chunks)


class Unheard(SqliteDriver):
    """A driver whose answer, that it has stored something, comes only when it is let."""

    def __init__(self, path: Path) -> None:
        super().__init__(path)
        self.let = asyncio.Event()
        self.let.set()

    async def write(self, births: Sequence[Birth], chunks: Sequence[Chunk]) -> Mapping[str, int]:
        odd = await super().write(births, chunks)
        await self.let.wait()
        return odd


@pytest.mark.parametrize("last", [Text("b"), RunEnd("stop")])
async def test_what_was_read_in_another_worker_is_a_position_before_the_writer_hears_that_it_is_stored(
    tmp_path: Path, last: Event, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("genui.runs.journal.HOLD", 3600)
    driver = Unheard(tmp_path / "genui.db")
    async with (
        asyncio.timeout(PATIENCE),
        opened(driven_store("sqlite", driver)) as one,
        opened(driven_store("sqlite", SqliteDriver(tmp_path / "genui.db"))) as other,
    ):
        source = ByHand()
        run = one.start(source.events())
        source.write(Text("a"))
        await written(one, run.id, 2)
        driver.let.clear()
        source.write(last)
        await written(other, run.id, 3)
        rest = asyncio.create_task(read(await one.follow(run.id, 3)))
        driver.let.set()
        source.write(RunEnd("stop"))
        assert await rest == ([] if isinstance(last, RunEnd) else [(4, RunEnd("stop"))])


async def test_what_was_shown_while_the_store_hung_is_a_position_in_every_worker(tmp_path: Path) -> None:
    driver = Held(tmp_path / "genui.db")
    async with (
        asyncio.timeout(PATIENCE),
        opened(driven_store("sqlite", driver)) as one,
        opened(driven_store("sqlite", SqliteDriver(tmp_path / "genui.db"))) as other,
    ):
        source = ByHand()
        run = one.start(source.events())
        await one.settle(run.id)
        driver.let.clear()
        source.write(Text("a"))
        await written(one, run.id, 2)
        rest = asyncio.create_task(read(await other.follow(run.id, 2)))
        driver.let.set()
        source.write(Text("b"), RunEnd("stop"))
        assert await rest == [(3, Text("b")), (4, RunEnd("stop"))]


async def test_a_run_whose_end_is_not_stored_yet_can_be_cancelled_and_told_as_any_that_has_ended(
    tmp_path: Path,
) -> None:
    driver = Held(tmp_path / "genui.db")
    async with asyncio.timeout(PATIENCE), opened(driven_store("sqlite", driver)) as runs:
        source = ByHand()
        run = runs.start(source.events())
        await runs.settle(run.id)
        driver.let.clear()
        source.write(RunEnd("stop"))
        await run.ended.wait()
        asked = [asyncio.create_task(runs.cancel(run.id)), asyncio.create_task(runs.tell(run.id, {}))]
        await asyncio.sleep(0.1)
        driver.let.set()
        assert await asyncio.gather(*asked) == [None, False]
        assert (await events_of(runs, run.id))[1:] == [RunEnd("stop")]


class Server:
    """`genui serve` in a process of its own, and a client for it."""

    def __init__(self, process: asyncio.subprocess.Process, client: httpx.AsyncClient) -> None:
        self.process = process
        self.client = client

    async def begin(self, **more: Any) -> dict[str, Any]:
        response = await self.client.post("v1/runs", json=asking(**more))
        assert response.status_code == 202, response.text
        return dict(response.json())

    async def read(self, run: str, after: int = 0) -> list[Frame]:
        address = f"v1/runs/{run}/events?after={after}"
        async with self.client.stream("GET", address) as response:
            assert response.status_code == 200, await response.aread()
            return [frame async for frame in frames(response.aiter_bytes())]

    async def die(self, sign: signal.Signals = signal.SIGKILL) -> None:
        self.process.send_signal(sign)
        await self.process.wait()


@asynccontextmanager
async def serving(store: str, cwd: Path, model: str, *options: str) -> AsyncIterator[Server]:
    """`genui serve`, which asks the model's server at `model`."""
    more = {"OPENAI_API_KEY": "none", "OPENAI_BASE_URL": model, "GENUI_MODEL": "by-hand"}
    process = await asyncio.create_subprocess_exec(
        *CHECKOUT, "serve", "--port", "0", "--store", store, *options,
        cwd=cwd, env=environment(ROOT) | more, stdout=asyncio.subprocess.PIPE,
    )  # fmt: skip
    assert process.stdout
    try:
        async with asyncio.timeout(PATIENCE):
            url = (await process.stdout.readline()).decode().split(" at ")[1].strip()
        async with httpx.AsyncClient(base_url=url, timeout=PATIENCE) as client:
            yield Server(process, client)
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()


class Endless:
    """A model's server, speaking OpenAI's wire: a word every few milliseconds, without an end."""

    def __init__(self) -> None:
        self.closed = asyncio.Event()

    async def __call__(self, scope: Any, _: Any, send: Any) -> None:
        if scope["type"] != "http":
            return
        headers = [(b"content-type", b"text/event-stream")]
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        for n in range(100_000):
            choice = {"index": 0, "delta": {"content": f"{n} "}}
            chunk = json.dumps({"object": "chat.completion.chunk", "choices": [choice]})
            body = f"data: {chunk}\n\n".encode()
            try:
                await send({"type": "http.response.body", "body": body, "more_body": True})
            except OSError:
                return
            if self.closed.is_set():
                return
            await asyncio.sleep(0.01)


@pytest.fixture
async def endless() -> AsyncIterator[str]:
    model = Endless()
    async with hosting(model) as url:
        yield f"{url}/v1"
        model.closed.set()


def events_in(seen: list[Frame]) -> list[Event]:
    return [frame.event for frame in seen]


async def seen_of(server: Server, run: str, enough: int) -> list[Frame]:
    """The first frames of a run that goes on."""
    seen: list[Frame] = []
    async with server.client.stream("GET", f"v1/runs/{run}/events") as response:
        async for frame in frames(response.aiter_bytes()):
            seen.append(frame)
            if len(seen) >= enough:
                break
    return seen


async def test_runs_of_a_worker_that_is_killed_are_closed_as_interrupted_with_all_that_was_seen(
    shared_url: str, tmp_path: Path, endless: str
) -> None:
    async with asyncio.timeout(2 * PATIENCE), serving(shared_url, tmp_path, endless) as one:
        told = await one.begin()
        async with serving(shared_url, tmp_path, endless) as other:
            watching = asyncio.create_task(other.read(told["run"]))
            seen: list[Frame] = []
            try:
                async with one.client.stream("GET", f"v1/runs/{told['run']}/events") as response:
                    async for frame in frames(response.aiter_bytes()):
                        seen.append(frame)
                        if len(seen) == 50:
                            one.process.kill()
            except httpx.TransportError:
                pass
            everything = await watching
            assert everything[: len(seen)] == seen
            assert [frame.seq for frame in everything] == list(range(1, len(everything) + 1))
            assert everything[-1].event == RunEnd("error", INTERRUPTED)
            assert await other.read(told["run"], 30) == everything[30:]
            thread = (await other.client.get(f"v1/threads/{told['thread']}")).json()
            answer = thread["messages"][-1]
            assert (answer["state"], answer["error"]) == ("error", dict(INTERRUPTED))
            texts = [frame.event.text for frame in everything if isinstance(frame.event, Text)]
            assert answer["content"] == "".join(texts)
            assert (await other.begin(thread=told["thread"]))["thread"] == told["thread"]


async def test_after_a_crash_the_next_start_has_everything_and_closes_what_was_open(
    tmp_path: Path, endless: str
) -> None:
    store = f"sqlite:///{tmp_path}/genui.db"
    async with asyncio.timeout(2 * PATIENCE):
        async with serving(store, tmp_path, endless) as server:
            told = await server.begin()
            seen = await seen_of(server, told["run"], 40)
            await server.die()
        async with serving(store, tmp_path, endless) as server:
            everything = await server.read(told["run"])
            assert everything[:40] == seen
            assert everything[-1].event == RunEnd("error", INTERRUPTED)
            headers = {"Last-Event-ID": str(len(everything))}
            again = await server.client.get(f"v1/runs/{told['run']}/events", headers=headers)
            assert again.status_code == 204
            listed = (await server.client.get("v1/threads")).json()["threads"]
            assert [thread["thread"] for thread in listed] == [told["thread"]]


@pytest.mark.parametrize("sign", [signal.SIGTERM, signal.SIGHUP])
@pytest.mark.parametrize("workers", ["1", "2"])
async def test_a_signal_lets_runs_go_on_for_the_drain_and_then_ends_them_as_interrupted(
    sign: signal.Signals, workers: str, tmp_path: Path, endless: str
) -> None:
    options = (f"sqlite:///{tmp_path}/genui.db", tmp_path, endless, "--drain", "3", "--workers", workers)
    with inherited(signal.SIGHUP, signal.SIG_DFL):
        async with asyncio.timeout(PATIENCE), serving(*options) as server:
            async with server.client.stream("POST", "v1/runs", json=asking(), headers=STREAM) as response:
                stream = frames(response.aiter_bytes())
                for _ in range(5):
                    await anext(stream)
                server.process.send_signal(sign)
                rest = []
                async for frame in stream:
                    assert server.process.returncode is None  # who waits for it waits for the answers
                    rest.append(frame.event)
            assert len(rest) > 20  # of some three hundred
            assert rest[-1] == RunEnd("error", INTERRUPTED)
            await server.process.wait()


async def test_a_server_begun_under_nohup_outlives_its_terminal(tmp_path: Path, endless: str) -> None:
    options = (f"sqlite:///{tmp_path}/genui.db", tmp_path, endless, "--drain", "0")
    with inherited(signal.SIGHUP, signal.SIG_IGN):
        async with asyncio.timeout(PATIENCE), serving(*options) as server:
            told = await server.begin()
            server.process.send_signal(signal.SIGHUP)
            seen = await seen_of(server, told["run"], 50)
            assert not isinstance(seen[-1].event, RunEnd)
            assert server.process.returncode is None


async def test_the_same_idempotency_key_begins_one_run_whichever_worker_it_reaches(
    shared_url: str, tmp_path: Path, endless: str
) -> None:
    async with (
        asyncio.timeout(2 * PATIENCE),
        serving(shared_url, tmp_path, endless) as one,
        serving(shared_url, tmp_path, endless) as other,
    ):
        headers = {"Idempotency-Key": '"8e03978e-40d5-43dd-bc93-6894a57f9324"'}
        requests = [
            server.client.post("v1/runs", json=asking(), headers=headers) for server in (one, other) * 5
        ]
        answers = await asyncio.gather(*requests)
        assert {answer.status_code for answer in answers} == {202}
        assert len({answer.text for answer in answers}) == 1
        run = answers[0].json()["run"]
        async with other.client.stream(
            "POST", "v1/runs", json=asking(), headers={**headers, **STREAM}
        ) as response:
            first = await anext(frames(response.aiter_bytes()))
        assert isinstance(first.event, RunStart)
        assert (first.seq, first.event.run) == (1, run)
        reused = await one.client.post("v1/runs", json=asking("Else"), headers=headers)
        assert (reused.status_code, reused.json()["error"]["code"]) == (422, "key-reused")
        assert len((await one.client.get("v1/threads")).json()["threads"]) == 1


async def test_workers_share_a_port_and_a_dead_one_is_replaced(tmp_path: Path, endless: str) -> None:
    store = f"sqlite:///{tmp_path}/genui.db"
    async with asyncio.timeout(2 * PATIENCE), serving(store, tmp_path, endless, "--workers", "2") as server:
        parent = server.process.pid
        before = children(parent)
        assert len(before) == 2
        told = await server.begin()
        for _ in range(10):  # on new connections, which the kernel spreads
            async with httpx.AsyncClient(base_url=server.client.base_url, timeout=PATIENCE) as client:
                assert (await Server(server.process, client).begin())["run"]
                seen = await seen_of(Server(server.process, client), told["run"], 5)
                assert [frame.seq for frame in seen] == [1, 2, 3, 4, 5]
        for pid in before:
            os.kill(pid, signal.SIGKILL)
        while len(set(children(parent)) - set(before)) < 2:  # noqa: ASYNC110
            await asyncio.sleep(0.05)
        assert not set(children(parent)) & set(before)  # nor as what nobody has asked how it died
        async with httpx.AsyncClient(base_url=server.client.base_url, timeout=PATIENCE) as client:
            while True:
                try:
                    everything = await Server(server.process, client).read(told["run"])
                    break
                except httpx.TransportError:  # they begin
                    await asyncio.sleep(0.1)
        assert everything[-1].event == RunEnd("error", INTERRUPTED)
        await server.die(signal.SIGTERM)


async def refused(cwd: Path, store: str) -> str:
    """What `genui serve` says that cannot serve; it ends by itself."""
    process = await asyncio.create_subprocess_exec(
        *CHECKOUT, "serve", "--port", "0", "--store", store,
        cwd=cwd, env=environment(ROOT), stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE,
    )  # fmt: skip
    async with asyncio.timeout(PATIENCE):
        out, told = await process.communicate()
    assert (process.returncode, out) == (1, b"")
    return told.decode()


async def test_a_redis_that_takes_nothing_is_said_before_anything_is_served(
    tmp_path: Path, own_redis: RedisServer
) -> None:
    own_redis.be_replica()
    said = await refused(tmp_path, own_redis.url)
    assert said.endswith("You can't write against a read only replica; name another with --store\n")
    assert said.count("\n") == 1
    own_redis.want_password("correct-horse")
    said = await refused(tmp_path, own_redis.url)
    assert "it wants a password, as in redis://:PASSWORD@HOST" in said
    wrong = own_redis.url.replace("://", "://:battery-staple@")
    said = await refused(tmp_path, wrong)
    assert "invalid username-password pair" in said
    assert "battery-staple" not in said


def test_a_password_in_the_address_of_what_is_no_store_is_not_told() -> None:
    with pytest.raises(CallerError) as error:
        open_store("postgres://ada:battery-staple@db/genui")
    assert "postgres://…@db/genui" in str(error.value)
    assert "battery-staple" not in str(error.value)


def children(pid: int | None) -> list[int]:
    """Processes of a parent that are workers: not the helper that Python starts for their semaphores."""
    found = []
    for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split():
        command = Path(f"/proc/{child}/cmdline")
        if command.exists() and b"resource_tracker" not in command.read_bytes():
            found.append(int(child))
    return found


async def test_a_disk_that_is_full_ends_runs_with_an_error_and_the_service_recovers(
    tmp_path: Path, endless: str
) -> None:
    store = f"sqlite:///{tmp_path}/genui.db"
    async with asyncio.timeout(2 * PATIENCE), serving(store, tmp_path, endless) as server:
        pid = server.process.pid
        told = await server.begin()
        seen = await seen_of(server, told["run"], 20)
        log = tmp_path / "genui.db-wal"
        unlimited = resource.prlimit(pid, resource.RLIMIT_FSIZE)
        resource.prlimit(pid, resource.RLIMIT_FSIZE, (log.stat().st_size, unlimited[1]))
        everything = await server.read(told["run"])
        assert everything[:20] == seen
        assert isinstance(everything[-1].event, RunEnd)
        assert everything[-1].event.error is not None
        assert everything[-1].event.error["code"] == "store-failed"
        refused = await server.client.post("v1/runs", json=asking())
        assert (refused.status_code, refused.json()["error"]["code"]) == (503, "store-failed")
        resource.prlimit(pid, resource.RLIMIT_FSIZE, unlimited)
        while (await server.client.post("v1/runs", json=asking())).status_code == 503:  # noqa: ASYNC110
            await asyncio.sleep(0.1)
        await server.die(signal.SIGTERM)
        async with serving(store, tmp_path, endless) as after:
            assert await after.read(told["run"]) == everything


def move(source: Path, target: Path) -> None:
    """The database and what belongs to it."""
    for file in list(source.glob("genui.db*")):
        file.rename(target / file.name)


async def test_a_file_that_is_moved_away_ends_runs_with_an_error_and_they_are_stored_when_it_is_back(
    tmp_path: Path, endless: str
) -> None:
    store, away = f"sqlite:///{tmp_path}/genui.db", tmp_path / "away"
    away.mkdir()
    async with asyncio.timeout(2 * PATIENCE), serving(store, tmp_path, endless) as server:
        told = await server.begin()
        seen = await seen_of(server, told["run"], 20)
        move(tmp_path, away)
        everything = await server.read(told["run"])
        assert everything[:20] == seen
        assert everything[-1].event == store_failed()
        refused = await server.client.post("v1/runs", json=asking())
        assert (refused.status_code, refused.json()["error"]["code"]) == (503, "store-failed")
        move(away, tmp_path)
        while (await server.client.post("v1/runs", json=asking())).status_code == 503:  # noqa: ASYNC110
            await asyncio.sleep(0.1)
        await server.die(signal.SIGTERM)
        async with serving(store, tmp_path, endless) as after:
            assert await after.read(told["run"]) == everything


@pytest.fixture
def own_redis() -> Any:
    server = RedisServer()
    yield server
    server.remove()


async def test_a_redis_that_pauses_ends_runs_with_an_error_and_is_caught_up_with_when_it_goes_on(
    own_redis: RedisServer, tmp_path: Path, endless: str
) -> None:
    async with asyncio.timeout(2 * PATIENCE), serving(own_redis.url, tmp_path, endless) as server:
        told = await server.begin()
        await seen_of(server, told["run"], 20)
        reading = asyncio.create_task(server.read(told["run"]))
        await asyncio.sleep(0.1)
        own_redis.pause()
        everything = await reading
        assert everything[-1].event == store_failed()
        refused = await server.client.post("v1/runs", json=asking())
        assert refused.status_code == 503
        own_redis.go_on()
        while (await server.client.post("v1/runs", json=asking())).status_code == 503:  # noqa: ASYNC110
            await asyncio.sleep(0.1)
        async with serving(own_redis.url, tmp_path, endless) as other:
            assert await other.read(told["run"]) == everything


async def test_a_redis_that_is_full_ends_runs_at_once_and_is_caught_up_with_when_it_has_room(
    own_redis: RedisServer, tmp_path: Path, endless: str
) -> None:
    driver = RedisDriver(own_redis.url)
    async with asyncio.timeout(2 * PATIENCE), serving(own_redis.url, tmp_path, endless) as server:
        await driver.open(Ears(lambda *_: None, lambda _: None))
        told = await server.begin()
        reading = asyncio.create_task(server.read(told["run"]))
        await seen_of(server, told["run"], 20)
        own_redis.limit(1)
        with pytest.raises(StoreError, match=r"^redis://[^ ]*: command not allowed when used memory") as full:
            await driver.write([Birth("run_a", About())], [Chunk("run_a", 1, 1, b"{}", False)])
        assert full.value.lasting
        everything = await reading
        assert everything[-1].event == store_failed()
        own_redis.limit(0)
        while (await server.client.post("v1/runs", json=asking())).status_code == 503:  # noqa: ASYNC110
            await asyncio.sleep(0.1)
        await driver.close()
        async with serving(own_redis.url, tmp_path, endless) as other:
            assert await other.read(told["run"]) == everything


async def test_a_redis_that_is_killed_and_comes_back_has_lost_nothing_and_the_run_goes_on(
    own_redis: RedisServer, tmp_path: Path, endless: str
) -> None:
    async with (
        asyncio.timeout(2 * PATIENCE),
        serving(own_redis.url, tmp_path, endless) as server,
        serving(own_redis.url, tmp_path, endless) as other,
    ):
        told = await server.begin()
        reading = asyncio.create_task(server.read(told["run"]))
        seen = await seen_of(other, told["run"], 20)
        own_redis.kill()
        await asyncio.sleep(1)
        own_redis.restart()
        while len(more := await seen_of(other, told["run"], 300)) < 300:  # noqa: ASYNC110
            await asyncio.sleep(0.1)
        assert more[:20] == seen
        await server.client.post(f"v1/runs/{told['run']}/cancel")
        everything = await reading
        assert [frame.seq for frame in everything] == list(range(1, len(everything) + 1))
        assert everything[-1].event == RunEnd("cancelled")
        assert everything[:300] == more
        assert await other.read(told["run"]) == everything


def store_failed() -> RunEnd:
    message = "The server cannot store anything now; try again in a moment."
    return RunEnd("error", {"code": "store-failed", "message": message})
