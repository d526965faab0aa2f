"""A grammar as data: what the three dialects are printed from."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True)
class Lit:
    """Exactly this text."""

    text: str


@dataclass(frozen=True)
class Chars:
    """One character of a class; `body` is what stands between the brackets, in the syntax that regular
    expressions and GBNF share: `a-z`, `^"\\\\`, `\\n`."""

    body: str


@dataclass(frozen=True)
class Seq:
    """One after the other; of nothing: the empty text."""

    parts: tuple[Expr, ...]


@dataclass(frozen=True)
class Alt:
    """One of several."""

    parts: tuple[Expr, ...]


@dataclass(frozen=True)
class Rep:
    """Again and again: `least` times at least, `most` times at most (None: no end)."""

    part: Expr
    least: int = 0
    most: int | None = None


@dataclass(frozen=True)
class Ref:
    """Another rule."""

    name: str


@dataclass(frozen=True)
class Term:
    """A regular expression that a lexer reads as one piece. `expr` holds neither Ref nor Json."""

    name: str
    expr: Expr


@dataclass(frozen=True)
class Pattern:
    """An author's own regular expression, anchored at both ends; stands in a Term, and not in GBNF."""

    regex: str


@dataclass(frozen=True)
class JsonValue:
    """A JSON value of a schema (which is JSON itself), in dialects that know JSON Schema."""

    schema: str


Expr = Lit | Chars | Seq | Alt | Rep | Ref | Term | Pattern | JsonValue
Rules = dict[str, Expr]
EMPTY = Seq(())


def seq(*parts: Expr) -> Expr:
    """The parts, one after the other."""
    flat = [below for part in parts for below in (part.parts if isinstance(part, Seq) else (part,))]
    return flat[0] if len(flat) == 1 else Seq(tuple(flat))


def alt(parts: Iterable[Expr]) -> Expr:
    """One of the parts, of which there is at least one."""
    found = dict.fromkeys(parts)
    if EMPTY in found:  # Lark knows no empty text, only what may be left out
        del found[EMPTY]
        return maybe(alt(found)) if found else EMPTY
    return next(iter(found)) if len(found) == 1 else Alt(tuple(found))


def maybe(part: Expr) -> Expr:
    """The part, or nothing."""
    return Rep(part, 0, 1)
