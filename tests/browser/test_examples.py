"""The examples of frontends that are not `<genui-chat>`, bundled and used as a person would."""

from __future__ import annotations

import subprocess
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio
from playwright.async_api import Locator, Page, expect
from starlette.applications import Starlette
from starlette.routing import Mount
from starlette.staticfiles import StaticFiles
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from genui import GenUI
from genui.errors import CallerError
from genui.server.answers import error_answer
from tests.browser.hosting import hosting
from tests.browser.models import ByHand
from tests.browser.watch import Watch

pytestmark = pytest.mark.timeout(180)  # the first waits until the examples are bundled

ROOT = Path(__file__).parents[2]
OWN = ("react", "vue")
"""Those that draw the weather with a component of their own."""
PROTOCOLS = {"ai-sdk": ".weather", "ag-ui": "[name=WeatherWidget]", "a2ui": "a2ui-weather"}
"""Those with another protocol's own client, and what the weather is in them."""
ASIDE = ("/v1/components", "/v1/render", "/v1/a2ui/catalog")
"""What a page asks for beside answers."""
REFUSALS = [
    CallerError("unauthorized", "Send a key.", 401),
    CallerError("thread-busy", "An answer is still running.", 409),
    CallerError("body-too-large", "That is too long.", 413),
    CallerError("too-many-requests", "Too many questions.", 429, retry_after=30),
    CallerError("overloaded", "Too much to do.", 503, retry_after=1),
]


