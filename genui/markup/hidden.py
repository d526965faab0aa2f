"""What a model writes and no user may see: thoughts, tool calls, special tokens.

A hidden span opens with `<name` at a delimiter and ends with `</name>`; spans of one name nest. One that is
called `name=` opens with just that, as in `<function=search>…</function>`. Special tokens are `<|name|>`;
most vanish alone, some hide what follows them up to the token that says that the answer goes on (the chat
templates of Harmony, Llama, Qwen, DeepSeek and Kimi). ReAct labels hide lines.

A zone is the inside of any of these. It keeps nothing, so that nothing can leak: `Zone.read` only says how
far it came and whether it ended there, and never consumes what may be the beginning of its end.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True, slots=True)
class HiddenSpan:
    """A tag whose content is hidden; one whose name ends in `=` opens with that and ends without. `status` is
    the line that stands for it meanwhile, if any."""

    name: str
    status: str | None = None


THINKING = "Thinking…"
HIDDEN_SPANS = (
    HiddenSpan("think", THINKING),
    HiddenSpan("thinking", THINKING),
    HiddenSpan("thought", THINKING),
    HiddenSpan("reasoning", THINKING),
    HiddenSpan("tool"),
    HiddenSpan("tool_call"),
    HiddenSpan("tool_calls"),
    HiddenSpan("tool_response"),
    HiddenSpan("function_call"),
    HiddenSpan("function_calls"),
    HiddenSpan("function="),
)
TOOL_CALLS = "[TOOL_CALLS]"
"""Mistral's token for calls, as text: they are the rest of the turn."""

TOKEN = re.compile(r"<[|｜]([\w▁./:-](?:[\w▁ ./:-]{0,62}[\w▁./:-])?)[|｜]>")
_TOKEN_BEGUN = re.compile(r"<(?:[|｜](?:[\w▁./:-](?:[\w▁ ./:-]{0,63}(?:(?<! )[|｜])?)?)?)?\Z")
_TOKEN_LENGTH = 68

_TURN_ENDS = ("end", "return", "call", "start", "channel")
_UNTIL = {
    "start": ("channel", "message"),
    "channel": ("message",),
    "im_start": ("im_sep", "im_end"),
    "start_header_id": ("end_header_id",),
    "python_tag": ("eom_id", "eot_id"),
}


class Zone(Protocol):
    """The inside of something hidden. `status` as in HiddenSpan; `span` says to a listener what it is."""

    span: str
    status: str | None

    def read(self, buffer: str, at: int) -> tuple[int, bool]:
        """Consume from `at`: how far, and whether the zone ends there."""
        ...

    def next(self) -> Zone | None:
        """What follows this zone's end: another zone, or the answer."""
        ...


class Span:
    """Inside `<name …>…</name>`, nested spans of the same name included."""

    __slots__ = ("_depth", "_in_tag", "_slash", "_tag", "span", "status")

    def __init__(self, span: HiddenSpan, *, opened: bool = False) -> None:
        self.span = span.name
        self.status = span.status
        name = re.escape(span.name.removesuffix("="))
        opens = rf"{name}=" if span.name.endswith("=") else rf"{name}(?=[\s/>])"
        self._tag = re.compile(rf"<(?:(/){name}(?=[\s/>])|{opens})", re.IGNORECASE)
        self._depth = 1
        self._in_tag = not opened  # between the name of an open or close tag and its `>`
        self._slash = False

    def next(self) -> Zone | None:
        """The answer goes on."""
        return None

    def read(self, buffer: str, at: int) -> tuple[int, bool]:
        """See Zone."""
        while at < len(buffer):
            if self._in_tag:
                at = self._read_tag(buffer, at)
                if self._depth == 0 and not self._in_tag:
                    return at, True
                continue
            tag = self._tag.search(buffer, at)
            if tag is None:
                return max(at, _tail(buffer, at, self._longest)), False
            self._depth += -1 if tag.group(1) else 1
            self._in_tag, self._slash = True, False
            at = tag.end()
        return at, False

    @property
    def _longest(self) -> int:
        return len(self._tag.pattern)

    def _read_tag(self, buffer: str, at: int) -> int:
        end = buffer.find(">", at)
        if end < 0:
            self._slash = buffer[-1] == "/"
            return len(buffer)
        self._in_tag = False
        self._depth -= (buffer[end - 1] == "/") if end > at else self._slash
        return end + 1


class Rest:
    """The rest of a turn, which is all calls."""

    __slots__ = ("status",)

    span = "tool_calls"

    def __init__(self) -> None:
        self.status: str | None = None

    def next(self) -> Zone | None:
        """The answer goes on, in the next turn."""
        return None

    def read(self, buffer: str, at: int) -> tuple[int, bool]:
        """See Zone."""
        return max(at, len(buffer)), False


def _tail(buffer: str, at: int, longest: int) -> int:
    """Where the last thing begins that may still become a tag or a token of at most `longest` characters."""
    found = buffer.rfind("<", max(at, len(buffer) - longest))
    return found if found >= 0 else len(buffer)


