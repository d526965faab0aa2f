"""Markdown between tags: where is code, in which nothing is recognized?

Follows CommonMark 0.31 (sections 2.4, 4.4, 4.5, 5.1, 5.2 and 6.1) as far as the past tells. Where the
specification would look ahead, the earliest decision stands: a run of backticks opens a code span at
once, whether or not its partner ever comes, and the span ends with its block at the latest.

Nothing is held back here: `Prose.advance` only classifies. Between the tags of a component indentation is
free, since models indent children as they please, so indented code exists at the top level only.
"""

from __future__ import annotations

import re

_STOP = re.compile(r"[<`\n\\]|\[(?=T|\Z)")
_STOP_INSIDE = re.compile(r"[<{`\n\\]|\[(?=T|\Z)")
MATTERS = _STOP_INSIDE
"""The characters that may matter in the middle of a line; any others are just text."""
_CODE_STOP = re.compile(r"[`\n]")
_PREFIX = re.compile(r"[ \t\r>\-*+0-9.)]*")
_PREFIX_LENGTH = 1000
_QUOTE = re.compile(r" {0,3}> ?")
_MARKER = re.compile(r"( {0,3}(?:[-*+]|(\d{1,9})[.)]))( +|\Z)")
_BREAK = re.compile(r" {0,3}(?:(?:- *){3,}|(?:\* *){3,})\Z")
_UNDERLINE = re.compile(r" {0,3}-+ *\Z")  # of a heading, under a paragraph
_FREE_PREFIX = re.compile(r"(?: *(?:>|[-*+]|\d{1,9}[.)]) )* *\Z")
_ESCAPABLE = frozenset("<`\\")
_QUOTED = 0  # stands for a block quote among the containers


def _marker(rest: str, blank: bool, *, interrupts: bool = False) -> re.Match[str] | None:
    """The marker of a list item. One that `interrupts` a paragraph must be a first item, with content."""
    marker = _MARKER.match(rest)
    if marker is None or (blank and _BREAK.match(rest)):
        return None
    if not marker.group(3) and not blank:
        return None  # no space behind it, and more text follows
    empty = blank and not rest[marker.end() :].strip()
    return None if interrupts and (empty or marker.group(2) not in (None, "1")) else marker


