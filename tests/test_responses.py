"""The Responses API over a real socket, and grammars that are sent along."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from typing import Any

import pytest

from genui.agent import (
    FinishPiece,
    Message,
    OpenAIModel,
    Piece,
    TextPiece,
    ThoughtPiece,
    ToolCallPiece,
    UsagePiece,
    model,
    respond,
    tool,
)
from genui.catalog import Catalog
from genui.errors import CallerError, ModelError
from genui.events import to_json
from genui.markup import Recognizer
from genui.server import GenUI
from tests.replay import Recording, ReplayServer, delta, random_chunks, sse

ASK = [{"role": "user", "content": "Hello"}]
CATALOG = Catalog.from_json_schema({"$defs": {"Note": {"properties": {"text": {"type": "string"}}}}})
PLACE = {"item_id": "msg_1", "output_index": 0, "content_index": 0}


def event(kind: str, **fields: Any) -> bytes:
    """A frame as OpenAI sends it."""
    return f"event: {kind}\ndata: {json.dumps({'type': kind, 'sequence_number': 1, **fields})}\n\n".encode()


def text(piece: str, **place: Any) -> bytes:
    return event("response.output_text.delta", **{**PLACE, **place}, delta=piece)


def completed_event(output: Any = (), *, kind: str = "response.completed", **fields: Any) -> bytes:
    """The last frame."""
    response = {
        "id": "resp_1",
        "object": "response",
        "created_at": 1,
        "model": "m",
        "status": kind.removeprefix("response."),
        "output": list(output),
        "parallel_tool_calls": True,
        "tool_choice": "auto",
        "tools": [],
        **fields,
    }
    return event(kind, response=response)


def call_item(arguments: Any = "", **fields: Any) -> dict[str, Any]:
    return {
        "type": "function_call",
        "id": "fc_1",
        "call_id": "call_1",
        "name": "f",
        "arguments": arguments,
        **fields,
    }


FAILED = completed_event(kind="response.failed", error={"code": "server_error", "message": "canary"})
EMPTY = {"type": "message", "id": "msg_1", "content": []}
END = [FinishPiece("stop")]


@pytest.fixture
async def server() -> AsyncIterator[ReplayServer]:
    async with ReplayServer() as server:
        yield server


async def read(server: ReplayServer, *frames: bytes, **how: Any) -> list[Piece]:
    """The pieces of one answer: the same, however its bytes are cut."""
    asked = OpenAIModel("m", api="responses", base_url=server.url, api_key="x", retries=0)
    body = b"".join(frames)
    server.play(Recording(body, **how))
    whole = [piece async for piece in asked.stream(ASK, ())]
    for seed in range(3):
        server.play(Recording(body, sizes=random_chunks(seed, most=60), **how))
        assert [piece async for piece in asked.stream(ASK, ())] == whole
    await asked.aclose()
    return whole


async def collect(asked: OpenAIModel, pieces: list[Piece]) -> None:
    """Add the pieces of an answer to `pieces`, those before an error too."""
    async for piece in asked.stream(ASK, ()):
        pieces.append(piece)  # noqa: PERF401 (see above)


async def test_text_comes_in_deltas_and_nothing_of_it_twice(server: ReplayServer) -> None:
    message = {"type": "message", "id": "msg_1", "content": [{"type": "output_text", "text": "Hello"}]}
    usage = {"input_tokens": 3, "output_tokens": 2, "total_tokens": 5}
    assert await read(
        server,
        event("response.created", response={"status": "in_progress", "error": None}),
        event("response.output_item.added", output_index=0, item=EMPTY),
        event("response.content_part.added", **PLACE, part={"type": "output_text", "text": ""}),
        text("Hel"),
        text("lo"),
        event("response.output_text.done", **PLACE, text="Hello"),
        event("response.content_part.done", **PLACE, part={"type": "output_text", "text": "Hello"}),
        event("response.output_item.done", output_index=0, item=message),
        completed_event([message], usage=usage),
    ) == [TextPiece("Hel"), TextPiece("lo"), UsagePiece(3, 2), *END]


@pytest.mark.parametrize(
    "frames",
    [
        pytest.param([event("response.output_text.done", **PLACE, text="Hi")], id="when it is done"),
        pytest.param(
            [
                event(
                    "response.output_item.done",
                    output_index=0,
                    item={"type": "message", "content": [{"type": "output_text", "text": "Hi"}]},
                )
            ],
            id="only when the item is done",
        ),
        pytest.param([], id="only at the end"),
        pytest.param([b'data: {"type":"response.output_text.delta","delta":"Hi"}\n\n'], id="no index, no id"),
        pytest.param([b'event: response.output_text.delta\ndata: {"delta":"Hi"}\n\n'], id="type in its line"),
        pytest.param([event("response.refusal.delta", **PLACE, delta="Hi")], id="as a refusal"),
    ],
)
async def test_text_is_found_wherever_a_server_puts_it(frames: list[bytes], server: ReplayServer) -> None:
    message = {"type": "message", "id": "msg_1", "content": [{"type": "output_text", "text": "Hi"}]}
    pieces = await read(server, *frames, completed_event([message]), b"data: [DONE]\n\n")
    assert pieces == [TextPiece("Hi"), *END]


@pytest.mark.parametrize(
    "kind", ["reasoning_summary_text", "reasoning_text", "reasoning", "reasoning_summary"]
)
async def test_reasoning_is_thoughts(kind: str, server: ReplayServer) -> None:
    frame = event(f"response.{kind}.delta", item_id="rs_1", output_index=0, delta="Hm")
    assert await read(server, frame, text("Hi", output_index=1), completed_event()) == [
        ThoughtPiece("Hm"),
        TextPiece("Hi"),
        *END,
    ]


@pytest.mark.parametrize(
    "frames",
    [
        pytest.param(
            [
                event("response.output_item.added", output_index=1, item=call_item()),
                event(
                    "response.function_call_arguments.delta", item_id="fc_1", output_index=1, delta='{"x":'
                ),
                event("response.function_call_arguments.delta", item_id="fc_1", output_index=1, delta="1}"),
                event(
                    "response.function_call_arguments.done",
                    item_id="fc_1",
                    output_index=1,
                    arguments='{"x":1}',
                ),
                event("response.output_item.done", output_index=1, item=call_item('{"x":1}')),
            ],
            id="in pieces",
        ),
        pytest.param(
            [
                event("response.output_item.added", item=call_item('{"x":1}')),
                event("response.function_call_arguments.done", item_id="fc_1", arguments='{"x":1}'),
            ],
            id="without output_index, arguments only when done",
        ),
        pytest.param(
            [event("response.output_item.done", output_index=1, item=call_item('{"x":1}'))], id="whole"
        ),
        pytest.param(
            [event("response.output_item.done", output_index=1, item=call_item({"x": 1}))], id="as an object"
        ),
        pytest.param([], id="only at the end"),
    ],
)
async def test_calls_are_put_together_wherever_their_parts_stand(
    frames: list[bytes], server: ReplayServer
) -> None:
    pieces = await read(server, *frames, completed_event([call_item('{"x":1}')]))
    calls = [piece for piece in pieces if isinstance(piece, ToolCallPiece)]
    assert {piece.index for piece in calls} == {0}
    assert (calls[0].id, calls[0].name) == ("call_1", "f")
    assert json.loads("".join(piece.arguments for piece in calls)) == {"x": 1}
    assert pieces[-1] == FinishPiece("tool_calls")


@pytest.mark.parametrize(
    ("reason", "expected"),
    [("max_output_tokens", "length"), ("content_filter", "content_filter"), (None, "length")],
)
async def test_an_incomplete_response_says_why(
    reason: str | None, expected: Any, server: ReplayServer
) -> None:
    details = {"reason": reason} if reason else None
    end = completed_event(kind="response.incomplete", incomplete_details=details)
    assert await read(server, text("Hi"), end) == [TextPiece("Hi"), FinishPiece(expected)]


@pytest.mark.parametrize(
    ("frame", "code"),
    [
        (event("error", code="rate_limit_exceeded", message="canary"), "model-rate-limit"),
        (event("error", error={"code": "context_length_exceeded", "message": "canary"}), "model-context"),
        (FAILED, "model-error"),
        (b'data: {"error": {"message": "canary", "code": 500}}\n\n', "model-error"),
        (b"", "model-cut"),
        (b'data: {"type": "response.output_text.delta", "delta": 7}\n\n', "model-garbled"),
        (b"data: [1]\n\n", "model-garbled"),
    ],
)
async def test_an_error_has_a_code_and_never_the_providers_words(
    frame: bytes, code: str, server: ReplayServer
) -> None:
    pieces: list[Piece] = []
    asked = OpenAIModel("m", api="responses", base_url=server.url, api_key="x", retries=0)
    server.play(Recording(text("Hi") + frame))
    with pytest.raises(ModelError) as caught:
        await collect(asked, pieces)
    await asked.aclose()
    assert caught.value.code == code
    assert "canary" not in caught.value.message
    assert pieces == [TextPiece("Hi")]


async def test_a_server_that_does_not_stream_is_understood_too(server: ReplayServer) -> None:
    content = [{"type": "output_text", "text": "Hi"}]
    document = {
        "object": "response",
        "status": "completed",
        "error": None,
        "output": [{"type": "reasoning", "summary": []}, {"type": "message", "content": content}],
        "usage": {"input_tokens": 3, "output_tokens": 1},
    }
    body = json.dumps(document, indent=1).encode()
    pieces = await read(server, body, headers={"content-type": "application/json"})
    assert pieces == [TextPiece("Hi"), UsagePiece(3, 1), *END]


async def test_a_conversation_becomes_items(server: ReplayServer) -> None:
    @tool
    def f(x: int) -> int:
        """Doubles."""
        return 2 * x

    asked = OpenAIModel("m", api="responses", base_url=server.url, api_key="x", options={"temperature": 0})
    server.play(Recording(text("Hi") + completed_event()))
    call = {"id": "call_1", "type": "function", "function": {"name": "f", "arguments": '{"x":1}'}}
    picture = {"type": "image_url", "image_url": {"url": "https://a.example/b.png"}}
    messages: list[Message] = [
        {"role": "system", "content": "Be kind."},
        {"role": "user", "content": [{"type": "text", "text": "Double it"}, picture]},
        {"role": "assistant", "content": None, "tool_calls": [call]},
        {"role": "tool", "tool_call_id": "call_1", "content": "2"},
    ]
    assert [piece async for piece in asked.stream(messages, [f])]
    await asked.aclose()
    (request,) = server.requests
    assert request["input"] == [
        {"role": "system", "content": "Be kind."},
        {
            "role": "user",
            "content": [
                {"type": "input_text", "text": "Double it"},
                {"type": "input_image", "image_url": "https://a.example/b.png"},
            ],
        },
        {"type": "function_call", "call_id": "call_1", "name": "f", "arguments": '{"x":1}'},
        {"type": "function_call_output", "call_id": "call_1", "output": "2"},
    ]
    assert (request["store"], request["stream"], request["temperature"]) == (False, True, 0)
    assert request["tools"][0]["name"] == "f"
    assert "stream_options" not in request


SEALED = {"type": "reasoning", "id": "rs_1", "summary": [], "encrypted_content": "canary"}


async def test_a_sealed_thought_goes_back_with_the_calls_it_came_to_and_to_no_client(
    server: ReplayServer,
) -> None:
    @tool
    def f(x: int) -> int:
        """Doubles."""
        return 2 * x

    items = [{**SEALED, "status": "completed"}, call_item('{"x":1}')]
    frames = [event("response.output_item.done", output_index=at, item=item) for at, item in enumerate(items)]
    server.play(
        Recording(b"".join(frames) + completed_event(items)),
        Recording(text("Two") + completed_event()),
    )
    asked = OpenAIModel("gpt-5", api="responses", base_url=server.url, api_key="x")
    events = [one async for one in respond(asked, ASK, Recognizer(CATALOG), tools=[f], thoughts=True)]
    await asked.aclose()
    first, second = server.requests
    assert first["include"] == second["include"] == ["reasoning.encrypted_content"]
    assert second["input"] == [
        {"role": "user", "content": "Hello"},
        SEALED,
        {"type": "function_call", "call_id": "call_1", "name": "f", "arguments": '{"x":1}'},
        {"type": "function_call_output", "call_id": "call_1", "output": "2"},
    ]
    assert "canary" not in "".join(map(to_json, events))


@pytest.mark.parametrize(
    ("name", "asks"),
    [
        ("gpt-5-mini", True),
        ("o4-mini", True),
        ("gpt-5-chat-latest", False),
        ("gpt-4.1", False),
        ("qwen3:8b", False),
    ],
)
async def test_only_models_that_seal_their_thoughts_are_asked_to(
    name: str, asks: bool, server: ReplayServer
) -> None:
    server.play(Recording(text("Hi") + completed_event()))
    asked = OpenAIModel(name, api="responses", base_url=server.url, api_key="x")
    assert ("include" in await request_of(server, asked)) is asks


def test_the_name_of_a_model_says_the_api(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", "x")
    assert model("responses:gpt-5").name == "gpt-5"
    assert model("chat:gpt-5").name == "gpt-5"
    assert model("qwen3:8b").name == "qwen3:8b"


# Constrained decoding.


@tool
def lookup(word: str) -> str:
    """Looks a word up."""
    return word


async def request_of(server: ReplayServer, asked: OpenAIModel, *tools: Any) -> dict[str, Any]:
    """The body of the request that this model makes."""
    server.requests.clear()
    assert [piece async for piece in asked.stream(ASK, tools)]
    await asked.aclose()
    return server.requests[0]


async def test_a_grammar_goes_to_vllm_and_llama_cpp_where_no_tools_are_offered(server: ReplayServer) -> None:
    server.play(Recording(sse(delta(content="Hi"), delta(finish="stop"))))
    plain = OpenAIModel("m", base_url=server.url, api_key="x", options={"extra_body": {"seed": 1}})
    vllm = await request_of(server, plain.constrained("vllm", CATALOG))
    assert vllm["structured_outputs"] == {"grammar": CATALOG.grammar("llguidance")}
    assert vllm["seed"] == 1
    for tools, expected in (((), CATALOG.grammar("gbnf")), ((lookup,), None)):
        fresh = OpenAIModel("m", base_url=server.url, api_key="x").constrained("llama.cpp", CATALOG)
        assert (await request_of(server, fresh, *tools)).get("grammar") == expected


async def test_openai_takes_the_grammar_as_a_tool_whose_input_is_the_answer(
    server: ReplayServer,
) -> None:
    item = {"type": "custom_tool_call", "id": "ctc_1", "call_id": "call_9", "name": "answer", "input": ""}
    place = {"item_id": "ctc_1", "output_index": 0}
    frames = [
        event("response.output_item.added", output_index=0, item=item),
        event("response.custom_tool_call_input.delta", **place, delta="Hi "),
        event("response.custom_tool_call_input.delta", **place, delta="<Note/>"),
        event("response.custom_tool_call_input.done", **place, input="Hi <Note/>"),
        event("response.output_item.done", output_index=0, item={**item, "input": "Hi <Note/>"}),
        completed_event(),
    ]
    server.play(Recording(b"".join(frames)))
    plain = OpenAIModel("m", api="responses", base_url=server.url, api_key="x")
    asked = plain.constrained("openai", CATALOG)
    pieces = [piece async for piece in asked.stream(ASK, [lookup])]
    assert pieces == [TextPiece("Hi "), TextPiece("<Note/>"), *END]
    function, answer = (await request_of(server, asked, lookup))["tools"]
    assert (function["name"], answer["name"]) == ("lookup", "answer")
    assert answer["format"]["definition"] == CATALOG.grammar("lark")
    assert server.requests[0]["tool_choice"] == "required"


@pytest.mark.parametrize(
    ("name", "how"), [("m", "openai"), ("responses:m", "llama.cpp"), ("m", "grammar"), ("demo", "vllm")]
)
def test_a_grammar_that_a_server_cannot_take_is_refused_at_the_start(
    name: str, how: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", "x")
    with pytest.raises(CallerError) as caught:
        GenUI(store="memory", components=CATALOG, model=name, constrain=how)
    assert caught.value.code == "bad-constrain"


def test_one_setting_sends_the_grammar(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", "x")
    assert (
        GenUI(store="memory", components=CATALOG, model="responses:m", constrain="openai").model.name == "m"
    )
