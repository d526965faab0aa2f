"""Measures the service beside its peers and writes benchmarks/service.md.

python -m benchmarks.service [--load STREAMS WORDS MICROSECONDS] [--open STREAMS] [--leaving READERS]
"""

from __future__ import annotations

import argparse
import os
import platform

from benchmarks.service import leaving
from benchmarks.service.client import RAMP
from benchmarks.service.contenders import DIRECT, GENUI, OURS, PEERS_OF_OURS, Contender, node, versions
from benchmarks.service.processes import ROOT
from benchmarks.service.throughput import Load, table

REPORT = ROOT / "benchmarks" / "service.md"
LOAD = (200, 200, 20_000)
OPEN = 10_000
LEAVING = 100_000
CANCELED = 300


def crowd(streams: int) -> Load:
    """As many streams at a token a second each, open all at once: the last opens before the first ends."""
    return Load(streams, 60, 1_000_000)


def report(load: Load, contenders: tuple[Contender, ...]) -> str:
    """What the page says of all servers under one load."""
    per_second = load.streams * 1_000_000 / load.gap
    return f"""# The service under load

`make bench-service`: a fake model, one server and its readers, each in its own process, on
{os.cpu_count()} cores that all of them share ({platform.machine()}, Python {platform.python_version()}, \
Node {node()}); the load average was {os.getloadavg()[0]:.1f} when it began.
Servers run in turn, in one process but where it says more; each is given the same words at the same pace
({versions()}; what Node runs is pinned in `benchmarks/service/peers`). Readers connect {RAMP * 1000:g} ms apart. The cost of
beginning a run is in that of its tokens.

{load.streams:,} streams of {load.words} tokens, one every {load.gap / 1000:g} ms, {per_second:,.0f} a second.

{table(contenders, load)}
Latency is from the model's write of a token to the reader's read; what a server adds is what lies above the
first line. A server that a core cannot carry at this pace falls behind, and its latency is how far. Memory is
the growth of the server's resident memory at its most, divided by the streams; `genui serve` keeps each run's
events in it for readers who come back, about as many bytes as a stream's reader reads, and goes on keeping
them when the run is over.
"""


def report_crowd(load: Load) -> str:
    """What the page says of many streams that are open at once."""
    return f"""
## Many at once

{load.streams:,} streams of {load.words} tokens, one a second each, all of them open together.

{table((GENUI,), load)}"""


def report_leaving(canceled: int, left: int) -> str:
    """What the page says of readers who do not stay."""
    return f"""
## Readers who leave

{leaving.cancel(canceled)}

{leaving.churn(left)}
"""


def main() -> None:
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.service", description="Writes benchmarks/service.md"
    )
    parser.add_argument(
        "--load", nargs=3, type=int, default=LOAD, metavar=("STREAMS", "WORDS", "MICROSECONDS")
    )
    parser.add_argument("--open", type=int, default=OPEN, metavar="STREAMS", help="0: leave it out")
    parser.add_argument("--leaving", type=int, default=LEAVING, metavar="READERS", help="0: leave it out")
    asked = parser.parse_args()
    text = report(Load(*asked.load), (DIRECT, *OURS, *PEERS_OF_OURS))
    text += report_crowd(crowd(asked.open)) if asked.open else ""
    text += report_leaving(CANCELED, asked.leaving) if asked.leaving else ""
    REPORT.write_text(text)
    print(text)


if __name__ == "__main__":
    main()
