"""OpenAI's chat completions, for clients that show text and nothing else: a component is what it says in
words, in a paragraph of its own or, where it stands in a line, in that line.

Which words is not known here: the server tells (`Words`). Line ends are held back until something follows
them, so that there is one blank line around a component however the text was cut.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import NamedTuple, TypeAlias

from genui.events import (
    ComponentData,
    ComponentDelta,
    ComponentError,
    Event,
    Failure,
    Json,
    RenderComponent,
    RunEnd,
    RunStart,
    Text,
    apply_op,
)
from genui.wire.encoder import EventEncoder

_ENCODER = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"))


class Said(NamedTuple):
    """A component in words, and whether these stand in a line of text."""

    words: str
    inline: bool


Words: TypeAlias = Callable[[str, Mapping[str, Json], Mapping[str, Json]], Said]
"""By a component's name, props and data."""


class Prose:
    """A run's events as plain text, piece by piece."""

    def __init__(self, words: Words) -> None:
        self._words = words
        self._open: dict[str, RenderComponent] = {}  # those of which nothing was said yet
        self._data: dict[str, dict[str, Json]] = {}
        self._begun = False
        self._owed = 0  # line ends that are held back
        self._least = 0  # how many there have to be before what follows

    def text_of(self, event: Event) -> str:
        """The text that an event adds."""
        return "".join(self._pieces(event))

    def _pieces(self, event: Event) -> Iterator[str]:
        match event:
            case Text():
                yield from self._enter(event.parent)
                yield self._append(event.text)
            case RenderComponent():
                yield from self._enter(event.parent)
                yield from self._render(event)
            case ComponentDelta() if event.id in self._open:
                for op in event.ops:
                    apply_op(self._open[event.id].props, op)
            case ComponentError() if event.id is not None:
                self._open.pop(event.id, None)
            case ComponentData():
                for op in event.ops:
                    apply_op(self._data.setdefault(event.id, {}), op)

    def _render(self, event: RenderComponent) -> Iterator[str]:
        if event.state == "streaming":
            self._open[event.id] = event
        elif self._open.pop(event.id, None) is not None:
            yield from self._say(event)

    def _enter(self, parent: str | None) -> Iterator[str]:
        """Something stands in a component: what that says comes first."""
        if parent is not None and (event := self._open.pop(parent, None)):
            yield from self._say(event)

    def _say(self, event: RenderComponent) -> Iterator[str]:
        said = self._words(event.name, event.props, self._data.get(event.id, {}))
        if not said.words:
            return
        least = 0 if said.inline else 2
        self._least = max(self._least, least)
        yield self._append(said.words)
        self._least = least

    def _append(self, text: str) -> str:
        body = text.lstrip("\n")
        self._owed += len(text) - len(body)
        if not body:
            return ""
        kept = body.rstrip("\n")
        before = max(self._owed, self._least) if self._begun else 0
        self._begun, self._owed, self._least = True, len(body) - len(kept), 0
        return "\n" * before + kept


class OpenAiChat(EventEncoder):
    """One run as chunks of a chat completion. `created` is in seconds since the epoch."""

    def __init__(self, prose: Prose, model: str, created: int, *, usage: bool = False) -> None:
        self._prose = prose
        self._head: dict[str, Json] = {"object": "chat.completion.chunk", "created": created, "model": model}
        self._cost: dict[str, Json] = {"usage": None} if usage else {}  # theirs say so, of all but the last

    def event(self, seq: int, event: Event) -> bytes:  # noqa: ARG002 (their chunks have no numbers)
        return b"".join([_frame(chunk) for chunk in self._chunks(event)])

    def end(self) -> bytes:
        return b"data: [DONE]\n\n"

    def _chunks(self, event: Event) -> Iterator[dict[str, Json]]:
        if isinstance(event, RunStart):
            self._head = {"id": f"chatcmpl-{event.run}", **self._head}
            yield self._chunk({"role": "assistant", "content": ""})
        elif isinstance(event, RunEnd):
            yield from self._finish(event)
        elif text := self._prose.text_of(event):
            yield self._chunk({"content": text})

    def _finish(self, end: RunEnd) -> Iterator[dict[str, Json]]:
        if end.error is not None:
            yield error_of(end.error)
            return
        yield self._chunk({}, finish_reason(end))
        if self._cost and end.usage is not None:
            yield {**self._head, "choices": [], "usage": usage_of(end.usage)}

    def _chunk(self, delta: dict[str, Json], finish: str | None = None) -> dict[str, Json]:
        choice: dict[str, Json] = {"index": 0, "delta": delta, "finish_reason": finish}
        return {**self._head, "choices": [choice], **self._cost}


def completion(events: Iterable[Event], prose: Prose, model: str, created: int) -> dict[str, Json]:
    """A run that has ended as a chat completion in one piece, or what its error is in OpenAI's form."""
    run, text, end = "", "", RunEnd("stop")
    for event in events:
        text += prose.text_of(event)
        run = event.run if isinstance(event, RunStart) else run
        end = event if isinstance(event, RunEnd) else end
    if end.error is not None:
        return error_of(end.error)
    message = {"role": "assistant", "content": text}
    choice = {"index": 0, "message": message, "finish_reason": finish_reason(end)}
    head = {"id": f"chatcmpl-{run}", "object": "chat.completion", "created": created, "model": model}
    return {**head, "choices": [choice], **({"usage": usage_of(end.usage)} if end.usage else {})}


def error_of(failure: Failure) -> dict[str, Json]:
    """A failure in OpenAI's form."""
    told = {"message": failure["message"], "type": "genui_error", "param": None, "code": failure["code"]}
    return {"error": told}


def finish_reason(end: RunEnd) -> str:
    return "length" if end.reason == "length" else "stop"


def usage_of(usage: Mapping[str, int]) -> dict[str, Json]:
    asked, answered = usage.get("input_tokens", 0), usage.get("output_tokens", 0)
    return {"prompt_tokens": asked, "completion_tokens": answered, "total_tokens": asked + answered}


def _frame(chunk: Mapping[str, Json]) -> bytes:
    return b"data: %b\n\n" % _ENCODER.encode(chunk).encode("utf-8", "replace")
