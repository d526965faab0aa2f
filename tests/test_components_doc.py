"""docs/components.md and the code say the same, and tests/mistakes has one of every mistake."""

from __future__ import annotations

import inspect
import re
import tomllib
from pathlib import Path

import pytest

from genui import GenUI, cli
from genui.catalog import KEYS, RESERVED, Catalog, filters_and_tests, theme

ROOT = Path(__file__).parents[1]
DOC = (ROOT / "docs" / "components.md").read_text()
FINDINGS = (ROOT / "tests" / "mistakes" / "findings.txt").read_text()


def section(title: str) -> str:
    found = re.search(rf"^## {re.escape(title)}\n(.*?)(?=^## |\Z)", DOC, re.M | re.S)
    assert found is not None, title
    return found[1]


def first_cells(text: str) -> set[str]:
    """What stands in code in the first column of a section's tables."""
    rows = re.findall(r"^\| (`[^|]*) \|", text, re.M)
    return {word for row in rows for word in re.findall(r"`([^`]+)`", row)}


def blocks(language: str) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```$", DOC, re.M | re.S)


def test_every_key_of_component_toml_is_told() -> None:
    assert first_cells(section("component.toml")) == set(KEYS)


def test_every_variable_filter_and_test_of_templates_is_told() -> None:
    assert first_cells(section("template.html")) == {*RESERVED, *filters_and_tests()}


def test_every_token_of_the_theme_is_told() -> None:
    told = first_cells(section("style.css"))
    told |= {f"--genui-series-{number}" for number in range(1, 9)}
    assert told == set(theme())


def test_every_code_of_genui_check_is_told_and_has_a_case() -> None:
    said = set(re.findall(r"^\S+?:\d+: ([a-z0-9-]+)", FINDINGS, re.M))
    assert first_cells(section("What genui check says")) == said


def test_every_code_in_the_sources_has_a_case() -> None:
    rooms = [ROOT / "genui" / "catalog", ROOT / "genui" / "cli"]
    files = [file for room in rooms for file in room.rglob("*.py") if file.name != "doctor.py"]
    sources = "".join(file.read_text() for file in files)
    found = re.findall(r'Finding\(\s*[^,]+,\s*[^,]+?(?:\([^)]*\))?,\s*"([a-z0-9-]+)"', sources)
    found += re.findall(r'self\.fail\(\s*"([a-z0-9-]+)"', (ROOT / "genui/catalog/definition.py").read_text())
    assert set(found) - {"no-folder", "not-a-catalog"} <= set(re.findall(r": ([a-z0-9-]+)", FINDINGS))


@pytest.mark.parametrize("code", blocks("python"), ids=["a class", "a schema"])
def test_each_way_to_a_component_in_it_works(code: str) -> None:
    names: dict[str, object] = {"__name__": __name__}
    exec(compile(code, "components.md", "exec", dont_inherit=True), names)  # noqa: S102 – our own page
    app = names["app"]
    assert isinstance(app, GenUI)
    assert app.catalog["StockQuote"].description == "The price of one share."


def test_the_prop_in_it_is_one(tmp_path: Path) -> None:
    (source,) = blocks("toml")
    (name,) = tomllib.loads(source)["props"]
    folder = tmp_path / "thing"
    folder.mkdir()
    (folder / "component.toml").write_text(f'name = "Thing"\ndescription = "A thing."\n{source}')
    (folder / "template.html").write_text("{{ temp }}")
    assert Catalog.load(tmp_path)["Thing"].prop(name) is not None


def test_the_table_of_sizes_is_filled_in() -> None:
    assert re.search(r"<!-- sizes -->\n\| components .*\n.*\n\| all \d+ \|.*\n.*\n<!-- /sizes -->", DOC)


def test_the_commands_in_it_exist() -> None:
    parser = inspect.getsource(cli)
    for command in re.findall(r"^genui ([a-z]+)", "".join(blocks("sh")), re.M):
        assert f'"{command}"' in parser
