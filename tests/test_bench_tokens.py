"""`python -m benchmarks.tokens`: the forms hold the same trees, and the docs' table is what it prints."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from benchmarks import tokens
from genui import Catalog

ROOT = Path(__file__).parents[1]
SCREENS = ROOT / "benchmarks" / "screens"
BUILTIN = Catalog.builtin()
EXAMPLES = [
    pytest.param(example, id=f"{component.name}-{at}")
    for component in BUILTIN
    for at, example in enumerate(component.examples)
]


@pytest.mark.parametrize("example", EXAMPLES)
def test_both_kinds_of_markup_come_to_the_same_tree(example: str) -> None:
    nodes = tokens.tree_of(example, BUILTIN)
    assert tokens.tree_of(tokens.jsx(nodes, BUILTIN), BUILTIN) == nodes
    assert tokens.tree_of(tokens.compact(nodes, BUILTIN), BUILTIN) == nodes


def test_compact_markup_leaves_out_the_names_that_places_tell() -> None:
    nodes = tokens.tree_of('<Callout title="Payment failed" tone="error">Try **again**.</Callout>', BUILTIN)
    assert tokens.compact(nodes, BUILTIN) == '<Callout "Payment failed" "error">Try **again**.</>'
    assert tokens.minified(nodes, BUILTIN) == (
        '[{"type":"Callout","props":{"title":"Payment failed","tone":"error"},"children":["Try **again**."]}]'
    )


def test_patches_applied_one_after_another_make_the_whole_tree() -> None:
    nodes = tokens.tree_of("Hi <Card A><Metric B 1/></Card>", BUILTIN)
    page: dict[str, object] = {}
    for line in tokens.patches(nodes, BUILTIN).splitlines():
        patch = json.loads(line)
        assert patch["op"] == "add"
        page[patch["path"]] = patch["value"]
    assert page["/root"] == ["e0", "e1"]
    assert page["/elements/e0"] == {"type": "Text", "props": {"text": "Hi"}, "children": []}
    assert page["/elements/e1"] == {"type": "Card", "props": {"title": "A"}, "children": ["e2"]}


def test_the_table_in_the_docs_is_what_the_command_prints(capsys: pytest.CaptureFixture[str]) -> None:
    assert tokens.main([str(SCREENS)]) == 0
    doc = (ROOT / "docs" / "components.md").read_text("utf-8")
    found = re.search(r"<!-- tokens -->\n(.*?)<!-- /tokens -->", doc, re.DOTALL)
    assert found is not None
    assert found[1] == capsys.readouterr().out


def test_a_screen_that_is_no_good_markup_is_said_with_its_file(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "wrong.md").write_text('<Metric label="A" value=1 colour="red"/>')
    assert tokens.main([str(tmp_path)]) == 1
    told = capsys.readouterr().err
    assert "wrong.md" in told
    assert "`colour`" in told
