"""AG-UI, the Agent-User Interaction Protocol 1.0 (https://docs.ag-ui.com), over server-sent events.

A conversation of AG-UI is a flat list of messages, and its place in the list is all the place that one has.
So the answer's own text is one message after another, closed before each component and opened anew behind
it, and a component is an activity message between them. What stands in a component stands in the content of
that activity (see `mirror`): as messages of their own, its children would be told twice.

A component that asks the reader ends the AG-UI run with an interrupt, since there a client answers by a new
run with `resume`. Our run goes on and waits; that new AG-UI run is the rest of it.

Frames carry an id that their clients ignore and that a reconnecting one may send back. An event of ours may
make several frames: `41.1`, `41.2` and `41`, so that the id is that of our event once all of it is there.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Collection, Mapping
from typing import TypeAlias

from genui.events import (
    LOAD_ERRORS,
    AnswerEnd,
    ComponentData,
    ComponentDelta,
    ComponentError,
    Event,
    Json,
    RenderComponent,
    RunEnd,
    RunStart,
    Status,
    Text,
    Thought,
)
from genui.wire.encoder import EventEncoder
from genui.wire.mirror import Node, Patch, face

PROTOCOL_VERSION = "1.0"

ACTIVITY = "genui.component"
"""The `activityType` of a component."""

ANSWER = {
    "type": "object",
    "properties": {"action": {"enum": ["confirm", "decline"]}},
    "required": ["action"],
}
"""JSON Schema of what answers an interrupt."""

Frame: TypeAlias = dict[str, Json]

_USAGE = {"input_tokens": "inputTokens", "output_tokens": "outputTokens"}

_ENCODER = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"))


class AgUi(EventEncoder):
    """One run of ours as a stream of AG-UI. It is fed every event from the first on.

    `thread` and `run` are the client's names for both. `asks` are the names of components that wait for the
    reader's answer. At one that is not `answered` the AG-UI run ends: nothing more is encoded, and `on_end`
    is called.
    """

    def __init__(
        self,
        thread: str,
        run: str,
        asks: Collection[str] = (),
        answered: Collection[str] = (),
        on_end: Callable[[], None] = lambda: None,
    ) -> None:
        self._thread = thread
        self._run = run
        self._ours = ""
        self._asks = asks
        self._answered = answered
        self._on_end = on_end
        self._over = False
        self._frames: list[Frame] = []
        self._opening: list[Frame] = []  # before those of the next event
        self._skip = 0
        self._message: str | None = None  # the text message that is open
        self._messages = self._thoughts = 0
        self._blank: list[str] = []  # white space that no message begins with until more comes
        self._thinking: str | None = None
        self._nodes: dict[str, Node] = {}
        self._steps: dict[str, str] = {}  # the names of open steps, by status

    def resume(self) -> None:
        """What has been encoded so far was another AG-UI run, which a question ended; the next event begins
        a new one."""
        self._begin()
        self._opening, self._frames = self._frames, []

    def skip(self, frames: int) -> None:
        """Leave out the first frames of the next event: the client has them."""
        self._skip = frames

    def event(self, seq: int, event: Event) -> bytes:
        if self._over:
            return b""
        if not isinstance(event, Thought):
            self._end_thinking()
        match event:
            case RunStart():
                self._ours = event.run
                self._begin()
            case Text():
                self._text(event)
            case RenderComponent():
                self._component(event)
            case ComponentDelta():
                self._grow(event)
            case ComponentData():
                self._load(event)
            case ComponentError():
                self._fail(event)
            case Status():
                self._status(event)
            case Thought():
                self._thought(event)
            case RunEnd():
                self._end(event)
            case AnswerEnd():
                pass
        return self._taken(seq)

    def _taken(self, seq: int) -> bytes:
        opening = [_frame("", frame) for frame in self._opening]
        last = len(self._frames)
        numbered = enumerate(self._frames[self._skip :], self._skip + 1)
        frames = [_frame(f"{seq}" if at == last else f"{seq}.{at}", frame) for at, frame in numbered]
        self._opening, self._frames, self._skip = [], [], 0
        return "".join([*opening, *frames]).encode("utf-8", "replace")

    def _say(self, type_: str, **fields: Json) -> None:
        self._frames.append({"type": type_, **fields})

    def _begin(self) -> None:
        self._say(
            "RUN_STARTED",
            threadId=self._thread,
            runId=self._run,
            protocolVersion=PROTOCOL_VERSION,
            metadata={"genui": {"run": self._ours}},
        )
        for name in self._steps.values():
            self._say("STEP_STARTED", stepName=name)

    def _text(self, event: Text) -> None:
        if event.parent in self._nodes:
            self._patch(self._nodes[event.parent], self._nodes[event.parent].say(event.text))
        elif self._message is not None:
            self._say("TEXT_MESSAGE_CONTENT", messageId=self._message, delta=event.text)
        else:
            self._blank.append(event.text)
            if event.text and not event.text.isspace():
                self._open_message()

    def _open_message(self) -> None:
        self._messages += 1
        self._message = f"{self._ours}-text-{self._messages}"
        self._say("TEXT_MESSAGE_START", messageId=self._message, role="assistant")
        self._say("TEXT_MESSAGE_CONTENT", messageId=self._message, delta="".join(self._blank))
        self._blank.clear()

    def _close_message(self) -> None:
        self._blank.clear()
        if self._message is not None:
            self._say("TEXT_MESSAGE_END", messageId=self._message)
            self._message = None

    def _component(self, event: RenderComponent) -> None:
        node = self._nodes.get(event.id)
        if node is not None:
            self._patch(node, node.update(event))
        elif event.parent in self._nodes:
            self._nodes[event.id], patch = self._nodes[event.parent].add(event)
            self._patch(self._nodes[event.id], patch)
        else:
            self._close_message()
            self._nodes[event.id] = Node(event, event.id, "")
            id_ = self._activity(event.id)
            self._say("ACTIVITY_SNAPSHOT", messageId=id_, activityType=ACTIVITY, content=face(event))
        if event.state == "complete" and event.name in self._asks and event.id not in self._answered:
            self._interrupt(event)

    def _grow(self, event: ComponentDelta) -> None:
        if node := self._nodes.get(event.id):
            self._patch(node, node.grow(event.ops))

    def _load(self, event: ComponentData) -> None:
        if node := self._nodes.get(event.id):
            self._patch(node, node.load(event.ops, event.html, event.alt))

    def _fail(self, event: ComponentError) -> None:
        node = self._nodes.get(event.id) if event.id is not None else None
        failure = {"code": event.code, "message": event.message}
        if node is None:
            self._say("CUSTOM", name="genui.component-error", value={"name": event.name, **failure})
        elif event.code in LOAD_ERRORS:
            self._patch(node, node.note(event.message))
        else:
            self._patch(node, node.fail(event.code, event.message))

    def _patch(self, node: Node, patch: Patch) -> None:
        if patch:
            id_ = self._activity(node.root)
            self._say("ACTIVITY_DELTA", messageId=id_, activityType=ACTIVITY, patch=patch)

    def _activity(self, id_: str) -> str:
        return f"{self._ours}-{id_}"

    def _status(self, event: Status) -> None:
        name = self._steps.get(event.id)
        if name is not None and (event.state != "running" or not name.startswith(event.label)):
            self._finish_step(event.id, name, event)
            name = None
        if name is None and event.state == "running":
            taken = set(self._steps.values())
            name = event.label if event.label not in taken else f"{event.label} ({event.id})"
            self._steps[event.id] = name
            self._say("STEP_STARTED", stepName=name)

    def _finish_step(self, id_: str, name: str, event: Status) -> None:
        del self._steps[id_]
        told = {"state": event.state, "seconds": event.seconds, "reason": event.reason}
        known = {key: value for key, value in told.items() if value is not None}
        self._say("STEP_FINISHED", stepName=name, metadata={"genui": known})

    def _thought(self, event: Thought) -> None:
        if self._thinking is None:
            self._thoughts += 1
            self._thinking = f"{self._ours}-thought-{self._thoughts}"
            self._say("REASONING_START", messageId=self._thinking)
            self._say("REASONING_MESSAGE_START", messageId=self._thinking, role="reasoning")
        self._say("REASONING_MESSAGE_CONTENT", messageId=self._thinking, delta=event.text)

    def _end_thinking(self) -> None:
        if self._thinking is not None:
            self._say("REASONING_MESSAGE_END", messageId=self._thinking)
            self._say("REASONING_END", messageId=self._thinking)
            self._thinking = None

    def _interrupt(self, event: RenderComponent) -> None:
        question = {
            "id": f"{self._ours}:{event.id}",
            "reason": "confirmation",
            "message": str(event.props.get("question", event.name)),
            "responseSchema": ANSWER,
        }
        self._close()
        self._say(
            "RUN_FINISHED",
            threadId=self._thread,
            runId=self._run,
            outcome={"type": "interrupt", "interrupts": [question]},
        )
        self._over = True
        self._on_end()

    def _close(self) -> None:
        """Nothing is left open in this AG-UI run."""
        self._close_message()
        for name in self._steps.values():
            self._say("STEP_FINISHED", stepName=name)

    def _end(self, event: RunEnd) -> None:
        for node in self._nodes.values():
            self._patch(node, node.flush())
        self._close()
        self._steps.clear()
        usage = {"usage": [_usage(event.usage)]} if event.usage else {}
        if event.reason == "error":
            error = event.error or {"code": "internal", "message": "internal error"}
            self._say("RUN_ERROR", message=error["message"], code=error["code"], **usage)
            return
        outcome = {"type": "cancelled" if event.reason == "cancelled" else "success"}
        more: Mapping[str, Json] = {"result": {"reason": event.reason}, "outcome": outcome, **usage}
        self._say("RUN_FINISHED", threadId=self._thread, runId=self._run, **more)


def _frame(id_: str, frame: Frame) -> str:
    data = f"data: {_ENCODER.encode(frame)}\n\n"
    return f"id: {id_}\n{data}" if id_ else data


def _usage(usage: Mapping[str, int]) -> dict[str, int]:
    told = {name: usage[key] for key, name in _USAGE.items() if key in usage}
    return {**told, "totalTokens": sum(told.values())} if len(told) == len(_USAGE) else told
