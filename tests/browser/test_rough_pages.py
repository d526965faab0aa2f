"""The chat where pages are rough with it: in a sandboxed frame, deep in shadow roots, with attributes that
change while an answer runs, stopped before its run has a name, imported where there is no page at all.
"""

from __future__ import annotations

import asyncio
import shutil
from pathlib import Path

import pytest
from playwright.async_api import Page, Route, expect

import genui
from tests.browser.chat import Chat
from tests.browser.embedding import embedded
from tests.browser.models import ByHand
from tests.browser.watch import Watch

_STATIC = Path(genui.__file__).parent / "static"
_FRAME = """server => {
  const frame = document.createElement("iframe");
  frame.setAttribute("sandbox", "allow-scripts");
  frame.width = frame.height = 600;
  frame.srcdoc = `<!doctype html><html lang="en"><title>Inside</title>
    <script type="module" src="${server}/genui.js"></script>
    <genui-chat src="${server}" height="560px"></genui-chat>`;
  document.body.replaceChildren(frame);
}"""
_DEEP = """server => {
  const app = document.body.appendChild(document.createElement("div"));
  app.attachShadow({ mode: "open" }).innerHTML = "<section></section>";
  const chat = document.createElement("genui-chat");
  Object.assign(chat, { src: server, height: "500px" });
  document.documentElement.lang = "de";
  app.shadowRoot.firstChild.append(chat);
}"""


async def test_a_sandboxed_frame_that_forbids_forms_sends_questions_forms_and_votes(
    page: Page, model: ByHand, watch: Watch
) -> None:
    async with embedded(page, watch, model, genui={"origins": ["*"]}) as outer:
        await page.evaluate(_FRAME, outer.server)
        frame = page.frame_locator("iframe")
        answer = frame.get_by_role("article", name="Answer").last
        model.answer(
            '<Form "Book" action="book" submit="Request"><Input "Name" name=name/></Form>\n\n'
            '<Poll "Tea?" {["Yes","No"]}/>\n'
        )
        await frame.get_by_role("textbox", name="Message").fill("By Enter")
        await page.keyboard.press("Enter")
        await expect(answer.get_by_role("button", name="Vote")).to_be_visible()
        model.answer("Booked.\n")
        await answer.get_by_label("Name").fill("Ada")
        await answer.get_by_role("button", name="Request").click()
        await expect(answer).to_contain_text("Booked.")
        model.answer("Voted.\n")
        poll = frame.get_by_role("article", name="Answer").first
        await poll.get_by_label("Yes").check()
        await poll.get_by_role("button", name="Vote").click()
        await expect(answer).to_contain_text("Voted.")
        model.answer("Sent.\n")
        await frame.get_by_role("textbox", name="Message").fill("By the button")
        await frame.get_by_role("button", name="Send", exact=True).click()
        await expect(answer).to_contain_text("Sent.")
        await frame.get_by_role("article", name="You").last.hover()
        await frame.get_by_role("button", name="Edit question").last.click()
        model.answer("Changed.\n")
        await frame.get_by_role("textbox", name="Edit question").press("Enter")
        await expect(answer).to_contain_text("Changed.")


async def test_a_chat_in_a_shadow_root_speaks_the_language_of_the_page(
    page: Page, model: ByHand, watch: Watch
) -> None:
    async with embedded(page, watch, model) as chat:
        await page.evaluate(_DEEP, chat.server)
        await expect(page.get_by_role("textbox", name="Nachricht")).to_be_editable()


async def test_a_new_token_leaves_the_answer_that_runs_alone(page: Page, model: ByHand, watch: Watch) -> None:
    async with embedded(page, watch, model, attributes='token="old" persist="none"') as chat:
        sent: list[str | None] = []
        page.on("request", lambda request: sent.append(request.headers.get("authorization")))
        model.write("Before, ")
        await chat.ask("Hello?")
        await expect(chat.answer).to_contain_text("Before,")
        await page.locator("genui-chat").evaluate("it => it.setAttribute('token', 'new')")
        model.answer("and after.\n")
        await chat.answered()
        await expect(chat.answer).to_contain_text("Before, and after.")
        model.answer("Once more.\n")
        await chat.ask("Again?")
        await chat.answered()
        assert [*dict.fromkeys(one for one in sent if one)] == ["Bearer old", "Bearer new"]


async def test_stop_counts_while_a_widgets_action_is_on_its_way(chat: Chat, model: ByHand) -> None:
    let = asyncio.Event()

    async def held(route: Route) -> None:
        await let.wait()
        await route.continue_()

    model.answer('<FollowUps {["And then?"]}/>\n')
    await chat.ask("Hello?")
    await chat.answered()
    await chat.page.route("**/v1/actions", held)
    model.write("This is never said. ")
    await chat.answer.get_by_role("button", name="And then?").click()
    await chat.stop.click()
    let.set()
    await expect(chat.answer).to_contain_text("This answer was stopped.")
    await expect(chat.stop).to_be_hidden()
    await asyncio.wait_for(model.closed.wait(), 10)


async def test_an_action_on_its_way_says_nothing_in_a_conversation_that_has_begun_anew(
    chat: Chat, model: ByHand
) -> None:
    let = asyncio.Event()

    async def held(route: Route) -> None:
        await let.wait()
        await route.continue_()

    model.answer('<FollowUps {["And then?"]}/>\n')
    await chat.ask("Hello?")
    await chat.answered()
    await chat.page.route("**/v1/actions", held)
    await chat.answer.get_by_role("button", name="And then?").click()
    await chat.page.get_by_role("button", name="New conversation").click()
    async with chat.page.expect_response("**/cancel"):  # it has ended then
        let.set()
    model.answer("Another matter.\n")
    await chat.ask("Something else")
    await chat.answered()
    await expect(chat.questions).to_have_count(1)


async def test_asking_again_after_another_tab_was_first_keeps_what_the_other_tab_was_told(
    chat: Chat, model: ByHand, server: str, watch: Watch
) -> None:
    watch.expect("status of 409")
    model.answer("First.\n")
    await chat.ask("Hello?")
    await chat.answered()
    thread = await chat.page.locator("genui-chat").evaluate("it => it.conversation")
    other = {"thread": thread, "messages": [{"role": "user", "content": "From the other tab"}]}
    begun = await (await chat.page.request.post(f"{server}/v1/runs", data=other)).json()
    await chat.ask("From here")
    await expect(chat.alert).to_contain_text("still running")
    model.answer("For the other tab.\n")
    await chat.page.request.get(f"{server}/v1/runs/{begun['run']}/events")  # to its end
    model.answer("For this one.\n")
    await chat.retry.click()
    await expect(chat.answer).to_contain_text("For this one.")
    await chat.answered()
    told = await (await chat.page.request.get(f"{server}/v1/threads/{thread}")).json()
    asked = [one["content"] for one in told["messages"] if one["role"] == "user"]
    assert asked == ["Hello?", "From the other tab", "From here"]


@pytest.mark.parametrize("module", ["genui.js", "embed.js", "session.js", "client.js"])
async def test_a_module_can_be_imported_where_there_is_no_page(module: str) -> None:
    node = shutil.which("node")
    assert node
    code = f"import({str(_STATIC / module)!r}).then((it) => console.log(typeof it))"
    pipe = asyncio.subprocess.PIPE
    ran = await asyncio.create_subprocess_exec(
        node, "--input-type=module", "-e", code, stdout=pipe, stderr=asyncio.subprocess.STDOUT
    )
    told, _ = await ran.communicate()
    assert told.decode().strip() == "object"
