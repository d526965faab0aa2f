"""Runs over HTTP: started, followed, resumed, left and cancelled, over real sockets."""

from __future__ import annotations

import asyncio
import socket

import pytest

from genui.catalog import Dialect
from genui.events import RenderComponent, RunEnd, RunStart, Text
from genui.runs import INTERRUPTED
from tests.service import STREAM, Service, asking, run_of, serving


def texts(events: list[object]) -> str:
    return "".join(event.text for event in events if isinstance(event, Text))


async def test_a_stream_is_the_run_from_start_to_end() -> None:
    async with serving() as service:
        service.model.answer("Hello **you**")
        async with service.stream(thread="t-1") as stream:
            frames = [frame async for frame in stream]
    assert [frame.seq for frame in frames] == list(range(1, len(frames) + 1))
    events = [frame.event for frame in frames]
    assert isinstance(events[0], RunStart)
    assert events[0].thread == "t-1"
    assert texts([*events]) == "Hello **you**"
    assert isinstance(events[-1], RunEnd)
    assert events[-1].reason == "stop"


async def test_a_stream_has_exactly_the_headers_that_keep_it_flowing() -> None:
    async with serving() as service:
        service.model.answer("x")
        response = await service.client.post("v1/runs", json=asking(), headers=STREAM)
    assert response.status_code == 200
    assert response.headers["content-type"] == "text/event-stream; charset=utf-8"
    assert response.headers["cache-control"] == "no-cache, no-transform"
    assert response.headers["x-accel-buffering"] == "no"
    assert "content-encoding" not in response.headers


async def test_each_event_is_sent_when_it_happens_and_the_first_at_once() -> None:
    async with serving() as service, service.stream() as stream:
        assert isinstance((await anext(stream)).event, RunStart)
        for word in ("one ", "two ", "three "):
            service.model.write(word)
            assert (await anext(stream)).event == Text(word)
        service.model.finish()


async def test_without_asking_for_a_stream_the_answer_says_where_the_events_are() -> None:
    async with serving() as service:
        response = await service.client.post("v1/runs", json=asking(thread="t-1"))
        assert response.status_code == 202
        told = response.json()
        assert (set(told), told["thread"]) == ({"run", "thread", "events"}, "t-1")
        assert response.headers["location"] == told["events"]
        service.model.answer("Hello")
        followed = await service.client.get(response.url.join(told["events"]).path)
        assert '"Hello"' in followed.text


async def test_the_model_gets_the_conversation_behind_the_system_prompt() -> None:
    async with serving(instructions="Be brief.") as service:
        service.model.answer("x")
        await service.read(await service.start(content="What is up?"))
        assert service.model.asked == ["What is up?"]
        prompt = (await service.client.get("v1/prompt")).text
    assert prompt.startswith("Be brief.")
    assert "WeatherWidget" in prompt


@pytest.mark.parametrize("dialect", ["lark", "llguidance", "gbnf"])
async def test_the_grammar_of_answers_is_served_in_each_dialect(dialect: Dialect) -> None:
    async with serving() as service:
        response = await service.client.get(f"v1/grammar?format={dialect}")
        assert response.text == service.genui.catalog.grammar(dialect)
        assert response.headers["content-type"] == "text/plain; charset=utf-8"


async def test_a_grammar_that_is_not_there_is_the_callers_mistake() -> None:
    async with serving() as service:
        response = await service.client.get("v1/grammar?format=ebnf")
    assert response.status_code == 400
    assert response.json()["error"]["code"] == "bad-format"


@pytest.mark.parametrize(("render", "has_html"), [("props", False), ("html", True), ("both", True)])
async def test_render_chooses_what_widgets_carry(render: str, has_html: bool) -> None:
    async with serving() as service:
        service.model.answer('<Callout title="Note">Mind it.</Callout>')
        run = await service.start(render=render)
        widgets = [
            frame.event for frame in await service.read(run) if isinstance(frame.event, RenderComponent)
        ]
    assert [widget.html is not None for widget in widgets] == [has_html] * len(widgets)
    assert widgets[-1].state == "complete"
    assert widgets[-1].props["title"] == "Note"


async def test_every_position_gives_exactly_the_rest_by_header_and_by_address() -> None:
    async with serving() as service:
        for word in ("a", "bc", "def", "ghij"):
            service.model.write(word)
        service.model.finish()
        run = await service.start()
        whole = await service.read(run)
        for after in range(len(whole)):
            assert await service.read(run, headers={"Last-Event-ID": str(after)}) == whole[after:]
            assert await service.read(run, params={"after": after}) == whole[after:]


async def test_the_header_wins_over_the_address() -> None:
    async with serving() as service:
        service.model.answer("x")
        run = await service.start()
        whole = await service.read(run)
        resumed = await service.read(run, params={"after": 1}, headers={"Last-Event-ID": "2"})
    assert resumed == whole[2:]


async def test_a_finished_run_that_was_read_to_its_end_answers_204() -> None:
    async with serving() as service:
        service.model.answer("x")
        run = await service.start()
        last = (await service.read(run))[-1].seq
        response = await service.client.get(f"v1/runs/{run}/events", headers={"Last-Event-ID": str(last)})
    assert (response.status_code, response.content) == (204, b"")


