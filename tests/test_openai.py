"""The OpenAI wire, over a real socket with the real `openai` client's configuration."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Callable, Iterator
from typing import Any

import openai
import pytest

from genui.agent import (
    FinishPiece,
    OpenAIModel,
    Piece,
    TextPiece,
    ThoughtPiece,
    UsagePiece,
    model,
    respond,
    tool,
)
from genui.catalog import Catalog
from genui.errors import ModelError
from genui.events import Event, RunEnd, Status, Text
from genui.markup import Recognizer
from tests.plain import PlainText
from tests.replay import (
    WHOLE,
    Recording,
    ReplayServer,
    chunks_of,
    delta,
    random_chunks,
    refusal,
    sse,
    streams_folder,
)

FOLDER = streams_folder()
RECORDED = sorted(path.name for path in FOLDER.glob("*.sse")) if FOLDER else []
recorded = pytest.mark.skipif(not RECORDED, reason="the recorded streams (shared/streams) are not here")

ASK = [{"role": "user", "content": "Hello"}]

CATALOG = Catalog.from_json_schema({"$defs": {"Note": {"properties": {"text": {"type": "string"}}}}})

REASONS = {"groq-error-mid-stream.sse": "error", "openrouter-error-and-comments.sse": "error"}
"""Every other recorded stream ends with "stop"."""

SIZES: dict[str, Callable[[], Iterator[int]]] = {
    "1": lambda: chunks_of(1),
    "7": lambda: chunks_of(7),
    "random": lambda: random_chunks(seed=5),
    "whole": lambda: chunks_of(WHOLE),
}

LARGE = 30_000
"""Bytes of a recording. A larger one, sent byte by byte, takes up to half a minute and shows nothing new."""

CASES = [
    (name, size)
    for name in RECORDED
    for size in SIZES
    if FOLDER and (size != "1" or (FOLDER / name).stat().st_size < LARGE)
]


@pytest.fixture
async def server() -> AsyncIterator[ReplayServer]:
    async with ReplayServer() as server:
        yield server


@pytest.fixture
async def replayed(server: ReplayServer) -> AsyncIterator[OpenAIModel]:
    model = OpenAIModel("replayed", base_url=server.url, api_key="sk-canary", retries=0)
    yield model
    await model.aclose()


async def pieces_of(model: OpenAIModel) -> list[Piece]:
    return [piece async for piece in model.stream(ASK, ())]


async def play(server: ReplayServer, model: OpenAIModel, body: bytes, **how: Any) -> list[Piece]:
    server.play(Recording(body, **how))
    return await pieces_of(model)


async def failure(model: OpenAIModel) -> tuple[list[Piece], ModelError]:
    """The pieces before the error, and the error."""
    pieces: list[Piece] = []
    try:
        async for piece in model.stream(ASK, ()):
            pieces.append(piece)  # noqa: PERF401 (what came before the error is wanted)
    except ModelError as error:
        return pieces, error
    pytest.fail("the model did not fail")


def joined(events: list[Event]) -> str:
    return "".join(event.text for event in events if isinstance(event, Text))


# Recorded streams. What is expected is decoded here anew, whole and plainly, from the file.


def chunks_in(body: bytes) -> list[dict[str, Any]]:
    lines = [line[5:].strip() for line in body.decode().splitlines() if line.startswith("data:")]
    return [json.loads(line) for line in lines if line != "[DONE]"]


def deltas_in(body: bytes) -> list[dict[str, Any]]:
    return [choice["delta"] for chunk in chunks_in(body) for choice in chunk.get("choices") or []]


def text_in(body: bytes) -> str:
    text = ""
    for found in deltas_in(body):
        content = found.get("content") or ""
        parts = [content] if isinstance(content, str) else [part.get("text", "") for part in content]
        text += "".join(parts)
    return text


def hidden_in(body: bytes) -> list[str]:
    """Thoughts, and tool calls' names and arguments, each as one string."""
    thoughts, arguments, names = "", "", []
    for found in deltas_in(body):
        thoughts += found.get("reasoning_content") or found.get("reasoning") or ""
        if isinstance(content := found.get("content"), list):
            thoughts += "".join(
                inner["text"] for part in content if part["type"] == "thinking" for inner in part["thinking"]
            )
        for call in found.get("tool_calls") or []:
            names.append(call["function"].get("name") or "")
            arguments += call["function"].get("arguments") or ""
    return [secret for secret in (thoughts.strip(), arguments, *names) if len(secret) > 2]


