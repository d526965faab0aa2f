"""Measures the service beside its peers and writes benchmarks/service.md.

python -m benchmarks.service [STREAMS WORDS MICROSECONDS]
"""

from __future__ import annotations

import os
import platform
import sys

from benchmarks.service.contenders import DIRECT, GENUI, PEERS_OF_OURS, Contender, versions
from benchmarks.service.processes import ROOT
from benchmarks.service.throughput import Load, table

REPORT = ROOT / "benchmarks" / "service.md"
QUICK = Load(200, 200, 20_000)


def report(load: Load, contenders: tuple[Contender, ...]) -> str:
    """The page."""
    average = os.getloadavg()[0]
    per_second = load.streams * 1_000_000 / load.gap
    return f"""# The service under load

`make bench-service`: a fake model, one server and its readers, each in its own process, on
{os.cpu_count()} cores that all of them share ({platform.machine()}, Python {platform.python_version()}); the load \
average was {average:.1f} when it began.
{load.streams:,} streams of {load.words} tokens, one every {load.gap / 1000:g} ms: {per_second:,.0f} tokens a second \
in all, opened 2 ms apart. Every
server has one process and runs in turn; each is given the same words at the same pace ({versions()}; what Node
runs is pinned in `benchmarks/service/peers`). The cost of beginning a run is in that of its tokens.

{table(contenders, load)}
Latency is from the model's write of a token to the reader's read; what a server adds is what lies above the
first line. A server that a core cannot carry at this pace falls behind, and its latency is how far. Memory is
the growth of the server's resident memory at its most, divided by the streams; `genui serve` keeps each run's
events in it for readers who come back, about as many bytes as a stream's reader reads, and goes on keeping
them when the run is over.
"""


def main() -> None:
    load = Load(*(int(word) for word in sys.argv[1:4])) if sys.argv[3:] else QUICK
    text = report(load, (DIRECT, GENUI, *PEERS_OF_OURS))
    REPORT.write_text(text)
    print(text)


if __name__ == "__main__":
    main()
