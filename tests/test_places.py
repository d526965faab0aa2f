"""Attackers at the door: other names, other origins, other addresses, slow and endless requests."""

from __future__ import annotations

import asyncio
import contextlib
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import httpx2 as httpx
import pytest
from starlette.datastructures import Headers

from genui import GenUI, ServerLimits
from genui.cli.protocol import HEAD_BYTES, Protocol
from genui.cli.workers import Server
from genui.errors import CallerError
from genui.server.security import Hosts
from genui.server.security.places import address_of
from tests.browser.models import ByHand
from tests.service import STREAM, asking, serving

KEY = "ada-0123456789abcdef"
JSON = {"Content-Type": "application/json"}


def judged(name: str, allowed: list[str] | None, server: str = "127.0.0.1") -> bool:
    scope: Any = {"server": (server, 8000)}
    try:
        Hosts(allowed).check(scope, Headers({"host": name} if name else {}))
    except CallerError as error:
        return error.code != "bad-host"
    return True


@pytest.mark.parametrize(
    "name",
    ["localhost", "localhost:8000", "LOCALHOST", "127.0.0.1:1", "127.0.0.2", "[::1]:8000", "a.localhost"],
)
def test_on_the_loopback_interface_names_of_this_machine_are_taken(name: str) -> None:
    assert judged(name, None)
    assert judged(name, None, "::1")


@pytest.mark.parametrize(
    "name",
    ["evil.example", "evil.example:8000", "localhost.evil.example", "127.0.0.1.evil.example", "",
     "localhost:8000, evil.example", "localhost:x", "[::1]x",
     "192.168.0.7", "[::1", "0.0.0.0", "xlocalhost", "2130706433"],
)  # fmt: skip
def test_a_name_that_was_made_to_point_here_is_turned_away(name: str) -> None:
    assert not judged(name, None)
    assert not judged(name, ["chat.example", "*.chat.example"], "203.0.113.1")


def test_names_that_were_given_are_taken_and_no_others() -> None:
    allowed = ["chat.example", "*.apps.example"]
    for name in ("chat.example", "CHAT.example:443", "one.apps.example", "localhost"):
        assert judged(name, allowed, "203.0.113.1")
    for name in ("apps.example", "evilapps.example", "chat.example.evil.example"):
        assert not judged(name, allowed, "203.0.113.1")
    assert judged("anything.example", ["*"])
    assert judged("anything.example", None, "203.0.113.1")


async def test_dns_rebinding_reaches_nothing() -> None:
    """The attacker's page is of `evil.example`, which now resolves to 127.0.0.1: to the browser it is the
    same origin, and every header is the page's to choose but Host."""
    async with serving() as service:
        for headers in ({}, {"X-Forwarded-For": "1.2.3.4", "X-Forwarded-Host": "localhost"}):
            rebound = {"Host": "evil.example", "Origin": "http://evil.example", **headers}
            for method, path in (("GET", "v1/threads"), ("POST", "v1/runs"), ("GET", ""), ("GET", "metrics")):
                refused = await service.client.request(method, path, headers=rebound)
                assert refused.status_code == 421
                assert refused.json()["error"]["code"] == "bad-host"
        assert service.model.asked == []


@pytest.mark.parametrize(
    ("headers", "let_in"),
    [
        ({}, True),
        ({"Sec-Fetch-Site": "same-origin"}, True),
        ({"Sec-Fetch-Site": "none"}, True),
        ({"Sec-Fetch-Site": "same-origin", "Origin": "https://behind.a.proxy"}, True),
        ({"Origin": "{here}"}, True),
        ({"Sec-Fetch-Site": "cross-site"}, False),
        ({"Sec-Fetch-Site": "same-site"}, False),
        ({"Sec-Fetch-Site": "cross-site", "Origin": "{here}"}, False),
        ({"Origin": "https://evil.example"}, False),
        ({"Origin": "http://localhost:1"}, False),
        ({"Origin": "null"}, False),
        ({"Origin": "{here}.evil.example"}, False),
        ({"Origin": "https://app.example", "Sec-Fetch-Site": "cross-site"}, True),
    ],
)
async def test_a_post_of_another_origin_is_refused_unless_it_is_named(
    headers: dict[str, str], let_in: bool
) -> None:
    async with serving(origins=["https://app.example"]) as service:
        here = str(service.client.base_url).rstrip("/")
        sent = {name: value.replace("{here}", here) for name, value in headers.items()}
        response = await service.client.post("v1/runs", json=asking(), headers=sent)
        assert response.status_code == (202 if let_in else 403)
        if not let_in:
            assert response.json()["error"]["code"] == "other-origin"
            assert service.model.asked == []


@pytest.mark.parametrize(
    "media_type", ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x", ""]
)
async def test_what_a_form_of_another_page_can_send_is_never_taken_for_json(media_type: str) -> None:
    async with serving() as service:
        for path in ("v1/runs", "v1/actions", "v1/render", "v1/threads/thread_x/fork"):
            body = b'{"messages": [{"role": "user", "content": "x"}]}'
            response = await service.client.post(path, content=body, headers={"Content-Type": media_type})
            assert response.status_code == 415
        assert service.model.asked == []


