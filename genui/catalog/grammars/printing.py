"""The same grammar in each dialect's words.

Lark, as OpenAI's custom tools and llguidance read it: rules in lower case, terminals (regular expressions
that a lexer reads as one piece) in upper case, nothing ignored. llguidance adds `%json` for values of a
JSON Schema. GBNF, as llama.cpp reads it, has no lexer: terminals are rules like others.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator

from genui.catalog.grammars.expr import Alt, Chars, Expr, JsonValue, Lit, Pattern, Ref, Rep, Rules, Seq, Term


def regex(expr: Expr) -> str:
    """A regular expression, in the syntax that Python, JavaScript and Rust share."""
    match expr:
        case Lit(text):
            return (
                re.escape(text)
                .replace("/", r"\/")
                .replace("\n", "n")
                .replace(r"\ ", " ")
                .replace('"', r"\x22")
            )
        case Chars(body):
            return f"[{_class(body)}]"
        case Seq(parts):
            return "".join(_grouped(part) if isinstance(part, Alt) else regex(part) for part in parts)
        case Alt(parts):
            return "|".join(map(regex, parts))
        case Rep(part, least, most):
            return _grouped(part) + _times(least, most)
        case Pattern(source):
            return f"(?:{source})"
        case Term(_, inner):
            return regex(inner)
    raise TypeError(expr)


def _class(body: str) -> str:
    return body.replace("/", r"\/").replace("\r", r"\r").replace("\n", r"\n")


def _grouped(expr: Expr) -> str:
    single = isinstance(expr, Chars) or (isinstance(expr, Lit) and len(expr.text) == 1)
    return regex(expr) if single else f"(?:{regex(expr)})"


def _times(least: int, most: int | None) -> str:
    common = {(0, None): "*", (1, None): "+", (0, 1): "?", (1, 1): ""}
    if (least, most) in common:
        return common[least, most]
    return f"{{{least}}}" if least == most else f"{{{least},{'' if most is None else most}}}"


def lark(rules: Rules) -> Iterator[str]:
    """A line for each rule and each terminal."""
    terms: dict[str, Term] = {}
    for name, expr in rules.items():
        for term in _terms(expr):
            terms[term.name] = term
        yield f"{name}: {_lark(expr)}"
    yield from (f"{name}: /{regex(term.expr)}/" for name, term in terms.items())


def _lark(expr: Expr) -> str:
    match expr:
        case Lit(text):
            return json.dumps(text)
        case Ref(name):
            return name
        case Term(name, _):
            return name
        case JsonValue(schema):
            return f"%json {schema}"
        case Seq(parts):
            return (
                " ".join(f"({_lark(part)})" if isinstance(part, Alt) else _lark(part) for part in parts)
                or '""'
            )
        case Alt(parts):
            return " | ".join(map(_lark, parts))
        case Rep(part, least, most):
            atom = _lark(part) if isinstance(part, Ref | Term | Lit) else f"({_lark(part)})"
            return atom + _lark_times(least, most)
    raise TypeError(expr)


def _lark_times(least: int, most: int | None) -> str:
    common = {(0, None): "*", (1, None): "+", (0, 1): "?", (1, 1): ""}
    if (least, most) in common:
        return common[least, most]
    return f"{{{least}{'' if least == most else ',' if most is None else f',{most}'}}}"


def _terms(expr: Expr) -> Iterator[Term]:
    match expr:
        case Term():
            yield expr
        case Seq(parts) | Alt(parts):
            for part in parts:
                yield from _terms(part)
        case Rep(part):
            yield from _terms(part)


def gbnf(rules: Rules) -> Iterator[str]:
    """A line for each rule; the first is called `root`."""
    terms: dict[str, Term] = {}
    for name, expr in rules.items():
        terms |= {term.name: term for term in _terms(expr)}
        yield f"{'root' if name == 'start' else _gbnf_name(name)} ::= {_gbnf(expr)}"
    yield from (f"{_gbnf_name(name)} ::= {_gbnf(term.expr)}" for name, term in terms.items())


def _gbnf_name(name: str) -> str:
    return name.lower().replace("_", "-")


def _gbnf(expr: Expr) -> str:
    match expr:
        case Lit(text):
            return json.dumps(text, ensure_ascii=False)
        case Chars(body):
            return f"[{_gbnf_class(body)}]"
        case Ref(name):
            return _gbnf_name(name)
        case Term(name, _):
            return _gbnf_name(name)
        case Seq(parts):
            return (
                " ".join(f"({_gbnf(part)})" if isinstance(part, Alt) else _gbnf(part) for part in parts)
                or '""'
            )
        case Alt(parts):
            return " | ".join(map(_gbnf, parts))
        case Rep(part, least, most):
            single = isinstance(part, Ref | Term | Chars | Lit)
            return (_gbnf(part) if single else f"({_gbnf(part)})") + _times(least, most)
    raise TypeError(expr)


def _gbnf_class(body: str) -> str:
    return body.replace("\r", r"\r").replace("\n", r"\n").replace(r"\'", "'").replace('"', r"\"")
