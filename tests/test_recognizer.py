"""The rules of the markup, each by example; every example at every chunking."""

from __future__ import annotations

from typing import Any

import pytest

from genui.events import ComponentDelta, ComponentError, RenderComponent, Text
from genui.markup import Limits, Recognizer
from tests.chunking import check_all_chunkings, outcome, recognize
from tests.markup_catalog import CATALOG


def read(text: str, **options: Any) -> list[Any]:
    """What a client ends up with, whatever the chunks."""
    return check_all_chunkings(lambda: Recognizer(CATALOG, **options), text)


def only(text: str, **options: Any) -> dict[str, Any]:
    """The only thing in the text, a component."""
    [[kind, _, component]] = read(text, **options)
    assert kind == "component"
    return dict(component)


def props(text: str) -> dict[str, Any]:
    """The props of the only component, which had nothing to warn about."""
    component = only(text)
    assert component["end"] == ["complete", []]
    return dict(component["props"])


def text_of(text: str, **options: Any) -> str:
    """The text that is shown, wherever it stands."""
    return "".join(item[2] for item in read(text, **options) if item[0] == "text")


def names(text: str, **options: Any) -> list[str]:
    """The components that are mounted, in order."""
    return [item[2]["name"] for item in read(text, **options) if item[0] == "component"]


def warnings(text: str) -> list[str]:
    [end] = [item[2]["end"] for item in read(text) if item[0] == "component"]
    assert end[0] == "complete"
    return list(end[1])


def error(text: str, **options: Any) -> tuple[str, str, str]:
    """Code, message and source of the only error."""
    ends = [item[2]["end"] for item in read(text, **options) if item[0] == "component"]
    [found] = [end for end in ends if end[0] == "error"]
    return found[1], found[2], found[3]


# Names


@pytest.mark.parametrize(
    "text",
    [
        "a < b and c > d",
        "<div>html</div>",
        "List<String> and Map<K, V>",
        "<Unknown a=1/>",
        "</Unknown>",
        "<Metrics/>",
        "< Metric/>",
        "<Metric",
        "<Metricc",
        "<Metric(a)/>",
        "<Metric.Row/>",
        "<Metric=1/>",
        "<>",
        "</>",
        "</ Metric>",
        "<",
        "<<<<",
        "</",
        "<1>",
        "<é/>",
        "<!-- Metric -->",
        "<?Metric?>",
        "<" + "M" * 70 + "/>",
        "i <3 u",
        "<section>html</section>",
        "<table><tr></tr></table>",
        "<frame>",
    ],
)
def test_what_begins_no_tag_of_the_catalog_is_text(text: str) -> None:
    if text == "<frame>":
        assert names(text) == ["Frame"]  # an element that HTML no longer has
    else:
        assert read(text) == [["text", None, text]]


def test_a_name_in_the_wrong_case_is_read_where_only_one_component_fits() -> None:
    for name in ("weatherWidget", "WEATHERWIDGET", "weatherwidget", "weather_widget", "weather-widget"):
        component = only(f"<{name} temp=3/>")
        assert component["name"] == "WeatherWidget"
        assert component["end"] == ["complete", [f"`{name}` is written `WeatherWidget`"]]


def test_a_close_tag_may_be_in_the_wrong_case_too() -> None:
    assert read("<Section>a</SECTION>b")[-1] == ["text", None, "b"]


# Values


@pytest.mark.parametrize(
    ("written", "value"),
    [
        ('"72"', 72),
        ("'72'", 72),
        ("72", 72),
        ("{72}", 72),
        ("{ 72 }", 72),
        ('{"72"}', 72),
        ("7.5", 7.5),
        ("-3", -3),
        ("+3", 3),
        (".5", 0.5),
        ("5.", 5.0),
        ("1e3", 1000.0),
        ("1E-2", 0.01),
        ('" 72 "', 72),
        ("007", 7),
    ],
)
def test_a_number_may_be_written_in_every_way(written: str, value: float) -> None:
    assert props(f"<WeatherWidget temp={written}/>")["temp"] == value
    assert props(f"<WeatherWidget temp = {written} />")["temp"] == value


