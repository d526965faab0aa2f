"""How often something that grows may be sent whole.

JSON Patch and A2UI's data model can put a string but not add to one, so each step of a growing string costs
its whole length. Sent at every token that is quadratic. Two ways out were weighed: a clock (ten times a
second), which this room has not, and which is quadratic still; or growth: again when it is a quarter
longer. All steps together then weigh at most five times the string, and the first characters come at once.
"""

from __future__ import annotations

LEAST = 16
"""Characters that make a step, however short the string is."""


def due(sent: int, length: int) -> bool:
    """Whether a string of `length`, of which the client has `sent` characters, is to be sent again."""
    return length - sent >= max(LEAST, sent // 4) or (sent == 0 and length > 0)
