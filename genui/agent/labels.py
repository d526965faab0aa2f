"""Lines for people, with a tool's arguments in braces: "Looking up {city}…"."""

from __future__ import annotations

import re
from collections.abc import Mapping

LONGEST_VALUE = 80
"""Characters that one argument takes in a line."""

LONGEST_LINE = 240

_FIELD = re.compile(r"\{(\w+)\}")


class Label:
    """A template such as "Looking up {city}…"; `names` are the arguments that it names."""

    __slots__ = ("names", "text")

    def __init__(self, text: str) -> None:
        self.text = text
        self.names = frozenset(_FIELD.findall(text))

    def fill(self, values: Mapping[str, object]) -> str:
        """The line; a value that it names and that is not there, or null, shows as an ellipsis."""
        return one_line(_FIELD.sub(lambda found: _shown(values.get(found[1], "…")), self.text))


def one_line(text: str, longest: int = LONGEST_LINE) -> str:
    """`text` without line ends and not too long."""
    line = " ".join(text[: 4 * longest].split())
    return line if len(line) <= longest else line[: longest - 1] + "…"


def _shown(value: object) -> str:
    return one_line(_words(value), LONGEST_VALUE)


def _words(value: object) -> str:
    match value:
        case None:
            return "…"
        case bool():
            return "yes" if value else "no"
        case float() if value.is_integer():
            return str(int(value))
        case list():
            return ", ".join(map(_words, value))
        case dict():
            return ", ".join(f"{name}: {_words(one)}" for name, one in value.items())
    return str(value)
