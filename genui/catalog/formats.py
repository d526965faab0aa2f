"""Numbers as people read them, in one column or in one picture."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping

from genui.catalog.filters import as_list, is_number, numbers, plain
from genui.events import Json

LEVELS = 10
"""Steps of a heatmap's scale; style.css has a class for each."""

_SYMBOLS = {"USD": "$", "EUR": "€", "GBP": "£", "JPY": "¥", "INR": "₹", "KRW": "₩", "BRL": "R$", "CNY": "CN¥"}
_WHOLE = frozenset({"JPY", "KRW"})
_CURRENCY = re.compile(r"[A-Z]{3}\Z")
_STEPS = ((1e12, "T"), (1e9, "B"), (1e6, "M"), (1e3, "k"))


def styled(values: Iterable[Json], style: Json = None) -> list[str]:
    """Each value as text in a style: "percent" (of 0.12, 12%), "compact" (1.2M), or a currency such as "USD".

    >>> styled([1234.5, 99], "EUR")
    ['€1,234.50', '€99.00']

    "share" is a part of a hundred in whole percents. Text stays as it is, and an unknown style is none.
    """
    found = list(values)
    real = [value for value in found if is_number(value)]
    if style == "percent":
        shown = [f"{part}%" for part in numbers([round(value * 100, 2) for value in real])]
    elif style == "share":
        shown = [f"{value:.0f}%" for value in real]
    elif style == "compact":
        shown = [_compact(value) for value in real]
    elif isinstance(style, str) and _CURRENCY.match(style):
        decimals = 0 if style in _WHOLE or all(value == int(value) for value in real) else 2
        shown = [_money(value, style, decimals) for value in real]
    else:
        return numbers(found)
    texts = iter(shown)
    return [next(texts) if is_number(value) else str(plain(value)) for value in found]


def _compact(value: float) -> str:
    size, unit = next(((size, unit) for size, unit in _STEPS if abs(value) >= size), (1, ""))
    return f"{value / size:.1f}".removesuffix(".0") + unit


def _money(value: float, currency: str, decimals: int) -> str:
    symbol = _SYMBOLS.get(currency, f"{currency}\u00a0")
    return f"{'−' if value < 0 else ''}{symbol}{abs(value):,.{decimals}f}"


def parts(values: Json) -> list[float]:
    """Each number's share of their sum, from 0 to 100; what is negative or no number has none."""
    whole = [float(value) if is_number(value) and value > 0 else 0.0 for value in as_list(values)]
    total = sum(whole)
    return [100 * (value / total) if 0 < total < float("inf") else 0.0 for value in whole]


def levels(rows: Json) -> list[list[int | None]]:
    """For each cell of a grid, the step of the scale from the grid's least to its greatest number."""
    grid = [as_list(row) for row in as_list(rows)]
    real = [float(cell) for row in grid for cell in row if is_number(cell)]
    low, span = min(real, default=0.0), max(real, default=0.0) - min(real, default=0.0)
    return [[_level(cell, low, span) for cell in row] for row in grid]


def _level(cell: Json, low: float, span: float) -> int | None:
    if not is_number(cell):
        return None
    return (
        min(LEVELS - 1, int((float(cell) - low) / span * LEVELS)) if 0 < span < float("inf") else LEVELS // 2
    )


def xy(points: Json) -> list[tuple[float, float]]:
    """The points [x, y] of a list that are whole; objects {x, y} are points too."""
    return [(x, y) for x, y in map(_point, as_list(points)) if is_number(x) and is_number(y)]


def _point(value: Json) -> tuple[Json, Json]:
    if isinstance(value, Mapping):
        return value.get("x"), value.get("y")
    x, y, *_ = [*as_list(value), None, None]
    return x, y


_WIDTH, _TOP, _BOTTOM = 100, 3, 25
"""The box of a sparkline: 100 × 28 units, with room for the stroke."""


def sparkline(values: Json) -> str:
    """The SVG path of a line through the numbers, from end to end of the box; none of fewer than two."""
    real = [float(value) for value in as_list(values) if is_number(value)]
    if len(real) < 2:
        return ""
    low, span = min(real), max(real) - min(real) or 1.0
    step = _WIDTH / (len(real) - 1)
    heights = [_BOTTOM - (value / span - low / span) * (_BOTTOM - _TOP) for value in real]
    return "M" + "L".join(f"{at * step:.4g} {height:.4g}" for at, height in enumerate(heights))