async def run_recorded(server: ReplayServer, model: OpenAIModel, name: str, size: str) -> list[Event]:
    assert FOLDER is not None
    body = (FOLDER / name).read_bytes()
    server.play(Recording(body, sizes=SIZES[size]()))
    return [event async for event in respond(model, ASK, PlainText())]


@recorded
@pytest.mark.parametrize(("name", "size"), CASES)
async def test_a_recorded_stream_gives_all_its_text_and_the_right_end(
    name: str, size: str, server: ReplayServer, replayed: OpenAIModel
) -> None:
    events = await run_recorded(server, replayed, name, size)
    assert FOLDER is not None
    assert joined(events) == text_in((FOLDER / name).read_bytes())
    ends = [event for event in events if isinstance(event, RunEnd)]
    assert ends == events[-1:]
    assert ends[0].reason == REASONS.get(name, "stop")


@recorded
@pytest.mark.parametrize("name", RECORDED)
async def test_nothing_hidden_in_a_recorded_stream_is_in_any_event(
    name: str, server: ReplayServer, replayed: OpenAIModel
) -> None:
    assert FOLDER is not None
    body = (FOLDER / name).read_bytes()
    shown = "\n".join(map(repr, await run_recorded(server, replayed, name, "random")))
    assert [secret for secret in hidden_in(body) if secret in shown] == []
    for never in ("PROCESSING", "failed_generation", "invalid_param", "get_something_by_name"):
        assert never not in shown


@recorded
@pytest.mark.parametrize("size", ["7", "whole"])
async def test_thoughts_in_the_text_are_hidden_and_the_answer_is_not(
    size: str, server: ReplayServer, replayed: OpenAIModel
) -> None:

    assert FOLDER is not None
    body = (FOLDER / "groq-think-tag.sse").read_bytes()
    server.play(Recording(body, sizes=SIZES[size]()))
    recognizer = Recognizer(CATALOG)
    events = [event async for event in respond(replayed, ASK, recognizer)]
    thought, answer = text_in(body).split("</think>")
    assert joined(events).strip() == answer.strip()
    assert thought[20:60] not in joined(events)
    assert {event.state for event in events if isinstance(event, Status)} == {"running", "done"}


@recorded
@pytest.mark.parametrize("name", RECORDED)
async def test_usage_of_a_recorded_stream_reaches_the_end_of_the_run(
    name: str, server: ReplayServer, replayed: OpenAIModel
) -> None:
    assert FOLDER is not None
    end = (await run_recorded(server, replayed, name, "whole"))[-1]
    assert isinstance(end, RunEnd)
    chunks = chunks_in((FOLDER / name).read_bytes())
    said = [chunk.get("usage") or chunk.get("x_groq", {}).get("usage") for chunk in chunks]
    # What stands beside an error in one chunk is not waited for.
    if known := [usage for chunk, usage in zip(chunks, said, strict=True) if usage and "error" not in chunk]:
        tokens = known[-1]
        assert end.usage == {
            "input_tokens": tokens["prompt_tokens"],
            "output_tokens": tokens["completion_tokens"],
        }
    else:
        assert end.usage is None


# The wire's oddities, one by one.

STOP = delta(finish="stop")


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ({"content": "Hi"}, [TextPiece("Hi")]),
        ({"content": None}, []),
        ({"content": ""}, []),
        ({"content": [{"type": "text", "text": "Hi"}]}, [TextPiece("Hi")]),
        ({"content": ["Hi"]}, [TextPiece("Hi")]),
        ({"content": [{"type": "reference", "reference_ids": [1]}]}, []),
        ({"content": [{"type": "thinking", "thinking": [{"text": "Hm"}]}]}, [ThoughtPiece("Hm")]),
        ({"content": [{"type": "thinking", "thinking": "Hm"}]}, [ThoughtPiece("Hm")]),
        ({"reasoning": "Hm"}, [ThoughtPiece("Hm")]),
        ({"reasoning_content": "Hm", "content": None}, [ThoughtPiece("Hm")]),
        ({"reasoning": "Hm", "reasoning_details": [{"text": "Hm"}]}, [ThoughtPiece("Hm")]),
        ({"reasoning_details": [{"text": "Hm"}, {"summary": "m"}]}, [ThoughtPiece("Hmm")]),
        ({"reasoning_details": [{"type": "reasoning.encrypted", "data": "x"}]}, []),
        ({"refusal": "I cannot."}, [TextPiece("I cannot.")]),
    ],
)
async def test_every_dialect_of_a_delta_is_understood(
    fields: dict[str, Any], expected: list[Piece], server: ReplayServer, replayed: OpenAIModel
) -> None:
    pieces = await play(server, replayed, sse(delta(**fields), STOP, "[DONE]"))
    assert pieces == [*expected, FinishPiece("stop")]


