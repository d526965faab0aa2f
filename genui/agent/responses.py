"""The events of the Responses API, OpenAI's and its imitators', to pieces.

Deltas are what is read; what comes only in a `…done`, in a whole item or in the last event is read there, so
that each text and each call comes once, however much of it a server repeats. Items are told apart by their
`output_index` or, where that is missing, by their id.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Hashable, Iterator, Mapping
from typing import Any, TypeAlias

from genui.agent import failures
from genui.agent.chunks import parse
from genui.agent.model import (
    FinishPiece,
    FinishReason,
    Piece,
    ReasoningPiece,
    TextPiece,
    ThoughtPiece,
    ToolCallPiece,
    UsagePiece,
    tokens,
)

_THOUGHTS = {
    "response.reasoning_summary_text.delta",
    "response.reasoning_summary.delta",
    "response.reasoning_text.delta",
    "response.reasoning.delta",
}
_INCOMPLETE: dict[str, FinishReason] = {"content_filter": "content_filter"}

Event: TypeAlias = Mapping[str, Any]


class ResponsesReader:
    """The events of one response, in order. The input of a call of the custom tool `answer_tool`, if one is
    named, is the model's answer: see `constrain`."""

    def __init__(self, answer_tool: str | None = None) -> None:
        self.ended = False
        """The last event was read."""
        self._answer_tool = answer_tool
        self._told: set[Hashable] = set()  # the texts and arguments of which something has come
        self._calls: dict[Hashable, int] = {}
        self._sealed_items: set[Hashable] = set()
        self._answers: set[Hashable] = set()  # items that are calls of the answer tool

    def read(self, data: bytes, event: str = "") -> Iterator[Piece]:
        """The pieces in one frame's JSON text. Raises ModelError for an error that stands in it, and
        ValueError when it has not the shape of an event."""
        found = parse(data)
        if not isinstance(found, dict):
            raise ValueError("an event is a JSON object")
        kind = found.get("type") or event
        if kind == "error" or (found.get("error") and not kind):
            raise failures.from_chunk(found)
        try:
            if found.get("object") == "response":  # a server that does not stream
                yield from self._end(found)
            elif kind in _THOUGHTS:
                yield from _thought(found)
            elif kind in _READERS:
                yield from _READERS[kind](self, found)
        except (TypeError, AttributeError, KeyError) as error:
            raise ValueError("an event that is not like those of the Responses API") from error

    # Text

    def _text_delta(self, event: Event) -> Iterator[Piece]:
        self._told.add((_item(event), event.get("content_index") or 0))
        if delta := _string(event["delta"]):
            yield TextPiece(delta)

    def _text_done(self, event: Event) -> Iterator[Piece]:
        text = event.get("text") or event.get("refusal") or ""
        yield from self._whole_text(_item(event), event.get("content_index") or 0, text)

    def _whole_text(self, item: Hashable, index: int, text: str) -> Iterator[Piece]:
        if (item, index) not in self._told and text:
            self._told.add((item, index))
            yield TextPiece(_string(text))

    # Calls

    def _item_added(self, event: Event) -> Iterator[Piece]:
        yield from self._begun(_item(event), event["item"])

    def _begun(self, key: Hashable, item: Event) -> Iterator[Piece]:
        """A call begins, unless it has."""
        kind = item.get("type")
        if kind == "custom_tool_call" and item.get("name") == self._answer_tool:
            self._answers.add(key)
        elif kind in ("function_call", "custom_tool_call") and key not in self._calls:
            self._calls[key] = len(self._calls)
            identity = item.get("call_id") or item.get("id") or ""
            yield ToolCallPiece(self._calls[key], _string(identity), _string(item.get("name") or ""))

    def _call_delta(self, event: Event) -> Iterator[Piece]:
        yield from self._input(_item(event), _string(event["delta"]))

    def _call_done(self, event: Event) -> Iterator[Piece]:
        yield from self._whole_input(_item(event), event.get("arguments") or event.get("input"))

    def _whole_input(self, key: Hashable, value: Any) -> Iterator[Piece]:
        if (key, "input") not in self._told and value:
            yield from self._input(key, value if isinstance(value, str) else json.dumps(value))

    def _input(self, key: Hashable, text: str) -> Iterator[Piece]:
        self._told.add((key, "input"))
        if key in self._answers:
            yield TextPiece(text)
        elif key in self._calls:
            yield ToolCallPiece(self._calls[key], arguments=text)

    # Whole items, and the end

    def _item_done(self, event: Event) -> Iterator[Piece]:
        yield from self._whole(_item(event), event["item"])

    def _whole(self, key: Hashable, item: Event) -> Iterator[Piece]:
        """What of an item has not come in pieces."""
        if item.get("type") == "message":
            for index, part in enumerate(item.get("content") or ()):
                yield from self._whole_text(key, index, part.get("text") or part.get("refusal") or "")
        elif item.get("type") == "reasoning":
            yield from self._sealed(key, item)
        else:
            yield from self._begun(key, item)
            yield from self._whole_input(key, item.get("arguments") or item.get("input"))

    def _sealed(self, key: Hashable, item: Event) -> Iterator[Piece]:
        """A thought that is sent back; without its seal, a server that keeps nothing would not know it."""
        if item.get("encrypted_content") and key not in self._sealed_items:
            self._sealed_items.add(key)
            kept = ("type", "id", "summary", "encrypted_content")
            yield ReasoningPiece({name: item[name] for name in kept if name in item})

    def _ended(self, event: Event) -> Iterator[Piece]:
        yield from self._end(event.get("response") or {})

    def _end(self, response: Event) -> Iterator[Piece]:
        if response.get("status") == "failed" or response.get("error"):
            raise failures.from_chunk(response)
        if not (self._told or self._calls):  # all of it comes only now
            for index, item in enumerate(response.get("output") or ()):
                yield from self._whole(index, item)
        if usage := response.get("usage"):
            yield UsagePiece(tokens(usage.get("input_tokens")), tokens(usage.get("output_tokens")))
        self.ended = True
        yield FinishPiece(self._reason(response))

    def _reason(self, response: Event) -> FinishReason:
        if response.get("status") == "incomplete":
            details = response.get("incomplete_details") or {}
            return _INCOMPLETE.get(details.get("reason", ""), "length")
        return "tool_calls" if self._calls else "stop"


