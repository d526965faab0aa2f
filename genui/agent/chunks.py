"""One chunk of a chat completion, in any provider's dialect, to pieces.

The dialects, all met in the wild: `content` null, a string or a list of typed parts; reasoning under
`reasoning`, `reasoning_content` or `reasoning_details` (OpenRouter sends two of them with the same text);
`choices` empty or missing; usage at the end, in every chunk or under `x_groq`; tool calls without index or
id, all under index 0, with arguments as an object or null; an `error` where a chunk was due; a whole
`message` where a `delta` was due, from servers that cannot stream.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

import jiter

from genui.agent import failures
from genui.agent.model import (
    FinishPiece,
    FinishReason,
    Piece,
    TextPiece,
    ThoughtPiece,
    ToolCallPiece,
    UsagePiece,
    tokens,
)

_FINISH: dict[str, FinishReason] = {
    "length": "length",
    "max_tokens": "length",
    "model_length": "length",
    "tool_calls": "tool_calls",
    "function_call": "tool_calls",
    "content_filter": "content_filter",
}
"""Everything else ("stop", "end_turn", "eos", …) is a plain stop."""

_BROKEN = {"error", "insufficient_system_resource", "network_error"}


class ChunkReader:
    """The chunks of one turn, in order. It remembers only which tool call is being written."""

    ended = False
    """No chunk says that it is the last: usage may follow the reason to finish."""

    def __init__(self) -> None:
        self._calls = _CallNumbers()

    def read(self, data: bytes, event: str = "") -> Iterable[Piece]:
        """The pieces in one frame's JSON text. Raises ModelError for an error that stands in it, and
        ValueError when it has not the shape of a chunk."""
        chunk = parse(data)
        if not isinstance(chunk, dict):
            raise ValueError("a chunk is a JSON object")
        if (text := _plain_text(chunk)) is not None:
            return (TextPiece(text),)
        return self._read_closely(chunk, event)

    def _read_closely(self, chunk: Mapping[str, Any], event: str) -> Iterator[Piece]:
        if event == "error" or chunk.get("error") or chunk.get("object") == "error":
            raise failures.from_chunk(chunk)
        try:
            for choice in chunk.get("choices") or ():
                if not choice.get("index"):  # only the first answer, should a server send several
                    yield from self._choice(choice)
            yield from _usage(chunk)
        except (TypeError, AttributeError) as error:
            raise ValueError("a list or an object stands where a chunk has none") from error

    def _choice(self, choice: Mapping[str, Any]) -> Iterator[Piece]:
        delta = choice.get("delta") or choice.get("message") or {}
        yield from _thoughts(delta)
        yield from _content(delta.get("content"))
        if refusal := _string(delta.get("refusal")):
            yield TextPiece(refusal)
        if calls := delta.get("tool_calls"):
            for call in calls:
                yield self._call(call)
        if reason := choice.get("finish_reason"):
            if reason in _BROKEN:
                raise failures.from_chunk({"error": {"code": reason}})
            yield FinishPiece(_FINISH.get(reason, "stop"))

    def _call(self, call: Mapping[str, Any]) -> ToolCallPiece:
        function = call.get("function") or {}
        arguments = function.get("arguments")
        if not isinstance(arguments, str):
            arguments = "" if arguments is None else json.dumps(arguments, ensure_ascii=False)
        identity, name = _string(call.get("id")), _string(function.get("name"))
        return ToolCallPiece(self._calls.number(call.get("index"), identity, name), identity, name, arguments)


class _CallNumbers:
    """Which call of its turn a part belongs to, counted from 0 in order of appearance.

    A new id is a new call even under an index that was seen (Gemini sends every call as index 0); without
    an index, a part with neither a new id nor a name goes on with the last call.
    """

    def __init__(self) -> None:
        self._count = 0
        self._by_index: dict[int, int] = {}
        self._by_id: dict[str, int] = {}
        self._ids: dict[int, str] = {}

    def number(self, index: int | None, identity: str, name: str) -> int:
        known = self._known(index, identity, name)
        if known is None:
            known, self._count = self._count, self._count + 1
        if index is not None:
            self._by_index[index] = known
        if identity:
            self._by_id[identity] = known
            self._ids.setdefault(known, identity)
        return known

    def _known(self, index: int | None, identity: str, name: str) -> int | None:
        if identity in self._by_id:
            return self._by_id[identity]
        if index is not None:
            known = self._by_index.get(index)
            return None if known is not None and identity and known in self._ids else known
        return self._count - 1 if self._count and not identity and not name else None


def _plain_text(chunk: Mapping[str, Any]) -> str | None:
    """The text of a chunk that holds nothing else, as most do; everything else is looked at closely."""
    try:
        (choice,) = chunk["choices"]
        delta = choice["delta"]
        text = delta["content"]
    except (KeyError, TypeError, ValueError):
        return None
    plain = type(text) is str and text and (len(delta) == 1 or (len(delta) == 2 and "role" in delta))
    if not plain or choice.get("finish_reason") or choice.get("index"):
        return None
    if chunk.get("usage") or "error" in chunk or "x_groq" in chunk:
        return None
    return str(text)


def parse(data: bytes) -> Any:
    """The value of a JSON text, as lenient as models need it. Raises ValueError."""
    try:
        return jiter.from_json(data)
    except ValueError:
        pass  # invalid UTF-8 or a lone surrogate escape is no reason to lose an answer; half a document is
    text = data.decode("utf-8", "replace")
    try:
        return _without_surrogates(json.loads(text))
    except RecursionError as error:
        raise ValueError("the JSON is nested too deep") from error


def _without_surrogates(value: Any) -> Any:
    if isinstance(value, str):
        return value.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")
    if isinstance(value, list):
        return [_without_surrogates(item) for item in value]
    if isinstance(value, dict):
        return {key: _without_surrogates(item) for key, item in value.items()}
    return value


def _string(value: Any) -> str:
    """A string, or a number as one; nothing for nothing. Raises TypeError."""
    if isinstance(value, str | int | None):
        return str(value or "")
    raise TypeError("a string is due")


def _thoughts(delta: Mapping[str, Any]) -> Iterator[Piece]:
    text = delta.get("reasoning_content") or delta.get("reasoning")
    if not text and (details := delta.get("reasoning_details")):
        text = "".join(part.get("text") or part.get("summary") or "" for part in details)
    if isinstance(text, str) and text:
        yield ThoughtPiece(text)


def _content(content: str | Sequence[Any] | None) -> Iterator[Piece]:
    if isinstance(content, str):
        if content:
            yield TextPiece(content)
    elif content:
        for part in content:
            yield from _part(part)


def _part(part: Any) -> Iterator[Piece]:
    if isinstance(part, str):
        yield from _content(part)
    elif (kind := part.get("type")) in ("thinking", "reasoning"):
        if thought := _joined(part.get("thinking") or part.get("text")):
            yield ThoughtPiece(thought)
    elif kind in ("text", "output_text") and (text := _joined(part.get("text"))):
        yield TextPiece(text)


def _joined(value: Any) -> str:
    """The text of a string, of a part, or of a list of either."""
    if isinstance(value, str):
        return value
    if isinstance(value, Mapping):
        return _joined(value.get("text"))
    return "".join(map(_joined, value or ()))


def _usage(chunk: Mapping[str, Any]) -> Iterator[Piece]:
    usage = chunk.get("usage") or (chunk.get("x_groq") or {}).get("usage")
    if usage:
        yield UsagePiece(tokens(usage.get("prompt_tokens")), tokens(usage.get("completion_tokens")))
