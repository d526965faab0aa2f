"""A store in Redis (7 or newer): for several machines, and as many workers as they have.

A run's events are a stream, a group of them an entry whose id is the number of its first event. One script
appends: it checks that the entry goes on where the run ends in the store, and that the run is still ours.
So an append whose answer was lost is not done twice, and a Redis that comes back without the last moments
is noticed and told them again.

What is written is published as well. Each worker has one connection that listens, for all runs that are
followed there and for its own mail; events come with the message, so that fifty followers cost no reading.
What a lost connection has missed is read from the streams: pub/sub is only ever the news, never the truth.

Everything expires: runs some time after their end, threads when they are not touched, workers at once.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import secrets
import time
from collections.abc import Awaitable, Iterable, Mapping, Sequence
from typing import Any

import redis.asyncio as aio
from redis import Redis as PlainRedis
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff
from redis.exceptions import RedisError

from genui.errors import CallerError
from genui.events import Json
from genui.runs.driver import LEASE, TAKEN, Birth, Chunk, Document, Ears, Stored, Summary
from genui.runs.ending import end_tasks
from genui.runs.log import About, StoreError
from genui.runs.redis_line import CONNECTIONS, Line, shown

TIMEOUT = 2.0
"""Seconds that Redis may take to answer. One that is paused must not hold up a request for longer."""

_APPEND = """
local about = redis.call('HMGET', KEYS[1], 'last', 'worker')
if not about[1] then return 0 end
if about[2] ~= ARGV[1] then return -1 end
if tonumber(about[1]) ~= tonumber(ARGV[2]) - 1 then return tonumber(about[1]) end
redis.call('XADD', KEYS[2], ARGV[2] .. '-0', 'n', ARGV[3], 'd', ARGV[4], 'e', ARGV[5])
redis.call('HSET', KEYS[1], 'last', ARGV[2] + ARGV[3] - 1, 'end', ARGV[5])
if ARGV[5] == '1' then
  redis.call('SREM', KEYS[3], ARGV[6])
  redis.call('EXPIRE', KEYS[1], ARGV[7])
  redis.call('EXPIRE', KEYS[2], ARGV[7])
