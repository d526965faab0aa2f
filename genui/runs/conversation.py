"""A thread's state, and the rules by which it changes; no store, no clock of its own.

What was said is kept in `turns`, which name the runs that answer; each answer is apart, by its run, for it
is needed after a client has replaced the conversation, and is large.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any, Literal, NamedTuple, TypeAlias, overload

from genui.errors import CallerError
from genui.events import Event, Json, RunEnd, from_dict, to_json

TITLE = 80
"""Characters of the first message that make a thread's first title."""


_END = ',"end":'
"""Stands between an answer's events and its end, as it is stored."""

START = "start"
"""In place of a run's name: before all that was said."""


class Act(NamedTuple):
    """What a reader did with a component of an earlier answer; `of` is the component's name. `once`: no
    other act of its name on this component may follow, unless the answer to it failed."""

    run: str
    component: str
    action: str
    values: dict[str, Json]
    of: str
    once: bool = False


@dataclass(frozen=True, slots=True)
class Said:
    """A message that came from outside: the user's, or history that a client brought along."""

    role: Literal["user", "assistant", "system"]
    content: str
    act: Act | None = None


class StoredEvents(Sequence[Event]):
    """Events as they are stored, in `body`: parsed when somebody looks at them. Nearly all that is done with
    a thread looks at none, or at those of one answer."""

    def __init__(self, body: str) -> None:
        self.body = body

    @cached_property
    def _events(self) -> tuple[Event, ...]:
        return tuple(from_dict(event) for event in json.loads(self.body))

    @overload
    def __getitem__(self, index: int) -> Event: ...

    @overload
    def __getitem__(self, index: slice) -> Sequence[Event]: ...

    def __getitem__(self, index: int | slice) -> Event | Sequence[Event]:
        return self._events[index]

    def __len__(self) -> int:
        return len(self._events)

    def __eq__(self, other: object) -> bool:
        return tuple(other) == self._events if isinstance(other, StoredEvents | tuple) else NotImplemented

    def __hash__(self) -> int:
        return hash(self._events)


@dataclass(frozen=True, slots=True)
class Answered:
    """An answer of ours. While its run goes on, `end` is None and `events` is empty: follow the run."""

    run: str
    events: Sequence[Event] = ()
    end: RunEnd | None = None


Turn: TypeAlias = Said | Answered


class UnknownThreadError(CallerError):
    """No thread has this id, or it was forgotten."""

    def __init__(self) -> None:
        message = "There is no thread with this id, or it is forgotten; send the whole conversation."
        super().__init__("unknown-thread", message, 404)


class ThreadBusyError(CallerError):
    """A run is answering in this thread."""

    def __init__(self) -> None:
        message = "An answer in this thread is still running: wait for its end, or cancel it."
        super().__init__("thread-busy", message, 409)


@dataclass(slots=True)
class Conversation:
    """A thread. `taken` is what was done once, by which run."""

    title: str = ""
    owner: str | None = None
    said: list[Said | str] = field(default_factory=list)  # a str is the run that answers
    answers: dict[str, Answered] = field(default_factory=dict)
    taken: dict[tuple[str, str, str], str] = field(default_factory=dict)

    @property
    def size(self) -> int:
        """About how many characters it holds: what stands in it, and every answer, also those that a client
        has replaced, for an action may still name them."""
        return sum(_size(turn) for turn in (*self.said, *self.answers.values()) if not isinstance(turn, str))

    @property
    def turns(self) -> tuple[Turn, ...]:
        """All its turns, in order."""
        return tuple(turn if isinstance(turn, Said) else self.answers[turn] for turn in self.said)

    @property
    def busy(self) -> bool:
        """Whether any run answers in it."""
        return any(answered.end is None for answered in self.answers.values())

    def begin(self, said: Sequence[Said], run: str, keep: int | None, after: str | None, limit: int) -> None:
        """See `Threads.begin`; without `keep`, nothing is replaced. Raises what that raises, having changed
        nothing."""
        if _runs(self.said if keep is None else self.said[:keep], self.answers):
            raise ThreadBusyError
        turns = self._stem(said, keep, after)
        taken = self.taken if after is None else {act: by for act, by in self.taken.items() if by in turns}
        act = said[-1].act
        if act and act.once and act[:3] in taken:
            raise CallerError("action-taken", "This was already done; it can be done once.", 409)
        if replace(self, said=[*turns, *said]).size > limit:
            message = "This conversation has become too long to go on; begin a new one."
            raise CallerError("thread-too-large", message, 413)
        self.taken = {**taken, act[:3]: run} if act and act.once else taken
        if after == START and self.title == _title([turn for turn in self.said if isinstance(turn, Said)]):
            self.title = ""  # it was the first question's
        self.title = self.title or _title(said)
        self.said = [*turns, *said, run]
        self.answers[run] = Answered(run)

    def finish(self, run: str, events: Sequence[Event], end: RunEnd | None) -> bool:
        """The run has ended; False when that was known."""
        if run not in self.answers or self.answers[run].end is not None:
            return False
        answered = self.answers[run] = Answered(run, tuple(events), end)
        if _failed(answered):
            self.taken = {act: by for act, by in self.taken.items() if by != run}
        return True

    def fork(self, turns: int, new_run: Callable[[], str]) -> Conversation:
        """A new one of the first `turns` turns. Its answers get names of their own, so that an action on one
        of their widgets goes on in the new thread; what was done once stays done. Raises ThreadBusyError."""
        kept = self.said[:turns]
        names = {turn: new_run() for turn in kept if isinstance(turn, str)}
        answers = {new: replace(self.answers[old], run=new) for old, new in names.items()}
        if any(answered.end is None for answered in answers.values()):
            raise ThreadBusyError
        said = [names[turn] if isinstance(turn, str) else _renamed(turn, names) for turn in kept]
        taken = {
            (names[run], component, action): names[by]
            for (run, component, action), by in self.taken.items()
            if run in names and by in names
        }
        return Conversation(self.title, self.owner, said, answers, taken)

    def _stem(self, said: Sequence[Said], keep: int | None, after: str | None) -> list[Said | str]:
        """The turns to go on from."""
        if keep is not None:
            return self.said[:keep]
        return self._without_failure(said) if after is None else self._up_to(after)

    def _up_to(self, run: str) -> list[Said | str]:
        """The turns up to an answer. Raises CallerError (`unknown-run`)."""
        if run == START:
            return []
        if run not in self.said:
            message = (
                "after: no answer that stands in this thread is of this run; send the whole conversation."
            )
            raise CallerError("unknown-run", message, 404)
        return self.said[: self.said.index(run) + 1]

    def _without_failure(self, said: Sequence[Said]) -> list[Said | str]:
        """The turns to go on from: without the last one, when it failed and the same is said again."""
        last = self.said[-1] if self.said else None
        failed = isinstance(last, str) and _failed(self.answers[last])
        again = failed and len(self.said) > 1 and self.said[-2] == said[-1]
        return self.said[:-2] if again else self.said


