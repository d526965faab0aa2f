"""The recognizer's benchmark: every contender does the work whose time is compared."""

from __future__ import annotations

import pytest

from benchmarks.recognizer import probes, report, side
from benchmarks.recognizer.contenders import CONTENDERS, Contender
from benchmarks.recognizer.formats import FORMATS, document
from benchmarks.recognizer.measure import cut, measure, stretches
from benchmarks.recognizer.screens import count

SCREENS = document(2000)
TEXTS = {name: write(SCREENS) for name, write in FORMATS.items()}


@pytest.mark.parametrize("contender", CONTENDERS, ids=lambda contender: contender.name)
@pytest.mark.parametrize("length", [1, 4, 10_000])
def test_every_contender_finds_every_component_in_pieces_of_any_length(
    contender: type[Contender], length: int
) -> None:
    found = measure(contender, TEXTS[contender.format], length, budget=0.01)
    assert found.components == count(SCREENS) > 6


def test_the_python_side_measures_every_contender_and_probe_at_every_size() -> None:
    output = side.run({"2000": TEXTS}, piece=4, budget=0.01)
    assert [(result["name"], result["components"]) for result in output["results"]] == [
        (contender.name, count(SCREENS)) for contender in CONTENDERS
    ]
    assert [probe["name"] for probe in output["probes"]] == list(probes.PROBES)
    assert all(held > 0 for held in output["memory"].values())


@pytest.mark.parametrize("timed", [1, 8, 100, 249, 250, 1000])
def test_sampling_feeds_every_character_once_and_in_order(timed: int) -> None:
    pieces = cut("".join(map(chr, range(48, 1048))), 4)
    plan = stretches(pieces, timed)
    assert "".join(gap + "".join(some) for gap, some in plan) == "".join(pieces)
    assert sum(len(some) for _, some in plan) == (250 if timed >= 250 else max(8, timed // 8 * 8))


def test_a_report_leaves_out_what_its_figures_do_not_show() -> None:
    template = (
        "$head\n\n<!-- shown: a@1 < b@1 -->\nA is faster.\n\n<!-- shown: a@1 > 3 -->\nA is slow.\n\nEnd.\n"
    )
    text, missing = report.fill(template, {"head": "Head"}, {"a@1": 1.0, "b@1": 2.0})
    assert text == "Head\n\nA is faster.\n\nEnd.\n"
    assert missing == ["a@1 > 3"]


def test_every_claim_of_the_report_names_something_that_is_measured() -> None:
    sizes = (1000, 10_000, 100_000)
    figures = [
        report.Figure(name, "json", size, size, 1.0, sampled=False, reached=None)
        for name in report.CONTENDERS
        for size in sizes
    ]
    tokens = {(name, size): 1.0 for name in probes.PROBES for size in sizes}
    template = report.TEMPLATE.read_text(encoding="utf-8").replace("$", "$$")
    report.fill(template, {}, report.quantities(figures, tokens, probes.memory()))