@pytest.mark.parametrize(
    ("written", "value"),
    [
        ('"a"', "a"),
        ("'a'", "a"),
        ("a", "a"),
        ('{"a"}', "a"),
        ('""', ""),
        ("''", ""),
        ('{""}', ""),
        ("large-heavy", "large-heavy"),
        ("https://example.org/a?b=c", "https://example.org/a?b=c"),
        ("#fff", "#fff"),
        ("50%", "50%"),
        ("a.b:c", "a.b:c"),
        ("true", "true"),
        ("12", "12"),
        ("1.50", "1.50"),
        ("{12}", "12"),
        (
            '"Ben &amp; Jerry&#39;s &lt;3 &#x1F600; &copy; &unknown; & &"',
            "Ben & Jerry's <3 😀 © &unknown; & &",
        ),
        ("'AT&T'", "AT&T"),
        ('"a\\b\\\\c\\n"', "a\\b\\\\c\\n"),
        ('{"a\\\\b\\n\\t\\u0041\\ud83d\\ude00"}', "a\\b\n\tA😀"),
        ('{"\\ud83d"}', "\ufffd"),
        ('{"\\ude00x"}', "\ufffdx"),
        ('{"a &amp; b"}', "a &amp; b"),
        ('"a\nb"', "a\nb"),
        ('"a\r\nb"', "a\r\nb"),
        ('"it\'s"', "it's"),
        ("'say \"x\" now'", 'say "x" now'),
        ('"<b>bold</b> a > b"', "<b>bold</b> a > b"),
        ('"`code`"', "`code`"),
        ('"{x}"', "{x}"),
        ('"שלום 你好 e\u0301 \u200b"', "שלום 你好 e\u0301 \u200b"),
    ],
)
def test_text_may_be_written_in_every_way(written: str, value: str) -> None:
    assert props(f"<Metric label={written}/>")["label"] == value


@pytest.mark.parametrize(
    ("written", "value"),
    [
        ("", True),
        ("=true", True),
        ("={true}", True),
        ('="true"', True),
        ("=false", False),
        ("={false}", False),
    ],
)
def test_a_boolean_is_a_flag_or_has_a_value(written: str, value: bool) -> None:
    assert props(f"<WeatherWidget 3 live{written}/>")["live"] is value


@pytest.mark.parametrize("end", ["/>", " />", ">", " >", "\n/>", " / >"])
def test_a_flag_may_stand_at_the_end(end: str) -> None:
    assert only(f"<Section open{end}")["props"] == {"open": True}


@pytest.mark.parametrize(
    ("written", "value"),
    [
        ("{[]}", []),
        ("{[[]]}", [[]]),
        ('{[["Ava", 132000], ["Marcus", 98000]]}', [["Ava", 132000], ["Marcus", 98000]]),
        ('{[[1,-2.5,1e2,true,false,null,"x"]]}', [[1, -2.5, 100.0, True, False, None, "x"]]),
        ('{\n[\n  ["a"]\n]\n}', [["a"]]),
        ('[["a"]]', [["a"]]),
        ('{[[{"a": {"b": [1, {"c/d~e": 2}]}}]]}', [[{"a": {"b": [1, {"c/d~e": 2}]}}]]),
        ('{[["a>b", "</Table>", "/>"]]}', [["a>b", "</Table>", "/>"]]),
    ],
)
def test_lists_are_json(written: str, value: list[Any]) -> None:
    assert props(f"<Table rows={written}/>")["rows"] == value


def test_objects_are_json() -> None:
    assert props('<Chart axis={{"title": "t", "ticks": 5}} extra={{"any": ["thing"]}}/>') == {
        "axis": {"title": "t", "ticks": 5},
        "extra": {"any": ["thing"]},
    }


def test_elements_are_coerced_to_their_shape() -> None:
    chart = props('<Chart series={[{"name": 2024, "points": ["1", 2.5], "hidden": "true"}]}/>')
    assert chart["series"] == [{"name": "2024", "points": [1, 2.5], "hidden": True}]


def test_white_space_may_stand_anywhere_in_a_tag() -> None:
    assert props('<Metric\r\n\tlabel\n=\n"MRR"\n\n\n  value= "1"\n\n/>') == {"label": "MRR", "value": "1"}


# Positional values and flags


def test_positional_values_fill_the_scalar_props_in_order() -> None:
    assert props('<TextContent "Contact us" large-heavy/>') == {"text": "Contact us", "size": "large-heavy"}
    assert props("<WeatherWidget 21 Paris true C/>") == {
        "temp": 21,
        "city": "Paris",
        "live": True,
        "unit": "C",
    }


def test_positional_values_skip_what_has_a_name() -> None:
    assert props('<Metric label="MRR" "$1"/>') == {"label": "MRR", "value": "$1"}
    assert props('<Metric "MRR" value="$1"/>') == {"label": "MRR", "value": "$1"}


