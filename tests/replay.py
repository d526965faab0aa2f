"""A replay server: it speaks the OpenAI wire over a real socket, and says what it was told to say.

    async with ReplayServer() as server:
        server.play(Recording(body, sizes=chunks_of(7)))
        model = OpenAIModel("replayed", base_url=server.url, api_key="none")

Each request takes the next recording (the last one stays), so a loop of several turns is a list of them.
Bodies go out in HTTP chunks of the given sizes, each in a write of its own. `requests` has what was asked;
`connections` tells when a client went away. Written on asyncio's sockets: a framework would not let a test
cut, stall or refuse exactly where it wants.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import random
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

WHOLE = 1 << 30


def streams_folder() -> Path | None:
    """The folder of recorded streams, or None: GENUI_STREAMS, or `shared/streams` next to the checkout.

    A worktree has its `.git` elsewhere, so the folder is also looked for beside the main checkout and
    beside every folder above.
    """
    named = os.environ.get("GENUI_STREAMS")
    if named:
        return Path(named) if Path(named).is_dir() else None
    root = Path(__file__).resolve().parent.parent
    for above in (*root.parents, *_main_checkout(root).parents):
        if (above / "shared" / "streams").is_dir():
            return above / "shared" / "streams"
    return None


def _main_checkout(root: Path) -> Path:
    pointer = root / ".git"
    if not pointer.is_file():
        return root
    _, _, common = pointer.read_text().strip().partition("gitdir: ")
    return Path(common).parent.parent.parent  # <checkout>/.git/worktrees/<name>


def chunks_of(size: int) -> Iterator[int]:
    """`size` bytes at a time, for ever."""
    while True:
        yield size


def random_chunks(seed: int, most: int = 200) -> Iterator[int]:
    """Between 1 and `most` bytes at a time, the same for the same seed."""
    generator = random.Random(seed)  # noqa: S311 (not for secrets)
    while True:
        yield generator.randint(1, most)


@dataclass
class Recording:
    """One answer of the server.

    `sizes` are the bytes of each chunk, `pace` the seconds between two. With `cut_at` the connection is
    dropped after that many bytes of the body; with `stall_at` nothing more comes after so many, and the
    connection stays open. `stall_at=-1` does not even send a status line.
    """

    body: bytes
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)
    sizes: Iterator[int] = field(default_factory=lambda: chunks_of(WHOLE))
    pace: float = 0.0
    cut_at: int | None = None
    stall_at: int | None = None

    def chunks(self) -> Iterator[bytes]:
        """What is sent, chunk by chunk."""
        at = 0
        limit = min(x for x in (len(self.body), self.cut_at, self.stall_at) if x is not None)
        while at < limit:
            end = min(limit, at + next(self.sizes))
            yield self.body[at:end]
            at = end


def refusal(status: int, message: str = "no", *, headers: dict[str, str] | None = None) -> Recording:
    """An error answer in OpenAI's form."""
    body = json.dumps({"error": {"message": message, "type": "refused", "code": None}}).encode()
    return Recording(body, status, {"content-type": "application/json", **(headers or {})})


def sse(*chunks: dict[str, Any] | str, end: bytes = b"\n") -> bytes:
    """A body of one `data:` line for each chunk; strings go out as they are, such as `[DONE]`."""
    texts = (chunk if isinstance(chunk, str) else json.dumps(chunk) for chunk in chunks)
    return b"".join(b"data: " + text.encode() + end + end for text in texts)


def delta(*, finish: str | None = None, **fields: Any) -> dict[str, Any]:
    """A chunk with one choice, whose delta has `fields`."""
    return {"choices": [{"index": 0, "delta": fields, "finish_reason": finish}]}


class Connection:
    """One client's connection; `closed` is set when the client closed it or the server did."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.closed = asyncio.Event()
        self.writer = writer
        self._reader = reader
        self._ahead = b""

    async def request(self) -> dict[str, Any]:
        """The next request's JSON body. Raises IncompleteReadError when the client has gone."""
        head = self._ahead + await self._reader.readuntil(b"\r\n\r\n")
        self._ahead = b""
        lengths = (line.split(b":")[1] for line in head.lower().split(b"\r\n") if b"content-length" in line)
        body: dict[str, Any] = json.loads(await self._reader.readexactly(int(next(lengths))))
        return body

    async def until_left(self) -> bool:
        """Wait for the client to say something, which it does only to leave, or to ask again when it has
        read everything: whether it left."""
        self._ahead = await self._reader.read(1)
        return not self._ahead


class ReplayServer:
    """Serves recordings on an ephemeral port of the loopback interface."""

    def __init__(self) -> None:
        self.requests: list[dict[str, Any]] = []
        self.connections: list[Connection] = []
        self.asked = asyncio.Event()  # the first request has come
        self._recordings: list[Recording] = []
        self._tasks: set[asyncio.Task[None]] = set()

    @property
    def url(self) -> str:
        """The base URL to give to the client."""
        port = self._server.sockets[0].getsockname()[1]
        return f"http://127.0.0.1:{port}/v1"

    def play(self, *recordings: Recording) -> None:
        """What the next requests get, one each; further ones get the last."""
        self._recordings = list(recordings)

    async def __aenter__(self) -> ReplayServer:
        self._server = await asyncio.start_server(self._accept, "127.0.0.1", 0)
        return self

    async def __aexit__(self, *_: object) -> None:
        self._server.close()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await self._server.wait_closed()

    async def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._tasks.add(task)
        connection = Connection(reader, writer)
        self.connections.append(connection)
        try:
            with contextlib.suppress(ConnectionError, asyncio.IncompleteReadError):
                while await self._serve(connection):
                    pass
        finally:
            connection.closed.set()
            writer.transport.abort()
            self._tasks.discard(task)

    async def _serve(self, connection: Connection) -> bool:
        """One request and its answer; whether the connection may be used again."""
        self.requests.append(await connection.request())
        self.asked.set()
        recording = self._recordings.pop(0) if len(self._recordings) > 1 else self._recordings[0]
        sending = asyncio.create_task(_send(recording, connection.writer))
        leaving = asyncio.create_task(connection.until_left())
        try:
            await asyncio.wait({sending, leaving}, return_when=asyncio.FIRST_COMPLETED)
            return sending.done() and sending.result() and not (leaving.done() and leaving.result())
        finally:
            for task in (sending, leaving):
                task.cancel()
            await asyncio.gather(sending, leaving, return_exceptions=True)


async def _send(recording: Recording, writer: asyncio.StreamWriter) -> bool:
    """Send all of it; whether the connection may be used again."""
    if recording.stall_at == -1:
        await asyncio.Event().wait()
    headers = {"content-type": "text/event-stream", "transfer-encoding": "chunked", **recording.headers}
    lines = [f"HTTP/1.1 {recording.status} Recorded", *(f"{k}: {v}" for k, v in headers.items())]
    writer.write("\r\n".join([*lines, "", ""]).encode())
    for chunk in recording.chunks():
        writer.write(b"%x\r\n%b\r\n" % (len(chunk), chunk))
        await writer.drain()
        await asyncio.sleep(recording.pace)
    if recording.stall_at is not None:
        await asyncio.Event().wait()
    if recording.cut_at is not None:
        writer.close()  # sends what is buffered, but never the chunk that would say that this is all
        await writer.wait_closed()
        return False
    writer.write(b"0\r\n\r\n")
    await writer.drain()
    return True
