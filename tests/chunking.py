"""What the events of a stream come to, however they were cut, and a check that it is always the same."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterable, Iterator
from typing import Any

from genui.events import (
    ComponentDelta,
    ComponentError,
    Event,
    Op,
    RenderComponent,
    Status,
    Text,
)
from genui.markup import Recognizer

Make = Callable[[], Recognizer]


def recognize(make: Make, pieces: Iterable[str]) -> list[Event]:
    """All events of a text that arrives in these pieces."""
    recognizer = make()
    events = [event for piece in pieces for event in recognizer.feed(piece)]
    return events + recognizer.close()


def apply(props: dict[str, Any], op: Op) -> None:
    """One op, as the protocol defines it."""
    *steps, last = [step.replace("~1", "/").replace("~0", "~") for step in op["path"].split("/")[1:]]
    target: Any = props
    for step in steps:
        target = target[int(step) if isinstance(target, list) else step]
    key: Any = int(last) if isinstance(target, list) else last
    match op["op"]:
        case "set":
            target[key] = op["value"]
        case "append":
            target[key] += op["value"]
        case "push":
            target[key].append(op["value"])


def copy(value: Any) -> Any:
    """A deep copy of a JSON value, so that events stay as they were sent."""
    if isinstance(value, dict):
        return {key: copy(item) for key, item in value.items()}
    return [copy(item) for item in value] if isinstance(value, list) else value


def outcome(events: Iterable[Event]) -> list[Any]:
    """What a client ends up with. Raises AssertionError where the events break the protocol."""
    items: list[Any] = []
    components: dict[str, dict[str, Any]] = {}
    for event in events:
        match event:
            case Text():
                assert event.text, "an empty text event"
                if items and items[-1][:2] == ["text", event.parent]:
                    items[-1][2] += event.text
                else:
                    items.append(["text", event.parent, event.text])
            case RenderComponent(state="streaming"):
                assert event.id not in components, f"{event.id} is mounted twice"
                item = {"name": event.name, "props": copy(event.props), "parent": event.parent, "end": None}
                components[event.id] = item
                items.append(["component", event.id, item])
            case ComponentDelta():
                assert components[event.id]["end"] is None, f"{event.id} grows after its end"
                assert event.ops, "a delta without ops"
                for op in event.ops:
                    apply(components[event.id]["props"], copy(op))
            case RenderComponent(state="complete"):
                item = components[event.id]
                assert item["end"] is None, f"{event.id} ends twice"
                assert item["props"] == event.props, "the deltas do not come to the final props"
                assert (item["name"], item["parent"]) == (event.name, event.parent)
                item["end"] = ["complete", list(event.warnings)]
            case ComponentError():
                end = ["error", event.code, event.message, event.source]
                if event.id is None:
                    items.append(["error", event.name, *end])
                else:
                    item = components[event.id]
                    assert item["end"] is None, f"{event.id} ends twice"
                    item["end"] = end
                    del item["props"]  # a failed component's props are nobody's business
            case Status():
                items.append(["status", event.id, event.label, event.state])
    for item in components.values():
        assert item["end"] is not None, "a component was left open"
    return items


def cuts(text: str, randomly: int = 8) -> Iterator[list[str]]:
    """Ways to cut a text: whole, one character at a time, each two-way split, and some at random."""
    yield [text]
    yield list(text)
    for at in range(1, len(text)):
        yield [text[:at], text[at:]]
    dice = random.Random(text.encode("utf-8", "surrogatepass"))  # noqa: S311
    for _ in range(randomly):
        pieces, at = [], 0
        while at < len(text):
            size = dice.choice((1, 2, 3, 4, 7, 15, 40))
            pieces.append(text[at : at + size])
            at += size
        yield pieces


def check_all_chunkings(make: Make, text: str) -> list[Any]:
    """The outcome of a text, having checked that no way to cut it gives another one."""
    expected = outcome(recognize(make, [text]))
    for pieces in cuts(text):
        found = outcome(recognize(make, pieces))
        assert found == expected, f"cut as {pieces!r}"
    return expected
