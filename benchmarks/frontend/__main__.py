"""Measures the chat page in Chromium and writes benchmarks/frontend.md.

python -m benchmarks.frontend [latency|streamed|growth|memory ...]: only these parts, printed and not written.
"""

from __future__ import annotations

import asyncio
import os
import platform
import sys
from collections.abc import Mapping
from pathlib import Path

from playwright.async_api import Browser

from benchmarks.frontend import measure
from benchmarks.frontend.answers import long, prose
from benchmarks.frontend.measure import Latency, Memory, Streamed, percentile
from tests.browser.chromium import chromium

REPORT = Path(__file__).parents[1] / "frontend.md"
RATE = 200  # tokens a second
LONG = 50  # milliseconds
SIZE = 50_000  # characters of a long answer
EARLIER = 100  # turns


def introduction(version: str) -> str:
    """What ran on what."""
    return f"""# The chat page under load

`make bench-frontend`: the page that `genui serve` shows, in headless Chromium {version}, \
on {os.cpu_count()} cores that the browser, the server and the model share \
({platform.machine()}; the load average was \
{os.getloadavg()[0]:.1f} when it began). The model says {RATE} tokens
of four characters a second. The probe that notes the times is a part of what is measured:
[probe.js](frontend/probe.js).
"""


def rows(found: Latency) -> str:
    """A latency's table."""
    spans = {
        "its bytes are read → its element is in the page, drawn": found.mounted,
        "its bytes are read → the next frame is done": found.drawn,
        "the model writes its name → its element is in the page": found.whole,
    }
    lines = ["| ms | p50 | p99 | most |", "| --- | --: | --: | --: |"]
    for name, each in spans.items():
        lines.append(
            f"| {name} | {percentile(each, 50):.1f} | {percentile(each, 99):.1f} | {max(each):.1f} |"
        )
    return "\n".join(lines)


def latency_part(found: Latency) -> str:
    """The part about widgets' arrival."""
    return f"""## From the bytes to the widget

{len(found.mounted)} widgets in short answers, of 15 kinds; the target is a 99th percentile
under 16 ms from its bytes to its element. Bytes are read when the response's reader gives
the chunk with the widget's first event; the element is there when a MutationObserver sees it,
its template drawn. The frame after waits for the screen, sixty times a second. A main thread that is
busy reads late, which the first row cannot show: the last one does, and has the server in it.

{rows(found)}
"""


def growth(found: Streamed) -> float:
    """How many times the first quarter's tasks those of the last cost."""
    return found.quarters[-1].task / found.quarters[0].task


def growth_part(found: Mapping[str, Streamed]) -> str:
    """The part about what a token costs as the page grows."""
    lines = "\n".join(
        f"| {name} | {' | '.join(f'{each.task:.2f}' for each in one.quarters)} | {growth(one):.2f} |"
        for name, one in found.items()
    )
    return f"""### What stands above it

The same column, all tasks of the page's main thread in ms a token, for answers as long in other places. An
earlier turn is a question and an answer of about 2,000 characters with two widgets.

| quarter | 1 | 2 | 3 | 4 | last / first |
| --- | --: | --: | --: | --: | --: |
{lines}
"""


def streamed_part(found: Streamed) -> str:
    """The part about a long answer."""
    quarters = "\n".join(
        f"| {number} | {each.task:.2f} | {each.script:.2f} | {each.style:.2f} | {each.layout:.2f} |"
        for number, each in enumerate(found.quarters, 1)
    )
    longest = f" (the longest {max(found.long):.0f} ms)" if found.long else ""
    used = max(each.processor for each in found.tasks)
    over = sum(each.processor > LONG for each in found.tasks)
    return f"""## A long answer

{found.size:,} characters, {found.tokens:,} tokens, {found.widgets} widgets of 15 kinds;
headings, prose and lists between them.

Tasks over {LONG} ms by the clock (PerformanceObserver, `longtask`): **{len(found.long)}**{longest}.
Tasks over {LONG} ms of a processor (a trace of all {len(found.tasks):,}): **{over}** \
(the longest {used:.1f} ms).
Where the first are more than the second, the page's thread waited: for a processor that others had, or for
Chromium's compositor.

What a token costs the page's main thread, in ms of processor time (Chromium's own counters,
`Performance.getMetrics`, after each quarter; each quarter has the
same widgets). The first column has all tasks, painting, compositing and promises' microtasks included, in
which the client reads; the other columns are parts of it, and script has no microtasks in it.
A trace of the tasks is taken meanwhile, and is in the figures.
The last quarter's tasks cost {growth(found):.2f} times the first's.

| quarter | all tasks | script | style | layout |
| --- | --: | --: | --: | --: |
{quarters}

And its widgets:

{rows(found.latency)}
"""


def memory_part(found: list[Memory]) -> str:
    """The part about what is kept."""
    lines = "\n".join(
        f"| {each.conversations} | {each.heap / 1e6:.2f} | {each.nodes:,.0f} | {each.listeners:,.0f} |"
        for each in found
    )
    return f"""## Memory

One page, one conversation after another, each begun anew when the one before was answered (15 widgets, one of
each kind); garbage is collected before each look. The first conversation, with what loads once, came before.

| conversations | JS heap, MB | DOM nodes | event listeners |
| --: | --: | --: | --: |
{lines}
"""


async def part(name: str, browser: Browser) -> str:
    """One of the parts, measured."""
    if name == "latency":
        return latency_part(await measure.latency(browser, answers=6, widgets=40, rate=RATE))
    if name == "streamed":
        return streamed_part(await measure.streamed(browser, text=long(SIZE, 60), rate=RATE))
    if name == "growth":
        return growth_part(
            {
                "text alone": await measure.streamed(browser, text=prose(SIZE), rate=RATE),
                f"60 widgets after {EARLIER} earlier turns": await measure.streamed(
                    browser, text=long(SIZE, 60), rate=RATE, earlier=EARLIER
                ),
            }
        )
    return memory_part(await measure.memory(browser, conversations=(10, 100), widgets=15))


async def main() -> None:
    """Runs the parts that are named, or all."""
    parts = ("latency", "streamed", "growth", "memory")
    asked = sys.argv[1:]
    if unknown := set(asked) - {*parts}:
        raise SystemExit(f"No such part: {', '.join(sorted(unknown))}. There are: {', '.join(parts)}")
    async with chromium() as browser:
        texts = [introduction(browser.version), *[await part(name, browser) for name in asked or parts]]
    text = "\n".join(texts)
    print(text)
    if not asked:
        REPORT.write_text(text)


if __name__ == "__main__":
    asyncio.run(main())
