"""More than two hundred strings that have run scripts somewhere (`xss.json`, by their kinds), through text,
links, images and every kind of prop: no script runs, nothing is asked of another origin, and the page's
policy has nothing to report, since nothing got so far as to be stopped by it (`watch` fails the test then).
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

import pytest
from playwright.async_api import expect

from genui import Catalog
from tests.browser.chat import Chat
from tests.browser.models import ByHand
from tests.browser.watch import Watch

_HERE = Path(__file__).parent
STRINGS: list[str] = [
    string for kind in json.loads((_HERE / "xss.json").read_text()).values() for string in kind
]
RUNNABLE = (_HERE / "runnable.js").read_text()

PROPS = {
    "a text": "<Callout {0} title={0}/>",
    "a text that is drawn as HTML": "<Math {0}/>",
    "code, and its language": "<CodeBlock {0} code={0}/>",
    "a URL of a link": "<Tag {0} url={0}/>",
    "a URL of a picture": "<Image src={0} alt={0} caption={0}/>",
    "a URL of a film": "<Video src={0} poster={0} title={0}/>",
    "a URL of a sound": "<Audio src={0} title={0} caption={0}/>",
    "a list of texts": "<FollowUps questions={[{0},{0}]}/>",
    "a list of lists": "<Table columns={[{0}]} rows={[[{0}]]}/>",
    "a list of objects": '<SourceList sources={[{"title":{0},"url":{0},"snippet":{0}}]}/>',
    "the labels of a chart": "<BarChart {0} labels={[{0}]} values={[1]}/>",
    "a field's name and value": "<Form title={0}><Input {0} name={0} value={0} placeholder={0}/></Form>",
    "what stands inside": "<Card title={0}>{1}</Card>",
}
BATCHES = [STRINGS[start : start + 61] for start in range(0, len(STRINGS), 61)]


def written(template: str, string: str) -> str:
    """The tag with the string in JSON where `{0}` stands, and as it is where `{1}` does."""
    return template.replace(
        "{0}", "{" + json.dumps(string) + "}" if "[" not in template else json.dumps(string)
    ).replace("{1}", string)


async def _answered(chat: Chat, model: ByHand, answer: str) -> None:
    await chat.ask("Say it")
    model.answer(answer)
    await chat.answered(within=120)
    assert await chat.page.evaluate(RUNNABLE) == []


async def test_there_are_more_than_two_hundred_strings_each_of_its_own() -> None:
    assert len(set(STRINGS)) == len(STRINGS) > 200


@pytest.mark.parametrize("strings", BATCHES, ids=range(len(BATCHES)))
async def test_no_string_of_a_text_a_link_or_an_image_runs_or_leaves(
    chat: Chat, model: ByHand, watch: Watch, strings: Sequence[str]
) -> None:
    watch.expect("status of 404")  # as the address of a picture, some are a path of this server
    for form in (
        "before {} after",
        "[link]({}) <{}> {}",
        "![picture]({})",
        "> - {}\n\n| {} |\n| --- |\n| {} |",
    ):
        await _answered(chat, model, "\n\n".join(form.replace("{}", string) for string in strings))


@pytest.mark.parametrize("template", PROPS.values(), ids=PROPS)
async def test_no_string_of_a_prop_runs_or_leaves(
    chat: Chat, model: ByHand, watch: Watch, template: str
) -> None:
    watch.expect("status of 404")
    assert Catalog.builtin().get(template[1:].split()[0]) is not None
    await _answered(chat, model, "\n\n".join(written(template, string) for string in STRINGS))
    await expect(chat.page.locator("genui-widget[failed]")).to_have_count(0)


@pytest.mark.parametrize("batch", BATCHES, ids=range(len(BATCHES)))
async def test_no_string_of_a_question_runs_or_leaves(
    chat: Chat, model: ByHand, batch: Sequence[str]
) -> None:
    strings = "\n\n".join(string.replace("\r", " ") for string in batch)
    model.answer("Well.")
    await chat.question.fill(strings)
    await chat.send.click()
    await chat.answered()
    assert await chat.page.evaluate(RUNNABLE) == []
    await chat.questions.get_by_role("button", name="Edit question").click()
    await expect(chat.page.get_by_role("textbox", name="Edit question")).to_have_value(strings)
    assert await chat.page.evaluate(RUNNABLE) == []
