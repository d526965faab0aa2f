"""From figures to Markdown: the tables are made here, the prose is in report.md, written by hand.

A paragraph there that says something about the figures states it before itself for the machine as well:

    <!-- shown: html.parser@100000 < genui@100000, genui@growth < 1.5 -->

A run whose figures do not show it leaves the paragraph out, so that no report says what its tables do not.
Names: a contender or a probe, `@`, and a size in characters or `growth`; a contender, `-read@`, and a size:
which part of the document it read; a kind of memory, `@bytes`.
"""

from __future__ import annotations

import operator
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from string import Template
from typing import Any

TEMPLATE = Path(__file__).with_name("report.md")
CONTENDERS = {
    "genui": "**genui**, this recognizer",
    "re": "`re`, rescanning all text so far",
    "html.parser": "`html.parser`, standard library",
    "lxml": "lxml, HTML feed parser",
    "openui": "OpenUI, streaming parser",
    "json-render": "json-render, stream compiler",
    "hashbrown": "hashbrown, JSON parser",
    "hashbrown-ui": "hashbrown, JSON parser and schema",
    "ai-sdk": "AI SDK, `parsePartialJson`",
}
_FORMATS = {
    "markup": "markup",
    "html": "HTML",
    "openui": "OpenUI Lang",
    "json-render": "JSON Patch lines",
    "json": "JSON",
    "hashbrown": "JSON",
}
_PROBES = {
    "prose": ("prose only", "1"),
    "tags": ("tags only: metrics, one after the other", "6"),
    "string": ("one huge string prop", "6"),
    "array": ("one huge array of rows", "6"),
}
_MEMORY = {"idle": "500", "tag": "4000"}
_CLAIM = re.compile(r"<!-- shown: (.*?) -->\n(.*?)(?:\n\n|\Z)", re.DOTALL)
_OPERATORS: dict[str, Callable[[float, float], bool]] = {"<": operator.lt, ">": operator.gt}


@dataclass(frozen=True, slots=True)
class Figure:
    """One measurement's median over the rounds."""

    name: str
    format: str
    size: int
    characters: int
    micros: float  # of processor time per character
    sampled: bool  # measured in stretches spread over the document
    reached: int | None  # characters, where it was measured from the start and stopped before the end

    @property
    def read(self) -> float:
        """Which part of the document was read."""
        return 1.0 if self.reached is None else self.reached / self.characters

    def __str__(self) -> str:
        mark = "≥ " if self.reached is not None else "~ " if self.sampled else ""
        return mark + number(self.micros)


def number(value: float) -> str:
    """Three digits that matter, no exponent."""
    return f"{value:,.0f}" if value >= 100 else f"{value:.3g}"


def peers(figures: list[Figure]) -> str:
    """The table of all contenders."""
    sizes = sorted({figure.size for figure in figures})
    head = ["", "reads", *(f"{size // 1000} kB" for size in sizes), "growth", "characters", "whole, in ms"]
    rows = [_peer([figure for figure in figures if figure.name == name]) for name in _names(figures)]
    return _table(head, rows)


def _peer(figures: list[Figure]) -> list[str]:
    last = figures[-1]
    mark = "≥ " if last.reached is not None else ""
    return [
        CONTENDERS[last.name],
        _FORMATS[last.format],
        *map(str, figures),
        f"{mark}× {number(last.micros / figures[0].micros)}",
        f"{last.characters:,}",
        mark + number(last.micros * last.characters / 1000),
    ]


def _names(figures: list[Figure]) -> Iterator[str]:
    """Ours first, then by what the largest document cost."""
    costs = {figure.name: figure.micros for figure in figures}
    return iter(sorted(costs, key=lambda name: (name != "genui", costs[name])))


def probes(micros: Mapping[tuple[str, int], float]) -> str:
    """The table of what one token costs us. `micros`: probe and size → microseconds."""
    sizes = sorted({size for _, size in micros})
    head = ["", *(f"{size // 1000} kB" for size in sizes), "growth", "target"]
    rows = []
    for name, (title, target) in _PROBES.items():
        values = [micros[name, size] for size in sizes]
        rows.append([title, *map(number, values), f"× {number(values[-1] / values[0])}", f"≤ {target}"])
    return _table(head, rows)


def memory(held: Mapping[str, float]) -> str:
    """The table of what is held."""
    rows = [[name, f"{held[name]:,.0f}", f"< {_MEMORY[_kind(name)]}"] for name in held]
    return _table(["", "bytes", "target"], rows)


def _kind(name: str) -> str:
    return "idle" if name.startswith("idle") else "tag"


def _table(head: list[str], rows: list[list[str]]) -> str:
    rules = ["---", *("---:" for _ in head[1:])]
    return "\n".join(f"| {' | '.join(row)} |" for row in [head, rules, *rows])


def quantities(
    figures: list[Figure], micros: Mapping[tuple[str, int], float], held: Mapping[str, float]
) -> dict[str, float]:
    """Every name that a claim may use, and its value."""
    found = {f"{figure.name}@{figure.size}": figure.micros for figure in figures}
    found |= {f"{name}@{size}": value for (name, size), value in micros.items()}
    smallest, largest = min(figure.size for figure in figures), max(figure.size for figure in figures)
    for name in {name.partition("@")[0] for name in found}:
        found[f"{name}@growth"] = found[f"{name}@{largest}"] / found[f"{name}@{smallest}"]
    found |= {f"{figure.name}-read@{figure.size}": figure.read for figure in figures}
    return found | {f"{name}@bytes".replace(" ", "-").replace(",", ""): value for name, value in held.items()}


def fill(template: str, values: Mapping[str, str], known: Mapping[str, float]) -> tuple[str, list[str]]:
    """The report, and the claims that these figures do not show."""
    unshown: list[str] = []

    def paragraph(match: re.Match[str]) -> str:
        claims = [claim.strip() for claim in match.group(1).split(",")]
        failed = [claim for claim in claims if not _holds(claim, known)]
        unshown.extend(failed)
        return "" if failed else f"{match.group(2)}\n\n"

    text = _CLAIM.sub(paragraph, template)
    return Template(text).substitute(values).rstrip() + "\n", unshown


def _holds(claim: str, known: Mapping[str, float]) -> bool:
    left, sign, right = claim.split()
    return _OPERATORS[sign](_quantity(left, known), _quantity(right, known))


def _quantity(text: str, known: Mapping[str, Any]) -> float:
    return float(known[text]) if text in known else float(text)
