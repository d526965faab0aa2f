"""Texts that are bound to the state of their message: `$name`, and `{…}` around an expression with a `$name`.

Two designs were weighed. In the first the server evaluates, too, so that the first drawing has its values;
that takes one interpreter in Python and an equal one in the browser, for values that only the browser knows
(what the first option of a select is, what a reader has typed). In the second, which this is, the server only
tells what is bound and whether it can be read, and draws such a widget as one that is still being written:
its skeleton stands until the page, which evaluates everything, has its first values a moment later.

What makes a name live is an input of the same message that declares it; the page knows which do. A text with
no live name stays what it is, so that "$USD" and "{$x}" in somebody's prose are just that.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

from lark import Lark, UnexpectedInput

from genui.events import Json

LONGEST = 20_000
"""Characters of one expression."""
DEEPEST = 32
"""Brackets of one expression inside one another."""
UNKNOWN = "…"
"""What stands in plain words for a value that only the page knows."""

_VARIABLE = re.compile(r"\$[A-Za-z_]")
_WHOLE = re.compile(r"\s*\$[A-Za-z_][A-Za-z0-9_]*\s*\Z")
_UNIT = re.compile(r"\s*\$(?:[A-Za-z]{1,2}|[A-Z]{1,4})\s*\Z")
_MARK = re.compile(r"""\\.|[{}"']""", re.DOTALL)
_BRACKET = re.compile(r"""[(\[{]|([)\]}])|"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*'""", re.DOTALL)

FILTERS = (
    "abs", "capitalize", "compact", "currency", "date", "default", "first", "join", "last", "length", "lower",
    "max", "min", "number", "percent", "reverse", "round", "slice", "sort", "sum", "trim", "upper", "values",
    "where",
)  # fmt: skip


def is_bound(value: Json) -> bool:
    """Whether a text is `$name`, or holds an expression in braces."""
    if not isinstance(value, str) or not _VARIABLE.search(value):
        return False
    return _WHOLE.match(value) is not None or any(True for _ in expressions(value))


def bound_variable(value: Json) -> str | None:
    """The name in a text that is `$name` and nothing else."""
    return value.strip()[1:] if isinstance(value, str) and _WHOLE.match(value) else None


def has_bound(value: Json) -> bool:
    """Whether a value is bound, or anything in it."""
    if isinstance(value, list):
        return any(map(has_bound, value))
    if isinstance(value, dict):
        return any(map(has_bound, value.values()))
    return is_bound(value)


def is_unit(value: Json) -> bool:
    """Whether a text is most likely a unit of money, such as `$k` or `$USD`, though it could be a name."""
    return isinstance(value, str) and _UNIT.match(value) is not None


def told(value: Json) -> Json:
    """A value for those who see no page: what is bound in a text, a list or an object becomes an ellipsis."""
    if isinstance(value, list):
        return [told(below) for below in value]
    if isinstance(value, dict):
        return {key: told(below) for key, below in value.items()}
    if not isinstance(value, str) or not is_bound(value) or is_unit(value):
        return value
    if _WHOLE.match(value):
        return UNKNOWN
    shown, end = "", 0
    for found in _spans(value):
        shown += value[end : found.start - 1] + UNKNOWN
        end = found.stop + 1
    return shown + value[end:]


def expressions(text: str) -> Iterator[str]:
    """What stands between the braces of each `{…}` that has a `$name` in it."""
    return (text[found] for found in _spans(text))


def _spans(text: str) -> Iterator[slice]:
    """Where the expressions of a text stand, in one pass: a brace that is never closed makes the rest plain
    text."""
    depth = start = 0
    quote = ""
    for mark in _MARK.finditer(text):
        match mark[0]:
            case "{" if not quote:
                start = start if depth else mark.end()
                depth += 1
            case "}" if depth and not quote:
                depth -= 1
                if not depth and _VARIABLE.search(text, start, mark.start()):
                    yield slice(start, mark.start())
            case '"' | "'" if depth:
                quote = "" if quote == mark[0] else quote or mark[0]


def complaint(value: Json) -> str | None:
    """What is wrong with the first expression in a value that cannot be read, or None."""
    if isinstance(value, list):
        return next(filter(None, map(complaint, value)), None)
    if isinstance(value, dict):
        return complaint(list(value.values()))
    if not isinstance(value, str) or not _VARIABLE.search(value):
        return None
    return next(filter(None, map(_fault, expressions(value))), None)


def _fault(expression: str) -> str | None:
    if len(expression) > LONGEST:
        return f"holds an expression of more than {LONGEST} characters"
    if _depth(expression) > DEEPEST:
        return f"holds an expression with more than {DEEPEST} brackets inside one another"
    try:
        tree = _parser().parse(expression)
    except UnexpectedInput as error:
        column = getattr(error, "pos_in_stream", None)
        at = len(expression) if column is None or column < 0 else column
        return f"holds an expression that cannot be read from {_rest(expression, at)} on"
    for found in tree.find_data("filter"):
        name = str(found.children[0])
        if name not in FILTERS:
            return f"uses `| {name}`, which is none of {', '.join(FILTERS)}"
    return None


def _rest(expression: str, at: int) -> str:
    rest = expression[at:].strip()
    return f"`{rest[:30]}`" if rest else "its end"


def _depth(expression: str) -> int:
    deepest = depth = 0
    for bracket in _BRACKET.finditer(expression):
        if bracket[1]:
            depth -= 1
        elif bracket[0] in "([{":
            depth += 1
            deepest = max(deepest, depth)
    return deepest


@cache
def _parser() -> Lark:
    grammar = (Path(__file__).parent / "expressions.lark").read_text("utf-8")
    return Lark(grammar, parser="lalr")
