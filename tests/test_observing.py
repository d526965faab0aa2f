"""What the operator sees: metrics, logs without secrets, spans."""

from __future__ import annotations

import json
import logging
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from opentelemetry import trace
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from starlette.requests import Request

from genui import GenUI
from genui.agent import UsagePiece
from genui.cli.logs import Hiding, JsonLines, secrets_of
from genui.server.observing import Metrics
from tests.service import STREAM, Service, asking, serving

KEY = "canary-0123456789abcdef"
METRICS_KEY = "metrics-0123456789abcdef"


async def scraped(service: Service, **request: Any) -> dict[str, float]:
    """The samples of /metrics."""
    text = (await service.client.get("metrics", **request)).text
    samples = (line.rpartition(" ") for line in text.splitlines() if not line.startswith("#"))
    return {name: float(value) for name, _, value in samples}


async def test_a_run_is_counted_with_its_tokens_and_components() -> None:
    async with serving() as service:
        async with service.stream() as frames:
            assert await anext(frames)
            during = await scraped(service)
            service.model.write('Hi <Metric "MRR" value="$4"/> <Metric/>')
            service.model._pieces.put_nowait(UsagePiece(12, 34))
            service.model.finish()
            assert [frame async for frame in frames]
        await service.idle()
        found = await scraped(service)
    assert during["genui_streams"] == 1
    assert (found["genui_streams"], found["genui_runs_live"]) == (0, 0)
    assert found['genui_runs_total{kind="answer",reason="stop"}'] == 1
    assert found['genui_tokens_total{direction="input"}'] == 12
    assert found['genui_tokens_total{direction="output"}'] == 34
    assert found['genui_components_total{name="Metric",outcome="complete"}'] == 1
    assert found['genui_components_total{name="Metric",outcome="failed"}'] == 1
    assert found['genui_errors_total{code="missing-prop",where="component"}'] == 1
    assert found['genui_first_token_seconds_count{kind="answer"}'] == 1
    assert found['genui_first_mount_seconds_count{kind="answer"}'] == 1
    assert found['genui_requests_total{route="/v1/runs",status="200"}'] == 1
    assert found["process_open_fds"] > 0


async def test_a_chat_completion_is_a_run_like_any_other(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO, "genui.run")
    async with serving() as service:
        for stream in (False, True):
            service.model.write('Hi <Metric "MRR" value="$4"/>')
            service.model._pieces.put_nowait(UsagePiece(12, 34))
            service.model.finish()
            body = {**asking(), "stream": stream}
            assert (await service.client.post("v1/chat/completions", json=body)).status_code == 200
        await service.idle()
        found = await scraped(service)
    assert found["genui_runs_live"] == 0
    assert found['genui_runs_total{kind="answer",reason="stop"}'] == 2
    assert found['genui_run_seconds_count{kind="answer"}'] == 2
    assert found['genui_tokens_total{direction="output"}'] == 68
    assert found['genui_components_total{name="Metric",outcome="complete"}'] == 2
    assert [record.getMessage() for record in caplog.records] == ["run ended: stop"] * 2


async def test_what_callers_and_models_write_makes_no_label() -> None:
    async with serving() as service:
        for number in range(20):
            await service.client.get(f"nothing/{number}")
            await service.client.get(f"v1/runs/run_{number}/events")
            await service.client.request(f"METHOD{number}", "v1/runs")
            service.model.answer(f"<Unknown{number}/> <Metric bad{number}=1/>")
            await service.client.post("v1/runs", json=asking(), headers=STREAM)
        text = (await service.client.get("metrics")).text
    labels = re.findall(r'="([^"]*)"', text)
    assert not [label for label in labels if re.search(r"run_\d|Unknown|METHOD|bad\d|nothing/", label)]
    assert len(text.splitlines()) < 400


async def test_each_application_counts_for_itself() -> None:
    assert Metrics().registry is not Metrics().registry


