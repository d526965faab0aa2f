"""The service's benchmark: every row is measured, and nothing is lost on the way."""

from __future__ import annotations

from benchmarks.service.__main__ import under
from benchmarks.service.contenders import ADAPTER, DIRECT, FASTAPI, GENUI
from benchmarks.service.throughput import Load


def test_every_contender_that_needs_no_node_ends_all_its_streams_right_and_has_its_row() -> None:
    contenders = (DIRECT, GENUI, FASTAPI, ADAPTER)
    lines = under(Load(streams=3, words=5, gap=2000), contenders).splitlines()
    rows = [[cell.strip() for cell in line.split("|")[1:-1]] for line in lines if line.startswith("| ")][2:]
    assert [row[0] for row in rows] == [contender.name for contender in contenders]
    assert {tuple(row[-3:]) for row in rows} == {("3 of 3", "0", "0")}
    assert all(row[1].endswith("µs") and int(row[2].replace(",", "")) > 0 for row in rows[1:])
