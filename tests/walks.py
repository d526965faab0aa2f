"""Random answers under a grammar: llguidance says which byte may come, dice choose among them.

A walk is free for a while and then heads for an end: closing tags, strings and brackets first. It speaks
bytes, so that nothing depends on a vocabulary.
"""

from __future__ import annotations

import random

from llguidance import LLMatcher, LLTokenizer

TOKENIZER = LLTokenizer("byte")
NAMES = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ"
FAVORITES = b'<<<<<</>"" ={}[],`'
PLAIN = b"abcde fghij klmno pqrst uvwxyz 0123456789.-\n\n"
CLOSERS = b'/>}]"`<\n'


class Walker:
    """Walks under one grammar. `free` is the bytes before it heads for an end, `patience` those after."""

    def __init__(self, grammar: str, *, free: int = 120, patience: int = 3000) -> None:
        self._start = LLMatcher(TOKENIZER, LLMatcher.grammar_from_lark(grammar))
        assert not self._start.is_error(), self._start.get_error()
        self._free = free
        self._patience = patience

    def walk(self, seed: int) -> str:
        """One whole answer."""
        dice, matcher, text = random.Random(seed), self._start.deep_copy(), bytearray()  # noqa: S311
        free = dice.randrange(self._free)
        while len(text) < free + self._patience:
            allowed = matcher.compute_logit_bias()
            if len(text) >= free and matcher.is_accepting():
                return text.decode()
            byte = self._choose(allowed, dice, bytes(text[-1:]), heading_home=len(text) >= free)
            if byte is None:
                break
            matcher.consume_token(byte)
            assert not matcher.is_error(), matcher.get_error()
            text.append(byte)
        assert matcher.is_accepting(), f"a dead end: {bytes(text)!r}"
        return text.decode()

    def _choose(self, allowed: bytes, dice: random.Random, last: bytes, *, heading_home: bool) -> int | None:
        choices = [byte for byte in range(256) if allowed[byte]]
        if not choices:
            return None
        if heading_home:
            closing = [byte for byte in CLOSERS if allowed[byte]]
            if last in (b"\n", b"`") and allowed[0x60] and dice.random() < 0.7:
                return 0x60  # a fence ends with a line of its own
            if closing:
                return closing[0] if last in (b"<", b" ") else dice.choice(closing)
        for liked, odds in ((NAMES, 0.2 if allowed[0x61] else 0.9), (FAVORITES, 0.35), (PLAIN, 0.85)):
            found = [byte for byte in liked if allowed[byte]]
            if found and dice.random() < odds:
                return dice.choice(found)
        return dice.choice(choices)
