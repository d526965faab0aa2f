"""What docs/deploy.md configures lets streams through; and what it warns of does not.

The model gives its next word only when the reader has the one before: a proxy that holds one back holds
up the test.
"""

from __future__ import annotations

import argparse
import json
import re
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path

import httpx2 as httpx
import pytest

from genui.cli import serve
from genui.events import RunEnd, RunStart, Text
from tests.proxies import NAMES, block_of, proxy
from tests.service import PATIENCE, STREAM, Service, asking, serving
from tests.sse import frames

ROOT = Path(__file__).parents[1]

CUT = {
    "nginx": [("proxy_read_timeout 60s", "proxy_read_timeout 2s")],
    "haproxy": [("timeout server 60s", "timeout server 2s"), ("timeout client 60s", "timeout client 2s")],
}
"""The time-outs, scaled down. Caddy has none for a stream."""

BEATS = 12
"""With `BEAT` seconds between them, longer than these."""

BEAT = 0.25


@asynccontextmanager
async def behind(
    name: str,
    folder: Path,
    changes: Sequence[tuple[str, str]] = (),
    read: float = PATIENCE,
    beat: float = 15.0,
) -> AsyncIterator[tuple[Service, httpx.AsyncClient]]:
    """A service, and a client that reaches it through the proxy."""
    async with serving(heartbeat=beat, allowed_hosts=["chat.example", "localhost"]) as service:
        upstream = f"127.0.0.1:{service.client.base_url.port}"
        async with proxy(name, folder, upstream, changes) as url:
            timeout = httpx.Timeout(PATIENCE, read=read)
            async with httpx.AsyncClient(base_url=url, timeout=timeout, http2=True, verify=False) as client:
                yield service, client


@pytest.mark.parametrize("name", NAMES)
async def test_events_arrive_one_by_one_over_http_2_and_uncompressed(name: str, tmp_path: Path) -> None:
    headers = {**STREAM, "Accept-Encoding": "gzip, br, zstd"}
    async with (
        behind(name, tmp_path) as (service, client),
        client.stream("POST", "/v1/runs", json=asking(), headers=headers) as response,
    ):
        assert response.status_code == 200
        assert response.http_version == "HTTP/2"
        assert "content-encoding" not in response.headers
        stream = frames(response.aiter_bytes())
        assert isinstance((await anext(stream)).event, RunStart)
        for word in ("one ", "two ", "three "):
            service.model.write(word)
            assert (await anext(stream)).event == Text(word)
        service.model.finish()
        assert [frame.event async for frame in stream] == [RunEnd("stop")]


async def test_with_buffering_on_the_same_nginx_holds_events_back(tmp_path: Path) -> None:
    buffering = [
        ("proxy_buffering off;", "proxy_buffering on;\n        proxy_ignore_headers X-Accel-Buffering;"),
        ("gzip off;", "gzip on;\n        gzip_types text/event-stream;"),
    ]
    async with behind("nginx", tmp_path, buffering, read=1.0) as (service, client):
        service.model.write("one ")
        with pytest.raises(httpx.ReadTimeout):
            async with client.stream("POST", "/v1/runs", json=asking(), headers=STREAM) as response:
                await anext(frames(response.aiter_bytes()))


@pytest.mark.parametrize("name", NAMES)
async def test_an_idle_stream_outlives_the_proxys_time_out(name: str, tmp_path: Path) -> None:
    async with (
        behind(name, tmp_path, CUT.get(name, ()), beat=BEAT) as (service, client),
        client.stream("POST", "/v1/runs", json=asking(), headers=STREAM) as response,
    ):
        got, chunks = b"", response.aiter_bytes()
        while got.count(b"\n: \n\n") < BEATS:
            got += await anext(chunks)
        service.model.answer("still here")
        got += b"".join([chunk async for chunk in chunks])
    assert b"still here" in got
    assert b"run-end" in got


@pytest.mark.parametrize("name", CUT)
async def test_without_heartbeats_the_proxy_would_cut_it(name: str, tmp_path: Path) -> None:
    async with behind(name, tmp_path, CUT[name], beat=3600.0) as (_, client):
        got = b""
        try:
            async with client.stream("POST", "/v1/runs", json=asking(), headers=STREAM) as response:
                async for chunk in response.aiter_bytes():
                    got += chunk
        except httpx.RemoteProtocolError:
            pass
        assert b"run-start" in got
        assert b"run-end" not in got


def test_the_nginx_of_the_compose_file_is_the_documented_one_without_tls() -> None:
    location = re.compile(r"    location / \{\n.*?\n    \}\n", re.DOTALL)
    documented = location.search(block_of("nginx"))
    composed = location.search((ROOT / "deploy" / "nginx.conf").read_text())
    assert documented
    assert composed
    assert composed[0] == documented[0].replace("127.0.0.1:8000", "genui:8000")


def test_what_the_image_and_the_compose_file_start_are_options_that_there_are() -> None:
    image = (ROOT / "Dockerfile").read_text()
    compose = (ROOT / "compose.yaml").read_text()
    started = re.search(r"^ENTRYPOINT (\[.*\])$", image, re.MULTILINE)
    more = re.search(r"command: \[(--workers.*?)\]", compose, re.DOTALL)
    assert started
    assert more
    words = [*json.loads(started[1]), *(word.strip(' "') for word in re.split(r",\s*", more[1]))]
    parser = argparse.ArgumentParser()
    serve.add_arguments(parser)
    options = parser.parse_args(words[2:])
    assert (options.workers, options.port, options.store) == (2, 8000, "redis://redis:6379/0")
