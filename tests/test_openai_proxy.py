"""Chat completions by the real `openai` client: a readable answer, whatever components are in it."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from openai import APIError, AsyncOpenAI, BadRequestError, InternalServerError, NotFoundError
from openai.types import CompletionUsage
from openai.types.chat import ChatCompletionMessageParam

from genui import Catalog, Recognizer
from genui.agent import OpenAIModel
from genui.events import ComponentError, Event, RenderComponent, RunEnd, RunStart, Text
from genui.server.attachments import LEFT_OUT
from genui.wire import Prose, SaidInWords, completion
from tests.service import Service, serving

ASKING: list[ChatCompletionMessageParam] = [{"role": "user", "content": "Hi"}]
ANSWER = 'Here:\n<Card title="Q3">Sales **rose**.<Metric "MRR" value="$4k"/></Card>Fine.'
READ = "Here:\n\nQ3\n\nSales **rose**.\n\nMRR: $4k\n\nFine."


def client_of(service: Service) -> AsyncOpenAI:
    return AsyncOpenAI(base_url=f"{service.client.base_url}v1", api_key="none", max_retries=0)


async def test_a_stream_is_the_text_with_components_in_words() -> None:
    async with serving() as service, client_of(service) as client:
        service.model.answer(f"<think>secret</think>{ANSWER}")
        told = ""
        async for chunk in await client.chat.completions.create(model="any", messages=ASKING, stream=True):
            told += chunk.choices[0].delta.content or ""
        assert told == READ
        assert chunk.choices[0].finish_reason == "stop"
        assert service.model.asked == ["Hi"]


@asynccontextmanager
async def behind(service: Service) -> AsyncIterator[AsyncOpenAI]:
    """A client of a service whose model is that service's chat completions."""
    model = OpenAIModel("any", base_url=f"{service.client.base_url}v1", api_key="none")
    async with serving(model=model) as second, client_of(second) as client:
        yield client


async def test_what_an_answer_costs_comes_last_by_itself_to_who_asks_for_it() -> None:
    async with serving() as service, client_of(service) as direct, behind(service) as client:
        for one in (direct, client):
            service.model.cost(12, 7)
            service.model.answer("Hello.")
            chunks = await one.chat.completions.create(
                model="any", messages=ASKING, stream=True, stream_options={"include_usage": True}
            )
            *told, last = [chunk async for chunk in chunks]
            assert [chunk.usage for chunk in told] == [None] * len(told)
            assert all("usage" in chunk.model_fields_set for chunk in told)
            assert "".join(chunk.choices[0].delta.content or "" for chunk in told) == "Hello."
            assert told[-1].choices[0].finish_reason == "stop"
            assert last.choices == []
            assert last.usage == CompletionUsage(prompt_tokens=12, completion_tokens=7, total_tokens=19)


async def test_what_an_answer_costs_is_told_to_nobody_else() -> None:
    async with serving() as service, client_of(service) as client:
        service.model.cost(12, 7)
        service.model.answer("Hello.")
        async for chunk in await client.chat.completions.create(model="any", messages=ASKING, stream=True):
            assert chunk.choices
            assert "usage" not in chunk.model_fields_set
        service.model.cost(12, 7)
        service.model.answer("Hello.")
        whole = await client.chat.completions.create(model="any", messages=ASKING)
        assert whole.usage
        assert whole.usage.total_tokens == 19


async def test_an_answer_in_one_piece_says_the_same() -> None:
    async with serving() as service, client_of(service) as client:
        service.model.answer(ANSWER)
        whole = await client.chat.completions.create(model="any", messages=ASKING)
        assert whole.choices[0].message.content == READ
        assert (await service.client.get("v1/threads")).json()["threads"] == []
        assert [model.id async for model in client.models.list()] == ["by-hand"]


async def test_a_failure_is_the_clients_own_error() -> None:
    async with serving() as service, client_of(service) as client:
        service.model.fail("No more today.")
        with pytest.raises(InternalServerError, match="No more today"):
            await client.chat.completions.create(model="any", messages=ASKING)
        service.model.write("Well")
        service.model.fail("No more today.")
        with pytest.raises(APIError, match="No more today"):
            async for _ in await client.chat.completions.create(model="any", messages=ASKING, stream=True):
                pass


async def test_a_client_that_leaves_ends_the_run() -> None:
    async with serving() as service, client_of(service) as client:
        service.model.write("Well, ")
        stream = await client.chat.completions.create(model="any", messages=ASKING, stream=True)
        await anext(aiter(stream))
        await stream.close()
        await service.model.closed.wait()