end
redis.call('PUBLISH', KEYS[2], table.concat({ARGV[2], ARGV[3], ARGV[5]}, ' ') .. '\\n' .. ARGV[4])
return false
"""

_FETCH = """
local about = redis.call('HMGET', KEYS[1], 'last', 'end')
if not about[1] then return false end
local at = redis.call('XREVRANGE', KEYS[2], ARGV[1], '-', 'COUNT', 1)
local start, size, found = at[1] and at[1][1] or '-', 0, {}
repeat
  local entries = redis.call('XRANGE', KEYS[2], start, '+', 'COUNT', 50)
  for _, entry in ipairs(entries) do
    found[#found + 1] = entry
    size = size + #entry[2][4]
    start = '(' .. entry[1]
  end
until #entries < 50 or size > tonumber(ARGV[2])
return {about[1], about[2] or '0', found}
"""

_ADOPT = """
redis.call('SREM', KEYS[3], ARGV[3])
if redis.call('HGET', KEYS[1], 'worker') ~= ARGV[1] then return end
redis.call('HSET', KEYS[1], 'worker', ARGV[2])
redis.call('SADD', KEYS[2], ARGV[3])
"""

_SAVE = """
local version = redis.call('HGET', KEYS[1], 'version')
if tonumber(version or '0') ~= tonumber(ARGV[1]) - 1 then return 0 end
redis.call('HSET', KEYS[1], 'version', ARGV[1], 'about', ARGV[2], 'head', ARGV[3])
redis.call('EXPIRE', KEYS[1], ARGV[4])
redis.call('ZADD', KEYS[2], ARGV[5], ARGV[6])
for i = 7, #ARGV, 2 do
  redis.call('HSET', KEYS[1], 'answer:' .. ARGV[i], ARGV[i + 1])
end
return 1
"""


class RedisDriver:
    """The Redis at `url`. A run's events expire `keep_seconds` after its end, a thread `thread_seconds`
    after its last change."""

    def __init__(
        self, url: str, *, keep_seconds: int = 24 * 3600, thread_seconds: int = 30 * 24 * 3600
    ) -> None:
        self.worker = f"worker_{secrets.token_urlsafe(12)}"
        self._url = url
        self._keep_seconds = keep_seconds
        self._thread_seconds = thread_seconds
        self._ears: Ears
        self._redis: aio.Redis
        self._do = Line(url).do
        self._read = Line(url).do  # of its own: neither writes nor signs of life wait for readers
        self._news: aio.Redis  # waits for ever for what is published
        self._pubsub: aio.client.PubSub | None = None
        self._listener: asyncio.Task[None] | None = None
        self._heard = 0.0  # when the listener last heard anything
        self._followed: set[str] = set()
        self._written: set[str] = set()  # live runs that are written here
        self._adopting = False  # whether there may be others that are ours, and nobody here was told of
        self._tasks: set[asyncio.Future[None]] = set()

    def check(self) -> None:
        """Raises CallerError (`bad-store`) if nothing that can be written to answers at the address."""
        try:
            with contextlib.closing(PlainRedis.from_url(self._url, socket_timeout=TIMEOUT)) as connection:
                # As keys are claimed: an old one cannot. A replica, and one without memory, do answer pings.
                connection.set("genui:check", "1", px=1, nx=True, get=True)
        except (RedisError, OSError, ValueError) as error:
            told = _told(str(error))
            message = f"store: cannot use the Redis at {shown(self._url)}: {told}"
            raise CallerError("bad-store", f"{message}; name another with --store", 503) from error

    async def open(self, ears: Ears) -> None:
        self._ears = ears
        once = Retry(NoBackoff(), 0)  # a write that is repeated behind our back could be done twice
        self._redis = aio.Redis.from_url(
            self._url,
            max_connections=2 * CONNECTIONS,
            socket_timeout=TIMEOUT,
            socket_connect_timeout=TIMEOUT,
            retry=once,
        )
        self._news = aio.Redis.from_url(self._url, socket_connect_timeout=TIMEOUT, retry=once)
        await self.beat()
        self._listen()

    async def close(self) -> None:
        await end_tasks(task for task in (self._listener, *self._tasks) if task)
        with contextlib.suppress(StoreError):
            await self._do(self._redis.delete(_worker(self.worker)))
        with contextlib.suppress(RedisError, OSError):
            await self._news.aclose()
            await self._redis.aclose()

    # ------------------------------------------------------------------------------------------------ runs

    async def write(self, births: Sequence[Birth], chunks: Sequence[Chunk]) -> Mapping[str, int]:
        self._written.update(birth.run for birth in births)
        pipe = self._redis.pipeline(transaction=False)
        for run, about in births:
            known: dict[Any, Any] = {"thread": about.thread, "worker": self.worker}
            if about.owner is not None:
                known["owner"] = about.owner
            pipe.hset(_about(run), mapping=known)
            pipe.hsetnx(_about(run), "last", "0")  # it may have been born already, and the answer lost
            pipe.sadd(_live(self.worker), run)
        for chunk in chunks:
            keys = (_about(chunk.run), _events(chunk.run), _live(self.worker))
            values = (self.worker, chunk.first, chunk.length, chunk.data, int(chunk.end))
            pipe.eval(_APPEND, 3, *keys, *values, chunk.run, self._keep_seconds)
        done: list[Any] = await self._do(pipe.execute())
        answers = done[3 * len(births) :]
        odd = {chunk.run: last for chunk, last in zip(chunks, answers, strict=True) if last is not None}
        for chunk in chunks:
            last = odd.get(chunk.run, chunk.first + chunk.length - 1)
            if last == TAKEN or (chunk.end and last == chunk.first + chunk.length - 1):
                self._written.discard(chunk.run)
        return odd

    async def fetch(self, run: str, after: int, limit: int) -> Stored | None:
        keys = (_about(run), _events(run))
        found = await self._read(self._redis.eval(_FETCH, 2, *keys, f"{after + 1}-0", limit))
        if found is None:
            return None
        last, end, entries = found
        chunks = [_chunk(run, int(name.split(b"-")[0]), fields) for name, fields in entries]
        wanted = [chunk for chunk in chunks if chunk.first + chunk.length > after + 1]
        return Stored(int(last), end == b"1", wanted)

    async def about(self, run: str) -> About | None:
        thread, owner = await self._read(self._redis.hmget(_about(run), ["thread", "owner"]))
        return None if thread is None else About(thread.decode(), owner and owner.decode())

    async def forget(self, run: str) -> None:
        await self._do(self._redis.delete(_about(run), _events(run)))

    # --------------------------------------------------------------------------------------------- workers

    def follow(self, run: str) -> None:
        self._followed.add(run)
        if self._pubsub is not None:
            self._work(self._pubsub.subscribe(_events(run)))

    def unfollow(self, run: str) -> None:
        self._followed.discard(run)
        if self._pubsub is not None:
            self._work(self._pubsub.unsubscribe(_events(run)))

    async def beat(self) -> None:
        pipe = self._redis.pipeline(transaction=False)
        pipe.set(_worker(self.worker), "1", px=int(LEASE * 1000))
        pipe.sadd("genui:workers", self.worker)
        pipe.publish(_mail(self.worker), "")
        await self._do(pipe.execute())
        if self._listener is not None and time.monotonic() - self._heard > LEASE:
            self._listen()  # the connection looks alive and is not

    async def tidy(self) -> None:
        """Redis lets everything expire by itself."""

    async def orphans(self) -> Sequence[str]:
        workers = [name.decode() for name in await self._do(self._redis.smembers("genui:workers"))]
        for worker in workers:
            if worker != self.worker and not await self._do(self._redis.exists(_worker(worker))):
                await self._adopt(worker)
        return await self._adopted() if self._adopting else []

    async def _adopt(self, dead: str) -> None:
        self._adopting = True
        runs = [name.decode() for name in await self._do(self._redis.smembers(_live(dead)))]
        pipe = self._redis.pipeline(transaction=False)
        for run in runs:
            keys = (_about(run), _live(self.worker), _live(dead))
            pipe.eval(_ADOPT, 3, *keys, dead, self.worker, run)
        pipe.srem("genui:workers", dead)
        await self._do(pipe.execute())

    async def _adopted(self) -> list[str]:
        """What is ours in Redis and not written here: asked there, for an answer about what was taken over
        can get lost."""
        written = frozenset(self._written)  # some may end before the answer comes
        ours = [name.decode() for name in await self._do(self._redis.smembers(_live(self.worker)))]
        self._adopting = False
        return [run for run in ours if run not in written and run not in self._written]

    async def workers_of(self, runs: Sequence[str]) -> Mapping[str, str]:
        pipe = self._redis.pipeline(transaction=False)
        for run in runs:
            pipe.hmget(_about(run), ["worker", "end"])
        found = zip(runs, await self._do(pipe.execute()), strict=True)
        return {run: worker.decode() for run, (worker, end) in found if worker is not None and end != b"1"}

    async def send(self, worker: str, message: Mapping[str, Json]) -> bool:
        return bool(await self._do(self._redis.publish(_mail(worker), json.dumps(message))))

    def _listen(self) -> None:
        if self._listener is not None:
            self._keep(self._listener)  # a cancellation can get lost: see `end_tasks`
            self._keep(asyncio.ensure_future(end_tasks([self._listener])))
        self._pubsub = None
        self._heard = time.monotonic()
        self._listener = asyncio.get_running_loop().create_task(self._hear_always(), name="genui redis news")

    async def _hear_always(self) -> None:
        while True:
            with contextlib.suppress(RedisError, OSError):
                async with self._news.pubsub() as pubsub:
                    await pubsub.subscribe(_mail(self.worker))
                    self._pubsub = pubsub  # from here on `follow` subscribes; before it those are left to us
                    if self._followed:
                        await pubsub.subscribe(*map(_events, self._followed))
                    async for message in pubsub.listen():
                        self._heard = time.monotonic()
                        self._hear(message)
            self._pubsub = None
            await asyncio.sleep(0.2)

    def _hear(self, message: Mapping[str, Any]) -> None:
        channel, data = message["channel"].decode(), message["data"]
        run = channel.removeprefix("genui:events:")
        if message["type"] == "subscribe" and run in self._followed:
            self._ears.chunk(run, None)
        elif message["type"] != "message":
            return
        elif channel == _mail(self.worker):
            if data:
                self._ears.mail(json.loads(data))
        elif run in self._followed:
            head, _, events = data.partition(b"\n")
            first, length, end = map(int, head.split())
            self._ears.chunk(run, Chunk(run, first, length, events, bool(end)))

    # --------------------------------------------------------------------------------------------- threads

    async def load(self, thread: str) -> Document | None:
        fields = await self._read(self._redis.hgetall(_thread(thread)))
        if not fields:
            return None
        answers = {
            name.removeprefix(b"answer:").decode(): body.decode()
            for name, body in fields.items()
            if name.startswith(b"answer:")
        }
        head = fields[b"head"].decode()
        return Document(int(fields[b"version"]), _summary(thread, fields[b"about"]), head, answers)

    async def save(self, document: Document) -> bool:
        thread = document.summary
        about = json.dumps(thread[1:])
        pairs = [part for answer in document.answers.items() for part in answer]
        pipe = self._redis.pipeline(transaction=True)
        for run in document.answers:
            pipe.set(f"genui:answered:{run}", thread.id, ex=self._thread_seconds)
        keys = (_thread(thread.id), _threads(thread.owner))
        values = (document.version, about, document.head, self._thread_seconds, thread.updated, thread.id)
        pipe.eval(_SAVE, 2, *keys, *values, *pairs)
        return bool((await self._do(pipe.execute()))[-1])

    async def thread_of(self, run: str) -> str | None:
        thread = await self._read(self._redis.get(f"genui:answered:{run}"))
        return thread and str(thread.decode())

    async def threads(self, owner: str | None, limit: int, before: float | None) -> Sequence[Summary]:
        index = _threads(owner)
        await self._do(self._redis.zremrangebyscore(index, "-inf", time.time() - self._thread_seconds))
        most = "+inf" if before is None else f"({before!r}"
        names = await self._read(self._redis.zrevrangebyscore(index, most, "-inf", start=0, num=limit))
        pipe = self._redis.pipeline(transaction=False)
        for name in names:
            pipe.hget(_thread(name.decode()), "about")
        known = await self._read(pipe.execute()) if names else []
        return [_summary(name.decode(), about) for name, about in zip(names, known, strict=True) if about]

    async def delete(self, thread: str) -> bool:
        document = await self.load(thread)
        if document is None:
            return False
        pipe = self._redis.pipeline(transaction=True)
        pipe.delete(_thread(thread), *(f"genui:answered:{run}" for run in document.answers))
        pipe.zrem(_threads(document.summary.owner), thread)
        return bool((await self._do(pipe.execute()))[0])

    # ------------------------------------------------------------------------------------------------ keys

    async def claim(self, key: str, value: str, seconds: float) -> str | None:
        # SET … GET gives what it was and sets nothing (NX), or sets it and gives nothing. Redis 7.
        held = await self._do(
            self._redis.set(f"genui:key:{key}", value, px=int(seconds * 1000), nx=True, get=True)
        )
        return held and str(held.decode())

    async def confirm(self, key: str, value: str, seconds: float) -> None:
        await self._do(self._redis.set(f"genui:key:{key}", value, px=int(seconds * 1000)))

    async def release(self, keys: Iterable[str]) -> None:
        await self._do(self._redis.delete(*(f"genui:key:{key}" for key in keys)))

    def _work(self, command: Awaitable[Any]) -> None:
        async def work() -> None:
            with contextlib.suppress(RedisError, OSError):  # the listener meets the same, and begins anew
                await command

        self._keep(asyncio.ensure_future(work()))

    def _keep(self, task: asyncio.Future[None]) -> None:
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)


def _told(error: str) -> str:
    """What Redis says at the first command, for whoever named it."""
    if "syntax error" in error or "unknown command" in error:
        return "it is older than Redis 7"
    if "NOAUTH" in error or "HELLO" in error:
        return "it wants a password, as in redis://:PASSWORD@HOST:PORT/NUMBER"
    return error.rstrip(".")


def _chunk(run: str, first: int, fields: Sequence[bytes]) -> Chunk:
    """As `_APPEND` wrote it: the names of its fields and what they hold, in turn."""
    _, length, _, data, _, end = fields
    return Chunk(run, first, int(length), data, end == b"1")


def _summary(thread: str, about: bytes) -> Summary:
    return Summary(thread, *json.loads(about))


def _about(run: str) -> str:
    return f"genui:run:{run}"


def _events(run: str) -> str:
    return f"genui:events:{run}"


def _live(worker: str) -> str:
    return f"genui:live:{worker}"


def _worker(worker: str) -> str:
    return f"genui:worker:{worker}"


def _mail(worker: str) -> str:
    return f"genui:mail:{worker}"


def _thread(thread: str) -> str:
    return f"genui:thread:{thread}"


def _threads(owner: str | None) -> str:
    return "genui:threads" if owner is None else f"genui:threads:{owner}"
