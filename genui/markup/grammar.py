"""`tags.lark`, loaded once and warmed up.

A parser that only has to say yes or no need not build trees, so every rule yields None: the parser's
stack then stays as shallow as the tag is nested, however long its lists are. Terminals carry no text
into the parser either, which lets one ready-made token of each kind be fed again and again.
"""

from __future__ import annotations

from importlib.resources import files
from typing import Any

from lark import Lark, Token
from lark.parsers.lalr_interactive_parser import InteractiveParser

SOURCE = files(__package__).joinpath("tags.lark").read_text(encoding="utf-8")


class _Nothing:
    """Stands where Lark would build a tree."""

    def __new__(cls, *_: object) -> Any:
        return None


_LARK = Lark(SOURCE, parser="lalr", lexer="contextual", start="tag", tree_class=_Nothing)
TERMINALS = {terminal.name: Token(terminal.name, "") for terminal in _LARK.terminals}


def _begun() -> InteractiveParser:
    parser = _LARK.parse_interactive(start="tag")
    parser.feed_token(TERMINALS["LT"])
    parser.feed_token(TERMINALS["NAME"])
    return parser


_BEGUN = _begun()


def tag_parser() -> InteractiveParser:
    """A parser behind the name of an open tag."""
    return _BEGUN.copy(deepcopy_values=False)  # type: ignore[no-untyped-call, no-any-return]


def _warm_up() -> None:
    # Lark builds its scanners at the first use; the first user's first token should not wait for that.
    parser = tag_parser()
    for name in ("SLASH", "GT"):
        parser.feed_token(TERMINALS[name])
    parser.feed_eof()  # type: ignore[no-untyped-call]


_warm_up()
