"""Runs a model, the service and its readers, each in its own process, and writes benchmarks/service.md.

python -m benchmarks.service [STREAMS WORDS MICROSECONDS]
"""

from __future__ import annotations

import json
import os
import platform
import re
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

ROOT = Path(__file__).parents[2]
REPORT = ROOT / "benchmarks" / "service.md"
TICKS = os.sysconf("SC_CLK_TCK")


@contextmanager
def process(*command: str, **environment: str) -> Iterator[subprocess.Popen[str]]:
    """A process of ours, while the context lasts."""
    child = subprocess.Popen(
        [sys.executable, *command],
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": str(ROOT), **environment},
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        yield child
    finally:
        child.terminate()
        child.communicate(timeout=20)


def cpu_seconds(pid: int) -> float:
    """What the process has used so far."""
    words = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(words[11]) + int(words[12])) / TICKS


def resident(pid: int) -> int:
    """Bytes."""
    found = re.search(r"VmRSS:\s+(\d+)", Path(f"/proc/{pid}/status").read_text())
    return int(found[1]) * 1024 if found else 0


def started_model(stack: ExitStack, folder: Path) -> str:
    """Its port."""
    port_file = folder / "port"
    stack.enter_context(process("-m", "benchmarks.service.model", str(port_file)))
    while not (port_file.exists() and port_file.read_text()):
        time.sleep(0.05)
    return port_file.read_text()


def measure(streams: int, words: int, gap: int) -> dict[str, float]:
    """One run: what the readers saw, and what the service used for it."""
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        upstream = started_model(stack, folder)
        service = stack.enter_context(
            process(
                "-c", "import sys; from genui.cli import main; sys.exit(main())", "serve",
                "--port", "0", "--store", "memory", "--rate", "0", "--open-requests", "0",
                OPENAI_BASE_URL=f"http://127.0.0.1:{upstream}/v1", OPENAI_API_KEY="none",
                GENUI_MODEL=f"{words}x{gap}", PYTHONUNBUFFERED="1",
            )
        )  # fmt: skip
        assert service.stdout
        found = re.search(r":(\d+)/", service.stdout.readline())
        assert found
        run(found[1], 1, words)  # warm: the first request compiles
        before, memory = cpu_seconds(service.pid), resident(service.pid)
        peak = Peak(service.pid)
        told = run(found[1], streams, words)
        used = cpu_seconds(service.pid) - before
        return {**told, "cpu": used, "resident": (peak.end() - memory) / streams}


class Peak:
    """The most memory that a process has, looked at five times a second."""

    def __init__(self, pid: int) -> None:
        self._pid = pid
        self._most = 0
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._look)
        self._thread.start()

    def _look(self) -> None:
        while not self._over.wait(0.2):
            self._most = max(self._most, resident(self._pid))

    def end(self) -> int:
        self._over.set()
        self._thread.join()
        return self._most


def run(port: str, streams: int, words: int) -> dict[str, float]:
    """The readers' report."""
    command = ("-m", "benchmarks.service.client", port, str(streams), str(words))
    with process(*command) as client:
        out, _ = client.communicate()
    report: dict[str, float] = json.loads(out)
    return report


def report(streams: int, words: int, gap: int, load: float) -> str:
    """The run as Markdown."""
    got = measure(streams, words, gap)
    tokens = streams * words
    return f"""# The service under load

`make bench-service`: a fake model, `genui serve` (one worker, the memory store) and its readers, each in
its own process. {streams:,} streams of {words} tokens, one every {gap / 1000:g} ms, opened one by one.
On {os.cpu_count()} cores shared by all of them ({platform.machine()}, Python {platform.python_version()});
the machine's load average was {load:.1f} when the run began. Above the number of cores the processes wait for
each other, and latencies say more of that than of the service. The cost of beginning a
run is in that of its tokens.

| | |
| --- | --- |
| streams that ended right | {got["right"]:,.0f} of {streams:,} |
| tokens lost · streams out of order | {got["lost"]:,.0f} · {got["reordered"]:,.0f} |
| the service's CPU a token | {got["cpu"] / tokens * 1e6:.0f} µs |
| tokens a second of one core of the service | {tokens / got["cpu"]:,.0f} |
| latency of a token, model to reader | p50 {got["p50"]:.1f} ms, p99 {got["p99"]:.1f} ms |
| time to the first event | p50 {got["first p50"]:.1f} ms, p99 {got["first p99"]:.1f} ms |
| resident memory a stream, its log included | {got["resident"] / 1000:.0f} kB |
"""


def main() -> None:
    streams, words, gap = (int(word) for word in sys.argv[1:4]) if sys.argv[3:] else (500, 100, 100_000)
    load = os.getloadavg()[0]
    text = report(streams, words, gap, load)
    REPORT.write_text(text)
    print(text)


if __name__ == "__main__":
    main()
