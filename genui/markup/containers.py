"""A list or an object of a prop's JSON, while it is being written."""

from __future__ import annotations

from dataclasses import dataclass

from genui.catalog import Shape
from genui.events import Json, Op, pointer_escape


@dataclass(slots=True)
class Container:
    """A list or an object that is open. `path` is None while nothing of it is delivered."""

    value: list[Json] | dict[str, Json]
    shape: Shape
    path: str | None
    key: str | None = None  # of an object: whose value comes next
    comma: bool = False  # since the last element

    @property
    def awaits_key(self) -> bool:
        """Whether what comes next is a key."""
        return isinstance(self.value, dict) and self.key is None

    def next_shape(self) -> Shape:
        """What belongs in the next element."""
        return self.shape.item() if isinstance(self.value, list) else self.shape.member(self.key or "")

    def next_path(self) -> str | None:
        """Where the next element will lie."""
        if self.path is None:
            return None
        step = len(self.value) if isinstance(self.value, list) else pointer_escape(self.key or "")
        return f"{self.path}/{step}"

    def delivery(self, value: Json) -> Op | None:
        """The op that puts the next element in a client's copy."""
        if self.path is None:
            return None
        if isinstance(self.value, list):
            return {"op": "push", "path": self.path, "value": value}
        return {"op": "set", "path": f"{self.path}/{pointer_escape(self.key or '')}", "value": value}

    def add(self, value: Json) -> None:
        """The next element, whole."""
        if isinstance(self.value, list):
            self.value.append(value)
        else:
            self.value[self.key or ""] = value
            self.key = None
