"""Jinja2 as components use it: autoescaped, compiled once, and forgiving of props that are not there yet.

A missing prop is None, and so is anything below it, because a template is rendered at every prefix of
its props. What the strict setting would catch, a misspelt name, `unknown_names` finds when it is loaded.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache
from pathlib import Path

from jinja2 import ChainableUndefined, Environment, FileSystemLoader, Template, meta

from genui.catalog import filters


@cache
def _environment() -> Environment:
    environment = Environment(
        autoescape=True,
        trim_blocks=True,
        lstrip_blocks=True,
        undefined=ChainableUndefined,
        finalize=filters.plain,
    )
    for helper in (filters.as_list, filters.columns, filters.hostname, filters.numbers, filters.safe_url):
        environment.filters[helper.__name__] = helper
    environment.tests["numeric"] = filters.is_numeric
    return environment


def compile_html(path: Path) -> Template:
    """The template in a file; it may import or include others that lie beside it.

    Raises jinja2.TemplateSyntaxError, which knows the line.
    """
    environment = _environment().overlay(loader=FileSystemLoader(path.parent))
    for name in environment.list_templates(extensions=["html"]):
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
