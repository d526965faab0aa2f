"""Measures the service beside its peers and writes benchmarks/service.md.

python -m benchmarks.service [pace|flood|protocols|crowd|leaving ...]: only these parts, and not written.
"""

from __future__ import annotations

import os
import platform
import sys
from collections.abc import Sequence

from benchmarks.service import leaving
from benchmarks.service.contenders import (
    DIRECT,
    GENUI,
    OURS,
    PEERS_OF_OURS,
    PROTOCOLS,
    Contender,
    node,
    versions,
)
from benchmarks.service.processes import ROOT
from benchmarks.service.throughput import Load, table, tongues

REPORT = ROOT / "benchmarks" / "service.md"
PACE, FASTER = Load(500, 200, 20_000, ramp=40_000), Load(1000, 200, 20_000, ramp=20_000)
FLOOD, EACH = Load(100, 400, 2000), Load(100, 200, 20_000)
CROWD = Load(9_900, 24, 5_000_000, ramp=8000)  # many Linux machines allow a process 20,000 descriptors
CANCELED, LEAVING = 300, 100_000
ALL = (DIRECT, *OURS, *PEERS_OF_OURS)


def introduction() -> str:
    """What ran on what."""
    return f"""# The service under load

`make bench-service`: a fake model, one server and its readers, each in its own process, on
{os.cpu_count()} cores that all of them share ({platform.machine()}, Python {platform.python_version()}, \
Node {node()}); the load average was {os.getloadavg()[0]:.1f} when it began.
Servers run in turn, in one process but where it says more; each is given the same words at the same pace.
{versions()}; what Node runs is pinned in `benchmarks/service/peers`.
The cost of beginning a run is in that of its tokens.

Latency is from the model's write of a token to the reader's read; what a server adds is what lies above the
line without a server. Memory is the growth of the server's resident memory at its most, divided by the
streams, where all of them are open at once; `genui serve` keeps each run's events in it for readers who come
back, about as many bytes as a stream's reader reads, and goes on keeping them when the run is over.
"""


def under(load: Load, contenders: Sequence[Contender]) -> str:
    """What each did with a load."""
    per_second = load.at_once * 1_000_000 / load.gap
    return (
        f"{load.streams:,} streams of {load.words} tokens, one every {load.gap / 1000:g} ms; readers come at "
        f"random, {load.ramp / 1000:g} ms apart on average. {load.at_once:,} are open at once: "
        f"{per_second:,.0f} tokens a second.\n\n"
        f"{table(contenders, load)}"
    )


def pace() -> str:
    """At the pace of people's models: latency counts."""
    return f"## At a model's pace\n\n{under(PACE, ALL)}\n{under(FASTER, (DIRECT, *OURS))}"


def flood() -> str:
    """More than a core can carry: what one gets through counts."""
    return f"""## More than a core can carry

A server falls behind here, and its latency is how far; what it does with a whole core is the figure.

{under(FLOOD, ALL)}"""


def protocols() -> str:
    """One run in each protocol."""
    return f"""## In each protocol

{EACH.streams:,} streams of {EACH.words} tokens, one every {EACH.gap / 1000:g} ms: once as text, once as
a prop that grows. AG-UI and A2UI have no way to add to a string in a prop, and send it again as it grows.

{tongues(PROTOCOLS, EACH)}"""


def crowd() -> str:
    """Streams that are open together."""
    return f"## Many at once\n\nAll of them open together.\n\n{under(CROWD, (GENUI,))}"


def leave() -> str:
    """Readers who do not stay."""
    return f"## Readers who leave\n\n{leaving.cancel(CANCELED)}\n\n{leaving.churn(LEAVING)}\n"


PARTS = {"pace": pace, "flood": flood, "protocols": protocols, "crowd": crowd, "leaving": leave}


def main() -> None:
    """Runs the parts that are named, or all."""
    asked = sys.argv[1:]
    if unknown := set(asked) - {*PARTS}:
        raise SystemExit(f"No such part: {', '.join(sorted(unknown))}. There are: {', '.join(PARTS)}")
    text = "\n".join((introduction(), *(PARTS[name]() for name in asked or PARTS)))
    print(text)
    if not asked:
        REPORT.write_text(text)


if __name__ == "__main__":
    main()