@pytest.mark.parametrize(
    ("reason", "expected"),
    [
        ("stop", "stop"),
        ("length", "length"),
        ("model_length", "length"),
        ("function_call", "tool_calls"),
        ("content_filter", "content_filter"),
        ("eos", "stop"),
    ],
)
async def test_every_reason_to_finish_is_mapped(
    reason: str, expected: str, server: ReplayServer, replayed: OpenAIModel
) -> None:
    (piece,) = await play(server, replayed, sse(delta(finish=reason), "[DONE]"))
    assert isinstance(piece, FinishPiece)
    assert piece.reason == expected


async def test_line_ends_comments_and_empty_choices_make_no_difference(
    server: ReplayServer, replayed: OpenAIModel
) -> None:
    text = delta(content="Grüße, 世界 🌍")
    chunks: list[dict[str, Any] | str] = [{"choices": []}, text, {"usage": None}, STOP, "[DONE]"]
    for end in (b"\n", b"\r\n", b"\r"):
        for size in (1, 2, 3, WHOLE):
            body = b": hello" + end + end + sse(*chunks, end=end)
            pieces = await play(server, replayed, body, sizes=chunks_of(size))
            assert pieces == [TextPiece("Grüße, 世界 🌍"), FinishPiece("stop")]


async def test_a_line_end_cut_in_two_ends_one_line(server: ReplayServer, replayed: OpenAIModel) -> None:
    lines = [b'data: {"choices":', b'data: [{"delta": {"content": "Hi"}}]}', b"", b"data: [DONE]", b"", b""]
    pieces = await play(server, replayed, b"\r\n".join(lines), sizes=chunks_of(1))
    assert pieces == [TextPiece("Hi")]


async def test_a_connection_that_breaks_is_one_line_in_the_log(
    server: ReplayServer, replayed: OpenAIModel, caplog: pytest.LogCaptureFixture
) -> None:
    server.play(Recording(sse(delta(content="Hi")), cut_at=20))
    await failure(replayed)
    (record,) = (record for record in caplog.records if record.name == "genui.agent")
    assert "RemoteProtocolError" in record.getMessage()
    assert record.exc_info is None


@pytest.mark.parametrize("nothing", ["", " ", "null"])
async def test_a_frame_that_holds_nothing_is_passed_over(
    nothing: str, server: ReplayServer, replayed: OpenAIModel
) -> None:
    body = sse(delta(content="a"), nothing, delta(content="b"), STOP, "[DONE] ")
    assert await play(server, replayed, body) == [TextPiece("a"), TextPiece("b"), FinishPiece("stop")]


async def test_a_stream_cut_at_random_bytes_gives_the_same_pieces(
    server: ReplayServer, replayed: OpenAIModel
) -> None:
    calls = [{"index": 0, "id": "a", "function": {"name": "f", "arguments": "{}"}}]
    body = sse(delta(reasoning="é"), delta(content="🌍"), delta(tool_calls=calls), STOP, "[DONE]")
    whole = await play(server, replayed, body)
    for seed in range(20):
        assert await play(server, replayed, body, sizes=random_chunks(seed, most=9)) == whole


async def test_no_done_is_needed_after_a_reason_nor_a_reason_before_done(
    server: ReplayServer, replayed: OpenAIModel
) -> None:
    assert await play(server, replayed, sse(delta(content="a"), STOP)) == [
        TextPiece("a"),
        FinishPiece("stop"),
    ]
    assert await play(server, replayed, sse(delta(content="a"), "[DONE]")) == [TextPiece("a")]
    assert await play(server, replayed, sse(delta(content="a"), STOP).rstrip()) != []


async def test_a_server_that_does_not_stream_is_understood_too(
    server: ReplayServer, replayed: OpenAIModel
) -> None:
    document = {
        "choices": [{"index": 0, "message": {"role": "assistant", "content": "Hi"}, "finish_reason": "stop"}],
        "usage": {"prompt_tokens": 3, "completion_tokens": 1},
    }
    body = json.dumps(document, indent=1).encode()
    pieces = await play(
        server, replayed, body, headers={"content-type": "application/json"}, sizes=chunks_of(9)
    )
    assert pieces == [TextPiece("Hi"), FinishPiece("stop"), UsagePiece(3, 1)]


