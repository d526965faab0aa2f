"""docs/markup.md shows nothing that is not a test case, and names every limit."""

from __future__ import annotations

import re
from dataclasses import fields
from pathlib import Path

import pytest

from genui.markup import Limits
from tests.record_cases import text_of

PAGE = (Path(__file__).parent.parent / "docs" / "markup.md").read_text("utf-8")
FENCES = re.findall(r"(?ms)^(`{3,})(\S*)(?: case=(\S+))?\n(.*?)^\1$", PAGE)


@pytest.mark.parametrize(("name", "shown"), [(name, text) for _, _, name, text in FENCES])
def test_each_example_is_the_input_of_its_case(name: str, shown: str) -> None:
    assert name, f"an example without a case: {shown}"
    assert shown == text_of(name).removesuffix("\n") + "\n"


def test_every_limit_is_named_with_its_default() -> None:
    for limit in fields(Limits):
        assert f"`{limit.name}` | {getattr(Limits(), limit.name):,}" in PAGE
