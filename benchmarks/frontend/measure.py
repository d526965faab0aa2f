"""The measurements: each opens a page of its own."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from statistics import quantiles

from playwright.async_api import Browser

from benchmarks.frontend.answers import Answer, Paced, dense, long
from benchmarks.frontend.page import Chat, Noted, Task, chatting

QUARTERS = 4


@dataclass(frozen=True)
class Latency:
    """Milliseconds to each widget."""

    mounted: list[float]  # from its bytes to the document
    drawn: list[float]  # from its bytes to the frame after
    whole: list[float]  # from the model's write to the document: the server is in it


@dataclass(frozen=True)
class Quarter:
    """Milliseconds of processor time of the page's main thread, a token."""

    task: float
    script: float
    style: float
    layout: float


@dataclass(frozen=True)
class Streamed:
    """What a long answer did to its page."""

    size: int
    tokens: int
    widgets: int
    latency: Latency
    long: list[float]  # milliseconds by the clock of each task over 50
    tasks: list[Task]  # all
    quarters: list[Quarter]


@dataclass(frozen=True)
class Memory:
    """What the page keeps, after a collection."""

    conversations: int
    heap: float  # bytes
    nodes: float
    listeners: float


def percentile(values: Sequence[float], at: int) -> float:
    """The value that `at` of a hundred do not exceed."""
    return quantiles(values, n=100, method="inclusive")[at - 1] if len(values) > 1 else values[0]


async def latency(browser: Browser, *, answers: int, widgets: int, rate: float) -> Latency:
    """Answers full of widgets, each in a conversation of its own."""
    model = Paced({"dense": Answer(dense(widgets), rate)})
    found = Latency([], [], [])
    async with chatting(browser, model) as chat:
        for _ in range(answers):
            await chat.ask("dense")
            some = _latency(await chat.take(), model)
            found.mounted.extend(some.mounted)
            found.drawn.extend(some.drawn)
            found.whole.extend(some.whole)
            await chat.begin()
    return found


async def streamed(browser: Browser, *, text: str, rate: float, earlier: int = 0) -> Streamed:
    """One long answer, after so many earlier turns, looked at after each quarter."""
    answer = Answer(text, rate, QUARTERS)
    model = Paced({"Hello": Answer("Hello.\n"), "earlier": Answer(long(2000, 2)), "long": answer})
    looks: list[dict[str, float]] = []

    async def look() -> None:
        await chat.still()
        looks.append(await chat.metrics())

    async with chatting(browser, model) as chat:
        await chat.ask("Hello")  # what loads with the first message is no part of a token
        for _ in range(earlier):
            await chat.ask("earlier")
        await chat.take()
        model.looks = look
        await chat.trace()
        await chat.ask("long")
        noted, tasks = await chat.take(), await chat.traced()
    quarters = [_quarter(*pair, answer.tokens / QUARTERS) for pair in pairwise(looks)]
    count = len(noted.mounted)
    return Streamed(
        len(answer.text), answer.tokens, count, _latency(noted, model), noted.tasks, tasks, quarters
    )


async def memory(browser: Browser, *, conversations: Sequence[int], widgets: int) -> list[Memory]:
    """What is kept after so many conversations, each begun anew and answered."""
    model = Paced({"dense": Answer(dense(widgets))})
    found = []
    async with chatting(browser, model) as chat:
        await chat.ask("dense")  # what loads once is no part of a conversation
        await chat.begin()
        found.append(await _memory(chat, 0))
        for number in range(1, max(conversations) + 1):
            await chat.ask("dense")
            await chat.begin()
            if number in conversations:
                found.append(await _memory(chat, number))
    return found


async def _memory(chat: Chat, conversations: int) -> Memory:
    await chat.take()
    for _ in range(3):  # what a finalizer lets go of is collected the next time
        await chat.collect()
    told = await chat.metrics()
    return Memory(conversations, told["JSHeapUsedSize"], told["Nodes"], told["JSEventListeners"])


def _latency(noted: Noted, model: Paced) -> Latency:
    """The n-th tag that was written is the n-th widget that arrived."""
    assert len(noted.arrived) == len(model.opened), "a widget did not arrive"
    assert noted.arrived.keys() == noted.mounted.keys() == noted.drawn.keys(), "a widget was not mounted"
    mounted = [noted.mounted[each] - at for each, at in noted.arrived.items()]
    drawn = [noted.drawn[each] - at for each, at in noted.arrived.items()]
    pairs = zip(noted.arrived, model.opened, strict=True)
    return Latency(mounted, drawn, [noted.origin + noted.mounted[each] - at for each, at in pairs])


def _quarter(before: dict[str, float], after: dict[str, float], tokens: float) -> Quarter:
    names = ("TaskDuration", "ScriptDuration", "RecalcStyleDuration", "LayoutDuration")
    return Quarter(*((after[name] - before[name]) * 1000 / tokens for name in names))