class Comment:
    """Inside `{/* … */}` between tags. A blank line ends it, too: one left open swallows no answer."""

    __slots__ = ("status",)

    span = "comment"
    _END = re.compile(r"\*/\s{0,9}\}|(?=\n[ \t\r]{0,64}\n)")
    _END_BEGUN = re.compile(r"(?:\*(?:/\s{0,9})?|\n[ \t\r]{0,64})\Z")

    def __init__(self) -> None:
        self.status: str | None = None

    def next(self) -> Zone | None:
        """The answer goes on."""
        return None

    def read(self, buffer: str, at: int) -> tuple[int, bool]:
        """See Zone."""
        end = self._END.search(buffer, at)
        if end is not None:
            return end.end(), True
        begun = self._END_BEGUN.search(buffer, max(at, len(buffer) - _TOKEN_LENGTH))
        return (begun.start() if begun is not None else len(buffer)), False


class TokenZone:
    """What a special token hides, up to one of the tokens that end it."""

    __slots__ = ("_ended_by", "_ends", "_header", "_line", "status")

    span = "token"

    def __init__(
        self, ends: tuple[str, ...], status: str | None = None, *, header: bool = False, line: bool = False
    ) -> None:
        self.status = status
        self._ends = ends
        self._header: str | None = "" if header else None  # the name of a Harmony channel
        self._line = line  # ends with its line, too
        self._ended_by = ""

    def read(self, buffer: str, at: int) -> tuple[int, bool]:
        """See Zone."""
        while at < len(buffer):
            token = TOKEN.search(buffer, at)
            newline = buffer.find("\n", at, token.start() if token else len(buffer)) if self._line else -1
            if newline >= 0:
                return newline + 1, True
            if token is None:
                end = max(at, _tail(buffer, at, _TOKEN_LENGTH))
                self._note(buffer[at:end])
                return end, False
            self._note(buffer[at : token.start()])
            at = token.end()
            name = _token_name(token)
            if name in self._ends:
                self._ended_by = name
                return at, True
        return at, False

    def _note(self, text: str) -> None:
        if self._header is not None and len(self._header) < _TOKEN_LENGTH:
            self._header += text[:_TOKEN_LENGTH]

    def next(self) -> Zone | None:
        """A token that ends one zone may begin the next; only Harmony's final channel is for the user."""
        if self._ended_by == "message" and self._header is not None:
            if self._header.strip().startswith("final"):
                return None
            return TokenZone(_TURN_ENDS, THINKING)
        return after_token(self._ended_by)


def _token_name(token: re.Match[str]) -> str:
    return token.group(1).strip().lower().replace("▁", "_").replace(" ", "_")


def after_token(name: str) -> Zone | None:
    """What the special token of this name hides, or None if it just vanishes."""
    if not {"end", "eot", "eom"}.isdisjoint(name.split("_")):
        return None
    if name in _UNTIL:
        return TokenZone(_UNTIL[name], header=name == "channel", line=name == "im_start")
    if "begin" in name and name not in ("begin_of_text", "begin_of_sentence"):
        return TokenZone((name.replace("begin", "end"),), THINKING if "th" in name else None)
    if name.startswith(("tool_call", "think")):
        return TokenZone(("/" + name, "end_" + name), THINKING if name.startswith("think") else None)
    return None


def token_begun(buffer: str, at: int) -> bool:
    """Whether the buffer ends in the middle of what may become a special token at `at`."""
    return _TOKEN_BEGUN.match(buffer, at) is not None


def read_token(buffer: str, at: int, *, final: bool) -> tuple[int, str] | None:
    """The special token at `at`: where it ends and its name. None while that is undecided.

    Where there is none, it ends at `at`.
    """
    token = TOKEN.match(buffer, at)
    if token is not None:
        return token.end(), _token_name(token)
    return None if not final and token_begun(buffer, at) else (at, "")


_LABEL = re.compile(
    r"[ \t]*(?:\*\*)?(Thought|Action Input|Action|Observation|Final Answer)(?:\*\*)?:(?:\*\*)?"
)
_LABELS = ("Thought:", "Action Input:", "Action:", "Observation:", "Final Answer:")


def read_label(buffer: str, at: int, *, final: bool) -> tuple[int, str] | None:
    """The ReAct label at the beginning of a line, as `read_token` does it."""
    label = _LABEL.match(buffer, at)
    if label is not None:
        return label.end(), label.group(1)
    line = buffer[at:].lstrip(" \t").replace("*", "")
    undecided = len(buffer) - at < _TOKEN_LENGTH and any(name.startswith(line) for name in _LABELS)
    return None if undecided and not final else (at, "")


class Lines:
    """The lines of a ReAct step, up to the one that begins with `Final Answer:`."""

    __slots__ = ("_at_line_start", "status")

    span = "react"

    def __init__(self) -> None:
        self.status: str | None = THINKING
        self._at_line_start = False

    def next(self) -> Zone | None:
        """The answer goes on."""
        return None

    def read(self, buffer: str, at: int) -> tuple[int, bool]:
        """See Zone."""
        while at < len(buffer):
            if self._at_line_start:
                label = read_label(buffer, at, final=False)
                if label is None:
                    return at, False
                if label[1] == "Final Answer":
                    return label[0], True
            newline = buffer.find("\n", at)
            self._at_line_start = newline >= 0
            at = newline + 1 if newline >= 0 else len(buffer)
        return at, False
