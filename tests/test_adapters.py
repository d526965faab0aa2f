"""The streams of other packages, each made by the real package, as text and as events."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import pytest

from genui import adapters, stream
from genui.catalog import Catalog
from genui.events import Event, RenderComponent, RunEnd, Text, to_json
from tests.replay import Recording, ReplayServer, delta, sse
from tests.test_responses import completed_event, event

CATALOG = Catalog.from_json_schema(
    {"$defs": {"Gauge": {"properties": {"value": {"type": "integer"}}, "required": ["value"]}}}
)
PIECES = ["It is ", "<Gau", 'ge value="2', '1"/>', " today."]
ANSWER = "".join(PIECES)
ASK: Any = [{"role": "user", "content": "?"}]

CHAT = sse(
    delta(role="assistant", content=""),
    delta(reasoning_content="canary"),
    *(delta(content=piece) for piece in PIECES),
    delta(tool_calls=[{"index": 0, "id": "a", "function": {"name": "canary", "arguments": "{}"}}]),
    delta(finish="stop"),
    {"choices": [], "usage": {"prompt_tokens": 1, "completion_tokens": 2, "total_tokens": 3}},
    "[DONE]",
)
PLACE = {"item_id": "m", "output_index": 0, "content_index": 0}
RESPONSES = b"".join(
    [
        event(
            "response.reasoning_summary_text.delta",
            item_id="r",
            output_index=0,
            summary_index=0,
            delta="canary",
        ),
        *(event("response.output_text.delta", **PLACE, logprobs=[], delta=piece) for piece in PIECES),
        event("response.function_call_arguments.delta", item_id="f", output_index=1, delta="canary"),
        completed_event(),
    ]
)


@pytest.fixture
async def server() -> AsyncIterator[ReplayServer]:
    async with ReplayServer() as server:
        yield server


async def check(source: AsyncIterator[str]) -> None:
    """Only the answer is there, and its component is recognized."""
    events: list[Event] = [event async for event in stream(source, CATALOG)]
    text = "".join(event.text for event in events if isinstance(event, Text))
    assert text == "It is  today."
    (gauge,) = (e for e in events if isinstance(e, RenderComponent) and e.state == "complete")
    assert gauge.props == {"value": 21}
    assert events[-1] == RunEnd("stop")
    assert "canary" not in "".join(map(to_json, events))


async def test_chunks_of_the_openai_package(server: ReplayServer) -> None:
    import openai

    server.play(Recording(CHAT))
    async with openai.AsyncOpenAI(base_url=server.url, api_key="x") as client:
        await check(
            adapters.openai(await client.chat.completions.create(model="m", messages=ASK, stream=True))
        )


async def test_events_of_the_openai_packages_responses(server: ReplayServer) -> None:
    import openai

    server.play(Recording(RESPONSES))
    async with openai.AsyncOpenAI(base_url=server.url, api_key="x") as client:
        await check(adapters.openai(await client.responses.create(model="m", input=ASK, stream=True)))


async def test_chunks_of_langchain() -> None:
    from langchain_core.language_models.fake_chat_models import GenericFakeChatModel
    from langchain_core.messages import AIMessage
    from langchain_core.output_parsers import StrOutputParser

    model = GenericFakeChatModel(messages=iter([AIMessage(ANSWER)] * 2))
    await check(adapters.langchain(model.astream("?")))
    await check(adapters.langchain((model | StrOutputParser()).astream("?")))


async def test_parts_of_langchains_messages() -> None:
    from langchain_core.messages import AIMessageChunk, ToolMessage

    async def chunks() -> AsyncIterator[Any]:
        yield ToolMessage("canary", tool_call_id="a")
        yield AIMessageChunk(content=[{"type": "reasoning", "reasoning": "canary"}])
        yield AIMessageChunk(
            content="", tool_call_chunks=[{"name": "canary", "args": "{}", "id": "a", "index": 0}]
        )
        for piece in PIECES:
            yield AIMessageChunk(content=[{"type": "text", "text": piece, "index": 0}])

    await check(adapters.langchain(chunks()))


async def test_messages_of_a_langgraph() -> None:
    from langchain_core.language_models.fake_chat_models import GenericFakeChatModel
    from langchain_core.messages import AIMessage
    from langgraph.graph import START, MessagesState, StateGraph

    model = GenericFakeChatModel(messages=iter([AIMessage(ANSWER)]))

    async def answer(state: MessagesState) -> Any:
        return {"messages": [await model.ainvoke(state["messages"])]}

    builder = StateGraph(MessagesState)
    builder.add_node("answer", answer)
    builder.add_edge(START, "answer")
    graph = builder.compile()
    await check(adapters.langchain(graph.astream({"messages": ASK}, stream_mode="messages")))


async def test_chunks_of_litellm(server: ReplayServer) -> None:
    litellm = pytest.importorskip("litellm")

    server.play(Recording(CHAT))
    answer = await litellm.acompletion(
        model="openai/m", api_base=server.url, api_key="x", messages=ASK, stream=True
    )
    await check(adapters.litellm(answer))


async def test_events_of_pydantic_ai() -> None:
    from pydantic_ai import Agent
    from pydantic_ai.models.function import AgentInfo, DeltaThinkingPart, FunctionModel

    async def says(_: Any, info: AgentInfo) -> AsyncIterator[Any]:
        del info
        yield {0: DeltaThinkingPart(content="canary")}
        for piece in PIECES:
            yield piece

    agent = Agent(FunctionModel(stream_function=says))
    async with agent.run_stream_events("?") as events:
        await check(adapters.pydantic_ai(events))
    async with agent.run_stream("?") as result:
        await check(result.stream_text(delta=True, debounce_by=None))


async def test_what_a_source_raises_ends_the_run_in_an_error_and_the_source_is_closed() -> None:
    closed = []

    async def breaks() -> AsyncIterator[Any]:
        try:
            yield "Hello"
            raise ConnectionError("canary")
        finally:
            closed.append(True)

    events = [event async for event in stream(adapters.langchain(breaks()), CATALOG)]
    assert isinstance(events[-1], RunEnd)
    assert events[-1].reason == "error"
    assert "canary" not in "".join(map(to_json, events))
    assert closed