@pytest.mark.parametrize(
    ("settings", "headers", "status"),
    [
        ({}, {}, 200),
        ({"metrics": False}, {}, 404),
        ({"keys": [KEY]}, {}, 404),
        ({"keys": [KEY]}, {"Authorization": f"Bearer {KEY}"}, 404),
        ({"keys": [KEY], "metrics": True}, {}, 200),
        ({"keys": [KEY], "metrics": METRICS_KEY}, {}, 401),
        ({"keys": [KEY], "metrics": METRICS_KEY}, {"Authorization": f"Bearer {KEY}"}, 401),
        ({"keys": [KEY], "metrics": METRICS_KEY}, {"Authorization": f"Bearer {METRICS_KEY}"}, 200),
    ],
)
async def test_metrics_tell_of_everybody_and_so_no_callers_key_opens_them(
    settings: dict[str, Any], headers: dict[str, str], status: int
) -> None:
    async with serving(**settings) as service:
        assert (await service.client.get("metrics", headers=headers)).status_code == status


# --------------------------------------------------------------------------------------------- logs


def record(message: str, *arguments: Any, error: BaseException | None = None) -> logging.LogRecord:
    info = (type(error), error, error.__traceback__) if error else None
    return logging.LogRecord("genui.test", logging.ERROR, "f.py", 1, message, arguments, info)


SAID = [
    f"the key is {KEY}",
    "Authorization: Bearer abc.def-ghi",
    "GET /v1/runs/x/events?ticket=eyJ.abc&after=1",
    "cookie: genui_session=eyJ.abc; other=1",
    "redis://user:hunter2@host:6379/0",
]


@pytest.mark.parametrize("formatter", [Hiding([KEY]), JsonLines([KEY])])
@pytest.mark.parametrize("said", SAID)
def test_no_secret_is_in_a_line_wherever_it_stood(formatter: logging.Formatter, said: str) -> None:
    secrets = re.compile(f"{KEY}|abc.def-ghi|eyJ|hunter2")
    assert secrets.search(said)
    try:
        raise RuntimeError(said)
    except RuntimeError as error:
        lines = [formatter.format(record("%s", said)), formatter.format(record("it failed", error=error))]
    for line in lines:
        assert not secrets.search(line)
        assert "[hidden]" in line


def test_what_the_environment_calls_a_key_is_a_secret() -> None:
    environment = {"OPENAI_API_KEY": "sk-canary-canary", "HOME": "/home/ada"}
    assert secrets_of(environment.items(), [KEY]) == {"sk-canary-canary", KEY}


