"""What a model writes into its text that no user may see, put to use: tool calls, and thoughts.

The recognizer hides it and says what it hides (`Recognizer.listen`); here it becomes the pieces that a
model with native calls would have sent. Three ways of writing are read:

    <tool_call>{"name": "search", "arguments": {"query": "x"}}</tool_call>      Hermes, Qwen and others
    <think>…</think>, <|channel|>analysis<|message|>…                           thoughts
    Thought: … / Action: search / Action Input: {"query": "x"}                  ReAct

A call's pieces come while it is being written, so its status can stand before it is whole; those in other
forms (`written`) come at the turn's end.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

from genui.agent.members import ObjectReader
from genui.agent.model import ThoughtPiece, ToolCallPiece
from genui.agent.written import WrittenCalls

FIRST_INDEX = 10_000
"""Calls in text are numbered from here, beyond those that come natively."""

_CALL_SPANS = frozenset({"tool_call", "tool_calls", "function_call", "function_calls"})
_CALLS_WRITTEN = re.compile(
    r"<(tool_calls?|function_calls?|function(?==))\b.*?(?:</\1\s*>|\Z)|\[TOOL_CALLS\].*\Z",
    re.DOTALL | re.IGNORECASE,
)
_TOKENS_WRITTEN = re.compile(
    r"(?:<\|start\|>[^<]{0,200})?<\|channel\|>(?!\s*final).*?(?:<\|(?:call|end)\|>|\Z)"
    r"|<\|tool_calls_section_begin\|>.*?(?:<\|tool_calls_section_end\|>|\Z)"
    r"|<｜tool▁calls▁begin｜>.*?(?:<｜tool▁calls▁end｜>|\Z)",
    re.DOTALL,
)
_FORM = re.compile(r"(?:\[TOOL_CALLS\])?+[\s>]*+(.)", re.DOTALL)
_LONGEST_HEADER = 400
_THOUGHTS_WRITTEN = re.compile(r"<(think|thinking|thought|reasoning)\b.*?(?:</\1\s*>|\Z)", re.DOTALL)
_STEPS_WRITTEN = re.compile(r"^[ \t]*(?:\*\*)?(?:Thought|Action)(?:\*\*)?:.*\Z", re.DOTALL | re.MULTILINE)
_THOUGHT_END = re.compile(r"</?(?:think|thinking|thought|reasoning)\s*>?\Z|<[|｜][^<>]{1,64}[|｜]>\Z", re.I)
_ARGUMENTS = frozenset({"arguments", "parameters", "args", "input"})
_LABEL = re.compile(
    r"[ \t]*(?:\*\*)?(Thought|Action Input|Action|Observation|Final Answer)(?:\*\*)?:(?:\*\*)?[ \t]*"
)
_LONGEST_LABEL = 24
_QUOTES = " \t`\"'[]*"


class Overheard(NamedTuple):
    """A piece of what a recognizer hid: in what, and under which status."""

    span: str
    text: str
    status: str | None


class Thought(NamedTuple):
    """A piece of a thought, under the status that stands for it."""

    piece: ThoughtPiece
    status: str


class Listener:
    """Makes pieces of what is overheard in one turn. Call it with what was hidden, then `take`."""

    def __init__(self) -> None:
        self._calls = TagCalls()
        self._written = WrittenCalls(FIRST_INDEX * 3)
        self._begun = ""  # what the first call in tags begins with, until that tells its form
        self._form = ""  # the first character of that call
        self._header = ""  # of what a special token begins: it says whom that is for
        self._in_body = False
        self._steps = Steps()
        self._pieces: list[ToolCallPiece | Thought] = []
        self._known_status: str | None = None

    @property
    def stopped(self) -> bool:
        """The model goes on to write what a tool answers: nothing from here on is true."""
        return self._steps.stopped

    def hear(self, span: str, text: str, status: str | None) -> None:
        """See `Overheard`."""
        if span in _CALL_SPANS:
            self._call(text)
        elif span == "function=" or (span == "token" and self._is_call(text, status)):
            self._written.feed(text)
        elif span == "react":
            for piece in self._steps.feed(text):
                self._add(piece, status)
        elif status is not None:
            begins, self._known_status = status != self._known_status, status
            if said := _without_edges(text, begins=begins):
                self._pieces.append(Thought(ThoughtPiece(said), status))

    def _call(self, text: str) -> None:
        """A call in tags: JSON, or in a form that its first character leaves open."""
        if not self._form:
            self._begun += text
            if (found := _FORM.match(self._begun)) is None:
                return
            self._form, text = found[1], self._begun
        if self._form != "<":
            self._pieces += self._calls.feed(text)
        if self._form not in "[{`":
            self._written.feed(text)

    def _is_call(self, text: str, status: str | None) -> bool:
        """Whether what special tokens hide may be a call; all else that has a status is a thought."""
        if status is None:
            header = "" if self._in_body else self._header
            self._header = (header + text)[-_LONGEST_HEADER:]
        self._in_body = status is not None
        return status is None or "to=functions." in self._header

    def take(self) -> list[ToolCallPiece | Thought]:
        """The pieces since the last time."""
        pieces, self._pieces = self._pieces, []
        return pieces

    def end(self) -> list[ToolCallPiece | Thought]:
        """The turn is over: what was held back."""
        self._pieces += self._written.end()
        for piece in self._steps.end():
            self._add(piece, None)
        return self.take()

    def _add(self, piece: ToolCallPiece | ThoughtPiece, status: str | None) -> None:
        if isinstance(piece, ToolCallPiece):
            self._pieces.append(piece)
        elif status is not None:
            self._pieces.append(Thought(piece, status))


class TagCalls:
    """Calls as JSON objects between tags; also several in one pair of tags, or in a list."""

    def __init__(self) -> None:
        self._index = FIRST_INDEX
        self._object = ObjectReader()
        self._named = False
        self._quoted: bool | None = None  # the arguments are JSON in a string

    def feed(self, text: str) -> Iterator[ToolCallPiece]:
        """The next piece from within tags."""
        while text:
            for name, piece in self._object.feed(text):
                if name in _ARGUMENTS:
                    yield from self._arguments(piece)
            yield from self._name()
            if not self._object.closed:
                return
            yield from self._unquoted()
            text = self._object.rest
            self._index += 1
            self._object, self._named, self._quoted = ObjectReader(), False, None

    def _arguments(self, piece: str) -> Iterator[ToolCallPiece]:
        if self._quoted is None and piece.strip():
            self._quoted = piece.lstrip().startswith('"')
        if self._quoted is False:
            yield ToolCallPiece(self._index, arguments=piece)

    def _name(self) -> Iterator[ToolCallPiece]:
        if not self._named and "name" in self._object:
            self._named = True
            yield ToolCallPiece(self._index, name=str(self._object["name"]))

    def _unquoted(self) -> Iterator[ToolCallPiece]:
        if self._quoted:
            found = next(name for name in _ARGUMENTS if name in self._object)
            yield ToolCallPiece(self._index, arguments=str(self._object[found]))


class Steps:
    """The lines of ReAct. A label is known when its colon is there; what follows passes on as it comes."""

    def __init__(self) -> None:
        self.stopped = False
        self._index = FIRST_INDEX * 2 - 1
        self._label = ""
        self._line = ""  # the beginning of a line that may become a label
        self._at_start = True
        self._name = ""

    def feed(self, text: str) -> Iterator[ToolCallPiece | ThoughtPiece]:
        """The next piece of the lines, labels and all."""
        for line in text.splitlines(keepends=True):
            if self.stopped:
                return
            yield from self._part(line)

    def end(self) -> Iterator[ToolCallPiece | ThoughtPiece]:
        """No more lines."""
        if self._at_start and self._line:
            yield from self._said(self._line)
        yield from self._enter("")

    def _part(self, part: str) -> Iterator[ToolCallPiece | ThoughtPiece]:
        """A line, or a part of one."""
        if self._at_start:
            self._line += part
            label = _LABEL.match(self._line)
            if label is None and len(self._line) < _LONGEST_LABEL and not self._line.endswith("\n"):
                return
            part, self._line = self._line, ""
            if label is not None:
                yield from self._enter(label[1])
                part = part[label.end() :]
        self._at_start = part.endswith("\n")
        if part:
            yield from self._said(part)

    def _enter(self, label: str) -> Iterator[ToolCallPiece | ThoughtPiece]:
        if self._label == "Action":
            yield ToolCallPiece(self._index, name=self._name.strip().strip(_QUOTES))
        if label == "Action":
            self._index, self._name = self._index + 1, ""
        if label == "Observation" and self._index >= FIRST_INDEX * 2:
            self.stopped = True
        self._label = label

    def _said(self, text: str) -> Iterator[ToolCallPiece | ThoughtPiece]:
        if self._label == "Action":
            self._name += text
        elif self._label == "Action Input":
            yield ToolCallPiece(self._index, arguments=text)
        elif self._label == "Thought":
            yield ThoughtPiece(text)


def without_hidden(text: str) -> str:
    """The text of a turn without the calls and the thoughts that it holds."""
    if "<" in text or "[TOOL" in text:
        left = text
        for written in (_CALLS_WRITTEN, _THOUGHTS_WRITTEN, _TOKENS_WRITTEN):
            left = written.sub("", left)
        text = left if left == text else left.strip()
    return _STEPS_WRITTEN.sub("", text).strip() if "Action:" in text or "Action:**" in text else text


def _without_edges(text: str, *, begins: bool) -> str:
    """A piece of a thought without the ends of the tags around it."""
    return _THOUGHT_END.sub("", text.removeprefix(">") if begins else text)
