"""MCP servers: their tools are offered, called and shown as our own are; one that is away harms nothing."""

from __future__ import annotations

import asyncio
import json
import logging
import os
import re
import signal
import sys
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import asynccontextmanager
from typing import Any

import httpx2 as httpx
import pytest
from mcp.server.mcpserver import Context
from mcp.types import ElicitRequest, ElicitRequestFormParams, InputRequiredResult

from genui import GenUI, McpServer, ServerLimits
from genui.agent import FinishPiece, Message, Piece, TextPiece, Tool, ToolCallPiece, tool
from genui.agent.mcp.apps import key_of
from genui.errors import CallerError
from genui.events import ComponentDelta, Event, RenderComponent, RunEnd, RunStart, Status, Text, to_json
from tests.browser.hosting import hosting
from tests.mcp_server import APP, READS, SLOW
from tests.mcp_server import server as city
from tests.service import STREAM, asking
from tests.serving import ROOT, environment
from tests.sse import frames, parse


@pytest.fixture(autouse=True)
def patience() -> Iterator[None]:
    """A busy machine may take its time to start a process."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("genui.agent.mcp.server.PATIENCE", 60.0)
        yield


def piped() -> McpServer:
    """The server as a command."""
    settings = {**environment(ROOT), "TOKEN": "t0ken"}
    return McpServer([sys.executable, "-m", "tests.mcp_server"], environment=settings, name="city")


class Calling:
    """Calls the tools that it is asked to, `name {json}` a line, and then says what it was told."""

    name = "calling"

    def __init__(self) -> None:
        self.offered: list[Tool] = []
        self.told: list[str] = []

    async def stream(self, messages: Sequence[Message], tools: Sequence[Tool]) -> AsyncIterator[Piece]:
        self.offered = [*tools]
        if messages[-1]["role"] == "tool":
            self.told = [str(one["content"]) for one in messages if one["role"] == "tool"]
            yield TextPiece("Done.")
            yield FinishPiece("stop")
            return
        for at, line in enumerate(str(messages[-1]["content"]).splitlines()):
            name, _, arguments = line.partition(" ")
            yield ToolCallPiece(at, f"id{at}", name, arguments or "{}")
        yield FinishPiece("tool_calls")


class Asked:
    """A GenUI with MCP servers, on a socket."""

    def __init__(self, client: httpx.AsyncClient, model: Calling, genui: GenUI) -> None:
        self.client, self.model, self.genui = client, model, genui

    async def __call__(self, content: str) -> list[Event]:
        answer = await self.client.post("v1/runs", json=asking(content), headers=STREAM)
        return [frame.event for frame in parse(answer.content)]


@asynccontextmanager
async def serving(*servers: McpServer) -> AsyncIterator[Asked]:
    model = Calling()
    genui = GenUI(model=model, tools=servers, store="memory")
    async with hosting(genui) as url, httpx.AsyncClient(base_url=url, timeout=30) as client:
        yield Asked(client, model, genui)
    await genui.close()


def statuses(events: Sequence[Event]) -> list[tuple[str, str]]:
    return [(event.label, event.state) for event in events if isinstance(event, Status)]


def mentions(events: Sequence[Event], words: str) -> bool:
    return words in "".join(map(to_json, events))


@asynccontextmanager
async def _over(transport: str) -> AsyncIterator[McpServer]:
    if transport == "pipes":
        yield piped()
        return
    if transport == "in process":
        yield McpServer(city, name="city")
        return
    async with hosting(city.streamable_http_app()) as url:
        yield McpServer(f"{url}mcp" if url.endswith("/") else f"{url}/mcp", name="city")


@pytest.mark.parametrize("transport", ["pipes", "http", "in process"])
async def test_the_model_calls_a_tool_over_each_transport(transport: str) -> None:
    async with _over(transport) as server, serving(server) as ask:
        events = await ask('population {"city": "Paris"}')
        assert ask.model.told == ["Paris: about 2.1 million"]
        assert events[-1] == RunEnd("stop", None, events[-1].usage)  # type: ignore[union-attr]
        assert "".join(event.text for event in events if isinstance(event, Text)) == "Done."
        assert statuses(events)[-1] == ("Looking up a city…", "done")
        assert not mentions(events, "2.1 million"), "what a tool returns is the model's"


async def test_the_model_is_told_each_tool_s_schema_and_only_of_those_that_are_for_it() -> None:
    async with serving(McpServer(city, only=["population", "tick", "send"])) as ask:
        await ask("population {}")
        assert [tool.name for tool in ask.model.offered] == ["population", "send"]
        (first, _) = ask.model.offered
        assert first.description == "How many people live in a city."
        assert first.parameters["properties"]["city"]["type"] == "string"


async def test_invalid_arguments_are_told_to_the_model_and_never_reach_the_server() -> None:
    async with serving(McpServer(city)) as ask:
        events = await ask('population {"city": 7}')
        assert "city" in ask.model.told[0]
        assert ask.model.told[0].startswith("Error: The arguments are invalid.")
        assert ("Looking up a city…", "failed") in statuses(events)


async def test_a_failure_is_told_to_the_model_in_its_words_and_to_the_reader_in_ours() -> None:
    async with serving(McpServer(city)) as ask:
        events = await ask("broken {}")
        assert "the tower is closed" in ask.model.told[0]
        assert not mentions(events, "canary")
        assert statuses(events)[-1][1] == "failed"


async def test_a_tool_that_does_more_than_read_asks_first_and_says_what_it_will_do() -> None:
    async with serving(McpServer(city, name="post")) as ask:
        begun = await ask.client.post("v1/runs", json=asking('send {"to": "ada", "text": "Hi"}'))
        run = begun.json()["run"]
        question = None
        async with ask.client.stream("GET", f"v1/runs/{run}/events") as answer:
            async for _, event in frames(answer.aiter_bytes()):
                if isinstance(event, RenderComponent) and event.name == "Confirmation" and question is None:
                    question = event.props["question"]
                    body = {"run": run, "component": event.id, "action": "decline"}
                    assert (await ask.client.post("v1/actions", json=body)).is_success
        assert question == "Let post do this: send (to: ada, text: Hi)?"
        assert ask.model.told == ["Error: The user declined. It was not done."]


async def test_unasked_it_is_called_where_the_operator_says_so() -> None:
    async with serving(McpServer(city, confirm=False)) as ask:
        await ask('send {"to": "ada", "text": "Hi"}')
        assert ask.model.told == ["sent 'Hi' to ada"]


async def test_progress_is_the_words_of_the_status_and_leaving_cancels_the_call() -> None:
    async with serving(piped()) as ask:
        begun = await ask.client.post("v1/runs", json=asking("crawl {}"))
        run = begun.json()["run"]
        labels: list[str] = []
        async with ask.client.stream("GET", f"v1/runs/{run}/events") as answer:
            async for _, event in frames(answer.aiter_bytes()):
                if isinstance(event, Status):
                    labels.append(event.label)
                    if event.label == "Page 1 of 2…":
                        await ask.client.post(f"v1/runs/{run}/cancel")
        assert "Page 1 of 2…" in labels
        assert isinstance(event, RunEnd)
        assert event.reason == "cancelled"


async def test_of_a_flood_of_progress_the_last_word_is_told_and_the_result_comes() -> None:
    from mcp.types import CallToolResult, TextContent
    from mcp.types import Tool as Spec

    from genui.agent.mcp.convert import Caller, tool_of

    async def call(name: str, arguments: dict[str, Any], tell: Any) -> CallToolResult:
        del name, arguments
        for page in range(5000):
            await tell(page, 5000, f"Page {page}…")
        return CallToolResult(content=[TextContent(type="text", text="read")])

    made = tool_of(
        Spec(name="crawl", input_schema={"type": "object"}), Caller("web", call, 1.0, confirm=False)
    )
    assert made is not None
    *told, result = [value async for value in made.values(made.check("{}"))]
    assert [one.label for one in told] == ["Page 4999…"]
    assert result == "read"


async def test_a_server_that_asks_for_more_than_is_offered_gets_an_error_and_the_call_goes_on() -> None:
    server = McpServer([sys.executable, "-m", "tests.mcp_curious"], environment=environment(ROOT))
    async with serving(server) as ask:
        events = await ask("asks {}")
        methods = ("elicitation/create", "sampling/createMessage", "roots/list")
        assert ask.model.told == [", ".join(f"{method} -32600" for method in methods)]
        assert isinstance(events[-1], RunEnd)
        assert events[-1].reason == "stop"


async def test_a_tool_that_needs_input_first_fails_alone() -> None:
    from mcp.server import MCPServer

    asking_first = MCPServer("asking first")

    @asking_first.tool(annotations=READS)
    def asks() -> InputRequiredResult:
        params = ElicitRequestFormParams(
            message="Who are you?", requested_schema={"type": "object", "properties": {}}
        )
        return InputRequiredResult(input_requests={"who": ElicitRequest(params=params)}, request_state="1")

    async with serving(McpServer(asking_first)) as ask:
        events = await ask("asks {}")
        assert "Elicitation not supported" in ask.model.told[0]
        assert isinstance(events[-1], RunEnd)
        assert events[-1].reason == "stop"


async def test_a_command_gets_its_environment_and_nothing_of_ours(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", "canary")
    async with serving(piped()) as ask:
        await ask("token {}")
        assert ask.model.told == ["t0ken, None"]


async def test_a_server_that_dies_fails_that_call_and_serves_the_next() -> None:
    async with serving(piped()) as ask:
        await ask("die {}")
        assert ask.model.told[0].startswith("Error: ")
        await ask('population {"city": "Paris"}')
        assert ask.model.told == ["Paris: about 2.1 million"]


async def test_without_its_server_an_answer_goes_on_without_its_tools(
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level(logging.WARNING, "genui.agent")
    gone = McpServer("http://127.0.0.1:9/mcp", name="gone")
    absent = McpServer([sys.executable, "-c", "raise SystemExit(3)"], name="absent")
    async with serving(gone, absent, McpServer(city, name="city")) as ask:
        events = await ask('population {"city": "Paris"}')
        assert events[-1].reason == "stop"  # type: ignore[union-attr]
        assert ask.model.told == ["Paris: about 2.1 million"]
    for name in ("gone", "absent"):
        assert f"the MCP server {name} cannot be reached" in caplog.text


async def test_a_schema_that_refers_elsewhere_is_never_fetched(caplog: pytest.LogCaptureFixture) -> None:
    from mcp.server import MCPServer

    evil = MCPServer("evil")

    @evil.tool(annotations=None)
    def reads(path: str) -> str:
        return path

    schema = {"type": "object", "properties": {"path": {"$ref": "file:///etc/passwd"}}}
    evil._tool_manager._tools["reads"].parameters = schema
    async with serving(McpServer(evil), McpServer(city, name="city")) as ask:
        await ask('population {"city": "Paris"}')
        assert "reads" not in [tool.name for tool in ask.model.offered]
        assert ask.model.told == ["Paris: about 2.1 million"]
    assert "the schema of the tool reads is invalid" in caplog.text


async def test_a_tool_of_a_server_never_takes_the_place_of_one_that_is_there(
    caplog: pytest.LogCaptureFixture,
) -> None:
    @tool(confirm="Really?")
    def population(city: str) -> str:
        return f"our own of {city}"

    model = Calling()
    genui = GenUI(model=model, tools=[McpServer(city, confirm=False), population], store="memory")
    async with hosting(genui) as url, httpx.AsyncClient(base_url=url) as client:
        begun = await client.post("v1/runs", json=asking("send {}"), headers=STREAM)
        assert begun.is_success
    await genui.close()
    (found,) = (one for one in model.offered if one.name == "population")
    assert found is population
    assert "the tool population of a server is left out" in caplog.text


@pytest.mark.parametrize(
    ("schema", "arguments"),
    [
        ({"type": "object", "properties": {"x": True}}, '{"x": [1]}'),
        (
            {"type": "object", "properties": {"x": {"type": "string"}}},
            '{"x": ' + "[" * 5000 + "]" * 5000 + "}",
        ),
    ],
)
async def test_odd_schemas_and_arguments_end_no_run(schema: dict[str, Any], arguments: str) -> None:
    from mcp.server import MCPServer

    odd = MCPServer("odd")

    @odd.tool()
    def takes(x: Any) -> str:  # noqa: ARG001
        return "taken"

    odd._tool_manager._tools["takes"].parameters = schema
    async with serving(McpServer(odd, confirm=False)) as ask:
        events = await ask(f"takes {arguments}")
        assert events[-1].reason == "stop"  # type: ignore[union-attr]
        assert ask.model.told[0] == "taken" or ask.model.told[0].startswith(
            "Error: The arguments are invalid."
        )


async def test_the_question_tells_every_argument_also_those_that_need_not_be() -> None:
    from mcp.types import Tool as Spec

    from genui.agent.mcp.convert import Caller, tool_of

    async def call(*_: Any) -> Any:
        raise AssertionError

    spec = Spec(name="send", input_schema={"type": "object", "properties": {"bcc": {"type": "string"}}})
    made = tool_of(spec, Caller("post", call, 1.0, confirm=True))
    assert made is not None
    assert made.confirm is not None
    assert made.confirm.fill({"bcc": "eve", "to-x": {"a": 1}}) == (
        'Let post do this: send (bcc: eve, to-x: {"a": 1})?'
    )
    assert made.confirm.fill({f"x{at}": "y" * 200 for at in range(50)}).endswith(", and 43 more)?")


async def test_a_server_that_died_while_nobody_asked_is_started_again(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("genui.agent.mcp.server.FRESH", 0.0)  # each run asks which tools there are
    async with serving(piped()) as ask:
        await ask("process {}")
        os.kill(int(ask.model.told[0]), signal.SIGKILL)
        await ask('population {"city": "Paris"}')
        assert ask.model.told == ["Paris: about 2.1 million"]


async def test_a_page_that_does_not_come_harms_no_call_on_the_same_connection(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    async with serving(piped()) as ask:
        begun = (await ask.client.post("v1/runs", json=asking("crawl {}"))).json()["run"]
        async with ask.client.stream("GET", f"v1/runs/{begun}/events") as answer:
            told = frames(answer.aiter_bytes())
            async for _, event in told:
                if isinstance(event, Status) and event.label == "Page 1 of 2…":
                    break
            monkeypatch.setattr("genui.agent.mcp.server.PATIENCE", 0.2)
            assert (await ask.client.get(f"v1/mcp/city/{key_of(SLOW)}")).status_code == 502
            assert (await ask.client.get("v1/mcp/city/" + "0" * 32)).status_code == 404
            monkeypatch.undo()
            await ask('population {"city": "Paris"}')
            assert ask.model.told == ["Paris: about 2.1 million"]
            await ask.client.post(f"v1/runs/{begun}/cancel")
            rest = [event async for _, event in told]
    assert isinstance(rest[-1], RunEnd)
    assert rest[-1].reason == "cancelled", "it was still at work"


async def test_a_page_that_several_want_is_read_once() -> None:
    from mcp.server import MCPServer

    reads: list[int] = []
    begun, goes_on = asyncio.Event(), asyncio.Event()
    pages = MCPServer("pages")

    @pages.tool(annotations=READS, meta={"ui": {"resourceUri": APP}})
    def show() -> str:
        return "shown"

    @pages.resource(APP, mime_type="text/html;profile=mcp-app")
    async def page() -> str:
        reads.append(1)
        begun.set()
        await goes_on.wait()
        return "<!doctype html>Hi"

    server = McpServer(pages)
    wanted = [asyncio.ensure_future(server.document(key_of(APP))) for _ in range(20)]
    await begun.wait()
    wanted[0].cancel()  # who leaves takes it from nobody
    goes_on.set()
    _, *found = await asyncio.gather(*wanted, return_exceptions=True)
    await server.close()
    assert len(reads) == 1
    assert [one.html for one in found] == ["<!doctype html>Hi"] * 19  # type: ignore[union-attr]


async def test_a_page_that_cannot_be_had_is_a_502_and_no_traceback() -> None:
    async with serving(McpServer("http://127.0.0.1:9/mcp", name="gone")) as ask:
        assert (await ask.client.get("v1/mcp/gone/" + "0" * 32)).status_code == 502


async def test_an_app_is_shown_with_what_its_tool_was_asked_and_what_it_answered() -> None:
    async with serving(McpServer(city, name="city")) as ask:
        events = await ask('clock {"zone": "Oslo"}')
        first, *_, last = (event for event in events if isinstance(event, RenderComponent))
        assert (first.name, first.state, last.state) == ("McpApp", "streaming", "complete")
        assert (last.props["title"], last.props["arguments"]) == ("World clock", {"zone": "Oslo"})
        assert last.props["result"]["structuredContent"] == {"zone": "Oslo", "time": "12:34"}
        assert any(isinstance(event, ComponentDelta) for event in events)
        assert "12:34" in ask.model.told[0]

        page = await ask.client.get(str(last.props["src"]))
        assert page.status_code == 200
        assert page.headers["content-type"] == "text/html; charset=utf-8"
        policy = page.headers["content-security-policy"]
        assert policy.startswith("sandbox allow-scripts allow-forms; default-src 'none'; ")
        assert "allow-same-origin" not in policy
        assert "connect-src https://api.example;" in policy
        assert "evil" not in policy
        for address in ("v1/mcp/city/" + "0" * 32, "v1/mcp/other/" + str(last.props["src"])[-32:]):
            assert (await ask.client.get(address)).status_code == 404


class Called:
    """An app that stands in an answer, and how it calls tools."""

    def __init__(self, ask: Asked, run: str, component: str) -> None:
        self.ask, self.run, self.component = ask, run, component

    async def __call__(self, tool: str, arguments: object = None, **more: Any) -> httpx.Response:
        body = {"run": self.run, "component": self.component, "tool": tool, "arguments": arguments or {}}
        return await self.ask.client.post("v1/mcp/call", json={**body, **more})


async def an_app(ask: Asked, asked: str = 'clock {"zone": "Oslo"}') -> Called:
    events = await ask(asked)
    assert isinstance(events[0], RunStart)
    shown = next(event for event in events if isinstance(event, RenderComponent))
    return Called(ask, events[0].run, shown.id)


def code_of(response: httpx.Response) -> tuple[int, str]:
    return response.status_code, response.json()["error"]["code"]


async def test_an_app_calls_the_tools_of_its_server_that_are_for_apps_and_gets_what_they_answer() -> None:
    async with serving(McpServer(city, name="city")) as ask:
        call = await an_app(ask)
        answer = await call("sunset", {"zone": "Oslo"})
        assert answer.status_code == 200
        assert answer.json()["result"]["structuredContent"] == {"sunset": "21:43"}
        again = await call("clock", {"zone": "Rome"})  # for the model, and so for its app
        assert again.json()["result"]["structuredContent"]["zone"] == "Rome"
        failed = await call("sunset", {"zone": "Atlantis"})
        assert failed.json()["result"]["isError"] is True
        assert "no such place" in failed.json()["result"]["content"][0]["text"]
        await ask.genui.runs.evict(call.run)  # its log is forgotten, the thread knows it
        assert (await call("sunset", {"zone": "Oslo"})).status_code == 200


@pytest.mark.parametrize("tool", ["almanac", "population", "nothing", "locks"])
async def test_an_app_calls_no_tool_that_is_not_for_apps_nor_of_another_server(tool: str) -> None:
    from mcp.server import MCPServer

    other = MCPServer("other")

    @other.tool(annotations=READS, meta={"ui": {"visibility": ["app"]}})
    def locks() -> str:
        raise AssertionError

    async with serving(McpServer(city, name="city"), McpServer(other, name="other")) as ask:
        call = await an_app(ask)
        assert code_of(await call(tool, confirmed=True)) == (404, "unknown-tool")


async def test_only_what_is_an_app_calls_and_only_for_whom_its_run_is() -> None:
    model = Calling()
    keys = {"ada-0123456789abcdef": "ada", "bob-0123456789abcdef": "bob"}
    genui = GenUI(model=model, tools=[McpServer(city, name="city")], store="memory", keys=keys)
    ada, bob = ({"Authorization": f"Bearer {key}"} for key in keys)
    async with hosting(genui) as url, httpx.AsyncClient(base_url=url, headers=ada) as client:
        call = await an_app(Asked(client, model, genui))
        body = {"run": call.run, "component": call.component, "tool": "sunset", "arguments": {"zone": "x"}}
        assert (await client.post("v1/mcp/call", json=body)).status_code == 200
        theirs = await client.post("v1/mcp/call", json=body, headers=bob)
        never = await client.post("v1/mcp/call", json={**body, "run": "run_never"}, headers=bob)
        assert code_of(theirs) == code_of(never) == (404, "unknown-run")
        assert theirs.json() == never.json()
        assert (await client.post("v1/mcp/call", json=body, headers={"Authorization": ""})).status_code == 401
        assert code_of(await client.post("v1/mcp/call", json={**body, "component": "t9"})) == (
            404,
            "unknown-component",
        )
    await genui.close()


async def test_a_widget_that_is_no_app_calls_nothing() -> None:
    async with serving(McpServer(city, name="city")) as ask:
        begun = (await ask.client.post("v1/runs", json=asking('send {"to": "ada", "text": "Hi"}'))).json()[
            "run"
        ]
        async with ask.client.stream("GET", f"v1/runs/{begun}/events") as answer:
            async for _, event in frames(answer.aiter_bytes()):
                if isinstance(event, RenderComponent):
                    refused = await Called(ask, begun, event.id)("sunset", {"zone": "Oslo"})
                    assert code_of(refused) == (403, "not-offered")
                    break
        await ask.client.post(f"v1/runs/{begun}/cancel")


async def test_an_app_s_call_that_does_more_than_read_waits_until_its_user_was_asked() -> None:
    async with serving(McpServer(city, name="city")) as ask:
        call = await an_app(ask)
        assert (await call("tick")).json() == {"question": "Let city do this: tick?"}
        assert (await call("tick", confirmed=True)).json()["result"]["content"][0]["text"] == "tick"


async def test_an_app_s_arguments_are_checked_and_its_calls_are_counted() -> None:
    async with serving(McpServer(city, name="city")) as ask:
        call = await an_app(ask)
        assert code_of(await call("sunset", {"zone": 7})) == (422, "bad-values")
        answers = [await call("sunset", {"zone": "Oslo"}) for _ in range(60)]
        assert answers[0].status_code == 200
        limited = next(answer for answer in answers if answer.status_code != 200)
        assert code_of(limited) == (429, "too-many-requests")
        assert int(limited.headers["retry-after"]) >= 1
        other = await an_app(ask)
        assert (await other("sunset", {"zone": "Oslo"})).status_code == 200, "another answer's app may"


class Counting:
    """An MCP server of which is known how often a tool was called."""

    def __init__(self) -> None:
        from mcp.server import MCPServer

        self.called = 0
        self.server = MCPServer("counting")

        @self.server.tool(annotations=READS, meta={"ui": {"resourceUri": APP}})
        def count(text: str = "") -> str:  # noqa: ARG001
            self.called += 1
            return "counted"


async def test_the_rate_limit_is_asked_before_the_tool_server_is(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("genui.server.mcp.OF_ONE_ANSWER", ServerLimits(rate=1e-6, burst=3, open=8))
    counting = Counting()
    async with serving(McpServer(counting.server, name="counting")) as ask:
        call = await an_app(ask, "count {}")
        before = counting.called
        answers = [await call("count") for _ in range(20)]
        assert [answer.status_code for answer in answers] == [200] * 3 + [429] * 17
        assert counting.called - before == 3
        # Nor is the answer looked through for who has no call left, or a tool for who asks wrongly.
        for wrong in (await Called(ask, call.run, "t9")("count"), await call("nothing")):
            assert code_of(wrong) == (429, "too-many-requests")


@pytest.mark.parametrize(
    ("headers", "status", "code"),
    [
        ({"Content-Type": "text/plain"}, 415, "unsupported-media-type"),
        ({"Content-Type": "application/x-www-form-urlencoded"}, 415, "unsupported-media-type"),
        ({"Origin": "https://evil.example"}, 403, "other-origin"),
        ({"Origin": "null"}, 403, "other-origin"),
        ({"Sec-Fetch-Site": "cross-site"}, 403, "other-origin"),
        ({"Host": "evil.example"}, 421, "bad-host"),
    ],
)
async def test_no_other_page_calls_a_tool_for_an_app(headers: dict[str, str], status: int, code: str) -> None:
    counting = Counting()
    async with serving(McpServer(counting.server, name="counting")) as ask:
        call = await an_app(ask, "count {}")
        before = counting.called
        body = json.dumps({"run": call.run, "component": call.component, "tool": "count"}).encode()
        sent = {"Content-Type": "application/json", **headers}
        answer = await ask.client.post("v1/mcp/call", content=body, headers=sent)
        assert code_of(answer) == (status, code)
        assert counting.called == before


@pytest.mark.parametrize(
    ("members", "status", "code"),
    [
        ({"arguments": {"text": "x" * 200_000}}, 413, "body-too-large"),
        ({"arguments": {f"a{at}": 1 for at in range(201)}}, 400, "bad-request"),
        ({"arguments": []}, 400, "bad-request"),
        ({"arguments": {"text": {"deep": [[[]]]}}}, 422, "bad-values"),
        ({"tool": ""}, 400, "bad-request"),
        ({"tool": "x" * 201}, 400, "bad-request"),
        ({"tool": "../count"}, 404, "unknown-tool"),
        ({"run": "x" * 201}, 400, "bad-request"),
        ({"run": "\0"}, 404, "unknown-run"),
        ({"component": 1}, 400, "bad-request"),
        ({"confirmed": "perhaps"}, 400, "bad-request"),
    ],
)
async def test_an_app_s_call_is_checked_before_the_tool_server_is_asked(
    members: dict[str, Any], status: int, code: str
) -> None:
    counting = Counting()
    async with serving(McpServer(counting.server, name="counting")) as ask:
        call = await an_app(ask, "count {}")
        before = counting.called
        body = {"run": call.run, "component": call.component, "tool": "count", **members}
        answer = await ask.client.post("v1/mcp/call", json=body)
        assert code_of(answer) == (status, code)
        assert counting.called == before


async def test_an_app_s_call_to_a_server_that_is_gone_or_slow_is_a_502() -> None:
    from mcp.server import MCPServer

    slow = MCPServer("slow")
    meta = {"ui": {"resourceUri": APP}}

    @slow.tool(annotations=READS, meta=meta)
    async def wait(long: bool = False) -> str:
        if long:
            await asyncio.Event().wait()
        return "here"

    async with serving(McpServer(slow, name="slow", timeout=0.5)) as ask:
        call = await an_app(ask, "wait {}")
        assert code_of(await call("wait", {"long": True})) == (502, "tool-failed")
        assert (await call("wait")).json()["result"]["content"][0]["text"] == "here"


async def test_a_server_is_told_that_apps_are_shown() -> None:
    from mcp.server import MCPServer
    from mcp.server.apps import client_supports_apps

    curious = MCPServer("curious")

    @curious.tool(annotations=READS)
    def shows(ctx: Context) -> bool:
        return client_supports_apps(ctx)

    async with serving(McpServer(curious)) as ask:
        await ask("shows {}")
        assert ask.model.told == ["true"] or ask.model.told == ["True"]


async def test_no_model_can_write_an_app() -> None:
    class Writing(Calling):
        async def stream(self, messages: Sequence[Message], tools: Sequence[Tool]) -> AsyncIterator[Piece]:
            del messages, tools
            yield TextPiece('<McpApp src="v1/mcp/city/0" title="x"/>')
            yield FinishPiece("stop")

    genui = GenUI(model=Writing(), tools=[McpServer(city)], store="memory")
    async with hosting(genui) as url, httpx.AsyncClient(base_url=url) as client:
        answer = await client.post("v1/runs", json=asking("x"), headers=STREAM)
        assert not [one for one in parse(answer.content) if isinstance(one.event, RenderComponent)]
    assert "McpApp" not in genui.catalog.prompt()


@pytest.mark.parametrize(
    ("server", "more", "said"),
    [
        ("localhost:8000/mcp", {}, "is no URL"),
        ([], {}, "is no command"),
        ("http://127.0.0.1:9/mcp", {"name": "two words"}, "is no name"),
    ],
)
def test_what_is_no_server_is_refused_at_once(server: Any, more: dict[str, Any], said: str) -> None:
    with pytest.raises(CallerError, match=re.escape(said)):
        McpServer(server, **more)


def test_two_servers_of_one_name_are_refused() -> None:
    with pytest.raises(CallerError, match="give each a name of its own"):
        GenUI(model="demo", store="memory", tools=[McpServer(city), McpServer(city)])
