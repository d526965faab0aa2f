"""What the page is shown, and the model that says it: token by token, at a pace that is kept."""

from __future__ import annotations

import asyncio
import re
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from dataclasses import dataclass

from genui import Catalog
from genui.agent import FinishPiece, Message, Piece, TextPiece, Tool

TOKEN = 4  # characters
KINDS = (
    *("WeatherWidget", "Metric", "Table", "LineChart", "KeyValue", "BarChart", "FlightCard", "ProductCard"),
    *("Timeline", "Progress", "CodeBlock", "PieChart", "Quote", "Poll", "SourceList"),
)
_OPENER = re.compile(r"<[A-Z]\w*.", re.DOTALL)  # and the character that ends the name
_SENTENCES = (
    "The **figures** of this part come from the [survey](https://example.com/survey) of last year. ",
    "Most of what changed did so in spring, when `prices` fell and *more people* came by train. ",
    "Nobody expected that, and the plan says little about it; what it does say is below. ",
)
_LIST = "- the first point, which is short\n- the second, with **weight** on it\n- and a third\n\n"


def widgets() -> list[str]:
    """One of each kind, as the catalog's examples write it."""
    examples = {component.name: component.examples[0] for component in Catalog.builtin()}
    return [examples[name] for name in KINDS]


def dense(count: int) -> str:
    """Widgets with a sentence between two."""
    some = widgets()
    parts = (f"{_SENTENCES[at % 3].strip()}\n\n{some[at % len(some)]}\n\n" for at in range(count))
    return "".join(parts)


def long(size: int, count: int) -> str:
    """About `size` characters of sections, each with a heading, prose, a list and a widget.

    Each quarter has the same widgets, so that what a token costs in the first and in the last compares.
    """
    some = widgets()
    sections = []
    for at in range(count):
        section = f"## Part {at + 1}\n\n{_LIST}{some[at % len(some)]}\n\n"
        paragraphs: list[str] = []
        while len(section) + sum(len(each) for each in paragraphs) < size / count - len(_SENTENCES[0]) / 2:
            paragraphs.append(_SENTENCES[len(paragraphs) % 3])
        sections.append(f"{''.join(paragraphs)}\n\n{section}")
    return "".join(sections)


def prose(size: int) -> str:
    """About `size` characters of sections, each with a heading, two paragraphs, a list and no widget."""
    one, two, three = _SENTENCES
    section = f"## Part\n\n{one}{two}{three}\n\n{two}{one}\n\n{_LIST}"
    return section * max(1, size // len(section))


@dataclass(frozen=True)
class Answer:
    """What to say, how fast, and where to stop until somebody has looked."""

    text: str
    rate: float = 0  # tokens a second; 0: at once
    stops: int = 0  # as many equal parts, with a look before each and after the last

    @property
    def tokens(self) -> int:
        return -(-len(self.text) // TOKEN)


class Paced:
    """Says the answer of the name that it is asked for."""

    name = "paced"

    def __init__(self, answers: dict[str, Answer]) -> None:
        self._answers = answers
        self.looks: Callable[[], Awaitable[None]] | None = None
        self.opened: list[float] = []  # when each widget's name was written, by time.time(), in milliseconds

    async def stream(self, messages: Sequence[Message], tools: Sequence[Tool]) -> AsyncIterator[Piece]:
        del tools
        answer = self._answers[str(messages[-1]["content"])]
        self.opened = []
        openers = [found.end() - 1 for found in _OPENER.finditer(answer.text)]
        stops = (
            {answer.tokens * part // answer.stops for part in range(answer.stops)} if answer.stops else set()
        )
        loop = asyncio.get_running_loop()
        due = loop.time()
        for token in range(answer.tokens):
            if token in stops:
                await self._looked()
                due = loop.time()
            due += 1 / answer.rate if answer.rate else 0
            await asyncio.sleep(due - loop.time())
            while openers and openers[0] < (token + 1) * TOKEN:
                self.opened.append(time.time() * 1000)
                del openers[0]
            yield TextPiece(answer.text[token * TOKEN : (token + 1) * TOKEN])
        if answer.stops:
            await self._looked()
        yield FinishPiece("stop")

    async def _looked(self) -> None:
        if self.looks:
            await self.looks()
