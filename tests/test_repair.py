"""Repair: an invalid component is put right by the model that wrote it, beside the stream and hidden."""

from __future__ import annotations

import asyncio
import gc
import weakref
from collections.abc import AsyncIterator, Sequence
from typing import Any

import pytest

from genui import Catalog
from genui.agent import (
    FinishPiece,
    Message,
    Piece,
    RepairCount,
    RepairLimits,
    Repairs,
    TextPiece,
    ThoughtPiece,
    Tool,
    UsagePiece,
    respond,
)
from genui.catalog import Component
from genui.errors import ModelError
from genui.events import ComponentData, ComponentError, Event, RenderComponent, RunEnd, Text, to_json
from genui.markup import Recognizer
from genui.runs import Runs
from genui.server import GenUI
from tests.browser.hosting import hosting
from tests.service import Service, serving

SCHEMA = {
    "$defs": {
        "Gauge": {
            "properties": {
                "value": {"type": "integer"},
                "unit": {"type": "string", "enum": ["C", "F"]},
                "label": {"type": "string"},
            },
            "required": ["value"],
        },
        "Tab": {"properties": {"title": {"type": "string"}, "children": {}}, "required": ["title"]},
        "Tabs": {
            "properties": {"pages": {"$ref": "#/$defs/Tab"}, "name": {"type": "string"}},
            "required": ["pages"],
        },
        "Box": {"properties": {"size": {"type": "integer"}, "children": {}}, "required": ["size"]},
    }
}
CATALOG = Catalog.from_json_schema(SCHEMA)
ASK = [{"role": "user", "content": "How warm is it in Lisbon?"}]
BAD = '<Gauge value="warm"/>'
GOOD = '<Gauge value=21 unit="C"/>'


class Says:
    """Writes one answer, and mends with another; what is asked for is kept."""

    name = "says"

    def __init__(self, answer: str, *mended: str | Exception | None) -> None:
        self.answer = answer
        self.mended = list(mended)
        self.requests: list[Sequence[Message]] = []
        self.open = 0
        self.asked_to_mend = asyncio.Event()

    async def stream(self, messages: Sequence[Message], tools: Sequence[Tool]) -> AsyncIterator[Piece]:
        assert not tools
        self.requests.append(messages)
        if len(self.requests) == 2:
            self.asked_to_mend.set()
        reply = self.answer if len(self.requests) == 1 else self.mended.pop(0)
        self.open += 1
        try:
            if isinstance(reply, Exception):
                raise reply
            if reply is None:
                await asyncio.Event().wait()
            yield ThoughtPiece("canary thought")
            for character in str(reply):
                yield TextPiece(character)
                await asyncio.sleep(0)
            yield FinishPiece("stop")
            yield UsagePiece(10, 5)
        finally:
            self.open -= 1


async def run_of(
    model: Says, *, limits: RepairLimits | None = None, catalog: Catalog = CATALOG
) -> list[Event]:
    """All events of a run that answers with this model."""
    runs = Runs()
    repairs = Repairs(model, catalog, ASK, limits or RepairLimits())
    heard: list[Event] = []
    run = runs.start(respond(model, ASK, Recognizer(catalog)), companion=repairs, hear=heard.append)
    await run.ended.wait()
    assert model.open == 0
    assert not [task for task in asyncio.all_tasks() if task.get_name() == "genui repair"]
    return heard


def completed(events: Sequence[Event]) -> dict[str, dict[str, Any]]:
    """The props of each component that was sealed."""
    return {
        event.id: event.props
        for event in events
        if isinstance(event, RenderComponent) and event.state == "complete"
    }


def text_of(events: Sequence[Event]) -> str:
    return "".join(event.text for event in events if isinstance(event, Text) and event.parent is None)


async def test_an_invalid_component_is_mended_in_place_and_the_run_ends_after_it() -> None:
    model = Says(f"It is {BAD} now.", GOOD)
    events = await run_of(model)
    (error,) = (event for event in events if isinstance(event, ComponentError))
    assert error.id is not None
    assert completed(events) == {error.id: {"value": 21, "unit": "C"}}
    assert text_of(events) == "It is  now."
    assert isinstance(events[-1], RunEnd)
    assert [event for event in events if isinstance(event, RunEnd)] == events[-1:]


