"""What templates can do with a model's values: addresses, options, numbers, icons and formulas."""

from __future__ import annotations

import pytest

from genui.catalog import Catalog
from genui.events import Json

BUILTIN = Catalog.builtin()
WITH_PICTURES = BUILTIN.showing_images_of(["https://cdn.example.org"])


@pytest.mark.parametrize(
    "address",
    [
        "https://cdn.example.org/a.jpg?w=2",
        "/photos/a.jpg",
        "photos/a.jpg",
        "data:image/png;base64,iVBORw0KGgo=",
    ],
)
def test_a_picture_loads_from_this_site_its_own_text_or_an_origin_that_was_named(address: str) -> None:
    assert f'<img src="{address}"' in WITH_PICTURES["Image"].render({"src": address, "alt": "A"})


@pytest.mark.parametrize(
    "address",
    [
        "http://example.org/a.jpg",
        "https://elsewhere.example.org/a.jpg",
        "javascript:alert(1)",
        "java\tscript:alert(1)",
        "data:image/svg+xml,<svg/>",
        "data:text/html;base64,AA==",
        "//example.org/<b>",
        "two words.jpg",
        "",
        7,
        None,
    ],
)
def test_any_other_address_shows_the_words_for_the_picture(address: Json) -> None:
    html = WITH_PICTURES["Image"].render({"src": address, "alt": "A boat"})
    assert "<img" not in html
    assert "A boat" in html


def test_a_film_is_fetched_only_when_someone_plays_it_and_a_page_is_a_link() -> None:
    film = WITH_PICTURES["Video"].render({"src": "https://cdn.example.org/tour.mp4?v=2"})
    assert 'src="https://cdn.example.org/tour.mp4?v=2" controls' in film
    assert 'preload="none"' in film
    page = BUILTIN["Video"].render({"src": "https://www.youtube.com/watch?v=1"})
    assert "<video" not in page
    assert "Watch on youtube.com" in page


def test_a_sound_is_fetched_only_when_someone_plays_it_and_a_page_is_a_link() -> None:
    sound = WITH_PICTURES["Audio"].render({"src": "https://cdn.example.org/bell.MP3#t=3", "title": "A bell"})
    assert '<audio src="https://cdn.example.org/bell.MP3#t=3" controls preload="none"' in sound
    assert 'aria-label="A bell"' in sound
    page = BUILTIN["Audio"].render({"src": "https://podcasts.example.org/12"})
    assert "<audio" not in page
    assert "Listen on podcasts.example.org" in page
    assert "<a " not in BUILTIN["Audio"].render({"title": "A bell"})


@pytest.mark.parametrize(
    ("style", "shown"),
    [
        ("percent", ["12.4%", "-3.1%"]),
        ("USD", ["$0.12", "−$0.03"]),
        ("CHF", ["CHF\u00a00.12", "−CHF\u00a00.03"]),
        ("nonsense", ["0.124", "-0.031"]),
    ],
)
def test_a_column_is_written_in_its_format(style: str, shown: list[str]) -> None:
    html = BUILTIN["Table"].render(
        {"columns": [{"label": "Growth", "format": style}], "rows": [[0.124], [-0.031]]}
    )
    for text in shown:
        assert f"<bdi>{text}</bdi>" in html


def test_large_numbers_are_short_and_text_between_them_stays() -> None:
    columns = [{"label": "Users", "format": "compact"}]
    html = BUILTIN["Table"].render({"columns": columns, "rows": [[1_250_000], ["n/a"], [980], [64_000]]})
    for text in ("1.2M", "n/a", "980", "64k"):
        assert f"<bdi>{text}</bdi>" in html


def test_numbers_that_no_float_holds_are_shown_as_they_are() -> None:
    huge = 10**400
    assert str(huge) in BUILTIN["Table"].render({"rows": [[huge], [1]]})
    for name in ("PieChart", "Heatmap", "Sparkline", "Progress", "Poll"):
        props: dict[str, Json] = {"values": [huge, 1], "labels": ["a", "b"], "value": huge}
        assert BUILTIN[name].render({**props, "options": [{"label": "a", "votes": huge}]})


def test_the_shares_of_a_pie_are_parts_of_what_is_there() -> None:
    html = BUILTIN["PieChart"].render({"labels": ["a", "b", "c"], "values": [3, 1, None]})
    assert '<bdi>3</bdi></td><td class="share">75%' in html
    assert '<bdi>1</bdi></td><td class="share">25%' in html


def test_a_heatmap_is_strongest_where_the_number_is_greatest() -> None:
    html = BUILTIN["Heatmap"].render({"values": [[1, 10], [None, 5.5]]})
    for cell in ('"level-0"><bdi>1<', '"level-9"><bdi>10<', '"blank"><bdi><', '"level-5"><bdi>5.5<'):
        assert cell in html


def test_facts_may_be_an_object_or_pairs() -> None:
    fact = "<dt>Rooms</dt><dd><bdi>3</bdi></dd>"
    shapes: list[Json] = [{"Rooms": 3}, [["Rooms", 3]], [{"label": "Rooms", "value": 3}]]
    assert all(fact in BUILTIN["KeyValue"].render({"items": items}) for items in shapes)


def test_every_icon_that_a_model_may_choose_is_drawn() -> None:
    name = BUILTIN["Icon"].prop("name")
    assert name is not None
    for choice in name.shape.enum:
        assert '<path d="M' in BUILTIN["Icon"].render({"name": choice})


def test_half_a_formula_stands_as_its_source() -> None:
    assert r"<code dir=" in BUILTIN["Math"].render({"latex": r"\frac{a}{"})
    assert "<mfrac>" in BUILTIN["Math"].render({"latex": r"\frac{a}{b}"})


@pytest.mark.parametrize(
    "latex",
    [r"\href{javascript:alert(1)}{x}", r"\style{color:red}{x}", r"\class{a}{x}", r"\text{<b onclick=1>}"],
)
def test_a_formula_brings_no_links_styles_or_markup(latex: str) -> None:
    html = BUILTIN["Math"].render({"latex": latex})
    drawn = html[html.index("<math") : html.index("<annotation")]
    assert not any(part in drawn for part in ("href=", "style=", "class=", "<b"))
