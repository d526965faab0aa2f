"""The parent of the sandbox: starts it, gives it one job at a time, and ends it when its time is over."""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from genui.errors import CallerError

_LONGEST_LINE = 64_000_000
_START = 60.0
"""Seconds for Python and the built-in components to load, on a machine that has a lot to do."""

_KEPT = ("PATH", "LANG", "LC_ALL", "SYSTEMROOT", "TMPDIR", "VIRTUAL_ENV")
"""What the sandbox gets of the environment: no keys, no addresses."""


class Worker:
    """One sandbox with these folders of components, started when it is first needed. A job may take
    `deadline` seconds; one that takes longer ends the sandbox, and the next job gets a new one."""

    def __init__(self, folders: Sequence[Path], deadline: float = 5.0) -> None:
        self._folders = [str(folder) for folder in folders]
        self.deadline = deadline
        self._lock = asyncio.Lock()
        self._process: asyncio.subprocess.Process | None = None
        self._room: tempfile.TemporaryDirectory[str] | None = None

    async def do(self, job: dict[str, Any]) -> Any:
        """What the sandbox makes of a job.

        Raises CallerError (`too-slow`, `too-much-memory`, and what the job itself says).
        """
        async with self._lock:
            process = self._process or await self._start()
            try:
                async with asyncio.timeout(self.deadline):
                    line = await _ask(process, json.dumps(job))
            except TimeoutError as error:
                await self._end()
                message = f"It was stopped after {self.deadline:g} seconds: is there a loop without an end?"
                raise CallerError("too-slow", message, 422) from error
            except BaseException:  # the caller has gone, and its answer must not be the next one's
                await self._end()
                raise
            if not line:
                await self._end()
                raise CallerError("too-much-memory", "It was stopped: it took too much of this machine.", 422)
        answer = json.loads(line)
        if refused := answer.get("error"):
            raise CallerError(refused["code"], refused["message"], 422)
        return answer["ok"]

    @property
    def pid(self) -> int | None:
        """The sandbox's process, while there is one."""
        return self._process.pid if self._process else None

    async def close(self) -> None:
        """End the sandbox."""
        async with self._lock:
            await self._end()

    async def _start(self) -> asyncio.subprocess.Process:
        self._room = tempfile.TemporaryDirectory(prefix="genui-playground-")
        environment = {name: os.environ[name] for name in _KEPT if name in os.environ}
        environment["PYTHONPATH"] = os.pathsep.join(path for path in sys.path if path)
        process = self._process = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "genui.server.playground.sandbox", *self._folders,
            stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE,
            cwd=self._room.name, env=environment, limit=_LONGEST_LINE,
        )  # fmt: skip
        assert process.stdout is not None  # noqa: S101 – a pipe, as above
        try:
            async with asyncio.timeout(_START):
                ready = await process.stdout.readline()
        except BaseException:
            await self._end()
            raise
        if not ready:
            await self._end()
            raise RuntimeError("the playground's sandbox did not start; its stderr says why")
        return process

    async def _end(self) -> None:
        process, self._process = self._process, None
        room, self._room = self._room, None
        if process is not None:
            with contextlib.suppress(ProcessLookupError):
                process.kill()
            await process.communicate()  # the pipes close with it
        if room is not None:
            room.cleanup()


async def _ask(process: asyncio.subprocess.Process, line: str) -> bytes:
    assert process.stdin is not None and process.stdout is not None  # noqa: S101, PT018 – pipes
    try:
        process.stdin.write(line.encode() + b"\n")
        await process.stdin.drain()
        return await process.stdout.readline()
    except (ConnectionError, ValueError):  # it has gone, or says more than a line can hold
        return b""
