"""Reloading components: the last good catalog stays until an edit is whole."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from genui import GenUI
from genui.errors import CallerError
from tests.service import serving


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
            async for line in stream.aiter_lines():
                assert json.loads(line.removeprefix("data: ")) == {"generation": 0, "error": None}
                break
        await service.genui.close()