def test_a_list_without_a_name_fills_the_next_list() -> None:
    assert props('<Table {["a"]} {[[1]]} "note"/>') == {"columns": ["a"], "rows": [[1]], "caption": "note"}


def test_a_word_that_names_a_boolean_is_that_flag_wherever_it_stands() -> None:
    assert props("<WeatherWidget live 21/>") == {"temp": 21, "live": True, "unit": "F"}


def test_a_word_that_names_no_boolean_is_a_value() -> None:
    assert props("<WeatherWidget 21 city/>")["city"] == "city"


def test_child_props_are_never_positional() -> None:
    assert read('<Frame "n"><Chart bar/></Frame>')[0][2]["props"] == {"note": "n"}


# Coercion, defaults and what is wrong


def test_defaults_are_there_from_the_start() -> None:
    assert props("<WeatherWidget 3/>")["unit"] == "F"


def test_an_enum_is_matched_without_regard_to_case_and_hyphens() -> None:
    assert props("<Chart kind='Stacked Area'/>")["kind"] == "stacked-area"


def test_formats_patterns_and_bounds_are_checked_when_whole() -> None:
    assert props('<Contact email="a@b.co" zip=12345 age="42" color="#fff"/>') == {
        "email": "a@b.co",
        "zip": "12345",
        "age": 42,
        "color": "#fff",
    }


@pytest.mark.parametrize("prop", ["email=nope", "zip=1", "age=200", "age=1.5", "color='url(x)'"])
def test_an_optional_value_that_does_not_fit_is_left_out_with_a_warning(prop: str) -> None:
    component = only(f'<Contact name="A" {prop}/>')
    assert component["props"] == {"name": "A"}
    [warning] = component["end"][1]
    assert warning.startswith(f"`{prop.split('=')[0]}` must be ")
    assert warning.endswith("; it was left out")


def test_a_required_value_that_does_not_fit_is_an_error() -> None:
    assert error('<WeatherWidget temp="warm"/>') == (
        "invalid-prop",
        '`temp` must be a number, not "warm"',
        '<WeatherWidget temp="warm"/>',
    )


def test_a_required_value_that_is_missing_is_an_error() -> None:
    code, message, source = error('<WeatherWidget city="Paris"/> b')
    assert (code, source) == ("missing-prop", '<WeatherWidget city="Paris"/>')
    assert message == "WeatherWidget needs `temp` (a number)"


def test_null_is_nothing_where_it_is_not_allowed_and_null_where_it_is() -> None:
    assert props("<Contact name={null} nickname={null}/>") == {"nickname": None}


def test_a_prop_that_is_given_twice_counts_the_last_time() -> None:
    component = only('<Metric label="a" label="b"/>')
    assert component["props"] == {"label": "b"}
    assert component["end"][1] == ["`label` is given twice; the last one counts"]


def test_an_unknown_prop_is_left_out_with_a_warning_that_says_what_there_is() -> None:
    assert warnings('<Metric "a" color="red"/>') == ["Metric has no prop `color` (it has: label, value)"]


# Children


def test_children_carry_their_parent_and_ids_count_up() -> None:
    found = read('<Card title="Q3">Sales **rose**.<Metric "MRR" value="$412k"/></Card> b')
    assert [item[:2] for item in found] == [
        ["component", "c1"],
        ["text", "c1"],
        ["component", "c2"],
        ["text", None],
    ]
    assert found[2][2]["parent"] == "c1"
    assert found[0][2]["parent"] is None
    assert found[0][2]["end"] == found[2][2]["end"] == ["complete", []]


@pytest.mark.parametrize("close", ["</Card>", "</>", "</card>", "</Card >", "</Card\n>"])
def test_a_close_tag_closes_its_component(close: str) -> None:
    found = read(f'<Card><Metric "a"/>{close}b')
    assert found[-1] == ["text", None, "b"]
    assert found[0][2]["end"][0] == "complete"


def test_an_empty_close_tag_closes_the_innermost() -> None:
    found = read("<Section a><Section b>x</>y</>z")
    assert [item for item in found if item[0] == "text"] == [
        ["text", "c2", "x"],
        ["text", "c1", "y"],
        ["text", None, "z"],
    ]


def test_white_space_alone_between_tags_is_dropped() -> None:
    assert text_of('<Card>\n\n  <Metric "a"/>\n  <Metric "b"/>\n\n</Card>\n') == ""
    assert text_of(' <Metric "a"/> \n <Metric "b"/> ') == ""


