"""The AI SDK's real clients, three major versions, end up with the tree that our own client has."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Sequence
from pathlib import Path
from typing import Any

import pytest

from genui import GenUI
from genui.agent import Message, Model, Piece, TextPiece, Tool
from genui.agent import model as model_of
from genui.errors import ModelError
from tests.browser.hosting import hosting
from tests.protocols.models import Recorded
from tests.protocols.node import needs
from tests.replay import streams_folder

FOLDER = Path(__file__).parent / "aisdk"
STREAMS = streams_folder()

pytestmark = needs("aisdk")

FAILING = "Fail, please"
SLOW = "Slowly, please"


class Scripted:
    """The demo model as fast as can be; one answer is slow, one fails in the midst of a component."""

    name = "scripted"

    def __init__(self) -> None:
        self._demo: Model = model_of("demo")
        self._demo._speed = 0.0  # type: ignore[attr-defined]
        self.questions: list[str] = list(self._demo.starters)  # type: ignore[attr-defined]
        self.tools = getattr(self._demo, "tools", ())

    async def stream(self, messages: Sequence[Message], tools: Sequence[Tool]) -> AsyncIterator[Piece]:
        question = messages[-1]["content"]
        if question == SLOW:
            async for piece in _slowly(
                'One <Card title="Q3">Sales **rose**.<Metric "MRR" value="$4k"/></Card>'
            ):
                yield piece
        elif question == FAILING:
            yield TextPiece('Well, <Card title="Q3">It <Metric "MR')
            raise ModelError("model-error", "No more today.")
        else:
            async for piece in self._demo.stream(messages, tools):
                yield piece


async def _slowly(text: str) -> AsyncIterator[Piece]:
    for _ in range(6):
        for at in range(0, len(text), 4):
            yield TextPiece(text[at : at + 4])
            await asyncio.sleep(0.01)


async def differences(model: Any, cases: dict[str, Any]) -> list[str]:
    """What the clients have that our own has not."""
    async with hosting(GenUI(model=model, store="memory", repair=False)) as url:
        command = ("node", "compare.mjs", json.dumps({"url": url, **cases}))
        process = await asyncio.create_subprocess_exec(*command, cwd=FOLDER, stdout=asyncio.subprocess.PIPE)
        told, _ = await process.communicate()
    found: list[str] = json.loads(told.splitlines()[-1])
    return found


@pytest.mark.timeout(240)
async def test_every_demo_script_is_the_same_in_each_client() -> None:
    model = Scripted()
    cases = {"questions": model.questions, "slow": SLOW, "failing": FAILING}
    assert await differences(model, cases) == []


@pytest.mark.timeout(240)
@pytest.mark.skipif(STREAMS is None, reason="no recorded streams: set GENUI_STREAMS")
async def test_every_recorded_stream_is_the_same_in_each_client() -> None:
    assert STREAMS is not None
    files = sorted(path.name for path in STREAMS.glob("*.sse"))
    assert await differences(Recorded(STREAMS), {"questions": files}) == []
