"""State without the model: what a reader enters changes the components that are bound to it, in the page."""

from __future__ import annotations

import json
from typing import Any

import pytest
import pytest_asyncio
from playwright.async_api import Locator, Page, Request, expect

from tests.browser.chat import Chat
from tests.browser.models import ByHand


class Drawings:
    """What the page has had drawn since it was asked for."""

    def __init__(self, page: Page) -> None:
        self.requests: list[list[dict[str, Any]]] = []
        page.on("request", self._note)

    def _note(self, request: Request) -> None:
        if request.url.endswith("/v1/render"):
            self.requests.append(json.loads(request.post_data or "{}")["components"])


@pytest_asyncio.fixture(loop_scope="session")
async def drawings(chat: Chat) -> Drawings:  # async, because whoever listens to a page needs its loop
    return Drawings(chat.page)


async def answered(chat: Chat, model: ByHand, text: str) -> None:
    await chat.ask("Go on")
    model.answer(text)
    await chat.answered()


def metric(chat: Chat, label: str) -> Locator:
    return chat.answer.get_by_role("group", name=label)


async def test_a_period_select_switches_a_chart(chat: Chat, model: ByHand) -> None:
    await answered(
        chat,
        model,
        '<Select "Period" name=period options={["Month", "Year"]} value="Month"/>'
        '<LineChart title="By {$period | lower}"'
        " labels=\"{$period == 'Year' ? ['Q1', 'Q2'] : ['Jan', 'Feb']}\""
        ' values="{ {Month: [1, 2], Year: [30, 40]}[$period] }"/>',
    )
    chart = chat.widget("LineChart")
    await expect(chart).to_contain_text("By month")
    await expect(chart.get_by_role("table")).to_contain_text("Jan")
    await chat.answer.get_by_label("Period").select_option("Year")
    await expect(chart).to_contain_text("By year")
    await expect(chart.get_by_role("table")).to_contain_text("Q2")
    await expect(chart.get_by_role("table")).to_contain_text("40")
    assert model.asked == ["Go on"]


async def test_a_slider_moves_a_price_by_keyboard_and_keeps_the_focus(chat: Chat, model: ByHand) -> None:
    await answered(
        chat,
        model,
        '<Slider "Seats" name=seats min=1 max=60 value=12/>'
        '<Metric "Total" value="{$seats * 29 | currency(\'EUR\')}"/>',
    )
    total, slider = metric(chat, "Total"), chat.answer.get_by_role("slider")
    await expect(total).to_contain_text("€348")
    await slider.press("ArrowRight")
    await expect(total).to_contain_text("€377")
    await slider.press("End")
    await expect(total).to_contain_text("€1,740")
    await expect(slider).to_be_focused()
    assert await slider.input_value() == "60"


async def test_show_and_hide_ask_nobody(chat: Chat, model: ByHand, drawings: Drawings) -> None:
    await answered(
        chat,
        model,
        '<Switch "Deliver it" name=deliver/><Show when="$deliver">To your door.</Show>'
        '<Show when="{not $deliver}">Pick it up.</Show>',
    )
    await expect(chat.answer.get_by_text("Pick it up.")).to_be_visible()
    await expect(chat.answer.get_by_text("To your door.")).to_be_hidden()
    await chat.answer.get_by_role("switch").press(" ")
    await expect(chat.answer.get_by_text("To your door.")).to_be_visible()
    await expect(chat.answer.get_by_text("Pick it up.")).to_be_hidden()
    assert drawings.requests == []


async def test_what_is_hidden_never_shows_while_it_is_written(chat: Chat, model: ByHand) -> None:
    await chat.ask("Go on")
    model.write('<Checkbox "More" name=more/><Show when="$more">Only then. <Metric "Sum" 3/>')
    await expect(chat.widget("Metric")).to_be_attached()
    await expect(chat.answer.get_by_text("Only then.")).to_be_hidden()
    model.answer("</Show>")
    await chat.answered()
    await expect(chat.answer.get_by_text("Only then.")).to_be_hidden()
    await chat.answer.get_by_role("checkbox").check()
    await expect(chat.answer.get_by_text("Only then.")).to_be_visible()


async def test_tabs_say_which_of_them_shows_and_follow_what_is_bound_to_them(
    chat: Chat, model: ByHand
) -> None:
    await answered(
        chat,
        model,
        '<Select "View" value="$view" options={["Overview", "Rooms"]}/>'
        '<Tabs value="$view"><Tab "Overview">A quiet hotel.</Tab><Tab "Rooms">Twelve rooms.</Tab></Tabs>'
        "<Show when=\"{$view == 'Rooms'}\">All with a view.</Show>",
    )
    await chat.answer.get_by_role("tab", name="Rooms").click()
    await expect(chat.answer.get_by_text("All with a view.")).to_be_visible()
    await expect(chat.answer.get_by_label("View", exact=True)).to_have_value("Rooms")
    await chat.answer.get_by_label("View", exact=True).select_option("Overview")
    await expect(chat.answer.get_by_role("tab", name="Overview")).to_have_attribute("aria-selected", "true")
    await expect(chat.answer.get_by_text("All with a view.")).to_be_hidden()


