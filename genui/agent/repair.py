"""Repair: a component that is invalid is mended by the model that wrote it, hidden from the user.

The model is asked about that one tag, in a request of its own beside the stream, which it never holds up.
What it answers is read by a recognizer of its own, and only a valid component of the same name is used: a
later `complete` with the same id puts the widget right in place. Anything else leaves the error standing.

Not inside the loop, where a repair could speak only between two pieces of the model, so not while a tool
works; but as a companion of the run (`genui.runs`), which may speak whenever it has something to say, and
which the run waits for.

| what is wrong | is it mended? |
| --- | --- |
| a prop is invalid or missing, or the tag is never closed | yes, if the tag was written to its end |
| the same, of a tag with children | no: they are on the page already, in its place |
| children are missing | yes, with children |
| the text was cut in the tag | no: what is missing was never written |
| a limit was exceeded, or the template or a loader failed | no: the model did not write it wrong |
"""

from __future__ import annotations

import asyncio
import logging
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TypeAlias, TypeGuard

from genui.agent.closing import closing
from genui.agent.model import Message, Model, TextPiece, UsagePiece
from genui.catalog import Catalog, Component
from genui.errors import ModelError
from genui.events import (
    ComponentDelta,
    ComponentError,
    Event,
    RenderComponent,
    RunEnd,
    Text,
)
from genui.markup import Recognizer

log = logging.getLogger("genui.agent")

Say: TypeAlias = Callable[[Event], None]

MENDABLE = frozenset({"invalid-prop", "missing-prop", "missing-children", "unclosed-tag"})
"""The codes of errors that are the model's, and that it can do something about."""

_LONGEST_ANSWER = 20_000  # characters; the tag that is to be mended has at most a tenth of that
_LONGEST_QUESTION = 4_000
_FENCE = re.compile(r"^\s*```.*$", re.MULTILINE)
_PATIENCE = 1.0  # seconds that a cancelled request has to end

_SYSTEM = """\
You mend one component tag that was written wrong. Answer with the whole mended tag and nothing else: no \
words, no code fence. Keep its name and everything in it that is right. Never invent data: take what is \
missing from the tag and the question only, and if it is not there, answer with nothing.

{rules}"""

_USER = """\
The question that is being answered:
{question}

The tag:
{tag}

What is wrong with it: {problem}"""


@dataclass(frozen=True, slots=True)
class RepairLimits:
    """At most `count` repairs a run, each within `seconds`."""

    count: int = 3
    seconds: float = 20.0


@dataclass(slots=True)
class RepairCount:
    """What has become of the repairs so far, of all runs that share it."""

    asked: int = 0
    mended: int = 0


