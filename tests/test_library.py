"""docs/library.md: each of its examples runs as it stands there, against the real package."""

from __future__ import annotations

import asyncio
import re
import socket
import subprocess
import sys
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import httpx2 as httpx
import pytest
from langchain_core.callbacks import CallbackManagerForLLMRun
from langchain_core.language_models import BaseChatModel
from langchain_core.messages import AIMessage, BaseMessage, ToolMessage
from langchain_core.outputs import ChatGeneration, ChatResult
from pydantic import Field

from genui.events import Event, RenderComponent, RunEnd, Text, to_json
from tests.browser.hosting import hosting
from tests.service import STREAM, asking
from tests.serving import ROOT, environment
from tests.sse import frames, parse

DOC = (ROOT / "docs" / "library.md").read_text("utf-8")
BLOCKS = dict(
    re.findall(r"^## ([^\n]+)\n(?:(?!^## ).)*?^```python\n(.*?)^```", DOC, re.MULTILINE | re.DOTALL)
)
PATIENCE = 30

PROJECT = """
SECRET_KEY = "canary"
ALLOWED_HOSTS = ["127.0.0.1"]
ROOT_URLCONF = "project.urls"
INSTALLED_APPS = ["django.contrib.auth", "django.contrib.contenttypes", "django.contrib.sessions"]
MIDDLEWARE = ["django.contrib.sessions.middleware.SessionMiddleware",
              "django.contrib.auth.middleware.AuthenticationMiddleware"]
DATABASES = {"default": {"ENGINE": "django.db.backends.sqlite3", "NAME": "shop.db"}}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
"""
URLS = """
from django.http import HttpResponse
from django.urls import path
urlpatterns = [path("me", lambda request: HttpResponse(request.user.get_username()))]
"""
SIGN_IN = """
import django
django.setup()
from django.contrib.auth import get_user_model, HASH_SESSION_KEY, BACKEND_SESSION_KEY, SESSION_KEY
from django.contrib.sessions.backends.db import SessionStore
from django.core.management import call_command
call_command("migrate", verbosity=0)
for name in ("ada", "bob"):
    user = get_user_model().objects.create_user(name)
    session = SessionStore()
    session[SESSION_KEY] = str(user.pk)
    session[BACKEND_SESSION_KEY] = "django.contrib.auth.backends.ModelBackend"
    session[HASH_SESSION_KEY] = user.get_session_auth_hash()
    session.save()
    print(session.session_key)
"""


def example(heading: str) -> dict[str, Any]:
    """What the example below a heading defines."""
    names: dict[str, Any] = {"__name__": "library"}
    exec(compile(BLOCKS[heading], "docs/library.md", "exec"), names)  # noqa: S102 (our own docs)
    return names


@asynccontextmanager
async def client_of(app: Any) -> AsyncIterator[httpx.AsyncClient]:
    async with asyncio.timeout(PATIENCE), hosting(app) as url, httpx.AsyncClient(base_url=url) as client:
        yield client


async def ask(client: httpx.AsyncClient, path: str, **more: Any) -> list[Event]:
    response = await client.post(path, headers={**STREAM, **more.pop("headers", {})}, **more)
    assert response.status_code == 200, response.text
    return [frame.event for frame in parse(response.content)]


async def check_the_chat(client: httpx.AsyncClient, ada: dict[str, str], bob: dict[str, str]) -> None:
    """Under /chat answers who is signed in to the application, and nobody else sees it."""
    assert "<genui-chat" in (await client.get("/chat/")).text
    stranger = await client.post("/chat/v1/runs", json=asking(), headers=STREAM)
    assert stranger.status_code == 401
    assert stranger.json()["error"]["code"] == "unauthorized"
    begun = await client.post("/chat/v1/runs", json=asking("What will the weather be?"), headers=ada)
    assert begun.status_code == 202, begun.text
    events = begun.json()["events"]
    assert events.startswith("/chat/v1/runs/")
    for others, status in ((bob, 404), ({}, 401)):
        assert (await client.get(events, headers=others)).status_code == status
    async with client.stream("GET", events, headers=ada) as answer:
        seen = frames(answer.aiter_bytes())
        async for frame in seen:
            if isinstance(frame.event, RenderComponent):
                break
        await client.post(events.replace("events", "cancel"), headers=ada)  # the rest takes seconds
        last = [frame.event async for frame in seen][-1]
    assert isinstance(last, RunEnd)
    assert last.reason == "cancelled"


def test_no_example_is_longer_than_a_screen() -> None:
    assert set(BLOCKS) == {
        "Starlette", "FastAPI", "Django", "An endpoint of your own", "A LangGraph agent answers",
    }  # fmt: skip
    for heading, code in BLOCKS.items():
        lines = [line for line in code.splitlines() if line.strip()]
        assert len(lines) < 40, heading


