"""What the built-in components' scripts do: forms by keyboard, charts that grow, code that is copied."""

from __future__ import annotations

import asyncio

from playwright.async_api import Page, Route, expect

from tests.browser.chat import TWO_FRAMES, Chat
from tests.browser.models import ByHand

FORM = (
    '<Form "Book" action="book" submit="Request">'
    '<Input "Name" name=name required/><Select "Guests" name=guests options={["1", "2"]}/>'
    '<Checkbox "Window seat" name=window/></Form>'
)
DRAWN = """async (canvas) => {
    const { Chart } = await import(new URL("static/charts.js", document.baseURI).href);
    const chart = Chart.getChart(canvas);
    return [chart.data.labels, chart.data.datasets.map((set) => set.data)];
}"""
_ABOVE_ITS_ROW = """(carousel) => {
    const top = (element) => element.getBoundingClientRect().top;
    return top(carousel.shadowRoot.querySelector(".track")) - top(carousel);
}"""


async def test_a_form_is_filled_and_sent_by_keyboard(chat: Chat, model: ByHand) -> None:
    await chat.ask("A table, please")
    model.answer(FORM)
    await chat.answered()
    await chat.started("form")
    address = chat.page.url
    await chat.answer.get_by_label("Name").focus()
    for key in ("A", "v", "a", "Tab", "2", "Tab", "Space", "Enter"):
        await chat.page.keyboard.press(key)
    await expect(chat.questions).to_have_count(2)
    model.answer("Booked.")
    await chat.answered()
    for told in ("book", "Ava", "2", "yes"):
        assert told in model.asked[-1]
    assert chat.page.url == address


async def test_a_form_is_held_back_while_a_field_is_not_valid(chat: Chat, model: ByHand) -> None:
    await chat.ask("A table, please")
    model.answer(FORM)
    await chat.answered()
    await chat.started("form")
    await chat.answer.get_by_role("button", name="Request").click()
    await expect(chat.answer.get_by_label("Name")).to_be_focused()
    await expect(chat.questions).to_have_count(1)


async def test_a_button_in_a_form_sends_the_forms_values(chat: Chat, model: ByHand) -> None:
    await chat.ask("A table, please")
    model.answer('<Form><Input "Name" name=name value="Ava"/><Button "Later" action="postpone"/></Form>')
    await chat.answered()
    await chat.started("form")
    await chat.started("button")
    await chat.answer.get_by_role("button", name="Later").click()
    await expect(chat.questions).to_have_count(2)
    model.answer("Later, then.")
    await chat.answered()
    assert "postpone" in model.asked[-1]
    assert "Ava" in model.asked[-1]


async def test_a_chart_grows_on_one_canvas(chat: Chat, model: ByHand) -> None:
    await chat.ask("How are sales?")
    model.write('<BarChart "Sales" labels={["Jan", "Feb"]} values={[1, ')
    canvas = chat.widget("BarChart").locator("canvas")
    await expect(canvas).to_have_count(1)
    first = await canvas.element_handle()
    model.answer("2]}/>")
    await chat.answered()
    assert await canvas.evaluate("(now, before) => now === before", first)
    assert await canvas.evaluate(DRAWN) == [["Jan", "Feb"], [[1, 2]]]


async def test_a_chart_follows_the_color_scheme(chat: Chat, model: ByHand) -> None:
    await chat.ask("How are sales?")
    model.answer('<LineChart "Sales" labels={["Jan", "Feb"]} values={[1, 2]}/>')
    await chat.answered()
    canvas = chat.widget("LineChart").locator("canvas")
    await expect(canvas).to_have_count(1)
    color = """async (canvas) => {
        const { Chart } = await import(new URL("static/charts.js", document.baseURI).href);
        return Chart.getChart(canvas).data.datasets[0].borderColor;
    }"""
    light = await canvas.evaluate(color)
    await chat.page.emulate_media(color_scheme="dark")
    await chat.page.wait_for_function(
        f"async ([canvas, light]) => (await ({color})(canvas)) !== light",
        arg=[await canvas.element_handle(), light],
    )