async def test_invalid_utf8_and_lone_surrogates_lose_only_themselves(
    server: ReplayServer, replayed: OpenAIModel
) -> None:
    body = sse(delta(content="a\udc00b"), delta(content="cXd"), STOP).replace(b"cXd", b"c\xffd")
    pieces = await play(server, replayed, body)
    assert pieces == [TextPiece("a�b"), TextPiece("c�d"), FinishPiece("stop")]


def call(index: int | None = None, identity: str | None = None, **function: Any) -> dict[str, Any]:
    given = {"index": index, "id": identity, "function": function}
    return {key: value for key, value in given.items() if value is not None}


@pytest.mark.parametrize(
    "deltas",
    [
        pytest.param(
            [
                [call(0, "a", name="f", arguments="")],
                [call(0, arguments='{"x"')],
                [call(1, "b", name="g", arguments="{}"), call(0, arguments=":1}")],
            ],
            id="in pieces, by index",
        ),
        pytest.param(
            [
                [call(identity="a", name="f", arguments='{"x"')],
                [call(arguments=":1}")],
                [call(identity="b", name="g", arguments="{}")],
            ],
            id="without index",
        ),
        pytest.param(
            [[call(0, "a", name="f", arguments='{"x":1}'), call(0, "b", name="g", arguments="{}")]],
            id="all under index 0",
        ),
        pytest.param(
            [[call(0, name="f", arguments={"x": 1}), call(1, name="g", arguments=None)]],
            id="without id, arguments as an object",
        ),
        pytest.param(
            [[call(name="f", arguments='{"x":1}')], [call(name="g", arguments="{}")]],
            id="without id and index",
        ),
        pytest.param(
            [
                [call(0, "a", name="f", arguments='{"x"')],
                [call(0, "a", name="f", arguments=":1}")],
                [call(1, "b", name="g", arguments="{}")],
            ],
            id="name and id repeated",
        ),
    ],
)
async def test_tool_calls_are_put_together_in_every_dialect(
    deltas: list[list[dict[str, Any]]], server: ReplayServer, replayed: OpenAIModel
) -> None:
    asked: list[str] = []

    @tool
    def f(x: int) -> str:
        asked.append(f"f({x})")
        return "f says"

    @tool
    def g() -> str:
        asked.append("g()")
        return "g says"

    first = sse(*(delta(tool_calls=calls) for calls in deltas), delta(finish="tool_calls"), "[DONE]")
    server.play(Recording(first), Recording(sse(delta(content="Done."), STOP, "[DONE]")))
    events = [event async for event in respond(replayed, ASK, PlainText(), tools=[f, g])]
    assert sorted(asked) == ["f(1)", "g()"]
    *_, said, of_f, of_g = server.requests[1]["messages"]
    assert [made["function"]["name"] for made in said["tool_calls"]] == ["f", "g"]
    assert [made["id"] for made in said["tool_calls"]] == [of_f["tool_call_id"], of_g["tool_call_id"]]
    assert len({made["id"] for made in said["tool_calls"]}) == 2
    assert [of_f["content"], of_g["content"]] == ["f says", "g says"]
    assert joined(events) == "Done."


async def test_a_request_carries_model_system_prompt_messages_tools_and_options(server: ReplayServer) -> None:
    @tool
    def add(a: int, b: int = 2) -> int:
        """Add two numbers."""
        return a + b

    asked = OpenAIModel("m-1", base_url=server.url, api_key="x", options={"temperature": 0})
    server.play(Recording(sse(delta(content="Hi"), STOP)))
    assert [event async for event in respond(asked, ASK, PlainText(), tools=[add], system="Be kind.")]
    await asked.aclose()
    (request,) = server.requests
    assert request["model"] == "m-1"
    assert request["messages"] == [{"role": "system", "content": "Be kind."}, *ASK]
    assert request["stream"] is True
    assert request["stream_options"] == {"include_usage": True}
    assert request["temperature"] == 0
    (offered,) = request["tools"]
    assert offered["function"]["name"] == "add"
    assert offered["function"]["description"] == "Add two numbers."
    assert offered["function"]["parameters"]["required"] == ["a"]


