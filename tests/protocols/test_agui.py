"""AG-UI by its real client, `@ag-ui/client`: whatever happens to a stream, the messages that it ends up with
are the tree that our own client has."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from typing import Any

import pytest

from genui import GenUI
from genui.agent import Message, OpenAIModel, Piece, TextPiece, Tool
from genui.agent.demo.model import DemoModel
from genui.errors import ModelError
from tests.browser.hosting import hosting
from tests.protocols.models import Answer
from tests.protocols.node import needs, run
from tests.replay import Recording, ReplayServer, streams_folder
from tests.test_questions import Books, book

pytestmark = needs("agui")

WEATHER = DemoModel.starters[2]
FOLDER = streams_folder()
STREAMS = sorted(FOLDER.glob("*.sse")) if FOLDER else []


class Cut:
    """Says something, shows half a widget, and fails."""

    name = "cut"

    async def stream(self, messages: Sequence[Message], tools: Sequence[Tool]) -> AsyncIterator[Piece]:
        del messages, tools
        for text in ("Sales **rose**.\n\n", '<Card title="Quarter">Half a ', '<Metric "MRR" value="$41'):
            yield TextPiece(text)
        raise ModelError("model-cut", "The model's answer was cut off.")


async def wrong(jobs: list[dict[str, Any]], **settings: Any) -> Any:
    """What the client found wrong with these jobs, done one after the other in one process."""
    genui = GenUI(**{"model": DemoModel(0), "store": "memory", "repair": False, **settings})
    async with hosting(genui) as base:
        found = await run("agui/agui.mjs", {"base": base, "jobs": jobs})
        await genui.close()
    return found


@pytest.mark.parametrize("question", DemoModel.starters)
async def test_every_demo_answer_arrives_as_our_own_client_has_it(question: str) -> None:
    assert await wrong([{"do": "ask", "question": question, "sizes": [7]}]) == []


async def test_an_answer_arrives_whole_in_pieces_of_every_size() -> None:
    text = 'Sie **steigt** – 📈:\n\n<Card title="Größe">Ja.<Metric "MRR" value="$412k"/></Card>\n\nFertig.'
    sizes = [*range(1, 130), 500, 5000]
    assert await wrong([{"do": "ask", "question": "Hi", "sizes": sizes}], model=Answer(text)) == []


async def test_a_connection_that_drops_anywhere_is_read_on_from_there() -> None:
    assert await wrong([{"do": "resume", "question": WEATHER, "cuts": 12}]) == []


async def test_an_answer_that_is_stopped_ends_as_canceled_with_what_there_was() -> None:
    assert await wrong([{"do": "stop", "question": WEATHER}], model=DemoModel(120)) == []


async def test_an_answer_that_fails_ends_as_an_error_with_what_there_was() -> None:
    assert await wrong([{"do": "fail", "question": "Hi", "code": "model-cut"}], model=Cut()) == []


@pytest.mark.parametrize(
    ("answer", "said"),
    [({"action": "confirm"}, "confirm"), ({"action": "decline"}, "decline"), (None, "decline")],
)
async def test_a_tool_that_asks_is_an_interrupt_and_resume_answers_it(answer: Any, said: str) -> None:
    job = {"do": "confirm", "question": "Book", "said": said, **({"answer": answer} if answer else {})}
    assert await wrong([job], model=Books(), tools=[book]) == []


async def test_a_thread_goes_on_and_keeps_the_components_that_its_client_does_not_send() -> None:
    assert await wrong([{"do": "converse", "questions": [WEATHER, DemoModel.starters[3]]}]) == []


async def test_props_with_nulls_and_keys_that_javascript_guards_arrive() -> None:
    text = (
        '<Table columns={["a","b"]} rows={[[null, 1], [true, "x/y~z"]]}/> <Stats items={[{"__proto__": 1}]}/>'
    )
    assert await wrong([{"do": "ask", "question": "Hi", "sizes": [1]}], model=Answer(text)) == []


@pytest.mark.skipif(not STREAMS, reason="GENUI_STREAMS is not set")
@pytest.mark.parametrize("path", STREAMS, ids=lambda path: path.stem)
async def test_every_recorded_stream_arrives_as_our_own_client_has_it(path: Any) -> None:
    async with ReplayServer() as server:
        server.play(Recording(path.read_bytes()))
        model = OpenAIModel("replayed", base_url=server.url, api_key="none")
        job = {
            "do": "ask",
            "question": "Hi",
            "sizes": [1000],
            "ends": ["stop", "length", "error"],
            "says": False,
        }
        try:
            assert await wrong([job], model=model) == []
        finally:
            await model.aclose()
