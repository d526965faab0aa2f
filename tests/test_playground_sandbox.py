"""The sandbox in which text under edit is checked and drawn, and what it tells of a text on its way."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio

from genui.catalog import Catalog, scaffold
from genui.errors import CallerError
from genui.events import to_json
from genui.markup import Recognizer
from genui.server.playground.trace import CHUNKINGS, pieces_of
from genui.server.playground.worker import Worker

TEXT = (
    'Sales **rose**, `a < b`.\n\n<Metric label="MRR" value="$4"/>\n\n<Card title="Q3">Well, *well*.</Card> <3'
)

on_module = pytest.mark.asyncio(loop_scope="module")


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def worker() -> AsyncIterator[Worker]:
    """One sandbox for all tests: it takes seconds to start on a busy machine."""
    started = Worker([], deadline=30.0)
    yield started
    await started.close()


def draft(**files: str) -> dict[str, Any]:
    """StockQuote under edit, with these files changed: `template_html="…"`."""
    changed = {name.replace("_", ".", 1): text for name, text in files.items()}
    return {"folder": "stock_quote", "files": {**scaffold("StockQuote"), **changed}}


@on_module
async def test_a_component_under_edit_is_told_what_genui_check_would_say(worker: Worker) -> None:
    html = '<p style="color: red">{{ lable }}</p>\n{% if %}'
    found = await worker.do(
        {"job": "check", "draft": draft(template_html=html, style_css=".a { color: red }")}
    )
    told = {(one["file"], one["code"], one["line"]) for one in found["findings"]}
    assert ("style.css", "literal-color", 1) in told
    assert ("template.html", "forbidden-html", 1) in told
    assert ("template.html", "bad-template", 2) in told
    assert (await worker.do({"job": "check", "draft": draft()}))["findings"] == []


@on_module
async def test_a_template_without_an_end_is_stopped_and_the_next_one_is_drawn(worker: Worker) -> None:
    loop = "{% for a in range(99999) %}" * 4 + "{% endfor %}" * 4
    await worker.do({"job": "check", "draft": draft()})
    worker.deadline = 1.0
    with pytest.raises(CallerError) as stopped:
        await worker.do({"job": "check", "draft": draft(template_html=loop)})
    assert stopped.value.code == "too-slow"
    worker.deadline = 30.0
    assert (await worker.do({"job": "check", "draft": draft()}))["findings"] == []


@on_module
async def test_a_template_that_wants_all_memory_gets_an_error(worker: Worker) -> None:
    found = await worker.do({"job": "check", "draft": draft(template_html="{{ 'x' * (10 ** 10) }}")})
    assert "MemoryError" in str(found["findings"])


@pytest.mark.parametrize(
    "expression",
    [
        "''.__class__.__mro__[1].__subclasses__()",
        "icon.__globals__",
        "props.__init__.__globals__",
        "self._TemplateReference__context",
    ],
)
@on_module
async def test_a_template_does_not_get_out_of_the_sandbox(worker: Worker, expression: str) -> None:
    job = {"job": "trace", "text": '<StockQuote label="a" value=1/>', "chunking": "whole",
           "draft": draft(template_html="[{{ " + expression + " }}]")}  # fmt: skip
    events = [event for step in (await worker.do(job))["steps"] for event in step["events"]]
    assert not [event for event in events if event.get("html") not in (None, "[]")]


@on_module
async def test_a_loader_under_edit_is_read_and_never_run(worker: Worker, tmp_path: Path) -> None:
    mark = tmp_path / "ran"
    loader = f"import pathlib\npathlib.Path({str(mark)!r}).touch()\nasync def load(props):\n    return {{}}\n"
    found = await worker.do({"job": "check", "draft": draft(loader_py=loader)})
    assert (found["loads"], found["findings"]) == (True, [])
    assert not mark.exists()
    wrong = await worker.do({"job": "check", "draft": draft(loader_py="def load(props):\n    pass\n")})
    assert [one["code"] for one in wrong["findings"]] == ["bad-loader"]


@on_module
async def test_what_a_loader_would_bring_can_be_given(worker: Worker) -> None:
    job = {
        "job": "trace", "text": '<StockQuote label="a" value=1/>', "chunking": "whole",
        "draft": draft(loader_py="async def load(props):\n    return {}\n",
                       template_html="{{ label }} {{ value }} {{ change or '' }} {{ data.price }}"),
        "data": {"StockQuote": {"price": 12}},
    }  # fmt: skip
    events = [event for step in (await worker.do(job))["steps"] for event in step["events"]]
    assert any("12" in event.get("html", "") for event in events)


@on_module
async def test_the_sandbox_knows_no_key(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", "secret")
    own = Worker([], deadline=30.0)
    try:
        await own.do({"job": "check", "draft": draft()})
        environment = await asyncio.to_thread(Path(f"/proc/{own.pid}/environ").read_bytes)
    finally:
        await own.close()
    assert b"PATH=" in environment
    assert b"secret" not in environment


@on_module
async def test_built_in_components_look_the_same_in_the_sandbox(worker: Worker) -> None:
    text = "\n\n".join(example for component in Catalog.builtin() for example in component.examples[:1])
    result = await worker.do({"job": "trace", "text": text, "chunking": "whole"})
    drawn = {
        event["id"]: event["html"] for step in result["steps"] for event in step["events"] if "html" in event
    }
    plain = {}
    for event in Recognizer(Catalog.builtin()).feed(text):
        if event.type == "render-component" and event.state == "complete":
            plain[event.id] = Catalog.builtin()[event.name].render(event.props)
    loading = {one.name for one in Catalog.builtin() if one.load}
    assert not loading or len(plain) > 50
    assert sum(drawn[name] != html for name, html in plain.items()) <= len(loading)


# Traces


@on_module
@pytest.mark.parametrize("chunking", CHUNKINGS)
async def test_a_trace_has_every_event_and_the_text_in_pieces(worker: Worker, chunking: Any) -> None:
    result = await worker.do({"job": "trace", "text": TEXT, "chunking": chunking})
    assert "".join(step["text"] for step in result["steps"]) == TEXT
    names = {one["name"] for one in result["definitions"]}
    assert names == {"Metric", "Card"}
    last = [event for step in result["steps"] for event in step["events"] if event.get("state") == "complete"]
    recognizer = Recognizer(Catalog.builtin())
    events = [*recognizer.feed(TEXT), *recognizer.close()]
    whole = [event for event in events if event.type == "render-component" and event.state == "complete"]
    assert [event["props"] for event in last] == [event.props for event in whole]


def test_at_worst_a_piece_ends_where_the_most_is_held_back() -> None:
    pieces = pieces_of(TEXT, "worst", Catalog.builtin())
    assert "".join(pieces) == TEXT
    recognizer = Recognizer(Catalog.builtin())
    held = [recognizer.held for piece in pieces[:-1] if recognizer.feed(piece) is not None]
    assert all(held)
    assert "<Metric" in held


def test_nothing_is_held_that_has_been_said() -> None:
    recognizer = Recognizer(Catalog.builtin())
    assert [to_json(event) for event in recognizer.feed("a <b")] == ['{"type":"text","text":"a "}']
    assert (recognizer.held, recognizer.inside) == ("<b", "prose")
    recognizer.feed("> <Metric la")
    assert (recognizer.held, recognizer.inside) == ("la", "tag")
    recognizer.feed('bel="x"/><think>a')
    assert recognizer.inside == "hidden"
