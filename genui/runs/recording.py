"""A recorded run as a file: JSON lines, which docs/playground.md describes.

A recording is a stream of events with two kinds of lines more, `recording` at its top and `chunk` for each
piece that the model wrote. Whoever reads events passes over types that it does not know, so a recording can
be read as plain events, and plain events are a recording of which the text is not known.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from genui.errors import CallerError
from genui.events import LOAD_ERRORS, ComponentError, Event, RenderComponent, Text, from_dict
from genui.runs.answer import Answer

_OURS = ("recording", "chunk")


@dataclass(frozen=True)
class Recording:
    """What a model wrote, piece by piece (none where that is not known), and the events that came of it."""

    pieces: tuple[str, ...]
    events: tuple[Event, ...]


def read_recording(text: str) -> Recording | None:
    """The recording in a file's text; None where it is something else.

    Raises CallerError (`bad-file`) for one that is broken, naming the line.
    """
    if not text.lstrip().startswith('{"type"'):
        return None
    pieces: list[str] = []
    events: list[Event] = []
    for number, line in enumerate(text.split("\n"), 1):
        if not line.strip():
            continue
        try:
            told = json.loads(line)
            if told["type"] == "chunk":
                pieces.append(str(told["text"]))
            elif told["type"] not in _OURS:
                events.append(from_dict(told))
        except (ValueError, TypeError, KeyError) as error:
            raise CallerError("bad-file", f"line {number} is no line of a recording: {error}") from error
    return Recording(tuple(pieces), tuple(events))


def outcome(events: Iterable[Event]) -> list[Event]:
    """What events come to that depends on the text alone: no HTML, no data, no status, nothing of a run."""
    answer = Answer()
    for event in events:
        answer.add(event)
    return [
        event
        for event in answer.events()
        if isinstance(event, Text | RenderComponent)
        or (isinstance(event, ComponentError) and event.code not in LOAD_ERRORS)
    ]


def difference(recorded: Sequence[Event], now: Sequence[Event]) -> str | None:
    """The first place at which two outcomes differ, in words; None where they are the same."""
    for number, (before, after) in enumerate(zip(recorded, now, strict=False), 1):
        if before != after:
            return f"the outcome differs at {number}: recorded {before}, now {after}"
    if len(recorded) != len(now):
        return f"the outcome has {len(now)} parts now, and {len(recorded)} in the recording"
    return None