def test_white_space_next_to_text_is_kept() -> None:
    assert text_of('a <Metric "a"/> b\n') == "a  b\n"


def test_white_space_alone_is_text_where_there_is_no_tag() -> None:
    assert read(" \n") == [["text", None, " \n"]]


def test_child_tags_stand_for_a_required_prop() -> None:
    assert only_ends('<Frame note="n"><Chart kind=bar/></Frame>') == [["complete", []], ["complete", []]]


def only_ends(text: str) -> list[Any]:
    return [item[2]["end"] for item in read(text) if item[0] == "component"]


def test_a_required_child_that_never_comes_is_an_error() -> None:
    assert error("<Frame>text</Frame>") == (
        "missing-children",
        "Frame needs <Chart> between its tags, for `content`",
        "<Frame>",
    )


def test_a_required_child_is_missing_in_a_tag_that_closes_itself() -> None:
    assert error('<Frame note="n"/>')[:2] == (
        "missing-children",
        "Frame needs <Chart> between its tags, for `content`",
    )


def test_a_required_list_of_children_may_be_empty() -> None:
    assert only_ends("<Card/>") == only_ends("<Card></Card>") == [["complete", []]]


def test_an_attribute_never_fills_a_child_prop() -> None:
    [warning] = warnings('<Section children="text"/>')
    assert "between the open and the close tag" in warning


def test_a_component_without_children_may_have_a_close_tag() -> None:
    for text in (
        '<Metric "a"></Metric>',
        '<Metric "a"></>',
        '<Metric "a">\n</Metric>',
        '<Metric "a"/></Metric>',
    ):
        assert only(text)["end"] == ["complete", []]


def test_what_stands_in_a_component_without_children_stands_behind_it() -> None:
    found = read('<Metric "a">text</Metric> b')
    assert found[0][2]["end"] == ["complete", ["Metric takes no children: its `/` was missing"]]
    assert found[1] == ["text", None, "text b"]


# The same tree, as plain JSX and compactly


@pytest.mark.parametrize(
    ("plain", "compact"),
    [
        ('<WeatherWidget temp={72} city="Paris" live={true} />', "<WeatherWidget 72 Paris live/>"),
        ('<Metric label="MRR" value="$412k" />', '<Metric MRR "$412k"/>'),
        (
            '<TextContent text={"Contact us"} size="large-heavy"></TextContent>',
            '<TextContent "Contact us" large-heavy/>',
        ),
        (
            '<Card title="Q3">\n  <Metric label="MRR" value="3" />\n  <Metric label="ARR" />\n</Card>\n',
            "<Card Q3><Metric MRR 3/><Metric ARR/></>",
        ),
        (
            '<Table\n  columns={["Name", "Sales"]}\n  rows={[["Ava", 1], ["Bo", 2]]}\n/>',
            '<Table {["Name","Sales"]}{[["Ava",1],["Bo",2]]}/>',
        ),
    ],
)
def test_the_same_tree_is_the_same_events(plain: str, compact: str) -> None:
    assert without_space(read(plain)) == without_space(read(compact))


def without_space(items: list[Any]) -> list[Any]:
    """Props have no order, so that a dict comparison is enough; nothing else may differ."""
    return [item for item in items if item[0] != "text" or item[2].strip()]


# Where tags are code


@pytest.mark.parametrize(
    "text",
    [
        "`<Metric a/>`",
        "``<Metric a/> ` <Metric b/>``",
        "` `` <Metric a/>`",
        "a ```<Metric a/>``` b",
        "```\n<Metric a/>\n```\n",
        "```jsx\n<Metric a/>\n```",
        "~~~\n<Metric a/>\n~~~\n",
        "~~~ a`b\n<Metric a/>\n~~~",
        "   ```\n<Metric a/>\n  ```\n",
        "````\n```\n<Metric a/>\n````",
        "```\n<Metric a/>\n~~~\n<Metric b/>\n```",
        "```\n<Metric a/>\n``` x\n<Metric b/>\n```",
        "```\n<Metric a/>\n    ```\n<Metric b/>\n```",
        "```\n\n<Metric a/>\n\n",
        "```\n<Metric a/>",
        "    <Metric a/>",
        "text\n\n    <Metric a/>\n\n    <Metric b/>\n",
        "\t<Metric a/>",
        "# heading\n    <Metric a/>",
        "- ```\n  <Metric a/>\n  ```\n",
        "1. a\n\n   ```\n   <Metric a/>\n   ```\n",
        "> ```\n> <Metric a/>\n> ```\n",
        "> a\n>\n>     <Metric a/>\n",
        "- a\n\n      <Metric a/>\n",
        "- - ```\n    <Metric a/>\n    ```",
        "> - `<Metric a/>`",
        "`a\n<Metric a/>`",
        "a\n~~~\n<Metric a/>",
        "\\<Metric a/>",
        "a \\<Metric/> b",
        "\\`<div>\\`",
        "``` a`b\n<Metric a/>",
    ],
)
def test_in_code_nothing_is_recognized(text: str) -> None:
    assert read(text) == [["text", None, text]]


