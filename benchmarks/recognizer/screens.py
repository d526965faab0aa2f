"""Screens as a model writes them: a heading, prose, a card of metrics, a table. The same ones every time."""

from __future__ import annotations

import random
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

SCHEMA: dict[str, Any] = {
    "$defs": {
        "Stack": {"properties": {"children": {"type": "array"}}, "required": ["children"]},
        "Text": {"properties": {"text": {"type": "string"}}, "required": ["text"]},
        "Card": {
            "properties": {"title": {"type": "string"}, "children": {"type": "array"}},
            "required": ["title"],
        },
        "Metric": {
            "properties": {
                "label": {"type": "string"},
                "value": {"type": "string"},
                "change": {"type": "number"},
                "trend": {"enum": ["up", "down", "flat"]},
            },
            "required": ["label", "value"],
        },
        "Table": {
            "properties": {
                "columns": {"type": "array", "items": {"type": "string"}},
                "rows": {"type": "array", "items": {"type": "array"}},
            },
            "required": ["columns", "rows"],
        },
    }
}
"""The components. Props stand in positional order, which OpenUI Lang and our markup both go by."""

COUNTED = ("Card", "Metric", "Table")
"""The components every format has. In our markup text is prose and the page needs no Stack."""


@dataclass(frozen=True, slots=True)
class Element:
    """A component and what stands in it. `Text` is prose."""

    name: str
    props: Mapping[str, Any]
    children: tuple[Element, ...] = ()

    def walk(self) -> Iterator[Element]:
        """This element and all below it, parents first."""
        yield self
        for child in self.children:
            yield from child.walk()


Screen = tuple[Element, ...]

_SUBJECTS = ("Revenue", "Churn", "Sign-ups", "Latency", "Support load", "Cash", "Hiring", "Retention")
_PLACES = ("Paris", "São Paulo", "Nairobi", "Osaka", "Berlin", "Austin", "Chennai", "Oslo")
_PEOPLE = ("Ava", "Marcus", "Noor", "Inés", "Tomasz", "Yuki", "Lena", "Kofi")
_REASONS = (
    "the spring campaign ran two weeks longer than planned",
    "renewals moved from the last week of the quarter to the first",
    "the new onboarding took out *three* of its seven steps",
    "two large customers asked for yearly invoices",
    "the team closed the old data center & moved its last service",
)


def screens() -> Iterator[Screen]:
    """Screens without end, each about 1000 characters in our markup."""
    chance = random.Random(7)  # noqa: S311 – the same screens every time
    while True:
        yield _screen(chance)


def count(screen: Screen) -> int:
    """How many components every contender must find."""
    return sum(element.name in COUNTED for top in screen for element in top.walk())


def _screen(chance: random.Random) -> Screen:
    subject, place = chance.choice(_SUBJECTS), chance.choice(_PLACES)
    return (
        _text(f"## {subject} in {place}"),
        _text(f"{subject} changed this quarter because {chance.choice(_REASONS)}. {_aside(chance)}"),
        _card(chance, f"{subject}, {place}"),
        _table(chance),
        _text(f"Compared with {chance.choice(_PLACES)}, {chance.choice(_REASONS)}."),
    )


def _text(text: str) -> Element:
    return Element("Text", {"text": text})


def _aside(chance: random.Random) -> str:
    return f"**{chance.choice(_PEOPLE)}** expects {chance.randint(2, 40)}% by the end of the year."


def _card(chance: random.Random, title: str) -> Element:
    metrics = tuple(_metric(chance) for _ in range(4))
    return Element("Card", {"title": title}, (_text(f"Since {chance.choice(_REASONS)}:"), *metrics))


def _metric(chance: random.Random) -> Element:
    change = round(chance.uniform(-20, 20), 1)
    props = {
        "label": chance.choice(_SUBJECTS),
        "value": f"${chance.randint(10, 999)}k",
        "change": change,
        "trend": "up" if change > 1 else "down" if change < -1 else "flat",
    }
    return Element("Metric", props)


def _table(chance: random.Random) -> Element:
    rows = [
        [chance.choice(_PEOPLE), chance.choice(_PLACES), chance.randint(1000, 99999), chance.randint(1, 99)]
        for _ in range(7)
    ]
    return Element("Table", {"columns": ["Name", "City", "Sales", "Rank"], "rows": rows})