@pytest.fixture(scope="session")
def examples(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("examples")
    subprocess.run(["node", "frontend/build.mjs", "--examples", str(folder)], cwd=ROOT, check=True)
    return folder


class Cutting:
    """Breaks the connection of a stream off when it is told to, in the middle of an answer; refuses what is
    asked when it is told with what."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app
        self.cut = False
        self.refusal: CallerError | None = None
        self.asked_again_after: list[bytes] = []

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if self.refusal and scope["type"] == "http" and scope["path"] not in ASIDE:
            await error_answer(self.refusal)(scope, receive, send)
            return
        after = dict(scope.get("headers", ())).get(b"last-event-id")
        if after is not None:
            self.asked_again_after.append(after)

        async def sending(message: Message) -> None:
            if self.cut and message["type"] == "http.response.body" and message.get("more_body"):
                self.cut = False
                raise OSError("cut")
            await send(message)

        await self._app(scope, receive, sending)


@pytest_asyncio.fixture(loop_scope="session")
async def genui(model: ByHand) -> Cutting:
    return Cutting(GenUI(store="memory", model=model, repair=False))


@pytest_asyncio.fixture(loop_scope="session")
async def server(genui: Cutting, examples: Path) -> AsyncIterator[str]:
    site = Starlette(
        routes=[Mount("/examples", StaticFiles(directory=examples, html=True)), Mount("/", genui)]
    )
    async with hosting(site) as url:
        yield url


async def _asked(page: Page, server: str, example: str) -> Locator:
    """The answer to a question that was asked on the page of an example."""
    await page.goto(f"{server}/examples/{example}/")
    await page.get_by_label("Message").fill("Weather?")
    await page.get_by_role("button", name="Send").click()
    return page.get_by_role("article", name="Answer")


def _weather(answer: Locator, example: str) -> Locator:
    return answer.locator("section" if example in OWN else "[name=WeatherWidget]")


@pytest.mark.parametrize("example", [*OWN, "eventsource"])
async def test_a_widget_mounts_grows_and_completes(
    page: Page, server: str, model: ByHand, example: str
) -> None:
    answer = await _asked(page, server, example)
    model.write("It is ")
    model.write('**warm** there.\n\n<WeatherWidget city="Lisbon" ')
    weather = _weather(answer, example)
    await expect(weather).to_contain_text("Lisbon")
    await expect(answer).to_contain_text("It is")
    model.write("temp=26")
    model.write(' condition="sunny"/>\n\nEnjoy.')
    await expect(weather).to_contain_text("26")
    model.finish()
    await expect(answer).to_contain_text("Enjoy.")
    await expect(page.get_by_role("button", name="Send")).to_be_visible()
    if example in OWN:
        await expect(weather).to_have_attribute("data-state", "complete")
        await expect(answer.locator("strong")).to_have_text("warm")


@pytest.mark.parametrize("example", OWN)
async def test_components_that_the_page_does_not_draw_are_the_servers(
    page: Page, server: str, model: ByHand, example: str
) -> None:
    answer = await _asked(page, server, example)
    model.answer('<Card title="Trip"><WeatherWidget city="Rome" temp=30/>Pack **light**.</Card>')
    card = answer.locator('genui-widget[name="Card"]')
    await expect(card).to_contain_text("Trip")
    await expect(card.locator("section[data-state]")).to_contain_text("Rome")
    await expect(card.locator("strong")).to_have_text("light")


async def test_what_a_reader_did_with_a_react_component_survives_its_growth(
    page: Page, server: str, model: ByHand
) -> None:
    answer = await _asked(page, server, "react")
    model.write('<WeatherWidget city="Lisbon" ')
    pin = answer.get_by_role("button", name="Pin")
    await pin.click()
    model.answer("temp=26/>")
    await expect(answer.locator("output")).to_have_text("26°")
    await expect(pin).to_have_attribute("aria-pressed", "true")


@pytest.mark.parametrize("example", [*OWN, "eventsource", *PROTOCOLS])
async def test_stopping_ends_the_answer_and_the_model(
    page: Page, server: str, model: ByHand, example: str
) -> None:
    answer = await _asked(page, server, example)
    model.write("Well, ")
    await expect(answer).to_contain_text("Well")
    await page.get_by_role("button", name="Stop").click()
    await model.closed.wait()
    await expect(page.get_by_role("button", name="Send")).to_be_visible()


@pytest.mark.parametrize("example", [*OWN, "eventsource", "ag-ui"])
async def test_a_connection_that_breaks_resumes_without_a_gap(
    page: Page, server: str, watch: Watch, genui: Cutting, model: ByHand, example: str
) -> None:
    watch.expect("ERR_INCOMPLETE_CHUNKED_ENCODING")
    answer = await _asked(page, server, example)
    model.write("One ")
    await expect(answer).to_contain_text("One")
    genui.cut = True
    model.write("two ")
    model.answer("three.")
    await expect(answer).to_contain_text("One two three.")
    assert genui.asked_again_after


@pytest.mark.parametrize("example", PROTOCOLS)
async def test_another_protocols_client_shows_texts_and_widgets_in_their_order(
    page: Page, server: str, model: ByHand, example: str
) -> None:
    answer = await _asked(page, server, example)
    model.write('It is **warm** there.\n\n<WeatherWidget city="Lisbon" ')
    weather = answer.locator(PROTOCOLS[example])
    await expect(weather).to_contain_text("Lisbon")
    model.write(
        'temp=26 condition="sunny"/>\n\nEnjoy *it*.\n\n<Metric label="Nights" value=4/>\n\nThat is all.'
    )
    await expect(weather).to_contain_text("26")
    model.finish()
    await expect(page.get_by_role("button", name="Send")).to_be_visible()
    metric = answer.locator("[name=Metric]")
    await expect(metric).to_contain_text("Nights")
    last = answer.get_by_text("That is all.")
    shown = [answer.locator("strong"), weather, answer.locator("em"), metric, last]
    boxes = [await each.bounding_box() for each in shown]
    tops = [box["y"] for box in boxes if box]
    assert len(tops) == len(shown)
    assert tops == sorted(set(tops))


@pytest.mark.parametrize("example", PROTOCOLS)
async def test_another_protocols_client_shows_what_stands_in_a_widget_there(
    page: Page, server: str, model: ByHand, example: str
) -> None:
    answer = await _asked(page, server, example)
    model.write('<Card title="Trip"><Card title="Flight">At **noon**.</Card>')
    card = answer.locator("[name=Card]", has_text="Trip").first
    await expect(card.locator("[name=Card] strong")).to_have_text("noon")
    model.answer('<WeatherWidget city="Rome" temp=30/>Pack *light*.</Card>')
    await expect(card.locator(PROTOCOLS[example])).to_contain_text("30")
    await expect(card.locator("em")).to_have_text("light")
    await expect(answer.locator("[name=Card]")).to_have_count(2)


@pytest.mark.parametrize("example", PROTOCOLS)
async def test_another_protocols_client_shows_a_widget_that_failed_and_all_others(
    page: Page, server: str, model: ByHand, example: str
) -> None:
    answer = await _asked(page, server, example)
    model.answer('First.\n\n<Table rows={5}/>\n\n<Metric label="Nights" value=4/>\n\nLast.')
    await expect(answer.get_by_text("Table could not be shown.")).to_be_visible()
    await expect(answer.locator("[name=Metric]")).to_contain_text("4")
    await expect(answer.get_by_text("First.")).to_be_visible()
    await expect(answer.get_by_text("Last.")).to_be_visible()


@pytest.mark.parametrize("example", PROTOCOLS)
async def test_another_protocols_client_says_why_an_answer_failed(
    page: Page, server: str, watch: Watch, model: ByHand, example: str
) -> None:
    watch.expect("No more today")  # AG-UI's client says so in the console, too
    answer = await _asked(page, server, example)
    model.write("Well, it")
    await expect(answer).to_contain_text("Well")
    model.fail("No more today.")
    await expect(page.get_by_text("No more today.")).to_be_visible()
    await expect(page.get_by_role("button", name="Send")).to_be_visible()


@pytest.mark.parametrize("example", ["react", *PROTOCOLS])
async def test_a_button_that_the_server_draws_asks_the_next_question(
    page: Page, server: str, model: ByHand, example: str
) -> None:
    answers = await _asked(page, server, example)
    model.answer('<Button label="Book it" action="book_trip"/>')
    await expect(page.get_by_role("button", name="Send")).to_be_visible()
    await page.get_by_role("button", name="Book it").click()
    model.answer("Booked.")
    await expect(answers.last).to_contain_text("Booked.")
    assert '[action "book_trip" of <Button>' in model.asked[-1]
    await page.get_by_label("Message").fill("And the hotel?")
    await page.get_by_role("button", name="Send").click()
    model.answer("That too.")
    await expect(answers.last).to_contain_text("That too.")
    said = [message["content"] for message in model.conversation if message["role"] != "system"]
    assert said[-2:] == ["Booked.", "And the hotel?"]


async def test_the_ai_sdks_page_says_what_is_being_done(page: Page, server: str, model: ByHand) -> None:
    await _asked(page, server, "ai-sdk")
    model.think("Lisbon is south of Porto.")
    await expect(page.get_by_role("status")).to_be_visible()
    model.answer("Warm.")
    await expect(page.get_by_role("button", name="Send")).to_be_visible()
    await expect(page.get_by_role("status")).to_be_hidden()


@pytest.mark.parametrize("example", [*OWN, "eventsource", *PROTOCOLS])
async def test_a_refusal_is_told_in_words_and_the_next_question_is_answered(
    page: Page, server: str, watch: Watch, genui: Cutting, model: ByHand, example: str
) -> None:
    watch.expect("the server responded with a status of")
    watch.expect("Agent execution failed")  # AG-UI's client says so in the console, too
    await page.goto(f"{server}/examples/{example}/")
    field, send = page.get_by_label("Message"), page.get_by_role("button", name="Send")
    for refusal in REFUSALS:
        genui.refusal = refusal
        await field.fill(f"Refused with {refusal.status}?")
        await send.click()
        told = page.get_by_role("alert").last
        await expect(told).to_have_text(refusal.message)
        await expect(send).to_be_visible()
    genui.refusal = None
    model.answer("At last.")
    await field.fill("Weather?")
    await send.click()
    await expect(page.get_by_role("article", name="Answer").last).to_contain_text("At last.")
    await expect(send).to_be_visible()


@pytest.mark.parametrize("example", [*OWN, "eventsource", *PROTOCOLS])
async def test_an_answer_that_is_lost_stands_as_far_as_it_came_and_the_next_question_is_answered(
    page: Page, server: str, watch: Watch, genui: Cutting, model: ByHand, example: str
) -> None:
    watch.expect("ERR_INCOMPLETE_CHUNKED_ENCODING|the server responded with a status of|network error")
    answer = await _asked(page, server, example)
    model.write('One **two**\n\n<Metric label="Nights" value=4/>\n\nThree ')
    await expect(answer).to_contain_text("Three")
    genui.cut, genui.refusal = True, CallerError("unknown-run", "That answer is forgotten.", 404)
    model.write("four")
    send = page.get_by_role("button", name="Send")
    await expect(page.get_by_role("alert")).to_be_visible()
    await expect(send).to_be_visible()
    await expect(answer.locator("[name=Metric]")).to_contain_text("4")
    genui.refusal = None
    model.finish()
    await page.get_by_label("Message").fill("Again?")
    await send.click()
    model.answer("At last.")
    await expect(page.get_by_role("article", name="Answer").last).to_contain_text("At last.")
    await expect(send).to_be_visible()


async def test_the_ai_sdks_page_reads_on_after_the_connection_was_lost(
    page: Page, server: str, watch: Watch, genui: Cutting, model: ByHand
) -> None:
    watch.expect("ERR_INCOMPLETE_CHUNKED_ENCODING")
    answer = await _asked(page, server, "ai-sdk")
    model.write("One ")
    await expect(answer).to_contain_text("One")
    genui.cut = True
    model.write("two ")
    await page.get_by_role("button", name="Read on").click()
    model.answer("three.")
    await expect(answer).to_have_text("One two three.")
    await expect(page.get_by_role("alert")).to_be_hidden()
    await expect(page.get_by_role("button", name="Send")).to_be_visible()