async def test_two_answers_go_over_one_connection(server: ReplayServer, replayed: OpenAIModel) -> None:
    server.play(Recording(sse(delta(content="Hi"), STOP, "[DONE]")))
    await pieces_of(replayed)
    await pieces_of(replayed)
    assert len(server.connections) == 1


# Faults.


@pytest.mark.parametrize(
    ("status", "code"),
    [
        (400, "model-error"),
        (401, "model-auth"),
        (403, "model-auth"),
        (404, "model-not-found"),
        (429, "model-rate-limit"),
        (500, "model-error"),
        (503, "model-error"),
        (504, "model-timeout"),
    ],
)
async def test_a_refusal_is_an_error_of_its_own_code_in_our_words(
    status: int, code: str, server: ReplayServer, replayed: OpenAIModel
) -> None:
    server.play(refusal(status, "Incorrect API key provided: sk-canary"))
    pieces, error = await failure(replayed)
    assert pieces == []
    assert error.code == code
    assert "canary" not in error.message


async def test_a_refused_request_is_tried_again(server: ReplayServer) -> None:
    patient = OpenAIModel("m", base_url=server.url, api_key="x", retries=1)
    again = refusal(429, headers={"retry-after-ms": "1"})
    server.play(again, Recording(sse(delta(content="Hi"), STOP)))
    assert await pieces_of(patient) == [TextPiece("Hi"), FinishPiece("stop")]
    await patient.aclose()


async def test_a_model_that_is_down_is_unreachable() -> None:
    async with ReplayServer() as gone:
        url = gone.url
    down = OpenAIModel("m", base_url=url, api_key="x", retries=0)
    _, error = await failure(down)
    await down.aclose()
    assert error.code == "model-unreachable"


@pytest.mark.parametrize("at", [-1, 0])
async def test_a_model_that_never_answers_times_out(at: int, server: ReplayServer) -> None:
    slow = OpenAIModel("m", base_url=server.url, api_key="x", first_timeout=0.1)
    server.play(Recording(sse(STOP), stall_at=at))
    _, error = await failure(slow)
    await slow.aclose()
    assert error.code == "model-timeout"


async def test_a_model_that_falls_silent_times_out_after_what_it_said(server: ReplayServer) -> None:
    slow = OpenAIModel("m", base_url=server.url, api_key="x", next_timeout=0.1)
    body = sse(delta(content="Hel"), delta(content="lo"), STOP)
    server.play(Recording(body, stall_at=body.index(b"lo")))
    pieces, error = await failure(slow)
    await slow.aclose()
    assert pieces == [TextPiece("Hel")]
    assert error.code == "model-timeout"


async def test_a_connection_cut_anywhere_before_the_reason_is_an_error_and_after_it_none(
    server: ReplayServer, replayed: OpenAIModel
) -> None:
    body = sse(delta(content="Hello"), STOP, "[DONE]")
    finished = body.index(b"[DONE]") - len(b"data: ")
    for at in range(0, len(body), 3):
        server.play(Recording(body, cut_at=at))
        if at >= finished:
            assert (await pieces_of(replayed))[-1] == FinishPiece("stop")
        else:
            _, error = await failure(replayed)
            assert error.code in ("model-cut", "model-unreachable")


@pytest.mark.parametrize(
    ("body", "code"),
    [
        (sse({"error": {"message": "canary", "code": 400}}), "model-error"),
        (sse({"error": {"message": "canary", "code": "context_length_exceeded"}}), "model-context"),
        (sse({"error": {"message": "canary", "type": "server_error", "code": 429}}), "model-rate-limit"),
        (sse({"error": "canary"}), "model-error"),
        (sse({"object": "error", "message": "canary", "code": 404}), "model-not-found"),
        (b'event: error\ndata: {"message": "canary"}\n\n', "model-error"),
        (b'event: error\ndata: "canary"\n\n', "model-garbled"),
        (sse(delta(content="", finish="error")), "model-error"),
        (b"<html>canary</html>", "model-garbled"),
        (b"", "model-garbled"),
        (b"data: canary\n\n" + sse(STOP), "model-garbled"),
        (sse({"choices": ["canary"]}), "model-garbled"),
        (sse(delta(content="Hi")), "model-cut"),
    ],
)
async def test_an_error_after_status_200_has_a_code_and_never_the_providers_words(
    body: bytes, code: str, server: ReplayServer, replayed: OpenAIModel
) -> None:
    server.play(Recording(body))
    _, error = await failure(replayed)
    assert error.code == code
    assert "canary" not in error.message


