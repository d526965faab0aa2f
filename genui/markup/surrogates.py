"""Halves of surrogate pairs, which UTF-8 lacks: a client could never be sent them."""

from __future__ import annotations

import re

_HALF = re.compile("[\ud800-\udfff]")


class Surrogates:
    """Makes text well formed, in pieces: two halves are one character, a lone one is U+FFFD."""

    __slots__ = ("_high",)

    def __init__(self) -> None:
        self._high = ""

    def mend(self, text: str) -> str:
        """The text, well formed; a first half at its end is kept back for the next piece."""
        if text.isascii() and not self._high:
            return text
        text, self._high = self._high + text, ""
        if not _HALF.search(text):
            return text
        if "\ud800" <= text[-1] < "\udc00":
            text, self._high = text[:-1], text[-1]
        return text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")

    def end(self) -> str:
        """What was kept back, when the text has ended."""
        return "\ufffd" if self._high else ""
