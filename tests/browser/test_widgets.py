"""What the built-in components' scripts do: forms by keyboard, charts that grow, code that is copied."""

from __future__ import annotations

from playwright.async_api import expect

from tests.browser.chat import Chat
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


async def test_a_form_is_filled_and_sent_by_keyboard(chat: Chat, model: ByHand) -> None:
    await chat.ask("A table, please")
    model.answer(FORM)
    await chat.answered()
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
    await chat.answer.get_by_role("button", name="Request").click()
    await expect(chat.answer.get_by_label("Name")).to_be_focused()
    await expect(chat.questions).to_have_count(1)


async def test_a_button_in_a_form_sends_the_forms_values(chat: Chat, model: ByHand) -> None:
    await chat.ask("A table, please")
    model.answer('<Form><Input "Name" name=name value="Ava"/><Button "Later" action="postpone"/></Form>')
    await chat.answered()
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
    await chat.answer.get_by_role("button", name="Copy").click()
    await expect(chat.widget("CodeBlock")).to_contain_text("Copied")
    assert await chat.page.evaluate("navigator.clipboard.readText()") == "if a < b:\n    pass"
