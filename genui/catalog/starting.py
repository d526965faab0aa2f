"""A component to start from: it works as it is, and is there to be changed."""

from __future__ import annotations

from pathlib import Path

_FILES = ("component.toml", "template.html", "style.css")


def scaffold(name: str) -> dict[str, str]:
    """The files of a new component, by name."""
    folder = Path(__file__).parent / "scaffold"
    return {file: (folder / file).read_text("utf-8").replace("Scaffold", name) for file in _FILES}
