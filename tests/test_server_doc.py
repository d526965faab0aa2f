"""docs/api.md and the code say the same."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any, get_args

from starlette.routing import Route

from genui import GenUI, McpServer
from genui.events import Event, from_dict, to_dict
from genui.server.security import Public
from tests.service import asking, serving

DOCS = Path(__file__).parents[1] / "docs"
DOC = (DOCS / "api.md").read_text()


def routes() -> Iterator[tuple[str, Route]]:
    """Every route that there can be in production, whatever has to be configured for it, with its address:
    those of single files under the one that stands for them."""
    server = McpServer(["true"], name="city")
    genui = GenUI("components", store="memory", model="demo", keys=["k" * 16], tools=[server], reload=True)
    for route in genui.routes:
        assert isinstance(route, Route)
        path = re.sub(r"^/static/.+", "/static/{file}", route.path.replace(":path}", "}"))
        path = re.sub(r"^/docs/.+", "/docs/{file}", path)
        yield re.sub(r"^/components/[^/]+/script\.js", "/components/{folder}/script.js", path), route


def routes_of_the_code() -> set[str]:
    return {
        f"{method} {path}" for path, route in routes() for method in route.methods or () if method != "HEAD"
    }


def examples() -> list[dict[str, Any]]:
    """Every example event, a line each in the blocks of JSON."""
    blocks = re.findall(r"```json\n(.*?)```", DOC, re.DOTALL)
    lines = [json.loads(line) for block in blocks for line in block.splitlines()]
    return [line for line in lines if "type" in line]


def test_the_table_of_routes_is_the_routes() -> None:
    assert (
        set(re.findall(r"^\| `((?:GET|POST|PATCH|DELETE) /\S*)` \|", DOC, re.MULTILINE))
        == routes_of_the_code()
    )


def test_the_table_of_what_is_public_is_the_routes_that_are() -> None:
    told = re.search(
        r"^\| public \|.*\n\|.*\n((?:\|.*\n)+)", (DOCS / "security.md").read_text(), re.MULTILINE
    )
    assert told is not None
    rows = [line.split("|")[1] for line in told[1].splitlines()]
    named = {path for row in rows for path in re.findall(r"`(/\S*)`", row)}
    assert named == {path for path, route in routes() if isinstance(route, Public)}


def test_every_example_event_is_one_and_nothing_in_it_is_lost() -> None:
    for example in examples():
        assert to_dict(from_dict(example)) == example


def test_every_type_of_event_has_a_heading_and_an_example_of_it() -> None:
    types = {kind.type for kind in get_args(Event)}
    assert {example["type"] for example in examples()} == types
    assert set(re.findall(r"^\*\*`([a-z-]+)`\*\*:", DOC, re.MULTILINE)) == types


def test_every_error_that_the_server_room_raises_is_in_the_table() -> None:
    told = set(re.findall(r"^\| \d{3} \| `([a-z-]+)` \|", DOC, re.MULTILINE))
    rooms = Path(__file__).parents[1] / "genui"
    sources = [file.read_text() for room in ("server", "runs") for file in (rooms / room).glob("*.py")]
    raised = {
        code for source in sources for code in re.findall(r'(?:CallerError|_error)\(\s*"([a-z-]+)"', source)
    }
    raised |= {
        code for source in sources for code in re.findall(r'super\(\).__init__\(\s*"([a-z-]+)"', source)
    }
    assert (
        raised - {"bad-store", "bad-file", "bad-constrain", "bad-origin", "bad-mcp", "nothing-to-watch"}
        <= told
    )


def test_every_error_that_may_end_a_run_is_in_its_table() -> None:
    told = set(re.findall(r"^\| `([a-z-]+)` \|", DOC, re.MULTILINE))
    rooms = Path(__file__).parents[1] / "genui"
    sources = "".join(file.read_text() for room in ("agent", "runs") for file in (rooms / room).glob("*.py"))
    raised = set(re.findall(r'\b(?:GenUIError|ModelError)\(\s*"([a-z-]+)"', sources))
    raised |= set(re.findall(r'^    "(model-[a-z-]+)": "', sources, re.MULTILINE))
    raised |= set(re.findall(r'{"code": "([a-z-]+)"', sources))
    assert "model-cut" in raised
    assert "internal" in raised
    assert raised <= told


async def test_what_the_doc_says_of_the_headers_and_the_answers_is_so() -> None:
    async with serving() as service:
        told = await service.client.post("v1/runs", json=asking())
        documented = json.loads(next(line for line in DOC.splitlines() if line.startswith('{"run": "run_')))
        assert set(documented) == set(told.json())
        service.model.answer("x")
        stream = await service.client.get(told.json()["events"].lstrip("/"))
        for name, value in re.findall(r"^\| `([A-Z][A-Za-z-]+)` \| `([^`]+)` \|", DOC, re.MULTILINE):
            assert stream.headers[name] == value
        health = (await service.client.get("healthz")).json()
        assert set(health) == {"status", "runs"}