async def test_code_is_copied(chat: Chat, model: ByHand) -> None:
    await chat.page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    await chat.ask("Code?")
    model.answer("""<CodeBlock python code={"if a < b:\\n    pass"}/>""")
    await chat.answered()
    await chat.started("code_block")
    await chat.answer.get_by_role("button", name="Copy", exact=True).click()
    await expect(chat.widget("CodeBlock")).to_contain_text("Copied")
    assert await chat.page.evaluate("navigator.clipboard.readText()") == "if a < b:\n    pass"


async def test_a_chosen_tab_shows_its_panel_alone_and_stays_chosen_while_more_comes(
    chat: Chat, model: ByHand
) -> None:
    await chat.ask("The hotel?")
    model.write('<Tabs><Tab "Overview">Quiet.</Tab><Tab "Rooms">Twelve.</Tab>')
    tab = chat.answer.get_by_role("tab")
    await expect(tab).to_have_text(["Overview", "Rooms"])
    await expect(chat.answer.get_by_role("tabpanel", name="Overview")).to_contain_text("Quiet.")
    await tab.first.press("ArrowRight")
    await expect(tab.last).to_be_focused()
    await expect(chat.answer.get_by_role("tabpanel", name="Rooms")).to_contain_text("Twelve.")
    await expect(chat.answer.get_by_text("Quiet.")).to_be_hidden()
    model.answer('<Tab "Prices">From €90.</Tab></Tabs>')
    await chat.answered()
    await expect(tab).to_have_text(["Overview", "Rooms", "Prices"])
    await expect(chat.answer.get_by_role("tab", selected=True)).to_have_text("Rooms")
    await tab.nth(1).press("End")
    await expect(chat.answer.get_by_role("tabpanel", name="Prices")).to_contain_text("From €90.")
    await expect(chat.answer.get_by_role("tabpanel")).to_have_count(1)


async def test_an_accordion_unfolds_by_keyboard_and_stays_so_while_more_comes(
    chat: Chat, model: ByHand
) -> None:
    await chat.ask("Questions?")
    model.write(
        '<Accordion><AccordionItem "Returns" open>In 30 days.</AccordionItem><AccordionItem "Pets">Wel'
    )
    await expect(chat.answer.get_by_text("In 30 days.")).to_be_visible()
    pets = chat.answer.get_by_text("Pets")
    await chat.widget("AccordionItem").last.locator("summary").press("Enter")
    model.answer("come.</AccordionItem></Accordion>")
    await chat.answered()
    await expect(pets).to_be_visible()
    await expect(chat.answer.get_by_text("Welcome.")).to_be_visible()


async def test_a_dialog_takes_the_focus_stays_open_while_more_comes_and_gives_the_focus_back(
    chat: Chat, model: ByHand
) -> None:
    await chat.ask("Rules?")
    model.write('<Modal "House rules">Quiet hours')
    opener = chat.answer.get_by_role("button", name="House rules")
    await expect(opener).to_be_visible()
    await chat.started("modal")
    await opener.click()
    dialog = chat.page.get_by_role("dialog", name="House rules")
    await expect(dialog.get_by_role("button", name="Close")).to_be_focused()
    model.answer(" from ten.</Modal>")
    await expect(chat.answer.get_by_text("Quiet hours from ten.")).to_be_visible()
    await chat.page.keyboard.press("Escape")
    await expect(dialog).to_be_hidden()
    await expect(opener).to_be_focused()


async def test_a_carousel_moves_by_its_arrows(chat: Chat, model: ByHand) -> None:
    await chat.ask("Places?")
    model.answer("<Carousel>" + "".join(f'<Card "Place {at}"/>' for at in range(8)) + "</Carousel>")
    await chat.answered()
    back, forward = (chat.answer.get_by_role("button", name=name) for name in ("Back", "Forward"))
    await expect(back).to_be_disabled()
    last = chat.answer.get_by_text("Place 7")
    await expect(last).not_to_be_in_viewport()
    while await forward.is_enabled():
        await forward.click()
        await chat.page.evaluate(TWO_FRAMES)  # in which the row has moved and the arrows know it
    await expect(last).to_be_in_viewport()
    await expect(back).to_be_enabled()