def head_json(conversation: Conversation) -> str:
    """The state without the answers."""
    head = {
        "said": [turn if isinstance(turn, str) else _said_json(turn) for turn in conversation.said],
        "taken": [[*act, run] for act, run in conversation.taken.items()],
    }
    return json.dumps(head, ensure_ascii=False, separators=(",", ":"))


def answer_json(answered: Answered) -> str:
    """An answer, to be stored."""
    end = to_json(answered.end) if answered.end else "null"
    return f'{{"events":{_events_json(answered.events)}{_END}{end}}}'


def conversation_of(title: str, owner: str | None, head: str, answers: Mapping[str, str]) -> Conversation:
    """The inverse of the two above."""
    state = json.loads(head)
    said = [turn if isinstance(turn, str) else _said_of(turn) for turn in state["said"]]
    taken = {(run, component, action): by for run, component, action, by in state["taken"]}
    known = {run: _answer_of(run, body) for run, body in answers.items()}
    return Conversation(title, owner, said, known, taken)


def _events_json(events: Sequence[Event]) -> str:
    if isinstance(events, StoredEvents):
        return events.body
    return f"[{','.join(map(to_json, events))}]"


def _said_json(said: Said) -> dict[str, Json]:
    act = {"act": list(said.act)} if said.act else {}
    return {"role": said.role, "content": said.content, **act}


def _said_of(wire: Mapping[str, Any]) -> Said:
    return Said(wire["role"], wire["content"], Act(*wire["act"]) if "act" in wire else None)


def _answer_of(run: str, body: str) -> Answered:
    # The last of these marks is the one between the two: an end has no list in it, and in a string the quotes
    # of a mark would be escaped.
    events, _, rest = body.removeprefix('{"events":').rpartition("]" + _END)
    end = json.loads(rest.removesuffix("}"))
    known = from_dict(end) if end else None
    assert known is None or isinstance(known, RunEnd)  # noqa: S101
    return Answered(run, StoredEvents(events + "]"), known)


def _renamed(said: Said, names: Mapping[str, str]) -> Said:
    """With its act on the renamed run, if that is among them."""
    if said.act is None or said.act.run not in names:
        return said
    return replace(said, act=said.act._replace(run=names[said.act.run]))


def _title(said: Sequence[Said]) -> str:
    first = next((turn.content for turn in said if turn.role == "user"), "")
    words = " ".join(first.split())
    return words if len(words) <= TITLE else words[: TITLE - 1].rstrip() + "…"


def _runs(said: Sequence[Said | str], answers: Mapping[str, Answered]) -> bool:
    """Whether the last of these turns is still being answered."""
    return bool(said) and isinstance(said[-1], str) and answers[said[-1]].end is None


def _failed(answered: Answered) -> bool:
    return answered.end is not None and answered.end.reason == "error"


def _size(turn: Turn) -> int:
    if isinstance(turn, Said):
        return len(turn.content) + len(str(turn.act or ""))
    return len(_events_json(turn.events))
