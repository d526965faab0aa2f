"""What the same trees cost in tokens in four ways of writing them: `python -m benchmarks.tokens DIR`.

DIR holds text as models write it, a screen a file (`*.md`). Each is recognized, and the tree that it comes
to is written as

- plain JSX: every prop named, every value quoted or in braces;
- compact markup: values without names where their place tells the prop, words and numbers bare, `</>`;
- minified JSON: `{"type", "props", "children"}`, text as strings;
- JSON Patch lines (RFC 6902): one `add` a node into a flat map of elements, as json-render and others stream.

Props that hold their default are left out of all, and blank lines between nodes out of JSON. Both kinds of
markup are recognized again, and must come to the same tree. Tokens are those of o200k, counted by
bpe-openai, one of the developers' tools.
"""

from __future__ import annotations

import argparse
import json
import re
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TypeAlias

from genui import Catalog, Recognizer
from genui.catalog import count_tokens, is_exact
from genui.events import ComponentError, Json, RenderComponent, Text

RATE = 60
"""Tokens a second."""

_PLAIN = re.compile(r'[^"\\&]*\Z')
_WORD = re.compile(r"[A-Za-z][A-Za-z0-9_-]*\Z")


@dataclass(frozen=True, slots=True)
class Element:
    """A component, the props that differ from their defaults, and what stands in it."""

    name: str
    props: dict[str, Json]
    children: tuple[Node, ...] = ()


Node: TypeAlias = "Element | str"


def tree_of(text: str, catalog: Catalog) -> tuple[Node, ...]:
    """What the recognizer makes of a text. Raises ValueError where it finds a mistake."""
    recognizer = Recognizer(catalog)
    inside: dict[str | None, list[Text | RenderComponent]] = {None: []}
    for event in [*recognizer.feed(text), *recognizer.close()]:
        if isinstance(event, ComponentError):
            raise ValueError(f"{event.name}: {event.message}")
        if isinstance(event, RenderComponent) and event.warnings:
            raise ValueError(f"{event.name}: {' '.join(event.warnings)}")
        if isinstance(event, Text):
            inside.setdefault(event.parent, []).append(event)
        elif isinstance(event, RenderComponent):
            _place(event, inside)
    return _nodes(None, inside, catalog)


def _place(event: RenderComponent, inside: dict[str | None, list[Text | RenderComponent]]) -> None:
    """Where it opened, with the props that it has at its end."""
    siblings = inside.setdefault(event.parent, [])
    for at, known in enumerate(siblings):
        if isinstance(known, RenderComponent) and known.id == event.id:
            siblings[at] = event
            return
    siblings.append(event)


def _nodes(
    parent: str | None, inside: dict[str | None, list[Text | RenderComponent]], catalog: Catalog
) -> tuple[Node, ...]:
    found: list[Node] = []
    for event in inside.get(parent, []):
        if isinstance(event, RenderComponent):
            props = dict(_given(event, catalog))
            found.append(Element(event.name, props, _nodes(event.id, inside, catalog)))
        elif found and isinstance(found[-1], str):
            found[-1] += event.text
        else:
            found.append(event.text)
    return tuple(found)


def _given(event: RenderComponent, catalog: Catalog) -> Iterator[tuple[str, Json]]:
    """The props that are not at their defaults, in declared order."""
    defaults = catalog[event.name].defaults
    for prop in catalog[event.name].props:
        value = event.props.get(prop.name)
        if value is not None and not (prop.name in defaults and defaults[prop.name] == value):
            yield prop.name, value


def jsx(nodes: Sequence[Node], catalog: Catalog) -> str:
    """Every prop named, as one would write it in a React component."""
    del catalog
    return "".join(node if isinstance(node, str) else _jsx(node) for node in nodes)


def _jsx(node: Element) -> str:
    head = " ".join([f"<{node.name}", *(f"{key}={_quoted(value)}" for key, value in node.props.items())])
    inner = "".join(child if isinstance(child, str) else _jsx(child) for child in node.children)
    return f"{head}>{inner}</{node.name}>" if node.children else f"{head}/>"


def compact(nodes: Sequence[Node], catalog: Catalog) -> str:
    """As short as the markup allows: `genui prompt --style compact` teaches it."""
    return "".join(node if isinstance(node, str) else _compact(node, catalog) for node in nodes)


def _compact(node: Element, catalog: Catalog) -> str:
    inner = compact(node.children, catalog)
    end = f">{inner}</>" if node.children else "/>"
    for head in _heads(node, catalog):
        if _props_of(head + "/>", catalog) == node.props:
            return head + end
    return _jsx(node)


