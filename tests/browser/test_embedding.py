"""The chat on pages that are not its own: another origin, hostile style sheets, narrow, dark, right to left,
floating. In each of them a question is asked, a widget is shown, and axe-core finds nothing serious.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from playwright.async_api import BrowserContext, Page, Request, expect

from tests.browser.axe import violations
from tests.browser.chat import Chat
from tests.browser.embedding import embedded
from tests.browser.models import ByHand
from tests.browser.watch import Watch

ANSWER = (
    "Here is **some text**.\n\n| City | Temperature |\n| --- | --- |\n| Paris | 21 |\n\n"
    '<WeatherWidget city="Paris" temp=21 condition="sunny" unit=C/>\n\n'
    '<Form "Book" action="book" submit="Request"><Input "Name" name=name required/></Form>'
)

HOSTILE_CSS = """<style>
  * { all: unset !important; }
  html { font-size: 40px !important; }
  body { font: 900 60px/3 cursive !important; color: red !important; letter-spacing: 1em !important; }
  div, p, button, textarea, article, form { display: none !important; }
  * { text-transform: uppercase !important; visibility: hidden; cursor: wait !important; }
  :root { --genui: 1; line-height: 5 !important; word-spacing: 3em !important; text-indent: 9em !important; }
  main, genui-chat { visibility: visible !important; display: block !important; }
