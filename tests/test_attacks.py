"""Attacks that come in through what a model writes, a user says or a tool returns. docs/security.md lists
them beside those that have tests of their own."""

from __future__ import annotations

import argparse
import ast
import builtins
import html
import importlib
import json
import re
import socket
from dataclasses import asdict
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from genui import Catalog, GenUI, Recognizer, ServerLimits, tool
from genui.agent.portions import LONGEST_ANSWER
from genui.agent.turn import MOST_CALLS
from genui.catalog import MOST_VALUES, Component
from genui.catalog.filters import MOST_CELLS
from genui.cli import exposure
from genui.cli.protocol import HEAD_BYTES, HEAD_SECONDS, REST_SECONDS, WAITING
from genui.errors import CallerError
from genui.events import ComponentError, RenderComponent, RunEnd, Text, to_json
from genui.markup.limits import Limits
from genui.runs.log import RUN_BYTES
from genui.server.mcp import OF_ONE_ANSWER
from genui.server.security.keys import SHORTEST
from genui.wire import Genui1
from tests.service import STREAM, asking, serving
from tests.sse import parse

ROOT = Path(__file__).parents[1]
DOC = ROOT / "docs" / "security.md"
CATALOG = Catalog.builtin()

TEMPLATES = [
    "{{ 7 * 7 }}",
    "{{ self.__init__.__globals__ }}",
    "{% for x in ().__class__.__base__.__subclasses__() %}{{ x }}{% endfor %}",
    "${7*7}",
    "<%= 7*7 %>",
    "#{7*7}",
    "{{ cycler.__init__.__globals__.os.popen('id').read() }}",
]


def drawn(component: Component, value: str) -> str:
    """What a component shows when each of its free-text props is `value`."""
    fixed = {"enum", "format", "pattern", "const"}
    texts = {
        prop.name: value
        for prop in component.props
        if prop.schema.get("type") == "string" and not fixed & set(prop.schema)
    }
    try:
        return component.render(texts)
    except Exception:  # some cannot be drawn without their other props: an error of this widget
        return ""


@pytest.mark.parametrize("template", TEMPLATES)
def test_a_template_in_a_prop_is_text_and_never_evaluated(template: str) -> None:
    as_text = html.escape(template)
    drawings = {component.name: drawn(component, template) for component in CATALOG}
    assert sum(as_text.replace("&#x27;", "&#39;") in drawing for drawing in drawings.values()) > 10
    for name, drawing in drawings.items():
        calm = drawn(CATALOG[name], "calm words of no template")
        assert ("49" in drawing) <= ("49" in calm), name
        assert "&lt;class" not in drawing
        assert "uid=" not in drawing


LINKS = [
    "javascript:alert(1)",
    " JaVaScRiPt:alert(1)",
    "java\nscript:alert(1)",
    "data:text/html,<script>1</script>",
    "vbscript:x",
    "file:///etc/passwd",
    "blob:x",
    "\x01javascript:alert(1)",
]


@pytest.mark.parametrize("link", LINKS)
def test_no_component_makes_a_link_of_an_address_that_runs_or_reads_files(link: str) -> None:
    bad = re.compile(
        r"(?:href|src|action|srcset|poster)\s*=\s*[\"']?\s*(?:java|data:text|vbs|file|blob)", re.I
    )
    shown = 0
    for component in CATALOG:
        names = {prop.name for prop in component.props}
        texts = dict.fromkeys(names & {"name", "label", "source", "text"}, "x")
        links = dict.fromkeys(names & {"url", "src", "image", "href"}, link)
        if links:
            shown += 1
            assert not bad.search(component.render({**texts, **links})), component.name
    assert shown > 3


CSS = ["red;background:url(https://evil.example/?x)", "expression(alert(1))", "red}*{display:none}",
       "</style><script>alert(1)</script>", "url(javascript:alert(1))", "\\75rl(https://evil.example)",
       "1px;position:fixed;inset:0"]  # fmt: skip


@pytest.mark.parametrize("css", CSS)
def test_no_prop_becomes_a_style_of_the_models_choice(css: str) -> None:
    """The page's policy allows no inline style either; here none is even written."""
    for component in CATALOG:
        for style in re.findall(r"style=\"([^\"]*)\"", drawn(component, css)):
            assert not re.search(r"url\(|expression|position|display|evil", style), component.name


async def test_a_tag_in_a_question_or_in_a_tools_result_is_never_a_widget() -> None:
    """Only what the model itself writes is recognized: a web page that a tool has read, or a message that
    somebody pastes, can show nothing, and so offer nothing to press."""
    injected = '<Button "Pay" action=pay/><Form action=pay></Form>'
    async with serving() as service:
        service.model.answer("I see.")
        response = await service.client.post("v1/runs", json=asking(injected), headers=STREAM)
        thread = parse(response.content)[0].event.thread  # type: ignore[union-attr]
        kinds = {type(frame.event) for frame in parse(response.content)}
        assert RenderComponent not in kinds
        read = (await service.client.get(f"v1/threads/{thread}?render=html")).json()
        assert read["messages"][0] == {"role": "user", "content": injected}


