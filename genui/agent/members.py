"""The members of a JSON object whose text is still arriving, in time linear in its length.

jiter reads half a document, too, but each time from its beginning: a tool that is given a file of a
megabyte in pieces of four characters would be read a quarter of a million times. So the text is only cut
here, where members begin and end, and jiter reads each that is whole, once.
"""

from __future__ import annotations

import re
from typing import Any

import jiter

_MARK = re.compile(r'["{}\[\],:]')
_IN_STRING = re.compile(r'["\\]')


class ObjectReader:
    """Reads one object: what stands before its `{` is skipped, what follows its end is `rest`."""

    def __init__(self) -> None:
        self.closed = False
        self.rest = ""
        self._whole: dict[str, str] = {}  # the text of each member that has ended
        self._name: str | None = None
        self._parts: list[str] = []  # of the name or the value that is being read
        self._depth = 0
        self._in_string = False
        self._escaped = False

    def __contains__(self, name: str) -> bool:
        """Whether this member has arrived whole."""
        return name in self._whole

    def __getitem__(self, name: str) -> Any:
        """The value of a member that has arrived whole; None where its text is no JSON."""
        try:
            return jiter.from_json(self._whole[name].encode())
        except ValueError:
            return None

    def feed(self, text: str) -> list[tuple[str, str]]:
        """The next piece of text; what it holds of members' values, as (name, text of the value)."""
        told: list[tuple[str, str]] = []
        start = at = 0
        while at < len(text) and not self.closed:
            if self._escaped:
                self._escaped = False
                at += 1
                continue
            mark = (_IN_STRING if self._in_string else _MARK).search(text, at)
            if mark is None:
                break
            at = mark.end()
            start = self._mark(mark[0], text, start, at, told)
        if self.closed:
            self.rest += text[start:]
        else:
            self._keep(text[start:], told)
        return told

    def _mark(self, mark: str, text: str, start: int, end: int, told: list[tuple[str, str]]) -> int:
        """What a character that matters does; where the text begins that is not kept yet."""
        if mark == "\\":
            self._escaped = True
        elif mark == '"':
            self._in_string = self._depth > 0 and not self._in_string
        elif mark in "{[":
            self._depth += 1 if mark == "{" or self._depth else 0
            return end if self._depth <= 1 else start
        elif self._depth == 1 and (mark in ",}]" or self._name is None):
            self._keep(text[start : end - 1], told)
            self._end(mark)
            return end
        elif mark in "}]" and self._depth:
            self._depth -= 1
        return start

    def _keep(self, piece: str, told: list[tuple[str, str]]) -> None:
        if self._depth and piece:
            self._parts.append(piece)
            if self._name is not None:
                told.append((self._name, piece))

    def _end(self, mark: str) -> None:
        """A name or a value ends."""
        text = "".join(self._parts).strip()
        self._parts.clear()
        if mark == ":":
            self._name = text.strip("\"'")
            return
        if self._name is not None:
            self._whole[self._name] = text
        self._name = None
        self.closed = mark != ","