class Prose:
    """The Markdown context of one stretch of text: the top level, or a component's children."""

    __slots__ = (
        "_closing", "_containers", "_escaped", "_fence", "_indented", "_info", "_inside", "_may_fence",
        "_one_line", "_paragraph", "_prefix", "_run", "_run_char", "_span",
    )  # fmt: skip

    def __init__(self, *, inside: bool = False) -> None:
        self._inside = inside  # between the tags of a component
        self._prefix: str | None = ""  # of the line that has just begun, until its content does
        # Open list items, by the columns that their content is indented, and quotes.
        self._containers: tuple[int, ...] = ()
        self._paragraph = False  # the line before belongs to a paragraph, which this one may continue
        self._one_line = False  # this block is a heading and ends with its line
        self._indented = False  # this line is indented code
        self._fence: tuple[str, int] | None = None  # the open fence: its character and length
        self._info = False  # we are in the fence's first line
        self._closing = False  # this line closes the fence if nothing but space follows
        self._span = 0  # the backticks that opened the code span we are in
        self._run, self._run_char = 0, ""  # backticks or tildes in a row, so far
        self._may_fence = False  # the run began its line
        self._escaped = False

    @property
    def in_code(self) -> bool:
        """Whether the next character is code."""
        return self._fence is not None or self._indented or self._span > 0 or self._run > 0

    @property
    def at_line_start(self) -> bool:
        """Whether a line begins exactly here."""
        return self._prefix == ""

    @property
    def in_line(self) -> bool:
        """Whether what comes next is just text up to a character that `MATTERS`."""
        return self._prefix is None and not (self._run or self._escaped or self._closing)

    def after_tag(self) -> None:
        """A tag stood here: the line goes on behind it."""
        self._prefix = None
        self._paragraph = not self._one_line

    def advance(self, buffer: str, at: int) -> int:
        """Read text from `at`; returns the place of the next `<` outside code, or the buffer's end.

        It stops at a `[` that may begin `[TOOL_CALLS]`, too, and between the tags of a component at a `{`.
        """
        end = len(buffer)
        while at < end:
            if self._run:
                at = self._count_run(buffer, at)
            elif self._prefix is not None:
                at = self._read_prefix(buffer, at)
            elif self._escaped:
                self._escaped = False
                at += buffer[at] in _ESCAPABLE
            else:
                at = self._skip(buffer, at)
                if at < end and buffer[at] in "<{[" and not self.in_code:
                    return at
                if at < end:
                    at = self._stop(buffer[at], at)
        return end

    def _skip(self, buffer: str, at: int) -> int:
        """The next character that may matter."""
        if self._closing:
            return at
        stop = _CODE_STOP if self.in_code else _STOP_INSIDE if self._inside else _STOP
        found = stop.search(buffer, at)
        return found.start() if found is not None else len(buffer)

    def _stop(self, char: str, at: int) -> int:
        if char == "\n":
            self._end_line()
        elif self._closing:
            self._closing = char in " \t\r"
        elif char == "`":
            self._backtick()
        elif char == "\\":
            self._escaped = True
        return at + 1

    # Runs of backticks and tildes

    def _backtick(self) -> None:
        if self._indented:
            return
        if self._fence is not None:
            if not self._info or self._fence[0] == "~":
                return
            # A backtick in the first line of a fence: it was a code span.
            self._span, self._fence, self._info, self._paragraph = self._fence[1], None, False, True
        self._run, self._run_char, self._may_fence = 1, "`", False

    def _count_run(self, buffer: str, at: int) -> int:
        start = at
        while at < len(buffer) and buffer[at] == self._run_char:
            at += 1
        self._run += at - start
        if at < len(buffer):
            self._end_run()
        return at

    def _end_run(self) -> None:
        length, self._run = self._run, 0
        if self._fence is not None:
            char, least = self._fence
            self._closing = self._may_fence and self._run_char == char and length >= least
        elif self._may_fence and length >= 3:
            self._fence, self._info, self._span = (self._run_char, length), True, 0
        elif self._run_char == "`":
            self._span = length if self._span == 0 else self._span * (self._span != length)

    # Lines

    def _end_line(self) -> None:
        if self._closing:
            self._fence = None
            self._paragraph = False
        if self._one_line:
            self._span = 0
        self._prefix = ""
        self._closing = self._one_line = self._indented = self._info = False

    def _read_prefix(self, buffer: str, at: int) -> int:
        """Gather what may precede a line's content; classify the line where its content begins."""
        assert self._prefix is not None  # noqa: S101 – the state we are in
        run = _PREFIX.match(buffer, at, at + _PREFIX_LENGTH - len(self._prefix))
        assert run is not None  # noqa: S101 – it may be empty
        self._prefix += run.group()
        at = run.end()
        full = len(self._prefix) == _PREFIX_LENGTH
        if at == len(buffer) and not full:
            return at
        char = "x" if full else buffer[at]  # a prefix as long as that is content
        prefix, self._prefix = self._prefix.replace("\r", "").expandtabs(4), None
        self._begin_line(prefix, char)
        if char in "`~" and not self._indented:
            self._run, self._run_char = 1, char
            return at + 1
        return at

    def _begin_line(self, prefix: str, char: str) -> None:
        rest = prefix if self._inside else self._enter(prefix, char)
        blank = char == "\n" and not rest.strip()
        indent = len(rest) - len(rest.lstrip(" "))
        if self._inside:
            self._may_fence = _FREE_PREFIX.match(rest) is not None
        else:
            self._may_fence = indent < 4 and not rest.strip()
            self._indented = indent >= 4 and not (self._paragraph or self._fence or blank)
        if self._fence is None:
            ends = char == "\n" and (_BREAK.match(rest) or (self._paragraph and _UNDERLINE.match(rest)))
            self._begin_block(blank, char, is_break=bool(ends))

    def _begin_block(self, blank: bool, char: str, *, is_break: bool) -> None:
        if blank or is_break:
            self._span = 0
            self._paragraph = False
        elif char == "#" and self._may_fence:
            self._span = 0
            self._one_line = True
            self._paragraph = False
        elif not self._indented:
            self._paragraph = True

    # Block quotes and list items

    def _enter(self, prefix: str, char: str) -> str:
        """Match the open containers, close those that ended, open new ones; what is left of the prefix."""
        blank = char == "\n"
        rest, matched = self._match(prefix, blank)
        if matched < len(self._containers):
            lazy = self._paragraph and self._fence is None and not blank and not self._opens(rest, blank)
            if not (lazy and char not in "`~#"):
                self._containers = self._containers[:matched]
                self._fence, self._info, self._span, self._paragraph = None, False, 0, False
        return rest if self._fence is not None else self._open(rest, blank)

    def _match(self, rest: str, blank: bool) -> tuple[str, int]:
        for matched, columns in enumerate(self._containers):
            if columns == _QUOTED:
                quote = _QUOTE.match(rest)
                if quote is None:
                    return rest, matched
                rest = rest[quote.end() :]
            elif rest[:columns].strip() or len(rest) < columns:
                if not blank or rest.strip():
                    return rest, matched
            else:
                rest = rest[columns:]
        return rest, len(self._containers)

    def _opens(self, rest: str, blank: bool) -> bool:
        return _QUOTE.match(rest) is not None or _marker(rest, blank) is not None

    def _open(self, rest: str, blank: bool) -> str:
        while True:
            quote = _QUOTE.match(rest)
            marker = None if quote is not None else _marker(rest, blank, interrupts=self._paragraph)
            if quote is not None:
                self._containers += (_QUOTED,)
                rest = rest[quote.end() :]
            elif marker is not None:
                spaces = len(marker.group(3))
                spaces = spaces if 1 <= spaces <= 4 else 1
                columns = len(marker.group(1)) + spaces
                self._containers += (columns,)
                rest = rest[columns:]
            else:
                return rest
            self._span, self._paragraph = 0, False