async def test_every_record_of_a_run_has_its_id_also_those_of_tools_and_models() -> None:
    lines: list[dict[str, Any]] = []

    class Keeping(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            lines.append(json.loads(JsonLines([]).format(record)))

    handler, logger = Keeping(), logging.getLogger("genui")
    logger.addHandler(handler)
    logger.setLevel(logging.INFO)
    try:
        async with serving() as service:
            service.model._pieces.put_nowait(RuntimeError("the wire is cut"))
            run = await service.start()
            await service.read(run)
            await service.idle()
    finally:
        logger.removeHandler(handler)
        logger.setLevel(logging.NOTSET)
    ended = [line for line in lines if line["logger"] == "genui.run"]
    assert [(line["run"], line["reason"]) for line in ended] == [(run, "error")]
    assert all(line["run"] == run for line in lines if "wire is cut" in line.get("exception", ""))


async def test_canary_keys_are_in_no_answer_and_no_record(caplog: pytest.LogCaptureFixture) -> None:
    """All that can go wrong with a key in the request: none of it repeats the key."""

    def broken(_: Request) -> str | None:
        raise RuntimeError("the directory is down")

    told = []
    caplog.set_level(logging.DEBUG)
    for settings in ({"keys": [KEY]}, {"auth": broken}, {"keys": [KEY + "x"]}):
        async with serving(**settings) as service:
            for method, path in (("GET", "v1/threads"), ("POST", "v1/runs"), ("GET", "v1/runs/x/events")):
                headers = {"Authorization": f"Bearer {KEY}", "Cookie": f"genui_session={KEY}"}
                response = await service.client.request(method, f"{path}?ticket={KEY}", headers=headers)
                told += [response.text, str(response.headers)]
    ours = [one.getMessage() for one in caplog.records if one.name.startswith(("genui", "uvicorn"))]
    assert not [line for line in (*told, *ours) if KEY in line]


async def test_a_request_that_the_store_refuses_is_logged_with_the_cause(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    file, away = tmp_path / "genui.db", tmp_path / "away.db"
    async with serving(store=f"sqlite:///{file}") as service:
        assert (await service.client.get("v1/threads")).status_code == 200
        caplog.clear()
        file.rename(away)
        refused = await service.client.post("v1/runs", json=asking())
        away.rename(file)
        told = [one.getMessage() for one in caplog.records if one.name == "genui.server"]
    assert refused.status_code == 503
    assert str(tmp_path) not in refused.text
    assert len(told) == 1
    assert re.fullmatch(rf"POST /v1/runs failed: the store: {re.escape(str(file))}: .+", told[0])


# -------------------------------------------------------------------------------------------- spans


async def test_a_run_is_a_span_and_each_turn_of_the_model_one_inside_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    exporter, provider = InMemorySpanExporter(), TracerProvider()
    provider.add_span_processor(SimpleSpanProcessor(exporter))
    monkeypatch.setattr(trace, "get_tracer", provider.get_tracer)
    async with serving() as service:
        service.model.write("Hello, secret words")
        service.model._pieces.put_nowait(UsagePiece(12, 34))
        service.model.finish()
        run = await service.start()
        await service.read(run)
        await service.idle()
    spans = {span.name: span for span in exporter.get_finished_spans()}
    assert set(spans) == {"invoke_agent genui", "chat by-hand"}
    agent, chat = spans["invoke_agent genui"], spans["chat by-hand"]
    assert chat.parent is not None
    assert chat.parent.span_id == agent.context.span_id
    attributes = {**(agent.attributes or {})}
    assert attributes["gen_ai.operation.name"] == "invoke_agent"
    assert attributes["gen_ai.usage.output_tokens"] == 34
    assert attributes["genui.run"] == run
    assert attributes["gen_ai.conversation.id"]
    assert "secret words" not in str([span.to_json() for span in spans.values()])


def test_without_opentelemetry_nothing_of_it_is_imported() -> None:
    code = (
        "import sys; sys.modules['opentelemetry'] = None\n"
        "from genui import GenUI\n"
        "GenUI(store='memory', model='demo')\n"
        "assert not [m for m in sys.modules if m.startswith('opentelemetry.')]"
    )
    subprocess.run([sys.executable, "-c", code], check=True, cwd=Path(__file__).parents[1], timeout=60)


# -------------------------------------------------------------------------------------- documentation


def names_of_the_code() -> set[str]:
    names = set()
    for family in Metrics().registry.collect():
        if family.name.startswith("genui_"):
            names.add(family.name + ("_total" if family.type == "counter" else ""))
    return names


def test_the_table_of_metrics_is_the_metrics_and_the_dashboard_asks_for_nothing_else() -> None:
    docs = Path(__file__).parents[1] / "docs"
    assert set(re.findall(r"^\| `(genui_[a-z_]+)`", (docs / "observing.md").read_text(), re.MULTILINE)) == (
        names_of_the_code()
    )
    dashboard = (docs / "grafana" / "genui.json").read_text()
    panels = json.loads(dashboard)["panels"]
    assert len(panels) >= 8
    asked = set(re.findall(r"\b(genui_[a-z_]+?)(?:_bucket|_count|_sum)?\b(?=[\[{) ]|\\\")", dashboard))
    assert asked <= names_of_the_code()


def test_the_document_of_the_app_lists_metrics_as_served() -> None:
    paths = {getattr(route, "path", "") for route in GenUI(store="memory", model="demo").routes}
    assert "/metrics" in paths
