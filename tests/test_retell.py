"""An earlier answer as a model reads it again: what loaders brought is told, and not in the answer itself."""

from __future__ import annotations

from genui.catalog import Catalog
from genui.events import ComponentData, Event, Json, RenderComponent, RunEnd, Text
from genui.runs import Answered, Said, Turn
from genui.server.retell import messages_of

CATALOG = Catalog.from_json_schema({"$defs": {"Load": {"properties": {"host": {"type": "string"}}}}})


def told(data: Json) -> list[dict[str, str]]:
    events: list[Event] = [
        Text("Here:\n\n"),
        RenderComponent("c1", "Load", "complete", {"host": "a"}),
        ComponentData("c1", [{"op": "set", "path": "/values", "value": data}]),
    ]
    turns: list[Turn] = [
        Said("user", "How busy is a?"),
        Answered("run_1", tuple(events), RunEnd("stop")),
        Said("user", "Is that much?"),
    ]
    return list(messages_of(turns, CATALOG))


def test_what_a_loader_brought_stands_before_the_next_question_and_not_in_the_answer() -> None:
    question, answer, following = told([1, 2])
    assert question["content"] == "How busy is a?"
    assert answer["content"] == 'Here:\n\n<Load host="a"/>'
    assert following["content"] == '[data shown in <Load>: {"values": [1, 2]}]\nIs that much?'


def test_a_widget_with_much_data_is_told_in_part() -> None:
    following = told(list(range(10_000)))[2]["content"]
    assert len(following) < 700
    assert following.endswith("… (cut)]\nIs that much?")


def test_telling_it_leaves_the_thread_as_it_is() -> None:
    values: list[Json] = [1]
    told(values)
    assert values == [1]
