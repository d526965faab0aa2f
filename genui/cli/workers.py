"""The server of one process, and the parent of several.

uvicorn's own supervisor was weighed: it hands one listening socket to all workers, among which a burst of
connections spreads badly, looks after the dead twice a second, one after the other with a ping of up to
five seconds, and does not end a worker that does not end. What is needed instead is little: workers that
listen for themselves on one port, are replaced at once when they die, and end when their parent does.
"""

from __future__ import annotations

import argparse
import contextlib
import gc
import multiprocessing
import os
import signal
import socket
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Sequence
from multiprocessing.connection import Connection, wait
from types import FrameType

import uvicorn
from prometheus_client.multiprocess import mark_process_dead

from genui.agent import ASSISTANT
from genui.cli import exposure, logs, mcp
from genui.cli.listening import share
from genui.cli.protocol import Protocol
from genui.errors import GenUIError
from genui.server import MULTIPROCESS, GenUI

SHUTDOWN_SECONDS = 5
"""How long connections may take to close once their streams have ended."""

LATE_SECONDS = 15.0
"""How long after its drain a worker is killed that has not ended."""

PAUSE = 1.0
"""Seconds until a worker is replaced that never served, or died as soon as it did."""


def application(options: argparse.Namespace) -> GenUI:
    """What the options of `genui serve` describe. Raises GenUIError."""
    return GenUI(
        components=options.components,
        model=options.model,
        tools=[*(ASSISTANT if options.assistant else ()), *mcp.servers_of(options)],
        store=options.store,
        origins=options.origins,
        image_origins=options.image_origins,
        repair=options.repair,
        constrain=options.constrain,
        reload=options.reload,
        playground=options.playground,
        playground_hosts=options.playground_hosts,
        keys=exposure.keys_of(options),
        allowed_hosts=options.allowed_hosts,
        limits=exposure.limits_of(options),
        metrics=exposure.metrics_of(options),
    )


def end_with_terminal() -> None:
    """A terminal that is closed (SIGHUP) ends this process as SIGTERM does, except under nohup.

    Python's own way is to die at once, in the midst of every answer.
    """
    if sys.platform != "win32" and signal.getsignal(signal.SIGHUP) is not signal.SIG_IGN:
        signal.signal(signal.SIGHUP, lambda *_: signal.raise_signal(signal.SIGTERM))


def _collect_seldom() -> None:
    """The collector stops every stream while it looks through all objects that there are, which with Python's
    thresholds is often and, with a thousand open streams, long. Reference counts free what a stream leaves
    behind."""
    gc.collect()
    gc.freeze()  # what the program consists of is never looked through again
    gc.set_threshold(50_000, 20, 20)


class Server(uvicorn.Server):
    """Stops listening and ends the runs, and with them their streams, before it waits for connections to
    close: uvicorn tells an application of the shutdown only after that, and a stream would hold it up.

    After SIGTERM runs have `drain` seconds to end by themselves; somebody who presses Ctrl+C will not wait.
    `ready` is called when it serves.
    """

    def __init__(
        self,
        genui: GenUI,
        drain: float,
        trusted_proxies: Sequence[str] = (),
        ready: Callable[[], None] = lambda: None,
    ) -> None:
        super().__init__(
            uvicorn.Config(
                genui,
                http=Protocol,
                proxy_headers=bool(trusted_proxies),
                forwarded_allow_ips=list(trusted_proxies),
                log_config=None,
                access_log=False,
                server_header=False,
                timeout_graceful_shutdown=SHUTDOWN_SECONDS,
            )
        )
        self._genui = genui
        self._drain = drain
        self._ready = ready
        self._told_to_end = False

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Raises GenUIError where the store fails: uvicorn would tell it as a fault of the application's."""
        await self._genui.open()
        await super().startup(sockets)
        _collect_seldom()
        self._ready()

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        self._told_to_end = sig == signal.SIGTERM
        super().handle_exit(sig, frame)

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        for server in self.servers:
            server.close()
        await self._genui.close(self._drain if self._told_to_end else 0.0)
        await super().shutdown(sockets)


def supervise(options: argparse.Namespace, reserved: socket.socket, greet: Callable[[], None]) -> None:
    """Keep as many workers as the options say on a reserved port, until SIGTERM, SIGHUP or SIGINT.

    `greet` is called when the first of them serves. Raises GenUIError when none can.
    """
    ending = _Ending()
    with tempfile.TemporaryDirectory(prefix="genui-metrics-") as folder:
        os.environ[MULTIPROCESS] = folder  # where the workers add up what they count
        _keep(options, reserved, greet, ending)


