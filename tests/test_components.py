"""The built-in components: each stands at every prefix of its props, and none lets model text be markup."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from html import unescape
from html.parser import HTMLParser
from itertools import product
from pathlib import Path

import pytest

from genui.catalog import Catalog, Component
from genui.events import Json, RenderComponent, State
from genui.markup import Recognizer

ROOT = Path(__file__).parents[1]
BUILTIN = Catalog.builtin()
COMPONENTS = [pytest.param(component, id=component.name) for component in BUILTIN]
STATES: tuple[State, ...] = ("streaming", "complete")


def props_of(markup: str, name: str) -> dict[str, Json]:
    """The props that the recognizer makes of the first `name` tag in some markup."""
    recognizer = Recognizer(BUILTIN)
    events = [*recognizer.feed(markup), *recognizer.close()]
    whole = (event for event in events if isinstance(event, RenderComponent) and event.state == "complete")
    return next(event.props for event in whole if event.name == name)


EXAMPLES = [
    pytest.param(component, props_of(example, component.name), id=f"{component.name}-{index}")
    for component in BUILTIN
    for index, example in enumerate(component.examples)
]


def prefixes(value: Json) -> Iterator[Json]:
    """What a value is while it is being written, shortest first, up to itself."""
    if isinstance(value, str):
        yield from (value[:end] for end in range(len(value) + 1))
    elif isinstance(value, list):
        yield []
        for at, element in enumerate(value):
            yield from ([*value[:at], part] for part in prefixes(element))
    elif isinstance(value, dict):
        yield {}
        for at, key in enumerate(value):
            before = dict(list(value.items())[:at])
            yield from ({**before, key: part} for part in prefixes(value[key]))
    else:
        yield value


Element = tuple[str, tuple[str, ...]]


class Outline(HTMLParser):
    """A page's elements and the names of their attributes, counted, and every URL in it.

    How many elements of MathML a formula has is the model's to say, and none of them can do anything.
    """

    URLS = ("href", "src", "action", "formaction", "xlink:href", "data", "poster")
    FORMULA = frozenset(
        {
            "mi",
            "mn",
            "mo",
            "mrow",
            "msub",
            "msup",
            "mspace",
            "mtext",
            "math",
            "semantics",
            "annotation",
            "code",
        }
    )

    def __init__(self, html: str) -> None:
        super().__init__()
        self.elements: Counter[Element] = Counter()
        self.urls: list[str] = []
        self.feed(html)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag not in self.FORMULA:
            self.elements[tag, tuple(sorted(name for name, _ in attrs))] += 1
        self.urls += [value or "" for name, value in attrs if name in self.URLS]


def places(value: Json) -> Iterator[tuple[str | int, ...]]:
    """Where scalars stand in a value, and where its keys are."""
    if isinstance(value, dict | list):
        for key, below in value.items() if isinstance(value, dict) else enumerate(value):
            yield from ((key, *rest) for rest in places(below))
    else:
        yield ()


def at(value: Json, place: tuple[str | int, ...]) -> Json:
    return at(value[place[0]], place[1:]) if place else value


def replaced(value: Json, place: tuple[str | int, ...], new: Json) -> Json:
    if not place:
        return new
    copy: Json = dict(value) if isinstance(value, dict) else list(value)
    copy[place[0]] = replaced(value[place[0]], place[1:], new)
    return copy


HOSTILE = [
    "<script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    "'><img src=x onerror=alert(1)>",
    '" autofocus onfocus=alert(1) x="',
    "' onmouseover=alert(1) x='",
    "javascript:alert(1)",
    "\x01 jAvA\tscript:alert(1)",
    "data:text/html,<script>alert(1)</script>",
    "</table></template></svg><iframe srcdoc=x>",
    "{{ 7 * 7 }}{% raw %}",
    "--><!--<x onclick=1>",
]


SCRIPT = re.compile(r"[\x00-\x20]*(?:javascript|data|vbscript)", re.I)


LIBRARY = """
    Stack Grid Card CardHeader Divider Tabs Tab Accordion AccordionItem Steps Step Carousel Modal
    Heading TextBlock Callout CodeBlock Image ImageGallery Video Audio Quote Badge Tag Avatar Icon KeyValue
    Timeline Progress Rating SourceList ItemList FollowUps Math
    Metric Table BarChart LineChart AreaChart PieChart ScatterChart RadarChart Sparkline Heatmap
    Form Input TextArea Select Checkbox CheckboxGroup RadioGroup Switch Slider DatePicker Button
    ButtonGroup
    WeatherWidget ProductCard FlightCard MapPinList Poll
