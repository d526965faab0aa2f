"""Behind nginx as Debian ships it, buffering on: the headers alone make it pass each event on.

The model gives its next word only when the client has the one before, so a proxy that holds one back
holds up the test. nginx by itself holds back little of a chunked answer; when it compresses, it holds back
everything, unless `X-Accel-Buffering: no` stops it: that is the control.
"""

from __future__ import annotations

import asyncio
import shutil
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import httpx2 as httpx
import pytest

from genui.events import RunEnd, RunStart, Text
from tests.proxies import free_port, listens
from tests.service import STREAM, asking, serving
from tests.sse import Frame, frames

NGINX = shutil.which("nginx", path="/usr/sbin:/usr/bin:/usr/local/sbin:/usr/local/bin")

CONFIGURATION = """
daemon off;
master_process off;
pid {folder}/nginx.pid;
error_log {folder}/error.log;
events {{ }}
http {{
    access_log off;
    client_body_temp_path {folder}/body;
    proxy_temp_path {folder}/proxy;
    fastcgi_temp_path {folder}/fastcgi;
    uwsgi_temp_path {folder}/uwsgi;
    scgi_temp_path {folder}/scgi;
    gzip on;
    server {{
        listen 127.0.0.1:{port};
        location /app/ {{ proxy_pass {upstream}/; }}
        location /compressing/ {{
            proxy_pass {upstream}/;
            gzip_types text/event-stream;
        }}
        location /control/ {{
            proxy_pass {upstream}/;
            gzip_types text/event-stream;
            proxy_ignore_headers X-Accel-Buffering;
        }}
    }}
}}
"""


@asynccontextmanager
async def nginx(folder: Path, upstream: str) -> AsyncIterator[str]:
    """The base URL of an nginx in front of `upstream`."""
    assert NGINX, "nginx is missing: make system installs it"
    port = free_port()
    config = folder / "nginx.conf"
    config.write_text(CONFIGURATION.format(folder=folder, port=port, upstream=upstream))
    process = await asyncio.create_subprocess_exec(
        NGINX, "-c", str(config), "-e", str(folder / "error.log"), stderr=asyncio.subprocess.DEVNULL
    )
    try:
        await listens(port, process, folder / "error.log")
        yield f"http://127.0.0.1:{port}"
    finally:
        process.terminate()
        await process.wait()


@pytest.mark.parametrize(("location", "encoding"), [("app", None), ("compressing", "gzip")])
async def test_events_arrive_one_by_one(tmp_path: Path, location: str, encoding: str | None) -> None:
    async with (
        serving() as service,
        nginx(tmp_path, str(service.client.base_url).rstrip("/")) as proxy,
        httpx.AsyncClient(timeout=20) as client,
        client.stream("POST", f"{proxy}/{location}/v1/runs", json=asking(), headers=STREAM) as response,
    ):
        assert response.headers.get("content-encoding") == encoding
        stream = frames(response.aiter_bytes())
        assert isinstance((await anext(stream)).event, RunStart)
        for word in ("one ", "two ", "three "):
            service.model.write(word)
            assert (await anext(stream)).event == Text(word)
        service.model.finish()
        assert [frame.event async for frame in stream] == [RunEnd("stop")]


async def test_without_that_header_the_same_nginx_would_hold_them_back(tmp_path: Path) -> None:
    async with (
        serving() as service,
        nginx(tmp_path, str(service.client.base_url).rstrip("/")) as proxy,
        httpx.AsyncClient(timeout=httpx.Timeout(20, read=0.5)) as client,
    ):
        service.model.write("one ")
        with pytest.raises(httpx.ReadTimeout):
            await _first_event(client, f"{proxy}/control/v1/runs")


async def _first_event(client: httpx.AsyncClient, url: str) -> Frame:
    async with client.stream("POST", url, json=asking(), headers=STREAM) as response:
        return await anext(frames(response.aiter_bytes()))


async def test_the_page_works_under_the_proxys_prefix(tmp_path: Path) -> None:
    async with (
        serving() as service,
        nginx(tmp_path, str(service.client.base_url).rstrip("/")) as proxy,
        httpx.AsyncClient(timeout=20) as client,
    ):
        assert "<genui-chat" in (await client.get(f"{proxy}/app/")).text
        assert (await client.get(f"{proxy}/app/genui.js")).status_code == 200