@pytest.mark.parametrize(
    "text",
    [
        "`a` <Metric a/>",
        "`` a ` b `` <Metric a/>",
        "\\`<Metric a/>",
        "\\\\<Metric a/>",
        "`a\\` <Metric a/>",
        "a\n    <Metric a/>",
        "- a\n    <Metric a/>",
        "   <Metric a/>",
        "```\ncode\n```\n<Metric a/>",
        "```\ncode\n`````  \n<Metric a/>",
        "~~~\n```\n~~~\n<Metric a/>",
        "    code\n\n<Metric a/>",
        "    code\n<Metric a/>",
        "`a\n\n<Metric a/>",
        "# a ` b\n<Metric a/>",
        "> ```\n> code\n\n<Metric a/>",
        "> ```\n<Metric a/>",
        "- ```\n  code\n<Metric a/>",
        "> a ` b\n\n<Metric a/>",
        "- a ` b\n- <Metric a/>",
        "- <Metric a/>",
        "> <Metric a/>",
        "10) <Metric a/>",
        "* * *\n<Metric a/>",
        "    a\n\n- b\n\n  <Metric a/>",
        "~~<Metric a/>~~",
        "**<Metric a/>**",
        "~~~\r\ncode\r\n~~~\r\n<Metric a/>",
    ],
)
def test_outside_code_a_tag_is_recognized(text: str) -> None:
    assert names(text) == ["Metric"]


@pytest.mark.parametrize("code", ["`<Metric a/>`", "```\n<Metric a/>\n```", "\\<Metric a/>"])
def test_code_between_tags_is_code(code: str) -> None:
    found = read(f"<Section>\n{code}\n</Section>")
    assert [item[0] for item in found] == ["component", "text"]
    assert found[1][2].strip() == code


def test_indentation_between_tags_is_no_code() -> None:
    assert names("<Section>\n        <Metric a/>\n\n        <Metric b/>\n</Section>") == [
        "Section",
        "Metric",
        "Metric",
    ]


def test_code_that_a_component_leaves_open_ends_with_it_only_at_its_own_end() -> None:
    assert text_of("<Section>`a </Section> <Metric b/>").startswith("`a </Section>")


# Limits


def test_too_many_components_are_errors_without_an_id() -> None:
    found = read("<Divider/><Divider/><Divider/> b", limits=Limits(components=2))
    assert [item[0] for item in found] == ["component", "component", "error", "text"]
    assert found[2][1:5] == [
        "Divider",
        "error",
        "too-many-components",
        "there are more than 2 components in this run",
    ]


def test_too_deep_components_are_errors_and_their_content_stands_where_they_stood() -> None:
    found = read("<Section><Section><Section>x</></>y</>z", limits=Limits(depth=2))
    assert [item for item in found if item[0] == "text"] == [
        ["text", "c2", "x"],
        ["text", "c1", "y"],
        ["text", None, "z"],
    ]
    [too_deep] = [item for item in found if item[0] == "error"]
    assert too_deep[3:5] == ["too-deep", "components are nested deeper than 2"]


def test_a_tag_that_is_too_long_is_an_error_and_what_follows_is_read() -> None:
    code, message, _ = error("<Table rows={[[1,2,3],[1,2,3]]}/>b", limits=Limits(tag_length=20))
    assert (code, message) == ("tag-too-long", "the tag is longer than 20 characters")


def test_a_string_that_is_too_long_is_an_error_and_what_follows_is_read() -> None:
    text = '<Metric "abcdefghijklmnop"/> and <Divider/>'
    code, message, _ = error(text, limits=Limits(string_length=10))
    assert (code, message) == ("string-too-long", "a string is longer than 10 characters")
    assert names(text, limits=Limits(string_length=10)) == ["Metric", "Divider"]


