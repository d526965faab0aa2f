"""Folders become components; every mistake in one is named with its file, its line and what to do."""

from __future__ import annotations

import re
import shutil
from pathlib import Path
from typing import Any

import pytest

from genui.catalog import Catalog, Component, count_tokens
from genui.errors import CallerError, ComponentDefinitionError
from genui.events import RenderComponent
from genui.markup import Recognizer

DEFINITION = """\
name = "SaleBadge"
description = "Says what is on sale."
alt = "{{ label }} now {{ price }}"
examples = ['<SaleBadge "Tea" 4/>', '<SaleBadge "Milk" price=2 loud/>']

[props.label]
type = "string"
required = true

[props.price]
type = "number"
description = "in euros"

[props.kind]
enum = ["food", "other"]

[props.loud]
type = "boolean"
"""
TEMPLATE = "<p>{{ label }}</p>\n<b>{{ price }}</b>\n"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder of components with one good one, sale_badge, in it."""
    badge = tmp_path / "components" / "sale_badge"
    badge.mkdir(parents=True)
    (badge / "component.toml").write_text(DEFINITION)
    (badge / "template.html").write_text(TEMPLATE)
    return badge.parent


def badge_of(folder: Path) -> Component:
    return Catalog.load(folder)["SaleBadge"]


def test_a_folder_becomes_a_component(folder: Path) -> None:
    badge = badge_of(folder)
    assert (badge.name, badge.folder, badge.description) == (
        "SaleBadge",
        "sale_badge",
        "Says what is on sale.",
    )
    assert [(prop.name, prop.required) for prop in badge.props] == [
        ("label", True), ("price", False), ("kind", False), ("loud", False),
    ]  # fmt: skip
    assert (badge.children, badge.inline, badge.min_height, badge.script) == (False, False, 0, None)


def test_what_stands_beside_the_definition_belongs_to_the_component(folder: Path) -> None:
    (folder / "sale_badge" / "style.css").write_text("b { color: var(--genui-accent); }")
    (folder / "sale_badge" / "script.js").write_text("export default () => {};")
    badge = badge_of(folder)
    assert badge.style.endswith("b { color: var(--genui-accent); }")
    assert ".skeleton" in badge.style, "the family's base sheet comes first"
    assert badge.script == folder / "sale_badge" / "script.js"


def test_a_template_may_import_macros_from_its_own_folder(folder: Path) -> None:
    (folder / "sale_badge" / "parts.html").write_text(
        "{% macro big(text) %}<h1>{{ text }}</h1>{% endmacro %}"
    )
    (folder / "sale_badge" / "template.html").write_text('{% from "parts.html" import big %}{{ big(label) }}')
    assert badge_of(folder).render({"label": "<Tea>"}) == "<h1>&lt;Tea&gt;</h1>"


def test_a_missing_prop_and_all_below_it_is_nothing(folder: Path) -> None:
    (folder / "sale_badge" / "template.html").write_text("[{{ label }}{{ label.a.b }}{{ props.kind }}]")
    assert badge_of(folder).render({}) == "[]"


def test_alt_is_plain_text_and_never_escaped(folder: Path) -> None:
    assert badge_of(folder).alt({"label": "Tea & milk", "price": 4.0}) == "Tea & milk now 4"


def test_a_component_without_alt_is_told_by_its_texts(folder: Path) -> None:
    definition = folder / "sale_badge" / "component.toml"
    definition.write_text("\n".join(line for line in DEFINITION.splitlines() if not line.startswith("alt")))
    assert badge_of(folder).alt({"label": "Tea", "price": 4, "kind": "food"}) == "Tea · food"


def test_of_several_folders_the_last_wins(folder: Path, tmp_path: Path) -> None:
    other = tmp_path / "other"
    shutil.copytree(folder, other)
    (other / "sale_badge" / "template.html").write_text("mine")
    assert Catalog.load(folder, other)["SaleBadge"].render({}) == "mine"


def test_folders_that_are_no_components_are_left_alone(folder: Path) -> None:
    for name in ("_shared", ".git", "assets"):
        (folder / name).mkdir()
    assert Catalog.load(folder).names == {"SaleBadge"}


MISTAKES = [
    pytest.param(
        "component.toml", "name = ", "nome = ", "unknown-key", ":1: ", "did you mean `name`", id="key"
    ),
    pytest.param("component.toml", "[props.price]", "[props.price", "bad-toml", ":10: ", "TOML", id="toml"),
    pytest.param(
        "component.toml", '"SaleBadge"', '"saleBadge"', "bad-name", ":1: ", "begin with A–Z", id="name"
    ),
    pytest.param("component.toml", '"SaleBadge"', '"Badge"', "bad-folder", ":1: ", "'badge'", id="folder"),
    pytest.param(
        "component.toml", '"Says what is on sale."', '""', "no-description", ":2: ", "add one", id="text"
    ),
    pytest.param(
        "component.toml", "alt = ", "inline = ", "bad-value", ":3: ", "true or false", id="kind of value"
    ),
    pytest.param(
        "component.toml", "{{ price }}", "{{ prize }}", "unknown-variable", ":3: ", "`prize`", id="alt name"
    ),
    pytest.param("component.toml", "{{ price }}", "{{ price", "bad-alt", ":3: ", "Jinja", id="alt syntax"),
    pytest.param("component.toml", "<SaleBadge", "<Badge", "bad-example", ":4: ", "<SaleBadge", id="example"),
    pytest.param(
        "component.toml", "props.price", "props.state", "bad-prop", ":10: ", "'state'", id="taken name"
    ),
    pytest.param("component.toml", "props.price", "props.Price", "bad-prop", ":10: ", "a–z", id="prop name"),
    pytest.param(
        "component.toml", "props.loud", "props.children", "bad-prop", ":17: ", "children = true", id="slot"
    ),
    pytest.param("component.toml", '"number"', '"numbr"', "bad-schema", ":10: ", "numbr", id="schema"),
    pytest.param(
        "component.toml", '"number"', '"number"\ndefault = "x"', "bad-default", ":10: ", "'x'", id="default"
    ),
    pytest.param(
        "template.html", "{{ price }}", "{{ prize }}", "unknown-variable", ":2: ", "mean `price`", id="typo"
    ),
    pytest.param(
        "template.html", "{{ price }}", "{{ stock }}", "unknown-variable", ":2: ", "[props]", id="stranger"
    ),
    pytest.param("template.html", "{{ price }}", "{% if %}", "bad-template", ":2: ", "Jinja", id="syntax"),
    pytest.param("template.html", "<b>", '<b style="x">', "forbidden-html", ":2: ", "style.css", id="style"),
    pytest.param(
        "template.html", "<b>", '<b onclick="x">', "forbidden-html", ":2: ", "script.js", id="handler"
    ),
    pytest.param(
        "template.html", "<b>", "<script></script>", "forbidden-html", ":2: ", "script.js", id="script"
    ),
]


@pytest.mark.parametrize(("file", "right", "wrong", "code", "line", "advice"), MISTAKES)
def test_a_mistake_is_named_with_file_line_and_what_to_do(
    folder: Path, file: str, right: str, wrong: str, code: str, line: str, advice: str
) -> None:
    path = folder / "sale_badge" / file
    source = path.read_text()
    assert right in source
    path.write_text(source.replace(right, wrong, 1) if "Badge" not in wrong else source.replace(right, wrong))
    with pytest.raises(ComponentDefinitionError) as caught:
        Catalog.load(folder)
    assert caught.value.code == code
    assert str(caught.value).startswith(f"{path}{line}")
    assert advice in caught.value.message


def refused(folder: Path) -> ComponentDefinitionError:
    with pytest.raises(ComponentDefinitionError) as caught:
        Catalog.load(folder)
    return caught.value


def test_a_folder_that_is_not_there_is_an_error(tmp_path: Path) -> None:
    assert refused(tmp_path / "nowhere").code == "no-folder"


def test_a_components_own_folder_is_not_a_catalog(folder: Path) -> None:
    error = refused(folder / "sale_badge")
    assert error.code == "not-a-catalog"
    assert "the folder that it lies in" in error.message


def test_a_template_without_a_definition_is_an_error(folder: Path) -> None:
    (folder / "sale_badge" / "component.toml").unlink()
    assert refused(folder).code == "no-definition"


def test_a_definition_without_a_template_is_an_error(folder: Path) -> None:
    (folder / "sale_badge" / "template.html").unlink()
    error = refused(folder)
    assert (error.code, error.message.endswith("template.html: is missing; add it")) == ("no-file", True)


def test_children_without_a_slot_would_never_be_seen(folder: Path) -> None:
    definition = folder / "sale_badge" / "component.toml"
    definition.write_text("children = true\n" + DEFINITION)
    assert refused(folder).code == "no-slot"


def test_a_file_that_is_not_utf8_is_an_error(folder: Path) -> None:
    (folder / "sale_badge" / "style.css").write_bytes(b"/* caf\xe9 */")
    assert refused(folder).code == "not-utf-8"


def test_a_mistake_in_an_imported_template_names_that_file(folder: Path) -> None:
    (folder / "sale_badge" / "parts.html").write_text("\n{% macro %}")
    assert "parts.html:2: " in refused(folder).message


def test_a_list_called_required_is_json_schemas_own(folder: Path) -> None:
    definition = folder / "sale_badge" / "component.toml"
    definition.write_text(DEFINITION + '[props.box]\ntype = "object"\nrequired = ["width"]\n')
    box = badge_of(folder).prop("box")
    assert box is not None
    assert (box.required, box.schema["required"]) == (False, ["width"])


def test_the_prompt_shows_each_component_once_in_positional_order(folder: Path) -> None:
    prompt = Catalog.load(folder).prompt()
    signature = (
        "SaleBadge(label: text, price?: number, kind?: food | other, loud?: boolean) Says what is on sale."
    )
    assert prompt.endswith(f"Components:\n\n{signature}\n  price: in euros")


def test_the_prompt_names_child_tags_and_the_shape_of_lists() -> None:
    schema = {
        "$defs": {
            "Row": {"properties": {"cells": {"type": "array", "items": {"type": ["string", "number"]}}}},
            "Grid": {"properties": {"rows": {"type": "array", "items": {"$ref": "#/$defs/Row"}}}},
            "Plot": {"properties": {"at": {"anyOf": [{"type": "integer"}, {"const": "end"}]}, "more": {}}},
        }
    }
    prompt = Catalog.from_json_schema(schema).prompt()
    for signature in (
        "Row(cells?: (text | number)[])",
        "Grid(rows?: child tags Row)",
        "Plot(at?: whole number | end, more?: any)",
    ):
        assert signature in prompt


def test_the_prompt_of_all_built_ins_is_short() -> None:
    assert len(Catalog.builtin().prompt()) < 15_700


def test_describe_is_what_a_page_must_know(folder: Path) -> None:
    (described,) = Catalog.load(folder).describe()
    style = described.pop("style")
    assert isinstance(style, str)
    assert described == {
        "name": "SaleBadge",
        "folder": "sale_badge",
        "description": "Says what is on sale.",
        "inline": False,
        "children": False,
        "min_height": 0,
        "loads": False,
        "builtin": False,
        "bind": None,
        "live": [],
        "props": {
            "type": "object",
            "properties": {
                "label": {"type": "string"},
                "price": {"type": "number", "description": "in euros"},
                "kind": {"enum": ["food", "other"]},
                "loud": {"type": "boolean"},
            },
            "required": ["label"],
        },
        "script": None,
        "examples": ['<SaleBadge "Tea" 4/>', '<SaleBadge "Milk" price=2 loud/>'],
    }


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        (None, ""),
        (True, "Yes"),
        (21.0, "21"),
        (7.25, "7.25"),
        (["a", None, 2.0], "a, , 2"),
        ({"a": False}, "a: No"),
        ("<b>", "&lt;b&gt;"),
    ],
)
def test_a_template_shows_any_value_in_plain_words(folder: Path, value: object, shown: str) -> None:
    (folder / "sale_badge" / "template.html").write_text("{{ label }}")
    assert badge_of(folder).render({"label": value}) == shown


@pytest.mark.parametrize(
    ("url", "safe"),
    [
        ("https://example.org/a b?c=d", "https://example.org/a b?c=d"),
        ("MAILTO:a@example.org", "MAILTO:a@example.org"),
        ("tel:+33123", "tel:+33123"),
        ("/docs#top", "/docs#top"),
        ("//example.org", "//example.org"),
        ("  https://example.org\n", "https://example.org"),
        ("javascript:alert(1)", "#"),
        (" \x01JavaScript:alert(1)", "#"),
        ("java\nscr\tipt:alert(1)", "#"),
        ("data:text/html,x", "#"),
        ("vbscript:x", "#"),
        ("", "#"),
        (None, "#"),
        (7, "#"),
        (["https://example.org"], "#"),
    ],
)
def test_safe_url_lets_only_harmless_schemes_through(folder: Path, url: object, safe: str) -> None:
    (folder / "sale_badge" / "template.html").write_text("{{ label | safe_url }}")
    assert badge_of(folder).render({"label": url}) == safe


@pytest.mark.parametrize(
    ("url", "loaded"),
    [
        ("/a.png", "/a.png"),
        ("static/a.png?x#y", "static/a.png?x#y"),
        (" https://img.example/a.png ", "https://img.example/a.png"),
        ("HTTPS://IMG.example", "HTTPS://IMG.example"),
        ("https://img.example:8443/a.png", ""),
        ("https://img.example.evil.example/a.png", ""),
        ("https://img.example@evil.example/a.png", ""),
        ("https://evil.example/a.png", ""),
        ("https:evil.example/a.png", ""),
        ("https:/evil.example/a.png", ""),
        ("http://img.example/a.png", ""),
        ("//evil.example/a.png", ""),
        ("/\\evil.example/a.png", ""),
        ("\\/evil.example/a.png", ""),
        ("/\t/evil.example/a.png", ""),
        ("data:image/png;base64,AAAA", "data:image/png;base64,AAAA"),
        ("data:image/svg+xml;base64,AAAA", ""),
        ("javascript:alert(1)", ""),
        (None, ""),
        (["/a.png"], ""),
    ],
)
def test_pictures_load_from_this_site_and_from_origins_that_were_named(
    folder: Path, url: object, loaded: str
) -> None:
    (folder / "sale_badge" / "template.html").write_text("{{ label | media_url }}")
    catalog = Catalog.load(folder).showing_images_of(["https://img.example"])
    assert catalog["SaleBadge"].render({"label": url}) == loaded


def test_a_picture_from_anywhere_loads_only_where_that_was_asked_for(folder: Path) -> None:
    (folder / "sale_badge" / "template.html").write_text("{{ label | media_url }}")
    catalog, url = Catalog.load(folder), "https://any.example/a.png"
    assert catalog.showing_images_of(["*"])["SaleBadge"].render({"label": url}) == url
    assert catalog["SaleBadge"].render({"label": url}) == ""


@pytest.mark.parametrize(
    ("url", "host"),
    [
        ("https://www.example.org:80/x", "example.org"),
        ("/relative", ""),
        ("https://[broken", ""),
        ("javascript://example.org/%0aalert(1)", ""),
        (None, ""),
    ],
)
def test_hostname_is_the_host_or_nothing(folder: Path, url: object, host: str) -> None:
    (folder / "sale_badge" / "template.html").write_text("{{ label | hostname }}")
    assert badge_of(folder).render({"label": url}) == host


@pytest.mark.parametrize(
    ("values", "shown"),
    [
        ([132000, 98000], "132,000|98,000"),
        ([132000, 98000.5, "n/a", None], "132,000.0|98,000.5|n/a|"),
        ([2024, 1999], "2024|1999"),
        ([1, 2.25, True], "1.00|2.25|Yes"),
        ([0.1 + 0.2, -3], "0.3|-3.0"),
        ([], ""),
    ],
)
def test_numbers_of_one_column_are_written_alike(folder: Path, values: object, shown: str) -> None:
    (folder / "sale_badge" / "template.html").write_text('{{ label | as_list | numbers | join("|") }}')
    assert badge_of(folder).render({"label": values}) == shown


@pytest.mark.parametrize(
    "value", [0, -2.5, "$1,200", "€ 3", "-4.2%", "12 ms", "1.2M", "US$9", "−3", "1 200,50"]
)
def test_what_people_read_as_a_number_is_numeric(folder: Path, value: object) -> None:
    (folder / "sale_badge" / "template.html").write_text("{{ label is numeric }}")
    assert badge_of(folder).render({"label": value}) == "Yes"


@pytest.mark.parametrize(
    "value", ["", "Ava", "3 apples a day", "2024-05-01", "v1.2", "10:30", True, None, [1]]
)
def test_other_words_are_not_numeric(folder: Path, value: object) -> None:
    (folder / "sale_badge" / "template.html").write_text("{{ label is numeric }}")
    assert badge_of(folder).render({"label": value}) == "No"


def tried(markup: str) -> list[tuple[str, object]]:
    """The widgets of some markup, with their props."""
    recognizer = Recognizer(Catalog.builtin())
    events = [*recognizer.feed(markup), *recognizer.close()]
    return [
        (event.name, event.props)
        for event in events
        if isinstance(event, RenderComponent) and event.state == "complete"
    ]


def test_the_jsx_prompt_names_every_value_and_means_the_same() -> None:
    builtin = Catalog.builtin()
    compact, jsx = builtin.prompt(), builtin.prompt("jsx")
    assert "Values without a name" in compact
    assert "Values without a name" not in jsx
    shown = dict(
        re.findall(r"^([A-Z]\w*)\((?:.|\n(?!\n))*?\n  e\.g\. ((?:.|\n(?!\n[A-Z]\w*\())*)", jsx, re.M)
    )
    assert len(shown) >= 15
    for name, example in shown.items():
        assert tried(example) == tried(builtin[name].examples[0])


def test_a_budget_takes_examples_first_then_descriptions_and_never_signatures() -> None:
    builtin = Catalog.builtin()
    whole = count_tokens(builtin.prompt())
    signatures = re.findall(r"^[A-Z]\w+\(.*?\)(?= |$)", builtin.prompt(), re.M)
    fewer = builtin.prompt(budget=whole - 1)
    assert fewer.count("  e.g. ") == builtin.prompt().count("  e.g. ") - 1
    assert count_tokens(fewer) < whole
    assert builtin.prompt(budget=whole) == builtin.prompt()
    least = builtin.prompt(budget=1)
    assert "  e.g. " not in least
    assert builtin["Metric"].description not in least
    assert all(f"\n\n{component.name}(" in least for component in builtin)
    assert len(signatures) >= len(builtin)


def test_only_some_components_may_be_told_of() -> None:
    some = Catalog.builtin().only(["Table", "Card"])
    assert [component.name for component in some] == ["Table", "Card"]
    with pytest.raises(CallerError, match="did you mean `Table`"):
        Catalog.builtin().only(["Tabel"])


@pytest.mark.parametrize(
    ("schema", "said"),
    [
        ("{}", "holds its components"),
        ({"$defs": {"stock": {"properties": {}}}}, "none of 'stock'"),
        ({"$defs": {"Stock": {"properties": ["price"]}}}, "`Stock`: its `properties` are no object"),
        ({"$defs": {"Stock": {"properties": {"price": "number"}}}}, "`Stock.price` is no object"),
        ({"$defs": {"Stock": {"properties": {"price": {"type": "nummber"}}}}}, "did you mean `number`?"),
        ({"$defs": {"Stock": {"properties": {"price": {"$ref": "#/$defs/Stok"}}}}}, "did you mean `Stock`?"),
    ],
)
def test_a_catalog_in_json_schema_that_is_wrong_is_refused_with_what_to_do(schema: Any, said: str) -> None:
    with pytest.raises(ComponentDefinitionError, match=re.escape(said)):
        Catalog.from_json_schema(schema)


def test_a_catalog_among_components_is_refused_with_how_to_join_catalogs() -> None:
    with pytest.raises(ComponentDefinitionError, match="merged"):
        Catalog([Catalog.builtin()])  # type: ignore[list-item]