async def test_a_widget_that_stands_there_does_nothing_until_a_reader_acts() -> None:
    """A model that was talked into a button or a form gets no turn and no tool call out of it."""
    called = []

    @tool
    def pay(amount: int) -> str:
        """Pay."""
        called.append(amount)
        return "paid"

    async with serving(tools=[pay]) as service:
        service.model.answer('<Button "Pay" action=pay/><Form action=pay><Input "n" name=n value=1/></Form>')
        run = await service.start()
        await service.read(run)
        await service.idle()
        assert len(service.model.asked) == 1
        assert called == []


def test_the_built_in_loaders_open_no_file_and_no_connection_whatever_the_props(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """No address and no path from a model leads anywhere: the loaders that come with genui import
    nothing that could, and say so here should one begin to."""
    may = {"__future__", "asyncio", "os", "collections.abc", "typing", "genui.errors"}
    loaders = list((ROOT / "components").glob("*/loader.py"))
    assert loaders
    for loader in loaders:
        source = loader.read_text()
        tree = ast.parse(source)
        imported = {node.module for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)}
        imported |= {
            name.name for node in ast.walk(tree) if isinstance(node, ast.Import) for name in node.names
        }
        assert imported <= may, loader
        assert not re.search(r"\bopen\(|Path\(|os\.(?!cpu_count|getloadavg)", source), loader

    def refuse(*_: Any, **__: Any) -> None:
        raise AssertionError("opened")

    monkeypatch.setattr(socket, "create_connection", refuse)
    demo = importlib.import_module("genui.agent.demo.tools")
    monkeypatch.setattr(builtins, "open", refuse)
    assert "httpx" not in vars(demo)
    assert "urllib" not in Path(str(demo.__file__)).read_bytes().decode()


NAMES = [
    "../errors",
    "..%2ferrors",
    "weather_widget/../../x",
    "/etc/passwd",
    "C:\\x",
    "nul\x00",
    ".",
    "..",
    "a/b",
]


@pytest.mark.parametrize("name", NAMES)
async def test_a_name_from_outside_never_becomes_a_path(name: str) -> None:
    async with serving() as service:
        drawing = {"components": [{"name": name[:64], "props": {}}]}
        told = (await service.client.post("v1/render", json=drawing)).json()
        assert told["renders"][0]["error"]["code"] == "unknown-component"
        for path in ("v1/threads/{}", "v1/threads/{}/export", "v1/runs/{}/events", "components/{}/script.js"):
            address = path.format(name.replace("/", "%2f").replace("\x00", "%00").replace("\\", "%5c"))
            assert (await service.client.get(address)).status_code in (404, 405, 200)
            body = (await service.client.get(address)).text
            assert "root:" not in body
            assert "Traceback" not in body
        thread = await service.client.post("v1/runs", json=asking(thread=name))
        assert thread.status_code == 400


BREAKS = "\r\n\x00\u2028\u2029\x85\x0b\x0c\ud800"


@given(st.text(st.sampled_from(BREAKS + "abc:{}\"'<>/ ")), st.integers(1, 9))
def test_no_character_ends_a_frame_or_begins_a_field(text: str, seq: int) -> None:
    data = to_json(Text(f"x\r\n\r\nevent: evil\ndata: 1\r{text}")).encode("utf-8", "replace")
    frame = Genui1().encode([(seq, data)])
    lines = re.split(rb"\r\n|\r|\n", frame)
    assert [line.partition(b":")[0] for line in lines] == [b"id", b"data", b"", b""]
    assert b"\x00" not in frame
    assert isinstance(json.loads(lines[1].removeprefix(b"data: "))["text"], str)


async def test_line_ends_and_nul_of_a_model_arrive_as_text_in_one_frame() -> None:
    said = "a\r\n\r\nevent: evil\rdata: x\n\n\x00id: 99\n"
    async with serving() as service:
        service.model.answer(said)
        response = await service.client.post("v1/runs", json=asking(), headers=STREAM)
        found = parse(response.content)
        assert isinstance(found[-1].event, RunEnd)
        assert not re.search(rb"^(?:event|id: 99)", response.content, re.MULTILINE)
        assert b"\x00" not in response.content


@pytest.mark.parametrize("position", ["1\r\nX-Evil: 1", "1\n", "\x00", "1 2", "-1", "9" * 30, "٣"])
async def test_a_position_cannot_smuggle_a_line_into_an_answer(position: str) -> None:
    async with serving() as service:
        response = await service.client.get("v1/runs/run_x/events", params={"after": position})
        assert response.status_code in (400, 404)
        assert "x-evil" not in response.headers


