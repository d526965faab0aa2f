"""The corpus: malformed and well-formed markup as models write it, each with the events a client gets."""

from __future__ import annotations

import pytest

from genui.events import from_json
from tests.chunking import check_all_chunkings, outcome
from tests.record_cases import CASES, cases, lines_of, recognizer_for, text_of


def test_the_corpus_is_large_enough() -> None:
    assert len(cases()) >= 150


def test_every_case_is_complete() -> None:
    for folder in CASES.iterdir():
        assert {path.name for path in folder.iterdir()} == {"input.txt", "events.jsonl"}, folder.name


@pytest.mark.parametrize("name", cases())
def test_case(name: str) -> None:
    expected = (CASES / name / "events.jsonl").read_text("utf-8").splitlines()
    assert lines_of(name) == expected
    recorded = outcome(from_json(line) for line in expected)
    assert check_all_chunkings(lambda: recognizer_for(name), text_of(name)) == recorded
