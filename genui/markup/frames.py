"""The components that are open, innermost last, and what each still owes."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from genui.catalog import Component, Prop
from genui.events import Json
from genui.markup.prose import Prose


@dataclass(slots=True)
class Frame:
    """A component between its open and its close tag."""

    component: Component
    id: str
    parent: str | None  # where the component itself stands
    props: dict[str, Json]
    warnings: list[str]
    prose: Prose  # the Markdown around it, to go on with after its close tag
    failed: bool = False  # its error is out; its children stand where it stood
    has_text: bool = False
    source: str = ""  # of the open tag, where children may turn out to be missing
    children: set[str] = field(default_factory=set)  # names of the components between its tags
    outer: Frame | None = None  # the component around it
    depth: int = 0  # how many are open, with this one

    @property
    def parent_of_content(self) -> str | None:
        """The id that text and components inside carry as their parent."""
        return self.parent if self.failed else self.id

    def missing_children(self) -> Iterator[Prop]:
        """The required props that child tags should have filled and did not. A list may be empty."""
        for prop in self.component.props:
            if prop.is_child and prop.required and not prop.is_list and not self._fills(prop):
                yield prop

    def _fills(self, prop: Prop) -> bool:
        if not prop.refs:
            return self.has_text or bool(self.children)
        return not self.children.isdisjoint(prop.refs)
