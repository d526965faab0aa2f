"""A component as the tag that a model would have written."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping

from genui.catalog.component import Component
from genui.events import Json

_PLAIN = re.compile(r'[^"\\&]*\Z')
"""Text that means the same inside quotes; any other is written as JSON in braces."""


def write_tag(
    name: str, props: Mapping[str, Json], component: Component | None = None, children: str = ""
) -> str:
    """The tag that comes to these props; those that `component` has by default are left out."""
    tag = " ".join([f"<{name}", *_attributes(props, component)])
    return f"{tag}>{children}</{name}>" if children else f"{tag}/>"


def _attributes(props: Mapping[str, Json], component: Component | None) -> Iterator[str]:
    defaults = component.defaults if component else {}
    for name, value in props.items():
        if value is not None and not (name in defaults and defaults[name] == value):
            yield f"{name}={_value(value)}"


def _value(value: Json) -> str:
    if isinstance(value, str) and _PLAIN.match(value):
        return f'"{value}"'
    return "{" + json.dumps(value, ensure_ascii=False) + "}"