async def test_the_model_gets_the_tag_what_is_wrong_its_signature_and_the_question_and_no_tools() -> None:
    model = Says(BAD, GOOD)
    await run_of(model)
    system, user = (str(message["content"]) for message in model.requests[1])
    assert "Gauge(value: whole number" in system
    assert "Tabs(" not in system
    for part in (BAD, "`value` must be", "How warm is it in Lisbon?"):
        assert part in user


async def test_the_tokens_of_a_repair_are_counted_in() -> None:
    end = (await run_of(Says(BAD, GOOD)))[-1]
    assert isinstance(end, RunEnd)
    assert end.usage == {"input_tokens": 20, "output_tokens": 10}


@pytest.mark.parametrize(
    "answer",
    [
        GOOD,
        f"```\n{GOOD}\n```",
        f"```jsx\n{GOOD}\n```",
        f"`{GOOD}`",
        f"<think>canary</think>Here it is: {GOOD}. Sorry!",
    ],
)
async def test_the_tag_is_found_in_whatever_the_model_puts_around_it(answer: str) -> None:
    events = await run_of(Says(BAD, answer))
    assert list(completed(events).values()) == [{"value": 21, "unit": "C"}]
    assert text_of(events) == ""
    assert "canary" not in "".join(map(to_json, events))


@pytest.mark.parametrize(
    "answer",
    [
        "",
        "I do not know.",
        BAD,
        "<Box size=1/>",
        f"<Box size=1>{GOOD}</Box>",
        ModelError("model-error", "canary"),
        RuntimeError("canary"),
    ],
)
async def test_an_answer_that_mends_nothing_leaves_the_error_standing(
    answer: str | Exception,
) -> None:
    events = await run_of(Says(BAD, answer))
    assert completed(events) == {}
    assert isinstance(events[-1], RunEnd)
    assert events[-1].reason == "stop"
    assert "canary" not in "".join(map(to_json, events))


async def test_a_model_is_asked_once_for_a_component_and_only_so_often_in_a_run() -> None:
    model = Says(BAD * 4, BAD, BAD, BAD, BAD)
    count = RepairCount()
    runs = Runs()
    repairs = Repairs(model, CATALOG, ASK, RepairLimits(count=2), count)
    await runs.start(respond(model, ASK, Recognizer(CATALOG)), companion=repairs).ended.wait()
    assert len(model.requests) == 1 + 2
    assert (count.asked, count.mended) == (2, 0)


async def test_a_repair_that_takes_too_long_is_given_up() -> None:
    events = await run_of(Says(BAD, None), limits=RepairLimits(seconds=0.02))
    assert completed(events) == {}
    assert isinstance(events[-1], RunEnd)


async def test_the_stream_does_not_wait_for_a_repair() -> None:
    events = await run_of(Says(f"{BAD} and much more {GOOD}", None), limits=RepairLimits(seconds=0.05))
    assert [event.type for event in events[-2:]] == ["answer-end", "run-end"]
    assert list(completed(events).values()) == [{"value": 21, "unit": "C"}]


@pytest.mark.parametrize(
    "text",
    [
        '<Gauge label="warm',  # cut by the text's end
        "<Box>Its children are on the page.</Box>",
        f'<Gauge value="{"x" * 3000}"/>',  # too long to be shown whole
    ],
)
async def test_what_cannot_be_mended_is_not_asked_for(text: str) -> None:
    model = Says(text)
    events = await run_of(model)
    assert [event for event in events if isinstance(event, ComponentError)]
    assert len(model.requests) == 1


@pytest.mark.parametrize("text", ["<Tabs/>", "<Tabs></Tabs>", "<Tabs>\n</>"])
async def test_children_that_are_missing_are_mended_with_the_component_that_needs_them(text: str) -> None:
    events = await run_of(Says(text, '<Tabs><Tab title="A">One</Tab></Tabs>'))
    (error,) = (event for event in events if isinstance(event, ComponentError))
    assert error.id is not None
    child = f"{error.id}-c2"
    assert completed(events) == {child: {"title": "A"}, error.id: {}}
    rendered = {event.id: event.parent for event in events if isinstance(event, RenderComponent)}
    assert rendered == {error.id: None, child: error.id}
    assert Text("One", child) in events


