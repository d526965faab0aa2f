"""`genui doctor` finds what is wrong with real proxies, and nothing wrong with those of docs/deploy.md."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from pathlib import Path

import pytest

from genui.cli import doctor, main
from genui.cli.doctor import hop_of
from tests.proxies import NAMES, proxy
from tests.service import serving

BUFFERING = [("option httpchk", "option httpchk\n    http-response wait-for-body time 20s")]
COMPRESSING = [("gzip off;", "gzip on;\n        gzip_types text/event-stream;")]
CUTTING = {
    "nginx": [("proxy_read_timeout 60s", "proxy_read_timeout 1s")],
    "haproxy": [("timeout server 60s", "timeout server 1s"), ("timeout client 60s", "timeout client 1s")],
}


async def examine(
    name: str,
    folder: Path,
    monkeypatch: pytest.MonkeyPatch,
    changes: Sequence[tuple[str, str]],
    *options: str,
) -> int:
    """The exit status of the command, run against a service behind that proxy."""
    async with serving(
        allowed_hosts=["chat.example", "localhost"], origins=["https://app.example"]
    ) as service:
        upstream = f"127.0.0.1:{service.client.base_url.port}"
        async with proxy(name, folder, upstream, changes) as url:
            monkeypatch.setattr(doctor, "SLOW", 1.5)  # of the 1.8 s that it takes: the machine may be busy
            monkeypatch.setenv("SSL_CERT_FILE", str(folder / "certificate.pem"))
            return await asyncio.to_thread(main, ["doctor", url, *options])


@pytest.mark.parametrize("name", NAMES)
async def test_a_set_up_as_documented_is_found_right(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    options = ("--idle", "1", "--origin", "https://app.example")
    status = await examine(name, tmp_path, monkeypatch, (), *options)
    report = capsys.readouterr().out
    assert "BAD" not in report
    assert status == 0
    for told in ("one by one", "not compressed", "HTTP/2", "stays open", "may use it", "clocks agree"):
        assert told in report
    assert name != "nginx" or "answered by nginx" in report


async def test_a_proxy_that_compresses_is_named_with_the_line_to_change(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert await examine("nginx", tmp_path, monkeypatch, COMPRESSING, "--idle", "0") == 1
    report = capsys.readouterr().out
    assert "compressed (gzip)\n     nginx: `gzip off;`" in report


async def test_a_proxy_that_buffers_is_named_with_the_line_to_change(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert await examine("haproxy", tmp_path, monkeypatch, BUFFERING, "--idle", "0") == 1
    report = capsys.readouterr().out
    assert "held back" in report
    assert "HAProxy: no `http-response wait-for-body`" in report


@pytest.mark.parametrize("name", CUTTING)
async def test_a_time_out_that_is_too_short_is_found(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert await examine(name, tmp_path, monkeypatch, CUTTING[name], "--idle", "8") == 1
    report = capsys.readouterr().out
    assert "an idle stream is cut after" in report
    assert {"nginx": "proxy_read_timeout 60s", "haproxy": "timeout server 60s"}[name] in report


async def test_an_origin_that_is_not_allowed_is_said(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    options = ("--idle", "0", "--origin", "https://other.example")
    assert await examine("caddy", tmp_path, monkeypatch, (), *options) == 1
    assert "pages of https://other.example may not use it" in capsys.readouterr().out


@pytest.mark.parametrize("address", ["chat.example", "ftp://chat.example", "http://127.0.0.1:9/"])
def test_what_cannot_be_asked_is_said_in_a_line(address: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["doctor", address]) == 1
    assert capsys.readouterr().err.startswith("genui doctor: ")


async def test_a_stream_to_measure_is_bounded() -> None:
    async with serving() as service:
        for idle in ("121", "-1", "x", "nan"):
            assert (await service.client.get(f"v1/doctor?idle={idle}")).status_code == 400


@pytest.mark.parametrize(
    ("headers", "hop"),
    [
        ({"server": "nginx/1.22.1"}, "nginx"),
        ({"via": "1.1 Caddy"}, "caddy"),
        ({"server": "cloudflare", "cf-ray": "8"}, "cloudflare"),
        ({"server": "awselb/2.0"}, "load balancer"),
        ({}, None),
    ],
)
def test_a_hop_is_known_by_its_headers(headers: dict[str, str], hop: str | None) -> None:
    assert hop_of(headers) == hop
