"""The HTML stage: widgets drawn while their props arrive, often enough to live and seldom enough to stay
linear. Time is a number here, so every drawing is foreseen exactly."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import replace
from typing import Literal

import pytest

from genui.catalog import Catalog, Component, Prop
from genui.events import (
    ComponentData,
    ComponentDelta,
    ComponentError,
    Event,
    Json,
    Op,
    RenderComponent,
    RunEnd,
    Status,
    Text,
    from_json,
)
from genui.runs import Runs
from genui.server import HtmlStage

STRING = {"type": "string"}


class Words:
    """A template that shows its text, and fails on request."""

    def render(self, variables: Mapping[str, Json], /) -> str:
        if variables["text"] == "fail":
            raise ZeroDivisionError
        return f"<p>{variables['text'] or ''}</p>"


class Rows:
    """A template that shows each row."""

    def render(self, variables: Mapping[str, Json], /) -> str:
        return "".join(f"<tr>{row}</tr>" for row in variables["rows"] or ())


CATALOG = Catalog(
    [
        Component("Words", (Prop("text", STRING),), template=Words()),
        Component("Rows", (Prop("rows", {"type": "array", "items": STRING}),), template=Rows()),
    ]
)


def opened(props: dict[str, Json] | None = None, name: str = "Words", id_: str = "c1") -> RenderComponent:
    return RenderComponent(id_, name, "streaming", props or {})


def complete(props: dict[str, Json], name: str = "Words", id_: str = "c1") -> RenderComponent:
    return RenderComponent(id_, name, "complete", props)


def delta(op: Literal["set", "append", "push"], path: str, value: Json, id_: str = "c1") -> ComponentDelta:
    return ComponentDelta(id_, [Op(op=op, path=path, value=value)])


def html_of(events: Sequence[Event]) -> list[str | None]:
    return [event.html for event in events if isinstance(event, RenderComponent)]


def test_a_component_is_drawn_when_it_opens_and_when_it_is_complete() -> None:
    stage = HtmlStage(CATALOG, "html")
    assert stage.feed(opened({"text": "a"}), 0.0) == [
        RenderComponent("c1", "Words", "streaming", {}, html="<p>a</p>")
    ]
    assert stage.feed(complete({"text": "ab"}), 0.01) == [
        RenderComponent("c1", "Words", "complete", {"text": "ab"}, html="<p>ab</p>")
    ]


def test_changes_are_drawn_at_most_every_tenth_of_a_second_and_the_last_one_always() -> None:
    stage = HtmlStage(CATALOG, "html")
    stage.feed(opened(), 10.0)
    assert stage.due() is None
    assert stage.feed(delta("set", "/text", "a"), 10.05) == []
    assert stage.feed(delta("append", "/text", "b"), 10.09) == []
    assert stage.due() == pytest.approx(10.1)
    assert html_of(stage.tick(10.1)) == ["<p>ab</p>"]
    assert stage.due() is None
    assert html_of(stage.feed(delta("append", "/text", "c"), 10.21)) == ["<p>abc</p>"]


def test_a_tick_that_is_early_draws_nothing() -> None:
    stage = HtmlStage(CATALOG, "html")
    stage.feed(opened(), 0.0)
    stage.feed(delta("set", "/text", "a"), 0.01)
    assert stage.tick(0.05) == []


def test_what_looks_the_same_is_not_sent_again() -> None:
    stage = HtmlStage(CATALOG, "html")
    stage.feed(opened({"text": "a"}), 0.0)
    assert stage.feed(delta("set", "/text", "a"), 1.0) == []
    assert stage.due() is None


def test_html_leaves_deltas_out_and_both_keeps_them_with_the_props_as_they_are() -> None:
    events: list[Event] = [opened(), delta("set", "/text", "a"), delta("append", "/text", "b")]
    html = HtmlStage(CATALOG, "html")
    both = HtmlStage(CATALOG, "both")
    assert [event for n, given in enumerate(events) for event in html.feed(given, float(n))] == [
        RenderComponent("c1", "Words", "streaming", {}, html="<p></p>"),
        RenderComponent("c1", "Words", "streaming", {}, html="<p>a</p>"),
        RenderComponent("c1", "Words", "streaming", {}, html="<p>ab</p>"),
    ]
    assert [event for n, given in enumerate(events) for event in both.feed(given, float(n))] == [
        RenderComponent("c1", "Words", "streaming", {}, html="<p></p>"),
        events[1],
        RenderComponent("c1", "Words", "streaming", {"text": "a"}, html="<p>a</p>"),
        events[2],
        RenderComponent("c1", "Words", "streaming", {"text": "ab"}, html="<p>ab</p>"),
    ]


def test_parent_and_warnings_stay_and_other_events_pass() -> None:
    stage = HtmlStage(CATALOG, "html")
    event = RenderComponent("c1", "Words", "complete", {}, "c0", warnings=("odd",))
    (drawn,) = stage.feed(event, 0.0)
    assert isinstance(drawn, RenderComponent)
    assert (drawn.parent, drawn.warnings) == ("c0", ("odd",))
    for other in (Text("a"), Status("s", "Working…", "running"), delta("set", "/x", 1, "c9")):
        assert list(stage.feed(other, 0.0)) == ([] if isinstance(other, ComponentDelta) else [other])


def test_components_are_drawn_each_at_its_own_time() -> None:
    stage = HtmlStage(CATALOG, "html")
    stage.feed(opened(id_="c1"), 0.0)
    stage.feed(opened(id_="c2"), 0.05)
    stage.feed(delta("set", "/text", "a", "c1"), 0.06)
    stage.feed(delta("set", "/text", "b", "c2"), 0.06)
    assert html_of(stage.tick(0.1)) == ["<p>a</p>"]
    assert stage.due() == pytest.approx(0.15)
    assert html_of(stage.tick(0.16)) == ["<p>b</p>"]


def test_the_events_that_come_in_are_never_changed() -> None:
    first, rows = opened({"rows": []}, "Rows"), ["a"]
    stage = HtmlStage(CATALOG, "both")
    stage.feed(first, 0.0)
    stage.feed(delta("set", "/rows", rows), 0.5)
    (_, drawn) = stage.feed(delta("push", "/rows", "b"), 1.0)
    stage.feed(delta("push", "/rows", "c"), 2.0)
    assert isinstance(drawn, RenderComponent)
    assert (first.props, rows, drawn.props) == ({"rows": []}, ["a"], {"rows": ["a", "b"]})


@pytest.mark.parametrize("rows", [500, 5_000])
def test_all_the_html_of_a_growing_component_is_a_constant_times_its_last(rows: int) -> None:
    stage = HtmlStage(CATALOG, "html")
    events = list(stage.feed(opened({"rows": []}, "Rows"), 0.0))
    for n in range(rows):
        events += stage.feed(delta("push", "/rows", f"row {n} " * 5), float(n))
        events += stage.tick(n + 0.5)
    *drawn, last = [html or "" for html in html_of(events)]
    assert sum(map(len, drawn)) < 32_000 + 8 * len(last)
    assert len(drawn) > 10


def test_a_cut_component_shows_its_last_change_before_the_run_ends() -> None:
    stage = HtmlStage(CATALOG, "html")
    stage.feed(opened(), 0.0)
    stage.feed(delta("set", "/text", "a"), 0.01)
    end = RunEnd("cancelled")
    assert stage.feed(end, 0.02) == [
        RenderComponent("c1", "Words", "streaming", {}, html="<p>a</p>"),
        end,
    ]


def test_a_template_that_fails_is_one_quiet_error_and_the_stream_goes_on(
    caplog: pytest.LogCaptureFixture,
) -> None:
    stage = HtmlStage(CATALOG, "html")
    stage.feed(opened(), 0.0)
    error = ComponentError("c1", "Words", "template-failed", "Words could not be drawn.", "")
    assert stage.feed(delta("set", "/text", "fail"), 1.0) == [error]
    assert stage.feed(delta("append", "/text", "ure"), 2.0) == []
    assert stage.feed(complete({"text": "fail"}), 3.0) == []
    assert "ZeroDivisionError" in caplog.text


def test_a_component_that_fails_while_it_streams_may_still_be_complete(
    caplog: pytest.LogCaptureFixture,
) -> None:
    del caplog
    stage = HtmlStage(CATALOG, "html")
    stage.feed(opened({"text": "fail"}), 0.0)
    assert html_of(stage.feed(complete({"text": "fine"}), 1.0)) == ["<p>fine</p>"]


def test_a_component_that_the_model_broke_is_drawn_no_more() -> None:
    stage = HtmlStage(CATALOG, "html")
    stage.feed(opened(), 0.0)
    stage.feed(delta("set", "/text", "a"), 0.01)
    error = ComponentError("c1", "Words", "missing", "text is missing", "<Words")
    assert stage.feed(error, 0.02) == [error]
    assert stage.due() is None


@pytest.mark.parametrize(
    ("start", "op", "path", "value", "then"),
    [
        ({}, "set", "/a", 1, {"a": 1}),
        ({"a": "x"}, "append", "/a", "y", {"a": "xy"}),
        ({"a": [1]}, "push", "/a", 2, {"a": [1, 2]}),
        ({"a": [[1], [2]]}, "push", "/a/1", 3, {"a": [[1], [2, 3]]}),
        ({"a": [{"b": "x"}]}, "append", "/a/0/b", "y", {"a": [{"b": "xy"}]}),
        ({"a": [1]}, "set", "/a/0", 2, {"a": [2]}),
        ({"a": [1]}, "set", "/a/1", 2, {"a": [1, 2]}),
        ({"a": [1]}, "set", "/a/-", 2, {"a": [1, 2]}),
        ({"a/b": {"~": 1}}, "set", "/a~1b/~0", 2, {"a/b": {"~": 2}}),
    ],
)
def test_ops_grow_the_props(
    start: dict[str, Json], op: Literal["set", "append", "push"], path: str, value: Json, then: Json
) -> None:
    stage = HtmlStage(CATALOG, "both")
    stage.feed(opened(start | {"text": "old"}), 0.0)
    stage.feed(delta("set", "/text", "new"), 0.01)
    stage.feed(delta(op, path, value), 0.02)
    (drawn,) = stage.tick(1.0)
    assert isinstance(drawn, RenderComponent)
    assert drawn.props == then | {"text": "new"}


async def test_in_a_run_the_last_change_shows_though_the_model_falls_silent() -> None:
    silence = asyncio.Event()

    async def source() -> AsyncIterator[Event]:
        yield opened()
        yield delta("set", "/text", "a")
        await silence.wait()

    runs = Runs()
    run = runs.start(source(), stage=HtmlStage(CATALOG, "html"))
    drawn: list[str | None] = []
    with await runs.follow(run.id) as follower:
        async for batch in follower:
            drawn += html_of([from_json(data) for _, data in batch])
            if drawn[-1:] == ["<p>a</p>"]:
                silence.set()
    assert drawn == ["<p></p>", "<p>a</p>"]


class Price:
    """A template that shows its data, or that it is awaited."""

    def render(self, variables: Mapping[str, Json], /) -> str:
        missing = "…" if variables["loading"] else "–"
        return f"<p>{variables['text'] or ''}{variables['data'].get('n', missing)}</p>"


async def load(_: dict[str, Json]) -> dict[str, Json]:
    return {}


LOADING = Catalog([Component("Price", (Prop("text", STRING),), template=Price(), load=load)])


def brought(n: Json, id_: str = "c1") -> ComponentData:
    return ComponentData(id_, [Op(op="set", path="/n", value=n)])


def price(state: Literal["streaming", "complete"], props: dict[str, Json] | None = None) -> RenderComponent:
    return RenderComponent("c1", "Price", state, props or {})


def test_data_is_drawn_with_the_props_so_far_and_stays_when_they_are_complete() -> None:
    stage = HtmlStage(LOADING, "html")
    assert html_of(stage.feed(price("streaming", {"text": "a"}), 0.0)) == ["<p>a…</p>"]
    (event,) = stage.feed(brought(1), 0.2)
    assert event == ComponentData("c1", brought(1).ops, "<p>a1</p>")
    assert html_of(stage.feed(price("complete", {"text": "ab"}), 0.25)) == ["<p>ab1</p>"]


def test_data_that_comes_fast_is_drawn_at_most_every_hundred_milliseconds_and_none_is_lost() -> None:
    stage = HtmlStage(LOADING, "html")
    stage.feed(price("complete"), 0.0)
    assert stage.feed(brought(1), 0.01) == []
    assert stage.feed(brought(2), 0.02) == []
    assert stage.due() == 0.1
    (event,) = stage.tick(0.1)
    assert event == ComponentData("c1", [*brought(1).ops, *brought(2).ops], "<p>2</p>")
    assert stage.due() is None


def test_data_that_was_not_drawn_yet_is_told_before_complete_and_before_the_end() -> None:
    stage = HtmlStage(LOADING, "html")
    stage.feed(price("streaming"), 0.0)
    stage.feed(brought(1), 0.01)
    told, whole = stage.feed(price("complete"), 0.02)
    assert told == brought(1)
    assert html_of([whole]) == ["<p>1</p>"]
    stage.feed(brought(2), 0.03)
    last, end = stage.feed(RunEnd("stop"), 0.04)
    assert last == ComponentData("c1", brought(2).ops, "<p>2</p>")
    assert end == RunEnd("stop")


def test_large_widgets_are_drawn_for_data_at_most_at_32_kb_a_second() -> None:
    stage = HtmlStage(LOADING, "html")
    stage.feed(price("complete", {"text": "x" * 64_000}), 0.0)
    assert stage.feed(brought(1), 1.0) == []
    due = stage.due()
    assert due is not None
    assert 2.0 < due < 2.1


def test_no_skeleton_is_left_when_data_will_not_come() -> None:
    failed = ComponentError("c1", "Price", "load-failed", "No.", "")
    stage = HtmlStage(LOADING, "html")
    stage.feed(price("complete"), 0.0)
    assert stage.feed(failed, 0.2) == [ComponentData("c1", [], "<p>–</p>"), failed]
    cut = HtmlStage(LOADING, "html")
    cut.feed(price("complete"), 0.0)
    assert cut.feed(RunEnd("cancelled"), 0.01)[0] == ComponentData("c1", [], "<p>–</p>")


class Said:
    """The plain words of a component; they fail on request."""

    def render(self, variables: Mapping[str, Json], /) -> str:
        if variables["text"] == "fail":
            raise ZeroDivisionError
        return f" {variables['text'] or ''}{variables['data'].get('price', '')}\n"


SPEAKING = Catalog(
    [Component("Words", (Prop("text", STRING),), template=Words(), alt_template=Said(), children=True)]
)


def alts_of(events: Sequence[Event]) -> list[str | None]:
    return [event.alt for event in events if isinstance(event, RenderComponent | ComponentData)]


def test_a_component_that_is_whole_says_itself_in_plain_words() -> None:
    stage = HtmlStage(SPEAKING, "html")
    assert alts_of(stage.feed(opened({"text": "a"}), 0.0)) == [None]
    assert alts_of(stage.feed(complete({"text": "ab"}), 0.1)) == ["ab"]


def test_words_that_say_nothing_or_fail_are_left_out_and_harm_nothing() -> None:
    stage = HtmlStage(SPEAKING, "both")
    assert alts_of(stage.feed(complete({}), 0.0)) == [None]
    [failed] = stage.feed(complete({"text": "fail"}, id_="c2"), 0.0)
    assert isinstance(failed, ComponentError), "its template fails on that as well"


def test_a_component_with_something_in_it_says_itself_before_that_and_once() -> None:
    stage = HtmlStage(SPEAKING, "html")
    stage.feed(opened(), 0.0)
    assert stage.feed(delta("set", "/text", "Title"), 0.01) == []
    told = stage.feed(Text("inside", "c1"), 0.02)
    assert told == [
        RenderComponent("c1", "Words", "streaming", {}, html="<p>Title</p>", alt="Title"),
        Text("inside", "c1"),
    ]
    assert stage.feed(Text(" more", "c1"), 0.03) == [Text(" more", "c1")]


def test_data_that_changes_a_widget_changes_its_words() -> None:
    class Costs:
        def render(self, variables: Mapping[str, Json], /) -> str:
            return f"{variables['text']} costs {variables['data'].get('n', 'nothing')}"

    stage = HtmlStage(Catalog([replace(LOADING["Price"], alt_template=Costs())]), "html")
    assert alts_of(stage.feed(price("complete", {"text": "a"}), 0.0)) == ["a costs nothing"]
    assert alts_of(stage.feed(brought(7), 1.0)) == ["a costs 7"]
