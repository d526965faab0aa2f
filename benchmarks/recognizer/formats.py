"""Screens in the formats of the contenders, each as its own documentation has models write it."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from html import escape
from itertools import count
from typing import Any, TypeVar

from benchmarks.recognizer.screens import SCHEMA, Element, Screen, screens

Named = TypeVar("Named")


def document(length: int) -> Screen:
    """About `length` characters' worth of screens, as our markup writes them."""
    elements: list[Element] = []
    written = 0
    for screen in screens():
        elements.extend(screen)
        written += len(markup(screen))
        if written > length - len(markup(screen)) / 2:
            break
    return tuple(elements)


def _json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False)


def _compact(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def markup(screen: Screen) -> str:
    """Our markup: Markdown with tags."""
    return "\n\n".join(map(_tag, screen)) + "\n\n"


def _tag(element: Element) -> str:
    if element.name == "Text":
        return str(element.props["text"])
    attributes = "".join(f" {name}={_value(value)}" for name, value in element.props.items())
    if not element.children:
        return f"<{element.name}{attributes}/>"
    inside = "\n".join(map(_tag, element.children))
    return f"<{element.name}{attributes}>\n{inside}\n</{element.name}>"


def _value(value: Any) -> str:
    if isinstance(value, str):
        return f'"{escape(value, quote=True)}"'
    return f"{{{_json(value)}}}" if isinstance(value, list) else _json(value)


def html(screen: Screen) -> str:
    """HTML with custom elements; lists are JSON in their attributes."""
    return "\n".join(map(_html, screen)) + "\n"


def _html(element: Element) -> str:
    if element.name == "Text":
        return f"<p>{escape(element.props['text'], quote=False)}</p>"
    name = f"x-{element.name.lower()}"
    attributes = "".join(f' {key}="{_attribute(value)}"' for key, value in element.props.items())
    return f"<{name}{attributes}>{''.join(map(_html, element.children))}</{name}>"


def _attribute(value: Any) -> str:
    return escape(value if isinstance(value, str) else _json(value), quote=True)


def openui(screen: Screen) -> str:
    """OpenUI Lang: one statement an element, each after the one that refers to it; the root first."""
    return "".join(f"{name} = {call}\n" for name, call in _named(Element("Stack", {}, screen), _call))


def _call(element: Element, children: list[str]) -> str:
    arguments = (
        f"[{', '.join(children)}]" if name == "children" else _json(element.props[name])
        for name in SCHEMA["$defs"][element.name]["properties"]
    )
    return f"{element.name}({', '.join(arguments)})"


def json_render(screen: Screen) -> str:
    """json-render's SpecStream: one JSON Patch a line."""
    root = Element("Stack", {}, screen)
    lines = [{"op": "add", "path": "/root", "value": "root"}, {"op": "add", "path": "/elements", "value": {}}]
    lines += [
        {"op": "add", "path": f"/elements/{name}", "value": value} for name, value in _named(root, _spec)
    ]
    return "".join(f"{_compact(line)}\n" for line in lines)


def _spec(element: Element, children: list[str]) -> dict[str, Any]:
    return {"type": element.name, "props": dict(element.props), "children": children}


def _named(root: Element, write: Callable[[Element, list[str]], Named]) -> Iterator[tuple[str, Named]]:
    """Each element, parents first, with the names of its children."""
    numbers = count(1)

    def below(name: str, element: Element) -> Iterator[tuple[str, Named]]:
        names = [f"e{next(numbers)}" for _ in element.children]
        yield name, write(element, names)
        for child_name, child in zip(names, element.children, strict=True):
            yield from below(child_name, child)

    return below("root", root)


def tree(screen: Screen) -> str:
    """One JSON object, as a model writes it for a schema of `{type, props, children}`."""
    return _compact({"ui": list(map(_node, screen))})


def _node(element: Element) -> dict[str, Any]:
    node: dict[str, Any] = {"type": element.name, "props": dict(element.props)}
    return node | {"children": list(map(_node, element.children))} if element.children else node


def hashbrown(screen: Screen) -> str:
    """One JSON object, as hashbrown's own schema of components has it."""
    return _compact({"ui": list(map(_keyed, screen))})


def _keyed(element: Element) -> dict[str, Any]:
    node: dict[str, Any] = {"props": dict(element.props)}
    if element.name == "Card":
        node["children"] = list(map(_keyed, element.children))
    return {element.name: node}


FORMATS: dict[str, Callable[[Screen], str]] = {
    "markup": markup,
    "html": html,
    "openui": openui,
    "json-render": json_render,
    "json": tree,
    "hashbrown": hashbrown,
}
"""Name → writer."""
