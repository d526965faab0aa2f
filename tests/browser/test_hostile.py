"""Nothing that a model writes becomes markup, a script, a request to elsewhere or a dangerous link.

`watch` fails a test for every dialog, request to another origin and breach of the page's policy; what is
left to show here is that the strings stand on the page as the text they are.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from genui import Catalog
from genui.catalog import Component
from tests.browser.chat import Chat
from tests.browser.models import ByHand

HOSTILE = {
    "script": "<script>alert(1)</script>",
    "handler": "<img src=x onerror=alert(2)>",
    "svg": "<svg/onload=alert(3)>",
    "frame": "<iframe srcdoc='<script>parent.alert(4)</script>'></iframe>",
    "style": "<style>*{display:none}</style>",
    "breakout": "\"'></div></template></slot><script>alert(5)</script>",
    "template": "{{ self.__init__.__globals__ }}{% raw %}${alert(6)}",
}
LINKS = {
    "javascript": "javascript:alert(7)",
    "mixed case": "JaVaScRiPt:alert(8)",
    "control characters": "java\tscript:alert(9)",
    "leading space": " \x01javascript:alert(10)",
    "data": "data:text/html,<script>alert(11)</script>",
    "vbscript": "vbscript:msgbox(12)",
}

RUNNABLE = (Path(__file__).parent / "runnable.js").read_text()


def attack(component: Component, string: str) -> str:
    """A tag with the string in every prop, in each place of the prop's shape that takes a string."""
    props = {prop.name: hostile(prop.schema, string) for prop in component.props}
    written = " ".join(f"{name}={{{json.dumps(value)}}}" for name, value in props.items())
    return f"<{component.name} {written}/>"


def hostile(schema: dict[str, object], string: str) -> object:
    """A value of this JSON Schema with the string wherever one may stand."""
    match schema.get("type"):
        case "array":
            items = schema.get("items")
            return [hostile(items if isinstance(items, dict) else {}, string)] * 2
        case "object":
            inner = schema.get("properties")
            properties = inner if isinstance(inner, dict) else {}
            return {name: hostile(below, string) for name, below in properties.items()}
        case "number" | "integer":
            return schema.get("minimum", 1)
        case "boolean":
            return True
    allowed = schema.get("enum")
    return allowed[0] if isinstance(allowed, list) else string


def strings() -> Iterator[object]:
    for name, string in (HOSTILE | LINKS).items():
        yield pytest.param(string, id=name)


@pytest.mark.parametrize("string", strings())
async def test_hostile_text_stays_text(chat: Chat, model: ByHand, string: str) -> None:
    await chat.ask("Say it")
    model.answer(f"before {string} after\n\n[link]({string}) ![picture]({string}) <{string}>\n\n> {string}")
    await chat.answered()
    assert await chat.page.evaluate(RUNNABLE) == []


async def test_hostile_text_is_shown_as_it_was_written(chat: Chat, model: ByHand) -> None:
    await chat.ask("Say it")
    model.answer(f"before {HOSTILE['script']} after {HOSTILE['handler']}")
    await chat.answered()
    shown = await chat.log.inner_text()
    assert HOSTILE["script"] in shown
    assert HOSTILE["handler"] in shown


@pytest.mark.parametrize("string", strings())
async def test_hostile_props_stay_text_in_every_component(chat: Chat, model: ByHand, string: str) -> None:
    await chat.ask("Show it")
    components = list(Catalog.builtin())
    model.answer("\n\n".join(attack(component, string) for component in components))
    await chat.answered()
    assert await chat.widgets.count() == len(components)
    assert await chat.page.evaluate(RUNNABLE) == []
