"""A widget in plain words."""

from __future__ import annotations

import logging
from collections.abc import Mapping

from genui.catalog import Component
from genui.events import Json

log = logging.getLogger("genui.server")


def alt_of(component: Component, props: Mapping[str, Json], data: Mapping[str, Json] | None) -> str | None:
    """What its `alt` template says. None when that is nothing, or when the template fails, which is its
    author's fault and harms nothing else: the widget is still shown."""
    try:
        return component.alt(props, data=data).strip() or None
    except Exception:
        log.exception("component %s: its alt failed", component.name)
        return None