class Repairs:
    """The repairs of one run: a companion of it (see `genui.runs.Companion`).

    `messages` is the conversation that the run answers. Never raises, whatever the model does.
    """

    def __init__(
        self,
        model: Model,
        catalog: Catalog,
        messages: Sequence[Message],
        limits: RepairLimits = RepairLimits(),
        count: RepairCount | None = None,
    ) -> None:
        self._model = model
        self._catalog = catalog
        self._question = _question(messages)
        self._limits = limits
        self._count = count if count is not None else RepairCount()
        self._parents: dict[str, str | None] = {}  # of the components that are not sealed
        self._left = limits.count
        self._tasks: set[asyncio.Task[None]] = set()
        self._usage: list[UsagePiece] = []

    def hear(self, event: Event, say: Say) -> None:
        """Begin a repair, if this is an error that can be mended."""
        if isinstance(event, RenderComponent):
            if event.state == "streaming":
                self._parents[event.id] = event.parent
            else:
                self._parents.pop(event.id, None)
        elif isinstance(event, ComponentError) and self._left and self._is_mendable(event):
            self._left -= 1
            task = asyncio.get_running_loop().create_task(self._mend(event, say), name="genui repair")
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)

    @property
    def busy(self) -> bool:
        """Whether the model has not answered yet."""
        return bool(self._tasks)

    async def finish(self) -> None:
        """Wait for all of them: each has its time, so this ends."""
        if self._tasks:
            await asyncio.wait(self._tasks, timeout=self._limits.seconds + _PATIENCE)

    async def close(self) -> None:
        """Cancel those that the model has not answered."""
        for task in self._tasks:
            task.cancel()
        if self._tasks:
            await asyncio.wait(self._tasks, timeout=_PATIENCE)

    def conclude(self, end: RunEnd) -> RunEnd:
        """The end, with the tokens of the repairs counted in."""
        if not self._usage:
            return end
        usage = dict(end.usage or {"input_tokens": 0, "output_tokens": 0})
        usage["input_tokens"] += sum(piece.input_tokens for piece in self._usage)
        usage["output_tokens"] += sum(piece.output_tokens for piece in self._usage)
        return replace(end, usage=usage)

    def _is_mendable(self, error: ComponentError) -> bool:
        component = self._catalog.get(error.name)
        if error.id is None or error.code not in MENDABLE or component is None:
            return False
        if component.takes_children and not _lacks_children(error):
            return False
        # A source that does not end in `>` was cut, by the text's end or because it is too long to show.
        return error.source.endswith(">") or (error.code == "unclosed-tag" and error.source[-1:] != "…")

    async def _mend(self, error: ComponentError, say: Say) -> None:
        """One repair, from the question to the widget."""
        self._count.asked += 1
        try:
            async with asyncio.timeout(self._limits.seconds):
                answer = await self._ask(error)
        except (ModelError, TimeoutError) as failed:
            log.info("component %s was not repaired: %s", error.name, type(failed).__name__)
            return
        except Exception:
            log.exception("component %s: its repair failed", error.name)
            return
        mended = read_answer(answer, error, self._parents.get(error.id or ""), self._catalog)
        if not mended:
            log.info("component %s was not repaired: what the model answered is no better", error.name)
            return
        self._count.mended += 1
        for event in mended:
            say(event)

    async def _ask(self, error: ComponentError) -> str:
        texts: list[str] = []
        length = 0
        usage: UsagePiece | None = None
        async with closing(self._model.stream(self._request(error), ())) as pieces:
            async for piece in pieces:
                if isinstance(piece, UsagePiece):
                    usage = piece
                elif isinstance(piece, TextPiece):
                    texts.append(piece.text)
                    length += len(piece.text)
                    if length > _LONGEST_ANSWER:
                        break
        if usage is not None:
            self._usage.append(usage)
        return "".join(texts)[:_LONGEST_ANSWER]

    def _request(self, error: ComponentError) -> list[Message]:
        rules = self._catalog.only(_needed(self._catalog[error.name])).prompt()
        user = _USER.format(question=self._question, tag=error.source, problem=error.message)
        return [
            {"role": "system", "content": _SYSTEM.format(rules=rules)},
            {"role": "user", "content": user},
        ]


def read_answer(answer: str, error: ComponentError, parent: str | None, catalog: Catalog) -> list[Event]:
    """The events that put right the component of `error`, which stands in `parent`; none if the model's
    answer holds no valid component of that name."""
    recognizer = Recognizer(catalog)
    bare = _FENCE.sub("", answer).strip().strip("`")  # whatever was asked for, models like to fence code
    events = [*recognizer.feed(bare), *recognizer.close()]
    root = next((event.id for event in events if _is_mended(event, error.name)), None)
    if root is None or error.id is None:
        return []
    return list(_grafted(events, root, error.id, parent))


def _grafted(events: Sequence[Event], root: str, place: str, parent: str | None) -> Iterator[Event]:
    """The component `root` and what stands in it, under the id of the one that it replaces."""
    ids = {root: place}
    for event in events:
        if isinstance(event, RenderComponent):
            if event.id != root and event.parent in ids:
                ids[event.id] = f"{place}-{event.id}"
                yield replace(event, id=ids[event.id], parent=ids[event.parent])
            elif event.id == root and event.state == "complete":
                yield replace(event, id=place, parent=parent)
        elif isinstance(event, Text):
            if event.parent in ids:
                yield replace(event, parent=ids[event.parent])
        elif isinstance(event, ComponentDelta | ComponentError) and event.id in ids and event.id != root:
            yield replace(event, id=ids[event.id])


def _is_mended(event: Event, name: str) -> TypeGuard[RenderComponent]:
    if not isinstance(event, RenderComponent) or event.parent is not None:
        return False
    return event.state == "complete" and event.name == name


def _lacks_children(error: ComponentError) -> bool:
    """Whether the tag has no children of its own, or none that will do."""
    return error.source.endswith("/>") or error.code == "missing-children"


def _needed(component: Component) -> list[str]:
    """The names of a component and of those that must stand in it."""
    refs = (name for prop in component.props for name in prop.refs)
    return list(dict.fromkeys((component.name, *refs)))


def _question(messages: Sequence[Message]) -> str:
    """What the user last wrote."""
    for message in reversed(messages):
        if message["role"] == "user":
            return _text(message)[:_LONGEST_QUESTION]
    return ""


def _text(message: Mapping[str, object]) -> str:
    content = message.get("content") or ""
    if isinstance(content, str):
        return content
    parts = content if isinstance(content, list) else []
    return " ".join(str(part.get("text", "")) for part in parts if isinstance(part, Mapping))