async def test_a_carousel_without_a_title_keeps_no_room_above_its_row(chat: Chat, model: ByHand) -> None:
    await chat.ask("Places?")
    cards = "".join(f'<Card "Place {at}"/>' for at in range(8))
    model.answer(f'<Carousel><Card "Only"/></Carousel>\n\n<Carousel>{cards}</Carousel>')
    await chat.answered()
    for at in (0, 1):
        assert await chat.widget("Carousel").nth(at).evaluate(_ABOVE_ITS_ROW) == 0
    forward = chat.widget("Carousel").nth(1).get_by_role("button", name="Forward")
    await expect(forward).to_be_enabled()
    await forward.click()


async def test_on_a_phone_a_long_name_beside_a_bar_is_shortened_at_its_end(
    page: Page, server: str, model: ByHand
) -> None:
    await page.set_viewport_size({"width": 320, "height": 800})
    await page.add_init_script(
        """window.names = {};
        const { fillText } = CanvasRenderingContext2D.prototype;
        CanvasRenderingContext2D.prototype.fillText = function (text, x, ...more) {
          const left = this.textAlign === "right" ? x - this.measureText(text).width : x;
          names[text] = left + this.getTransform().e / devicePixelRatio;
          fillText.call(this, text, x, ...more);
        };"""
    )
    chat = await Chat.open(page, server)
    model.answer('<BarChart labels={["Donaudampfschifffahrt", "Rent"]} values={[3, 2]} horizontal/>')
    await chat.ask("Costs?")
    await chat.answered()
    await expect(chat.widget("BarChart").locator("canvas")).to_be_visible()
    await page.wait_for_function("() => Object.keys(names).some((name) => /^Donau.*…$/.test(name))")
    names: dict[str, float] = await page.evaluate("names")
    assert min(names.values()) >= 0


async def test_a_table_is_sorted_by_its_heads_and_stays_so_while_rows_come(chat: Chat, model: ByHand) -> None:
    await chat.ask("Salaries?")
    model.write('<Table columns={["Name", "Salary"]} rows={[["Ava", "$9k"], ["Zoe", "$132k"], ')
    names = chat.widget("Table").locator("tbody tr[data-row] td:first-child")
    await expect(names).to_have_text(["Ava", "Zoe"])
    await chat.started("table")
    await chat.answer.get_by_role("button", name="Salary").click()
    await expect(names).to_have_text(["Zoe", "Ava"])
    model.answer('["Mia", 10500]]}/>')
    await chat.answered()
    await expect(names).to_have_text(["Zoe", "Mia", "Ava"])
    head = chat.answer.get_by_role("columnheader", name="Salary")
    await expect(head).to_have_attribute("aria-sort", "descending")
    await chat.answer.get_by_role("button", name="Name").click()
    await expect(names).to_have_text(["Ava", "Mia", "Zoe"])
    for _ in range(2):
        await chat.answer.get_by_role("button", name="Name").click()
    await expect(names).to_have_text(["Ava", "Zoe", "Mia"])


async def test_a_picture_opens_large_and_arrows_go_through_all(chat: Chat, model: ByHand) -> None:
    await chat.ask("Pictures?")
    sources = ", ".join(
        f'{{"src": "static/samples/{name}.svg", "alt": "The {name}"}}' for name in ("harbor", "city", "dunes")
    )
    model.answer(f"<ImageGallery images={{[{sources}]}}/>")
    await chat.answered()
    await chat.started("image_gallery")
    await chat.answer.get_by_role("button", name="The city").click()
    dialog = chat.page.get_by_role("dialog")
    await expect(dialog).to_contain_text("The city (2 of 3)")
    await chat.page.keyboard.press("ArrowRight")
    await chat.page.keyboard.press("ArrowRight")
    await expect(dialog).to_contain_text("The harbor (1 of 3)")
    await dialog.get_by_role("button", name="Close").click()
    await expect(dialog).to_be_hidden()