async def test_what_stands_before_an_error_is_kept_at_any_chunking(
    server: ReplayServer, replayed: OpenAIModel
) -> None:
    body = sse(delta(content="Hel"), delta(content="lo"), {"error": {"code": 500}})
    for size in (1, 11, WHOLE):
        server.play(Recording(body, sizes=chunks_of(size)))
        pieces, _ = await failure(replayed)
        assert pieces == [TextPiece("Hel"), TextPiece("lo")]


@pytest.mark.parametrize("at", [-1, 0])
async def test_the_connection_closes_at_once_when_the_reader_is_cancelled_before_the_answer(
    at: int, server: ReplayServer, replayed: OpenAIModel
) -> None:
    server.play(Recording(b"", stall_at=at))
    reading = asyncio.create_task(pieces_of(replayed))
    await server.asked.wait()
    reading.cancel()
    await asyncio.wait([reading])
    assert reading.cancelled()
    await asyncio.wait_for(server.connections[0].closed.wait(), 1)


async def test_the_connection_closes_at_once_when_the_reader_is_cancelled(
    server: ReplayServer, replayed: OpenAIModel
) -> None:
    server.play(Recording(sse(delta(content="Hi")), stall_at=WHOLE))
    got_text = asyncio.Event()
    events: list[Event] = []

    async def read() -> None:
        async for event in respond(replayed, ASK, PlainText()):
            events.append(event)
            got_text.set()

    reading = asyncio.create_task(read())
    await got_text.wait()
    reading.cancel()
    await asyncio.wait([reading])
    assert reading.cancelled()
    await asyncio.wait_for(server.connections[0].closed.wait(), 1)


async def test_the_connection_closes_at_once_when_the_reader_leaves(
    server: ReplayServer, replayed: OpenAIModel
) -> None:
    server.play(Recording(sse(delta(content="Hi")), stall_at=WHOLE))
    stream = replayed.stream(ASK, ())
    assert await anext(stream) == TextPiece("Hi")
    await stream.aclose()
    await asyncio.wait_for(server.connections[0].closed.wait(), 1)


async def test_a_run_ends_in_one_error_and_keeps_the_text_before_it(
    server: ReplayServer, replayed: OpenAIModel
) -> None:
    body = sse(
        delta(reasoning="Hm"), delta(content="Hello"), delta(reasoning="more"), {"error": {"code": 500}}
    )
    server.play(Recording(body))
    events = [event async for event in respond(replayed, ASK, PlainText())]
    assert joined(events) == "Hello"
    assert [event.state for event in events if isinstance(event, Status)] == [
        "running",
        "done",
        "running",
        "failed",
    ]
    assert isinstance(events[-1], RunEnd)
    assert events[-1].error is not None
    assert events[-1].error["code"] == "model-error"


# Configuration.


def test_the_environment_chooses_the_model(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("OPENAI_API_KEY", "OPENAI_BASE_URL", "GENUI_MODEL"):
        monkeypatch.delenv(name, raising=False)
    assert model(None).name == "demo"
    monkeypatch.setenv("OPENAI_API_KEY", "x")
    assert model(None).name != "demo"
    monkeypatch.setenv("GENUI_MODEL", "m-7")
    assert model(None).name == "m-7"
    assert model("m-8").name == "m-8"
    assert model("demo").name == "demo"
    demo = model("demo")
    assert model(demo) is demo


def test_no_key_is_needed_for_a_server_of_ones_own_but_for_openai_itself(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.delenv("OPENAI_API_KEY", raising=False)
    monkeypatch.delenv("OPENAI_BASE_URL", raising=False)
    assert OpenAIModel("m", base_url="http://127.0.0.1:1/v1").name == "m"
    with pytest.raises(ModelError) as caught:
        OpenAIModel("m")
    assert caught.value.code == "model-auth"
    assert "no API key: set OPENAI_API_KEY" in caught.value.message


async def test_a_client_of_ones_own_is_used(server: ReplayServer) -> None:
    client = openai.AsyncOpenAI(base_url=server.url, api_key="x")
    server.play(Recording(sse(delta(content="Hi"), STOP)))
    assert await pieces_of(OpenAIModel("m", client=client)) == [TextPiece("Hi"), FinishPiece("stop")]
    await client.close()
