"""/openapi.json is what the routes are and do; and nothing that is sent to any of them is a 5xx."""

from __future__ import annotations

import json
import re
from collections.abc import AsyncIterator, Sequence
from pathlib import Path
from typing import Any

import httpx2 as httpx
import jsonschema_rs
import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, settings
from starlette.routing import Route
from starlette.testclient import TestClient

from genui import GenUI, McpServer, ServerLimits
from genui.agent import FinishPiece, Message, Piece, TextPiece, Tool
from genui.server.openapi import OPERATIONS, openapi
from tests.service import STREAM, asking, serving
from tests.sse import parse

STATIC = re.compile(r"/static/|/docs/|/components/|/[^/]*\.js$|/$|/gallery$")

DOCUMENT = openapi("0")


def test_the_document_has_every_route_of_the_api_and_no_other() -> None:
    routes = {
        f"{method} {route.path.replace(':path}', '}')}"
        for route in GenUI(store="memory", model="demo", tools=[McpServer(["true"])]).routes
        if isinstance(route, Route) and not STATIC.match(route.path)
        for method in (route.methods or set()) - {"HEAD"}
    }
    assert set(OPERATIONS) == routes


def test_every_schema_in_it_is_one_and_every_reference_leads_somewhere() -> None:
    schemas = DOCUMENT["components"]["schemas"]
    for schema in schemas.values():
        jsonschema_rs.validator_for({**schema, "components": {"schemas": schemas}})
    named = set(re.findall(r"#/components/schemas/(\w+)", str(DOCUMENT)))
    assert named <= set(schemas)
    assert {"RunRequest", "ActionRequest", "RenderRequest", "TitleRequest", "ForkRequest"} <= set(schemas)


def test_every_status_of_an_error_in_the_doc_is_in_the_document() -> None:
    doc = (Path(__file__).parents[1] / "docs" / "api.md").read_text()
    told = {int(status) for status in re.findall(r"^\| (\d{3}) \| `", doc, re.MULTILINE)}
    known = {
        int(status) for one in DOCUMENT["paths"].values() for op in one.values() for status in op["responses"]
    }
    assert told - known <= {405}  # what no operation of the document can be


async def test_the_events_of_a_run_fit_their_schemas() -> None:
    schemas = DOCUMENT["components"]["schemas"]
    event = jsonschema_rs.validator_for(
        {"$ref": "#/components/schemas/Event", "components": {"schemas": schemas}}
    )
    async with serving() as service:
        service.model.answer('Hi <Metric "MRR" value="$4"/> <Metric bad=')
        response = await service.client.post("v1/runs", json=asking(render="both"), headers=STREAM)
        assert len(parse(response.content)) > 3
        for line in re.findall(rb"^data: (.*)$", response.content, re.MULTILINE):
            event.validate(json.loads(line))


async def test_under_a_prefix_the_document_says_so() -> None:
    genui = GenUI(store="memory", model="demo")
    transport = httpx.ASGITransport(genui, root_path="/chat")
    async with httpx.AsyncClient(transport=transport, base_url="http://test") as client:
        told = (await client.get("/openapi.json")).json()
    assert told["servers"] == [{"url": "/chat"}]
    assert told["info"]["version"] != "0"


schema = schemathesis.openapi.from_dict(DOCUMENT)


class Short:
    """A model that says little, at once."""

    name = "short"

    async def stream(self, messages: Sequence[Message], tools: Sequence[Tool]) -> AsyncIterator[Piece]:
        del messages, tools
        yield TextPiece('Hello <Metric "MRR" value="$4"/>')
        yield FinishPiece("stop")


@pytest.fixture(scope="module")
def client() -> Any:
    genui = GenUI(store="memory", model=Short(), repair=False, limits=ServerLimits(rate=0, open=0))
    with TestClient(genui) as client:
        yield client


@schema.parametrize()
@settings(
    max_examples=12,
    deadline=None,
    derandomize=True,
    database=None,
    phases=[Phase.explicit, Phase.generate],
    suppress_health_check=list(HealthCheck),
)
def test_nothing_that_fits_or_just_misses_the_document_is_a_5xx(
    case: schemathesis.Case[Any], client: Any
) -> None:
    kwargs = case.as_transport_kwargs(base_url="http://testserver")
    if isinstance(kwargs.get("data"), bytes | str):
        kwargs["content"] = kwargs.pop("data")
    response = client.request(**{name: value for name, value in kwargs.items() if name != "cookies"})
    assert response.status_code < 500, response.text
    operation = DOCUMENT["paths"][case.path].get(case.method.lower(), {})
    assert str(response.status_code) in {*operation.get("responses", ()), "404", "405"}
    if response.status_code >= 400 and case.method != "HEAD":
        assert set(response.json()["error"]) == {"code", "message"}
