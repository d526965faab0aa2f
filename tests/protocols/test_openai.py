"""OpenAI's real client for Node, with all that it does by itself: it asks again, gives up, puts together."""

from __future__ import annotations

from typing import Any

import pytest

from genui import GenUI, ServerLimits
from tests.browser.hosting import hosting
from tests.protocols.models import Answer, Chunked
from tests.protocols.node import needs, run
from tests.service import serving

pytestmark = needs("aisdk")

TEXT = 'Sie **steigt** – 📈:\n\n<Card title="Größe">Ja.<Metric "M&amp;A" value=4/></Card>\n\nFertig.'
WORDS = "Sie **steigt** – 📈:\n\nGröße\n\nJa.\n\nM&A: 4\n\nFertig."
ASKING: dict[str, Any] = {"model": "any", "messages": [{"role": "user", "content": "Hi"}]}

OPEN_WEBUI: dict[str, Any] = {
    "model": "by-hand",
    "stream": True,
    "stream_options": {"include_usage": True},
    "messages": [
        {"role": "system", "content": "Be brief."},
        {"role": "user", "content": [{"type": "text", "text": "Hi"}]},
    ],
    "chat_id": "6c1f6b2e-7f1e-4c0c-8d52-6a4a3c3f9b1a",
    "session_id": "Qm3kq0Z1",
    "id": "b2f0",
    "features": {"web_search": False, "code_interpreter": False, "image_generation": False},
    "variables": {"{{USER_NAME}}": "Ada"},
    "background_tasks": {"title_generation": True, "tags_generation": True},
    "stop": ["###"],
    "temperature": 0.8,
}
LIBRECHAT: dict[str, Any] = {
    "model": "by-hand",
    "stream": True,
    "stream_options": {"include_usage": True},
    "messages": [
        {"role": "system", "content": "Be brief."},
        {"role": "user", "content": "Hi", "name": "ada"},
    ],
    "user": "65f0c0ffee",
    "temperature": 1,
    "top_p": 1,
    "presence_penalty": 0,
    "frequency_penalty": 0,
    "stop": ["||>", "\nUser:", "<|diff_marker|>"],
}
TITLES: dict[str, dict[str, Any]] = {
    "open-webui": {**ASKING, "stream": False, "max_completion_tokens": 1000, "max_tokens": 1000},
    "librechat": {
        "model": "by-hand",
        "messages": [{"role": "system", "content": "Detect the language, write a title: ||>User: Hi"}],
        "temperature": 0.2,
        "max_tokens": 16,
    },
}


async def done(job: dict[str, Any], base: str, **more: Any) -> Any:
    return await run("aisdk/openai.mjs", {"base": base.rstrip("/"), "job": job, **more})


@pytest.mark.timeout(120)
async def test_the_message_that_the_client_puts_together_is_the_same_at_every_size() -> None:
    genui = GenUI(model=Chunked(Answer(TEXT)), store="memory", repair=False)
    sweep = {"do": "sweep", "words": "Hi", "chunks": [*range(1, 30), 61], "bytes": "every"}
    async with hosting(genui) as base:
        assert await done(sweep, base) == {"expected": WORDS, "differing": []}
        await genui.close()


@pytest.mark.parametrize("body", [OPEN_WEBUI, LIBRECHAT], ids=["open-webui", "librechat"])
async def test_what_other_chat_applications_send_is_answered(body: dict[str, Any]) -> None:
    async with serving() as service:
        service.model.cost(12, 7)
        service.model.answer("Hello.")
        told = await done({"do": "send", "body": body}, str(service.client.base_url))
        assert (told["text"], told["finish"], told["ids"]) == ("Hello.", "stop", 1)
        assert told["usage"] == {"prompt_tokens": 12, "completion_tokens": 7, "total_tokens": 19}
        said = [one["content"] for one in service.model.conversation if one["role"] == "user"]
        assert said == ["Hi"]
        assert any("Be brief." in one["content"] for one in service.model.conversation)
        assert await done({"do": "models"}, str(service.client.base_url)) == [
            {"id": "by-hand", "object": "model"}
        ]


@pytest.mark.parametrize("body", TITLES.values(), ids=TITLES)
async def test_a_title_that_an_application_asks_for_is_answered(body: dict[str, Any]) -> None:
    async with serving() as service:
        service.model.answer("Greeting")
        told = await done({"do": "send", "body": body}, str(service.client.base_url))
        assert told["text"] == "Greeting"


@pytest.mark.parametrize("stream", [False, True])
async def test_a_model_that_fails_is_asked_once(*, stream: bool) -> None:
    async with serving() as service:
        for _ in range(3):
            service.model.fail("No more today.")
        body = {**ASKING, "stream": stream}
        told = await done({"do": "fail", "body": body}, str(service.client.base_url))
        assert told["requests"] == 1
        assert "No more today." in told["message"]


async def test_a_key_that_is_wrong_is_told_and_not_asked_with_again() -> None:
    async with serving(keys=["right-key-of-a-test"]) as service:
        told = await done({"do": "fail", "body": ASKING}, str(service.client.base_url), key="wrong")
        assert (told["kind"], told["status"], told["requests"]) == ("AuthenticationError", 401, 1)
        service.model.answer("Hello.")
        job = {"do": "send", "body": ASKING}
        told = await done(job, str(service.client.base_url), key="right-key-of-a-test")
        assert told["text"] == "Hello."


async def test_a_client_that_asks_too_often_waits_as_it_is_told_and_is_answered() -> None:
    async with serving(limits=ServerLimits(rate=1, burst=1)) as service:
        await service.client.get("v1/models")
        service.model.answer("Hello.")
        told = await done({"do": "send", "body": ASKING}, str(service.client.base_url))
        assert told["text"] == "Hello."


async def test_a_server_with_too_much_to_do_is_asked_again_and_then_told_of() -> None:
    async with serving(limits=ServerLimits(streams=0)) as service:
        told = await done({"do": "fail", "body": ASKING}, str(service.client.base_url))
        assert (told["kind"], told["status"], told["code"]) == ("InternalServerError", 503, "overloaded")
        assert told["requests"] == 3


async def test_a_reader_that_stops_ends_the_run() -> None:
    async with serving() as service:
        service.model.write("Well, ")
        assert await done({"do": "abort", "words": "Hi"}, str(service.client.base_url)) in ("done", "aborted")
        await service.model.closed.wait()


async def test_a_connection_that_is_cut_is_an_error_and_ends_the_run() -> None:
    async with serving() as service:
        service.model.write("Hello, ")
        job = {"do": "fail", "body": {**ASKING, "stream": True}, "broken": True}
        told = await done(job, str(service.client.base_url))
        assert "network error" in told["message"]
        assert told["requests"] == 1
        await service.model.closed.wait()
