"""The AG-UI encoder: every prefix of a run is legal, and what its patches make is what the events make."""

from __future__ import annotations

import copy
import json
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from genui.catalog import Catalog
from genui.events import ComponentDelta, Event, RenderComponent, RunEnd, RunStart, Status, Text, to_json
from genui.markup import Recognizer
from genui.wire import AgUi

CATALOG = Catalog.builtin()
PIECES = (
    "Sales **rose**. ",
    "\n\n",
    '<Metric "MRR" value="$412k"/>',
    '<Card title="Quarter">It was good. ',
    "</Card>",
    '<Table columns={["a", "b"]} rows={[["x", 1], [null, true]]}/>',
    '<CodeBlock code="print(1) # a comment that is longer than one step"/>',
    '<Metric "Cut',
)


def run_of(text: str, size: int) -> list[Event]:
    recognizer = Recognizer(CATALOG)
    said = [event for at in range(0, len(text), size) for event in recognizer.feed(text[at : at + size])]
    status = [Status("s1", "Looking…", "running"), Status("s1", "Looking…", "done", 0.1)]
    return [RunStart("run_1", "thread_1"), *status, *said, *recognizer.close()]


def frames(events: list[Event], encoder: AgUi | None = None) -> list[dict[str, Any]]:
    encoder = encoder or AgUi("t", "r")
    body = b"".join(encoder.event(seq, event) for seq, event in enumerate(events, 1)).decode()
    assert "\r" not in body
    return [json.loads(frame.partition("data: ")[2]) for frame in body.split("\n\n") if frame]


def patch(document: Any, operation: dict[str, Any]) -> None:
    """One operation of RFC 6902."""
    *steps, last = [step.replace("~1", "/").replace("~0", "~") for step in operation["path"].split("/")[1:]]
    for step in steps:
        document = document[int(step)] if isinstance(document, list) else document[step]
    if isinstance(document, dict):
        assert operation["op"] == "add" or last in document
        document.pop(last) if operation["op"] == "remove" else document.update({last: operation["value"]})
    elif operation["op"] == "add":
        document.insert(len(document) if last == "-" else int(last), operation["value"])
    else:
        document[int(last)] = operation["value"]


class Client:
    """Takes frames as AG-UI's rules have them, and asserts that they keep to those."""

    def __init__(self) -> None:
        self.messages: dict[str, Any] = {}
        self.open: str | None = None
        self.steps: set[str] = set()
        self.state = "new"

    def take(self, frame: dict[str, Any]) -> None:
        kind = frame["type"]
        assert (kind == "RUN_STARTED") == (self.state == "new")
        assert self.state != "over"
        self.state = "over" if kind in ("RUN_FINISHED", "RUN_ERROR") else "running"
        if kind.startswith("TEXT_MESSAGE"):
            self._text(kind, frame)
        elif kind.startswith("ACTIVITY"):
            self._activity(kind, frame)
        elif kind == "STEP_STARTED":
            assert frame["stepName"] not in self.steps
            self.steps.add(frame["stepName"])
        elif kind == "STEP_FINISHED":
            self.steps.remove(frame["stepName"])
        elif self.state == "over":
            assert self.open is None
            assert not self.steps

    def _text(self, kind: str, frame: dict[str, Any]) -> None:
        id_ = frame["messageId"]
        assert self.open == (None if kind.endswith("START") else id_)
        if kind.endswith("START"):
            assert id_ not in self.messages
            self.messages[id_] = ""
        elif kind.endswith("CONTENT"):
            assert frame["delta"]
            self.messages[id_] += frame["delta"]
        self.open = None if kind.endswith("END") else id_

    def _activity(self, kind: str, frame: dict[str, Any]) -> None:
        id_ = frame["messageId"]
        assert self.open is None or kind.endswith("DELTA")
        if kind.endswith("SNAPSHOT"):
            assert id_ not in self.messages
            self.messages[id_] = copy.deepcopy(frame["content"])
        for operation in frame.get("patch", ()):
            patch(self.messages[id_], operation)


def components(node: Any) -> dict[str, Any]:
    found = {node["id"]: node["props"]}
    for child in node["children"]:
        found |= components(child) if child["type"] == "component" else {}
    return found


@settings(max_examples=60, deadline=None)
@given(st.lists(st.sampled_from(PIECES), max_size=8), st.integers(1, 30), st.data())
def test_every_prefix_is_legal_and_has_the_text_and_the_props_of_its_events(
    pieces: list[str], size: int, data: st.DataObject
) -> None:
    events = run_of("".join(pieces), size)
    kept = events[: data.draw(st.integers(1, len(events)))]
    client = Client()
    for frame in frames([*kept, RunEnd("cancelled")]):
        client.take(frame)
    assert client.state == "over"
    last: dict[str, Any] = {}
    grown: dict[str, Any] = {}
    for event in kept:
        if isinstance(event, RenderComponent):
            last[event.id] = copy.deepcopy(event.props)
        elif isinstance(event, ComponentDelta):
            grown[event.id] = event
    told = [node for message in client.messages.values() if isinstance(message, dict) for node in [message]]
    props = {id_: each for node in told for id_, each in components(node).items()}
    assert props.keys() == last.keys()
    assert all(props[id_] == last[id_] for id_ in last if id_ not in grown or _complete(id_, kept))
    said = "".join(event.text for event in kept if isinstance(event, Text) and event.parent is None)
    shown = "".join(message for message in client.messages.values() if isinstance(message, str))
    assert "".join(shown.split()) == "".join(said.split())


def _complete(id_: str, events: list[Event]) -> bool:
    rendered = [event for event in events if isinstance(event, RenderComponent) and event.id == id_]
    return rendered[-1].state == "complete"


@settings(max_examples=20, deadline=None)
@given(st.integers(1, 40))
def test_what_is_read_on_after_any_frame_is_what_was_missing(cut: int) -> None:
    events = [*run_of("".join(PIECES), 5), RunEnd("stop")]
    encoder = AgUi("t", "r")
    whole = [frame for seq, event in enumerate(events, 1) for frame in _split(encoder.event(seq, event))]
    cut = min(cut, len(whole) - 1)
    id_ = whole[cut - 1].partition("\n")[0].removeprefix("id: ")
    seq, _, had = id_.partition(".")
    done = int(seq) - (1 if had else 0)
    again = AgUi("t", "r")
    for at, event in enumerate(events[:done], 1):
        again.event(at, event)
    again.skip(int(had or 0))
    rest = [f for at, event in enumerate(events[done:], done + 1) for f in _split(again.event(at, event))]
    assert whole[:cut] + rest == whole


def _split(body: bytes) -> list[str]:
    return [frame for frame in body.decode().split("\n\n") if frame]


def test_bytes_stay_linear_in_the_length_of_a_string_that_grows_character_by_character() -> None:
    for length in (1_000, 10_000, 100_000):
        code = "x = 1 " * (length // 6)
        events = run_of(f'<CodeBlock code="{code}"/>', 4)
        inside = run_of(f'<Card title="T">{code}</Card>', 4)
        for run in (events, inside):
            encoder = AgUi("t", "r")
            size = sum(len(encoder.event(seq, event)) for seq, event in enumerate(run, 1))
            assert size < 2 * sum(len(to_json(event)) for event in run) + 8 * length