async def test_fifty_followers_from_different_positions_read_the_same_while_it_is_written() -> None:
    async with serving() as service:
        run = await service.start()
        readers = []
        async with service.follow(run) as stream:
            seen = [await anext(stream)]
            for n in range(50):
                service.model.write(f"{n} ")
                seen.append(await anext(stream))
                readers.append((n, asyncio.create_task(service.read(run, params={"after": n}))))
            service.model.finish()
            seen += [frame async for frame in stream]
        for after, reader in readers:
            assert await reader == seen[after:]


async def test_a_client_that_comes_back_goes_on_where_it_was_cut() -> None:
    async with serving() as service:
        service.model.write("a")
        async with service.stream() as stream:
            first = [await anext(stream), await anext(stream)]
        service.model.write("b")
        service.model.finish()
        run = run_of(first[0].event)
        rest = await service.read(run, headers={"Last-Event-ID": "2"})
        assert [frame.event for frame in rest][:1] == [Text("b")]
        assert first + rest == await service.read(run)


async def test_a_run_that_its_client_left_ends_after_the_grace_period_and_closes_the_model() -> None:
    async with serving(grace=0.01) as service:
        async with service.stream() as stream:
            run = run_of((await anext(stream)).event)
        await service.model.closed.wait()
        assert (await service.read(run))[-1].event == RunEnd("cancelled")


async def test_cancelling_closes_the_model_before_it_answers_and_ends_the_stream() -> None:
    async with serving() as service, service.stream() as stream:
        service.model.write("a")
        run = run_of((await anext(stream)).event)
        assert (await anext(stream)).event == Text("a")
        response = await service.client.post(f"v1/runs/{run}/cancel")
        assert (response.status_code, response.json()) == (200, {"run": run})
        assert service.model.closed.is_set()
        assert [frame.event async for frame in stream] == [RunEnd("cancelled")]
        again = await service.client.post(f"v1/runs/{run}/cancel")
        assert again.status_code == 200


async def test_a_model_that_fails_ends_the_run_with_its_message() -> None:
    async with serving() as service:
        service.model.write("a")
        service.model.fail("The model is tired.")
        end = (await service.read(await service.start()))[-1].event
    assert isinstance(end, RunEnd)
    assert end.reason == "error"
    assert end.error is not None
    assert end.error["message"] == "The model is tired."


async def test_an_idle_stream_gets_heartbeats_between_its_events() -> None:
    async with (
        serving(heartbeat=0.01) as service,
        service.client.stream("POST", "v1/runs", json=asking(), headers=STREAM) as response,
    ):
        chunks = response.aiter_bytes()
        got = b""
        while got.count(b"\n: \n\n") < 3:
            got += await anext(chunks)
        service.model.answer("x")
        got += b"".join([chunk async for chunk in chunks])
    assert b'"text":"x"' in got


async def test_head_gives_the_headers_and_leaves_the_run_alone() -> None:
    async with serving() as service:
        run = await service.start()
        response = await service.client.head(f"v1/runs/{run}/events")
        assert response.headers["content-type"] == "text/event-stream; charset=utf-8"
        service.model.answer("x")
        assert texts([frame.event for frame in await service.read(run)]) == "x"


async def test_a_reader_that_never_reads_holds_up_nobody_else() -> None:
    async with serving() as service:
        run = await service.start()
        deaf = await _connect_without_reading(service, run)
        expected = read = 0
        async with service.follow(run) as stream:
            await anext(stream)
            for _ in range(200):
                service.model.write("x" * 40_000)
                expected += 40_000
                while read < expected:  # what comes in one piece may be told in several
                    frame = await anext(stream)
                    assert isinstance(frame.event, Text)
                    read += len(frame.event.text)
            service.model.finish()
            assert isinstance([frame async for frame in stream][-1].event, RunEnd)
        assert read == 8_000_000
        deaf.close()


async def _connect_without_reading(service: Service, run: str) -> socket.socket:
    host, port = service.client.base_url.host, service.client.base_url.port
    assert port is not None
    deaf = socket.socket()
    deaf.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    deaf.setblocking(False)
    loop = asyncio.get_running_loop()
    await loop.sock_connect(deaf, (host, port))
    await loop.sock_sendall(deaf, f"GET /v1/runs/{run}/events HTTP/1.1\r\nHost: {host}\r\n\r\n".encode())
    return deaf


async def test_a_client_that_closes_leaves_no_stream_behind() -> None:
    async with serving() as service:
        run = await service.start()
        for _ in range(20):
            async with service.follow(run) as stream:
                await anext(stream)
        await service.client.post(f"v1/runs/{run}/cancel")
        await service.idle()


async def test_closing_the_service_ends_its_streams_and_refuses_new_runs() -> None:
    async with serving() as service, service.stream() as stream:
        await anext(stream)
        await service.genui.close()
        assert [frame.event async for frame in stream] == [RunEnd("error", INTERRUPTED)]
        refused = await service.client.post("v1/runs", json=asking())
        assert refused.status_code == 503
        assert refused.json()["error"]["code"] == "shutting-down"
