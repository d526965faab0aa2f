"""A conversation that is changed, copied, read aloud, dictated and found again."""

from __future__ import annotations

from playwright.async_api import BrowserContext, Page, expect

from tests.browser.chat import Chat
from tests.browser.models import ByHand
from tests.browser.watch import Watch

SPEECH = """
window.spoken = [];
class Utterance extends EventTarget { constructor(text) { super(); this.text = text; } }
window.SpeechSynthesisUtterance = Utterance;
const synthesis = Object.assign(new EventTarget(), {
  getVoices: () => [{ lang: "en" }],
  speak: (one) => { spoken.push(one.text); },
  cancel: () => { spoken.push("(silent)"); },
});
Object.defineProperty(window, "speechSynthesis", { value: synthesis });
window.SpeechRecognition = class extends EventTarget {
  start() { window.recognition = this; }
  stop() { this.dispatchEvent(new Event("end")); }
};
window.webkitSpeechRecognition = undefined;
"""


async def _say(chat: Chat, model: ByHand, question: str, answer: str) -> None:
    model.answer(answer)
    await chat.ask(question)
    await chat.answered()


async def test_a_question_that_is_changed_drops_what_came_after_it(chat: Chat, model: ByHand) -> None:
    await _say(chat, model, "First", "One.")
    await _say(chat, model, "Second", "Two.")
    await _say(chat, model, "Third", "Three.")
    await chat.questions.nth(1).hover()
    await chat.questions.nth(1).get_by_role("button", name="Edit question").click()
    field = chat.page.get_by_role("textbox", name="Edit question")
    await expect(field).to_be_focused()
    model.answer("Another two.")
    await field.fill("Second, changed")
    await field.press("Enter")
    await expect(chat.answer).to_contain_text("Another two.")
    await expect(chat.questions).to_have_text(["First", "Second, changed"])
    told = [message["content"] for message in model.conversation[1:]]
    assert told == ["First", "One.", "Second, changed"]


async def test_a_question_that_is_changed_leaves_the_widgets_before_it_for_a_reload(
    chat: Chat, model: ByHand
) -> None:
    await _say(chat, model, "Weather?", '<WeatherWidget city="Paris" temp=21 unit=C/>')
    await _say(chat, model, "Second", "Two.")
    await chat.questions.nth(1).hover()
    await chat.questions.nth(1).get_by_role("button", name="Edit question").click()
    model.answer("Another two.")
    await chat.page.get_by_role("textbox", name="Edit question").fill("Changed")
    await chat.page.keyboard.press("Enter")
    await expect(chat.answer).to_contain_text("Another two.")
    await chat.answered()
    assert "<WeatherWidget " in model.conversation[2]["content"]
    await chat.page.reload()
    await expect(chat.questions).to_have_text(["Weather?", "Changed"])
    await expect(chat.page.locator('genui-widget[name="WeatherWidget"]')).to_contain_text("Paris")


async def test_escape_leaves_a_question_as_it_was(chat: Chat, model: ByHand) -> None:
    await _say(chat, model, "First", "One.")
    await chat.questions.hover()
    await chat.questions.get_by_role("button", name="Edit question").click()
    await chat.page.get_by_role("textbox", name="Edit question").fill("Changed")
    await chat.page.keyboard.press("Escape")
    await expect(chat.questions).to_have_text("First")
    assert model.asked == ["First"]


async def test_an_answer_can_be_asked_for_again(chat: Chat, model: ByHand) -> None:
    await _say(chat, model, "First", "One.")
    model.answer("Uno.")
    await chat.answer.get_by_role("button", name="Ask again").click()
    await expect(chat.answer).to_contain_text("Uno.")
    await expect(chat.questions).to_have_count(1)
    assert [message["content"] for message in model.conversation[1:]] == ["First"]


async def test_an_answer_is_copied_with_its_widgets_in_words(
    chat: Chat, model: ByHand, context: BrowserContext
) -> None:
    await context.grant_permissions(["clipboard-read", "clipboard-write"])
    await _say(
        chat, model, "Weather?", 'It is **fine**.\n\n<WeatherWidget city="Paris" temp=21 unit=C/>\n\nBye.'
    )
    await chat.answer.get_by_role("button", name="Copy answer").click()
    await expect(chat.answer.get_by_role("button", name="Copied")).to_be_visible()
    copied = await chat.page.evaluate("navigator.clipboard.readText()")
    assert copied == "It is **fine**.\n\nParis: 21°C\n\nBye."


async def test_after_a_reload_the_conversation_is_there_with_its_widgets_and_goes_on(
    chat: Chat, model: ByHand
) -> None:
    await _say(chat, model, "Weather?", 'Here: <WeatherWidget city="Paris" temp=21 unit=C/>')
    await chat.page.reload()
    await expect(chat.questions).to_have_text("Weather?")
    await expect(chat.widget("WeatherWidget")).to_contain_text("Paris")
    await _say(chat, model, "And now?", "Still fine.")
    assert model.conversation[1]["content"] == "Weather?"
    await chat.page.get_by_role("button", name="New conversation").click()
    await expect(chat.questions).to_have_count(0)
    await chat.page.reload()
    await expect(chat.question).to_be_editable()
    await expect(chat.questions).to_have_count(0)