def _string(value: Any) -> str:
    if isinstance(value, str):
        return value
    raise TypeError("a delta is a string")


def _item(event: Event) -> Hashable:
    index = event.get("output_index")
    return index if index is not None else event.get("item_id") or (event.get("item") or {}).get("id") or 0


def _thought(event: Event) -> Iterator[Piece]:
    delta = event.get("delta")
    text = delta.get("text") if isinstance(delta, Mapping) else delta
    if isinstance(text, str) and text:
        yield ThoughtPiece(text)


_READERS: dict[str, Callable[[ResponsesReader, Event], Iterator[Piece]]] = {
    "response.output_text.delta": ResponsesReader._text_delta,
    "response.output_text.done": ResponsesReader._text_done,
    "response.refusal.delta": ResponsesReader._text_delta,
    "response.refusal.done": ResponsesReader._text_done,
    "response.output_item.added": ResponsesReader._item_added,
    "response.output_item.done": ResponsesReader._item_done,
    "response.function_call_arguments.delta": ResponsesReader._call_delta,
    "response.function_call_arguments.done": ResponsesReader._call_done,
    "response.custom_tool_call_input.delta": ResponsesReader._call_delta,
    "response.custom_tool_call_input.done": ResponsesReader._call_done,
    "response.completed": ResponsesReader._ended,
    "response.incomplete": ResponsesReader._ended,
    "response.failed": ResponsesReader._ended,
}
