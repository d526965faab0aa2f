"""A component's folder, read into a Component. What a built-in one needs is all that a user's own needs.

`read_folder` goes on past mistakes and gives all of them, for `genui check`; `load_folder` stops at the
first, for a server that could not do without the component.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from jinja2 import TemplateSyntaxError

from genui.catalog.behavior import read_actions, read_input, read_loading
from genui.catalog.component import Component
from genui.catalog.data import Load, import_load, parse_load
from genui.catalog.definition import RESERVED, Definition, Report, near
from genui.catalog.findings import Finding, line_at
from genui.catalog.schema import Prop
from genui.catalog.templates import HtmlTemplate, unknown_names

_FORBIDDEN = (
    (re.compile(r"\sstyle\s*=", re.I), "a style attribute, which pages forbid", "use a class and style.css"),
    (re.compile(r"\son[a-z]+\s*=", re.I), "an event attribute, which pages forbid", "use script.js"),
    (re.compile(r"<script", re.I), "a script element, which never runs", "use script.js"),
)


@dataclass(frozen=True)
class Reading:
    """What a component's folder holds: a component as far as one could be made of it, and the mistakes."""

    folder: Path
    definition: Definition | None
    component: Component | None
    findings: tuple[Finding, ...]


def load_folder(folder: Path) -> Iterator[Component]:
    """The components in a folder of them, by name of their folders. Raises ComponentDefinitionError."""
    for reading in read_folder(folder):
        for finding in reading.findings:
            raise finding.as_error()
        assert reading.component is not None  # noqa: S101 – nothing was wrong
        yield reading.component


def read_folder(folder: Path, *, run_loaders: bool = True) -> Iterator[Reading]:
    """Every component in a folder of them. Without `run_loaders` nothing in a loader.py is executed; what
    stands in for its `load` brings nothing.

    Raises ComponentDefinitionError if that is not what it is.
    """
    if not folder.is_dir():
        advice = "give the folder that holds the components' folders"
        raise Finding(folder, 0, "no-folder", "there is no such folder", advice).as_error()
    if (folder / "component.toml").exists():
        advice = "give the folder that it lies in"
        raise Finding(folder, 0, "not-a-catalog", "is one component", advice).as_error()
    for path in sorted(folder.iterdir()):
        is_component = any((path / file).exists() for file in ("component.toml", "template.html"))
        if is_component and not path.name.startswith((".", "_")):
            yield read_component(path, run_loaders=run_loaders)


def read_component(folder: Path, *, run_loaders: bool = True) -> Reading:
    """The component that a folder describes, and every mistake in it. See `read_folder`."""
    findings: list[Finding] = []
    if not (folder / "component.toml").exists():
        what = "is missing, though there is a template.html"
        missing = Finding(folder / "component.toml", 0, "no-definition", what, "add one with at least a name")
        return Reading(folder, None, None, (missing,))
    source = _text(folder / "component.toml", findings.append)
    if source is None:
        return Reading(folder, None, None, tuple(findings))
    definition = Definition(folder / "component.toml", source, findings.append)
    importing = import_load if run_loaders else parse_load
    component = _component(folder, definition, findings.append, importing) if definition.readable else None
    return Reading(folder, definition, component, tuple(findings))


def _component(
    folder: Path, definition: Definition, report: Report, importing: Callable[[Path], Load]
) -> Component | None:
    name, props = definition.name, definition.props
    loading = read_loading(folder, definition, report, importing)
    actions, input_kind = tuple(read_actions(definition)), read_input(definition)
    takes_children = definition.value("children", False)
    template = read_template(folder / "template.html", props, report, takes_children=takes_children)
    description, examples, alt = definition.description, definition.examples, definition.alt()
    style = _text(folder / "style.css", report) if (folder / "style.css").exists() else ""
    if name is None:
        return None
    script = folder / "script.js"
    return Component(
        name=name,
        props=props,
        description=description,
        folder=folder.name,
        children=takes_children,
        inline=definition.value("inline", False),
        min_height=definition.value("min_height", 0),
        examples=examples,
        style="".join([base_style(), *definition.styles, style or ""]),
        script=script if script.exists() else None,
        template=template,
        alt_template=alt,
        load=loading.load,
        load_needs=loading.needs,
        load_timeout=loading.timeout,
        actions=actions,
        input=input_kind,
    )


def read_template(
    path: Path, props: tuple[Prop, ...], report: Report, *, takes_children: bool
) -> HtmlTemplate | None:
    """The template in a file, or None where it is none."""
    source = _text(path, report)
    if source is None:
        return None
    judge_template(source, path, props, report, takes_children=takes_children)
    for part in sorted(path.parent.glob("*.html")):
        if part != path:
            _forbid(part.read_text("utf-8", "replace"), part, report)
    template = HtmlTemplate(source, path.parent)
    try:
        template.compile_all()
    except TemplateSyntaxError as error:
        at = path.with_name(error.name or path.name)
        what = f"is not a Jinja template: {(error.message or '').rstrip('.')}"
        report(Finding(at, error.lineno, "bad-template", what, "mend that line"))
        return None
    return template


def judge_template(
    source: str, path: Path, props: tuple[Prop, ...], report: Report, *, takes_children: bool
) -> None:
    """What is wrong with the text of a template that Jinja itself would not mind."""
    _forbid(source, path, report)
    if takes_children and "<slot" not in source:
        what = "has no <slot></slot>, so children would not be seen"
        report(Finding(path, 0, "no-slot", what, "add one where they belong"))
    names = [prop.name for prop in props]
    try:
        strangers = unknown_names(source, [*RESERVED, *names])
    except TemplateSyntaxError:
        return  # compiling it says so, and where
    for stranger in sorted(strangers):
        found = re.search(rf"\b{re.escape(stranger)}\b", source)
        line = line_at(source, found.start()) if found else 0
        advice = near(stranger, names, "declare it under [props] in component.toml")
        report(Finding(path, line, "unknown-variable", f"uses `{stranger}`, which is not a prop", advice))


def _forbid(source: str, path: Path, report: Report) -> None:
    for pattern, what, advice in _FORBIDDEN:
        for found in pattern.finditer(source):
            line = line_at(source, found.start() + 1)
            report(Finding(path, line, "forbidden-html", f"has {what}", advice))


@cache
def base_style() -> str:
    """The ground that every component's style sheet stands on."""
    return (Path(__file__).parent / "base.css").read_text("utf-8")


def _text(path: Path, report: Report) -> str | None:
    """A file's text, or None where it has none that can be read."""
    try:
        return path.read_text("utf-8")
    except FileNotFoundError:
        report(Finding(path, 0, "no-file", "is missing", "add it"))
    except UnicodeDecodeError as error:
        what = f"is not UTF-8 text (byte {error.start})"
        report(Finding(path, 0, "not-utf-8", what, "save it as UTF-8"))
    return None
