"""Proxies as docs/deploy.md configures them: its own words, with other ports, paths and shorter time-outs."""

from __future__ import annotations

import asyncio
import os
import re
import shutil
import socket
import subprocess
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path

DOC = (Path(__file__).parents[1] / "docs" / "deploy.md").read_text()

NAMES = ("nginx", "haproxy", "caddy")

_PATH = "/usr/sbin:/usr/bin:/usr/local/sbin:/usr/local/bin"

_NGINX = """
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
    {block}
}}
"""

_CADDY = """
{{
    admin off
    auto_https off
    storage file_system {folder}
}}
{block}
"""


def block_of(name: str) -> str:
    """A proxy's configuration in the documentation."""
    found = re.search(rf"^```{name}\n(.*?)^```", DOC, re.MULTILINE | re.DOTALL)
    assert found, f"docs/deploy.md has no block for {name}"
    return found[1]


def changed(text: str, changes: Sequence[tuple[str, str]]) -> str:
    """Each change is made at least once, or what is tested is not what stands there."""
    for old, new in changes:
        assert old in text, f"{old!r} is not in the configuration"
        text = text.replace(old, new)
    return text


@asynccontextmanager
async def proxy(
    name: str, folder: Path, upstream: str, changes: Sequence[tuple[str, str]] = ()
) -> AsyncIterator[str]:
    """The https base URL of a proxy in front of `upstream` (HOST:PORT), with changes to what the docs say."""
    program = shutil.which(name, path=_PATH)
    assert program, f"{name} is missing: make system installs it"
    port = free_port()
    certify(folder)
    block = changed(block_of(name), [*changes, ("127.0.0.1:8000", upstream)])
    arguments = _SETTERS[name](block, folder, port)
    log = (folder / f"{name}.log").open("wb")
    process = await asyncio.create_subprocess_exec(
        program, *arguments, stdout=log, stderr=log, env={**os.environ, "HOME": str(folder)}
    )
    try:
        await listens(port, process, folder / f"{name}.log")
        yield f"https://localhost:{port}"
    finally:
        if process.returncode is None:
            process.terminate()
        await process.wait()
        log.close()


def _nginx(block: str, folder: Path, port: int) -> list[str]:
    block = changed(
        block,
        [
            ("listen 443", f"listen 127.0.0.1:{port}"),
            ("/etc/ssl/chat.example.pem", f"{folder}/certificate.pem"),
            ("/etc/ssl/chat.example.key", f"{folder}/certificate.key"),
        ],
    )
    (folder / "nginx.conf").write_text(_NGINX.format(folder=folder, block=block))
    return ["-c", str(folder / "nginx.conf"), "-e", str(folder / "error.log")]


def _haproxy(block: str, folder: Path, port: int) -> list[str]:
    both = f"{folder}/both.pem"
    block = changed(block, [("bind :443", f"bind 127.0.0.1:{port}"), ("/etc/haproxy/chat.example.pem", both)])
    (folder / "haproxy.cfg").write_text(block)
    return ["-db", "-f", str(folder / "haproxy.cfg")]


def _caddy(block: str, folder: Path, port: int) -> list[str]:
    certificate = f"tls {folder}/certificate.pem {folder}/certificate.key"
    block = changed(block, [("chat.example {", f"https://localhost:{port} {{\n    {certificate}")])
    (folder / "Caddyfile").write_text(_CADDY.format(folder=folder, block=block))
    return ["run", "--config", str(folder / "Caddyfile"), "--adapter", "caddyfile"]


_SETTERS = {"nginx": _nginx, "haproxy": _haproxy, "caddy": _caddy}


def certify(folder: Path) -> None:
    """A certificate for localhost, signed by itself."""
    pem, key = folder / "certificate.pem", folder / "certificate.key"
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes",
         "-days", "2", "-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost",
         "-keyout", str(key), "-out", str(pem)],
        check=True, capture_output=True,
    )  # fmt: skip
    (folder / "both.pem").write_text(pem.read_text() + key.read_text())


def free_port() -> int:
    """One that nobody listens on."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port: int = listener.getsockname()[1]
    return port


async def listens(port: int, process: asyncio.subprocess.Process, log: Path) -> None:
    """Waits until a proxy does, which writes its log there."""
    for _ in range(1000):
        try:
            _, writer = await asyncio.open_connection("127.0.0.1", port)
        except ConnectionRefusedError:
            if process.returncode is not None:
                break
            await asyncio.sleep(0.02)
        else:
            writer.close()
            await writer.wait_closed()
            return
    raise AssertionError(f"the proxy does not listen: see {log}")