"""


def test_the_library_is_there() -> None:
    assert set(LIBRARY.split()) <= BUILTIN.names


@pytest.mark.parametrize("component", COMPONENTS)
def test_each_has_two_examples_that_the_recognizer_takes_without_a_warning(component: Component) -> None:
    assert len(component.examples) >= 2
    for example in component.examples:
        recognizer = Recognizer(BUILTIN)
        events = [*recognizer.feed(example), *recognizer.close()]
        assert not [event for event in events if event.type == "component-error"]
        assert not [event for event in events if isinstance(event, RenderComponent) and event.warnings]


@pytest.mark.parametrize(
    ("markup", "name", "props"),
    [
        ('<WeatherWidget temp="72"/>', "WeatherWidget", {"temp": 72}),
        (
            "<WeatherWidget city='Paris' temp=7.5 live/>",
            "WeatherWidget",
            {"city": "Paris", "temp": 7.5, "live": True},
        ),
        ('<WeatherWidget "Paris" 21 sunny C/>', "WeatherWidget",
         {"city": "Paris", "temp": 21, "condition": "sunny", "unit": "C"}),
        ('<Table rows={[["Ava", 132000], ["Marcus", 98000]]}/>', "Table",
         {"rows": [["Ava", 132000], ["Marcus", 98000]]}),
        ('<Metric "MRR" value="$412k"/>', "Metric", {"label": "MRR", "value": "$412k"}),
        ('<Metric "MRR" 412 "+4%"/>', "Metric", {"label": "MRR", "value": 412, "delta": "+4%"}),
        ('<BarChart "Sales" "$k" labels={["a"]} values={[1]}/>', "BarChart",
         {"title": "Sales", "unit": "$k", "labels": ["a"], "values": [1]}),
        ("<CodeBlock python code='x = 1'/>", "CodeBlock", {"language": "python", "code": "x = 1"}),
        ('<Callout "Careful" warning/>', "Callout", {"title": "Careful", "tone": "warning"}),
    ],
)  # fmt: skip
def test_compact_writing_is_natural(markup: str, name: str, props: dict[str, Json]) -> None:
    assert props_of(markup, name).items() >= props.items()


@pytest.mark.parametrize(("component", "props"), EXAMPLES)
def test_every_prefix_of_the_props_renders(component: Component, props: dict[str, Json]) -> None:
    for part in prefixes(props):
        for state in STATES:
            html = component.render(part, state=state)
            assert html.strip()
            assert "None" not in html
            assert "Undefined" not in html
        component.alt(part)


@pytest.mark.parametrize(("component", "props"), EXAMPLES)
def test_all_text_of_an_example_is_on_the_page(component: Component, props: dict[str, Json]) -> None:
    html = unescape(component.render(props))
    shown = [prop.name for prop in component.props if not prop.shape.enum and not prop.schema.get("live")]
    free = {name: props[name] for name in shown if name in props}
    for place in places(free):
        text = at(free, place)
        assert not isinstance(text, str) or text in html or place[-1] == "format"


ODD: list[Json] = [
    None,
    True,
    7,
    -0.5,
    1e300,
    "x",
    "",
    [],
    [None],
    [[1, []]],
    {},
    {"a": None},
    [{"values": 3}],
    [{}, "y", 2],
]


@pytest.mark.parametrize("component", COMPONENTS)
@pytest.mark.parametrize("value", ODD, ids=repr)
def test_a_prop_of_any_kind_renders_something(component: Component, value: Json) -> None:
    for prop in component.props:
        for state in STATES:
            component.render({prop.name: value}, state=state)
    component.render({prop.name: value for prop in component.props})
    component.alt({prop.name: value for prop in component.props})


@pytest.mark.parametrize(("component", "props"), EXAMPLES)
def test_nothing_a_model_writes_becomes_markup(component: Component, props: dict[str, Json]) -> None:
    everything = {
        prop.name: "filler" for prop in component.props if prop.name not in props and prop.is_scalar
    }
    full = {**everything, **props}
    for place, state in product(places(full), STATES):
        usual = [at(full, place), "words", ""]  # an address that may not be loaded leaves its picture out
        drawn = [Outline(component.render(replaced(full, place, value), state=state)) for value in usual]
        harmless = drawn[0].elements | drawn[1].elements | drawn[2].elements
        for hostile in HOSTILE:
            attacked = Outline(component.render(replaced(full, place, hostile), state=state))
            assert not attacked.elements - harmless, f"{hostile} at {place}"
            assert not [url for url in attacked.urls if SCRIPT.match(url)], f"{hostile} at {place}"


@pytest.mark.parametrize("hostile", HOSTILE)
def test_keys_of_objects_are_text_too(hostile: str) -> None:
    html = BUILTIN["Table"].render({"rows": [{hostile: 1}]})
    plain = BUILTIN["Table"].render({"rows": [{"words": 1}]})
    assert not Outline(html).elements - Outline(plain).elements


def test_links_of_sources_open_safely() -> None:
    html = BUILTIN["SourceList"].render({"sources": [{"title": "T", "url": "https://www.example.org/a"}]})
    assert 'href="https://www.example.org/a" target="_blank" rel="noopener noreferrer nofollow"' in html
    assert ">example.org<" in html


def test_table_columns_of_numbers_are_aligned_and_formatted() -> None:
    rows = [["Ava", 132000, "$9"], ["Marcus", 98000, "n/a"]]
    html = BUILTIN["Table"].render({"columns": ["Name", "Salary", "Fee"], "rows": rows})
    assert re.findall(r'<th scope="col"( class="number")?><button type="button">(\w+)', html) == [
        ("", "Name"),
        (' class="number"', "Salary"),
        (' class="number"', "Fee"),
    ]
    assert '<td data-value="132000" class="number"><bdi>132,000</bdi></td>' in html
    assert '<td class="number"><bdi>$9</bdi></td>' in html


def test_table_rows_may_be_objects_and_columns_order_them() -> None:
    rows = [{"name": "Ava", "pay": 1}, {"pay": 2, "name": "Bo"}]
    html = BUILTIN["Table"].render({"columns": ["Pay", "Name"], "rows": rows})
    assert re.findall(r"<bdi>(\w+)</bdi>", html) == ["1", "Ava", "2", "Bo"]
    assert re.findall(r"<bdi>(\w+)</bdi>", BUILTIN["Table"].render({"rows": rows})) == ["Ava", "1", "Bo", "2"]


@pytest.mark.parametrize(
    ("props", "tone", "falls"),
    [
        ({"delta": "+4.2%"}, "good", False),
        ({"delta": -2}, "bad", True),
        ({"delta": "−0.4%", "good": "down"}, "good", True),
        ({"delta": 3, "good": "down"}, "bad", False),
        ({"delta": "0%"}, "still", False),
        ({"delta": 0.0}, "still", False),
    ],
)
def test_a_change_is_good_or_bad_by_its_direction(props: dict[str, Json], tone: str, falls: bool) -> None:
    html = BUILTIN["Metric"].render({"label": "x", "value": 1, **props})
    assert f'class="delta {tone}"' in html
    assert ("M6 2v8" in html) == falls


@pytest.mark.parametrize(
    ("condition", "drawn"),
    [
        ("Light rain", "drop"),
        ("Thunderstorm, heavy rain", "bolt"),
        ("Partly sunny", "cloud"),
        ("clear", "sun"),
    ],
)
def test_the_sky_is_drawn_from_a_few_words(condition: str, drawn: str) -> None:
    assert f'class="{drawn}"' in BUILTIN["WeatherWidget"].render({"temp": 1, "condition": condition})


def test_no_sky_is_made_up() -> None:
    assert "<svg" not in BUILTIN["WeatherWidget"].render({"temp": 72})


@pytest.mark.parametrize("name", ["BarChart", "LineChart", "AreaChart", "RadarChart"])
def test_a_chart_has_its_data_for_eyes_and_for_screen_readers(name: str) -> None:
    props = {"title": "Sales", "labels": ["Jan", "Feb"], "series": [{"name": "EU", "values": [1, 2]}]}
    html = BUILTIN[name].render(props)
    assert '"series": [{"name": "EU", "values": [1, 2]}]' in html
    assert '<th scope="row">Feb</th><td>2</td>' in html
    single = BUILTIN[name].render({"title": "Sales", "labels": ["Jan"], "values": [1]})
    assert '"series": [{"name": "Sales", "values": [1]}]' in single


def css_of(component: Component) -> str:
    return re.sub(r"/\*.*?\*/", "", component.style, flags=re.S)


THEME = set(re.findall(r"(--genui-[\w-]+):", (ROOT / "frontend/src/theme.css").read_text()))


@pytest.mark.parametrize("component", COMPONENTS)
def test_styles_know_only_the_themes_tokens_and_name_no_color(component: Component) -> None:
    css = css_of(component)
    declared = set(re.findall(r"(--[\w-]+):", css))
    assert set(re.findall(r"var\((--[\w-]+)", css)) <= THEME | declared
    assert not re.search(r"#[0-9a-f]{3,8}\b|\b(?:rgba?|hsla?|oklch|lab)\(", css, re.I)
    named = r":[^;{]*\b(?:white|black|red|green|blue|gr[ae]y|orange|yellow|purple|silver)\b"
    assert not re.search(named, css)


@pytest.mark.parametrize("component", COMPONENTS)
def test_styles_hold_from_right_to_left(component: Component) -> None:
    physical = r"(?:margin|padding|border)-(?:left|right)|(?<![\w-])(?:left|right):|: *(?:left|right);"
    of_one_direction = r"[^{}]*:dir\(rtl\)[^{}]*\{[^}]*\}"  # a rule for that one may name a side
    assert not re.search(physical, re.sub(of_one_direction, "", css_of(component)))


@pytest.mark.parametrize("component", COMPONENTS)
def test_reserved_room_is_told_where_a_widget_has_a_height_of_its_own(component: Component) -> None:
    assert component.min_height > 0 or component.inline or component.name in ("Stack", "Grid", "Show")


LABELLED = ("Input", "TextArea", "Select", "Checkbox", "Switch", "Slider", "DatePicker")


@pytest.mark.parametrize("component", [param for param in COMPONENTS if param.id in LABELLED])
def test_a_field_has_a_label_and_a_name(component: Component) -> None:
    html = component.render({"label": "Guests", "name": "guests"})
    assert 'for="control"' in html
    assert 'id="control"' in html
    assert 'name="guests"' in html
