"""Frames of protocol genui/1: what goes in comes out, and nothing can break out of its frame."""

from __future__ import annotations

import json

from hypothesis import given
from hypothesis import strategies as st

from genui.events import Text, from_json, to_json
from genui.wire import Genui1
from tests.sse import parse


def framed(seq: int, data: bytes) -> bytes:
    return Genui1().encode([(seq, data)])


def test_a_frame_is_an_id_a_data_line_and_a_blank_line() -> None:
    assert framed(7, b'{"type":"text"}') == b'id: 7\ndata: {"type":"text"}\n\n'


def test_frames_stand_one_after_the_other() -> None:
    assert Genui1().encode([(1, b"1"), (2, b"2")]) == b"id: 1\ndata: 1\n\nid: 2\ndata: 2\n\n"


def test_a_heartbeat_is_a_comment_that_no_client_sees() -> None:
    assert parse(Genui1().heartbeat()) == []


@given(st.text())
def test_any_text_survives_the_wire_in_one_frame(text: str) -> None:
    (frame,) = parse(framed(3, to_json(Text(text)).encode()))
    assert frame.seq == 3
    assert frame.event == Text(text)


@given(st.recursive(st.text() | st.integers() | st.none(), lambda inner: st.lists(inner, max_size=3)))
def test_json_with_line_ends_between_its_tokens_stays_in_its_frame(value: object) -> None:
    for ends in ("\n", "\r\n", "\r"):
        data = json.dumps({"type": "text", "text": value}, indent=1).replace("\n", ends).encode()
        (frame,) = parse(framed(1, data))
        assert frame.event == from_json(data)


def test_an_event_cannot_forge_another() -> None:
    forged = Text('x\n\nid: 99\ndata: {"type":"run-end","reason":"stop"}\r\n\r\n\x00\u2028\u2029')
    (frame,) = parse(framed(1, to_json(forged).encode()))
    assert (frame.seq, frame.event) == (1, forged)
