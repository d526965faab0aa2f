"""`tags.lark`, loaded once, and what Lark decides about it, remembered.

A parser that only has to say yes or no needs no trees: every rule yields None, and what remains of it is
its stack of states, which stays as shallow as the tag is nested, however long its lists are. So there are
few different stacks, and the same ones come again in every tag. A `Place` is one of them. The first time a
terminal comes at a place, a copy of Lark's own parser is fed with it; from then on the answer is looked up,
which costs a tenth. Lark decides everything, once.

Places cannot be broken: a refused terminal leaves the place as it was, where Lark's `feed_token` may have
reduced before it raised.
"""

from __future__ import annotations

from importlib.resources import files
from typing import Any

from lark import Lark, Token
from lark.exceptions import UnexpectedToken
from lark.parsers.lalr_interactive_parser import InteractiveParser

SOURCE = files(__package__).joinpath("tags.lark").read_text(encoding="utf-8")
_MOST_PLACES = 4096  # well over what ordinary tags need; nesting of every kind could make billions


class _Nothing:
    """Stands where Lark would build a tree."""

    def __new__(cls, *_: object) -> Any:
        return None


_LARK = Lark(SOURCE, parser="lalr", lexer="contextual", start="tag", tree_class=_Nothing)
_TOKENS = {terminal.name: Token(terminal.name, "") for terminal in _LARK.terminals}


class Place:
    """How far the grammar has come in a tag. Immutable to those who use it, shared by all tags."""

    __slots__ = ("_after", "_parser")

    _known: dict[tuple[Any, ...], Place] = {}  # noqa: RUF012 – the memory of the class, by stack of states

    def __init__(self, parser: InteractiveParser) -> None:
        self._parser = parser
        self._after: dict[str, Place | None] = {}

    def after(self, terminal: str) -> Place | None:
        """The place behind one more terminal; None if the grammar refuses it, or knows no such terminal."""
        try:
            return self._after[terminal]
        except KeyError:
            return self._ask_lark(terminal)

    def _ask_lark(self, terminal: str) -> Place | None:
        token = _TOKENS.get(terminal)
        place = self._fed(token) if token is not None else None
        if len(Place._known) < _MOST_PLACES:
            self._after[terminal] = place
        return place

    def _fed(self, token: Token) -> Place | None:
        parser = self._parser.copy(deepcopy_values=False)  # type: ignore[no-untyped-call]
        try:
            parser.feed_token(token)
        except UnexpectedToken:
            return None
        stack = tuple(parser.parser_state.state_stack)
        place = Place._known.get(stack)
        if place is None:
            place = Place(parser)
            if len(Place._known) < _MOST_PLACES:
                Place._known[stack] = place
        return place


def _begun() -> Place:
    # Lark builds its scanners at the first use: better now than at the first user's first token.
    place: Place | None = Place(_LARK.parse_interactive(start="tag"))
    for terminal in ("LT", "NAME"):
        place = place.after(terminal) if place is not None else None
    assert place is not None  # noqa: S101 – so the grammar begins
    return place


BEGUN = _begun()
"""Behind the name of an open tag, and between any two of its props."""