def test_what_a_model_makes_too_large_ends_that_component_and_not_the_answer() -> None:
    limits = Limits()
    for huge in (
        f'<Text "{"x" * (limits.string_length + 1)}"/>',
        "<Table rows={" + "[" * (limits.json_depth + 5) + "]" * (limits.json_depth + 5) + "}/>",
        "<Card>" * (limits.depth + 5) + "x" + "</Card>" * (limits.depth + 5),
    ):
        recognizer = Recognizer(CATALOG)
        events = recognizer.feed(huge + "\n\nThe end.") + recognizer.close()
        assert "The end." in "".join(one.text for one in events if isinstance(one, Text))
        assert any(isinstance(one, ComponentError) for one in events) or "Text" in huge


@pytest.mark.parametrize(
    "body",
    [
        b'{"messages":' + b"[" * 5000,
        b'{"messages":[{"role":"user","content":"x"}],"a":' + b'{"a":' * 5000 + b"1" + b"}" * 5001,
        b'{"messages":' + json.dumps([{"role": "user", "content": "x"}] * 1001).encode() + b"}",
        b'{"messages":[{"role":"user","content":"' + b"\\ud800" * 10 + b'"}]}',
        b'{"messages":[{"role":"user","content":"x"}],"thread":"' + b"a" * 129 + b'"}',
        b"1" * 5000,
    ],
)
async def test_a_body_that_is_deep_long_or_odd_is_a_4xx(body: bytes) -> None:
    async with serving() as service:
        headers = {"Content-Type": "application/json"}
        response = await service.client.post("v1/runs", content=body, headers=headers)
        assert 400 <= response.status_code < 500
        assert service.model.asked == []


# ------------------------------------------------------------------------------------ docs/security.md


def test_every_test_that_the_doc_names_exists() -> None:
    named = set(re.findall(r"`(tests/[a-z_/]+\.py)::(test_[a-z_0-9]+)`", DOC.read_text()))
    assert len(named) > 25
    for file, name in named:
        assert re.search(rf"^(?:async )?def {name}\b", (ROOT / file).read_text(), re.MULTILINE), (file, name)


def test_every_threat_in_the_doc_has_a_test() -> None:
    rows = re.findall(r"^\| \*\*(.+?)\*\* \|(.*)$", DOC.read_text(), re.MULTILINE)
    assert len(rows) >= 16
    for threat, rest in rows:
        assert "::test_" in rest, threat


def test_the_limits_in_the_doc_are_those_of_the_code() -> None:
    told = dict(re.findall(r"^\| `([A-Za-z_.]+)` \| ([\d,.]+)", DOC.read_text(), re.MULTILINE))
    known: dict[str, float] = {
        **{f"ServerLimits.{name}": value for name, value in asdict(ServerLimits()).items() if value},
        **{f"Limits.{name}": getattr(Limits(), name) for name in Limits.__slots__},
        **{f"OF_ONE_ANSWER.{name}": getattr(OF_ONE_ANSWER, name) for name in ("rate", "burst", "open")},
        "HEAD_BYTES": HEAD_BYTES,
        "LONGEST_ANSWER": LONGEST_ANSWER,
        "MOST_CALLS": MOST_CALLS,
        "MOST_CELLS": MOST_CELLS,
        "MOST_VALUES": MOST_VALUES,
        "HEAD_SECONDS": HEAD_SECONDS,
        "REST_SECONDS": REST_SECONDS,
        "RUN_BYTES": RUN_BYTES,
        "SHORTEST": SHORTEST,
        "WAITING": WAITING,
    }
    assert {name: float(number.replace(",", "")) for name, number in told.items()} == known


def test_a_public_address_is_not_served_without_authentication_by_accident() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--host", default="127.0.0.1")
    exposure.add_arguments(parser)
    for host in ("0.0.0.0", "::", "192.168.0.7", "example.org"):
        with pytest.raises(CallerError, match="at your expense") as refused:
            exposure.judge(parser.parse_args(["--host", host]))
        assert refused.value.code == "open-server"
        exposure.judge(parser.parse_args(["--host", host, "--public"]))
    for host in ("127.0.0.1", "localhost", "::1"):
        exposure.judge(parser.parse_args(["--host", host]))


def test_the_app_is_closed_by_its_keys_wherever_it_is_served() -> None:
    genui = GenUI(store="memory", model="demo", keys=["k" * SHORTEST])
    assert genui._gate.authentication


async def test_a_clients_error_writes_no_line_of_its_own_into_the_log(
    caplog: pytest.LogCaptureFixture,
) -> None:
    error = {"code": "RENDER\nERROR: forged", "surfaceId": "s", "message": "a\r\nERROR: forged"}
    async with serving() as service:
        told = await service.client.post("v1/a2ui", json={"version": "v0.9", "error": error})
        assert told.status_code == 204, told.text
    (line,) = [record.getMessage() for record in caplog.records if "A2UI" in record.getMessage()]
    assert "\n" not in line
    assert "\r" not in line
