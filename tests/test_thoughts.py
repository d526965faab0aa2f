"""What a model thinks reaches those whom the application allows to read it, and nobody else by any route."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from typing import Any

import pytest

from genui.agent import FinishPiece, Message, Piece, TextPiece, ThoughtPiece, Tool
from genui.events import Event, RunStart, Text, Thought
from tests.service import STREAM, Service, asking, serving
from tests.sse import parse

CANARY = "canary"
MAY = {"X-Role": "researcher"}
WHOLE = "One canary. Two canary.Three canary."


class Thinks:
    """Thinks natively, in tags and in between, and says two words."""

    name = "thinks"

    def __init__(self) -> None:
        self.go_on = asyncio.Event()
        self.asked: list[Sequence[Message]] = []

    async def stream(self, messages: Sequence[Message], tools: Sequence[Tool]) -> AsyncIterator[Piece]:
        assert not tools
        self.asked.append(messages)
        yield ThoughtPiece("One canary.")
        yield ThoughtPiece(" Two canary.")
        yield TextPiece("Hello ")
        await self.go_on.wait()
        yield TextPiece("<think>Three canary.</think>world")
        yield FinishPiece("stop")


def thinking(**settings: Any) -> Any:
    def may_read(request: Any) -> bool:
        return bool(request.headers.get("x-role") == "researcher")

    return serving(**{"model": Thinks(), "thoughts": may_read, **settings})


def model_of(service: Service) -> Thinks:
    assert isinstance(service.genui.model, Thinks)
    return service.genui.model


async def begun(service: Service, headers: dict[str, str], **more: Any) -> tuple[str, list[Event]]:
    """A whole run, begun with these headers and streamed at once: its id and its events."""
    model_of(service).go_on.set()
    response = await service.client.post("v1/runs", json=asking(**more), headers={**STREAM, **headers})
    events = [frame.event for frame in parse(response.content)]
    assert isinstance(events[0], RunStart)
    return events[0].run, events


async def followed(service: Service, run: str, headers: dict[str, str], after: int = 0) -> list[Event]:
    return [frame.event for frame in await service.read(run, headers=headers, params={"after": after})]


def thought(events: Sequence[Event]) -> str:
    return "".join(event.text for event in events if isinstance(event, Thought))


def said(events: Sequence[Event]) -> str:
    return "".join(event.text for event in events if isinstance(event, Text))


@pytest.mark.parametrize("render", ["props", "html", "both"])
async def test_thoughts_reach_those_who_may_read_them_at_once_and_later(render: str) -> None:
    async with thinking() as service:
        run, events = await begun(service, MAY, render=render)
        assert (thought(events), said(events)) == (WHOLE, "Hello world")
        assert await followed(service, run, MAY) == events


async def test_who_may_not_read_them_follows_the_rest_of_a_run_that_has_them() -> None:
    async with thinking() as service:
        run, events = await begun(service, MAY)
        without = [event for event in events if not isinstance(event, Thought)]
        for after in range(len(events)):
            others = await followed(service, run, {}, after)
            assert CANARY not in repr(others)
            assert others == [event for event in events[after:] if not isinstance(event, Thought)]
        assert await followed(service, run, {"X-Role": "guest"}) == without


async def test_who_follows_live_and_may_not_read_them_gets_none_while_another_does() -> None:
    async with thinking() as service:
        response = await service.client.post("v1/runs", json=asking(), headers=MAY)
        run = response.json()["run"]
        async with service.follow(run) as plain, service.follow(run, headers=MAY) as allowed:
            seen: list[list[Event]] = [[], []]
            for stream, events in zip((plain, allowed), seen, strict=True):
                async for frame in stream:
                    events.append(frame.event)
                    if isinstance(frame.event, Text):
                        break
            model_of(service).go_on.set()
            for stream, events in zip((plain, allowed), seen, strict=True):
                events += [frame.event async for frame in stream]
        assert (thought(seen[0]), said(seen[0])) == ("", "Hello world")
        assert (thought(seen[1]), said(seen[1])) == (WHOLE, "Hello world")


async def test_a_run_begun_by_one_who_may_not_read_them_has_none_for_anybody() -> None:
    async with thinking() as service:
        run, events = await begun(service, {})
        assert CANARY not in repr(events)
        assert await followed(service, run, MAY) == events


async def test_without_a_word_of_the_application_nobody_reads_them() -> None:
    async with thinking(thoughts=False) as service:
        run, events = await begun(service, MAY)
        assert CANARY not in repr([*events, *await followed(service, run, MAY)])


@pytest.mark.parametrize("answer", [None, 1, "yes"])
async def test_only_true_allows_it(answer: Any) -> None:
    async def may_read(_: Any) -> Any:
        return answer

    async with thinking(thoughts=may_read) as service:
        _, events = await begun(service, MAY)
        assert CANARY not in repr(events)


async def test_no_thread_keeps_them_in_any_form_and_no_later_turn_reads_them() -> None:
    async with thinking() as service:
        run, events = await begun(service, MAY)
        assert isinstance(events[0], RunStart)
        thread = f"v1/threads/{events[0].thread}"
        fork = await service.client.post(f"{thread}/fork", json={}, headers=MAY)
        forked = f"v1/threads/{fork.json()['thread']}"
        addresses = ["v1/threads", f"v1/runs/{run}/events"]
        for one in (thread, forked):
            addresses += [one, f"{one}?render=html", f"{one}?render=both"]
            addresses += [f"{one}/export", f"{one}/export?format=markdown"]
        for address in addresses:
            headers = {} if address.startswith("v1/runs") else MAY  # of threads not even who may read them
            response = await service.client.get(address, headers=headers)
            assert response.status_code == 200, address
            assert CANARY not in response.text, address
        await begun(service, MAY, thread=events[0].thread)
        assert CANARY not in repr(model_of(service).asked[-1])


async def test_the_playground_shows_none_of_a_models_own() -> None:
    async with thinking(thoughts=True, playground=True) as service:
        asked = await service.client.post("playground/ask", json=asking())
        assert asked.status_code == 200, asked.text
        model_of(service).go_on.set()
        run = asked.json()["run"]
        events = await followed(service, run, MAY)
        assert (thought(events), said(events)) == ("", "Hello world")
        transcript = await service.client.get(f"playground/asks/{run}")
        assert "Hello" in transcript.text
        assert "One canary" not in transcript.text


async def test_a_text_to_recognize_has_its_thoughts_hidden_from_all() -> None:
    async with thinking(thoughts=True) as service:
        text = "a <think>canary</think> b"
        response = await service.client.post("v1/recognize", content=text, headers=MAY)
        assert said([frame.event for frame in parse(response.content)]) == "a  b"
        assert CANARY not in response.text
