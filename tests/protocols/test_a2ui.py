"""A2UI by its real client, the message processor of `@a2ui/web_core`: its surfaces are the tree that our own
client has, whatever the pieces that they arrive in."""

from __future__ import annotations

from typing import Any

import pytest

from genui import GenUI
from genui.agent import OpenAIModel
from genui.agent.demo.model import DemoModel
from tests.browser.hosting import hosting
from tests.protocols.models import Answer
from tests.protocols.node import needs, run
from tests.protocols.test_agui import STREAMS, Cut
from tests.replay import Recording, ReplayServer

pytestmark = needs("agui")


async def wrong(jobs: list[dict[str, Any]], **settings: Any) -> Any:
    """What the client found wrong with these jobs, done one after the other in one process."""
    genui = GenUI(**{"model": DemoModel(0), "store": "memory", "repair": False, **settings})
    async with hosting(genui) as base:
        found = await run("agui/a2ui.mjs", {"base": base, "jobs": jobs})
        await genui.close()
    return found


async def test_every_demo_answer_arrives_as_our_own_client_has_it() -> None:
    jobs = [{"do": "ask", "question": question, "sizes": [7]} for question in DemoModel.starters]
    assert await wrong(jobs) == []


async def test_an_answer_arrives_whole_in_pieces_of_every_size() -> None:
    text = 'Sie **steigt** – 📈:\n\n<Card title="Größe">Ja.<Metric "MRR" value="$412k"/></Card>\n\nFertig.'
    text += '<Table columns={["a","b"]} rows={[[null, 1], [true, "x/y~z"]]}/>'
    job = {"do": "ask", "question": "Hi", "sizes": [*range(1, 130), 500]}
    assert await wrong([job], model=Answer(text)) == []


async def test_an_answer_that_fails_says_so_behind_what_there_was() -> None:
    job = {"do": "ask", "question": "Hi", "failed": "The model's answer was cut off."}
    assert await wrong([job], model=Cut()) == []


async def test_an_action_of_a_surface_is_answered_and_an_error_is_taken() -> None:
    text = 'More? <FollowUps questions={["Why?", "And then?"]}/>'
    job = {"do": "act", "question": "Hi", "of": "FollowUps", "name": "Why?", "context": {}}
    assert await wrong([job], model=Answer(text)) == []


@pytest.mark.skipif(not STREAMS, reason="GENUI_STREAMS is not set")
@pytest.mark.parametrize("path", STREAMS, ids=lambda path: path.stem)
async def test_every_recorded_stream_arrives_as_our_own_client_has_it(path: Any) -> None:
    async with ReplayServer() as server:
        server.play(Recording(path.read_bytes()))
        model = OpenAIModel("replayed", base_url=server.url, api_key="none")
        assert await wrong([{"do": "read", "question": "Hi"}], model=model) == []
        await model.aclose()
