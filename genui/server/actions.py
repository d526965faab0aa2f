"""Whether an action is one that was offered, and what it says: a component of an earlier answer, whole, that
declares it, and values that fit what the page showed. Nothing that a client claims is believed."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from genui.catalog import Action, Catalog, Field, check_values, field_of, read_fields
from genui.errors import CallerError, PropError
from genui.events import Event, Json, RenderComponent
from genui.runs import Act, Said


def judge(
    events: Sequence[Event], catalog: Catalog, run: str, component: str, action: str, values: dict[str, Json]
) -> Said:
    """What a client's claim says in the thread, in an answer that came to these events.

    Raises CallerError: `unknown-component`, `component-incomplete`, `not-offered`, `bad-values`.
    """
    widgets = {event.id: event for event in events if isinstance(event, RenderComponent)}
    widget = widgets.get(component)
    if widget is None:
        raise CallerError("unknown-component", "There is no such component in that answer.", 404)
    if widget.state != "complete":
        raise CallerError("component-incomplete", "That component was never complete.", 409)
    offered = _offered(widget, action, catalog)
    try:
        said, kept = _read(offered, widget, widgets, catalog, values)
    except PropError as error:
        raise CallerError("bad-values", error.message, 422) from error
    words = str(widget.props.get(offered.label) or _spoken(action))
    content = "\n".join([words, *(["", *said] if said else [])])
    return Said("user", content, Act(run, component, action, kept, widget.name, offered.once))


def _offered(widget: RenderComponent, action: str, catalog: Catalog) -> Action:
    component = catalog.get(widget.name)
    for declared in component.actions if component else ():
        if action in declared.called(widget.props):
            return declared
    raise CallerError("not-offered", f"That {widget.name} does not offer this action.", 403)


def _read(
    action: Action,
    widget: RenderComponent,
    widgets: Mapping[str, RenderComponent],
    catalog: Catalog,
    values: dict[str, Json],
) -> tuple[list[str], dict[str, Json]]:
    """The values, as lines for people and as they are kept. Raises PropError."""
    if action.props:
        values = {name: widget.props[name] for name in action.props if widget.props.get(name) is not None}
        return [f"{name}: {_words(value)}" for name, value in values.items()], values
    if action.fields is None:
        check_values(action.schema(widget.props), values)
        return [f"{name}: {_words(value)}" for name, value in values.items()], values
    form = widget if action.fields == "inside" else _form_around(widget, widgets, catalog)
    fields = list(_fields(form, widgets, catalog)) if form else []
    component = catalog.get(widget.name)
    if action.fields == "own" and component:
        fields.append(field_of(component.input, widget.props))
    read = list(read_fields(fields, values))
    lines = [f"{field.label}: {_words(value)}" for field, value in read]
    return lines, {field.name: value for field, value in read}


def _form_around(
    widget: RenderComponent, widgets: Mapping[str, RenderComponent], catalog: Catalog
) -> RenderComponent | None:
    for outer in _ancestors(widget, widgets):
        component = catalog.get(outer.name)
        if component and any(action.fields == "inside" for action in component.actions):
            return outer
    return None


def _fields(
    form: RenderComponent, widgets: Mapping[str, RenderComponent], catalog: Catalog
) -> Iterator[Field]:
    for widget in widgets.values():
        component = catalog.get(widget.name)
        if component and component.input and form in _ancestors(widget, widgets):
            field = field_of(component.input, widget.props)
            yield field._replace(required=field.required and not _may_be_hidden(widget, widgets, catalog))


def _may_be_hidden(widget: RenderComponent, widgets: Mapping[str, RenderComponent], catalog: Catalog) -> bool:
    """Whether it stands in something that the page shows or not by itself: only the page knows."""
    outers = ((catalog.get(outer.name), outer.props) for outer in _ancestors(widget, widgets))
    return any(component is not None and component.follows(props) for component, props in outers)


def _ancestors(widget: RenderComponent, widgets: Mapping[str, RenderComponent]) -> Iterator[RenderComponent]:
    while widget.parent is not None and widget.parent in widgets:
        widget = widgets[widget.parent]
        yield widget


def _spoken(action: str) -> str:
    """`book_table` as words; what is no identifier is words already."""
    return action.replace("_", " ") if action.isidentifier() else action


def _words(value: Json) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    return ", ".join(map(_words, value)) if isinstance(value, list) else str(value)
