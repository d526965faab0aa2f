"""Bound texts on the server's side: what is one, what cannot be read, how the recognizer passes it on."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from genui.catalog import Catalog, Component, Prop, bound_variable, complaint, has_bound, is_bound
from genui.events import ComponentDelta, ComponentError, Event, RenderComponent
from genui.markup import Recognizer
from tests.chunking import check_all_chunkings, recognize

CASES: dict[str, Any] = json.loads((Path(__file__).parent / "expressions.json").read_text("utf-8"))
BUILTIN = Catalog.builtin()


def only(text: str) -> RenderComponent | ComponentError:
    """How the one tag in a text ends."""
    check_all_chunkings(lambda: Recognizer(BUILTIN), text)
    last: list[Event] = [
        event
        for event in recognize(lambda: Recognizer(BUILTIN), [text])
        if isinstance(event, ComponentError)
        or (isinstance(event, RenderComponent) and event.state == "complete")
    ]
    assert len(last) == 1
    assert isinstance(last[0], RenderComponent | ComponentError)
    return last[0]


def complete(text: str) -> RenderComponent:
    event = only(text)
    assert isinstance(event, RenderComponent)
    return event


@pytest.mark.parametrize("case", CASES["values"], ids=lambda case: case["text"])
def test_what_the_browser_evaluates_can_be_read(case: dict[str, Any]) -> None:
    assert is_bound(case["text"])
    assert complaint(case["text"]) is None


@pytest.mark.parametrize("text", CASES["unreadable"])
def test_what_the_browser_cannot_read_is_complained_about(text: str) -> None:
    assert complaint(text) is not None or not is_bound(text)


@pytest.mark.parametrize("text", CASES["plain"])
def test_what_is_only_a_text_is_no_binding(text: str) -> None:
    assert not is_bound(text)
    assert complaint(text) is None


def test_a_name_alone_is_told_from_a_text_with_one() -> None:
    assert bound_variable("$period") == "period"
    assert bound_variable("in $period") is None
    assert has_bound([{"values": ["$a"]}])
    assert not has_bound(["$5", {"x": 1}])


@pytest.mark.parametrize(
    ("text", "prop", "value"),
    [
        ('<Slider "Price" value="$price"/>', "value", "$price"),
        ("<Slider value=$price/>", "value", "$price"),
        ('<Switch checked="$on"/>', "checked", "$on"),
        ('<BarChart labels="$names" values={$sums}/>', "values", "$sums"),
        ("<Slider value={$price}/>", "value", "$price"),
        ("<Metric 'Price' {$price}/>", "value", "$price"),
        ('<Metric "Sum" value={ $a * 2 }/>', "value", "{$a * 2}"),
        ('<Metric "Sum" value={2 * $a /* twice */}/>', "value", "{2 * $a}"),
        ('<Metric label={"Total " + $a} value=3/>', "label", '{"Total " + $a}'),
        ('<Metric "Sum" value={$a > 3 ? "a}" : \'b>\'}/>', "value", "{$a > 3 ? \"a}\" : 'b>'}"),
        ('<Metric "Sum" value={!$a}/>', "value", "{!$a}"),
        ('<Metric "Sum" value={($a + 1) / 2}/>', "value", "{($a + 1) / 2}"),
        ("<BarChart values={$all ? [9, 12] : [3]}/>", "values", "{$all ? [9, 12] : [3]}"),
        ("<BarChart values={[1, $two * 2, 3]}/>", "values", "{[1, $two * 2, 3]}"),
        ("<BarChart values=[$one, 3]/>", "values", "{[$one, 3]}"),
        ('<Table rows={[["a", $one], ["b", 2]]}/>', "rows", '{[["a", $one], ["b", 2]]}'),
        ('<BarChart values={[1, "$two", 3]}/>', "values", [1, "$two", 3]),
        ('<DatePicker value="{$day}" max="{$a + \'-12-31-and-more\'}"/>', "max", "{$a + '-12-31-and-more'}"),
        ("<TextBlock size=\"{$big ? 'large' : 'small'}\"/>", "size", "{$big ? 'large' : 'small'}"),
    ],
)
def test_a_prop_of_any_kind_takes_a_binding_without_a_warning(text: str, prop: str, value: object) -> None:
    event = complete(text)
    assert event.props[prop] == value
    assert event.warnings == ()


def test_an_expression_that_cannot_be_read_is_said_where_it_stands() -> None:
    event = complete('<BarChart labels={["a"]} values="{$a +}"/>')
    assert "values" not in event.props
    assert event.warnings == (
        "`values` holds an expression that cannot be read from `+` on; it was left out",
    )
    failed = only('<Metric "A" value={["$x"]}/>')
    assert isinstance(failed, ComponentError)


def test_a_text_with_an_expression_that_cannot_be_read_stays_a_text_with_a_warning() -> None:
    event = complete('<Metric "{$a | nope}" 3/>')
    assert event.props["label"] == "{$a | nope}"
    assert "uses `| nope`" in event.warnings[0]


@pytest.mark.parametrize(
    "text", ['<FollowUps {["{$a +}", "Why?"]}/>', '<Table {["A"]} rows={[["{$a | nope}"]]}/>']
)
def test_a_list_of_texts_takes_an_expression_that_cannot_be_read_as_a_text(text: str) -> None:
    assert [warning for warning in complete(text).warnings if warning.endswith("it is shown as it is")]


@pytest.mark.parametrize("inside", ["$a +", "$a | nope", "() => go($a)", "[1, $a *]"])
def test_braces_with_an_expression_that_cannot_be_read_are_left_out(inside: str) -> None:
    event = complete(f'<Metric "Sum" 3 delta={{{inside}}}/>')
    assert "delta" not in event.props
    assert "`delta` " in event.warnings[0]


def test_a_prop_that_is_never_bound_takes_no_expression_in_braces() -> None:
    failed = only("<CodeBlock code={$a + 1}/>")
    assert isinstance(failed, ComponentError)
    assert failed.message == "`code` holds code, which is not run"


def test_an_expression_whose_brace_was_lost_ends_with_its_tag() -> None:
    assert complete('<Metric "Sum" value={$a * 2/>').props["value"] == "{$a * 2}"


def test_money_is_text() -> None:
    event = complete('<Metric "Cost in $USD of {it}" value="$412k" delta="$5" caption="${x}"/>')
    assert event.props["value"] == "$412k"
    assert event.warnings == ()


def test_a_bound_text_is_delivered_once_and_whole() -> None:
    text = '<Metric "Sum {$a * 2} and {$b}" 3/>'
    for cut in (1, 3, 7):
        pieces = [text[at : at + cut] for at in range(0, len(text), cut)]
        recognizer = Recognizer(BUILTIN)
        events = [event for piece in pieces for event in recognizer.feed(piece)] + recognizer.close()
        ops = [op for event in events if isinstance(event, ComponentDelta) for op in event.ops]
        shown = [op["value"] for op in ops if op["path"] == "/label"]
        assert "".join(shown) == "Sum {$a * 2} and {$b}"
        assert shown[-1] == "{$a * 2} and {$b}"


def test_a_prop_that_says_bind_false_holds_text_alone() -> None:
    event = complete("<CodeBlock php \"echo '{$a +}'\"/>")
    assert event.props["code"] == "echo '{$a +}'"
    assert event.warnings == ()
    assert "{$a +}" in BUILTIN["CodeBlock"].render(event.props)


def test_the_server_draws_what_is_bound_as_what_is_not_yet_written() -> None:
    metric = BUILTIN["Metric"]
    assert metric.render({"label": "x", "value": "{$a}"}) == metric.render({"label": "x"}, state="streaming")
    assert "{$a}" in metric.render({"label": "x", "value": "{$a}"}, literal=True)
    assert "$USD" in metric.render({"label": "$USD", "value": 3})


def test_an_input_is_drawn_whole_though_its_value_is_bound() -> None:
    slider = BUILTIN["Slider"]
    assert slider.render({"label": "x", "value": "$a"}) == slider.render({"label": "x"})


def test_a_schema_that_names_children_is_never_bound() -> None:
    child = Prop("head", {"$ref": "#/$defs/Heading"})
    assert not child.binds
    assert Component("Box", (child,)).unbound({"head": "$x"}) == {"head": "$x"}


def test_long_texts_full_of_braces_are_looked_through_in_one_pass() -> None:
    assert not is_bound("{" * 200_000 + "$a")
    assert complaint("'\\'" * 100_000 + "{$a}") is None


@pytest.mark.parametrize(
    ("name", "props", "words"),
    [
        ("Metric", {"label": "Total {$a * 2} now", "value": "$price"}, "Total … now: …"),
        ("Metric", {"label": "A {$a} and {$b | currency}.", "value": 3}, "A … and ….: 3"),
        ("Metric", {"label": "Budget", "value": 3, "delta": "$k"}, "Budget: 3 ($k)"),
        ("Slider", {"label": "Price", "value": "$p", "min": 3, "max": 9}, "Price: 3 (3 to 9)"),
        ("Switch", {"label": "Alerts", "checked": "$on"}, "[off] Alerts"),
        ("Progress", {"value": "{$a}"}, "Progress: running"),
        ("BarChart", {"title": "{$a}", "labels": ["a", "b"], "values": [1, "$two"]}, "…\na 1, b …"),
        ("BarChart", {"title": "Sales", "labels": "$names", "values": "$sums"}, "Sales"),
        ("KeyValue", {"items": [["Price", "{$price * 2}"]]}, "Price: …"),
        ("CodeBlock", {"code": "echo {$x}"}, "echo {$x}"),
        ("Metric", {"label": "Open {$a", "value": "$5"}, "Open {$a: $5"),
    ],
)
def test_plain_words_show_no_expression(name: str, props: dict[str, Any], words: str) -> None:
    assert BUILTIN[name].alt(props).strip() == words
