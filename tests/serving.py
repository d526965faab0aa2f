"""Runs `genui serve` as people do: a process of its own, on a free port of the loopback interface."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.request import urlopen

ROOT = Path(__file__).parents[1]

CHECKOUT = (sys.executable, "-c", "import sys; from genui.cli import main; sys.exit(main())")
"""The command line of the checkout under test, whether or not it is installed here."""

_ADDRESS = re.compile(r"http://127\.0\.0\.1:(?!0\b)\d+")
_PATIENCE = 30  # seconds for a server to say where it is; one on a busy machine needs about two


@contextmanager
def inherited(sign: signal.Signals, handling: signal.Handlers) -> Iterator[None]:
    """Who is begun here ignores this signal, or does not, whatever the tests do: under nohup, and in the
    background of a shell, they do."""
    before = signal.signal(sign, handling)
    try:
        yield
    finally:
        signal.signal(sign, before)


@contextmanager
def serving(
    command: Sequence[str], cwd: Path, *options: str, import_from: Path | None = None
) -> Iterator[str]:
    """The base URL of `<command> serve` started in `cwd`, which answers with the demo model."""
    log = cwd / "serve.log"
    arguments = [*command, "serve", "--host", "127.0.0.1", "--port", "0", *options]
    with log.open("wb") as output:
        process = subprocess.Popen(
            arguments, cwd=cwd, env=environment(import_from), stdout=output, stderr=output
        )
    try:
        yield _address(process, log)
    finally:
        process.terminate()
        process.wait(timeout=_PATIENCE)


def environment(import_from: Path | None = None) -> dict[str, str]:
    """This process's environment without a model's key or address, importing from one folder or none."""
    ours = ("OPENAI_", "GENUI_", "PYTHONPATH")
    kept = {name: value for name, value in os.environ.items() if not name.startswith(ours)}
    return {**kept, "PYTHONUNBUFFERED": "1"} | ({"PYTHONPATH": str(import_from)} if import_from else {})


def _address(process: subprocess.Popen[bytes], log: Path) -> str:
    """The address that the server prints once it listens. A log file, since a full pipe would stop it."""
    deadline = time.monotonic() + _PATIENCE
    while time.monotonic() < deadline:
        if found := _ADDRESS.search(log.read_text()):
            return found[0]
        if process.poll() is not None:
            break
        time.sleep(0.05)
    raise AssertionError(f"genui serve printed no address:\n{log.read_text()}")


def fetch(url: str) -> bytes:
    """The body of a 200 answer."""
    with urlopen(url, timeout=10) as answer:
        body: bytes = answer.read()
    return body


def fetch_json(url: str) -> Any:
    return json.loads(fetch(url))
