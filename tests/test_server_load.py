"""A server that has enough to do says so, and goes on with what it has."""

from __future__ import annotations

import asyncio
import resource
import time

import pytest

from genui import ServerLimits
from genui.errors import CallerError
from genui.events import Text
from genui.server import load
from genui.server.load import LOOKS, Load
from tests.service import STREAM, asking, serving


async def test_beyond_the_most_streams_new_ones_are_refused_and_those_that_run_go_on() -> None:
    async with (
        serving(limits=ServerLimits(streams=2)) as service,
        service.stream() as first,
        service.stream() as second,
    ):
        await anext(first)
        await anext(second)
        for request in (
            service.client.post("v1/runs", json=asking(), headers=STREAM),
            service.client.post("v1/runs", json=asking()),
            service.client.post("v1/recognize", content=b"x"),
        ):
            refused = await request
            assert refused.status_code == 503
            assert refused.json()["error"]["code"] == "overloaded"
            assert 1 <= int(refused.headers["retry-after"]) <= 5
        service.model.write("on")
        assert (await anext(first)).event == Text("on")
        service.model.finish()


async def test_whoever_comes_back_to_a_run_counts_as_a_stream_by_every_route() -> None:
    repeated = {**STREAM, "Idempotency-Key": "k1"}
    body = asking(thread="chat")
    async with serving(limits=ServerLimits(streams=1)) as service:
        begun = await service.client.post("v1/runs", json=body, headers={"Idempotency-Key": "k1"})
        run = begun.json()["run"]
        async with service.follow(run) as stream:
            await anext(stream)
            for request in (
                service.client.get(f"v1/runs/{run}/events"),
                service.client.get(f"v1/ag-ui/{run}"),
                service.client.get("v1/ai-sdk/chat/chat/stream"),
                service.client.post("v1/runs", json=body, headers=repeated),
            ):
                async with asyncio.timeout(5):
                    assert (await request).status_code == 503
            service.model.answer("Hi")
            assert [frame async for frame in stream]
        again = await service.client.post("v1/runs", json=body, headers=repeated)
        assert (again.status_code, service.model.asked) == (200, ["Hello"])


async def test_a_stream_that_ended_makes_room() -> None:
    async with serving(limits=ServerLimits(streams=1)) as service:
        for _ in range(3):
            async with service.stream() as stream:
                await anext(stream)
                service.model.answer("x")
                assert [frame async for frame in stream]


async def test_without_a_number_the_descriptors_decide(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(resource, "getrlimit", lambda _: (load._RESERVE + 2, 20_000))
    async with serving() as service, service.stream() as stream:
        await anext(stream)
        assert (await service.client.post("v1/runs", json=asking())).status_code == 503
        service.model.answer("x")


async def test_one_late_turn_of_the_loop_refuses_nobody(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(load, "LOOK_SECONDS", 0.01)
    meter = Load(None, lambda: 1, late=1.0)
    meter.admit_run()
    time.sleep(1.2)  # noqa: ASYNC251 (it is what this is about)
    await asyncio.sleep(0.1)
    meter.admit_run()


async def test_a_loop_that_is_late_at_every_look_takes_no_more_runs_but_lets_clients_come_back(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(load, "LOOK_SECONDS", 0.001)
    streams = 1
    meter = Load(None, lambda: streams, late=0.01)
    meter.admit_run()
    for _ in range(3 * LOOKS):
        await asyncio.sleep(0)
        time.sleep(0.03)  # noqa: ASYNC251
    with pytest.raises(CallerError, match="try again"):
        meter.admit_run()
    meter.admit_stream()
    streams = 0  # it forgets when there is nothing to be late for
    await asyncio.sleep(0.05)
    meter.admit_run()