async def test_two_inputs_of_one_name_are_one(chat: Chat, model: ByHand) -> None:
    await answered(
        chat,
        model,
        '<Input "Exactly" type=number value="$nights"/><Slider "Nights" name=nights min=1 max=14 value=3/>',
    )
    exactly, slider = chat.answer.get_by_role("spinbutton"), chat.answer.get_by_role("slider")
    await expect(exactly).to_have_value("3")
    await exactly.fill("9")
    await expect(slider).to_have_value("9")
    await expect(chat.widget("Slider")).to_contain_text("9")


async def test_a_switch_of_buttons_changes_what_is_bound_and_asks_the_model_nothing(
    chat: Chat, model: ByHand
) -> None:
    await answered(
        chat,
        model,
        '<ButtonGroup "Size" value="$size" options={["Small", "Large"]}/>'
        '<Metric "Price" value="{$size == \'Large\' ? 9 : 5}"/>',
    )
    await expect(metric(chat, "Price")).to_contain_text("5")
    large = chat.answer.get_by_role("button", name="Large")
    await large.press("Enter")
    await expect(metric(chat, "Price")).to_contain_text("9")
    await expect(large).to_have_attribute("aria-pressed", "true")
    assert model.asked == ["Go on"]


async def test_radio_buttons_a_date_and_a_text_are_bound_alike(chat: Chat, model: ByHand) -> None:
    await answered(
        chat,
        model,
        '<RadioGroup "Plan" name=plan options={["Free", "Team"]} value="Free"/><DatePicker "Day" name=day/>'
        '<TextArea "Notes" name=notes/>'
        '<Metric "Sum" value="{$plan}/{$day | date(\'long\')}/{$notes | length}"/>',
    )
    await expect(metric(chat, "Sum")).to_contain_text("Free//0")
    await chat.answer.get_by_label("Team").check()
    await chat.answer.get_by_label("Day").fill("2026-07-04")
    await chat.answer.get_by_label("Notes").fill("Hello")
    await expect(metric(chat, "Sum")).to_contain_text("Team/July 4, 2026/5")


async def test_while_one_drawing_is_under_way_only_the_latest_is_asked_for_next(
    chat: Chat, model: ByHand, drawings: Drawings
) -> None:
    await answered(chat, model, '<Input "Word" name=word/><Metric "Echo" value="{$word}!"/>')
    await expect(metric(chat, "Echo")).to_contain_text("!")
    before = len(drawings.requests)
    await chat.answer.get_by_label("Word").press_sequentially("abcdefghijklmnopqrstuvwxyz")
    await expect(metric(chat, "Echo")).to_contain_text("abcdefghijklmnopqrstuvwxyz!")
    assert 0 < len(drawings.requests) - before <= 26


@pytest.mark.parametrize(
    "hostile",
    [
        "{$word.constructor.constructor('alert(1)')()}",
        "{$word.__proto__.polluted}",
        "{$__proto__}",
        "{ {__proto__: {x: $word}}.x }",
        "{" + "(" * 300 + "$word" + ")" * 300 + "}",
        "{" + "-" * 5_000 + "$word}",
        "{$word + " + "$word + " * 2_000 + "1}",
        "{$word | constructor}",
    ],
    ids=["constructor", "proto", "name", "literal", "deep", "chain", "long", "filter"],
)
async def test_a_hostile_expression_does_nothing(chat: Chat, model: ByHand, hostile: str) -> None:
    await answered(
        chat,
        model,
        f'<Input "Word" name=word value=ok/><Metric "Hostile" caption="{hostile}" value=1/>'
        '<Metric "Good" value="{$word}"/>',
    )
    await expect(metric(chat, "Good")).to_contain_text("ok")
    assert await chat.page.evaluate("({}).polluted === undefined && ({}).x === undefined")


async def test_money_and_braces_in_a_text_stay_what_they_are(
    chat: Chat, model: ByHand, drawings: Drawings
) -> None:
    await answered(
        chat,
        model,
        '<Input "Name" name=name/><Metric "In $USD, {sic}" value="$412k" delta="$k"/>'
        '<Metric "${x}" value="$unknown"/>',
    )
    await expect(metric(chat, "In $USD")).to_contain_text("$412k")
    await expect(chat.answer.get_by_text("$unknown")).to_be_visible()
    assert {one["name"] for request in drawings.requests for one in request} <= {"Metric"}


