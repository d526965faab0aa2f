"""docs/agents.md: its examples run, and it names everything that `@genui.tool` takes."""

from __future__ import annotations

import inspect
import re
from typing import Any

import pytest

import genui
from genui.agent import Tool, tool
from tests.serving import ROOT

DOC = (ROOT / "docs" / "agents.md").read_text("utf-8")
EXAMPLES = re.findall(r"^```python\n(.*?)^```", DOC, re.MULTILINE | re.DOTALL)


@pytest.mark.parametrize("example", EXAMPLES)
async def test_every_example_runs(example: str) -> None:
    names: dict[str, Any] = {}
    exec(compile(example, "docs/agents.md", "exec"), names)  # noqa: S102 (our own docs)
    for made in filter(lambda made: isinstance(made, Tool), names.values()):
        arguments = made.check('{"city": "Oslo"}' if made.name == "weather" else '{"count": 1}')
        given = [value async for value in made.values(arguments)]
        assert given[-1] in ({"temp": 21.5, "days": 1}, {"pages": 1})
    for app in filter(lambda app: isinstance(app, genui.GenUI), names.values()):
        await app.close()


def test_every_setting_of_a_tool_is_described() -> None:
    assert len(EXAMPLES) == 4
    for setting in set(inspect.signature(tool).parameters) - {"function"}:
        assert f"`{setting}=" in DOC or f"`{setting}=…" in DOC, setting
