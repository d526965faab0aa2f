"""The routes of the AI SDK, on a socket: what is sent, what the thread holds, resuming and stopping."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from typing import Any

import pytest
import pytest_asyncio

from genui.server.attachments import LEFT_OUT
from tests.service import Service, serving

CHAT = "v1/ai-sdk/chat"


@pytest_asyncio.fixture
async def service() -> AsyncIterator[Service]:
    async with serving() as served:
        yield served


def user(*texts: str) -> dict[str, Any]:
    return {"id": "u", "role": "user", "parts": [{"type": "text", "text": text} for text in texts]}


def component(name: str, props: dict[str, Any], **more: Any) -> dict[str, Any]:
    data = {"name": name, "state": "complete", "props": props, **more}
    return {"type": "data-component", "id": "c1", "data": data}


async def ask(service: Service, *messages: dict[str, Any], **more: Any) -> list[dict[str, Any]]:
    """The chunks of an answer."""
    response = await service.client.post(CHAT, json={"id": "chat1", "messages": [*messages], **more})
    assert response.status_code == 200, response.text
    return chunks(response.text)


def chunks(stream: str) -> list[dict[str, Any]]:
    *frames, last, rest = stream.split("\n\n")
    assert (last, rest) == ("data: [DONE]", "")
    return [json.loads(frame.removeprefix("data: ")) for frame in frames]


def answered(told: list[dict[str, Any]]) -> dict[str, Any]:
    """The assistant's message that an answer came to, as far as the server reads it."""
    texts = [chunk["delta"] for chunk in told if chunk["type"] == "text-delta"]
    parts = [{"type": "text", "text": "".join(texts)}]
    return {"id": told[0]["messageId"], "role": "assistant", "parts": parts}


async def test_an_answer_has_the_headers_and_the_frames_of_the_protocol(service: Service) -> None:
    service.model.answer("Hello")
    response = await service.client.post(CHAT, json={"id": "chat1", "messages": [user("Hi")]})
    assert response.headers["x-vercel-ai-ui-message-stream"] == "v1"
    assert response.headers["content-type"] == "text/event-stream; charset=utf-8"
    told = chunks(response.text)
    assert [chunk["type"] for chunk in told] == ["start", "text-start", "text-delta", "text-end", "finish"]
    assert told[0]["messageMetadata"]["genui"]["thread"] == "chat1"


async def test_what_the_client_holds_is_the_threads_own_as_long_as_it_is_the_same(service: Service) -> None:
    service.model.answer('Here: <Metric "MRR" value="$4k"/>')
    first = answered(await ask(service, user("One")))
    service.model.answer("Yes")
    await ask(service, user("One"), first, user("Two"))
    assert [message["content"] for message in service.model.conversation[1:]] == [
        "One", 'Here: <Metric label="MRR" value="$4k"/>', "Two"
    ]  # fmt: skip
    thread = (await service.client.get("v1/threads/chat1")).json()["messages"]
    assert [message["role"] for message in thread] == ["user", "assistant", "user", "assistant"]
    assert thread[1]["events"][1]["name"] == "Metric"


async def test_asking_again_replaces_what_followed_the_question(service: Service) -> None:
    for text in ("First", "Second"):
        service.model.answer(text)
        await ask(service, user("One"), trigger="regenerate-message")
    thread = (await service.client.get("v1/threads/chat1")).json()["messages"]
    assert [message["content"] for message in thread] == ["One", "Second"]


async def test_a_conversation_that_the_server_does_not_know_is_read_from_its_parts(service: Service) -> None:
    card = component("Card", {"title": "Q3"})
    inside = {"type": "text", "text": "Up", "providerMetadata": {"genui": {"parent": "c1"}}}
    known = [{"type": "step-start"}, {"type": "text", "text": "See "}, card, inside]
    service.model.answer("Fine")
    await ask(service, user("One"), {"id": "a", "role": "assistant", "parts": known}, user("Two"))
    assert service.model.conversation[2]["content"] == 'See <Card title="Q3">Up</Card>'


async def test_an_action_is_a_message_with_a_part_of_its_own(service: Service) -> None:
    service.model.answer('<Button "More"/>')
    told = await ask(service, user("One"))
    run = told[0]["messageId"]
    done = {"run": run, "component": "c1", "action": "More", "values": {}}
    acted = {"id": "u2", "role": "user", "parts": [{"type": "data-action", "data": done}]}
    service.model.answer("Here is more")
    again = await ask(service, user("One"), answered(told), acted)
    assert answered(again)["parts"][0]["text"] == "Here is more"
    service.model.answer("And more")
    await ask(service, user("One"), answered(told), acted, answered(again), user("Even more"))
    thread = (await service.client.get("v1/threads/chat1")).json()["messages"]
    assert len(thread) == 6
    assert thread[2]["action"]["component"] == "c1"


async def test_a_run_that_is_going_on_is_resumed_from_its_beginning(service: Service) -> None:
    async with service.client.stream(
        "POST", CHAT, json={"id": "chat1", "messages": [user("Hi")]}
    ) as response:
        service.model.write("One ")
        async for line in response.aiter_lines():
            if "One" in line:
                break
    resuming = asyncio.create_task(service.client.get(f"{CHAT}/chat1/stream"))
    await _followed(service)
    service.model.answer("two")
    assert answered(chunks((await resuming).text))["parts"][0]["text"] == "One two"


