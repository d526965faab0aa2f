"""Props that come whole, as JSON, made to fit a component: coerced and judged as those in a tag are."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import NamedTuple

from genui.catalog.component import Component
from genui.catalog.schema import Prop, Shape, is_too_much
from genui.errors import PropError
from genui.events import Json


class Fitted(NamedTuple):
    """The props that fit, and what was wrong with those that were left out."""

    props: dict[str, Json]
    warnings: list[str]


def fit(component: Component, props: Mapping[str, Json], *, whole: bool = True) -> Fitted:
    """`props` as the component takes them, its defaults among them; `whole`: no needed one may be missing.

    What is wrong is left out and said. Raises PropError where the component cannot do without it
    (`invalid-prop`, `missing-prop`).
    """
    fitted = Fitted(dict(component.defaults), [])
    for name, value in props.items():
        prop = component.prop(name)
        if prop is None or prop.is_child:
            known = ", ".join(prop.name for prop in component.props if not prop.is_child) or "none"
            fitted.warnings.append(f"{component.name} has no prop `{name}` (it has: {known})")
        elif value is not None or "null" in prop.shape.kinds:
            _take(fitted, prop, value)
    if whole:
        _demand(component, fitted.props)
    return fitted


def _take(fitted: Fitted, prop: Prop, value: Json) -> None:
    try:
        if is_too_much(value):
            raise prop.too_much()
        coerced = _coerced(prop.shape, value)
        prop.check(coerced)
        fitted.props[prop.name] = coerced
    except PropError as error:
        if prop.required:
            raise
        fitted.warnings.append(f"{error.message}; it was left out")


def _coerced(shape: Shape, value: Json) -> Json:
    if isinstance(value, list):
        return [_coerced(shape.item(), element) for element in value]
    if isinstance(value, dict):
        return {name: _coerced(shape.member(name), member) for name, member in value.items()}
    return shape.coerce(value, value if isinstance(value, str) else json.dumps(value))


def _demand(component: Component, props: Mapping[str, Json]) -> None:
    missing = [
        f"`{prop.name}` ({prop.wanted})"
        for prop in component.props
        if prop.required and not prop.is_child and prop.name not in props
    ]
    if missing:
        raise PropError("missing-prop", f"{component.name} needs {', '.join(missing)}")
