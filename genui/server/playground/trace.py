"""A text recognized piece by piece, with everything that can be seen of it on the way: the events of each
piece and what the recognizer held back after it.

Time does not pass here. Each piece comes 100 ms after the one before it, so that the stage that draws
widgets draws each of their states; how fast it is played is the player's business.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import pairwise
from typing import Any, Literal, TypeAlias, get_args

from genui.agent import cut_tokens
from genui.catalog import Catalog
from genui.errors import CallerError
from genui.events import ComponentData, Event, Json, RenderComponent, changes, to_dict
from genui.markup import Recognizer
from genui.server.html import INTERVAL, HtmlStage

Chunking: TypeAlias = Literal["token", "character", "worst", "whole"]
CHUNKINGS: tuple[Chunking, ...] = get_args(Chunking)

LONGEST = 100_000
"""Characters of one text."""

MOST_PIECES = 20_000


def pieces_of(text: str, chunking: Chunking, catalog: Catalog) -> list[str]:
    """A text cut in one of these ways.

    | chunking | a piece ends |
    | --- | --- |
    | token | where a tokenizer might end one |
    | character | at every character |
    | worst | where the most is held back, each time something is: in the middle of every decision |
    | whole | at the end |
    """
    if chunking == "token":
        return list(cut_tokens(text))
    if chunking == "worst":
        return list(_worst(text, catalog))
    return list(text) if chunking == "character" else [text] if text else []


def _worst(text: str, catalog: Catalog) -> Iterator[str]:
    recognizer, held = Recognizer(catalog), [0]
    for character in text:
        recognizer.feed(character)
        held.append(len(recognizer.held))
    start = 0
    for end, (now, following) in enumerate(pairwise(held)):
        if following < now and end > start:
            yield text[start:end]
            start = end
    if start < len(text):
        yield text[start:]


def trace(pieces: Sequence[str], catalog: Catalog, data: Mapping[str, dict[str, Json]]) -> dict[str, Any]:
    """What becomes of these pieces: `steps`, and the `definitions` of the components in them.

    `data` is what loaders would bring, by the component's name: none of them is called. Raises CallerError
    (`text-too-long`).
    """
    if sum(map(len, pieces)) > LONGEST or len(pieces) > MOST_PIECES:
        message = f"At most {LONGEST:,} characters in {MOST_PIECES:,} pieces are played at a time."
        raise CallerError("text-too-long", message, 413)
    recognizer, show = Recognizer(catalog), _Show(catalog, data)
    steps = []
    for piece in pieces:
        events = show.all(recognizer.feed(piece))
        steps.append({"text": piece, "events": events, "held": recognizer.held, "inside": recognizer.inside})
    steps.append({"text": "", "events": show.all(recognizer.close()), "held": "", "inside": "end"})
    return {"steps": steps, "definitions": catalog.only(sorted(show.names)).describe()}


class _Show:
    """Events as a frontend gets them: drawn, and with data."""

    def __init__(self, catalog: Catalog, data: Mapping[str, dict[str, Json]]) -> None:
        self.names: set[str] = set()
        self._stage = HtmlStage(catalog, "both")
        self._data = data
        self._now = 0.0

    def all(self, events: Sequence[Event]) -> list[dict[str, Json]]:
        self._now += INTERVAL
        staged = [told for event in events for told in self._one(event)]
        return [to_dict(event) for event in (*staged, *self._stage.tick(self._now))]

    def _one(self, event: Event) -> Iterator[Event]:
        yield from self._stage.feed(event, self._now)
        if isinstance(event, RenderComponent):
            self.names.add(event.name)
            if event.state == "complete" and event.name in self._data:
                ops = list(changes({}, self._data[event.name]))
                yield from self._stage.feed(ComponentData(event.id, ops), self._now)
