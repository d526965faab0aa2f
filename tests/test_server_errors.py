"""Whatever is wrong with a request is said: the right status, a stable code, and words that help."""

from __future__ import annotations

import asyncio
from typing import Any

import httpx2 as httpx
import pytest

from genui import ServerLimits
from genui.catalog import Catalog
from tests.service import Service, asking, serving

JSON = {"Content-Type": "application/json"}
USER = {"role": "user", "content": "Hello"}


def error_of(response: httpx.Response) -> tuple[int, str, str]:
    body = response.json()
    assert set(body) == {"error"}
    assert set(body["error"]) == {"code", "message"}
    assert response.headers["content-type"] == "application/json"
    return response.status_code, body["error"]["code"], body["error"]["message"]


async def refused(service: Service, body: bytes | str, **headers: str) -> tuple[int, str, str]:
    response = await service.client.post("v1/runs", content=body, headers={**JSON, **headers})
    return error_of(response)


@pytest.mark.parametrize("body", [b"", b"{", b"hello", b'{"messages": [}', b"\xff\xfe\x00", b"[" * 100_000])
async def test_a_body_that_is_not_json(body: bytes) -> None:
    async with serving() as service:
        status, code, message = await refused(service, body)
    assert (status, code) == (400, "not-json")
    assert message.startswith("The body is not JSON: ")


@pytest.mark.parametrize("body", ["[]", '"messages"', "3", "null"])
async def test_a_body_that_is_no_object(body: str) -> None:
    async with serving() as service:
        assert (await refused(service, body))[:2] == (400, "not-an-object")


@pytest.mark.parametrize("body", ["{}", '{"messages": []}', '{"message": "Hello"}'])
async def test_a_body_without_messages(body: str) -> None:
    async with serving() as service:
        status, code, message = await refused(service, body)
    assert (status, code) == (400, "no-messages")
    assert '{"role": "user", "content": "..."}' in message


@pytest.mark.parametrize(
    ("wrong", "place"),
    [
        ({"messages": "Hello"}, "messages"),
        ({"messages": [USER, {"role": "wizard", "content": "x"}]}, "messages[1].role"),
        ({"messages": [USER, USER, {"role": "tool", "content": "x"}]}, "messages[2].role"),
        ({"messages": [{"role": "user"}]}, "messages[0].content"),
        ({"messages": [{"role": "user", "content": 3}]}, "messages[0].content"),
        ({"messages": [{"role": "user", "content": ""}]}, "messages[0].content"),
        ({"messages": [USER, "Hello"]}, "messages[1]"),
        ({"messages": [USER, None]}, "messages[1]"),
        ({"messages": [USER], "render": "pdf"}, "render"),
        ({"messages": [USER], "thread": 3}, "thread"),
        ({"messages": [USER], "thread": "a\nb"}, "thread"),
        ({"messages": [USER], "thread": "x" * 129}, "thread"),
    ],
)
async def test_a_body_of_the_wrong_shape_is_told_where(wrong: dict[str, Any], place: str) -> None:
    async with serving() as service:
        response = await service.client.post("v1/runs", json=wrong)
    status, code, message = error_of(response)
    assert (status, code) == (400, "bad-request")
    assert message.startswith(f"{place}: ")


async def test_fields_that_we_do_not_know_are_ignored() -> None:
    async with serving() as service:
        body = asking(temperature=0.5) | {"messages": [USER | {"id": "m1"}]}
        assert (await service.client.post("v1/runs", json=body)).status_code == 202


@pytest.mark.parametrize("media_type", ["text/plain", "application/x-www-form-urlencoded", ""])
async def test_a_body_that_is_not_said_to_be_json(media_type: str) -> None:
    async with serving() as service:
        response = await service.client.post(
            "v1/runs", content='{"messages": []}', headers={"Content-Type": media_type}
        )
    assert error_of(response)[:2] == (415, "unsupported-media-type")


async def test_a_media_type_may_have_parameters_and_capitals() -> None:
    async with serving() as service:
        headers = {"Content-Type": "Application/JSON; charset=utf-8"}
        response = await service.client.post(
            "v1/runs", content='{"messages": [{"role": "user", "content": "x"}]}', headers=headers
        )
    assert response.status_code == 202


async def test_a_body_that_is_too_large_whether_it_says_so_or_not() -> None:
    async def unannounced() -> Any:
        for _ in range(11):
            yield b"x" * 100

    async with serving(limits=ServerLimits(body=1000)) as service:
        assert (await refused(service, b"x" * 1001))[:2] == (413, "body-too-large")
        response = await service.client.post("v1/runs", content=unannounced(), headers=JSON)
        assert error_of(response)[:2] == (413, "body-too-large")
        assert (await refused(service, b"x" * 1000))[1] == "not-json"


@pytest.mark.parametrize(
    ("method", "path", "allowed"),
    [
        ("GET", "v1/runs", "POST"),
        ("DELETE", "v1/runs/run_x/events", "GET"),
        ("GET", "v1/runs/run_x/cancel", "POST"),
        ("GET", "v1/recognize", "POST"),
        ("POST", "v1/components", "GET"),
        ("POST", "healthz", "GET"),
        ("PUT", "", "GET"),
    ],
)
async def test_a_wrong_method_is_told_the_right_one(method: str, path: str, allowed: str) -> None:
    async with serving() as service:
        response = await service.client.request(method, path)
    assert error_of(response)[:2] == (405, "method-not-allowed")
    assert allowed in response.headers["allow"]


@pytest.mark.parametrize("path", ["v2", "v1", "v1/runs/", "v1/runs/x", "favicon.ico", "static/nothing.js"])
async def test_an_address_where_nothing_is(path: str) -> None:
    async with serving() as service:
        assert error_of(await service.client.get(path))[:2] == (404, "not-found")


async def test_a_run_that_nobody_knows() -> None:
    async with serving() as service:
        followed = await service.client.get("v1/runs/run_nobody/events")
        cancelled = await service.client.post("v1/runs/run_nobody/cancel")
    assert error_of(followed)[:2] == error_of(cancelled)[:2] == (404, "unknown-run")


@pytest.mark.parametrize("position", ["-1", "1.5", "x", "٣", "1" * 30, "99"])
async def test_a_position_that_is_none(position: str) -> None:
    async with serving() as service:
        run = await service.start()
        response = await service.client.get(f"v1/runs/{run}/events", params={"after": position})
    assert error_of(response)[:2] == (400, "bad-position")


async def test_a_render_that_is_none() -> None:
    async with serving() as service:
        response = await service.client.post("v1/recognize", params={"render": "pdf"}, content="x")
    assert error_of(response)[:2] == (400, "bad-request")


async def test_an_error_of_ours_tells_the_caller_nothing_of_it(caplog: pytest.LogCaptureFixture) -> None:
    class Broken(Catalog):
        def describe(self) -> list[dict[str, Any]]:
            raise ZeroDivisionError("the secret")

    async with serving(components=Broken()) as service:
        response = await service.client.get("v1/components")
    assert error_of(response) == (500, "internal", "internal error")
    assert "the secret" in caplog.text


async def test_a_client_that_leaves_while_it_sends_its_body_starts_nothing() -> None:
    async with serving() as service:
        url = service.client.base_url
        _, writer = await asyncio.open_connection(url.host, url.port)
        head = b"POST /v1/runs HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
        writer.write(head + b"Content-Length: 9\r\n\r\n{")
        await writer.drain()
        assert (await service.client.get("healthz")).json() == {"status": "ok", "runs": 0}
        writer.close()
        await writer.wait_closed()
        await service.idle()
        assert service.model.asked == []