async def _followed(service: Service) -> None:
    """Wait until the run that is going on has a follower again."""
    (about,) = (await service.client.get("v1/threads")).json()["threads"]
    thread = (await service.client.get(f"v1/threads/{about['thread']}")).json()["messages"]
    run = service.genui.runs.get(thread[-1]["run"])
    assert run is not None
    while not run.followers:  # noqa: ASYNC110
        await asyncio.sleep(0.01)


async def test_there_is_nothing_to_resume_before_and_after_an_answer(service: Service) -> None:
    assert (await service.client.get(f"{CHAT}/chat1/stream")).status_code == 204
    service.model.answer("Done")
    await ask(service, user("Hi"))
    assert (await service.client.get(f"{CHAT}/chat1/stream")).status_code == 204


async def test_stopping_ends_the_run_and_its_stream_says_so(service: Service) -> None:
    async with service.client.stream(
        "POST", CHAT, json={"id": "chat1", "messages": [user("Hi")]}
    ) as response:
        service.model.write("One ")
        lines = response.aiter_lines()
        async for line in lines:
            if "One" in line:
                break
        stopped = await service.client.post(f"{CHAT}/chat1/stop")
        rest = [line async for line in lines if line]
    assert stopped.json()["run"].startswith("run_")
    assert rest[-2:] == ['data: {"type":"abort","reason":"cancelled"}', "data: [DONE]"]
    assert (await service.client.post(f"{CHAT}/chat1/stop")).json() == {"run": None}


async def test_the_next_message_ends_an_answer_that_was_left(service: Service) -> None:
    async with service.client.stream(
        "POST", CHAT, json={"id": "chat1", "messages": [user("Hi")]}
    ) as response:
        service.model.write("One ")
        async for line in response.aiter_lines():
            if "One" in line:
                break
    run = (await service.client.get("v1/threads/chat1")).json()["messages"][1]["run"]
    partial = {"id": run, "role": "assistant", "parts": [{"type": "text", "text": "One "}]}
    asking = asyncio.create_task(ask(service, user("Hi"), partial, user("Something else")))
    while len(service.model.asked) < 2:  # noqa: ASYNC110 (what is written earlier, the first run says)
        await asyncio.sleep(0.01)
    service.model.answer("Else")
    await asking
    thread = (await service.client.get("v1/threads/chat1")).json()["messages"]
    assert [message.get("state") for message in thread] == [None, "cancelled", None, "stop"]


async def test_a_picture_is_refused_and_the_questions_after_it_are_answered(service: Service) -> None:
    picture = {"type": "file", "mediaType": "image/png", "url": "data:image/png;base64,AA"}
    seen, bare = user("See"), user()
    seen["parts"].append(picture)
    bare["parts"].append(picture)
    for refused in (seen, bare):
        response = await service.client.post(CHAT, json={"id": "chat1", "messages": [refused]})
        assert response.status_code == 400
        assert "only text is taken, and no file" in response.json()["error"]["message"]
    service.model.answer('<Metric "MRR" value=4/>')
    first = answered(await ask(service, seen, bare, user("Hi")))
    assert service.model.asked == ["Hi"]
    assert [one["content"] for one in service.model.conversation[1:3]] == [f"See\n\n{LEFT_OUT}", LEFT_OUT]
    service.model.answer("Yes.")
    await ask(service, seen, bare, user("Hi"), first, user("More?"))
    thread = (await service.client.get("v1/threads/chat1")).json()["messages"]
    assert "<Metric" in thread[3]["content"]
    assert thread[3]["run"] == first["id"]


async def test_an_action_in_a_chat_that_the_server_forgot_keeps_no_question_back(service: Service) -> None:
    done = {"run": "run_gone", "component": "c1", "action": "book_table", "values": {}}
    acted = {"role": "user", "parts": [{"type": "data-action", "data": done}]}
    service.model.answer("Yes.")
    await ask(service, user("Hi"), acted, user("And now?"))
    assert [one["content"] for one in service.model.conversation[1:]] == ["Hi", "book table", "And now?"]


async def test_a_failure_ends_the_stream_with_its_message(service: Service) -> None:
    service.model.write("Well")
    service.model.fail("No more today.")
    told = await ask(service, user("Hi"))
    *_, error, finish = told
    assert error == {"type": "error", "errorText": "No more today."}
    assert finish["finishReason"] == "error"
    assert finish["messageMetadata"]["genui"]["error"]["code"] == "model-error"


@pytest.mark.parametrize(
    ("body", "place"),
    [
        ({"id": "no spaces", "messages": [user("Hi")]}, "id"),
        ({"id": "c", "messages": [{"role": "user"}]}, "messages[0].parts"),
        ({"id": "c", "messages": [{"role": "user", "parts": [{"type": "file"}]}]}, "messages"),
        ({"id": "c", "messages": [user("Hi"), {"role": "assistant", "parts": []}]}, "messages"),
        ({"id": "c", "messages": [{"role": "user", "parts": [{"type": "data-action", "data": 1}]}]}, "data"),
    ],
)
async def test_what_is_wrong_is_said(service: Service, body: dict[str, Any], place: str) -> None:
    response = await service.client.post(CHAT, json=body)
    assert response.status_code == 400
    assert place in response.json()["error"]["message"]
