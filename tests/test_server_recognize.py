"""POST /v1/recognize: text in, events out, at the same time."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

import pytest
from starlette.types import Message

from genui import GenUI, ServerLimits
from genui.events import RenderComponent, RunEnd, RunStart, Text
from tests.browser.models import ByHand
from tests.others import beside_others
from tests.service import Service, run_of, serving
from tests.sse import Frame, frames, parse

POST = {"type": "http", "method": "POST", "path": "/v1/recognize", "query_string": b"", "headers": []}
WIDGET = 'One <Callout title="Note">two</Callout> three'


async def test_a_text_becomes_its_events() -> None:
    async with serving() as service:
        response = await service.client.post("v1/recognize", content=WIDGET)
    assert response.headers["content-type"] == "text/event-stream; charset=utf-8"
    assert response.headers["x-accel-buffering"] == "no"
    events = [frame.event for frame in parse(response.content)]
    assert isinstance(events[0], RunStart)
    assert events[-1] == RunEnd("stop")
    assert "".join(event.text for event in events if isinstance(event, Text)) == "One two three"
    widgets = [event for event in events if isinstance(event, RenderComponent)]
    assert [widget.state for widget in widgets] == ["streaming", "complete"]
    assert widgets[-1].props["title"] == "Note"


async def test_it_draws_widgets_when_asked_to() -> None:
    async with serving() as service:
        response = await service.client.post("v1/recognize", params={"render": "html"}, content=WIDGET)
    widgets = [f.event for f in parse(response.content) if isinstance(f.event, RenderComponent)]
    assert all(widget.html for widget in widgets)


async def test_an_empty_text_is_a_run_without_events() -> None:
    async with serving() as service:
        response = await service.client.post("v1/recognize")
    assert [type(frame.event) for frame in parse(response.content)] == [RunStart, RunEnd]


async def test_events_come_while_the_text_is_still_being_sent() -> None:
    async with serving() as service, conversation(service) as (write, stream):
        assert isinstance((await anext(stream)).event, RunStart)
        write(b"Hello ")
        assert isinstance((await anext(stream)).event, Text)
        write(b'<Callout title="')
        opened = (await anext(stream)).event
        assert isinstance(opened, RenderComponent)
        assert opened.state == "streaming"
        write(b'x">y</Callout>')
        write(b"")
        assert [frame.event async for frame in stream][-1] == RunEnd("stop")


async def test_a_character_that_is_cut_in_two_is_whole_again_and_what_is_no_character_is_marked() -> None:
    async with serving() as service, conversation(service) as (write, stream):
        write("é".encode()[:1])
        await anext(stream)
        write("é".encode()[1:] + b" \xff!")
        write(b"")
        events = [frame.event async for frame in stream]
    assert "".join(event.text for event in events if isinstance(event, Text)) == "é \ufffd!"


async def test_a_text_that_is_too_long_ends_with_that_error() -> None:
    async with serving(limits=ServerLimits(text=100)) as service:
        response = await service.client.post("v1/recognize", content=b"x" * 101)
    end = parse(response.content)[-1].event
    assert isinstance(end, RunEnd)
    assert end.error is not None
    assert end.error["code"] == "body-too-large"


async def test_a_long_text_in_one_piece_lets_everybody_else_have_their_turn() -> None:
    body = b"<Metric 1/>" * 20_000
    pieces: asyncio.Queue[Message] = asyncio.Queue()
    pieces.put_nowait({"type": "http.request", "body": body})
    sent: list[Message] = []

    async def send(message: Message) -> None:
        sent.append(message)

    async with beside_others() as others:
        await GenUI(store="memory", model=ByHand())(POST, pieces.get, send)
    assert b'"reason":"stop"' in sent[-2]["body"]
    assert others.turns > len(body) / 8192


async def test_a_client_that_leaves_while_it_sends_leaves_nothing_behind(
    caplog: pytest.LogCaptureFixture,
) -> None:
    async with serving() as service:
        async with conversation(service) as (write, stream):
            write(b"Hello")
            run = run_of((await anext(stream)).event)
        end = (await service.read(run))[-1].event
        await service.idle()
    assert isinstance(end, RunEnd)
    assert end.error is not None
    assert end.error["code"] == "text-cut"
    assert caplog.text == ""


@asynccontextmanager
async def conversation(
    service: Service,
) -> AsyncIterator[tuple[Callable[[bytes], None], AsyncIterator[Frame]]]:
    """A request whose body is written bit by bit (b"" ends it) while its answer is read."""
    url = service.client.base_url
    reader, writer = await asyncio.open_connection(url.host, url.port)
    writer.write(b"POST /v1/recognize HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n")

    def write(data: bytes) -> None:
        writer.write(b"%x\r\n%b\r\n" % (len(data), data))

    try:
        assert b" 200 " in await reader.readuntil(b"\r\n\r\n")
        yield write, frames(_chunks(reader))
    finally:
        writer.close()
        await writer.wait_closed()


async def _chunks(reader: asyncio.StreamReader) -> AsyncIterator[bytes]:
    while size := int(await reader.readline(), 16):
        yield (await reader.readexactly(size + 2))[:-2]