def _keep(
    options: argparse.Namespace, reserved: socket.socket, greet: Callable[[], None], ending: _Ending
) -> None:
    workers = _Workers(options, reserved.getsockname()[1])
    try:
        workers.start()
        greet()
        while not ending.signal:
            workers.replace_the_dead(ending.wakes)
    finally:
        workers.end(ending.signal or signal.SIGTERM)


class _Ending:
    """The signal that ends it all; `wakes` becomes readable with it."""

    def __init__(self) -> None:
        self.signal: signal.Signals | None = None
        self.wakes, self._wake = multiprocessing.Pipe(duplex=False)
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, self._hear)

    def _hear(self, number: int, _: FrameType | None) -> None:
        self.signal = signal.Signals(number)
        self._wake.send(None)


class _Worker:
    """A process, the time it began, and a pipe: by its end each side learns that the other is gone."""

    def __init__(self, options: argparse.Namespace, port: int) -> None:
        ours, theirs = multiprocessing.Pipe()
        context = multiprocessing.get_context("spawn")
        self.began = time.monotonic()
        self._served = False
        self.pipe = ours
        self.process = context.Process(target=_work, args=(options, port, theirs), name="genui worker")
        self.process.start()
        theirs.close()

    def serves(self) -> bool:
        """Waits until it does; False when it died instead."""
        try:
            self._served = bool(self.pipe.recv())
        except (EOFError, OSError):
            return False
        return self._served

    def served(self) -> bool:
        """Whether it ever did, now that it is dead."""
        return self._served or self.serves()


class _Workers:
    def __init__(self, options: argparse.Namespace, port: int) -> None:
        self._options = options
        self._port = port
        self._all: list[_Worker] = []

    def start(self) -> None:
        """All of them. Raises GenUIError when one cannot serve: then none could."""
        self._all = [_Worker(self._options, self._port) for _ in range(self._options.workers)]
        for worker in self._all:
            if not worker.serves():
                raise GenUIError("worker-failed", "a worker could not start; what it said stands above")

    def replace_the_dead(self, wakes: Connection) -> None:
        """Wait until a worker dies or `wakes` is readable."""
        died = wait([wakes, *(worker.process.sentinel for worker in self._all)])
        if wakes in died:
            return
        for place, worker in enumerate(self._all):
            if worker.process.sentinel in died:
                worker.process.join(PAUSE)  # it lets go of the sentinel a moment before it can be reaped
                code = worker.process.exitcode
                print(
                    f"genui serve: worker {worker.process.pid} died ({code}); another begins", file=sys.stderr
                )
                if not worker.served() or time.monotonic() - worker.began < PAUSE:
                    wakes.poll(PAUSE)
                worker.pipe.close()
                mark_process_dead(worker.process.pid)  # type: ignore[no-untyped-call]
                self._all[place] = _Worker(self._options, self._port)

    def end(self, sign: signal.Signals) -> None:
        """Have all end, and kill who does not."""
        for worker in self._all:
            if worker.process.is_alive() and worker.process.pid:
                os.kill(worker.process.pid, sign)
        deadline = time.monotonic() + self._options.drain + LATE_SECONDS
        for worker in self._all:
            worker.process.join(max(0.0, deadline - time.monotonic()))
            worker.process.kill()
            worker.process.join()


def _work(options: argparse.Namespace, port: int, parent: Connection) -> None:
    """A worker's whole life."""
    end_with_terminal()
    logs.configure(options.log_format, exposure.keys_of(options))
    os.setsid()  # Ctrl+C is the parent's to hear, which passes it on
    try:
        genui = application(options)
        server = Server(genui, options.drain, options.trusted_proxies, lambda: parent.send(True))
        threading.Thread(target=_end_with_parent, args=(parent, server), daemon=True).start()
        with share(options.host, port) as listener, contextlib.suppress(KeyboardInterrupt):
            server.run([listener])
    except GenUIError as error:
        print(f"genui serve: {error}", file=sys.stderr)
        sys.exit(1)


def _end_with_parent(parent: Connection, server: Server) -> None:
    """A parent that was killed cannot pass on anything."""
    try:
        parent.recv()
    except (EOFError, OSError):
        server.handle_exit(signal.SIGTERM, None)
