"""Tags that a model wrapped in a code fence of their own, for a recognizer that is to render them.

A fence is taken off where its label says markup and the first thing in it is a component's tag. That is
decided at the character that delimits the tag's name; nothing later takes it back. What stands in the
fence is then read as if it stood between the tags of a component, up to the fence's closing line.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass

from genui.markup.prose import Prose

_OPENING = re.compile(r" {0,3}(`{3,16}|~{3,16})[ \t]{0,9}(?:jsx|tsx|html|xml)[ \t\r]{0,9}\n\s{0,200}(?!\s)")
_OPENING_BEGUN = re.compile(
    r""" {0,3}(?: (?:`{1,2}|~{1,2})?
    | (?:`{3,16}|~{3,16})[ \t]{0,9}(?: (?:j|js|t|ts|h|ht|htm|x|xm)?
    | (?:jsx|tsx|html|xml)[ \t\r]{0,9}(?:\n\s{0,200})? ) )\Z""".replace(" {0,3}", "[ ]{0,3}"),
    re.VERBOSE,
)
_CLOSING = re.compile(r" {0,3}(`{3,64}|~{3,64})[ \t\r]{0,64}(?:\n|(\Z))")
_CLOSING_BEGUN = re.compile(r" {0,3}(?:`{0,64}|~{0,64})[ \t\r]{0,64}\Z")


@dataclass(frozen=True, slots=True)
class Fence:
    """A fence that was taken off and waits for its closing line."""

    mark: str  # its backticks or tildes
    depth: int  # of the components around it
    prose: Prose  # the Markdown around it, to go on with

    def read_closing(self, buffer: str, at: int, *, final: bool) -> int | None:
        """Where the closing line at `at` ends; `at` if there is none, None while that is undecided."""
        line = _CLOSING.match(buffer, at)
        if line is not None and line.group(1).startswith(self.mark) and (final or line.group(2) is None):
            return line.end()
        return None if not final and _CLOSING_BEGUN.match(buffer, at) else at


def read_opening(
    buffer: str, at: int, is_tag: Callable[[int], bool | None], *, final: bool
) -> tuple[int, str] | None:
    """The fence that opens at `at`: where its tag begins, and its mark. None while that is undecided.

    Where there is none, it ends at `at`. `is_tag` says whether a component's tag begins at a place.
    """
    line = _OPENING.match(buffer, at)
    if line is None or line.end() == len(buffer):
        return None if not final and _OPENING_BEGUN.match(buffer, at) else (at, "")
    found = is_tag(line.end())
    if found is None:
        return (at, "") if final else None
    return (line.end(), line.group(1)) if found else (at, "")
