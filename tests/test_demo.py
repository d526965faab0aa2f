"""The demo model: what it shows, how it streams, and that its tools are real."""

from __future__ import annotations

import asyncio

import pytest

from genui.agent import DemoModel, FinishPiece, Message, Piece, TextPiece, ToolError, UsagePiece, respond
from genui.agent.demo.tokens import cut
from genui.agent.demo.tools import convert, look_up_city
from genui.catalog import Catalog
from genui.events import ComponentError, Event, RenderComponent, RunEnd, Status, Text
from genui.markup import Recognizer

SHOWN = {
    "weather": {"WeatherWidget", "SourceList"},
    "compare": {"Table"},
    "dashboard": {"Metric", "LineChart", "BarChart"},
    "form": {"Form", "Input", "Select", "Checkbox"},
    "tokyo": {"Metric", "Table"},
    "code": {"CodeBlock"},
}
"""A word that finds the script, and components that it has to show."""

WEATHER = "What will the weather be like in Lisbon this weekend?"


async def answer(question: str) -> list[Event]:
    messages = [{"role": "user", "content": question}]
    recognizer = Recognizer(Catalog.builtin())
    return [
        event async for event in respond(DemoModel(speed=0), messages, recognizer, catalog=Catalog.builtin())
    ]


async def pieces(question: str) -> list[Piece]:
    model = DemoModel(speed=0)
    return [piece async for piece in model.stream([{"role": "user", "content": question}], ())]


def complete(events: list[Event]) -> list[RenderComponent]:
    return [event for event in events if isinstance(event, RenderComponent) and event.state == "complete"]


def text(events: list[Event]) -> str:
    return "".join(event.text for event in events if isinstance(event, Text))


def test_there_are_nine_things_to_start_with() -> None:
    assert len(set(DemoModel.starters)) == 9


@pytest.mark.parametrize("question", [*DemoModel.starters, "Who are you?"])
async def test_every_answer_is_without_a_mistake_and_says_that_it_is_a_demo(question: str) -> None:
    events = await answer(question)
    assert [event for event in events if isinstance(event, ComponentError)] == []
    assert [event.warnings for event in complete(events) if event.warnings] == []
    assert "demo model" in text(events)
    end = events[-1]
    assert isinstance(end, RunEnd)
    assert end.reason == "stop"
    assert end.usage is not None


@pytest.mark.parametrize(("word", "names"), SHOWN.items())
async def test_a_question_in_ones_own_words_finds_its_script(word: str, names: set[str]) -> None:
    shown = {event.name for event in complete(await answer(f"Please show me the {word}!"))}
    assert names <= shown


async def test_anything_else_gets_a_list_of_what_there_is() -> None:
    events = await answer("¿Qué tal?")
    for starter in DemoModel.starters:
        assert starter.rstrip("?") in text(events)
    assert complete(events) == []


async def test_a_tag_in_the_question_is_said_again_so_that_any_component_can_be_tried() -> None:
    events = await answer('What does <Card title="Q3 {{ 1 }}">Up.<Metric "Cost" 3/></Card> look like, 2 + 2?')
    assert [(event.name, event.props) for event in complete(events)] == [
        ("Metric", {"label": "Cost", "value": 3}), ("Card", {"title": "Q3 {{ 1 }}"}),
    ]  # fmt: skip
    assert "look like, 2 + 2?" in text(events)
    assert "demo model" in text(events)


async def test_a_tag_in_a_fence_stays_code() -> None:
    events = await answer("How do I write a component tag of my own?")
    assert '```markdown\nHere is where you are going:\n\n<WeatherWidget city="Lisbon"' in text(events)
    assert [event.name for event in complete(events)].count("WeatherWidget") == 1
    assert "`<Rating 4.5 reviews=128/>`" in text(events)


async def test_the_agent_thinks_calls_both_tools_and_answers_from_what_they_returned() -> None:
    events = await answer("I fly to Tokyo with some euros")
    lines = [(event.label, event.state) for event in events if isinstance(event, Status)]
    assert lines[:4] == [
        ("Thinking…", "running"),
        ("Thinking…", "done"),
        ("Looking up Tokyo…", "running"),
        ("Converting 1200 EUR to JPY…", "running"),
    ]
    assert sorted(lines[4:]) == [("Converting 1200 EUR to JPY…", "done"), ("Looking up Tokyo…", "done")]
    assert "**¥199,200**" in text(events)
    assert "should not guess" not in repr(events), "thoughts stay inside"


