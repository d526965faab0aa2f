"""Recorded runs replay to the same: those in tests/recordings, which the playground wrote."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from genui import cli
from genui.errors import CallerError
from genui.events import to_dict
from genui.markup import Recognizer
from genui.runs import outcome, read_recording
from tests.chunking import recognize
from tests.markup_catalog import CATALOG

RECORDINGS = sorted((Path(__file__).parent / "recordings").glob("*.genui.jsonl"))


@pytest.mark.parametrize("file", RECORDINGS, ids=lambda file: file.name)
@pytest.mark.parametrize("cut", [[], ["--chunk", "1"], ["--chunk", "7"]], ids=["as recorded", "1", "7"])
def test_a_recorded_run_comes_to_the_same_however_it_is_cut(file: Path, cut: list[str]) -> None:
    assert cli.main(["replay", str(file), "--check", *cut]) == 0


def test_there_are_recordings() -> None:
    assert RECORDINGS


def test_what_comes_to_something_else_fails_and_says_where(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "run.genui.jsonl"
    lines = ['{"type":"recording"}', '{"type":"chunk","text":"Hello"}', '{"type":"text","text":"Goodbye"}']
    file.write_text("\n".join(lines))
    assert cli.main(["replay", str(file), "--check"]) == 1
    assert "differs at 1" in capsys.readouterr().err


def test_a_recorded_run_is_replayed_as_it_was_cut(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "run.genui.jsonl"
    file.write_text('{"type":"recording"}\n{"type":"chunk","text":"a "}\n{"type":"chunk","text":"b"}\n')
    assert cli.main(["replay", str(file)]) == 0
    printed = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert printed == [{"type": "text", "text": "a "}, {"type": "text", "text": "b"}]


def test_plain_events_are_a_recording_and_are_printed_as_they_are(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "events.jsonl"
    events = '{"type":"text","text":"Hi"}\n{"type":"run-end","reason":"stop"}\n'
    file.write_text(events)
    assert cli.main(["replay", str(file)]) == 0
    assert capsys.readouterr().out == events


def test_a_broken_line_is_named() -> None:
    with pytest.raises(CallerError, match="line 2"):
        read_recording('{"type":"recording"}\n{"type":"text"\n')


def test_text_is_no_recording() -> None:
    assert read_recording("Hello <Metric/>") is None
    assert read_recording("") is None


def test_html_and_how_often_something_was_drawn_are_no_part_of_the_outcome() -> None:
    text = 'Well. <Metric label="MRR" value="$4"/> Done.'
    whole, piecewise = (recognize(lambda: Recognizer(CATALOG), cut) for cut in ([text], list(text)))
    assert outcome(whole) == outcome(piecewise)
    drawn = "".join(f"{json.dumps(to_dict(event) | {'html': '<p>'})}\n" for event in whole)
    recording = read_recording(drawn)
    assert recording is not None
    assert outcome(recording.events) == outcome(whole)