def _heads(node: Element, catalog: Catalog) -> Iterator[str]:
    """An opening tag with as many values without names as may be, then with fewer."""
    names = [prop.name for prop in catalog[node.name].props if prop.name in node.props]
    scalar = [name for name in names if isinstance(node.props[name], str | int | float)]
    for count in range(len(scalar), -1, -1):
        bare = scalar[:count]
        values = [_bare(node.props[name]) for name in bare]
        named = [_named(name, node.props[name]) for name in names if name not in bare]
        yield " ".join([f"<{node.name}", *values, *named])


def _props_of(tag: str, catalog: Catalog) -> dict[str, Json] | None:
    try:
        (node,) = tree_of(tag, catalog)
    except ValueError:
        return None
    return node.props if isinstance(node, Element) else None


def _named(name: str, value: Json) -> str:
    if value is True:
        return name
    return f"{name}={value if isinstance(value, str) and _WORD.match(value) else _bare(value)}"


def _bare(value: Json) -> str:
    return json.dumps(value) if isinstance(value, int | float) else _quoted(value)


def _quoted(value: Json) -> str:
    if isinstance(value, str) and _PLAIN.match(value):
        return f'"{value}"'
    return "{" + json.dumps(value, ensure_ascii=False) + "}"


def minified(nodes: Sequence[Node], catalog: Catalog) -> str:
    """One JSON value without white space."""
    del catalog
    return _json([_plain(node) for node in _said(nodes)])


def _said(nodes: Sequence[Node]) -> list[Node]:
    """Without the blank lines that only markup needs."""
    trimmed = [node.strip() if isinstance(node, str) else node for node in nodes]
    return [node for node in trimmed if node]


def _plain(node: Node) -> Json:
    if isinstance(node, str):
        return node
    children = [_plain(child) for child in _said(node.children)]
    return {"type": node.name, "props": node.props, **({"children": children} if children else {})}


def patches(nodes: Sequence[Node], catalog: Catalog) -> str:
    """A flat map of elements, an `add` a line, parents before their children."""
    del catalog
    lines: list[str] = []

    def add(node: Node) -> str:
        key = f"e{len(lines)}"
        lines.append("")
        if isinstance(node, str):
            node = Element("Text", {"text": node})
        place = len(lines) - 1
        children: Json = [add(child) for child in _said(node.children)]
        value = {"type": node.name, "props": node.props, "children": children}
        lines[place] = _json({"op": "add", "path": f"/elements/{key}", "value": value})
        return key

    root: Json = [add(node) for node in _said(nodes)]
    return "\n".join([_json({"op": "add", "path": "/root", "value": root}), *lines])


def _json(value: Json) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


FORMS = {"plain JSX": jsx, "compact markup": compact, "minified JSON": minified, "JSON Patch lines": patches}


def counts(text: str, catalog: Catalog) -> list[int]:
    """The tokens of a screen in each of FORMS. Raises ValueError where it is not good markup, or would not be
    the same screen."""
    nodes = tree_of(text, catalog)
    for form in (jsx, compact):
        if tree_of(form(nodes, catalog), catalog) != nodes:
            raise ValueError(f"written as {form.__name__} it is another tree")
    return [count_tokens(form(nodes, catalog)) for form in FORMS.values()]


def table(folder: Path, catalog: Catalog) -> Iterator[str]:
    """The figures of every screen in a folder, and of all. Raises ValueError, with the file's name."""
    total = [0] * len(FORMS)
    yield f"| screen | {' | '.join(FORMS)} |"
    yield f"| --- |{' --: |' * len(FORMS)}"
    for file in sorted(folder.glob("*.md")):
        try:
            found = counts(file.read_text("utf-8"), catalog)
        except ValueError as error:
            raise ValueError(f"{file}: {error}") from error
        total = [sum(pair) for pair in zip(total, found, strict=True)]
        yield f"| {file.stem} | {' | '.join(f'{count:,}' for count in found)} |"
    yield f"| all | {' | '.join(f'{count:,}' for count in total)} |"
    yield f"| seconds at {RATE} tokens/s | {' | '.join(f'{count / RATE:.1f}' for count in total)} |"


def main(arguments: Sequence[str] | None = None) -> int:
    """Print the table; 1 if a screen is not good markup or tokens can only be estimated here."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.tokens", description="Tokens of four forms.")
    parser.add_argument("folder", metavar="DIR", type=Path, help="screens in markup, a file each (*.md)")
    parser.add_argument("--components", metavar="DIR", help="a folder of components beside the built-in ones")
    options = parser.parse_args(arguments)
    if not is_exact():
        print("bpe-openai is not installed; install the dev group", file=sys.stderr)
        return 1
    catalog = Catalog.builtin()
    if options.components:
        catalog = catalog.merged(Catalog.load(options.components))
    try:
        for line in table(options.folder, catalog):
            print(line)
    except ValueError as error:
        print(error, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
