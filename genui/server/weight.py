"""How props have grown."""

from __future__ import annotations

from genui.events import Json


def weight(value: Json) -> int:
    """About how many characters a value makes: enough to tell how props have grown."""
    if isinstance(value, str):
        return len(value)
    if isinstance(value, dict):
        return sum(len(key) + weight(part) for key, part in value.items())
    if isinstance(value, list):
        return sum(1 + weight(part) for part in value)
    return 4
