"""Reloading components: the last good catalog stays until an edit is whole."""

from __future__ import annotations

import json
import shutil
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from genui import GenUI
from genui.errors import CallerError
from tests.service import Service, serving


async def test_reloading_needs_a_folder_to_watch() -> None:
    with pytest.raises(CallerError) as caught:
        GenUI(store="memory", model="demo", reload=True)
    assert caught.value.code == "nothing-to-watch"


async def test_a_page_is_given_the_script_that_reloads_only_where_it_is_wanted(tmp_path: Path) -> None:
    async with serving() as service:
        assert "reload.js" not in (await service.client.get("")).text
    async with serving(components=tmp_path, reload=True) as service:
        for path in ("", "gallery"):
            page = await service.client.get(path)
            assert "static/reload.js" in page.text
            assert "script-src 'self'" in page.headers["content-security-policy"]


async def test_a_page_that_comes_learns_the_state_at_once(tmp_path: Path) -> None:
    async with serving(components=tmp_path, reload=True) as service:
        async with service.client.stream("GET", "v1/reload") as stream:
            assert stream.headers["content-type"].startswith("text/event-stream")
            async for line in stream.aiter_lines():
                assert json.loads(line.removeprefix("data: ")) == {"generation": 0, "error": None}
                break
        await service.genui.close()


def written(folder: Path, **files: str) -> Path:
    """A component's folder with these files, by their names without what follows the dot."""
    names = {"component": "component.toml", "template": "template.html", "loader": "loader.py"}
    folder.mkdir(parents=True, exist_ok=True)
    for name, text in files.items():
        (folder / names[name]).write_text(text)
    return folder


async def news(service: Service) -> AsyncIterator[dict[str, object]]:
    async with service.client.stream("GET", "v1/reload") as stream:
        async for line in stream.aiter_lines():
            if line.startswith("data: "):
                yield json.loads(line.removeprefix("data: "))


async def names(service: Service) -> set[str]:
    described = (await service.client.get("v1/components")).json()["components"]
    return {component["name"] for component in described}


async def test_a_removed_component_is_gone_and_a_broken_loader_changes_nothing(tmp_path: Path) -> None:
    definition = 'name = "{}"\ndescription = "One."\n'
    written(tmp_path / "quote2", component=definition.format("Quote2"), template="<p>It</p>")
    fact = written(tmp_path / "fact", component=definition.format("Fact"), template="<p>It</p>")
    async with serving(components=tmp_path, reload=True) as service:
        told = news(service)
        assert await anext(told) == {"generation": 0, "error": None}
        written(fact, loader="async def load(props)\n")
        error = (await anext(told))["error"]
        assert "loader.py:1: is not Python" in str(error)
        assert {"Quote2", "Fact"} <= await names(service)
        shutil.rmtree(fact)
        while (last := await anext(told))["error"]:
            pass
        assert last["generation"] == 1
        assert "Fact" not in await names(service)
        assert "Quote2" in await names(service)
        await told.aclose()  # type: ignore[attr-defined]
        await service.genui.close()
