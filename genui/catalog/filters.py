"""What component templates may do with a model's values.

A template sees values while they are still being written, and of any kind a model may put there. So
nothing here raises: what cannot be used is left out, and what can be shown is shown as plain words.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import TypedDict
from urllib.parse import urlsplit

from genui.events import Json

_SCHEMES = frozenset({"http", "https", "mailto", "tel"})
_SCHEME = re.compile(r"([A-Za-z][A-Za-z0-9+.\-]*):")
# Browsers drop these before they read a URL (https://url.spec.whatwg.org/#concept-basic-url-parser),
# so "java\nscript:" is a script to them.
_DROPPED = re.compile(r"[\t\n\r]")
_CONTROLS_AND_SPACE = "".join(map(chr, range(0x21)))

_NUMERIC = re.compile(
    r"""
    [+\-−–]?\s?                                    # a sign, before or after
    (?:[A-Z]{0,3}[$€£¥₹]\s?)?[+\-−–]?              # the currency
    \d[\d.,\u00a0\u202f'\ ]*                       # digits, grouped in any country's way
    (?:\s?(?:%|‰|°[CF]?|[€£$¥₹]|[a-zA-Zµ]{1,4}))?  # a unit: "%", "k", "ms"
    \Z""",
    re.X,
)
_BLANKS = frozenset({"", "-", "–", "—", "n/a", "na"})
_MAX_DECIMALS = 4


class Column(TypedDict):
    """One column of a table: what stands at its head, whether it holds numbers, and its cells as text."""

    head: str
    numeric: bool
    cells: list[str]


def plain(value: Json) -> Json:
    """What `{{ value }}` shows: text and whole numbers as they are, nothing for None, words for the rest."""
    match value:
        case None:
            return ""
        case bool():
            return "Yes" if value else "No"
        case float():
            return f"{value:.12g}"
        case Mapping():
            return ", ".join(f"{key}: {plain(below)}" for key, below in value.items())
        case list() | tuple():
            return ", ".join(str(plain(below)) for below in value)
    return value


def as_list(value: Json) -> list[Json]:
    """The value where it is a list, else an empty one: what there is to go through so far."""
    return list(value) if isinstance(value, list | tuple) else []


def safe_url(value: Json) -> str:
    """A URL that a link may carry: http, https, mailto, tel, or relative. Anything else becomes "#"."""
    if not isinstance(value, str):
        return "#"
    url = _DROPPED.sub("", value.strip(_CONTROLS_AND_SPACE))
    scheme = _SCHEME.match(url)
    return url if url and (scheme is None or scheme[1].lower() in _SCHEMES) else "#"


def hostname(value: Json) -> str:
    """The host of a URL for people, without `www.`; nothing where there is none."""
    try:
        host = urlsplit(safe_url(value)).hostname or ""
    except ValueError:
        return ""
    return host.removeprefix("www.")


def is_numeric(value: Json) -> bool:
    """Whether a value is a number, or text that people read as one: "$1,200", "4.2%", "-12 ms"."""
    if isinstance(value, str):
        return _NUMERIC.match(value.strip()) is not None
    return _is_number(value)


def numbers(values: Iterable[Json]) -> list[str]:
    """Each value as text, numbers alike: as many decimals as any needs, grouped if one has five digits.

    >>> numbers([132000, 98000.5])
    ['132,000.0', '98,000.5']

    Four digits alone stay together, as years and model numbers do.
    """
    found = list(values)
    real = [value for value in found if _is_number(value)]
    decimals = max(map(_decimals, real), default=0)
    style = f"{',' if any(abs(value) >= 10_000 for value in real) else ''}.{decimals}f"
    return [format(value, style) if _is_number(value) else str(plain(value)) for value in found]


def _is_number(value: Json) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _decimals(value: float) -> int:
    _, _, fraction = f"{value:.{_MAX_DECIMALS}f}".partition(".")
    return len(fraction.rstrip("0"))


def columns(rows: Json, heads: Json = None) -> list[Column]:
    """The columns of rows that are lists of cells, or objects (then their keys are the heads).

    `heads` names the columns; where it lists the objects' keys it also orders them. Rows may be of
    unequal length, and the last one still growing: what is missing is empty.
    """
    lines = as_list(rows)
    names = [str(plain(head)) for head in as_list(heads)]
    keys = _keys(lines, names)
    matrix = [[row.get(key) for key in keys] if isinstance(row, Mapping) else _cells(row) for row in lines]
    width = max([len(names), len(keys), *map(len, matrix)])
    titles = names or [str(key) for key in keys]
    return [_column(matrix, titles, index) for index in range(width)]


def _keys(lines: Sequence[Json], names: Sequence[str]) -> list[str]:
    keys = list(dict.fromkeys(key for row in lines if isinstance(row, Mapping) for key in row))
    known = {key.lower().replace("_", " "): key for key in keys}
    named = [known.get(name.lower().replace("_", " ")) for name in names]
    return [key for key in named if key is not None] if named and None not in named else keys


def _cells(row: Json) -> list[Json]:
    return list(row) if isinstance(row, list | tuple) else [row]


def _column(matrix: Sequence[Sequence[Json]], titles: Sequence[str], index: int) -> Column:
    values = [row[index] if index < len(row) else None for row in matrix]
    filled = [value for value in values if str(plain(value)).strip().lower() not in _BLANKS]
    return {
        "head": titles[index] if index < len(titles) else "",
        "numeric": bool(filled) and all(map(is_numeric, filled)),
        "cells": numbers(values),
    }