async def test_every_kind_of_field_gives_its_value_to_the_form(chat: Chat, model: ByHand) -> None:
    await chat.ask("A booking, please")
    model.answer(
        '<Form action="book"><RadioGroup "Board" name=board options={["Full", "Half"]} value="Half"/>'
        "<Slider Guests name=guests min=1 max=900 value=400/><Switch Pets name=pets checked/>"
        '<DatePicker From name=from value="2026-07-04"/><TextArea Notes name=notes value="Late"/></Form>'
    )
    await chat.answered()
    await chat.started("form")
    await chat.answer.get_by_role("slider").press("ArrowRight")
    await chat.answer.get_by_role("button", name="Submit").click()
    await expect(chat.questions).to_have_count(2)
    model.answer("Booked.")
    await chat.answered()
    for told in ("Board: Half", "Guests: 401", "Pets: yes", "From: 2026-07-04", "Notes: Late"):
        assert told in model.asked[-1]


async def test_a_vote_counts_once(chat: Chat, model: ByHand) -> None:
    await chat.ask("Lunch?")
    model.answer('<Poll "Where to?" options={["Ramen", "Tacos"]}/>')
    await chat.answered()
    await chat.started("poll")
    poll = chat.widget("Poll").first
    await poll.get_by_label("Tacos").check()
    await poll.get_by_role("button", name="Vote").click()
    await expect(chat.questions).to_have_count(2)
    model.answer("Tacos it is.")
    await chat.answered()
    assert "choice: Tacos" in model.asked[-1]
    await expect(chat.page.get_by_role("button", name="Voted")).to_be_disabled()


async def test_code_is_colored_while_it_stands_as_it_was_written(chat: Chat, model: ByHand) -> None:
    await chat.ask("Code?")
    model.answer("""<CodeBlock python code={"if a < b:\\n    pass"}/>""")
    await chat.answered()
    keywords = "() => [...(CSS.highlights.get('genui-keyword') ?? [])].map((range) => range.endOffset)"
    await chat.page.wait_for_function(f"() => ({keywords})().length === 2")
    assert await chat.page.evaluate(keywords) == [2, 18]
    await expect(chat.widget("CodeBlock").locator("code *")).to_have_count(0)


async def test_a_formula_is_drawn_and_read_aloud_as_mathematics(chat: Chat, model: ByHand) -> None:
    await chat.ask("Formula?")
    model.answer(r'<Math "\frac{a}{b} \href{javascript:alert(1)}{c}"/>')
    await chat.answered()
    await expect(chat.widget("Math").locator("mfrac")).to_have_count(1)
    await expect(chat.widget("Math").locator("[href]")).to_have_count(0)


async def test_enter_in_a_form_before_its_script_has_come_counts_once_when_it_has(
    chat: Chat, model: ByHand
) -> None:
    arrived = asyncio.Event()

    async def late(route: Route) -> None:
        await arrived.wait()
        await route.continue_()

    await chat.page.route("**/components/form/script.js*", late)
    await chat.ask("Book?")
    model.answer('<Form "Book" action=book><Input "Name" name=name required/></Form>')
    await chat.answered()
    await chat.answer.get_by_label("Name").fill("Ava")
    await chat.answer.get_by_label("Name").press("Enter")
    await chat.answer.get_by_label("Name").press("Enter")
    arrived.set()
    await expect(chat.questions).to_have_count(2)
    model.answer("Booked.")
    await chat.answered()
    assert "Ava" in model.asked[-1]
    assert len(model.asked) == 2


async def test_a_press_before_the_script_has_come_counts_when_it_has(chat: Chat, model: ByHand) -> None:
    arrived = asyncio.Event()

    async def late(route: Route) -> None:
        await arrived.wait()
        await route.continue_()

    await chat.page.route("**/components/button/script.js*", late)
    await chat.ask("Details?")
    model.answer('<Button "Show details" action="details"/>')
    await chat.answered()
    await chat.answer.get_by_role("button", name="Show details").click()
    arrived.set()
    await expect(chat.questions).to_have_count(2)
    model.answer("Here they are.")
    await chat.answered()