@pytest.mark.parametrize("heading", ["Starlette", "FastAPI"])
async def test_mounted_it_answers_whom_the_application_knows(heading: str) -> None:
    names = example(heading)
    names["SESSIONS"]["other"] = "bob"
    async with client_of(names["app"]) as client:
        await check_the_chat(client, {"Cookie": "session=s3cret"}, {"Cookie": "session=other"})
        if heading == "FastAPI":
            assert (await client.get("/me")).status_code == 401
            assert (await client.get("/me", headers={"Cookie": "session=s3cret"})).json() == "ada"
    assert not len(names["chat"].runs)


@pytest.fixture
def project(tmp_path: Path) -> Iterator[tuple[str, list[str]]]:
    """The address of a Django project that is served, and the session keys of Ada and Bob."""
    package = tmp_path / "project"
    package.mkdir()
    files = {"__init__": "", "settings": PROJECT, "urls": URLS, "asgi": BLOCKS["Django"]}
    for name, text in files.items():
        (package / f"{name}.py").write_text(text)
    settings = {**environment(ROOT), "DJANGO_SETTINGS_MODULE": "project.settings"}
    settings["PYTHONPATH"] += f":{tmp_path}"
    keys = subprocess.check_output(
        [sys.executable, "-c", SIGN_IN], cwd=tmp_path, env=settings, text=True
    ).split()
    with socket.create_server(("127.0.0.1", 0)) as listener:
        descriptor = str(listener.fileno())
        command = [sys.executable, "-m", "uvicorn", "project.asgi:application", "--fd", descriptor]
        with (tmp_path / "log").open("wb") as log:
            process = subprocess.Popen(
                command, cwd=tmp_path, env=settings, stdout=log, stderr=log, pass_fds=[listener.fileno()]
            )
        try:
            yield f"http://127.0.0.1:{listener.getsockname()[1]}", keys
        finally:
            process.terminate()
            assert process.wait(timeout=PATIENCE) in (0, -15), (tmp_path / "log").read_text()


async def test_beside_django_it_answers_who_is_signed_in_there(project: tuple[str, list[str]]) -> None:
    url, keys = project
    ada, bob = ({"Cookie": f"sessionid={key}"} for key in keys)
    async with httpx.AsyncClient(base_url=url, timeout=PATIENCE) as client:
        assert (await client.get("/me", headers=ada)).text == "ada"
        await check_the_chat(client, ada, bob)


async def test_an_endpoint_of_ones_own_streams_events() -> None:
    async with client_of(example("An endpoint of your own")["app"]) as client:
        told = await ask(client, "/answer", json={"text": "And today?"})
    assert "".join(event.text for event in told if isinstance(event, Text)) == "And today? Warm: "
    (widget,) = (one for one in told if isinstance(one, RenderComponent) and one.state == "complete")
    assert (widget.name, widget.props["temp"]) == ("WeatherWidget", 72)
    assert told[-1] == RunEnd("stop")


class Scripted(BaseChatModel):
    """A chat model of LangChain's that calls a tool, and answers with what it has brought."""

    heard: list[BaseMessage] = Field(default_factory=list)

    @property
    def _llm_type(self) -> str:
        return "scripted"

    def bind_tools(self, tools: Sequence[Any], **_: Any) -> Any:
        assert [tool.name for tool in tools] == ["population"]
        return self

    def _generate(
        self,
        messages: list[BaseMessage],
        stop: list[str] | None = None,
        run_manager: CallbackManagerForLLMRun | None = None,
        **_: Any,
    ) -> ChatResult:
        del stop, run_manager
        self.heard[:] = messages
        last = messages[-1]
        if isinstance(last, ToolMessage):
            said = AIMessage('<Metric label="People" value="2.1 million"/>')
        else:
            calls = [{"name": "population", "args": {"city": "Paris"}, "id": "canary-call"}]
            said = AIMessage("", tool_calls=calls)
        return ChatResult(generations=[ChatGeneration(message=said)])


async def test_a_langgraph_agent_answers_in_the_chat() -> None:
    llm = Scripted()
    app = example("A LangGraph agent answers")["app"](llm)
    async with client_of(app) as client:
        told = await ask(client, "/v1/runs", json=asking("How many live in Paris?"))
    assert "Metric" in str(llm.heard[0].content), "it is told the components"
    assert llm.heard[-1].content == "Paris: about 2.1 million"
    (widget,) = (one for one in told if isinstance(one, RenderComponent) and one.state == "complete")
    assert widget.props == {"label": "People", "value": "2.1 million"}
    assert told[-1] == RunEnd("stop")
    assert not re.search("canary|about", "".join(map(to_json, told)))