@pytest.mark.parametrize(
    ("client", "address"),
    [
        (("203.0.113.7", 1), "203.0.113.7"),
        (("::ffff:203.0.113.7", 1), "203.0.113.7"),
        (("2001:db8:1:2:3:4:5:6", 1), "2001:db8:1:2::/64"),
        (("127.0.0.1", 1), ""),
        (("::1", 1), ""),
        (("not an address", 0), ""),
        (None, ""),
    ],
)
def test_a_caller_is_an_address_or_the_whole_network_that_one_host_has(client: Any, address: str) -> None:
    assert address_of({"client": client}) == address


# ------------------------------------------------------------------------------ the server of `genui serve`


@asynccontextmanager
async def served(genui: GenUI, *proxies: str, keep_alive: int = 5) -> AsyncIterator[int]:
    """The port of a server as `genui serve` runs it."""
    server = Server(genui, 0.0, proxies)
    server.config.timeout_keep_alive = keep_alive
    with socket.create_server(("127.0.0.1", 0)) as listener:
        task = asyncio.create_task(server.serve(sockets=[listener]))
        try:
            async with asyncio.timeout(20):
                yield listener.getsockname()[1]
        finally:
            server.should_exit = True
            await task


async def said(port: int, request: bytes, *, then: bytes = b"") -> bytes:
    """What is answered until the server closes."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(request)
    with contextlib.suppress(ConnectionError):
        if then:
            await writer.drain()
            writer.write(then)
        answer = await reader.read()
        writer.close()
        return answer
    return b""


@pytest.fixture
def genui() -> GenUI:
    return GenUI(store="memory", model=ByHand(), repair=False)


async def test_a_proxy_that_is_not_trusted_cannot_say_who_the_client_is() -> None:
    strict = GenUI(store="memory", model="demo", limits=ServerLimits(rate=0.001, burst=1))
    forwarded = {"X-Forwarded-For": "203.0.113.7"}
    async with served(strict) as port, httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}") as client:
        for _ in range(3):  # the loopback address, which has no limits
            assert (await client.get("/v1/components", headers=forwarded)).status_code == 200


async def test_behind_a_trusted_proxy_the_last_address_that_it_added_is_the_client() -> None:
    strict = GenUI(store="memory", model="demo", limits=ServerLimits(rate=0.001, burst=1))
    async with (
        served(strict, "127.0.0.1") as port,
        httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}") as client,
    ):
        told = []
        for forwarded in ("203.0.113.7", "9.9.9.9, 203.0.113.7", "8.8.8.8,203.0.113.7", "203.0.113.8"):
            response = await client.get("/v1/components", headers={"X-Forwarded-For": forwarded})
            told.append(response.status_code)
        assert told == [200, 429, 429, 200]  # what the client made up before it changes nothing


async def test_a_head_that_never_ends_is_cut_off(genui: GenUI, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Protocol, "head_seconds", 0.5)
    async with served(genui) as port:
        for slow in (b"", b"GET / HT", b"GET / HTTP/1.1\r\nHost: localhost\r\nX-Slow: ", b"\r\n"):
            assert b" 408 " in await said(port, slow)
        first = b"GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n"
        again = await said(port, first + b"GET /heal")
        assert again.startswith(b"HTTP/1.1 200 ")
        assert b" 408 " in again


async def test_a_head_that_is_complete_is_not_cut_off_however_long_its_answer_takes(
    genui: GenUI, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Protocol, "head_seconds", 0.5)
    model = genui.model
    assert isinstance(model, ByHand)
    async with (
        served(genui) as port,
        httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}") as client,
        client.stream("POST", "/v1/runs", json=asking(), headers=STREAM) as stream,
    ):
        await asyncio.sleep(0.8)
        model.answer("late")
        assert b"late" in await stream.aread()


@pytest.mark.parametrize(
    "head",
    [
        b"GET /" + b"x" * HEAD_BYTES,
        b"GET / HTTP/1.1\r\nHost: localhost\r\nX-Long: " + b"x" * HEAD_BYTES,
        b"GET / HTTP/1.1\r\nHost: localhost\r\n" + b"X-Many: y\r\n" * (HEAD_BYTES // 10),
        b"GET / HTTP/1.1\r\nHost: localhost\r\n" + b"X-Many: y\r\n" * (HEAD_BYTES // 10) + b"\r\n",
    ],
)
async def test_a_head_that_is_too_large_is_refused_before_it_is_all_there(genui: GenUI, head: bytes) -> None:
    async with served(genui) as port:
        assert b" 431 " in await said(port, head)


async def test_a_body_that_drips_is_told_that_it_is_too_slow() -> None:
    impatient = GenUI(store="memory", model="demo", limits=ServerLimits(body_seconds=0.2))
    head = b"POST /v1/runs HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
    async with served(impatient) as port:
        answer = await said(port, head + b"Connection: close\r\nContent-Length: 100\r\n\r\n{")
        assert answer.startswith(b"HTTP/1.1 408 ")
        assert b"body-too-slow" in answer


async def test_what_is_left_of_a_refused_body_cannot_hold_the_connection(
    genui: GenUI, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Protocol, "rest_seconds", 0.2)
    head = b"POST /v1/runs HTTP/1.1\r\nHost: localhost\r\nContent-Type: text/plain\r\n"
    async with served(genui) as port:
        answer = await said(port, head + b"Content-Length: 100000\r\n\r\n{")
        assert answer.startswith(b"HTTP/1.1 415 ")


POST = b"POST /v1/runs HTTP/1.1\r\nHost: localhost\r\nContent-Type: text/plain\r\n"


@pytest.mark.parametrize(
    ("request_", "then"),
    [
        (POST + b"Content-Length: 2\r\n\r\n{", b"}"),
        (POST + b"Transfer-Encoding: chunked\r\n\r\n1\r\n{\r\n", b"0\r\n\r\n"),
        (b"GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n", b"\r\n"),
    ],
)
async def test_what_is_no_request_does_not_keep_a_connection_open(
    genui: GenUI, request_: bytes, then: bytes
) -> None:
    async with served(genui, keep_alive=1) as port:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(request_)
        assert (await reader.readuntil(b"\r\n\r\n")).startswith(b"HTTP/1.1 ")
        writer.write(then)  # after the answer
        await reader.read()  # to the end, which the server makes
        writer.close()


@pytest.mark.parametrize(
    "name",
    ["https://chat.example", "chat.example/chat", "", " ", "chat.example:x", "chat .example", "*example"],
)
def test_what_is_no_name_of_a_host_is_refused_instead_of_letting_in_what_has_none(name: str) -> None:
    with pytest.raises(CallerError, match=r"chat\.example") as refused:
        GenUI(store="memory", model="demo", allowed_hosts=[name])
    assert refused.value.code == "bad-host"


@pytest.mark.parametrize("name", ["Chat.Example", " chat.example:8000 ", "*", "*.example"])
async def test_a_name_of_a_host_is_taken_however_it_is_written(name: str) -> None:
    async with serving(allowed_hosts=[name]) as service:
        response = await service.client.get("v1/components", headers={"Host": "chat.example"})
        assert response.status_code == 200


STREAMING = b"GET /v1/doctor?idle=0 HTTP/1.1\r\nHost: localhost\r\n\r\n"


@pytest.mark.parametrize("then", [b"\x00garbage\r\n\r\n", b"GET /" + b"x" * HEAD_BYTES, b"GET / HT"])
async def test_nothing_is_written_into_the_midst_of_an_answer(
    genui: GenUI, then: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with served(genui) as port:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(STREAMING)
        begun = await reader.readuntil(b"data: ")
        monkeypatch.setattr(Protocol, "head_seconds", 0.2)  # for the next head, and not for the first
        writer.write(then)
        assert (begun + await reader.read()).count(b"HTTP/1.1 ") == 1
        writer.close()


async def test_a_client_that_asks_again_and_again_before_it_is_answered_is_cut_off(genui: GenUI) -> None:
    asked = b"GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n"
    async with served(genui) as port:
        few = await said(port, asked * 10 + asked.replace(b"\r\n\r\n", b"\r\nConnection: close\r\n\r\n"))
        assert few.count(b"HTTP/1.1 200 ") == 11
        many = await said(port, asked * 1000)
        assert many.count(b"HTTP/1.1 200 ") <= 17


@pytest.mark.parametrize(
    "origin", ["http://[", "http://[::1", "http://", "localhost", "//localhost", "file://localhost"]
)
async def test_an_origin_that_is_none_of_a_web_server_is_another_one(origin: str) -> None:
    async with serving() as service:
        host = f"localhost:{service.client.base_url.port}"
        headers = {"Host": host, "Origin": origin.replace("localhost", host)}
        response = await service.client.post("v1/runs", json=asking(), headers=headers)
        assert (response.status_code, response.json()["error"]["code"]) == (403, "other-origin")


@pytest.mark.parametrize(
    "request_",
    [
        b"\x00\x01\x02\r\n\r\n",
        b"GET / HTTP/9.9\r\n\r\n",
        b"GET  /\r\n\r\n",
        b"\x16\x03\x01\x02\x00",
        b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n",
        b"GET /%ff%00 HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n",
    ],
)
async def test_what_is_no_http_is_a_400_or_nothing_and_the_next_one_is_served(
    genui: GenUI, request_: bytes
) -> None:
    async with served(genui) as port:
        answer = await said(port, request_)
        assert not answer or answer[9:12] in (b"400", b"404", b"421")
        good = b"GET /healthz HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"
        assert (await said(port, good)).startswith(b"HTTP/1.1 200 ")