</style>"""


LISTENING = """() => {
  const chat = document.querySelector("genui-chat");
  window.heard = [];
  const hear = ({ type, detail }) => heard.push([type, detail.text ?? detail.thread ?? detail.type]);
  for (const type of ["genui-send", "genui-thread", "genui-event"]) chat.addEventListener(type, hear);
  chat.addEventListener("genui-send", (event) => event.detail.text === "Never" && event.preventDefault());
  chat.starters = ["Three"];
  chat.placeholder = null;
  chat.send("Never");
}"""

INSIDE = """(panel) => panel.contains(panel.getRootNode().activeElement)"""


async def converse(chat: Chat, model: ByHand) -> None:
    """A question, and an answer with prose, a table and two widgets."""
    model.answer(ANSWER)
    await chat.ask("Weather?")
    await chat.answered()
    await expect(chat.widget("WeatherWidget")).to_contain_text("Paris")


async def test_two_tags_put_the_chat_on_a_page_of_another_origin(
    page: Page, model: ByHand, watch: Watch
) -> None:
    async with embedded(page, watch, model, attributes='height="600px"') as chat:
        await converse(chat, model)
        await chat.started("form")
        await chat.answer.get_by_label("Name").fill("Ada")
        model.answer("Booked.")
        await chat.answer.get_by_role("button", name="Request").click()
        await expect(chat.answer).to_contain_text("Booked.")
        assert await violations(page) == []


async def test_a_page_of_an_origin_that_was_not_named_gets_nothing(
    page: Page, model: ByHand, watch: Watch
) -> None:
    watch.expect("CORS|Failed to load|ERR_")
    async with embedded(page, watch, model, genui={"origins": ["https://other.example"]}, named=False):
        assert await page.evaluate("customElements.get('genui-chat') === undefined"), "the page has loaded"
    assert any("CORS" in problem for problem in watch.problems)


LOOKS = (Path(__file__).parent / "looks.js").read_text()


async def test_no_style_of_the_page_reaches_into_the_chat(page: Page, model: ByHand, watch: Watch) -> None:
    looks = []
    for head in ("", HOSTILE_CSS):
        async with embedded(page, watch, model, attributes='height="600px"', head=head) as chat:
            await page.set_viewport_size({"width": 1000, "height": 800})
            await page.add_style_tag(content="body{margin:0!important;padding:0!important}")
            await converse(chat, model)
            looks.append(await page.locator("genui-chat").evaluate(LOOKS))
    plain, hostile = looks
    assert hostile == plain


async def test_no_style_of_the_chat_reaches_the_page(page: Page, model: ByHand, watch: Watch) -> None:
    async with embedded(page, watch, model, inside='<b slot="header">Shop</b>') as chat:
        before = await page.evaluate("getComputedStyle(document.querySelector('h1')).cssText")
        await converse(chat, model)
        assert await page.evaluate("getComputedStyle(document.querySelector('h1')).cssText") == before
        assert await page.evaluate("document.adoptedStyleSheets.length + document.styleSheets.length") == 0


async def test_on_a_narrow_screen_nothing_is_wider_than_it(page: Page, model: ByHand, watch: Watch) -> None:
    await page.set_viewport_size({"width": 320, "height": 640})
    async with embedded(
        page, watch, model, attributes='height="100dvh"', head="<style>body{margin:0}</style>"
    ) as chat:
        await converse(chat, model)
        assert await page.evaluate("document.scrollingElement.scrollWidth") == 320
        wide = "(element) => element.scrollWidth - element.clientWidth"
        assert await page.get_by_role("region", name="Conversation").evaluate(wide) == 0
        assert await violations(page) == []


@pytest.mark.parametrize("theme", ["light", "dark"])
async def test_the_theme_is_the_page_s_to_choose(page: Page, model: ByHand, watch: Watch, theme: str) -> None:
    async with embedded(page, watch, model, attributes=f'theme="{theme}" height="600px"') as chat:
        await converse(chat, model)
        text = await chat.questions.last.evaluate("(it) => getComputedStyle(it).color")
        assert text == ("rgb(27, 28, 30)" if theme == "light" else "rgb(236, 236, 234)")
        assert await violations(page) == []


async def test_arabic_stands_from_right_to_left_in_the_chat_and_in_its_widgets(
    page: Page, model: ByHand, watch: Watch
) -> None:
    async with embedded(page, watch, model, attributes='locale="ar" height="600px"', named=False):
        ask = page.get_by_role("textbox", name="الرسالة")
        await expect(ask).to_have_attribute("placeholder", "اسأل عن أي شيء")
        model.answer('الطقس **مشمس** اليوم.\n\n- واحد\n- اثنان\n\n<Metric "المبيعات" value="412"/>')
        await ask.fill("كيف الطقس؟")
        await page.get_by_role("button", name="إرسال").click()
        answer = page.get_by_role("article", name="الإجابة")
        await expect(answer.locator("genui-widget")).to_contain_text("المبيعات")
        await expect(page.get_by_role("button", name="نسخ الإجابة")).to_be_visible()
        direction = "(element) => getComputedStyle(element).direction"
        assert await answer.locator("genui-widget").evaluate(direction) == "rtl"
        assert await answer.locator("li").first.evaluate(direction) == "rtl"
        bubble = await page.get_by_role("article", name="أنت").locator("p").bounding_box()
        column = await answer.bounding_box()
        assert bubble
        assert column
        assert abs(bubble["x"] - column["x"]) < 2, "a question stands at the end of its line"
        assert await violations(page) == []


async def test_a_floating_chat_opens_traps_the_keyboard_and_gives_the_focus_back(
    page: Page, model: ByHand, watch: Watch
) -> None:
    async with embedded(
        page, watch, model, attributes='mode="floating"', around='<button id="before">Before</button>{}'
    ) as chat:
        launcher = page.get_by_role("button", name="Open chat")
        await expect(launcher).to_have_attribute("aria-expanded", "false")
        await launcher.focus()
        await page.keyboard.press("Enter")
        panel = page.get_by_role("dialog")
        await expect(chat.question).to_be_focused()
        await converse(chat, model)
        for key in ["Tab"] * 14 + ["Shift+Tab"] * 16:
            await page.keyboard.press(key)
            assert await panel.evaluate(INSIDE), key
        assert await violations(page) == []
        await page.keyboard.press("Escape")
        await expect(panel).to_be_hidden()
        await expect(launcher).to_be_focused()
        await launcher.click()
        await expect(chat.answer).to_contain_text("Here is some text.")


async def test_on_a_phone_the_floating_chat_is_the_whole_screen(
    page: Page, model: ByHand, watch: Watch
) -> None:
    await page.set_viewport_size({"width": 320, "height": 640})
    async with embedded(page, watch, model, attributes='mode="floating"') as chat:
        await page.get_by_role("button", name="Open chat").click()
        panel = page.get_by_role("dialog")
        assert await panel.bounding_box() == {"x": 0, "y": 0, "width": 320, "height": 640}
        await converse(chat, model)
        assert await violations(page) == []
        await panel.get_by_role("button", name="Close chat").click()
        await expect(panel).to_be_hidden()


async def test_attributes_properties_and_events_are_what_a_page_works_with(
    page: Page, model: ByHand, watch: Watch
) -> None:
    attributes = (
        'heading="Hello" welcome="Ask about the shop." placeholder="Your question" starters="One | Two"'
    )
    async with embedded(page, watch, model, attributes=attributes) as chat:
        await expect(page.get_by_role("heading", name="Hello")).to_be_visible()
        await expect(page.get_by_text("Ask about the shop.")).to_be_visible()
        await expect(page.get_by_role("button", name="Two")).to_be_visible()
        await expect(chat.question).to_have_attribute("placeholder", "Your question")
        await page.evaluate(LISTENING)
        await expect(chat.question).to_have_attribute("placeholder", "Ask anything")
        model.answer("Yes.")
        await page.get_by_role("button", name="Three").click()
        await chat.answered()
        heard: list[list[Any]] = await page.evaluate("heard")
        assert [one for one in heard if one[0] == "genui-send"] == [
            ["genui-send", "Never"],
            ["genui-send", "Three"],
        ]
        assert [one[1] for one in heard if one[0] == "genui-event"][-1] == "run-end"
        thread = await page.evaluate("document.querySelector('genui-chat').conversation")
        assert ["genui-thread", thread] in heard


async def test_a_token_and_headers_go_with_every_request(
    page: Page, model: ByHand, watch: Watch, context: BrowserContext
) -> None:
    sent: list[str | None] = []

    def see(request: Request) -> None:
        if "/v1/" in request.url:
            sent.append(request.headers.get("authorization"))

    context.on("request", see)
    async with embedded(page, watch, model, attributes='token="secret"') as chat:
        model.answer("Yes.")
        await chat.ask("Hello?")
        await chat.answered()
    assert sent
    assert {*sent} == {"Bearer secret"}


async def test_pictures_come_only_from_origins_that_were_named(
    page: Page, model: ByHand, watch: Watch
) -> None:
    async with embedded(page, watch, model) as chat:
        model.answer(
            '![Out](https://evil.example/a.png?secret) <Image src="https://evil.example/b.png" alt="B"/>'
        )
        await chat.ask("Pictures?")
        await chat.answered()
        await expect(chat.answer.get_by_role("link", name="Out")).to_be_visible()
        await expect(chat.answer.locator("img")).to_have_count(0)


async def test_two_chats_of_one_page_do_not_disturb_each_other(
    page: Page, model: ByHand, watch: Watch
) -> None:
    around = '{}<genui-chat id="two"></genui-chat>'
    async with embedded(page, watch, model, attributes='id="one"', around=around, named=False):
        first, second = (page.locator(f"genui-chat#{name}") for name in ("one", "two"))
        model.answer("For the first.")
        await first.get_by_role("textbox").fill("Hello?")
        await first.get_by_role("button", name="Send").click()
        await expect(first.get_by_role("article", name="Answer")).to_contain_text("For the first.")
        await expect(second.get_by_role("article")).to_have_count(0)


async def test_a_question_that_the_page_keeps_back_stays_in_the_field(
    page: Page, model: ByHand, watch: Watch
) -> None:
    async with embedded(page, watch, model) as chat:
        await page.evaluate("document.addEventListener('genui-send', (event) => event.preventDefault())")
        await chat.question.fill("Not yet")
        await chat.send.click()
        await expect(chat.question).to_have_value("Not yet")
        await expect(chat.questions).to_have_count(0)
        assert model.asked == []


async def test_what_is_sent_before_the_chat_stands_in_a_page_is_asked_when_it_does(
    page: Page, model: ByHand, watch: Watch
) -> None:
    async with embedded(page, watch, model) as chat:
        model.answer("Yes.")
        await chat.ask("Hello?")
        await chat.answered()
        model.answer("That, too.")
        await page.evaluate(
            """() => {
              const old = document.querySelector("genui-chat");
              const chat = document.createElement("genui-chat");
              chat.src = old.src;
              chat.thread = old.conversation;
              chat.send("And now?");
              old.replaceWith(chat);
            }"""
        )
        await expect(chat.questions).to_have_text(["Hello?", "And now?"])
        await expect(chat.answer).to_contain_text("That, too.")
        assert model.asked == ["Hello?", "And now?"]


async def test_another_language_is_that_of_the_turns_that_stand_too(
    page: Page, model: ByHand, watch: Watch
) -> None:
    async with embedded(page, watch, model) as chat:
        model.answer("Yes.")
        await chat.ask("Hello?")
        await chat.answered()
        for locale, answer, copy in (
            ("de", "Antwort", "Antwort kopieren"),
            ("fr", "Réponse", "Copier la réponse"),
            ("en", "Answer", "Copy answer"),
        ):
            await page.evaluate(f"document.querySelector('genui-chat').locale = '{locale}'")
            stood = page.get_by_role("article", name=answer, exact=True)
            await expect(stood).to_contain_text("Yes.")
            await expect(stood.get_by_role("button", name=copy)).to_have_count(1)


async def test_what_goes_on_while_the_language_changes_says_what_comes_in_the_new_one(
    page: Page, model: ByHand, watch: Watch
) -> None:
    async def speak(locale: str, answer: str) -> None:
        await page.evaluate(f"document.querySelector('genui-chat').locale = '{locale}'")
        await expect(page.get_by_role("article", name=answer, exact=True).last).to_contain_text("Well")

    async with embedded(page, watch, model) as chat:
        model.write("Well, then")
        await chat.ask("Hello?")
        await speak("de", "Antwort")
        await page.get_by_role("button", name="Anhalten", exact=True).click()
        await expect(page.get_by_text("Diese Antwort wurde angehalten.")).to_be_visible()
        await page.get_by_role("button", name="Frage bearbeiten").click()
        await expect(page.get_by_role("button", name="Abbrechen")).to_be_visible()
        await model.closed.wait()
        model.write("Well, then")
        await page.get_by_role("button", name="Senden", exact=True).first.click()
        await speak("fr", "Réponse")
        model.fail("No more today.")
        await expect(page.get_by_role("alert")).to_contain_text("Une erreur est survenue")
        await expect(page.get_by_role("button", name="Réessayer")).to_be_visible()


async def test_a_thread_that_a_page_names_and_the_server_has_forgotten_begins_anew(
    page: Page, model: ByHand, watch: Watch
) -> None:
    watch.expect("status of 404")
    async with embedded(page, watch, model, attributes='thread="thread_gone"') as chat:
        model.answer("Yes.")
        await chat.ask("Hello?")
        await expect(chat.answer).to_contain_text("Yes.")
        assert await page.evaluate("document.querySelector('genui-chat').conversation") != "thread_gone"
