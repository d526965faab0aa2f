"""The stopwatch. `stopwatch.mjs` is its twin for Node; whoever changes one changes both.

A document is fed as stretches: a gap, fed in one piece and not timed, then some timed pieces. A whole
measurement is one stretch without a gap. For a contender that would take too long the stretches are short
and spread evenly, so that their mean is the mean over the document; the state it works on is the same,
since every character arrives.

Seconds are of processor time, so that whatever else the machine does counts for nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from statistics import median
from time import process_time
from typing import Any

from benchmarks.recognizer.contenders import Contender

STRETCH = 8  # pieces
PILOT = 128  # pieces
REPEAT = 0.2  # seconds: a short document is fed again until so much time is measured

Stretch = tuple[str, Sequence[str]]


@dataclass(frozen=True, slots=True)
class Measurement:
    """Processor seconds a piece; how many pieces there are and were timed; how many components were found."""

    seconds: float
    pieces: int
    timed: int
    components: int


def cut(text: str, length: int) -> list[str]:
    """The text in pieces of this many characters."""
    return [text[at : at + length] for at in range(0, len(text), length)]


def stretches(pieces: Sequence[str], timed: int) -> list[Stretch]:
    """About `timed` of the pieces in short stretches spread evenly, or all of them in one."""
    if timed >= len(pieces):
        return [("", pieces)]
    wanted = max(1, timed // STRETCH)
    step = len(pieces) / wanted
    # From the middle of each step on, so that the stretches lie neither early nor late on average.
    starts = [int(step * number + (step - STRETCH) / 2) for number in range(wanted)]
    ends = [0, *(start + STRETCH for start in starts)]
    found = [
        ("".join(pieces[end:start]), pieces[start : start + STRETCH])
        for end, start in zip(ends, starts, strict=False)
    ]
    return [*found, ("".join(pieces[ends[-1] :]), [])]


def measure(contender: type[Contender], document: str, length: int, budget: float) -> Measurement:
    """Feed the document in pieces of `length` characters, for about `budget` seconds at the most."""
    pieces = cut(document, length)
    plan = stretches(pieces, PILOT)
    components = contender.count(_answers(contender(), plan))
    pilot = _time(contender().feed, plan)
    plan = stretches(pieces, len(pieces) if pilot * len(pieces) <= budget else int(budget / pilot))
    timed = sum(len(some) for _, some in plan)
    return Measurement(_repeat(contender, plan, min(REPEAT, budget)), len(pieces), timed, components)


def _answers(reader: Contender, plan: Sequence[Stretch]) -> Iterator[Any]:
    for gap, pieces in plan:
        yield reader.feed(gap)
        yield from map(reader.feed, pieces)
    yield reader.close()


def _repeat(contender: type[Contender], plan: Sequence[Stretch], enough: float) -> float:
    timed = sum(len(pieces) for _, pieces in plan)
    results: list[float] = []
    while sum(results) * timed < enough:
        results.append(_time(contender().feed, plan))
    return median(results)


def _time(feed: Callable[[str], Any], plan: Sequence[Stretch]) -> float:
    """Seconds for one of the timed pieces, on average."""
    seconds, timed = 0.0, 0
    for gap, pieces in plan:
        feed(gap)
        start = process_time()
        for piece in pieces:
            feed(piece)
        seconds += process_time() - start
        timed += len(pieces)
    return seconds / timed
