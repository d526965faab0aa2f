"""However a stream was cut, into pieces of the model's text or of the response's bytes, the message that each
protocol's real client ends up with is the tree that our own client has."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from genui import GenUI
from genui.agent import Model
from genui.agent.demo.model import DemoModel
from tests.browser.hosting import hosting
from tests.protocols import test_aisdk
from tests.protocols.models import Answer, Chunked, Recorded
from tests.protocols.node import needs, run
from tests.replay import streams_folder

STREAMS = streams_folder()

SHORT = 'Sie **steigt** – 📈:\n\n<Card title="Größe">Ja.<Metric "M&amp;A" value=4/></Card>\n\n`<X/>` Fertig.'
"""Of every kind something, in few characters."""

SOME = [1, 2, 3, 5, 7, 11, 13, 17, 29, 61, 127, 257, 1021, 8191]


async def _agui(script: str, model: Model, job: dict[str, Any]) -> Any:
    genui = GenUI(model=model, store="memory", repair=False)
    async with hosting(genui) as base:
        found = await run(script, {"base": base, "jobs": [{"do": "sweep", **job}]})
        await genui.close()
    return found


async def _agui_client(model: Model, job: dict[str, Any]) -> Any:
    return await _agui("agui/agui.mjs", model, job)


async def _a2ui_client(model: Model, job: dict[str, Any]) -> Any:
    return await _agui("agui/a2ui.mjs", model, job)


Client = Callable[[Any, dict[str, Any]], Awaitable[Any]]

clients = pytest.mark.parametrize(
    "differences",
    [
        pytest.param(test_aisdk.differences, id="ai-sdk", marks=needs("aisdk")),
        pytest.param(_agui_client, id="ag-ui", marks=needs("agui")),
        pytest.param(_a2ui_client, id="a2ui", marks=needs("agui")),
    ],
)


@clients
@pytest.mark.timeout(240)
async def test_a_short_answer_is_the_same_at_every_size(differences: Client) -> None:
    every = list(range(1, len(SHORT) + 1))
    sweep = {"questions": ["Hi"], "chunks": every, "bytes": "every"}
    assert await differences(Chunked(Answer(SHORT)), sweep) == []


@clients
@pytest.mark.timeout(240)
async def test_each_demo_script_is_the_same_at_many_sizes(differences: Client) -> None:
    sweep = {"questions": DemoModel.starters, "chunks": SOME, "bytes": SOME}
    assert await differences(Chunked(DemoModel(0)), sweep) == []


@clients
@pytest.mark.timeout(240)
@pytest.mark.skipif(STREAMS is None, reason="no recorded streams: set GENUI_STREAMS")
async def test_each_recorded_stream_is_the_same_at_many_sizes(differences: Client) -> None:
    assert STREAMS is not None
    files = sorted(path.name for path in STREAMS.glob("*.sse"))
    sweep = {"questions": files, "chunks": SOME, "bytes": SOME}
    assert await differences(Chunked(Recorded(STREAMS)), sweep) == []