async def test_a_form_sends_its_values_as_ever(chat: Chat, model: ByHand) -> None:
    await answered(
        chat,
        model,
        '<Form "Book" action=book><Slider "Guests" name=guests min=1 max=8 value=2/>'
        '<Show when="{$guests > 4}"><Input "Room" name=room required/></Show></Form>'
        '<Metric "Seats" value="$guests"/>',
    )
    await chat.started("form")
    await chat.answer.get_by_role("slider").press("ArrowRight")
    await expect(metric(chat, "Seats")).to_contain_text("3")
    await chat.answer.get_by_role("button", name="Submit").click()
    model.answer("Done.")
    await chat.answered()
    assert '"guests": 3' in model.asked[-1]


async def test_a_required_field_that_is_hidden_is_asked_for_only_where_it_shows(
    chat: Chat, model: ByHand
) -> None:
    await answered(
        chat,
        model,
        '<Form "Book" action=book><Slider "Guests" name=guests min=1 max=8 value=4/>'
        '<Show when="{$guests > 4}"><Input "Room" name=room required/></Show></Form>',
    )
    await chat.started("form")
    await chat.answer.get_by_role("slider").press("ArrowRight")
    await expect(chat.answer.get_by_label("Room")).to_be_visible()
    await chat.answer.get_by_role("button", name="Submit").click()
    await expect(chat.answer.get_by_label("Room")).to_be_focused()
    await chat.answer.get_by_label("Room").fill("Blue")
    await chat.answer.get_by_role("button", name="Submit").click()
    model.answer("Done.")
    await chat.answered()
    assert '"room": "Blue"' in model.asked[-1]


async def test_a_thread_that_is_drawn_again_begins_with_the_values_that_it_was_written_with(
    chat: Chat, model: ByHand
) -> None:
    await answered(
        chat,
        model,
        '<Slider "Price" value="$price" min=2 max=9/><Slider "Pieces" name=pieces value=3 max=9/>'
        '<Metric "Sum" value="{$price * $pieces}"/>',
    )
    await expect(metric(chat, "Sum")).to_contain_text("6")
    await chat.answer.get_by_role("slider", name="Pieces").press("ArrowRight")
    await expect(metric(chat, "Sum")).to_contain_text("8")
    await chat.page.reload()
    await expect(metric(chat, "Sum")).to_contain_text("6")
    await expect(chat.answer.get_by_role("slider", name="Pieces")).to_have_value("3")
    await chat.answer.get_by_role("slider", name="Price").press("ArrowRight")
    await expect(metric(chat, "Sum")).to_contain_text("9")


_OWN = """async () => {
  const embed = await import(new URL("static/embed.js", document.baseURI));
  const { Library, connect, emptyTree, mount, reduce } = embed;
  const place = document.body.appendChild(document.createElement("main"));
  const tree = emptyTree();
  const Metric = (host, node) => {
    const show = ({ props }) => (host.textContent = `${props.label} is ${props.value}`);
    host.role = "note";
    show(node);
    return { update: show };
  };
  const library = await Library.load(connect({ src: document.baseURI }));
  const mounted = mount(tree, place, { library, components: { Metric } });
  const show = (id, name, props, html) =>
    mounted.update(reduce(tree, { type: "render-component", id, name, state: "complete", props, html }));
  show("c1", "Metric", { label: "{$city} in short", value: "{$city | upper}" });
  show("c2", "Input", { name: "city", value: "Rome" }, "<input aria-label=City name=city value=Rome>");
  mounted.update(reduce(tree, { type: "run-end", reason: "stop" }));
}"""


async def test_a_component_of_the_pages_own_gets_values_for_what_is_bound(
    chat: Chat, drawings: Drawings
) -> None:
    await chat.page.evaluate(_OWN)
    own = chat.page.get_by_role("note")
    await expect(own).to_have_text("Rome in short is ROME")
    await chat.page.get_by_label("City").fill("Bern")
    await expect(own).to_have_text("Bern in short is BERN")
    assert drawings.requests == []


async def test_a_group_of_boxes_holds_the_list_of_those_that_are_checked(chat: Chat, model: ByHand) -> None:
    await answered(
        chat,
        model,
        '<CheckboxGroup "Extras" name=extras options={["Boat", "Guide"]} value={["Guide"]}/>'
        '<Metric "Chosen" value="{$extras | join(\' and \')}"/>'
        '<Metric "Sum" value="{($extras | length) * 20}"/>',
    )
    await expect(metric(chat, "Chosen")).to_contain_text("Guide")
    await expect(metric(chat, "Sum")).to_contain_text("20")
    await chat.answer.get_by_label("Boat").check()
    await expect(metric(chat, "Chosen")).to_contain_text("Boat and Guide")
    await expect(metric(chat, "Sum")).to_contain_text("40")