async def test_a_mended_component_stays_in_its_parent() -> None:
    events = await run_of(Says(f"<Box size=1>{BAD}</Box>", GOOD))
    (mended,) = (event for event in events if isinstance(event, RenderComponent) and event.name == "Gauge"
                 and event.state == "complete")  # fmt: skip
    assert mended.parent == "c1"


async def test_a_cancelled_run_gives_up_its_repairs() -> None:
    model = Says(f"{BAD} the end", None)
    runs = Runs()
    heard: list[Event] = []
    repairs = Repairs(model, CATALOG, ASK)
    run = runs.start(respond(model, ASK, Recognizer(CATALOG)), companion=repairs, hear=heard.append)
    await model.asked_to_mend.wait()
    await runs.cancel(run.id)
    assert isinstance(heard[-1], RunEnd)
    assert model.open == 0


# In the service.


async def answered(genui: GenUI, text: str) -> list[Event]:
    """All events of one answer, over HTTP."""
    import httpx2 as httpx

    async with hosting(genui) as url, httpx.AsyncClient(base_url=f"{url}/", timeout=20) as client:
        service = Service(genui, genui.model, client)  # type: ignore[arg-type]
        async with service.stream(content=text) as stream:
            events = [frame.event async for frame in stream]
        await genui.close()
    return events


async def test_the_service_repairs_unless_it_is_told_not_to() -> None:
    genui = GenUI(store="memory", components=CATALOG, model=Says(BAD, GOOD))
    assert list(completed(await answered(genui, "?")).values()) == [{"value": 21, "unit": "C"}]
    assert (genui.repairs.asked, genui.repairs.mended) == (1, 1)
    silent = Says(BAD, GOOD)
    assert (
        completed(await answered(GenUI(store="memory", components=CATALOG, model=silent, repair=False), "?"))
        == {}
    )
    assert len(silent.requests) == 1


async def test_what_was_mended_is_what_the_thread_holds_and_what_the_model_reads_next() -> None:
    async with serving(components=CATALOG, repair=True) as service:
        async with service.stream(thread="t1") as stream:
            service.model.answer(BAD)
            service.model.answer(GOOD)
            assert [frame async for frame in stream]
        shown = (await service.client.get("v1/threads/t1")).json()["messages"][-1]
        assert [event["type"] for event in shown["events"]] == ["render-component"]
        async with service.stream(thread="t1") as stream:
            service.model.answer("Bye")
            assert [frame async for frame in stream]
        assert 'value={21} unit="C"' in str(service.model.conversation[-2]["content"])


async def test_a_mended_component_has_its_data_loaded() -> None:
    async def load(props: dict[str, Any]) -> dict[str, Any]:
        return {"of": props["value"]}

    component = Component(name="Gauge", props=CATALOG["Gauge"].props, load=load)
    events = await answered(
        GenUI(store="memory", components=Catalog([component]), model=Says(BAD, GOOD)), "?"
    )
    (data,) = (event for event in events if isinstance(event, ComponentData))
    assert data.ops == [{"op": "set", "path": "/of", "value": 21}]


async def test_the_demo_model_is_never_asked_to_repair() -> None:
    from genui.agent import DemoModel

    genui = GenUI(store="memory", components=CATALOG, model=DemoModel(speed=0))
    await answered(genui, "hello")
    assert genui.repairs.asked == 0


async def test_what_a_run_held_is_free_when_it_is_over_without_a_collection() -> None:
    gc.collect()
    gc.disable()
    try:
        async with serving(repair=True) as service:
            run = await service.start()
            held = weakref.ref(service.genui.runs.get(run))
            service.model.answer("Words, and <Metric label=MRR value=1/>.")
            await service.read(run)
            await service.idle()
            assert held() is None
    finally:
        gc.enable()
