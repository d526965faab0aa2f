"""How many tokens a text is: counted with OpenAI's o200k vocabulary where the package that carries it is
installed (`bpe-openai`, one of the developers' tools), estimated from its length where it is not."""

from __future__ import annotations

import warnings
from collections.abc import Callable
from functools import cache

_LETTERS_PER_TOKEN = 5.2
"""Measured on the system prompt of the built-in components."""


@cache
def _encoder() -> Callable[[str], int] | None:
    with warnings.catch_warnings():  # it reads its vocabulary in a way that Python is about to drop
        warnings.simplefilter("ignore", DeprecationWarning)
        try:
            from bpe_openai import get_encoding  # type: ignore[import-untyped, unused-ignore]
        except ImportError:
            return None
        encoding = get_encoding("o200k_base")
        encoding.encode("")
    return lambda text: len(encoding.encode(text))


def is_exact() -> bool:
    """Whether `count_tokens` counts, and does not estimate."""
    return _encoder() is not None


def count_tokens(text: str) -> int:
    """The tokens of a text."""
    counting = _encoder()
    return counting(text) if counting else round(len(text) / _LETTERS_PER_TOKEN)
