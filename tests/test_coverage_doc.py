"""docs/coverage.md names components that there are, and each component of the library at least once."""

from __future__ import annotations

import re
from pathlib import Path

from genui import Catalog

DOC = (Path(__file__).parents[1] / "docs" / "coverage.md").read_text()
NAMED = {name for code in re.findall(r"`([^`]+)`", DOC) for name in re.findall(r"^[A-Z]\w+", code)}


def test_each_component_that_is_named_as_ours_exists_and_none_is_forgotten() -> None:
    assert Catalog.builtin().names == NAMED
