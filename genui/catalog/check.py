"""What can be said of components by reading them. What shows only when an example runs is for those who may
use the recognizer: `genui check` does both."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

from jinja2 import TemplateSyntaxError

from genui.catalog.definition import Definition
from genui.catalog.findings import Finding
from genui.catalog.loader import Reading, read_folder
from genui.catalog.styles import style_findings
from genui.catalog.templates import names_read

EXAMPLES = 2
"""How many examples a component needs: the model sees the first, people the others."""

_DEFAULT_EXPORT = re.compile(r"\bexport\s+default\b|\bas\s+default\b")


def check_folder(folder: Path, *, run_loaders: bool = True) -> list[Reading]:
    """Every component in a folder of them, with every mistake that reading shows. See `read_folder`.

    Raises ComponentDefinitionError where there is no such folder.
    """
    readings = list(read_folder(folder, run_loaders=run_loaders))
    return [
        Reading(
            reading.folder,
            reading.definition,
            reading.component,
            (*reading.findings, *_findings(reading), *_clash(reading, readings)),
        )
        for reading in readings
    ]


def _findings(reading: Reading) -> Iterator[Finding]:
    if reading.definition is not None and reading.definition.readable:
        yield from _definition_findings(reading.definition)
        yield from _unused_props(reading.folder, reading.definition)
    if (style := reading.folder / "style.css").exists():
        yield from style_findings(style)
    script = reading.folder / "script.js"
    if script.exists() and not _DEFAULT_EXPORT.search(script.read_text("utf-8", "replace")):
        advice = "export the function that is called with the shadow root and the host"
        yield Finding(script, 0, "no-export", "has no default export", advice)


def _definition_findings(definition: Definition) -> Iterator[Finding]:
    path = definition.path
    count = len(definition.value("examples", ()))
    if count < EXAMPLES:
        line = definition.line_of("examples")
        what = "there is no example" if count == 0 else "there is one example"
        advice = f"give at least {EXAMPLES} in `examples`: models learn from them, and they are tested"
        yield Finding(path, line, "few-examples", what, advice)
    if not definition.has("alt"):
        advice = "write the widget in words, for clients that show none"
        yield Finding(path, definition.line_of("alt"), "no-alt", "`alt` is missing", advice)


def _unused_props(folder: Path, definition: Definition) -> Iterator[Finding]:
    sources = [str(definition.value("alt", ""))]
    sources += [part.read_text("utf-8", "replace") for part in sorted(folder.glob("*.html"))]
    try:
        used = set().union(*map(names_read, sources))
    except TemplateSyntaxError:
        return  # reported, and nothing can be said until it is mended
    for prop in definition.props:
        followed = prop.is_child or prop.is_live
        if prop.name not in used and "props" not in used and not followed:
            line = definition.line_of(f"props.{prop.name}")
            what = f"the template never uses `{prop.name}`"
            advice = "show it or take it out, for the model spends tokens on it"
            yield Finding(definition.path, line, "unused-prop", what, advice)


def _clash(reading: Reading, others: list[Reading]) -> Iterator[Finding]:
    for other in others:
        if other.folder == reading.folder:
            return
        if reading.component and other.component and other.component.name == reading.component.name:
            what = f"`{reading.component.name}` is also the name of {other.folder.name}"
            line = reading.definition.line_of("name") if reading.definition else 0
            yield Finding(reading.folder / "component.toml", line, "same-name", what, "rename one of them")
