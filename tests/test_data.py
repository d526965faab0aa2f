"""Loaders: the data that the server brings for a component, beside the stream and within bounds."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Coroutine, Mapping
from pathlib import Path
from typing import Any, cast

import pytest

from genui.catalog import Catalog, Component, Load, Prop, component, component_of
from genui.catalog.data import import_load
from genui.errors import ComponentDefinitionError, GenUIError
from genui.events import (
    ComponentData,
    ComponentDelta,
    ComponentError,
    Event,
    Json,
    Op,
    RenderComponent,
    RunEnd,
    Text,
    apply_op,
    changes,
    from_json,
)
from genui.runs import Runs
from genui.server import HtmlStage
from genui.server.data import DataLoaders
from tests.service import Service, serving
from tests.service import run_of as run_id_of

TEXT = {"type": "string"}


class Shown:
    """A template that shows whether data is awaited, and the data."""

    def render(self, variables: Mapping[str, Json], /) -> str:
        return f"<p>{'…' if variables['loading'] else variables['data']}</p>"


def catalog_with(load: Load, **settings: Any) -> Catalog:
    props = (Prop("symbol", TEXT, required=True), Prop("kind", {"enum": ["a", "b"]}), Prop("note", TEXT))
    return Catalog([Component("Quote", props, template=Shown(), load=load, **settings)])


def opened(**props: Json) -> RenderComponent:
    return RenderComponent("c1", "Quote", "streaming", props)


def complete(**props: Json) -> RenderComponent:
    return RenderComponent("c1", "Quote", "complete", props)


def setting(path: str, value: Json) -> Op:
    return {"op": "set", "path": path, "value": value}


async def run_of(catalog: Catalog, *events: Event, render: bool = False) -> list[Event]:
    """Everything in the log of a run whose source gives these events at once."""

    async def source() -> AsyncIterator[Event]:
        for event in events:
            yield event

    runs = Runs()
    stage = HtmlStage(catalog, "html") if render else None
    run = runs.start(source(), stage=stage, companion=DataLoaders(catalog))
    return await events_of(runs, run.id)


async def events_of(runs: Runs, run: str) -> list[Event]:
    async with asyncio.timeout(20):
        with await runs.follow(run) as follower:
            return [from_json(entry.data) async for batch in follower for entry in batch]


def data_of(events: list[Event]) -> dict[str, Json]:
    data: dict[str, Json] = {}
    for event in events:
        for op in event.ops if isinstance(event, ComponentData) else ():
            apply_op(data, op)
    return data


def errors_of(events: list[Event]) -> list[tuple[str, str]]:
    return [(event.code, event.message) for event in events if isinstance(event, ComponentError)]


def loaders() -> list[asyncio.Task[Any]]:
    return [task for task in asyncio.all_tasks() if task.get_name().startswith("genui load")]


async def test_what_a_loader_returns_comes_in_the_same_run_and_the_end_waits_for_it() -> None:
    async def load(props: dict[str, Any]) -> dict[str, Any]:
        await asyncio.sleep(0.02)
        return {"price": 12.5, "of": props["symbol"]}

    events = await run_of(catalog_with(load), opened(), complete(symbol="X"))
    assert data_of(events) == {"price": 12.5, "of": "X"}
    assert isinstance(events[-1], RunEnd)
    assert loaders() == []


async def test_that_all_is_said_is_told_while_data_is_still_to_come_and_only_then() -> None:
    async def load(_: dict[str, Any]) -> dict[str, Any]:
        await asyncio.sleep(0.02)
        return {"n": 1}

    catalog = catalog_with(load)
    events = await run_of(catalog, complete(symbol="X"), Text("said"))
    assert [event.type for event in events[-4:]] == ["text", "answer-end", "component-data", "run-end"]
    events = await run_of(catalog, Text("said"))
    assert [event.type for event in events] == ["run-start", "text", "run-end"]


async def test_the_widget_is_a_skeleton_until_its_data_is_drawn() -> None:
    async def load(_: dict[str, Any]) -> dict[str, Any]:
        return {"n": 1}

    events = await run_of(catalog_with(load), opened(), complete(symbol="X"), render=True)
    html = [event.html for event in events if isinstance(event, RenderComponent | ComponentData)]
    assert html == ["<p>…</p>", "<p>…</p>", "<p>{'n': 1}</p>"]


async def test_a_loader_that_says_what_it_needs_gets_that_while_the_rest_is_still_written() -> None:
    called: list[dict[str, Any]] = []
    go_on = asyncio.Event()

    async def load(props: dict[str, Any]) -> dict[str, Any]:
        called.append(props)
        go_on.set()
        return {}

    async def source() -> AsyncIterator[Event]:
        yield opened()
        yield ComponentDelta("c1", [setting("/symbol", "AC")])
        yield ComponentDelta("c1", [{"op": "append", "path": "/symbol", "value": "ME"}])
        await asyncio.sleep(0)
        assert called == []  # more of it could come
        yield ComponentDelta("c1", [setting("/note", "")])
        await go_on.wait()
        yield complete(symbol="ACME", note="x")

    catalog = catalog_with(load, load_needs=("symbol",))
    runs = Runs()
    run = runs.start(source(), companion=DataLoaders(catalog))
    events = await events_of(runs, run.id)
    assert called == [{"symbol": "ACME"}]
    kinds = [type(event) for event in events]
    assert kinds.index(ComponentData) < len(kinds) - 2  # before complete
    assert errors_of(events) == []


async def test_a_needed_value_that_does_not_fit_starts_nothing() -> None:
    called: list[dict[str, Any]] = []

    async def load(props: dict[str, Any]) -> dict[str, Any]:
        called.append(props)
        return {}

    failed = ComponentError("c1", "Quote", "invalid-prop", "no", "")
    catalog = catalog_with(load, load_needs=("kind",))
    await run_of(catalog, opened(), ComponentDelta("c1", [setting("/kind", "z")]), failed)
    assert called == []


async def test_of_a_fast_generator_the_last_state_comes_and_few_in_between() -> None:
    async def load(_: dict[str, Any]) -> AsyncIterator[dict[str, Any]]:
        for n in range(50):
            yield {"n": n, "same": True}

    events = await run_of(catalog_with(load), complete(symbol="X"))
    assert data_of(events) == {"n": 49, "same": True}
    assert sum(isinstance(event, ComponentData) for event in events) < 50


async def test_what_a_loader_changes_after_it_gave_it_is_not_lost() -> None:
    async def load(_: dict[str, Any]) -> AsyncIterator[dict[str, Any]]:
        data: dict[str, Any] = {"points": []}
        for n in range(3):
            data["points"].append(n)
            yield data

    assert data_of(await run_of(catalog_with(load), complete(symbol="X"))) == {"points": [0, 1, 2]}


async def fails(_: dict[str, Any]) -> dict[str, Any]:
    raise ZeroDivisionError("secret")


async def refuses(_: dict[str, Any]) -> dict[str, Any]:
    raise GenUIError("closed", "The exchange is closed.")


async def gives_no_dict(_: dict[str, Any]) -> Any:
    return [1]


async def gives_no_json(_: dict[str, Any]) -> dict[str, Any]:
    return {"n": float("nan")}


async def hangs(_: dict[str, Any]) -> dict[str, Any]:
    await asyncio.Event().wait()
    return {}


COULD_NOT = "The data for Quote could not be loaded."


@pytest.mark.parametrize(
    ("load", "error"),
    [
        (fails, ("load-failed", COULD_NOT)),
        (refuses, ("load-failed", "The exchange is closed.")),
        (gives_no_dict, ("load-failed", COULD_NOT)),
        (gives_no_json, ("load-failed", COULD_NOT)),
        (hangs, ("load-timeout", "The data for Quote took too long.")),
    ],
)
async def test_what_goes_wrong_is_said_and_the_widget_stands(load: Load, error: tuple[str, str]) -> None:
    catalog = catalog_with(load, load_timeout=0.05)
    events = await run_of(catalog, complete(symbol="X"), Text("after"), render=True)
    assert errors_of(events) == [error]
    (last,) = [event for event in events if isinstance(event, ComponentData)]
    assert last.html == "<p>{}</p>"  # no skeleton any more
    assert isinstance(events[-1], RunEnd)
    assert events[-1].reason == "stop"


async def test_an_endless_generator_is_stopped_at_its_time_and_keeps_what_it_gave() -> None:
    closed: list[bool] = []

    async def load(_: dict[str, Any]) -> AsyncIterator[dict[str, Any]]:
        try:
            while True:
                yield {"alive": True}
        finally:
            closed.append(True)

    events = await run_of(catalog_with(load, load_timeout=0.05), complete(symbol="X"))
    assert data_of(events) == {"alive": True}
    assert errors_of(events) == []
    assert closed == [True]


async def test_a_cancelled_run_leaves_no_loader_behind() -> None:
    started = asyncio.Event()

    async def load(_: dict[str, Any]) -> dict[str, Any]:
        started.set()
        await asyncio.Event().wait()
        return {}

    async def source() -> AsyncIterator[Event]:
        yield complete(symbol="X")
        await asyncio.Event().wait()

    runs = Runs()
    run = runs.start(source(), companion=DataLoaders(catalog_with(load)))
    await started.wait()
    await runs.cancel(run.id)
    assert loaders() == []
    end = (await events_of(runs, run.id))[-1]
    assert isinstance(end, RunEnd)
    assert end.reason == "cancelled"


async def test_a_run_that_only_waits_for_loaders_ends_as_its_source_did_when_it_is_cancelled() -> None:
    async def source() -> AsyncIterator[Event]:
        yield complete(symbol="X")
        yield RunEnd("length")

    runs = Runs()
    run = runs.start(source(), companion=DataLoaders(catalog_with(hangs)))
    while not run.answered:  # noqa: ASYNC110 (nothing tells)
        await asyncio.sleep(0)
    await runs.cancel(run.id)
    end = (await events_of(runs, run.id))[-1]
    assert isinstance(end, RunEnd)
    assert end.reason == "length"
    assert loaders() == []


async def test_a_component_that_fails_after_all_stops_its_loader() -> None:
    failed = ComponentError("c1", "Quote", "missing-prop", "no", "")
    catalog = catalog_with(hangs, load_needs=())
    events = await run_of(catalog, opened(), failed)
    assert errors_of(events) == [("missing-prop", "no")]


@pytest.mark.parametrize(
    ("old", "new", "ops"),
    [
        ({}, {"a": 1}, [setting("/a", 1)]),
        ({"a": 1}, {"a": 1}, []),
        ({"a": 1}, {"a": True}, [setting("/a", True)]),
        ({"t": "ab"}, {"t": "abc"}, [{"op": "append", "path": "/t", "value": "c"}]),
        ({"l": [1]}, {"l": [1, 2]}, [{"op": "push", "path": "/l", "value": 2}]),
        ({"l": [1, 2]}, {"l": [2]}, [setting("/l", [2])]),
        ({}, {"a/b": 1}, [setting("/a~1b", 1)]),
    ],
)
def test_data_is_told_by_its_changes(old: dict[str, Json], new: dict[str, Json], ops: list[Op]) -> None:
    assert list(changes(old, new)) == ops
    for op in ops:
        apply_op(old, op)
    assert old == new


LOADER = "async def load(props):\n    return {'n': len(props['symbol'])}\n"


def folder_with(path: Path, loader: str, more: str = "") -> Path:
    folder = path / "quote"
    folder.mkdir()
    (folder / "component.toml").write_text(
        f'name = "Quote"\ndescription = "A quote."\n{more}\n[props.symbol]\ntype = "string"\n'
    )
    (folder / "template.html").write_text("<p>{{ symbol }} {{ data.n }}</p>")
    (folder / "loader.py").write_text(loader)
    return path


async def test_a_folders_loader_py_is_its_load(tmp_path: Path) -> None:
    quote = Catalog.load(folder_with(tmp_path, LOADER, "[load]\nneeds = ['symbol']\ntimeout = 2"))["Quote"]
    assert quote.load is not None
    assert (quote.load_needs, quote.load_timeout) == (("symbol",), 2.0)
    events = await run_of(Catalog([quote]), RenderComponent("c1", "Quote", "complete", {"symbol": "abc"}))
    assert data_of(events) == {"n": 3}


@pytest.mark.parametrize(
    ("loader", "more", "message"),
    [
        ("def load(props): return {}", "", "async def load"),
        ("x = 1", "", "async def load"),
        ("async def load(props:\n  pass", "", "loader.py:1: is not Python"),
        ("raise RuntimeError('no key')", "", "RuntimeError: no key"),
        (LOADER, "[load]\nneeds = ['city']", "component.toml:3: `needs` names 'city'"),
        (LOADER, "[load]\ntimeout = 9000", "seconds, at most 300"),
        (LOADER, "[load]\nwait = 1", "`wait` means nothing in `[load]`"),
    ],
)
def test_a_mistake_in_a_loader_is_found_when_it_is_loaded(
    tmp_path: Path, loader: str, more: str, message: str
) -> None:
    with pytest.raises(ComponentDefinitionError) as caught:
        Catalog.load(folder_with(tmp_path, loader, more))
    assert message in caught.value.message


async def test_a_class_may_load_with_its_fields() -> None:
    @component(template="<p>{{ symbol }} {{ data.n }}</p>")
    class Share:
        """A share."""

        symbol: str

        async def load(self) -> dict[str, Any]:
            return {"n": len(self.symbol)}

    found = component_of(Share)
    assert found is not None
    events = await run_of(Catalog([found]), RenderComponent("c1", "Share", "complete", {"symbol": "abc"}))
    assert data_of(events) == {"n": 3}


async def test_system_load_is_live_without_any_network() -> None:
    async with serving() as service:
        service.model.answer("Here: <SystemLoad/>")
        async with service.stream(render="html") as stream:
            run = run_id_of((await anext(stream)).event)
            brought = [frame.event async for frame in stream if await is_data(frame.event, service, run)]
    event = brought[0]
    assert isinstance(event, ComponentData)
    assert "<meter" in (event.html or "")


async def is_data(event: Event, service: Service, run: str) -> bool:
    """Whether data has come; the run is not waited for any longer then."""
    if isinstance(event, ComponentData):
        await service.client.post(f"v1/runs/{run}/cancel")
    return isinstance(event, ComponentData)


def test_a_loader_that_is_edited_at_once_is_read_anew(tmp_path: Path) -> None:
    path = tmp_path / "loader.py"
    for price in (1, 2):
        path.write_text(f"async def load(props):\n    return {{'price': {price}}}\n")
        assert asyncio.run(cast(Coroutine[Any, Any, Any], import_load(path)({}))) == {"price": price}
