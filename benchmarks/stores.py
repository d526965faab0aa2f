"""What an event costs in each store, from a run's source to its follower: CPU of the whole process.

    python -m benchmarks.stores [redis://127.0.0.1:6379/0]

Each of RUNS runs is written by a source that gives the loop a turn after every event, and is read by one
follower, so that stores cannot gather a whole run into one group. Redis's own CPU is not counted.

The second figure is of many slow runs that are followed from another worker, as after a network that failed
for a moment: each gives an event every second, as sparsely as a store is least good at.
"""

from __future__ import annotations

import asyncio
import sys
import tempfile
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from genui.events import Event, Text
from genui.runs import Runs, open_store

RUNS, EVENTS = 100, 1000
AFAR_RUNS, AFAR_EVENTS = 1000, 10


async def source(events: int, pause: float) -> AsyncIterator[Event]:
    for n in range(events):
        yield Text(f"word {n} ")
        await asyncio.sleep(pause)


async def read(runs: Runs, run: str) -> int:
    with await runs.follow(run) as follower:
        return sum([len(batch) async for batch in follower])


@asynccontextmanager
async def worker(store: str) -> AsyncIterator[Runs]:
    opened = open_store(store)
    runs = Runs(opened.log, peers=opened.peers)
    await runs.open()
    try:
        yield runs
    finally:
        await runs.close()


async def followed(writer: Runs, reader: Runs, runs: int, events: int, pause: float) -> tuple[float, float]:
    """Microseconds of CPU for an event, and events a second."""
    cpu, wall = time.process_time(), time.perf_counter()
    begun = [writer.start(source(events, pause)) for _ in range(runs)]
    if reader is not writer:
        await asyncio.gather(*(writer.settle(run.id) for run in begun))
    read_events = sum(await asyncio.gather(*(read(reader, run.id) for run in begun)))
    cpu, wall = time.process_time() - cpu, time.perf_counter() - wall
    assert read_events == runs * (events + 2)
    return cpu / read_events * 1e6, read_events / wall


async def measure(store: str) -> None:
    name = store.partition(":")[0]
    async with worker(store) as one:
        cpu, rate = await followed(one, one, RUNS, EVENTS, 0)
        print(f"{name:8} {cpu:6.1f} µs CPU an event   {rate:9,.0f} events/s")
        if store != "memory":
            async with worker(store) as other:
                cpu, rate = await followed(one, other, AFAR_RUNS, AFAR_EVENTS, 1)
                print(f"{name:8} {cpu:6.1f} µs CPU an event   followed from another worker")


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        for store in ("memory", f"sqlite:///{folder}/genui.db", *sys.argv[1:]):
            asyncio.run(measure(store))


if __name__ == "__main__":
    main()
