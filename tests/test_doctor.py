"""`genui doctor` finds what is wrong with real proxies, and nothing wrong with those of docs/deploy.md."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from genui.cli import doctor, main, probe
from genui.cli.doctor import hop_of
from tests.proxies import NAMES, proxy
from tests.service import serving
from tests.serving import CHECKOUT, ROOT, environment, inherited

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


async def test_a_time_out_of_caddys_transport_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    proxied = "reverse_proxy 127.0.0.1:8000"
    changes = [(proxied, f"{proxied} {{\n transport http {{\n read_timeout 1s\n }}\n }}")]
    assert await examine("caddy", tmp_path, monkeypatch, changes, "--idle", "8") == 1
    report = capsys.readouterr().out
    assert "an idle stream is cut after" in report
    assert "\n     Caddy: `read_timeout` of the transport" in report


class Terminal:
    """A terminal for a command to write to, as an empty one shows it."""

    def __init__(self) -> None:
        self._ours, self.theirs = os.openpty()
        self.written = ""

    async def read(self) -> None:
        """All that is written, until the command has ended."""
        os.close(self.theirs)
        with contextlib.suppress(OSError):  # on Linux: nobody has the other side any more
            while data := await asyncio.to_thread(os.read, self._ours, 4096):
                self.written += data.decode()
        os.close(self._ours)

    @property
    def shown(self) -> str:
        """What stands in it in the end."""
        lines, at = [""], 0
        for letter in self.written:
            if letter == "\n":
                lines, at = [*lines, ""], 0
            elif letter == "\r":
                at = 0
            else:
                lines[-1] = lines[-1][:at] + letter + lines[-1][at + 1 :]
                at += 1
        return "\n".join(line.rstrip() for line in lines)


async def test_in_a_terminal_it_says_what_it_waits_for_and_leaves_nothing_of_it_behind() -> None:
    terminal = Terminal()
    async with serving() as service:
        url = str(service.client.base_url)
        process = await asyncio.create_subprocess_exec(
            *CHECKOUT, "doctor", url, "--idle", "1",
            env=environment(ROOT), stdout=asyncio.subprocess.PIPE, stderr=terminal.theirs,
        )  # fmt: skip
        (report, _), _ = await asyncio.gather(process.communicate(), terminal.read())
    assert "measuring how events arrive..." in terminal.written
    assert "waiting 1 s: does an idle stream stay open?..." in terminal.written
    assert terminal.shown == ""
    assert "ok   an idle stream stays open for 1 s" in report.decode()
    assert "measuring" not in report.decode()


async def test_in_a_terminal_why_nothing_can_be_measured_stands_in_a_line_of_its_own() -> None:
    terminal = Terminal()
    process = await asyncio.create_subprocess_exec(
        *CHECKOUT, "doctor", "http://127.0.0.1:9/", env=environment(ROOT), stderr=terminal.theirs
    )
    await asyncio.gather(process.wait(), terminal.read())
    assert "measuring how events arrive..." in terminal.written
    assert terminal.shown.startswith("genui doctor: 127.0.0.1 port 9 cannot be asked")
    assert terminal.shown.count("\n") == 1


async def test_whoever_waits_no_longer_gets_no_traceback() -> None:
    terminal = Terminal()
    async with serving() as service:
        with inherited(signal.SIGINT, signal.SIG_DFL):
            process = await asyncio.create_subprocess_exec(
                *CHECKOUT, "doctor", str(service.client.base_url), "--idle", "100",
                env=environment(ROOT), stdout=asyncio.subprocess.PIPE, stderr=terminal.theirs,
            )  # fmt: skip
        assert process.stdout is not None
        reading = asyncio.ensure_future(terminal.read())
        assert (await process.stdout.readline()).startswith(b"ok   answered by")
        process.send_signal(signal.SIGINT)
        await asyncio.gather(process.communicate(), reading)
    assert process.returncode == 130
    assert terminal.shown == ""


REFUSING = {
    "a page of something else": ("return 200 hello;", "it is of the type text/plain. There is no genui"),
    "a redirect": (
        "return 302 https://chat.example:1/v1/doctor;",
        "leads to https://chat.example:1/v1/doctor.",
    ),
    "a firewall": ("return 403;", "something that stands before the server refuses this"),
    "a password": ("auth_basic x; auth_basic_user_file /dev/null;", "before genui asks who you are (Basic)"),
    "another name": (
        "proxy_set_header Host internal.example;",
        "`genui serve --allowed-host`, and pass `Host` on",
    ),
    "no server": ("return 502;", "the proxy does not reach the server"),
}


@pytest.mark.parametrize("what", REFUSING)
async def test_what_answers_in_the_place_of_genui_is_told_apart_from_a_stream_that_is_harmed(
    what: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    configured, told = REFUSING[what]
    host = "proxy_set_header Host $host;"
    named = what == "another name"
    old, new = (host, configured) if named else ("location / {", f"location / {{ {configured}")
    assert await examine("nginx", tmp_path, monkeypatch, [(old, new)]) == 1
    captured = capsys.readouterr()
    assert captured.out == ""
    assert told in captured.err
    assert captured.err.count("\n") == 1


@asynccontextmanager
async def saying(*parts: bytes, again: bytes = b"") -> AsyncIterator[str]:
    """The address of something that says this to whoever connects, and then `again` and again."""
    over, talking = asyncio.Event(), set()

    async def say(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        talking.add(asyncio.current_task())
        with contextlib.suppress(ConnectionError):
            for part in parts:
                writer.write(part)
            while again and not over.is_set():
                writer.write(again)
                await writer.drain()
                await asyncio.sleep(0.05)
        writer.close()
        with contextlib.suppress(ConnectionError):
            await writer.wait_closed()

    server = await asyncio.start_server(say, "127.0.0.1", 0)
    try:
        yield f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/"
    finally:
        server.close()
        over.set()
        await asyncio.gather(*filter(None, talking))


HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n\r\n"


@pytest.mark.parametrize(
    ("parts", "again", "told"),
    [
        ((HEAD, b'data: {"hello": 1}\n\n'), b"", "no events of genui"),
        ((HEAD, b"data: 1\n\n"), b"", "no events of genui"),
        ((HEAD,), b": beat\n\n", "no events of genui"),
        ((HEAD,), b"event: news\ndata: {}\n\n", "no events of genui"),
        ((HEAD,), b"without an end" * 1000, "no events of genui"),
        ((b"HTTP/1.1 200 OK\r\n",), b"x", "There is no genui at this address"),
        ((b"HTTP/1.1 500 Oh\r\n\r\n",), b"x", "is 500"),
        ((b"SSH-2.0-OpenSSH_9.2p1\r\n",), b"", "it speaks no HTTP; is it https:// there?"),
        ((), b"", "it hangs up without an answer; is it https:// there?"),
        ((b"HTTP/1.1 302 \x1b[31m\r\nLocation: /\x1b[2J\r\n\r\n",), b"", "it leads to /?[2J."),
    ],
)
async def test_whatever_answers_the_verdict_comes_in_bounded_time_and_fits_a_terminal(
    parts: tuple[bytes, ...],
    again: bytes,
    told: str,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    if again:
        monkeypatch.setattr(probe, "PATIENCE", 2.0)
    async with saying(*parts, again=again) as url:
        assert await asyncio.to_thread(main, ["doctor", url]) == 1
    captured = capsys.readouterr()
    assert captured.out == ""
    assert told in captured.err
    assert captured.err.removesuffix("\n").isprintable()


async def test_a_certificate_that_is_not_trusted_and_a_port_without_tls_are_said_in_words(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    async with serving() as service:
        plain = service.client.base_url.port
        async with proxy("haproxy", tmp_path, f"127.0.0.1:{plain}") as url:
            assert await asyncio.to_thread(main, ["doctor", url]) == 1
            assert "self-signed certificate. Where it is one of your own, put" in capsys.readouterr().err
            assert await asyncio.to_thread(main, ["doctor", url.replace("https", "http")]) == 1
            assert "is it https:// there?" in capsys.readouterr().err
        assert await asyncio.to_thread(main, ["doctor", f"https://127.0.0.1:{plain}"]) == 1
        assert "is it http:// there?" in capsys.readouterr().err


@pytest.mark.parametrize("key", [None, "another-key-of-sixteen"])
async def test_a_key_that_is_missing_or_wrong_is_said(
    key: str | None, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    if key:
        monkeypatch.setenv("GENUI_API_KEY", key)
    async with serving(keys=["a-key-of-some-sixteen"]) as service:
        assert await asyncio.to_thread(main, ["doctor", str(service.client.base_url)]) == 1
    said = capsys.readouterr().err
    assert ("does not take the API key" if key else "wants an API key") in said
    assert "GENUI_API_KEY" in said


@pytest.mark.parametrize("key", ["a-key-with-a-line-end\n", "ein-schlüssel-zu-viel", "€-sixteen-letters"])
def test_a_key_that_can_be_none_is_said_and_not_shown(
    key: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("GENUI_API_KEY", key)
    assert main(["doctor", "http://127.0.0.1:9/"]) == 1
    said = capsys.readouterr().err
    assert "GENUI_API_KEY: a key has no blanks" in said
    assert key.strip() not in said


def test_a_variable_for_the_key_that_holds_nothing_is_said(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["doctor", "http://127.0.0.1:9/", "--api-key", "NO_SUCH_VARIABLE"]) == 1
    assert "nothing in the environment variable NO_SUCH_VARIABLE" in capsys.readouterr().err


@pytest.mark.parametrize("idle", ["nan", "-1", "121", "inf", "soon"])
def test_a_silence_that_cannot_be_measured_is_refused(idle: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        main(["doctor", "http://127.0.0.1:9/", "--idle", idle])
    assert "from 0 to 120" in capsys.readouterr().err


async def test_an_origin_that_is_not_allowed_is_said(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    options = ("--idle", "0", "--origin", "https://other.example")
    assert await examine("caddy", tmp_path, monkeypatch, (), *options) == 1
    assert "pages of https://other.example may not use it" in capsys.readouterr().out


@pytest.mark.parametrize(
    "address",
    [
        "chat.example",
        "ftp://chat.example",
        "http://127.0.0.1:9/",
        "http://127.0.0.1:99999/",
        "http://127.0.0.1:x/",
        "http://[::1",
        "http://a..example/",
        "http://127.0.0.1:9/ü and blanks",
        "http://user:secret@127.0.0.1:9/",
        "http://127.0.0.1:9/?page=1",
    ],
)
def test_what_cannot_be_asked_is_said_in_a_line(address: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["doctor", address]) == 1
    said = capsys.readouterr().err
    assert said.startswith("genui doctor: ")
    assert said.count("\n") == 1
    assert "secret" not in said


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
