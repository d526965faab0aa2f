"""The AI SDK's stream: legal after any number of events, complete, and linear in what it is made of."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from genui import Catalog, Recognizer
from genui.events import (
    ComponentData,
    ComponentDelta,
    ComponentError,
    Event,
    RenderComponent,
    RunEnd,
    RunStart,
    Status,
    Text,
    Thought,
    to_json,
)
from genui.wire import AiSdk
from genui.wire.aisdk import FREE, RATE

CATALOG = Catalog.builtin()
PIECES = (
    "Hello ", "**bold**\n\n", '<Metric "MRR" value="$4k"/>', '<Card title="Q3">', "</Card>", "<Callout>",
    '<Table columns={["a"]} rows={[["b"], ["c"]]}/>', '<LineChart title="x"/>', "</>", "<Card",
    '<SourceList sources={[{"title": "A", "url": "https://a.example"}]}/>', "text\n",
)  # fmt: skip


def run_of(text: str, size: int) -> list[Event]:
    """A run whose model writes a text, so many characters at a time."""
    recognizer = Recognizer(CATALOG)
    events: list[Event] = [RunStart("run_1", "thread_1"), Status("s1", "Looking…", "running")]
    events += [Thought("s1", "hm"), Status("s1", "Looking…", "done", 1.0)]
    for at in range(0, len(text), size):
        events += recognizer.feed(text[at : at + size])
    return [*events, *recognizer.close(), RunEnd("stop")]


def encoded(events: Sequence[Event]) -> bytes:
    return AiSdk().encode([(seq, to_json(event).encode()) for seq, event in enumerate(events, 1)])


def chunks(stream: bytes) -> list[dict[str, Any]]:
    return [json.loads(frame.removeprefix(b"data: ")) for frame in stream.split(b"\n\n") if frame]


def check_legal(told: Sequence[dict[str, Any]]) -> None:
    """What their client demands: parts are open while they are written, and it knows every type."""
    known = ("start", "finish", "abort", "error", "message-metadata", "source-url")
    opened: list[str] = []
    for chunk in told:
        kind, _, step = chunk["type"].rpartition("-")
        if kind in ("text", "reasoning"):
            assert (chunk["id"] in opened) == (step != "start")
            opened = [chunk["id"]] if step != "end" else []
        else:
            assert chunk["type"].startswith("data-") or chunk["type"] in known
    assert told[0]["type"] == "start"


texts = st.lists(st.sampled_from(PIECES), max_size=12).map("".join)


@settings(deadline=None, max_examples=60)
@given(texts, st.integers(1, 30), st.data())
def test_every_prefix_of_a_run_is_a_legal_stream(text: str, size: int, data: st.DataObject) -> None:
    events = run_of(text, size)
    told = chunks(encoded(events[: data.draw(st.integers(1, len(events)))]))
    check_legal(told)
    check_legal(chunks(encoded(events)))


@settings(deadline=None, max_examples=60)
@given(texts, st.integers(1, 30), st.integers(1, 9))
def test_how_the_log_was_read_never_shows(text: str, size: int, batch: int) -> None:
    entries = [(seq, to_json(event).encode()) for seq, event in enumerate(run_of(text, size), 1)]
    encoder = AiSdk()
    parts = [encoder.encode(entries[at : at + batch]) for at in range(0, len(entries), batch)]
    assert b"".join(parts) == AiSdk().encode(entries)


@pytest.mark.parametrize("rows", [10, 100, 1000])
def test_bytes_are_linear_in_those_of_the_events(rows: int) -> None:
    table = ", ".join(f'["row {number}", {number}]' for number in range(rows))
    events = run_of(f'<Table columns={{["a", "b"]}} rows={{[{table}]}}/>', 3)
    size = sum(len(to_json(event).encode()) for event in events)
    assert len(encoded(events)) <= (RATE + 2) * size + FREE


def test_live_data_beside_large_props_stays_linear_and_its_last_state_shows() -> None:
    event = RenderComponent("c1", "Table", "complete", {"rows": ["x" * 50_000]})
    live = [ComponentData("c1", [{"op": "set", "path": "/at", "value": at}]) for at in range(2000)]
    events: list[Event] = [RunStart("r", "t"), event, *live, RunEnd("stop")]
    size = sum(len(to_json(each).encode()) for each in events)
    stream = encoded(events)
    assert len(stream) <= (RATE + 2) * size + FREE
    assert chunks(stream)[-2]["data"]["data"] == {"at": 1999}


def test_a_component_that_is_cut_shows_all_that_came() -> None:
    delta = ComponentDelta("c1", [{"op": "append", "path": "/title", "value": "y"}])
    begun = RenderComponent("c1", "Card", "streaming", {"title": "x" * 50_000})
    told = chunks(encoded([RunStart("r", "t"), begun, delta, RunEnd("cancelled")]))
    assert told[-3]["data"]["props"]["title"].endswith("xy")
    assert told[-1] == {"type": "abort", "reason": "cancelled"}


def test_a_component_that_fails_says_why_and_one_without_its_data_stands() -> None:
    lost = ComponentError("c1", "Stock", "load-failed", "The exchange is closed.", "")
    broken = ComponentError(None, "Chart", "missing-prop", "values is missing", "<Chart/>")
    shown = RenderComponent("c1", "Stock", "complete", {})
    told = chunks(encoded([RunStart("r", "t"), shown, lost, broken]))
    assert [(chunk["data"]["state"], chunk["data"]["error"]["code"]) for chunk in told[2:]] == [
        ("complete", "load-failed"),
        ("error", "missing-prop"),
    ]


def test_sources_are_told_once_each_and_only_addresses_of_the_web() -> None:
    sources = [
        {"title": "A", "url": "https://a.example"},
        "https://a.example",
        "https://b.example",
        {"url": "javascript:alert(1)"},
        {"title": "no address"},
        7,
    ]
    told = chunks(encoded([RenderComponent("c1", "SourceList", "complete", {"sources": sources})]))[1:]
    assert [(chunk["sourceId"], chunk["url"], chunk.get("title")) for chunk in told] == [
        ("c1.0", "https://a.example", "A"),
        ("c1.2", "https://b.example", None),
    ]


def test_text_in_a_component_names_it() -> None:
    told = chunks(encoded([Text("a"), RenderComponent("c1", "Card", "streaming", {}), Text("b", "c1")]))
    assert told[4]["providerMetadata"] == {"genui": {"parent": "c1"}}