async def test_the_same_conversation_may_go_on_to_another_script() -> None:
    messages: list[Message] = [
        {"role": "user", "content": "What will the weather be like?"},
        {"role": "assistant", "content": "Sunny."},
        {"role": "user", "content": [{"type": "text", "text": "And a dashboard?"}]},
    ]
    model = DemoModel(speed=0)
    events = [event async for event in respond(model, messages, Recognizer(Catalog.builtin()))]
    assert "LineChart" in {event.name for event in complete(events)}


async def test_pieces_are_a_models_and_the_same_every_time() -> None:
    first = await pieces(WEATHER)
    assert first == await pieces(WEATHER)
    *texts, finish, usage = first
    assert finish == FinishPiece("stop")
    assert usage == UsagePiece(sum(1 for _ in cut(WEATHER)), len(texts))
    words = [piece.text for piece in texts if isinstance(piece, TextPiece)]
    assert len(words) == len(texts)
    assert max(map(len, words)) <= 8
    assert 2 < sum(map(len, words)) / len(words) < 5


@pytest.mark.parametrize(
    "whole", ["", "Hello, world!\n\n  x", "_a__b_ 12345 Ünïcödé世界🌍 <Card/>", " \n\t "]
)
def test_what_is_cut_is_still_whole(whole: str) -> None:
    assert "".join(cut(whole)) == whole


async def test_the_first_piece_comes_at_once_and_the_next_when_it_is_due() -> None:
    stream = DemoModel(speed=0.001).stream([{"role": "user", "content": "weather"}], ())
    await anext(stream)
    due = asyncio.ensure_future(anext(stream))
    for _ in range(9):
        await asyncio.sleep(0)
    assert not due.done()
    due.cancel()
    await asyncio.wait([due])


@pytest.mark.parametrize(
    ("value", "unit", "to", "expected"),
    [(100, "°C", "°F", 212), (0, "K", "°C", -273.15), (26.2, "mi", "km", 42.16), (1, "kg", "lb", 2.2)],
)
def test_the_converter_converts(value: float, unit: str, to: str, expected: float) -> None:
    assert convert(value, unit, to)["value"] == expected


def test_the_converter_refuses_to_mix_quantities() -> None:
    with pytest.raises(ToolError, match="km is a unit of length, kg of mass"):
        convert(1, "km", "kg")


async def test_the_table_of_cities_says_what_it_has() -> None:
    assert (await look_up_city(" reykjavik "))["currency"] == "ISK"
    with pytest.raises(ToolError, match="Tokyo"):
        await look_up_city("Atlantis")


VALUES = '{"name": "Ada \\"L\\" </Card>", "date": "2026-01-02", "time": "20:00", "terrace": true}'


async def test_the_booking_form_is_answered_with_what_was_asked_for_and_that_nothing_is_booked() -> None:
    events = await answer(
        f'Request the table\n\nName: Ada\n\n[action "book_table" of <Form>, values {VALUES}]'
    )
    assert [event for event in events if isinstance(event, ComponentError)] == []
    (table,) = [event for event in complete(events) if event.name == "Table"]
    assert ["Name", 'Ada "L" </Card>'] in table.props["rows"]
    assert ["Terrace", "If it is warm"] in table.props["rows"]
    assert "Nothing is really booked" in text(events)


@pytest.mark.parametrize(("values", "shown"), [("{}", []), ('{"a": [1]}', ["Table"])])
async def test_an_action_without_a_script_is_acknowledged(values: str, shown: list[str]) -> None:
    events = await answer(f'Compare\n\n[action "compare" of <Button>, values {values}]')
    assert "That reached me" in text(events)
    assert [event.name for event in complete(events)] == shown


async def test_asking_for_the_table_in_words_gets_the_booking_form() -> None:
    assert "Form" in {event.name for event in complete(await answer("Request the table"))}
