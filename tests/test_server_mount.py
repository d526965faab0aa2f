"""The application inside another one, under a prefix, with other origins, and through its own lifespan."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import httpx2 as httpx
import pytest
from starlette.applications import Starlette
from starlette.routing import Mount
from starlette.types import Message

from genui import GenUI
from genui.errors import CallerError
from genui.events import RunEnd
from genui.runs import INTERRUPTED
from tests.browser.hosting import hosting
from tests.browser.models import ByHand
from tests.service import STREAM, asking, serving
from tests.sse import parse


@asynccontextmanager
async def mounted(prefix: str, **settings: Any) -> AsyncIterator[tuple[ByHand, httpx.AsyncClient]]:
    """A GenUI inside a Starlette application, which passes no lifespan on."""
    model = ByHand()
    genui = GenUI(model=model, **{"store": "memory", "repair": False, **settings})
    outer = Starlette(routes=[Mount(prefix, genui)])
    async with asyncio.timeout(20), hosting(outer) as url, httpx.AsyncClient(base_url=url) as client:
        yield model, client
        await genui.close()


async def test_under_a_prefix_everything_is_where_it_says_it_is() -> None:
    async with mounted("/a/b") as (model, client):
        assert "<genui-chat" in (await client.get("/a/b/")).text
        assert (await client.get("/a/b/genui.js")).status_code == 200
        components = (await client.get("/a/b/v1/components")).json()["components"]
        script = next(component["script"] for component in components if component["script"])
        assert (await client.get(f"/a/b/{script}")).status_code == 200
        model.answer("Hello")
        told = (await client.post("/a/b/v1/runs", json=asking())).json()
        assert told["events"] == f"/a/b/v1/runs/{told['run']}/events"
        frames = parse((await client.get(told["events"])).content)
        assert frames[-1].event == RunEnd("stop")


async def test_under_a_prefix_errors_keep_their_form() -> None:
    async with mounted("/chat") as (_, client):
        for path in ("/chat/nothing", "/chat/v1/runs/run_x/events"):
            response = await client.get(path)
            assert response.status_code == 404
            assert "message" in response.json()["error"]


async def test_mounted_without_a_lifespan_it_still_streams() -> None:
    async with mounted("/chat", heartbeat=0.01) as (model, client):
        model.answer("Hello")
        response = await client.post("/chat/v1/runs", json=asking(), headers=STREAM)
        assert parse(response.content)[-1].event == RunEnd("stop")


async def test_pages_of_other_origins_are_let_in_only_where_they_are_named() -> None:
    async with serving(origins=["https://app.example"]) as service:
        service.model.answer("x")
        run = await service.start()
        for path in (f"v1/runs/{run}/events", "v1/components"):
            named = await service.client.get(path, headers={"Origin": "https://app.example"})
            other = await service.client.get(path, headers={"Origin": "https://evil.example"})
            assert named.headers["access-control-allow-origin"] == "https://app.example"
            assert "access-control-allow-origin" not in other.headers


@pytest.mark.parametrize(
    ("given", "sent"),
    [
        ("https://App.example/", "https://app.example"),
        (" https://app.example:443 ", "https://app.example"),
        ("http://[::1]:3000", "http://[::1]:3000"),
        ("capacitor://localhost", "capacitor://localhost"),
        ("null", "null"),
        ("*", "https://any.example"),
    ],
)
async def test_an_origin_is_taken_however_it_is_written(given: str, sent: str) -> None:
    async with serving(origins=[given]) as service:
        headers = {"Origin": sent, "Sec-Fetch-Site": "cross-site"}
        response = await service.client.post("v1/runs", json={}, headers=headers)
    assert response.json()["error"]["code"] == "no-messages"
    assert response.headers["access-control-allow-origin"] in (sent, "*")


@pytest.mark.parametrize("given", ["app.example", "https://app.example/path", "https://", "*.example", ""])
def test_what_is_no_origin_is_refused_instead_of_never_matching(given: str) -> None:
    with pytest.raises(CallerError) as refused:
        GenUI(store="memory", model="demo", origins=[given])
    assert refused.value.code == "bad-origin"
    assert "https://app.example" in str(refused.value)


async def test_by_default_no_other_origin_is_let_in() -> None:
    asked = {
        "Origin": "https://app.example",
        "Access-Control-Request-Method": "POST",
        "Access-Control-Request-Headers": "content-type",
    }
    async with serving() as service:
        response = await service.client.options("v1/runs", headers=asked)
        assert response.status_code == 405
        assert "access-control-allow-origin" not in response.headers
    async with serving(origins=["https://app.example"]) as service:
        response = await service.client.options("v1/runs", headers=asked)
        assert response.status_code == 200
        assert response.headers["access-control-allow-origin"] == "https://app.example"


async def test_its_own_lifespan_closes_its_runs() -> None:
    genui = GenUI(store="memory", model=ByHand())
    said: list[str] = []
    end = asyncio.Event()
    messages = iter(["lifespan.startup", "lifespan.shutdown"])

    async def receive() -> Message:
        message = next(messages)
        if message == "lifespan.shutdown":
            await end.wait()
        return {"type": message}

    async def send(message: Message) -> None:
        said.append(message["type"])

    life = asyncio.create_task(genui({"type": "lifespan"}, receive, send))
    transport = httpx.ASGITransport(genui)
    async with httpx.AsyncClient(transport=transport, base_url="http://test") as client:
        run = (await client.post("/v1/runs", json=asking())).json()["run"]
        end.set()
        await life
        frames = parse((await client.get(f"/v1/runs/{run}/events")).content)
    assert said == ["lifespan.startup.complete", "lifespan.shutdown.complete"]
    assert frames[-1].event == RunEnd("error", INTERRUPTED)


async def test_a_web_socket_is_turned_away() -> None:
    said: list[Message] = []

    async def receive() -> Message:
        return {"type": "websocket.connect"}

    async def send(message: Message) -> None:
        said.append(message)

    await GenUI(store="memory", model="demo")(
        {"type": "websocket", "path": "/", "headers": []}, receive, send
    )
    assert [message["type"] for message in said] == ["websocket.close"]


def test_a_store_that_nobody_knows_is_refused_when_the_application_is_made() -> None:
    with pytest.raises(Exception, match="store 'oracle'"):
        GenUI(model="demo", store="oracle")
