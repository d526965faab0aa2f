"""Jinja2 as components use it: autoescaped, compiled once, and forgiving of props that are not there yet.

A missing prop is None, and so is anything below it, because a template is rendered at every prefix of
its props. What the strict setting would catch, a misspelt name, `unknown_names` finds when it is loaded.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cache, cached_property
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
from jinja2.sandbox import ImmutableSandboxedEnvironment

from genui.catalog import filters, formats, tables
from genui.catalog.icons import icon
from genui.catalog.mathml import mathml
from genui.events import Json

SHARED = Path(__file__).parent / "shared"
"""Macros that any template may import, as `shared/chart.html`."""

DEFAULT_ALT = """{{ props.values() | select("string") | join(" · ") }}"""
"""The plain words of a component that gives none of its own."""

_FILTERS = (
    filters.as_list, filters.choices, filters.grid_with, filters.hostname, filters.media_url, filters.numbers,
    filters.pairs, filters.records, filters.safe_url, formats.levels, formats.parts, formats.sparkline,
    formats.styled, formats.xy, tables.columns, mathml,
)  # fmt: skip


def sandbox_templates() -> None:
    """From here on, every template of this process is compiled for Jinja2's sandbox: for a process that draws
    what is not yet an author's word. It bounds what a template can reach, not its time nor its memory."""
    global _environment_class
    _environment_class = ImmutableSandboxedEnvironment
    _environment.cache_clear()


_environment_class: type[Environment] = Environment


@cache
def _environment() -> Environment:
    environment = _environment_class(
        autoescape=True,
        trim_blocks=True,
        lstrip_blocks=True,
        undefined=ChainableUndefined,
        finalize=filters.plain,
    )
    for helper in _FILTERS:
        environment.filters[helper.__name__] = helper
    environment.extend(image_origins=frozenset())  # what `media_url` asks
    environment.globals["icon"] = icon
    environment.tests["numeric"] = filters.is_numeric
    environment.tests["real"] = filters.is_number
    return environment


@dataclass(frozen=True)
class HtmlTemplate:
    """HTML with the model's text escaped. `folder` holds the parts that it may import or include,
    beside those of SHARED; `image_origins` are other origins that pictures may load from, "*" for any.

    Two templates are equal when their sources are. Compiling, at the first `render` or by `compile_all`,
    raises jinja2.TemplateSyntaxError, which knows the line.
    """

    source: str
    folder: Path | None = field(default=None, compare=False)
    image_origins: frozenset[str] = frozenset()

    @cached_property
    def _template(self) -> Template:
        shared = PrefixLoader({"shared": FileSystemLoader(SHARED)})
        own = [FileSystemLoader(self.folder)] if self.folder is not None else []
        environment = _environment().overlay(loader=ChoiceLoader([*own, shared]))
        environment.image_origins = self.image_origins  # type: ignore[attr-defined]
        return environment.from_string(self.source)

    def compile_all(self) -> None:
        """Compile the template and every part beside it, so that no mistake waits for a reader."""
        assert self._template  # noqa: S101
        for part in sorted(self.folder.glob("*.html")) if self.folder else ():
            if part.name != "template.html":
                self._template.environment.get_template(part.name)

    def render(self, variables: Mapping[str, Json], /) -> str:
        return self._template.render(variables)


@dataclass(frozen=True)
class TextTemplate:
    """Plain text, in which nothing is escaped. Compiles at once; raises jinja2.TemplateSyntaxError."""

    source: str

    def __post_init__(self) -> None:
        assert self._template  # noqa: S101

    @cached_property
    def _template(self) -> Template:
        return _environment().overlay(autoescape=False).from_string(self.source)

    def render(self, variables: Mapping[str, Json], /) -> str:
        return self._template.render(variables)


def filters_and_tests() -> dict[str, str]:
    """What a template may do beyond what Jinja2 brings: name and the first line of what it does."""
    own = {helper.__name__: helper for helper in _FILTERS} | {
        "is numeric": filters.is_numeric,
        "is real": filters.is_number,
    }
    return {name: (helper.__doc__ or "").splitlines()[0] for name, helper in own.items()}


def shared_styles() -> dict[str, str]:
    """The style sheets that components may build on, by name."""
    return {path.stem: path.read_text("utf-8") for path in sorted(SHARED.glob("*.css"))}


def unknown_names(source: str, known: Iterable[str]) -> set[str]:
    """The variables that a template reads and nobody gives it. Raises jinja2.TemplateSyntaxError."""
    return names_read(source) - set(known) - set(_environment().globals)


def names_read(source: str) -> set[str]:
    """The variables that a template reads. Raises jinja2.TemplateSyntaxError."""
    return meta.find_undeclared_variables(_environment().parse(source))
