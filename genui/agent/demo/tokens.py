"""Text cut where a language model's tokenizer would cut it.

Real vocabularies are megabytes and their cuts vary by model; what matters to whoever reads a stream is
their kind: a word's space stands before it, long words come in parts of about four characters, figures in
groups of at most three, punctuation on its own.
"""

from __future__ import annotations

import random
import re
import zlib
from collections.abc import Iterator

_UNITS = re.compile(r" ?[^\W\d_]+| ?\d{1,3}|[^\w\s]{1,2}|_+|\s+")
_LONGEST_WORD = 7


def cut(text: str) -> Iterator[str]:
    """The pieces of `text`, in order; joined they are the text. The same text is always cut the same."""
    dice = random.Random(zlib.crc32(text.encode()))  # noqa: S311 (no secret hangs on it)
    for unit in _UNITS.findall(text):
        yield from _parts(unit, dice) if len(unit) > _LONGEST_WORD else (unit,)


def _parts(unit: str, dice: random.Random) -> Iterator[str]:
    at = 0
    while at < len(unit):
        size = dice.randint(3, 5)
        yield unit[at : at + size]
        at += size