async def test_a_conversation_that_another_model_called_tools_in_goes_on_by_its_words() -> None:
    call = {"id": "1", "type": "function", "function": {"name": "f", "arguments": "{}"}}
    told: list[Any] = [
        {"role": "user", "content": "One"},
        {"role": "assistant", "content": None, "tool_calls": [call]},
        {"role": "tool", "tool_call_id": "1", "content": "secret"},
        {"role": "assistant", "content": [{"type": "refusal", "refusal": "No."}]},
        {"role": "assistant", "content": "Two"},
        {"role": "user", "content": "Three", "name": "ada"},
    ]
    async with serving() as service, client_of(service) as client:
        service.model.answer("Four")
        whole = await client.chat.completions.create(model="any", messages=told, n=1, stop=["x"], tools=[])
        assert whole.choices[0].message.content == "Four"
        roles = [(one["role"], one["content"]) for one in service.model.conversation[1:]]
        assert roles == [("user", "One"), ("assistant", "Two"), ("user", "Three")]


async def test_what_is_not_taken_is_refused_in_words() -> None:
    picture = {"type": "image_url", "image_url": {"url": "data:image/png;base64,AA"}}
    nothing: list[Any] = [{"role": "tool", "tool_call_id": "1", "content": "x"}]
    seen: list[Any] = [{"role": "user", "content": [{"type": "text", "text": "See"}, picture]}]
    async with serving() as service, client_of(service) as client:
        with pytest.raises(BadRequestError, match=r"content: only text is taken, and no image_url"):
            await client.chat.completions.create(model="any", messages=seen)
        with pytest.raises(BadRequestError, match="no messages"):
            await client.chat.completions.create(model="any", messages=nothing)
        assert service.model.asked == []
        service.model.answer("Hello.")
        later: list[Any] = [*seen, {"role": "user", "content": "Hi"}]
        await client.chat.completions.create(model="any", messages=later)
        assert [one["content"] for one in service.model.conversation[1:]] == [f"See\n\n{LEFT_OUT}", "Hi"]


async def test_the_model_that_answers_can_be_looked_up_and_no_other() -> None:
    async with serving() as service, client_of(service) as client:
        assert (await client.models.retrieve("by-hand")).id == "by-hand"
        with pytest.raises(NotFoundError, match="by-hand"):
            await client.models.retrieve("somebody/else")


async def test_a_client_in_a_page_of_a_named_origin_may_send_headers_of_its_own() -> None:
    async with serving(origins=["https://app.example"]) as service:
        asks = {
            "Origin": "https://app.example",
            "Access-Control-Request-Method": "POST",
            "Access-Control-Request-Headers": "authorization,content-type,x-stainless-lang,user-agent",
        }
        allowed = await service.client.options("v1/chat/completions", headers=asks)
        assert allowed.status_code == 200
        assert "x-stainless-lang" in allowed.headers["access-control-allow-headers"]
        other = await service.client.options(
            "v1/chat/completions", headers={**asks, "Origin": "https://x.example"}
        )
        assert "access-control-allow-origin" not in other.headers


def test_what_failed_and_is_mended_later_is_not_told() -> None:
    prose = Prose(lambda name, _props, _data: SaidInWords(f"[{name}]", inline=False))
    events: list[Event] = [
        Text("Before."),
        RenderComponent("c1", "Metric", "streaming", {}),
        ComponentError("c1", "Metric", "missing-prop", "label is missing", "<Metric/>"),
        Text("After."),
        RenderComponent("c1", "Metric", "complete", {"label": "x"}),
    ]
    assert "".join(map(prose.text_of, events)) == "Before.After."


CATALOG = Catalog.builtin()


def read(text: str, size: int) -> str:
    recognizer = Recognizer(CATALOG)
    events = [RunStart("r", "t")]
    told = [event for at in range(0, len(text), size) for event in recognizer.feed(text[at : at + size])]

    def words(name: str, props: object, data: object) -> SaidInWords:
        del props, data
        return SaidInWords(f"[{name}]", inline=False)

    whole = completion([*events, *told, *recognizer.close(), RunEnd("stop")], Prose(words), "m", 0)
    return str(whole["choices"][0]["message"]["content"])


@settings(deadline=None, max_examples=60)
@given(
    st.lists(st.sampled_from(["a", "\n", "\n\n", " b", "<Divider/>", "<Card>", "</Card>"])).map("".join),
    st.integers(1, 9),
)
def test_how_the_text_was_cut_never_shows(text: str, size: int) -> None:
    assert read(text, size) == read(text, len(text) or 1)
