"""Icons for templates: a closed set, drawn inline, so that they take the text's color and load nothing."""

from __future__ import annotations

import tomllib
from functools import cache
from pathlib import Path

from markupsafe import Markup

from genui.events import Json


@cache
def _paths() -> dict[str, str]:
    icons: dict[str, str] = tomllib.loads(Path(__file__).with_name("icons.toml").read_text("utf-8"))["icons"]
    return icons


def icon(name: Json) -> Markup:
    """The SVG of an icon, hidden from screen readers: the words beside it say what it means.

    An unknown name draws the empty icon, which keeps the place.
    """
    path = _paths().get(name, "") if isinstance(name, str) else ""
    return Markup(
        '<svg class="glyph" viewBox="0 0 24 24" aria-hidden="true" focusable="false"><path d="{}"/></svg>'
    ).format(path)
