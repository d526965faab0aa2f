"""A calculator that evaluates nothing but arithmetic: a grammar, and what each of its rules does.

Exact: numbers are fractions, so that 0.1 + 0.2 is 0.3. Powers are bounded, since 9^9^9 would take for ever.
"""

from __future__ import annotations

import math
from fractions import Fraction
from functools import cache
from typing import Any, cast

from lark import Lark, Transformer
from lark.exceptions import LarkError, VisitError

from genui.agent.tools import ToolError

LONGEST = 200
"""Characters of an expression."""

_LARGEST = 1000  # bits of a result: what a float holds
_GRAMMAR = r"""
?start: sum
?sum: product | sum "+" product -> add | sum ("-"|"−") product -> subtract
?product: factor | product ("*"|"×"|"·") factor -> multiply | product ("/"|"÷"|":") factor -> divide
    | product "mod" factor -> modulo
?factor: ("-"|"−") factor -> negate | "+" factor | power
?power: postfix | postfix ("^"|"**") factor -> power
?postfix: atom | postfix "%" -> percent
?atom: NUMBER -> number | "sqrt" "(" sum ")" -> root | "(" sum ")"
NUMBER: /\d[\d,]*(\.\d+)?(e[+-]?\d{1,2})?|\.\d+/i
%import common.WS
%ignore WS
"""


class _Evaluate(Transformer[object, Fraction]):
    def number(self, items: list[str]) -> Fraction:
        return Fraction(str(items[0]).replace(",", ""))

    def add(self, items: list[Fraction]) -> Fraction:
        return items[0] + items[1]

    def subtract(self, items: list[Fraction]) -> Fraction:
        return items[0] - items[1]

    def multiply(self, items: list[Fraction]) -> Fraction:
        return items[0] * items[1]

    def divide(self, items: list[Fraction]) -> Fraction:
        return items[0] / items[1]

    def modulo(self, items: list[Fraction]) -> Fraction:
        return items[0] % items[1]

    def negate(self, items: list[Fraction]) -> Fraction:
        return -items[0]

    def percent(self, items: list[Fraction]) -> Fraction:
        return items[0] / 100

    def root(self, items: list[Fraction]) -> Fraction:
        value = items[0]
        if value < 0:
            raise ToolError("a negative number has no real square root")
        up, down = math.isqrt(value.numerator), math.isqrt(value.denominator)
        exact = Fraction(up, down)
        return exact if exact * exact == value else Fraction(math.sqrt(value))

    def power(self, items: list[Fraction]) -> Fraction:
        base, exponent = items
        size = max(base.numerator.bit_length(), base.denominator.bit_length())
        if abs(exponent) * size > _LARGEST:
            raise ToolError("the result is too large")
        if exponent.denominator == 1:
            return base ** int(exponent)
        if base < 0:
            raise ToolError("a negative number has no such power")
        return Fraction(float(base) ** float(exponent))


@cache
def _parser() -> Lark:
    return Lark(_GRAMMAR, parser="lalr")


def evaluate(expression: str) -> Fraction:
    """What an expression comes to. Raises ToolError."""
    if len(expression) > LONGEST:
        raise ToolError(f"the expression is longer than {LONGEST} characters")
    try:
        value = _Evaluate().transform(cast(Any, _parser().parse(expression)))
    except VisitError as error:
        if isinstance(error.orig_exc, ToolError):
            raise error.orig_exc from None
        if isinstance(error.orig_exc, ZeroDivisionError):
            raise ToolError("nothing can be divided by zero") from error
        raise ToolError("the result is too large") from error
    except (LarkError, RecursionError) as error:
        raise ToolError("that is no arithmetic that I know") from error
    if abs(value) >= 2**_LARGEST:
        raise ToolError("the result is too large")
    return value


def shown(value: Fraction) -> str:
    """A number for people, with at most ten decimals."""
    if value.denominator == 1 and abs(value) < 10**21:
        return f"{int(value):,}"
    number = float(value)
    if number and not 1e-6 <= abs(number) < 1e15:
        return f"{number:.10g}"
    return f"{number:,.10f}".rstrip("0").rstrip(".")