async def test_a_sound_is_played_by_keyboard_and_nothing_is_fetched_before(chat: Chat, model: ByHand) -> None:
    fetched: list[str] = []
    chat.page.on("request", lambda request: fetched.append(request.url))
    await chat.ask("How does the bell sound?")
    model.answer('<Audio "static/samples/chime.wav" title="The bell"/>')
    await chat.answered()
    sound = chat.widget("Audio").locator("audio")
    await expect(sound).to_have_accessible_name("The bell")
    assert not any(url.endswith(".wav") for url in fetched)
    await sound.focus()
    await chat.page.keyboard.press("Space")
    await sound.evaluate(
        "it => it.currentTime || new Promise((done) => it.addEventListener('playing', done))"
    )
    assert any(url.endswith(".wav") for url in fetched)


TOPPINGS = (
    '<Form action="order" submit="Order"><CheckboxGroup "Toppings" name=toppings required '
    'options={["Olives", "Capers", "Chili"]}/></Form>'
)


async def test_a_group_of_boxes_sends_the_list_of_those_that_are_checked(chat: Chat, model: ByHand) -> None:
    await chat.ask("A pizza, please")
    model.answer(TOPPINGS)
    await chat.answered()
    await chat.started("form")
    group = chat.answer.get_by_role("group", name="Toppings")
    await group.get_by_label("Olives").focus()
    for key in ("Space", "Tab", "Tab", "Space", "Enter"):
        await chat.page.keyboard.press(key)
    await expect(chat.questions).to_have_count(2)
    model.answer("Coming.")
    await chat.answered()
    assert "Olives, Chili" in model.asked[-1]


async def test_a_group_that_is_needed_holds_the_form_back_until_a_box_is_checked(
    chat: Chat, model: ByHand
) -> None:
    await chat.ask("A pizza, please")
    model.answer(TOPPINGS)
    await chat.answered()
    await chat.started("form")
    await chat.started("checkbox_group")
    await chat.answer.get_by_role("button", name="Order").click()
    await expect(chat.answer.get_by_label("Olives")).to_be_focused()
    await expect(chat.questions).to_have_count(1)
    await chat.answer.get_by_label("Capers").check()
    await chat.answer.get_by_role("button", name="Order").click()
    await expect(chat.questions).to_have_count(2)


async def test_the_item_that_is_pressed_in_a_list_becomes_the_next_turn(chat: Chat, model: ByHand) -> None:
    await chat.ask("A room?")
    model.answer(
        '<ItemList "Rooms" action="book_room" items={[{"title": "Suite", "detail": "$210"}, "Attic"]}/>'
    )
    await chat.answered()
    await chat.started("item_list")
    await chat.answer.get_by_role("button", name="Suite $210").click()
    await expect(chat.questions).to_have_count(2)
    model.answer("Booked.")
    await chat.answered()
    assert "book_room" in model.asked[-1]
    assert "Suite" in model.asked[-1]


async def test_a_list_without_an_action_has_nothing_to_press(chat: Chat, model: ByHand) -> None:
    await chat.ask("What do I need?")
    model.answer('<ItemList "To pack" items={["Passport", "Charger"]}/>')
    await chat.answered()
    await expect(chat.answer.get_by_role("list", name="")).to_contain_text("Passport")
    await expect(chat.widget("ItemList").get_by_role("button")).to_have_count(0)


async def test_horizontal_bars_stand_one_below_the_other(chat: Chat, model: ByHand) -> None:
    await chat.ask("How was the day?")
    model.answer('<BarChart "Hours" horizontal labels={["Calls", "Code"]} values={[2, 4]}/>')
    await chat.answered()
    bars = """async (canvas) => {
        const { Chart } = await import(new URL("static/charts.js", document.baseURI).href);
        const chart = Chart.getChart(canvas);
        chart.update("none");  // its bars grow no more
        return chart.getDatasetMeta(0).data.map(({ x, y, base }) => [x - base, y]);
    }"""
    canvas = chat.widget("BarChart").locator("canvas")
    await expect(canvas).to_be_visible()
    await chat.started("bar_chart")
    (calls, first), (code, second) = await canvas.evaluate(bars)
    assert 0 < calls < code
    assert first < second
