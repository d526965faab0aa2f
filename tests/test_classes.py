"""A class with typed fields is the same component as a folder."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Literal

import pytest
from pydantic import Field, ValidationError

import genui
from genui.catalog import DIALECTS, Catalog, component_of, props_of
from genui.errors import ComponentDefinitionError
from genui.events import RenderComponent

TEMPLATE = (
    "<p>{{ city }}</p><b>{{ temp }}</b><slot></slot>{{ unit }}{{ wind }}{{ days }}{{ tags }}{{ live }}\n"
)
STYLE = "p { color: var(--genui-muted); }\n"
EXAMPLES = ('<TownWeather "Paris" 21/>', '<TownWeather city="Oslo" live/>')
DEFINITION = f"""\
name = "TownWeather"
description = "The weather in one place."
children = true
min_height = 90
alt = "{{{{ city }}}}"
examples = {list(EXAMPLES)!r}

[props.city]
type = "string"
description = "its name"
required = true

[props.temp]
type = "number"
maximum = 60
description = "in degrees"

[props.unit]
enum = ["C", "F"]
default = "C"
description = "of the temperature"

[props.wind]
type = ["string", "number"]

[props.days]
type = "array"
[props.days.items]
type = "object"
required = ["day"]
[props.days.items.properties]
day = {{ type = "string" }}
title = {{ type = "string" }}

[props.tags]
type = "array"
items = {{ type = "string" }}

[props.live]
type = "boolean"
default = false
"""


@dataclass
class Day:
    day: str
    title: str | None = None


@genui.component(
    template=TEMPLATE, style=STYLE, children=True, min_height=90, alt="{{ city }}", examples=EXAMPLES
)
class TownWeather:
    """The weather in one place.

    This is for people who read the code.
    """

    city: Annotated[str, Field(description="its name")]
    temp: Annotated[float | None, Field(description="in degrees", le=60)] = None
    unit: Literal["C", "F"] = "C"
    """of the temperature"""
    wind: str | float | None = None
    days: list[Day] | None = None
    tags: list[str] | None = None
    live: bool = False


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """The same component as a folder."""
    own = tmp_path / "town_weather"
    own.mkdir()
    (own / "component.toml").write_text(DEFINITION)
    (own / "template.html").write_text(TEMPLATE)
    (own / "style.css").write_text(STYLE)
    return tmp_path


def test_a_folder_and_a_class_give_the_same_component_prompt_and_grammar(folder: Path) -> None:
    one, other = Catalog.load(folder), Catalog([TownWeather])
    assert one["TownWeather"] == other["TownWeather"]
    assert one.prompt() == other.prompt()
    assert one.describe() == other.describe()
    for dialect in DIALECTS:
        assert one.grammar(dialect) == other.grammar(dialect)


def test_components_differ_when_their_templates_do(folder: Path) -> None:
    (folder / "town_weather" / "template.html").write_text(TEMPLATE + "<i></i>")
    assert Catalog.load(folder)["TownWeather"] != component_of(TownWeather)


def test_the_recognizer_fills_a_class_like_a_folder() -> None:
    recognizer = genui.Recognizer(Catalog([TownWeather]))
    *_, last = [*recognizer.feed('<TownWeather "Paris" "21" days={[{day: "Mon"}]}/>'), *recognizer.close()]
    assert isinstance(last, RenderComponent)
    assert last.props == {
        "city": "Paris", "temp": 21, "unit": "C", "days": [{"day": "Mon"}], "live": False,
    }  # fmt: skip
    component = component_of(TownWeather)
    assert component is not None
    assert component.render(last.props).startswith("<p>Paris</p><b>21</b>")


def test_instances_are_made_and_checked_like_any_dataclass() -> None:
    paris = TownWeather(city="Paris", days=[Day("Mon")])
    assert paris == TownWeather(city="Paris", days=[Day("Mon")])
    assert props_of(paris) == {"city": "Paris", "unit": "C", "days": [{"day": "Mon"}], "live": False}
    assert component_of(paris) is component_of(TownWeather)
    with pytest.raises(ValidationError):
        TownWeather(city="Paris", temp=451)


def test_a_field_whose_type_is_a_component_is_filled_by_child_tags() -> None:
    @genui.component(template="<slot></slot>", children=True)
    class Forecast:
        """Several days."""

        first: TownWeather
        more: list[TownWeather] | None = None

    component = component_of(Forecast)
    assert component is not None
    assert [(prop.name, prop.refs, prop.required) for prop in component.props] == [
        ("first", ("TownWeather",), True),
        ("more", ("TownWeather",), False),
    ]


def test_sources_may_be_files_beside_the_class(tmp_path: Path) -> None:
    (tmp_path / "note.html").write_text("<p>{{ text }}</p>")
    (tmp_path / "note.js").write_text("export default function () {}")

    @genui.component(template=tmp_path / "note.html", script=tmp_path / "note.js")
    class Note:
        """A note."""

        text: str

    component = component_of(Note)
    assert component is not None
    assert component.render({"text": "<b>"}) == "<p>&lt;b&gt;</p>"
    assert component.script == tmp_path / "note.js"


@pytest.mark.parametrize(
    ("code", "words", "settings", "fields"),
    [
        ("unknown-variable", "did you mean `text`?", {"template": "{{ texd }}"}, {"text": str}),
        ("bad-template", "Jinja template", {"template": "{% if %}"}, {"text": str}),
        ("forbidden-html", "use script.js", {"template": "<p onclick=x>{{ text }}"}, {"text": str}),
        ("no-slot", "<slot></slot>", {"template": "{{ text }}", "children": True}, {"text": str}),
        ("bad-prop", "rename it", {"template": "{{ data }}"}, {"data": str}),
        ("bad-alt", "no Jinja template", {"template": "{{ text }}", "alt": "{{"}, {"text": str}),
        ("no-file", "add it", {"template": Path("nowhere.html")}, {"text": str}),
    ],
)
def test_a_mistake_names_the_class_and_what_to_do(
    code: str, words: str, settings: dict[str, object], fields: dict[str, type]
) -> None:
    cls = type("Wrong", (), {"__doc__": "Wrong.", "__annotations__": fields, "__module__": __name__})
    with pytest.raises(ComponentDefinitionError) as caught:
        genui.component(**settings)(cls)  # type: ignore[arg-type]
    assert caught.value.code == code
    assert words in caught.value.message


def test_a_class_without_a_docstring_says_nothing_to_the_model() -> None:
    class Silent:
        text: str

    with pytest.raises(ComponentDefinitionError, match="has no docstring"):
        genui.component(template="{{ text }}")(Silent)


def test_a_plain_class_is_no_component() -> None:
    with pytest.raises(ComponentDefinitionError, match="decorate the class"):
        Catalog([Day])


def test_a_server_takes_classes_beside_folders(folder: Path) -> None:
    served = genui.GenUI(components=[folder, TownWeather], store="memory", model="demo")
    assert served.catalog["TownWeather"] == component_of(TownWeather)
    assert "Metric" in served.catalog
