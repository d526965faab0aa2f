"""python -m benchmarks.models: see the package."""

from __future__ import annotations

import argparse
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import uvloop

from benchmarks.models import cost, first


@contextmanager
def upstream() -> Iterator[str]:
    """The address of a model's server in a process of its own."""
    with tempfile.TemporaryDirectory() as folder:
        port = Path(folder) / "port"
        process = subprocess.Popen([sys.executable, "-m", "benchmarks.models.upstream", str(port)])
        try:
            while not (port.exists() and port.read_text()):
                time.sleep(0.02)
            yield f"http://127.0.0.1:{port.read_text()}"
        finally:
            process.terminate()
            process.wait()


def main() -> None:
    """Measure, and print a table."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.models")
    parser.add_argument("what", nargs="?", choices=("cost", "first"), default="cost")
    parser.add_argument("--chunks", type=int, default=2000, help="in an answer (default %(default)s)")
    parser.add_argument("--rounds", type=int, default=5, help="medians of so many (default %(default)s)")
    parser.add_argument("--rate", type=int, default=30, help="requests a second (default %(default)s)")
    parser.add_argument("--seconds", type=int, default=20, help="of such requests (default %(default)s)")
    options = parser.parse_args()
    with upstream() as address:
        _first(address, options) if options.what == "first" else _cost(address, options)


def _cost(address: str, options: argparse.Namespace) -> None:
    figures = [
        uvloop.run(cost.measure(address, chunks=options.chunks, pause=pause, rounds=options.rounds))
        for pause in (0, 500)
    ]
    print("| µs CPU a chunk | back to back | one by one |\n| --- | ---: | ---: |")
    for name in cost.CONTENDERS:
        print(f"| {name} | {figures[0][name]:.1f} | {figures[1][name]:.1f} |")


def _first(address: str, options: argparse.Namespace) -> None:
    times, direct = uvloop.run(first.measure(address, rate=options.rate, seconds=options.seconds))
    print("| ms | median | p95 | p99 | worst |\n| --- | ---: | ---: | ---: | ---: |")
    print(times.row("the model's server alone, to its first bytes", direct))
    print(times.row("genui, to the first event", times.event))
    print(times.row("genui, to the first text of the model", times.text))


if __name__ == "__main__":
    main()