def test_too_many_props_are_an_error() -> None:
    code, message, _ = error('<Contact name="a" age=1 zip=12345/> b', limits=Limits(props=2))
    assert (code, message) == ("too-many-props", "the tag has more than 2 props")


def test_too_many_attributes_that_no_prop_declares_are_an_error_as_well() -> None:
    unknown = " ".join(f"x{at}=1" for at in range(200))
    code, message, _ = error(f'<Contact name="a" {unknown}/> b')
    assert (code, message) == ("too-many-props", "the tag has more than 100 props")


def test_a_list_with_too_many_values_is_an_error_and_what_is_too_much_is_not_told() -> None:
    rows = ", ".join(["[1]"] * 6000)
    recognizer = Recognizer(CATALOG)
    events = [*recognizer.feed(f"<Table rows={{[{rows}]}}/> b"), *recognizer.close()]
    (told,) = [event for event in events if isinstance(event, ComponentError)]
    assert (told.code, told.message) == ("invalid-prop", "`rows` holds more than 10,000 values")
    assert sum(len(event.ops) for event in events if isinstance(event, ComponentDelta)) <= 10_001
    assert isinstance(events[-1], Text)


def test_as_many_values_as_may_be_in_each_of_several_props_are_taken() -> None:
    rows = ", ".join(["[1]"] * 5000)
    *_, last = Recognizer(CATALOG).feed(
        f"<Table columns={{[{', '.join(['1'] * 10_000)}]}} rows={{[{rows}]}}/>"
    )
    assert isinstance(last, RenderComponent)
    assert len(last.props["rows"]) == 5000


def test_a_tag_is_warned_of_a_hundred_times_and_no_more() -> None:
    no_addresses = " ".join(f"{{{at}x}}" for at in range(500))
    *_, last = Recognizer(CATALOG).feed(f'<Contact name="a" {no_addresses}/>')
    assert len(last.warnings) == 100  # type: ignore[union-attr]


def test_json_that_is_too_deep_is_an_error() -> None:
    code, message, _ = error("<Table rows={[[[[1]]]]}/> b", limits=Limits(json_depth=3))
    assert (code, message) == ("too-deep", "JSON is nested deeper than 3")


def test_a_bare_word_that_is_too_long_is_an_error() -> None:
    code, _, _ = error(f"<Metric {'x' * 300}/> b")
    assert code == "word-too-long"


def test_a_long_source_is_cut_in_the_error() -> None:
    _, _, source = error('<Metric value="' + "x" * 3000 + '"/>')
    assert len(source) == 2000
    assert source.endswith("…")


# What a recognizer promises whatever it is given


def test_an_empty_text_has_no_events() -> None:
    assert read("") == []


def test_feeding_nothing_changes_nothing() -> None:
    recognizer = Recognizer(CATALOG)
    assert recognizer.feed("") == []
    assert recognizer.feed("<Met") == []
    assert recognizer.feed("") == []
    assert len(recognizer.feed("ric ")) == 1


def test_what_utf_8_lacks_is_replaced_and_nul_is_text_as_any_other() -> None:
    assert read("\ud800a\x00b\udfff") == [["text", None, "\ufffda\x00b\ufffd"]]
    assert read("a\ud83d\ude00b\ud83d") == [["text", None, "a😀b\ufffd"]]
    assert props('<Metric label="\ud800\x00"/>') == {"label": "\ufffd\x00"}


@pytest.mark.parametrize("length", [998, 999, 1000, 1001, 1010])
def test_a_line_of_nothing_but_markers_is_read_alike_in_all_chunks(length: int) -> None:
    text = ("> " * 600)[:length] + "```\n<Metric a/>"
    found = {repr(outcome(recognize(lambda: Recognizer(CATALOG), pieces))) for pieces in ([text], list(text))}
    assert len(found) == 1


@pytest.mark.parametrize(
    ("text", "mounted"),
    [
        ('1. a ` b\n2. <Metric "a"/>', 1),
        ('- a ` b\n- <Metric "a"/>', 1),
        ('> a ` b\n2. <Metric "a"/>', 1),
        ('# <Metric "a"/>\n    <Metric "b"/>', 1),
        ('a\n-\n    <Metric "a"/>', 0),
        ('a\n1.\n    <Metric "a"/>', 1),
        ('a ` b\n2. <Metric "a"/>', 0),
    ],
)
def test_code_ends_with_its_block_as_commonmark_bounds_blocks(text: str, mounted: int) -> None:
    assert len(names(text)) == mounted
