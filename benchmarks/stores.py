"""What an event costs in each store, from a run's source to its follower: CPU of the whole process.

    python -m benchmarks.stores [redis://127.0.0.1:6379/0]

Each of RUNS runs is written by a source that gives the loop a turn after every event, and is read by one
follower, so that stores cannot gather a whole run into one group. Redis's own CPU is not counted.
"""

from __future__ import annotations

import asyncio
import sys
import tempfile
import time
from collections.abc import AsyncIterator

from genui.events import Event, Text
from genui.runs import Runs, open_store

RUNS, EVENTS = 100, 1000


async def source() -> AsyncIterator[Event]:
    for n in range(EVENTS):
        yield Text(f"word {n} ")
        await asyncio.sleep(0)


async def read(runs: Runs, run: str) -> int:
    with await runs.follow(run) as follower:
        return sum([len(batch) async for batch in follower])


async def measure(store: str) -> tuple[float, float]:
    """Microseconds of CPU for an event, and events a second."""
    opened = open_store(store)
    runs = Runs(opened.log, peers=opened.peers)
    await runs.open()
    cpu, wall = time.process_time(), time.perf_counter()
    begun = [runs.start(source()) for _ in range(RUNS)]
    read_events = sum(await asyncio.gather(*(read(runs, run.id) for run in begun)))
    cpu, wall = time.process_time() - cpu, time.perf_counter() - wall
    await runs.close()
    assert read_events == RUNS * (EVENTS + 2)
    return cpu / read_events * 1e6, read_events / wall


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        for store in ("memory", f"sqlite:///{folder}/genui.db", *sys.argv[1:]):
            cpu, rate = asyncio.run(measure(store))
            print(f"{store.partition(':')[0]:8} {cpu:6.1f} µs CPU an event   {rate:9,.0f} events/s")


if __name__ == "__main__":
    main()
