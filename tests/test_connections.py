"""How a model's server is reached: HTTP as servers write it, connections used again, and what is closed."""

from __future__ import annotations

import asyncio
import contextlib
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import TypeAlias

import pytest
import uvloop

from genui.agent import FinishPiece, OpenAIModel, Piece, TextPiece
from genui.errors import ModelError
from tests.proxies import certify

Answer: TypeAlias = Callable[[asyncio.StreamWriter], Awaitable[None]]

ASK = [{"role": "user", "content": "Hi"}]
FRAMES = b'data: {"choices":[{"delta":{"content":"Hi"}}]}\n\ndata: {"choices":[{"finish_reason":"stop"}]}\n\n'
END = b"data: [DONE]\n\n"
SAID = [TextPiece("Hi"), FinishPiece("stop")]


def chunked(*pieces: bytes) -> bytes:
    return b"".join(b"%x\r\n%b\r\n" % (len(piece), piece) for piece in pieces)


def head(*headers: bytes, status: bytes = b"200 OK") -> bytes:
    return b"\r\n".join([b"HTTP/1.1 " + status, b"content-type: text/event-stream", *headers, b"", b""])


CHUNKED = head(b"transfer-encoding: chunked")
WHOLE = CHUNKED + chunked(FRAMES + END) + b"0\r\n\r\n"


class Server:
    """Answers each request with the same bytes, cut as told, and counts connections."""

    def __init__(self, answer: Answer) -> None:
        self.connections = 0
        self.closed = 0
        self.requests = 0
        self._answer = answer
        self._news = asyncio.Event()

    async def all_closed(self) -> None:
        while self.closed < self.connections:
            self._news.clear()
            await self._news.wait()

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        try:
            while True:
                asked = await reader.readuntil(b"\r\n\r\n")
                await reader.readexactly(int(asked.lower().partition(b"content-length: ")[2].split()[0]))
                self.requests += 1
                await self._answer(writer)
        except (asyncio.IncompleteReadError, ConnectionError):
            pass
        finally:
            writer.close()
            with contextlib.suppress(ConnectionError, ssl.SSLError):
                await writer.wait_closed()
            self.closed += 1
            self._news.set()


@asynccontextmanager
async def serving(
    answer: Answer, context: ssl.SSLContext | None = None
) -> AsyncIterator[tuple[Server, OpenAIModel]]:
    ours = Server(answer)
    server = await asyncio.start_server(ours.serve, "127.0.0.1", 0, ssl=context)
    port = server.sockets[0].getsockname()[1]
    host = f"https://localhost:{port}" if context else f"http://127.0.0.1:{port}"
    model = OpenAIModel("m", base_url=f"{host}/v1", api_key="none", retries=0)
    try:
        yield ours, model
    finally:
        await model.aclose()
        await ours.all_closed()
        server.close()


def saying(*pieces: bytes, close: bool = False) -> Answer:
    """Each piece is a write of its own."""

    async def answer(writer: asyncio.StreamWriter) -> None:
        for piece in pieces:
            writer.write(piece)
            await writer.drain()
            await asyncio.sleep(0.002)
        if close:
            writer.close()

    return answer


async def asked(model: OpenAIModel) -> list[Piece]:
    return [piece async for piece in model.stream(ASK, ())]


BODY = FRAMES + END
SMALL = chunked(*(BODY[at : at + 3] for at in range(0, len(BODY), 3)))
KNOWN_LENGTH = head(b"Content-Length: %d" % len(BODY)) + BODY


@pytest.mark.parametrize(
    "pieces",
    [
        pytest.param([WHOLE], id="in one piece"),
        pytest.param([WHOLE[at : at + 1] for at in range(len(WHOLE))], id="byte by byte"),
        pytest.param([CHUNKED, SMALL, b"0\r\n\r\n"], id="in small chunks"),
        pytest.param([KNOWN_LENGTH], id="of a known length"),
        pytest.param([b"HTTP/1.1 100 Continue\r\n\r\n", WHOLE], id="after a word that it will come"),
        pytest.param([WHOLE[:-5] + b"0\r\nx-trailer: 1\r\n\r\n"], id="with a trailer"),
    ],
)  # fmt: skip
async def test_an_answer_is_read_however_its_server_writes_it(pieces: list[bytes]) -> None:
    async with serving(saying(*pieces)) as (_, model):
        assert await asked(model) == SAID


async def test_an_answer_without_a_length_ends_with_its_connection() -> None:
    async with serving(saying(head(), FRAMES, close=True)) as (_, model):
        assert await asked(model) == SAID


async def test_every_loop_reads_it_the_same() -> None:
    """Servers run uvloop, whose transports are not those of asyncio."""

    async def read() -> list[Piece]:
        async with serving(saying(CHUNKED, chunked(FRAMES), chunked(END), b"0\r\n\r\n")) as (_, model):
            return await asked(model)

    def run() -> list[Piece]:
        with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
            return runner.run(read())

    assert await asyncio.to_thread(run) == SAID


async def test_a_connection_is_used_again_when_its_answer_was_read_to_the_end() -> None:
    async with serving(saying(WHOLE)) as (server, model):
        assert [await asked(model) for _ in range(3)] == [SAID] * 3
        assert (server.requests, server.connections) == (3, 1)


