"""Stores to test with, of every kind, and a real redis-server for those that need one."""

from __future__ import annotations

import asyncio
import contextlib
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from genui.runs import Runs, Store

KINDS = ["memory", "sqlite", "redis"]
SHARED = [kind for kind in KINDS if kind != "memory"]
"""Those on which several workers may stand."""


class RedisServer:
    """A redis-server of one test session, or of one test that is going to harm it."""

    def __init__(self) -> None:
        self._folder = tempfile.mkdtemp(prefix="genui-redis-")
        with socket.create_server(("127.0.0.1", 0)) as free:
            self.port: int = free.getsockname()[1]
        self.process = self._start()

    @property
    def url(self) -> str:
        return f"redis://127.0.0.1:{self.port}/0"

    def _start(self) -> subprocess.Popen[bytes]:
        options = ["--bind", "127.0.0.1", "--port", str(self.port), "--dir", self._folder, "--save", ""]
        # With this, what Redis acknowledged it still has after it was killed.
        options += ["--appendonly", "yes", "--appendfsync", "always"]
        process = subprocess.Popen(["redis-server", *options], stdout=subprocess.DEVNULL)
        deadline = time.monotonic() + 20
        while time.monotonic() < deadline:
            with socket.socket() as probe:
                if probe.connect_ex(("127.0.0.1", self.port)) == 0:
                    return process
            time.sleep(0.02)
        raise AssertionError("redis-server does not listen")

    def flush(self) -> None:
        self._do("flushall")

    def limit(self, memory: int) -> None:
        """Take no more than that many bytes; 0: whatever there is."""
        self._do("config", "set", "maxmemory", str(memory))

    def be_replica(self) -> None:
        """Of a server that is not there: it can be read, and not written to."""
        self._do("replicaof", "127.0.0.1", "1")

    def want_password(self, password: str) -> None:
        """For good: nothing else can be done to it then."""
        self._do("config", "set", "requirepass", password)

    def _do(self, *command: str) -> None:
        subprocess.run(["redis-cli", "-p", str(self.port), *command], check=True, capture_output=True)

    def pause(self) -> None:
        self.process.send_signal(signal.SIGSTOP)

    def go_on(self) -> None:
        self.process.send_signal(signal.SIGCONT)

    def kill(self) -> None:
        self.process.kill()
        self.process.wait()

    def restart(self) -> None:
        self.process = self._start()

    def remove(self) -> None:
        self.go_on()
        self.kill()
        shutil.rmtree(self._folder)


class Lossy:
    """A way to Redis on which an answer can get lost, and the connection with it."""

    def __init__(self, port: int) -> None:
        self._port = port
        self._until_loss = 0
        self._carrying: set[asyncio.Task[object]] = set()

    def lose(self, number: int) -> None:
        """The answer to what is asked as that from now on, counted from 1. Redis does what it was asked."""
        self._until_loss = number

    @asynccontextmanager
    async def open(self) -> AsyncIterator[str]:
        """Its address."""
        server = await asyncio.start_server(self._carry, "127.0.0.1", 0)
        try:
            yield f"redis://127.0.0.1:{server.sockets[0].getsockname()[1]}/0"
        finally:
            server.close()
            while self._carrying:
                for task in self._carrying:
                    task.cancel()
                await asyncio.wait(self._carrying)

    async def _carry(self, asks: asyncio.StreamReader, told: asyncio.StreamWriter) -> None:
        if task := asyncio.current_task():
            self._carrying.add(task)
            task.add_done_callback(self._carrying.discard)
        answers, asked = await asyncio.open_connection("127.0.0.1", self._port)
        lost = asyncio.Event()
        back = asyncio.create_task(_pour(answers, told, lost))
        try:
            while data := await asks.read(1 << 20):
                self._until_loss -= 1
                if self._until_loss == 0:
                    lost.set()
                asked.write(data)
        except (asyncio.CancelledError, ConnectionError):
            back.cancel()  # the way is closed: a handler of asyncio's streams must not end as cancelled
        for writer in (asked, told):
            writer.close()
        await asyncio.wait([back])
        for writer in (asked, told):
            with contextlib.suppress(ConnectionError):
                await writer.wait_closed()


async def _pour(answers: asyncio.StreamReader, told: asyncio.StreamWriter, lost: asyncio.Event) -> None:
    while (data := await answers.read(1 << 20)) and not lost.is_set():
        told.write(data)
    told.close()


def url_of(kind: str, folder: Path, redis: RedisServer | None) -> str:
    """What `--store` is given for an empty store of this kind that is this test's own."""
    if kind == "sqlite":
        return f"sqlite:///{folder}/genui.db"
    if redis is not None:
        return redis.url
    return kind


@asynccontextmanager
async def opened(store: Store, **settings: float) -> AsyncIterator[Runs]:
    """Runs on a store, which is open while the context lasts."""
    runs = Runs(store.log, peers=store.peers, **settings)
    await runs.open()
    try:
        yield runs
    finally:
        await runs.close()
