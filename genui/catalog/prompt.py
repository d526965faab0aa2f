"""The system prompt: how to write components, and which there are.

A model reads it before every answer, so it is short: the rules once, then for each component one
signature in the order that positional values fill, and an example of those that hold lists or objects.
Where a budget asks for less, what goes first is what helps least: examples, then descriptions, from the
last component to the first. The rules and the signatures stay, since without them a tag cannot be written.
"""

from __future__ import annotations

import json
from bisect import bisect_right
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Literal

from genui.catalog.component import Component
from genui.catalog.schema import Prop
from genui.catalog.spelling import spelled_out
from genui.catalog.tokens import count_tokens
from genui.events import Json

Style = Literal["compact", "jsx"]
"""How the model is to write: positional values where they are clear, or a name before every value."""

_RULES = """\
You answer in Markdown. Where a component shows something better than words would, write its tag in the \
answer, as part of the text and not in a code fence; the reader sees a live widget in its place.

How to write a tag:
- `<Name prop="text" count=3 flag list={["a", "b"]}/>`: text in quotes, numbers and single words bare, \
true as the bare name, lists and objects as JSON in braces."""
_POSITIONAL = """
- Values without a name fill the text, number and choice props in the order listed: `<Name "first" 2/>`."""
_STATE = """
- The reader can play without asking you: an input with a `name` sets `$name`; any prop \
follows it by `{expression}`, or in a text: `<Slider name=seats value=5/><Metric "{$seats} seats" \
value={$seats * 29 | currency('EUR')}/>`, `values={$period == 'Year' ? [9, 12] : [3, 4]}`."""
_MORE_RULES = """
- A component marked `children` may enclose Markdown and other tags: `<Name>…</Name>`; `</>` closes \
the innermost.
- Only the components and props below exist. Leave out what you do not know; a prop without `?` is needed.
- Say in words only what the widgets do not already show."""


def prompt(
    components: Iterable[Component],
    style: Style = "compact",
    budget: int | None = None,
    count: Callable[[str], int] = count_tokens,
) -> str:
    """The system prompt for a set of components, without a line end at its end.

    `budget` is in tokens, as `count` counts them. It is kept as far as leaving out examples and
    descriptions can keep it.
    """
    chosen = list(components)
    extras = [*_descriptions(chosen), *_examples(chosen, style)]
    if budget is None:
        return _written(chosen, style, extras)
    kept = bisect_right(
        range(1, len(extras) + 1), budget, key=lambda kept: count(_written(chosen, style, extras[:kept]))
    )
    return _written(chosen, style, extras[:kept])


Extra = tuple[str, str]
"""A component's name, and a line for its entry."""


def _written(chosen: Sequence[Component], style: Style, extras: Iterable[Extra]) -> str:
    lines: dict[str, list[str]] = {component.name: [_signature(component)] for component in chosen}
    for name, line in extras:
        if line.startswith(" "):
            lines[name].append(line)
        else:
            lines[name][0] += f" {line}"
    positional = _POSITIONAL if style == "compact" else ""
    state = _STATE if any(prop.two_way for component in chosen for prop in component.props) else ""
    rules = _RULES + positional + state + _MORE_RULES
    return "\n\n".join([rules, "Components:", *("\n".join(entry) for entry in lines.values())])


def _descriptions(components: Iterable[Component]) -> Iterator[Extra]:
    """What each component is for, then what their props mean: most needed first."""
    components = list(components)
    yield from ((component.name, component.description) for component in components if component.description)
    for component in components:
        for prop in component.props:
            if "description" in prop.schema:
                yield component.name, f"  {prop.name}: {prop.schema['description']}"


def _examples(components: Iterable[Component], style: Style) -> Iterator[Extra]:
    known = {component.name: component for component in components}
    for component in filter(_is_unobvious, known.values()):
        for example in component.examples[:1]:
            written = spelled_out(example, known) if style == "jsx" else example
            yield component.name, f"  e.g. {written.strip()}"


def _is_unobvious(component: Component) -> bool:
    """Whether a signature alone does not show how to write the tag: it holds a list or an object."""
    return any(not prop.is_scalar and not prop.is_child for prop in component.props)


def _signature(component: Component) -> str:
    """`Metric(label?: text, value: text | number)`, in the manner of TypeScript, which models know well."""
    parts = [f"{prop.name}{'' if prop.required else '?'}: {_prop_type(prop)}" for prop in component.props]
    if component.children:
        parts.append("children")
    return f"{component.name}({', '.join(parts)})"


def _prop_type(prop: Prop) -> str:
    if prop.refs:
        return "child tags " + " | ".join(prop.refs)
    return _type(prop.schema)


_NAMES = {"string": "text", "integer": "whole number", "array": "list"}


def _type(schema: Mapping[str, Json]) -> str:
    choices = schema.get("enum") or ([schema["const"]] if "const" in schema else [])
    if choices:
        return " | ".join(choice if isinstance(choice, str) else json.dumps(choice) for choice in choices)
    branches = schema.get("anyOf") or schema.get("oneOf")
    if branches:
        return " | ".join(dict.fromkeys(map(_type, branches)))
    kinds = schema.get("type", "any")
    return " | ".join(_kind(kind, schema) for kind in ([kinds] if isinstance(kinds, str) else kinds))


def _kind(kind: str, schema: Mapping[str, Json]) -> str:
    if kind == "array" and schema.get("items"):
        inner = _type(schema["items"])
        return f"({inner})[]" if " | " in inner and not _is_object(inner) else f"{inner}[]"
    if kind == "object" and schema.get("properties"):
        return (
            "{" + ", ".join(f"{name}: {_type(below)}" for name, below in schema["properties"].items()) + "}"
        )
    return _NAMES.get(kind, kind)


def _is_object(written: str) -> bool:
    return written.startswith("{") and written.endswith("}")