async def test_an_answer_that_runs_goes_on_after_a_reload(chat: Chat, model: ByHand) -> None:
    await chat.ask("At length")
    model.write("The beginning, ")
    await expect(chat.answer).to_contain_text("The beginning,")
    await chat.page.reload()
    await expect(chat.answer).to_contain_text("The beginning,")
    model.answer("and the end.")
    await chat.answered()
    await expect(chat.answer).to_contain_text("The beginning, and the end.")
    assert model.asked == ["At length"]


async def test_answers_are_read_aloud_as_they_come_with_each_widget_in_words(
    page: Page, server: str, model: ByHand
) -> None:
    await page.add_init_script(SPEECH)
    chat = await Chat.open(page, server)
    await _say(chat, model, "Hello?", "Hello.")
    assert await page.evaluate("spoken") == [], "nothing is read before somebody asks for it"
    await page.get_by_role("button", name="Read answers aloud").click()
    await chat.ask("Weather?")
    model.write("It is fine. And ")
    await page.wait_for_function("() => spoken.length === 1")
    model.answer('warm.\n\n<WeatherWidget city="Paris" temp=21 unit=C/>')
    await chat.answered()
    assert await page.evaluate("spoken") == ["It is fine.", "And warm.", "Paris: 21°C"]
    await page.get_by_role("button", name="Stop reading aloud").click()
    await page.wait_for_function("() => spoken.at(-1) === '(silent)'")


async def test_a_question_is_dictated_into_the_field(page: Page, server: str, model: ByHand) -> None:
    await page.add_init_script(SPEECH)
    chat = await Chat.open(page, server)
    await chat.question.fill("Please:")
    await page.get_by_role("button", name="Dictate").click()
    await expect(page.get_by_role("button", name="Stop dictating")).to_have_attribute("aria-pressed", "true")
    await page.wait_for_function("() => Boolean(window.recognition)")
    hear = """(transcript) =>
      recognition.dispatchEvent(Object.assign(new Event("result"), { results: [[{ transcript }]] }))"""
    await page.evaluate(hear, "show the")
    await page.evaluate(hear, "show the weather")
    await expect(chat.question).to_have_value("Please: show the weather")
    await page.get_by_role("button", name="Stop dictating").click()
    await expect(page.get_by_role("button", name="Dictate")).to_be_visible()
    model.answer("Fine.")
    await chat.question.press("Enter")
    await expect(chat.answer).to_contain_text("Fine.")
    assert model.asked == ["Please: show the weather"]


async def test_what_is_sent_after_stop_is_asked_when_the_stopped_answer_has_ended(
    chat: Chat, model: ByHand
) -> None:
    await chat.ask("At length")
    model.write("The beginning, ")
    await expect(chat.answer).to_contain_text("The beginning,")
    await chat.page.evaluate("document.querySelector('genui-chat').stop()")
    await chat.page.evaluate("document.querySelector('genui-chat').send('And now?')")
    await expect(chat.questions).to_have_text(["At length", "And now?"])
    model.answer("This.")
    await chat.answered()
    await expect(chat.answer).to_contain_text("This.")
    assert model.asked == ["At length", "And now?"]


async def test_a_chat_without_a_page_asks_what_is_sent_after_stop_too(chat: Chat, model: ByHand) -> None:
    await chat.page.evaluate(
        """async () => {
          const { connect } = await import("/static/client.js");
          const { Chat } = await import("/static/session.js");
          window.own = new Chat(connect({ src: "/" }));
          window.begun = new Promise((resolve) => own.subscribe(() => own.messages[1]?.watch(
            ({ kind }) => kind === "text" && resolve())));
          window.first = own.send("At length");
        }"""
    )
    model.write("The beginning, ")
    await chat.page.evaluate("begun")
    await chat.page.evaluate("{ own.stop(); window.second = own.send('And now?'); undefined; }")
    await chat.page.wait_for_function("own.messages.length === 4")  # the stopped answer takes no more words
    model.answer("This.")
    await chat.page.evaluate("Promise.all([first, second]).then(() => undefined)")
    assert await chat.page.evaluate("own.messages.length") == 4
    assert await chat.page.evaluate("own.error === undefined")
    assert model.asked == ["At length", "And now?"]


async def test_two_tabs_on_one_thread_show_one_answer_and_each_can_end_it(
    chat: Chat, context: BrowserContext, model: ByHand, watch: Watch
) -> None:
    watch.expect("status of 409")
    await chat.ask("At length")
    model.write("The beginning, ")
    await expect(chat.answer).to_contain_text("The beginning,")
    thread = await chat.page.evaluate("document.querySelector('genui-chat').conversation")
    other = await Chat.open(await context.new_page(), chat.page.url)
    await other.page.evaluate("(id) => { document.querySelector('genui-chat').thread = id; }", thread)
    await expect(other.answer).to_contain_text("The beginning,")
    model.write("the middle ")
    await expect(other.answer).to_contain_text("the middle")
    await other.stop.click()
    await other.answered()
    await chat.page.bring_to_front()
    await chat.answered()
    await expect(chat.answer).to_contain_text("This answer was stopped.")
    await chat.ask("Next")
    model.write("First, ")
    await expect(chat.answer).to_contain_text("First,")
    await other.page.bring_to_front()
    await other.ask("Meanwhile?")
    await expect(other.alert).to_contain_text("still running")
    model.answer("done.")
    await chat.page.bring_to_front()
    await chat.answered()
    model.answer("Yes.")
    await other.page.bring_to_front()
    await other.retry.click()
    await expect(other.answer).to_contain_text("Yes.")
    assert model.asked == ["At length", "Next", "Meanwhile?"]
