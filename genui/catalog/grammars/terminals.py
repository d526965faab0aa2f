"""The pieces that every such grammar is made of: prose, strings, numbers.

They describe less than the recognizer accepts, and nothing that it would read otherwise. Prose is kept
free of what opens code by accident: a run of four spaces, a tab, three tildes, a backtick without its
partner; code stands in spans on one line and in fences. No piece needs a lexer to look back more than
one character, since those of the servers that use these grammars do not.
"""

from __future__ import annotations

import math

from genui.catalog.grammars.expr import Alt, Chars, Expr, Lit, Rep, Seq, Term, maybe

_SEPARATOR = Alt((Rep(Lit(" "), 1, 3), Rep(Lit("~"), 1, 2)))
_PLAIN = Alt((Chars(r"^<`\\~ \t\r\n"), Seq((Lit("\\"), Chars(r"^ ~\t\r\n")))))
TEXT = Term(
    "TEXT",
    Alt((
        Seq((maybe(_SEPARATOR), Rep(Seq((_PLAIN, maybe(_SEPARATOR))), 1))),
        _SEPARATOR,
    )),
)  # fmt: skip
"""Prose within a line."""
WORDS = Term("WORDS", Seq((Chars("A-Za-z0-9"), Rep(Seq((maybe(Chars(" ,;:-")), Chars("A-Za-z0-9")))))))
ANGLE = Term("ANGLE", Seq((Lit("<"), Chars("0-9= "))))
NEWLINES = Term("NEWLINES", Rep(Lit("\n"), 1))
CODE = Term("CODE", Seq((Lit("`"), Rep(Chars(r"^`\n\r"), 1), Lit("`"))))
_IN_FENCE = Alt((Chars("^`\r"), Seq((Lit("`"), Chars("^`\r"))), Seq((Lit("``"), Chars("^`\r")))))
FENCE = Term(
    "FENCE",
    Seq((Lit("```"), Rep(Chars("a-z0-9+"), 0, 16), Lit("\n"), Rep(_IN_FENCE), Lit("\n```\n"))),
)

# A backslash before a quote is not markup's way, and gets a warning; the quote may close the string, too.
_QUOTED = Alt((Chars(r'^"\\'), Seq((Lit("\\"), Chars("^\"'`“”‘’")))))
PLAIN_STRING = Term("PLAIN_STRING", Seq((Lit('"'), Rep(_QUOTED), Lit('"'))))
"""A text that is never bound, such as code."""
_DIGITS = Alt((Lit("0"), Seq((Chars("1-9"), Rep(Chars("0-9"), 0, 14)))))
INTEGER = Term("INTEGER", Seq((maybe(Lit("-")), _DIGITS)))
NUMBER = Term(
    "NUMBER",
    Seq((maybe(Lit("-")), _DIGITS, maybe(Seq((Lit("."), Rep(Chars("0-9"), 1, 9)))))),
)

# In a text that may be bound, braces hold an expression: some of those that there are.
_VARIABLE = Seq((Lit("$"), Chars("a-z"), Rep(Chars("a-z_"), 0, 30)))
_WORD = Seq((Lit("'"), Rep(Chars("A-Za-z0-9 .-"), 0, 60), Lit("'")))
_NATURAL = Alt((Lit("0"), Seq((Chars("1-9"), Rep(Chars("0-9"), 0, 14)))))
_SIMPLE = Alt((_VARIABLE, _NATURAL, _WORD))
_LIST = Seq((Lit("["), _SIMPLE, Rep(Seq((Lit(", "), _SIMPLE)), 0, 60), Lit("]")))
_OPERATORS = Alt(tuple(Lit(f" {sign} ") for sign in ("+", "-", "*", "/", "==", "!=", ">=", "&&", "||")))
_SUM = Seq((_VARIABLE, Rep(Seq((_OPERATORS, _SIMPLE)), 0, 8)))
_CHOICE = Seq((Lit(" ? "), Alt((_SIMPLE, _LIST)), Lit(" : "), Alt((_SIMPLE, _LIST))))
_FILTERS = ("round", "number", "compact", "percent", "currency('EUR')", "length", "upper", "lower")
_FILTER = Seq((Lit(" | "), Alt(tuple(map(Lit, _FILTERS)))))
_EXPRESSION = Seq((Lit("{"), _SUM, maybe(_CHOICE), maybe(_FILTER), Lit("}")))
BOUND = Term("BOUND", Seq((Lit('"'), Alt((_VARIABLE, _EXPRESSION)), Lit('"'))))
BRACED = Term("BRACED", _EXPRESSION)
_BINDABLE = Alt((Chars(r'^"\\{'), Seq((Lit("\\"), Chars("^\"'`“”‘’{")))))
STRING = Term("STRING", Seq((Lit('"'), Rep(Alt((_BINDABLE, _EXPRESSION))), Lit('"'))))
_JSON_QUOTED = Alt((Chars(r'^"{\\\x00-\x1f'), Seq((Lit("\\"), Chars(r'"\\/nt')))))
JSON_STRING = Term("JSON_STRING", Seq((Lit('"'), Rep(_JSON_QUOTED), Lit('"'))))


