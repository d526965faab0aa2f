"""A conversation as a model reads it: an answer is the Markdown and the tags that would make it again, and
what a reader did with a widget is a message that says so, in words and in JSON."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence

from genui.catalog import Catalog, write_tag
from genui.events import Event, RenderComponent, Text
from genui.runs import Act, Answered, Said, Turn

_REFUSALS = frozenset({"model-context", "model-content-filter"})


def messages_of(turns: Iterable[Turn], catalog: Catalog) -> Iterator[dict[str, str]]:
    """Turns as messages for a model. An answer in which nothing was said is left out, and a question that
    was refused: the model would refuse all that follows as well."""
    turns = list(turns)
    for turn, following in zip(turns, [*turns[1:], None], strict=True):
        if isinstance(turn, Said):
            if _refuses(following):
                continue
            yield {"role": turn.role, "content": _said(turn)}
        elif told := markup_of(turn.events, catalog).strip():
            yield {"role": "assistant", "content": told}


def _refuses(turn: Turn | None) -> bool:
    error = turn.end.error if isinstance(turn, Answered) and turn.end else None
    return error is not None and error["code"] in _REFUSALS


def _said(said: Said) -> str:
    return said.content if said.act is None else f"{said.content}\n\n{act_line(said.act)}"


def act_line(act: Act) -> str:
    """The last line of a message that an action has become."""
    values = json.dumps(act.values, ensure_ascii=False)
    return f"[action {json.dumps(act.action, ensure_ascii=False)} of <{act.of}>, values {values}]"


def markup_of(events: Sequence[Event], catalog: Catalog) -> str:
    """The text of which a recognizer makes these events, as far as they came to be whole. `events` are
    those of a finished answer, parents before their children."""
    inside: dict[str | None, list[Event]] = {}
    for event in events:
        if isinstance(event, Text | RenderComponent):
            inside.setdefault(event.parent, []).append(event)
    return "".join(_markup(event, inside, catalog) for event in inside.get(None, ()))


def _markup(event: Event, inside: Mapping[str | None, Sequence[Event]], catalog: Catalog) -> str:
    if isinstance(event, Text):
        return event.text
    if not isinstance(event, RenderComponent) or event.state != "complete":
        return ""
    component = catalog.get(event.name)
    if component is not None and component.waits:  # a tool's question: no model writes one
        return ""
    children = "".join(_markup(child, inside, catalog) for child in inside.get(event.id, ()))
    return write_tag(event.name, event.props, component, children)
