"""POST /v1/render: components drawn by themselves, each with its own outcome."""

from __future__ import annotations

from typing import Any

import pytest
from jinja2 import Environment

from genui import ServerLimits
from genui.catalog import Catalog, Component, Prop, fit
from genui.errors import PropError
from tests.service import Service, serving

METRIC = Catalog.builtin()["Metric"]


async def drawn(service: Service, *components: dict[str, Any]) -> list[dict[str, Any]]:
    response = await service.client.post("v1/render", json={"components": list(components)})
    assert response.status_code == 200, response.text
    renders: list[dict[str, Any]] = response.json()["renders"]
    return renders


async def test_each_component_is_drawn_as_its_template_draws_it_in_the_order_asked_for() -> None:
    async with serving() as service:
        metric, heading = await drawn(
            service,
            {"name": "Metric", "props": {"label": "Total", "value": 90}},
            {"name": "Heading", "props": {"text": "Prices"}},
        )
    assert metric == {"html": METRIC.render({"label": "Total", "value": 90})}
    assert "Prices" in heading["html"]


async def test_one_that_cannot_be_drawn_harms_none_of_the_others() -> None:
    broken = Component("Broken", (), template=Environment(autoescape=True).from_string("{{ 1 / 0 }}"))
    catalog = Catalog([METRIC, broken])
    async with serving(components=catalog) as service:
        renders = await drawn(
            service,
            {"name": "Nobody"},
            {"name": "Metric", "props": {"label": "x"}},
            {"name": "Metric", "props": {"value": []}},
            {"name": "Broken"},
            {"name": "Metric", "props": {"value": 1}},
        )
    codes = [one["error"]["code"] if "error" in one else "" for one in renders]
    assert codes == ["unknown-component", "missing-prop", "invalid-prop", "template-failed", ""]
    assert "`value`" in renders[1]["error"]["message"]


async def test_what_holds_too_many_values_is_refused_by_itself_and_nothing_of_it_is_drawn() -> None:
    async with serving() as service:
        rows, data, metric = await drawn(
            service,
            {"name": "Table", "props": {"rows": [[1]] * 80_000}},
            {"name": "Table", "props": {"rows": []}, "data": {"rows": [1] * 10_001}},
            {"name": "Metric", "props": {"value": 1}},
        )
    assert rows["error"] == {"code": "invalid-prop", "message": "`rows` holds more than 10,000 values"}
    assert data["error"]["code"] == "invalid-data"
    assert "html" in metric


SIDE = [str(at) for at in range(600)]
GRIDS: dict[str, tuple[str, dict[str, Any]]] = {
    "rows of unequal length": ("Table", {"rows": [SIDE, *[["x"]] * 600]}),
    "rows of other keys": ("Table", {"rows": [{at: "x"} for at in SIDE]}),
    "columns": ("Table", {"columns": SIDE, "rows": [["x"]] * 600}),
    "columns and rows": ("Heatmap", {"columns": SIDE, "rows": SIDE, "values": [[1]]}),
    "series": ("LineChart", {"labels": SIDE, "series": [{"name": at, "values": [1]} for at in SIDE]}),
    "bars": ("BarChart", {"labels": SIDE, "series": [{"name": at, "values": [1]} for at in SIDE]}),
    "axes": ("RadarChart", {"labels": SIDE, "series": [{"name": at, "values": [1]} for at in SIDE]}),
    "areas": ("AreaChart", {"labels": SIDE, "series": [{"name": at, "values": [1]} for at in SIDE]}),
}


@pytest.mark.parametrize("what", GRIDS)
def test_a_grid_of_two_long_sides_is_drawn_as_far_as_there_is_room(what: str) -> None:
    name, props = GRIDS[what]
    component = Catalog.builtin()[name]
    assert 19_000 < component.render(props).count("<td") <= 20_000 + 600
    assert 50_000 < len(component.alt(props)) < 400_000


async def test_props_are_coerced_and_judged_as_those_in_a_tag_are() -> None:
    async with serving() as service:
        (metric,) = await drawn(
            service, {"name": "Metric", "props": {"value": "<b>", "good": "sideways", "x": 1}}
        )
    assert "&lt;b&gt;" in metric["html"]
    assert any("`good`" in warning for warning in metric["warnings"])
    assert any("`x`" in warning for warning in metric["warnings"])


async def test_while_it_is_streaming_a_component_may_lack_what_it_needs() -> None:
    async with serving() as service:
        (metric,) = await drawn(service, {"name": "Metric", "state": "streaming"})
    assert "skeleton" in metric["html"]


async def test_data_reaches_the_template() -> None:
    template = Environment(autoescape=True).from_string("{{ data.price }}")
    async with serving(components=Catalog([Component("Priced", (), template=template)])) as service:
        (priced,) = await drawn(service, {"name": "Priced", "data": {"price": 12}})
    assert priced == {"html": "12"}


@pytest.mark.parametrize(
    "body",
    [{}, {"components": []}, {"components": [{"name": "Metric"}] * 101}, {"components": [{"props": {}}]}],
)
async def test_a_request_that_is_none_is_refused_as_a_whole(body: dict[str, Any]) -> None:
    async with serving() as service:
        response = await service.client.post("v1/render", json=body)
    assert response.status_code == 400
    assert response.json()["error"]["code"] == "bad-request"


async def test_a_body_that_is_too_large_is_refused() -> None:
    async with serving(limits=ServerLimits(body=1000)) as service:
        response = await service.client.post("v1/render", json={"components": [{"name": "x" * 2000}]})
    assert response.status_code == 413


def test_fitting_goes_down_into_lists_and_keeps_defaults() -> None:
    numbers = {"type": "array", "items": {"type": "number"}}
    component = Component("Bars", (Prop("values", numbers), Prop("max", {"type": "number", "default": 9})))
    assert fit(component, {"values": ["1", 2.5]}).props == {"values": [1, 2.5], "max": 9}


def test_a_needed_prop_that_does_not_fit_is_an_error() -> None:
    with pytest.raises(PropError, match="`value` must be"):
        fit(METRIC, {"value": []})
