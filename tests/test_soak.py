"""The soak of benchmarks/soak.py for a few seconds; an hour of it is run by hand."""

from __future__ import annotations

import pytest

from benchmarks.soak import Tally, soak


@pytest.mark.timeout(180)
async def test_after_many_clients_memory_tasks_and_descriptors_are_where_they_were() -> None:
    tally = await soak(seconds=15, clients=10, seed=1)
    assert tally.wrong == []
    assert tally.done.total() - tally.done["overloaded"] > 50
    assert tally.grown() == {}


def test_what_grows_is_found() -> None:
    tally = Tally()
    tally.samples["process_resident_memory_bytes"] = [90e6 + 1e6 * number for number in range(60)]
    tally.samples["genui_tasks"] = [5.0 + min(number, 20) for number in range(60)]
    tally.samples["process_open_fds"] = [20.0] * 20 + [90.0] * 20 + [20.0] * 20
    assert set(tally.grown()) == {"process_resident_memory_bytes"}