def bounded_string(least: int, most: int | None) -> Expr:
    """The inside of a string of a certain length, free of what is written as more than one character."""
    return Rep(Chars(r'^"{\\&\x00-\x1f'), least, most)


_TWO = Rep(Chars("0-9"), 2, 2)
_DATE = Seq((
    Chars("12"), Rep(Chars("0-9"), 3, 3), Lit("-"),
    Alt((Seq((Lit("0"), Chars("1-9"))), Seq((Lit("1"), Chars("0-2"))))), Lit("-"),
    Alt((Seq((Lit("0"), Chars("1-9"))), Seq((Lit("1"), Chars("0-9"))), Seq((Lit("2"), Chars("0-8"))))),
))  # fmt: skip
_TIME = Seq((
    Alt((Seq((Chars("01"), Chars("0-9"))), Seq((Lit("2"), Chars("0-3"))))), Lit(":"),
    Chars("0-5"), Chars("0-9"), Lit(":"), Chars("0-5"), Chars("0-9"), Lit("Z"),
))  # fmt: skip
_LABEL = Rep(Chars("a-z0-9"), 1, 30)
_PATH = Rep(Seq((Lit("/"), Rep(Chars("A-Za-z0-9._~-"), 0, 60))), 0, 8)
_URI = Seq((Lit("https://"), _LABEL, Rep(Seq((Lit("."), _LABEL)), 1, 4), _PATH))

FORMATS: dict[str, Expr] = {
    "date": _DATE,
    "time": _TIME,
    "date-time": Seq((_DATE, Lit("T"), _TIME)),
    "email": Seq((_LABEL, Lit("@"), _LABEL, Lit("."), Rep(Chars("a-z"), 2, 6))),
    "uri": _URI,
    "uri-reference": Alt((_URI, Seq((Lit("/"), Rep(Chars("A-Za-z0-9._~-"), 0, 60))))),
    "color": Seq((Lit("#"), Rep(Chars("0-9a-f"), 6, 6))),
}
"""Texts of each format of JSON Schema that the grammars know: some, not all of what the format allows."""


def integers(least: float, most: float) -> Expr | None:
    """The integers from `least` to `most`, or None where there are none. Infinities are bounded by digits."""
    low, high = max(math.ceil(max(least, -1e15)), -(10**15) + 1), min(math.floor(min(most, 1e15)), 10**15 - 1)
    parts: list[Expr] = []
    if low < 0 <= high or high < 0:
        below = _natural(max(1, -min(high, -1)), -low)
        parts.append(Seq((Lit("-"), Alt(tuple(below)))))
    if high >= 0:
        parts += _natural(max(low, 0), high)
    return Alt(tuple(parts)) if low <= high else None


def decimals(least: float, most: float) -> Expr | None:
    """Numbers from `least` to `most`: integers, and decimals between them."""
    whole = integers(least, most)
    low, high = max(math.ceil(least) if least > -math.inf else 0, 0), math.floor(min(most, 1e15))
    parts = [] if whole is None else [whole]
    if low < high:  # n.ddd is below n + 1
        fraction = Seq((Lit("."), Rep(Chars("0-9"), 1, 9)))
        parts.append(Seq((Alt(tuple(_natural(low, min(high, 10**15) - 1))), fraction)))
    return Alt(tuple(parts)) if parts else None


def _natural(low: int, high: int) -> list[Expr]:
    """The numerals from `low` to `high`, 0 ≤ low ≤ high, as few alternatives as there are decades."""
    found: list[Expr] = []
    while low <= high:
        step = 1  # the largest power of ten whose block begins at `low` and ends before `high`
        while low % (step * 10) == 0 and low + step * 10 - 1 <= high and low > 0:
            step *= 10
        first = low // step
        last = min(first - first % 10 + 9, (high + 1) // step - 1)
        head, tail = str(first)[:-1], len(str(step)) - 1
        digits = Chars(f"{first % 10}-{last % 10}") if last > first else Lit(str(first % 10))
        parts: list[Expr] = [Lit(head)] if head else []
        found.append(Seq((*parts, digits, *([Rep(Chars("0-9"), tail, tail)] if tail else []))))
        low = (last + 1) * step
    return found
