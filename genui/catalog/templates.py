"""Jinja2 as components use it: autoescaped, compiled once, and forgiving of props that are not there yet.

A missing prop is None, and so is anything below it, because a template is rendered at every prefix of
its props. What the strict setting would catch, a misspelt name, `unknown_names` finds when it is loaded.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache
from pathlib import Path

from jinja2 import (
    ChainableUndefined,
    ChoiceLoader,
    Environment,
    FileSystemLoader,
    PrefixLoader,
    Template,
    meta,
)

from genui.catalog import filters, formats, tables
from genui.catalog.icons import icon
from genui.catalog.mathml import mathml

SHARED = Path(__file__).parent / "shared"
"""Macros that any template may import, as `shared/chart.html`."""

_FILTERS = (
    filters.as_list, filters.choices, filters.hostname, filters.media_url, filters.numbers,
    filters.pairs, filters.records, filters.safe_url, formats.levels, formats.parts, formats.sparkline,
    formats.styled, formats.xy, tables.columns, mathml,
)  # fmt: skip


@cache
def _environment() -> Environment:
    environment = Environment(
        autoescape=True,
        trim_blocks=True,
        lstrip_blocks=True,
        undefined=ChainableUndefined,
        finalize=filters.plain,
    )
    for helper in _FILTERS:
        environment.filters[helper.__name__] = helper
    environment.globals["icon"] = icon
    environment.tests["numeric"] = filters.is_numeric
    environment.tests["real"] = filters.is_number
    return environment


def compile_html(path: Path) -> Template:
    """The template in a file; it may import or include others that lie beside it, and those of SHARED.

    Raises jinja2.TemplateSyntaxError, which knows the line.
    """
    own = FileSystemLoader(path.parent)
    shared = PrefixLoader({"shared": FileSystemLoader(SHARED)})
    environment = _environment().overlay(loader=ChoiceLoader([own, shared]))
    for name in (name for name in own.list_templates() if name.endswith(".html")):
        environment.get_template(name)
    return environment.get_template(path.name)


def compile_text(source: str) -> Template:
    """A template of plain text, in which nothing is escaped."""
    return _environment().overlay(autoescape=False).from_string(source.strip("\n"))


def unknown_names(source: str, known: Iterable[str]) -> set[str]:
    """The variables that a template reads and nobody gives it."""
    environment = _environment()
    found = meta.find_undeclared_variables(environment.parse(source))
    return found - set(known) - set(environment.globals)
