"""What a screen reader, and the page's policy, would miss in the HTML that a widget drew."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from html.parser import HTMLParser
from typing import NamedTuple

_VOID = frozenset(
    ["area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "track", "wbr"]
)
_CONTROLS = frozenset({"input", "select", "textarea", "button", "a"})
_NAMED_BY_VALUE = frozenset({"submit", "reset", "button"})


class Problem(NamedTuple):
    """`markup` is the element's start tag as it was drawn, to find it in the template."""

    code: str
    what: str
    advice: str
    tag: str
    markup: str


@dataclass
class _Element:
    tag: str
    attributes: dict[str, str]
    parent: _Element | None
    markup: str
    text: list[str] = field(default_factory=list)

    def inside(self, tag: str) -> bool:
        """Whether an element of this kind encloses it."""
        above = self.parent
        return above is not None and (above.tag == tag or above.inside(tag))


class Outline(HTMLParser):
    """A widget's elements, in order, with the text in each."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self._elements: list[_Element] = []
        self._open: list[_Element] = []
        self.feed(html)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        attributes = {name: value or "" for name, value in attrs}
        element = _Element(
            tag, attributes, self._open[-1] if self._open else None, self.get_starttag_text() or ""
        )
        self._elements.append(element)
        if tag == "img":
            self.handle_data(attributes.get("alt", ""))
        elif "aria-label" in attributes:
            self.handle_data(attributes["aria-label"])
        if tag not in _VOID:
            self._open.append(element)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.handle_starttag(tag, attrs)
        self.handle_endtag(tag)

    def handle_endtag(self, tag: str) -> None:
        if any(element.tag == tag for element in self._open):
            while self._open.pop().tag != tag:
                pass

    def handle_data(self, data: str) -> None:
        for element in self._open:
            element.text.append(data)

    def problems(self) -> Iterator[Problem]:
        """What is wrong, element by element."""
        labelled = {label.attributes.get("for") for label in self._elements if label.tag == "label"}
        for element in self._elements:
            for code, what, advice in self._judged(element, labelled):
                yield Problem(code, f"<{element.tag}> {what}", advice, element.tag, element.markup)

    def _judged(self, element: _Element, labelled: set[str | None]) -> Iterator[tuple[str, str, str]]:
        if element.tag == "img" and "alt" not in element.attributes:
            yield "no-alt-text", "has no alt", 'say in `alt` what it shows; alt="" where it only decorates'
        if element.tag in _CONTROLS and not self._named(element, labelled):
            yield "unlabelled", "has no name", "give it a <label for>, text, or an aria-label"
        if "skeleton" in element.attributes.get("class", "").split():
            yield "skeleton-left", "is a skeleton and stays", 'show it only while state == "streaming"'

    def _named(self, element: _Element, labelled: set[str | None]) -> bool:
        given = element.attributes
        if given.get("type") == "hidden" or (element.tag == "a" and "href" not in given):
            return True
        if any(given.get(name, "").strip() for name in ("aria-label", "aria-labelledby", "title")):
            return True
        if element.tag in ("button", "a"):
            return bool("".join(element.text).strip()) or self._holds_slot(element)
        if element.tag == "input" and given.get("type") in _NAMED_BY_VALUE:
            return bool(given.get("value", "").strip())
        return (bool(given.get("id")) and given["id"] in labelled) or element.inside("label")

    def _holds_slot(self, element: _Element) -> bool:
        """Whether what names it comes from the page, through a slot."""
        return any(other.tag == "slot" and _is_in(other, element) for other in self._elements)


def _is_in(element: _Element, other: _Element) -> bool:
    above = element.parent
    return above is not None and (above is other or _is_in(above, other))
