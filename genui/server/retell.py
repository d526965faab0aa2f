"""A conversation as a model reads it: an answer is the Markdown and the tags that would make it again, and
what a reader did with a widget is a message that says so, in words and in JSON.

What loaders brought, the model never wrote, but the reader may ask about it. It stands, cut to a bounded
length, before what the reader says next: in the answer itself a model would take it for something to imitate.
"""

from __future__ import annotations

import copy
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence

from genui.catalog import Catalog, write_tag
from genui.events import ComponentData, Event, Json, RenderComponent, Text, apply_op
from genui.runs import Act, Answered, Said, Turn

_LONGEST = 600
"""Characters of one widget's data that a model is told."""
_MOST = 8
"""Widgets of one answer whose data it is told."""

_REFUSALS = frozenset({"model-context", "model-content-filter"})


def messages_of(turns: Iterable[Turn], catalog: Catalog) -> Iterator[dict[str, str]]:
    """Turns as messages for a model. An answer in which nothing was said is left out, and a question that
    was refused: the model would refuse all that follows as well."""
    turns = list(turns)
    loaded: list[str] = []
    for turn, following in zip(turns, [*turns[1:], None], strict=True):
        if isinstance(turn, Said):
            if _refuses(following):
                continue
            yield {"role": turn.role, "content": "\n".join([*loaded, _said(turn)])}
            loaded = []
        elif told := markup_of(turn.events, catalog).strip():
            yield {"role": "assistant", "content": told}
            loaded = _data_lines(turn.events)


def _refuses(turn: Turn | None) -> bool:
    error = turn.end.error if isinstance(turn, Answered) and turn.end else None
    return error is not None and error["code"] in _REFUSALS


def _said(said: Said) -> str:
    return said.content if said.act is None else f"{said.content}\n\n{act_line(said.act)}"


def _data_lines(events: Iterable[Event]) -> list[str]:
    """What loaders brought the widgets of an answer, a line for each."""
    names: dict[str, str] = {}
    data: dict[str, dict[str, Json]] = {}
    for event in events:
        if isinstance(event, RenderComponent):
            names[event.id] = event.name
        elif isinstance(event, ComponentData) and event.id in names:
            for op in event.ops:
                apply_op(data.setdefault(event.id, {}), copy.deepcopy(op))
    return [_data_line(names[widget], held) for widget, held in list(data.items())[:_MOST]]


def _data_line(name: str, data: Mapping[str, Json]) -> str:
    text = json.dumps(data, ensure_ascii=False)
    return f"[data shown in <{name}>: {text if len(text) <= _LONGEST else f'{text[:_LONGEST]}… (cut)'}]"


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
