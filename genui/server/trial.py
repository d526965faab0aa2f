"""Trying a component's examples as a reader would meet them: recognized whole and letter by letter, drawn at
every step, and what was drawn looked over. It does not stand with the catalog because it needs the
recognizer, which the catalog may not know.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from copy import deepcopy
from dataclasses import dataclass
from pathlib import Path

from genui.catalog import Catalog, Component, Definition, Finding, Reading, line_at, line_of
from genui.events import ComponentDelta, ComponentError, Event, Json, RenderComponent, apply_op
from genui.markup import Recognizer
from genui.server.outline import Outline


class _DrawingError(Exception):
    """A template failed; `args[0]` is in words."""


@dataclass
class _Trial:
    """One example: what the recognizer said of it, and the component's last drawing."""

    problems: list[tuple[str, str, str]]  # code, what, advice
    html: str | None = None


def findings_of(readings: Iterable[Reading]) -> list[Finding]:
    """All findings of some folders' components, examples tried, by file and line."""
    readings = list(readings)
    own = Catalog(reading.component for reading in readings if reading.component is not None)
    catalog = Catalog.builtin().merged(own)
    found = {finding for reading in readings for finding in reading.findings}
    found |= {finding for reading in readings for finding in trial_findings(reading, catalog)}
    return sorted(found, key=lambda finding: finding.sort_key)


def trial_findings(reading: Reading, catalog: Catalog) -> Iterator[Finding]:
    """What goes wrong when the examples of one component are shown."""
    component, definition = reading.component, reading.definition
    if component is None or definition is None:
        return
    lines = _example_lines(definition, component.examples)
    for number, (example, line) in enumerate(zip(component.examples, lines, strict=True), 1):
        trial = _try(example, component, catalog)
        for code, what, advice in trial.problems:
            yield Finding(definition.path, line, code, f"example {number}: {what}", advice)
        if trial.html is not None:
            yield from _drawing_findings(trial.html, reading.folder, number)


def _example_lines(definition: Definition, examples: Sequence[str]) -> Iterator[int]:
    """Where each example begins, each looked for behind the one before."""
    at = 0
    for example in examples:
        first = next(line for line in example.splitlines() if line.strip())
        found = definition.source.find(first, at)
        yield line_at(definition.source, found) if found >= 0 else definition.line_of("examples")
        at = found + len(first) if found >= 0 else at


def _try(example: str, component: Component, catalog: Catalog) -> _Trial:
    whole = _recognized(catalog, [example])
    trial = _Trial(list(_recognition_problems(whole, component)))
    if trial.problems or component.template is None:
        return trial
    try:
        trial.html = _drawn(component, whole)
        streamed = _drawn(component, _recognized(catalog, example))
    except _DrawingError as error:
        trial.problems.append(
            ("example-not-drawn", str(error), "mend the template; a prop may be none or partial")
        )
        return trial
    if trial.html != streamed:
        what = "looks different when it was streamed"
        advice = "draw from props, data and state only"
        trial.problems.append(("example-differs", what, advice))
    if not trial.html.strip():
        trial.problems.append(
            ("nothing-drawn", "draws nothing", "show something for whatever props there are")
        )
    return trial


def _recognized(catalog: Catalog, pieces: Sequence[str]) -> list[Event]:
    recognizer = Recognizer(catalog)
    events = [event for piece in pieces for event in recognizer.feed(piece)]
    return events + recognizer.close()


def _recognition_problems(events: list[Event], component: Component) -> Iterator[tuple[str, str, str]]:
    mounted = False
    for event in events:
        if isinstance(event, ComponentError):
            yield "example-fails", event.message, "mend the example or the prop's schema"
        elif isinstance(event, RenderComponent):
            mounted = mounted or event.name == component.name
            for warning in event.warnings:
                yield "example-warns", warning, "write it as the model should"
    if not mounted:
        yield "example-fails", f"<{component.name}> in it is not recognized", "take it out of code spans"


def _drawn(component: Component, events: list[Event]) -> str:
    """The first such widget's last drawing, each step before it drawn as well. Raises _DrawingError."""
    watched, props, html = None, {}, ""
    for event in events:
        if (
            isinstance(event, RenderComponent)
            and event.name == component.name
            and watched in (None, event.id)
        ):
            watched, props = event.id, deepcopy(event.props)
            html = _draw(component, props, complete=event.state == "complete")
        elif isinstance(event, ComponentDelta) and event.id == watched:
            for op in event.ops:
                apply_op(props, op)
            html = _draw(component, props, complete=False)
    return html


def _draw(component: Component, props: dict[str, Json], *, complete: bool) -> str:
    try:
        if complete:
            component.alt(props)
        return component.render(props, state="complete" if complete else "streaming")
    except Exception as error:  # whatever a template's expressions raise
        given = ", ".join(props) or "no props yet"
        raise _DrawingError(f"does not draw with {given}: {str(error) or type(error).__name__}") from error


def _drawing_findings(html: str, folder: Path, number: int) -> Iterator[Finding]:
    template = folder / "template.html"
    source = template.read_text("utf-8", "replace")
    for problem in Outline(html).problems():
        what = f"example {number}: {problem.what}"
        line = line_of(source, problem.markup) or line_of(source, f"<{problem.tag}")
        yield Finding(template, line, problem.code, what, problem.advice)
