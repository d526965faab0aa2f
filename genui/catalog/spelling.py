"""Examples with every value named, for models that are to write so."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from genui.catalog.component import Component
from genui.catalog.schema import Prop

_OPEN = re.compile(r"<([A-Z][A-Za-z0-9]*)(?=[\s/>])")
_NAME = re.compile(r"[\w-]+=")
_BARE = re.compile(r"(?:[^\s/>]|/(?!>))+")
_JSON_STRING = re.compile(r'"(?:[^"\\]|\\.)*"', re.S)


def spelled_out(example: str, components: Mapping[str, Component]) -> str:
    """An example in which each value without a name has got it; of components that are not known, nothing
    is changed. For markup as authors write it, not for all that the recognizer reads."""
    written, at = [], 0
    for tag in _OPEN.finditer(example):
        component = components.get(tag[1])
        if component is None or tag.start() < at:  # within a value
            continue
        end = tag.end()
        pieces = list(_pieces(example, end))
        written += [example[at:end], *(f" {piece}" for piece in _named(component, pieces))]
        at = end = _end(example, end, pieces)
    return "".join([*written, example[at:]])


def _pieces(text: str, at: int) -> Iterator[str]:
    """What stands in an open tag behind its name: `prop=value`, or a value, or a word."""
    while True:
        at += len(text[at:]) - len(text[at:].lstrip())
        if at >= len(text) or text[at] == ">" or text.startswith("/>", at):
            return
        name = _NAME.match(text, at)
        end = _value_end(text, name.end() if name else at)
        yield text[at:end]
        at = end


def _value_end(text: str, at: int) -> int:
    if text[at] in "\"'":
        closing = re.compile(rf"{text[at]}(?=[\s/>])").search(text, at + 1)
        return closing.end() if closing else len(text)
    if text[at] == "{":
        return _braces_end(text, at)
    bare = _BARE.match(text, at)
    return bare.end() if bare else at + 1


def _braces_end(text: str, at: int) -> int:
    depth = 0
    while at < len(text):
        string = _JSON_STRING.match(text, at)
        if string:
            at = string.end()
            continue
        depth += (text[at] == "{") - (text[at] == "}")
        at += 1
        if depth == 0:
            break
    return at


def _end(text: str, at: int, pieces: list[str]) -> int:
    for piece in pieces:
        at = text.index(piece, at) + len(piece)
    return at


def _named(component: Component, pieces: list[str]) -> Iterator[str]:
    given = {piece.partition("=")[0] for piece in pieces if _NAME.match(piece)}
    for piece in pieces:
        prop = component.prop(piece)
        if _NAME.match(piece) or (prop is not None and prop.is_flag):
            yield piece
            continue
        free = next(
            (prop.name for prop in component.props if prop.name not in given and _takes(prop, piece)), ""
        )
        given.add(free)
        yield f"{free}={piece}" if free else piece


def _takes(prop: Prop, piece: str) -> bool:
    """Whether a prop is of the kind of a value without a name."""
    if not piece.startswith("{"):
        return prop.is_scalar
    return not prop.is_child and ("array" if piece.startswith("{[") else "object") in prop.shape.kinds
