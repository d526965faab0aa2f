"""The example: an assistant over the project's own documentation, with real tools and no network."""

from __future__ import annotations

from pathlib import Path

import pytest

from genui.agent import ASSISTANT, DemoModel, ToolError, docs_folder, respond
from genui.agent.demo.calculator import evaluate, shown
from genui.agent.demo.docs import Docs
from genui.catalog import Catalog
from genui.events import ComponentDelta, Event, RenderComponent, Status, Text
from genui.markup import Recognizer

CATALOG = Catalog.builtin()


async def answer(question: str) -> list[Event]:
    messages = [{"role": "user", "content": question}]
    run = respond(DemoModel(speed=0), messages, Recognizer(CATALOG), catalog=CATALOG)
    return [event async for event in run]


def complete(events: list[Event]) -> list[RenderComponent]:
    return [event for event in events if isinstance(event, RenderComponent) and event.state == "complete"]


async def test_sources_appear_one_by_one_before_the_answer_and_lead_to_the_docs() -> None:
    events = await answer("How does a client resume a stream after a lost connection?")
    (sources,) = complete(events)
    assert sources.name == "SourceList"
    pushed = [op for event in events if isinstance(event, ComponentDelta) for op in event.ops]
    assert [op["op"] for op in pushed] == ["push"] * (len(sources.props["sources"]) - 1)
    assert sources.props["sources"][0]["url"] == "docs/api.md#resuming"
    assert events.index(sources) < next(i for i, event in enumerate(events) if isinstance(event, Text))
    text = "".join(event.text for event in events if isinstance(event, Text))
    assert "`Last-Event-ID`" in text or "Last-Event-ID" in text


async def test_the_load_and_a_sum_are_widgets_of_tools_that_really_ran() -> None:
    events = await answer("How busy is this machine, and what is 18% of 1,249.90?")
    shown_ = {event.name: event.props for event in complete(events)}
    assert shown_["Metric"] == {"label": "18% * 1,249.90", "value": "224.982"}
    assert "SystemLoad" in shown_
    assert "**224.982**" in "".join(event.text for event in events if isinstance(event, Text))


async def test_any_sum_is_calculated_and_any_other_question_is_looked_up() -> None:
    text = "".join(event.text for event in await answer("What is (12 + 3) * 7?") if isinstance(event, Text))
    assert "**105**" in text
    events = await answer("What happens when a loader raises?")
    labels = [event.label for event in events if isinstance(event, Status)]
    assert "Searching the docs for “What happens when a loader raises?”…" in labels
    urls = [source["url"] for source in complete(events)[0].props["sources"]]
    assert "docs/data-and-actions.md#data-loaderpy" in urls


async def test_what_the_calculator_cannot_do_is_said_with_its_reason() -> None:
    events = await answer("What is (12 + 3) * 7 / 0?")
    assert "nothing can be divided by zero" in "".join(
        event.text for event in events if isinstance(event, Text)
    )
    (failed,) = [event for event in events if isinstance(event, Status) and event.state == "failed"]
    assert failed.reason == "nothing can be divided by zero"


@pytest.mark.parametrize(
    ("question", "place"),
    [
        ("How do I write a tool that asks the user first?", "docs/agents.md"),
        ("Which servers can hold a model to a grammar?", "docs/models.md#constrained-decoding"),
    ],
)
async def test_a_question_about_genui_is_answered_from_its_docs(question: str, place: str) -> None:
    (sources,) = [event for event in complete(await answer(question)) if event.name == "SourceList"]
    assert any(source["url"].startswith(place) for source in sources.props["sources"])


@pytest.mark.parametrize(
    ("expression", "value"),
    [
        ("0.1 + 0.2", "0.3"),
        ("2^64", "18,446,744,073,709,551,616"),
        ("-2^2", "-4"),
        ("2 - 3 - 4", "-5"),
        ("2^3^2", "512"),
        ("1/3", "0.3333333333"),
        ("20% * 1,000", "200"),
        ("sqrt(2)", "1.4142135624"),
        ("7 mod 4", "3"),
    ],
)
def test_the_calculator_is_exact(expression: str, value: str) -> None:
    assert shown(evaluate(expression)) == value


@pytest.mark.parametrize(
    "expression",
    [
        "9^9^9",
        "1/0",
        "sqrt(-1)",
        "__import__('os')",
        "(" * 199,
        "",
        "1" * 201,
        "(-8)^0.5",
        "1e999",
        "2^-99999",
    ],
)
def test_the_calculator_refuses_what_is_no_arithmetic_or_too_large(expression: str) -> None:
    with pytest.raises(ToolError):
        evaluate(expression)


def test_every_section_of_the_docs_is_found_by_its_title(tmp_path: Path) -> None:
    (tmp_path / "a.md").write_text("# Pets\n\nAll.\n\n## Cats & dogs\n\n```sh\n# no heading\n```\n\nText.\n")
    docs = Docs(tmp_path)
    (found,) = docs.search("dogs")
    assert (found.title, found.url) == ("Cats & dogs", "docs/a.md#cats--dogs")
    assert found.text == "```sh\n# no heading\n```\n\nText."
    assert docs.search("heading") == [found]
    assert docs.search('the "') == []
    assert (docs_folder() / "api.md").is_file()


def test_the_assistants_tools_tell_a_model_what_they_take() -> None:
    for tool in ASSISTANT:
        assert tool.description
        assert all(one.get("description") for one in tool.parameters.get("properties", {}).values())
