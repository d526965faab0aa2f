"""Rows of a model's making as the columns of a table: which hold numbers, and how those are written."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TypedDict

from genui.catalog.filters import as_list, is_number, is_numeric, most_beside, plain, records
from genui.catalog.formats import styled
from genui.events import Json

_BLANKS = frozenset({"", "-", "–", "—", "n/a", "na"})


class Column(TypedDict):
    """One column of a table: what stands at its head, whether it holds numbers, and its cells
    as text and, where they are numbers, as these."""

    head: str
    numeric: bool
    cells: list[str]
    amounts: list[float | None]


def columns(rows: Json, heads: Json = None) -> list[Column]:
    """The columns of rows that are lists of cells, or objects (then their keys are the heads).

    `heads` names the columns, by a text or by {label, format}; where it lists the objects' keys it also
    orders them. Rows may be of unequal length, and the last one still growing: what is missing is empty.
    Columns that would make more than MOST_CELLS cells are left out.
    """
    lines = as_list(rows)
    given = records(heads)
    names = [str(plain(head.get("label"))) for head in given]
    most = most_beside(len(lines))
    keys = _keys(lines, names)[:most]
    matrix = [[row.get(key) for key in keys] if isinstance(row, Mapping) else _cells(row) for row in lines]
    width = min(most, max([len(names), len(keys), *map(len, matrix)]))
    titles = names or [str(key) for key in keys]
    styles = [head.get("format") for head in given]
    return [_column(matrix, titles, styles, index) for index in range(width)]


def _keys(lines: Sequence[Json], names: Sequence[str]) -> list[str]:
    keys = list(dict.fromkeys(key for row in lines if isinstance(row, Mapping) for key in row))
    known = {key.lower().replace("_", " "): key for key in keys}
    named = [known.get(name.lower().replace("_", " ")) for name in names]
    return [key for key in named if key is not None] if named and None not in named else keys


def _cells(row: Json) -> list[Json]:
    return list(row) if isinstance(row, list | tuple) else [row]


def _column(
    matrix: Sequence[Sequence[Json]], titles: Sequence[str], styles: Sequence[Json], index: int
) -> Column:
    values = [row[index] if index < len(row) else None for row in matrix]
    filled = [value for value in values if str(plain(value)).strip().lower() not in _BLANKS]
    return {
        "head": titles[index] if index < len(titles) else "",
        "numeric": bool(filled) and all(map(is_numeric, filled)),
        "cells": styled(values, styles[index] if index < len(styles) else None),
        "amounts": [value if is_number(value) else None for value in values],
    }
