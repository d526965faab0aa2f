"""One tag, read as it is written: the lexer cuts it, the grammar judges it, the builder fills the props.

`TagReader.read` consumes what it can and says how far it came; `outcome` is None until the tag has ended.
Where the grammar refuses a lexeme, what was begun is dropped and the grammar is set back to the place
between two props, which is always the same. A value in braces that is code and not JSON is passed over to
its closing brace in the same way.

A quote that never closes must not swallow the answer. The tag is given up where that shows: at the text's
end, at a limit, or at a quote inside the string that opens a value of another tag. `resume` then says how
much of the source was the tag; the recognizer reads the rest again.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from enum import Enum
from types import MappingProxyType
from typing import TypeAlias

from genui.catalog import Component
from genui.markup.builder import Builder
from genui.markup.grammar import BEGUN
from genui.markup.lexer import WORD_LENGTH, Lexer
from genui.markup.limits import Limits


class Outcome(Enum):
    """How a tag ended."""

    OPENED = "opened"  # with `>`
    CLOSED = "closed"  # with `/>`
    CUT = "cut"  # the text ended inside it, and what there is will do
    LOST = "lost"  # it cannot be saved


_TAG_END = re.compile(r"(?<![\s=\-])/?>")
"""What looks like the end of the tag inside a string whose quote was lost (`->` and `=>` do not)."""
_SAFE_PLACE = re.compile(rf"{_TAG_END.pattern}|(?=\n)|(?=<[A-Z])")
_TAG_IN_STRING = re.compile(r"<([A-Z][A-Za-z0-9]{0,63})\s(?:[^<>]*[\s=])?\Z")
_PROP_IN_STRING = re.compile(r"\s([A-Za-z][\w-]{0,63})=\Z")
_LOOKBACK = 400
_CHARS = {"DOUBLE": "CHARS", "SINGLE": "CHARS_SINGLE", "BACKTICK": "CHARS_BACKTICK"}
_CLOSES = ("RBRACE", "RSQUARE", "MISSING")
_CLOSING = {"]": "RSQUARE", "}": "RBRACE"}


class TagReader:
    """Reads an open tag from behind its name on; `source` is what was read of it before.

    `is_component` says whether a name is in the catalog. `dead` says up to which place in the
    source a quote (or "{") that opens is known to have no partner.
    """

    __slots__ = (
        "_attributes", "_buffer", "_chars_terminal", "_dead", "_end_at", "_is_component", "_lexer",
        "_limit_at", "_limits", "_place", "_raw", "_slash", "_start", "_string_at", "_words", "_words_at",
        "builder", "code", "length", "message", "outcome", "partnerless", "resume",
    )  # fmt: skip

    def __init__(
        self,
        component: Component,
        source: str,
        limits: Limits,
        is_component: Callable[[str], bool],
        dead: Mapping[str, int] = MappingProxyType({}),
    ) -> None:
        self.builder = Builder(component)
        self.outcome: Outcome | None = None
        self.code = self.message = ""  # if lost: why
        self.resume = 0  # if lost, or ended without a `>`: how much of the source was the tag
        self.partnerless = ("", 0)  # if a quote was lost: which, and up to where it has no partner
        self.length = len(source)
        self._raw = [source]
        self._limits = limits
        self._limit_at = limits.tag_length  # where in the source the tag, or its open string, is too long
        self._is_component = is_component
        self._dead = dead
        self._lexer = Lexer()
        self._chars_terminal: str | None = None
        self._attributes = 0  # names with a `=`, declared or not
        self._slash = False  # whether the last lexeme was `/`
        self._string_at = 0  # where in the source the string or the braces began
        self._words = 0  # bare words that name no prop, as prose has them
        self._words_at = 0  # where in the source the first of them begins
        self._buffer, self._start, self._end_at = "", 0, 0  # what is being read, from where, how far
        self._place = BEGUN

    @property
    def source(self) -> str:
        """The tag as it was written, so far."""
        return "".join(self._raw)

    def _so_far(self) -> str:
        """The same, with what is being read."""
        return self.source + self._buffer[self._start : self._end_at]

    def _opener(self) -> str:
        """What is open, as `dead` names it. Quotes close in other places inside braces than outside."""
        if self._lexer.quote:
            return self._lexer.quote + "{" * bool(self._lexer.brackets)
        return self._lexer.comment or "{"

    def read(self, buffer: str, at: int, final: bool) -> int:
        """Consume from `at` on; returns how far. Sets `outcome` when the tag has ended."""
        self._buffer, self._start, self._end_at = buffer, at, at
        # In names of their own, since this is the innermost loop.
        take_next, shift, end = self._lexer.next, self.length - at, len(buffer)
        given, most_props = self.builder.given, self._limits.props
        while at < end and self.outcome is None:
            lexeme = take_next(buffer, at, final)
            if lexeme is None:
                if at < len(buffer) and buffer[at] not in "=/" and not self._lexer.comment:
                    self.builder.settle()  # no `=` is to come
                break
            kind, text, self._end_at = lexeme
            if kind != "SKIP":
                self._take(kind, text, at)
            at = self._end_at
            if shift + at > self._limit_at or len(given) > most_props:
                self._check_limits()
        if at > self._start:
            self._raw.append(buffer[self._start : at])
        self.length += at - self._start
        self._buffer, self._start, self._end_at = "", 0, 0
        if final and self.outcome is None:
            self._cut()
        return at

    # One lexeme

    def _take(self, kind: str, text: str, at: int) -> None:
        if kind == "ENDLESS":
            self._endless()
        elif self._lexer.code:
            self._pass_over()
        elif kind == "CHARS":
            self._chars(text)
        elif kind in _BEFORE_GRAMMAR:
            _BEFORE_GRAMMAR[kind](self, text, at)
        elif self._accepts(kind, text) or self._recovers(kind, text):
            action = _ACTIONS.get(kind)
            if action is not None:
                action(self, text, at)
        self._slash = kind == "SLASH"

    def _accepts(self, kind: str, text: str = "") -> bool:
        """Whether the grammar takes this lexeme here; if so, it has."""
        if kind in ("OPEN", "CLOSE"):
            kind = self._lexer.terminal
        elif kind == "MISSING":
            kind = _CLOSING[text]
        place = self._place.after(kind)
        if place is None:
            return False
        self._place = place
        return True

    def _recovers(self, kind: str, text: str) -> bool:
        """The grammar refuses this lexeme: drop what was begun. Whether it fits at the next prop instead."""
        if kind == "STRAY" and text in "]}":
            self.builder.settle()
            self.builder.warn(f"`{text}` was ignored")
            return False
        if self._lexer.brackets:
            self._lexer.code = True  # or an expression: its closing brace tells
            return False
        self.builder.forget()
        self._place = BEGUN
        if self._accepts(kind, text):
            return True
        self._place = BEGUN
        if kind not in _CLOSES:
            self.builder.warn(f"`{text}` was ignored")
        return False

    def _pass_over(self) -> None:
        """Inside code: nothing is read, up to its closing brace. A `$name` makes it an expression."""
        if not self._lexer.brackets:
            self._lexer.code = False
            self._lexer.nested = 0
            self._place = BEGUN
            self.builder.code(self._behind(self._string_at, self._end_at))

    def _equals(self) -> None:
        self._attributes += 1
        if self._attributes > self._limits.props:
            self._lose_to_props()
            return
        self._lexer.valued = True
        self.builder.equals()

    def _supply(self, bracket: str) -> None:
        self.builder.warn(f"a closing `{bracket}` was missing")
        self._close_bracket(bracket)

    def _escaped_quote(self, text: str) -> None:
        self.builder.warn("a backslash before a quote was dropped; markup writes &quot;")
        self._chars(text)

    def _close_string(self) -> None:
        self._limit_at = self._limits.tag_length
        self.builder.close_string()

    def _close(self) -> None:
        self.builder.settle()
        self._end(Outcome.CLOSED if self._slash else Outcome.OPENED)

    def _endless(self) -> None:
        self._lose("word-too-long", f"a bare word is longer than {WORD_LENGTH} characters")

    def _word(self, text: str, at: int) -> None:
        if self.builder.word(text):
            self._words += 1
            if self._words == 1:
                self._words_at = self._offset(at)

    def _open_comment(self, at: int) -> None:
        if not self._lexer.brackets:
            self._string_at = self._offset(at)
        if self._offset(at) < self._dead.get(self._opener(), 0):
            self._lose("unclosed-tag", "a comment is opened and never closed", self._offset(at) + 2)
        self.builder.warn("comments in a tag are skipped")

    def _open_bracket(self, text: str, at: int) -> None:
        if len(self._lexer.brackets) == 1:
            self._string_at = self._offset(at)
            if self._string_at < self._dead.get("{", 0):
                self._lose("unclosed-tag", "a brace is opened and never closed", self._offset(at) + 1)
            self.builder.open_braces()
            if text == "{":
                return
        if len(self._lexer.brackets) > self._limits.json_depth:
            self._lose("too-deep", f"JSON is nested deeper than {self._limits.json_depth}")
        else:
            self.builder.open_container("[" if text == "[" else "{")

    def _close_bracket(self, text: str) -> None:
        if text == "}" and not self._lexer.brackets:
            self.builder.close_braces()
        else:
            self.builder.close_container()

    # Strings

    def _open_string(self, quote: str, at: int) -> None:
        if not self._lexer.brackets:
            self._string_at = self._offset(at)
        if self._offset(at) < self._dead.get(self._opener(), 0):
            self._lose("unclosed-tag", f"a {quote} is opened and never closed", self._offset(at) + 1)
            return
        self._limit_at = min(self._limits.tag_length, self._offset(at) + self._limits.string_length)
        self._judge_quote(quote)
        chars = _CHARS[self._lexer.terminal]
        self._chars_terminal = "JSON_" + chars if self._lexer.brackets else chars
        self.builder.open_string()

    def _judge_quote(self, quote: str) -> None:
        if quote in "“”‘’":
            self.builder.warn("curly quotes were read as straight ones")
        elif quote == "`":
            self.builder.warn("backticks were read as quotes; nothing in a template literal is run")
        elif quote == "'" and self._lexer.brackets:
            self.builder.warn("single quotes in braces were read as double ones")

    def _chars(self, text: str) -> None:
        if self._chars_terminal is not None:  # a run is one terminal, in however many pieces it comes
            self._accepts(self._chars_terminal)
            self._chars_terminal = None
        self.builder.chars(text)

    def _inner_quote(self, quote: str, at: int) -> None:
        tail = self._tail(at) if self._may_open(at) else ""
        tag = _TAG_IN_STRING.search(tail)
        if tag is not None and self._is_component(tag.group(1)):
            end = self._safe_place(self._offset(at))
            self._lose("unclosed-tag", f"a {self._lexer.quote} is opened and never closed", end)
            return
        prop = None if self._lexer.brackets else _PROP_IN_STRING.search(tail)
        if prop is not None and self.builder.expects(prop.group(1)):
            self._begin_next_prop(prop, quote, at)
            return
        reference = "&#39;" if quote == "'" else "&quot;"
        self.builder.warn(
            f"a {quote} inside a string was kept; write {reference} or use the other kind of quotes"
        )
        self._chars(quote)

    def _begin_next_prop(self, prop: re.Match[str], quote: str, at: int) -> None:
        """The open string never got its quote: at this one, the value of the prop after it begins."""
        self.builder.lost_quote(prop.group(), prop.group(1))
        for terminal in (self._lexer.terminal, "PROP", "EQ", self._lexer.terminal):
            self._accepts(terminal)
        self._open_string(quote, at)

    def _may_open(self, at: int) -> bool:
        before = self._buffer[at - 1] if at > self._start else self._raw[-1][-1:]
        return before == "=" or before.isspace()

    def _tail(self, at: int) -> str:
        """The last characters of the open string as it was written."""
        return self._behind(max(self._string_at + 1, self._offset(at) - _LOOKBACK), at)

    def _behind(self, start: int, at: int) -> str:
        """The tag's source from `start` on, up to a place in the buffer."""
        length = self._offset(at) - start
        pieces = [self._buffer[self._start : at][-length:] if length else ""]
        for piece in reversed(self._raw):
            missing = length - sum(map(len, pieces))
            if missing <= 0:
                break
            pieces.append(piece[-missing:])
        return "".join(reversed(pieces))

    # The end

    def _offset(self, at: int) -> int:
        """A place in the buffer as a place in the tag's source."""
        return self.length + at - self._start

    def _end(self, outcome: Outcome) -> None:
        self.outcome = outcome

    def _ended(self) -> None:
        if self._words > 1:
            self._lose_to_prose()
            return
        self.builder.settle()
        self.builder.warn("the tag's `>` was missing")
        self.resume = len(self._so_far().rstrip())
        self._end(Outcome.OPENED)

    def _cut(self) -> None:
        """The text ends inside the tag."""
        lexer = self._lexer
        lost = _TAG_END if lexer.quote else _SAFE_PLACE if lexer.comment else None
        if lexer.code or (lost is not None and lost.search(self.source, self._string_at)):
            what = lexer.quote or ("comment" if lexer.comment else "brace")
            self.partnerless = (self._opener(), self.length)
            end = self._safe_place(self.length)
            self._lose("unclosed-tag", f"a {what} is opened and never closed", end)
            return
        if self._words > 1:
            self._lose_to_prose()
            return
        if lexer.quote:
            self.builder.cut_string()
        if lexer.brackets:
            self.builder.close_containers()
            self.builder.close_braces()
        self.builder.settle()
        self.builder.warn("the text ended inside the tag")
        self._end(Outcome.CUT)

    def _check_limits(self) -> None:
        limits = self._limits
        if self.outcome is not None:
            return
        if self._offset(self._end_at) <= self._limit_at:
            self._lose_to_props()
        elif self._limit_at < limits.tag_length:
            self.partnerless = (self._opener(), self._limit_at)
            message = f"a string is longer than {limits.string_length} characters"
            self._lose("string-too-long", message, self._safe_place(self._limit_at))
        else:
            # The place to resume must not depend on how much more has already arrived.
            message = f"the tag is longer than {limits.tag_length} characters"
            self._lose("tag-too-long", message, limits.tag_length)

    def _lose_to_props(self) -> None:
        self._lose("too-many-props", f"the tag has more than {self._limits.props} props")

    def _lose(self, code: str, message: str, resume: int | None = None) -> None:
        self.outcome = Outcome.LOST
        self.code, self.message = code, message
        self.resume = self._offset(self._end_at) if resume is None else resume

    def _lose_to_prose(self) -> None:
        """Words that name nothing show that prose goes on behind a tag that never ended."""
        before = self._so_far()[: self._words_at]
        end = _TAG_END.search(before)
        self._lose("unclosed-tag", "the tag is never closed", end.end() if end else len(before.rstrip()))

    def _safe_place(self, end: int) -> int:
        """Where before `end` the source of a tag with a lost quote may have ended."""
        found = _SAFE_PLACE.search(self._so_far(), self._string_at + 1, end)
        return found.end() if found is not None else end


