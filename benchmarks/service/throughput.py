"""All contenders under one workload."""

from __future__ import annotations

import json
import sys
import tempfile
from collections.abc import Sequence
from typing import NamedTuple

from benchmarks.service.contenders import Contender
from benchmarks.service.processes import Peak, address, cpu_seconds, model, process, resident

_WARM = 20_000_000
"""Microseconds: where a stream takes longer, the cost of the first ones counts for little."""


class Load(NamedTuple):
    """`gap`, between two words, and `ramp`, between two readers on average, are in microseconds."""

    streams: int
    words: int
    gap: int
    ramp: int = 4000

    @property
    def tokens(self) -> int:
        return self.streams * self.words

    @property
    def at_once(self) -> int:
        """Streams that are open at once, when as many end as begin."""
        return min(self.streams, self.words * self.gap // self.ramp)


def read(url: str, contender: Contender, load: Load) -> dict[str, float]:
    """The readers' report."""
    asked = (contender.body, contender.end, *map(str, (load.streams, load.words, load.ramp)))
    with process(sys.executable, "-m", "benchmarks.service.client", url, *asked) as client:
        out, _ = client.communicate()
    report: dict[str, float] = json.loads(out)
    return report


def measure(contender: Contender, load: Load, kind: str = "") -> dict[str, float]:
    """What the readers saw, and what the server used for it. `kind` see the model's name."""
    name = f"{load.words}x{load.gap}{kind}"
    with model() as port:
        if not contender.command:
            body = json.dumps({"model": name})
            direct = Contender(contender.name, path=contender.path, body=body)
            return read(f"http://127.0.0.1:{port}/{direct.path}", direct, load)
        environment = {
            "OPENAI_BASE_URL": f"http://127.0.0.1:{port}/v1", "OPENAI_API_KEY": "none",
            "GENUI_MODEL": name, "BENCH_MODEL": name, **contender.environment,
        }  # fmt: skip
        with (
            tempfile.TemporaryDirectory() as folder,
            process(
                *(word.replace("{folder}", folder) for word in contender.command), **environment
            ) as server,
        ):
            url = address(server) + contender.path
            read(
                url, contender, load._replace(streams=min(20, load.streams))
            )  # warm: the first requests compile
            before, memory = cpu_seconds(server.pid), resident(server.pid)
            peak = Peak(server.pid)
            told = read(url, contender, load)
            used = max(cpu_seconds(server.pid) - before, 0.01)
            return {**told, "cpu": used, "resident": (peak.end() - memory) / load.streams}


HEAD = """\
| | CPU a token | tokens/s of a core | latency p50 | p99 | first token p50 | p99 | memory a stream | \
of it, read | right | lost | out of order |
| --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: |
"""


def row(contender: Contender, load: Load, got: dict[str, float]) -> str:
    """A contender's line of the table."""
    used = got.get("cpu")
    cells = [
        contender.name,
        f"{used / load.tokens * 1e6:.0f} µs" if used else "",
        f"{load.tokens / used:,.0f}" if used else "",
        *(f"{got[name]:.1f} ms" for name in ("p50", "p99", "first p50", "first p99")),
        f"{got['resident'] / 1000:.0f} kB" if used and load.at_once == load.streams else "",
        f"{got['bytes'] / 1000:.0f} kB",
        f"{got['right']:,.0f} of {load.streams:,}",
        f"{got['lost']:,.0f}",
        f"{got['reordered']:,.0f}",
    ]
    return f"| {' | '.join(cells)} |\n"


def table(contenders: Sequence[Contender], load: Load) -> str:
    """Every contender under the same load, one after another."""
    return HEAD + "".join(row(each, load, measure(each, load)) for each in contenders)


def tongues(protocols: Sequence[Contender], load: Load) -> str:
    """What the same run weighs and costs in each protocol. A protocol that sends a growing text again has its
    words in it more than once: that a stream is right is seen by its end."""
    lines = [
        "| | bytes a token, text | CPU | bytes a token, a prop | CPU | ended |",
        "| --- | ---: | ---: | ---: | ---: | ---: |",
    ]
    for each in protocols:
        text, prop = (measure(each, load, kind) for kind in ("", "w"))
        cells = [
            f"{got['bytes'] / load.words:.0f} | {got['cpu'] / load.tokens * 1e6:.0f} µs"
            for got in (text, prop)
        ]
        ended = text["ended"] + prop["ended"]
        lines.append(f"| {each.name} | {' | '.join(cells)} | {ended:,.0f} of {2 * load.streams:,} |")
    return "\n".join(lines) + "\n"
