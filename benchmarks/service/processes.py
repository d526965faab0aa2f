"""The processes of a measurement, and what they use."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

ROOT = Path(__file__).parents[2]
TICKS = os.sysconf("SC_CLK_TCK")


@contextmanager
def process(*command: str, **environment: str) -> Iterator[subprocess.Popen[str]]:
    """A process of ours, while the context lasts."""
    child = subprocess.Popen(
        command,
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": str(ROOT), "PYTHONUNBUFFERED": "1", **environment},
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        yield child
    finally:
        child.terminate()
        try:
            child.communicate(timeout=20)
        except subprocess.TimeoutExpired:
            child.kill()
            child.communicate()


@contextmanager
def model() -> Iterator[str]:
    """The fake model's port."""
    with tempfile.TemporaryDirectory() as folder:
        port_file = Path(folder) / "port"
        with process(sys.executable, "-m", "benchmarks.service.model", str(port_file)):
            while not (port_file.exists() and port_file.read_text()):
                time.sleep(0.05)
            yield port_file.read_text()


def address(child: subprocess.Popen[str]) -> str:
    """The URL that a server prints when it is ready."""
    assert child.stdout
    for line in child.stdout:
        if found := re.search(r"http://[\w.]+:\d+/", line):
            return found[0]
    raise RuntimeError("The server ended before it was ready.")


def family(pid: int) -> list[int]:
    """The process and its children, and theirs."""
    children = " ".join(each.read_text() for each in Path(f"/proc/{pid}/task").glob("*/children")).split()
    return [pid, *(each for child in children for each in family(int(child)))]


def cpu_seconds(pid: int) -> float:
    """What the process and its children have used so far."""
    words = [Path(f"/proc/{each}/stat").read_text().rpartition(")")[2].split() for each in family(pid)]
    return sum(int(each[11]) + int(each[12]) for each in words) / TICKS


def resident(pid: int) -> int:
    """Bytes that the process and its children have in memory."""
    told = "".join(Path(f"/proc/{each}/status").read_text() for each in family(pid))
    return sum(int(size) * 1024 for size in re.findall(r"VmRSS:\s+(\d+)", told))


def descriptors(pid: int) -> int:
    """How many files and sockets the process has open."""
    return sum(1 for _ in Path(f"/proc/{pid}/fd").iterdir())


class Peak:
    """The most memory that a process has, looked at five times a second."""

    def __init__(self, pid: int) -> None:
        self._pid = pid
        self._most = resident(pid)
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._look, daemon=True)
        self._thread.start()

    def _look(self) -> None:
        while not self._over.wait(0.2):
            self._most = max(self._most, resident(self._pid))

    def end(self) -> int:
        self._over.set()
        self._thread.join()
        return self._most