async def test_a_connection_that_stopped_reading_is_not_used_again() -> None:
    """All of the answer has come, more of it unread than is kept, and so the connection is paused."""
    said = chunked(b'data: {"choices":[{"delta":{"content":"Hi"}}]}\n\n')
    rest = chunked(b": " + b"x" * 300_000 + b"\n") + b"0\r\n\r\n"

    async def read_a_little() -> None:
        async with serving(saying(CHUNKED + said, rest)) as (_, model):
            for _ in range(2):
                stream = model.stream(ASK, ())
                async with asyncio.timeout(10):
                    assert await anext(stream) == TextPiece("Hi")
                await asyncio.sleep(0.3)
                await stream.aclose()

    await asyncio.to_thread(uvloop.run, read_a_little())


async def test_a_connection_that_its_server_will_close_is_not_used_again() -> None:
    last = head(b"transfer-encoding: chunked", b"connection: close") + chunked(BODY) + b"0\r\n\r\n"
    async with serving(saying(last)) as (server, model):
        assert [await asked(model) for _ in range(2)] == [SAID] * 2
        assert server.connections == 2


async def test_a_connection_on_which_more_comes_than_was_asked_for_is_not_used_again() -> None:
    async with serving(saying(WHOLE + WHOLE)) as (server, model):
        assert await asked(model) == SAID
        await asyncio.sleep(0.05)
        assert await asked(model) == SAID
        assert server.connections == 2


async def test_answers_at_the_same_time_have_connections_of_their_own() -> None:
    async with serving(saying(CHUNKED, chunked(FRAMES), chunked(END), b"0\r\n\r\n")) as (server, model):
        assert await asyncio.gather(*(asked(model) for _ in range(20))) == [SAID] * 20
        assert server.connections == 20


async def test_a_server_that_breaks_off_before_the_end_has_cut_its_answer() -> None:
    half = chunked(FRAMES.partition(b"\n\n")[0] + b"\n\n")
    async with serving(saying(CHUNKED + half, close=True)) as (_, model):
        stream = model.stream(ASK, ())
        assert await anext(stream) == TextPiece("Hi")
        with pytest.raises(ModelError) as raised:
            await anext(stream)
        assert raised.value.code == "model-cut"


@pytest.mark.parametrize(
    "bytes_", [b"SSH-2.0-OpenSSH_9.2\r\n", b"", b"HTTP/1.1 101 Switching Protocols\r\n\r\n"]
)
async def test_what_is_no_answer_of_http_is_an_unreachable_model(bytes_: bytes) -> None:
    async with serving(saying(bytes_, close=True)) as (_, model):
        with pytest.raises(ModelError) as raised:
            await asked(model)
        assert raised.value.code == "model-unreachable"


async def test_a_reader_that_stops_reading_stops_the_server_too() -> None:
    """What nobody has read is bounded: an answer without end does not fill the memory."""
    written = 0

    async def endless(writer: asyncio.StreamWriter) -> None:
        nonlocal written
        writer.write(CHUNKED + chunked(b'data: {"choices":[{"delta":{"content":"Hi"}}]}\n\n'))
        while True:
            writer.write(chunked(b": " + b"x" * 65_000 + b"\n"))
            await writer.drain()
            written += 65_000

    async with serving(endless) as (_, model):
        stream = model.stream(ASK, ())
        assert await anext(stream) == TextPiece("Hi")
        before = -1
        while written > before:
            assert written < 100_000_000
            before = written
            await asyncio.sleep(0.2)
        await stream.aclose()


async def test_a_closed_model_leaves_no_connection_open() -> None:
    async with serving(saying(WHOLE)) as (server, model):
        await asyncio.gather(*(asked(model) for _ in range(5)))
        assert (server.connections, server.closed) == (5, 0)
        await model.aclose()
        async with asyncio.timeout(10):
            await server.all_closed()


async def test_a_server_behind_tls_is_read_when_its_certificate_is_known(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    await asyncio.to_thread(certify, tmp_path)
    pem = tmp_path / "certificate.pem"
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(pem, tmp_path / "certificate.key")
    async with serving(saying(WHOLE), context) as (_, model):
        with pytest.raises(ModelError) as raised:
            await asked(model)
        assert raised.value.code == "model-unreachable"
    monkeypatch.setenv("SSL_CERT_FILE", str(pem))
    async with serving(saying(WHOLE), context) as (_, model):
        assert await asked(model) == SAID


async def test_a_proxy_in_the_environment_is_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    asked_for: list[bytes] = []

    async def proxy(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        asked_for.append(await reader.readline())
        writer.write(WHOLE)
        writer.close()
        await writer.wait_closed()

    server = await asyncio.start_server(proxy, "127.0.0.1", 0)
    monkeypatch.setenv("http_proxy", f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}")
    async with server:
        model = OpenAIModel("m", base_url="http://model.example/v1", api_key="none", retries=0)
        assert await asked(model) == SAID
        await model.aclose()
    assert asked_for == [b"POST http://model.example/v1/chat/completions HTTP/1.1\r\n"]