# ruff: noqa: ARG005 – every action is called alike
_Action: TypeAlias = Callable[[TagReader, str, int], object]
_BEFORE_GRAMMAR: dict[str, _Action] = {
    "ESCAPED": lambda tag, text, at: tag._escaped_quote(text),
    "COMMENT": lambda tag, text, at: tag._open_comment(at),
    "INNER": lambda tag, text, at: tag._inner_quote(text, at),
    "ENDED": lambda tag, text, at: tag._ended(),
}
"""What the lexemes do that are no terminals of the grammar."""
_ACTIONS: dict[str, _Action] = {
    "PROP": lambda tag, text, at: tag.builder.name(text),
    "WORD": lambda tag, text, at: tag._word(text, at),
    "VALUE": lambda tag, text, at: tag.builder.word(text),
    "NUMBER": lambda tag, text, at: tag.builder.number(text),
    "EQ": lambda tag, text, at: tag._equals(),
    "COMMA": lambda tag, text, at: tag.builder.comma(),
    "OPEN": lambda tag, text, at: tag._open_string(text, at),
    "CLOSE": lambda tag, text, at: tag._close_string(),
    "JSON_WORD": lambda tag, text, at: tag.builder.json_word(text),
    "JSON_NUMBER": lambda tag, text, at: tag.builder.json_word(text),
    "DOLLAR": lambda tag, text, at: tag.builder.json_word(text),
    "LBRACE": lambda tag, text, at: tag._open_bracket(text, at),
    "LSQUARE": lambda tag, text, at: tag._open_bracket(text, at),
    "RBRACE": lambda tag, text, at: tag._close_bracket(text),
    "RSQUARE": lambda tag, text, at: tag._close_bracket(text),
    "MISSING": lambda tag, text, at: tag._supply(text),
    "GT": lambda tag, text, at: tag._close(),
}
"""What each lexeme does once the grammar has taken it."""
