"""Nothing that a model writes becomes markup, a script, a request to elsewhere or a dangerous link.

`watch` fails a test for every dialog, request to another origin and breach of the page's policy; what is
left to show here is that the strings stand on the page as the text they are.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from playwright.async_api import expect

from genui import Catalog
from genui.catalog import Component
from tests.browser.chat import Chat
from tests.browser.models import ByHand
from tests.browser.watch import Watch

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
    """A tag with the string in every prop, in each place of the prop's shape that takes one."""
    props = {prop.name: hostile(prop.schema, string) for prop in component.props if "$ref" not in prop.schema}
    written = " ".join(f"{name}={{{json.dumps(value)}}}" for name, value in props.items())
    return f"<{component.name} {written}/>"


def hostile(schema: Mapping[str, Any], string: str) -> object:
    """A valid value of this JSON Schema with the string wherever it may stand."""
    match schema:
        case {"type": list() as kinds}:
            likely = next(kind for kind in ("array", "string", *kinds) if kind in kinds and kind != "null")
            return hostile({**schema, "type": likely}, string)
        case {"enum": [first, *_]} | {"const": first}:
            return first
        case {"anyOf": [first, *_]} | {"oneOf": [first, *_]}:
            return hostile(first, string)
        case {"type": "array"}:
            count = max(2, schema.get("minItems", 0))
            return [hostile(schema.get("items", {}), string)] * count
        case {"type": "object"}:
            return {name: hostile(inner, string) for name, inner in schema.get("properties", {}).items()}
        case {"type": "number" | "integer"}:
            return schema.get("minimum", 1)
        case {"type": "boolean"}:
            return True
        case {"format": _} if string not in LINKS.values():
            return "#"  # where only an address fits, the hostile addresses are what can do harm
    return string


STRINGS = [pytest.param(string, id=name) for name, string in (HOSTILE | LINKS).items()]


@pytest.mark.parametrize("string", STRINGS)
async def test_hostile_text_stays_text(chat: Chat, model: ByHand, watch: Watch, string: str) -> None:
    watch.expect("404")  # as the address of a picture, some are a path of this server
    await chat.ask("Say it")
    model.answer(f"before {string} after\n\n[link]({string}) ![picture]({string}) <{string}>\n\n> {string}")
    await chat.answered()
    assert await chat.page.evaluate(RUNNABLE) == []


async def test_hostile_text_is_shown_as_it_was_written(chat: Chat, model: ByHand) -> None:
    await chat.ask("Say it")
    model.answer(f"before {HOSTILE['script']} after {HOSTILE['handler']}")
    await chat.answered()
    await expect(chat.answer).to_contain_text(HOSTILE["script"])
    await expect(chat.answer).to_contain_text(HOSTILE["handler"])


@pytest.mark.parametrize("string", STRINGS)
async def test_hostile_props_stay_text_in_every_component(chat: Chat, model: ByHand, string: str) -> None:
    await chat.ask("Show it")
    components = list(Catalog.builtin())
    model.answer("\n\n".join(attack(component, string) for component in components))
    await chat.answered()
    await expect(chat.widgets).to_have_count(len(components))
    await expect(chat.page.locator("genui-widget[failed]")).to_have_count(0)
    assert await chat.page.evaluate(RUNNABLE) == []
