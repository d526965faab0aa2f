"""docs/embedding.md lists what the element has: all of it, and nothing else."""

from __future__ import annotations

import re
from pathlib import Path

ROOT = Path(__file__).parents[1]
DOC = (ROOT / "docs/embedding.md").read_text()
SOURCES = ROOT / "frontend/src"
CHAT = (SOURCES / "chat.ts").read_text()
SETTINGS = (SOURCES / "settings.ts").read_text()
STYLES = "".join(file.read_text() for file in (SOURCES / "styles").glob("*.css"))


def told(heading: str) -> set[str]:
    """The first column of the table under a heading."""
    section = DOC.split(f"\n## {heading}\n")[1].split("\n## ")[0]
    return set(re.findall(r"^\| `([^`]+)` \|", section, re.MULTILINE))


def test_the_attributes_are_those_that_the_element_observes() -> None:
    lists = re.findall(r"(?:TEXTS|FLAGS|OBSERVED[^=]*) = \[(.+)\]", SETTINGS)
    observed = {name for names in lists for name in re.findall(r'"([a-z-]+)"', names)}
    assert len(lists) == 3
    assert told("Attributes") == observed


def test_the_properties_and_methods_are_those_that_the_element_has() -> None:
    for name in told("Properties"):
        assert re.search(rf"^  (?:get )?{name}\b", CHAT, re.MULTILINE), name
    methods = set(
        re.findall(
            r"^  (?:override |async )*([a-z]+)\(.*\): (?:void|boolean|Promise<void>) \{", CHAT, re.MULTILINE
        )
    )
    assert told("Methods") == methods - {"token", "starters", "strings"}


def test_the_events_are_those_that_the_element_sends() -> None:
    sent = set(re.findall(r'#tell\("(genui-[a-z]+)"', CHAT)) | set(
        re.findall(r'addEventListener\("(genui-[a-z]+)"', CHAT)
    )
    assert told("Events") == sent


def test_the_slots_and_parts_are_those_of_the_element() -> None:
    assert told("Slots") == set(re.findall(r'"slot", \{ name: "([a-z]+)"', CHAT))
    assert set(re.findall(r"::part\(([a-z]+)\)", DOC)) == set(re.findall(r'part: "([a-z]+)"', CHAT))


def test_the_custom_properties_are_those_that_the_style_sheets_read_beside_the_theme() -> None:
    theme = set(re.findall(r"--genui-[a-z0-9-]+(?=:)", (SOURCES / "theme.css").read_text()))
    read = set(re.findall(r"var\((--genui-[a-z0-9-]+)", STYLES)) - theme - {"--genui-reserved"}
    assert told("Custom properties") == read


def test_the_languages_are_those_that_there_are() -> None:
    locales = set(re.findall(r"^  ([a-z]{2}): \{$", (SOURCES / "locales.ts").read_text(), re.MULTILINE))
    line = next(line for line in DOC.splitlines() if line.startswith("| `locale`"))
    assert set(re.findall(r"`([a-z]{2})`", line)) == locales | {"en"}
