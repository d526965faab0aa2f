"""What is wrong with a component, said so that its author can mend it: where, what, and what to do."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from genui.errors import ComponentDefinitionError


@dataclass(frozen=True, slots=True)
class Finding:
    """One mistake. `line` is 1-based, 0 where none can be told; `advice` says what to do."""

    path: Path
    line: int
    code: str
    what: str
    advice: str
    severity: Literal["error", "warning"] = "error"

    @property
    def message(self) -> str:
        return f"{self.what}; {self.advice}" if self.advice else self.what

    @property
    def sort_key(self) -> tuple[str, int, str, str]:
        """By file, then from top to bottom."""
        return (str(self.path), self.line, self.code, self.what)

    def __str__(self) -> str:
        kind = f"{self.code} (warning)" if self.severity == "warning" else self.code
        return f"{self.path}:{self.line or 1}: {kind}: {self.message}"

    def as_error(self) -> ComponentDefinitionError:
        """The same for those who load and do not check: they stop at the first mistake."""
        where = f"{self.path}:{self.line}" if self.line else str(self.path)
        return ComponentDefinitionError(self.code, f"{where}: {self.message}")


def line_at(source: str, offset: int) -> int:
    """The 1-based line of a place in a text."""
    return source.count("\n", 0, offset) + 1


def line_of(source: str, text: str) -> int:
    """The line where `text` first stands in `source`, 0 where it does not."""
    at = source.find(text)
    return line_at(source, at) if at >= 0 else 0
