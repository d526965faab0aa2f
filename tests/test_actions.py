"""Actions: what a reader does with a widget becomes the next turn, if it really was offered."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from genui.catalog import Catalog
from genui.errors import ComponentDefinitionError
from genui.events import RunEnd, RunStart
from tests.service import STREAM, Service, asking, serving
from tests.sse import parse

FORM = """\
<Form "A table" action="book_table" submit="Request it"><Input "Name" name=name required/>\
<Input "Email" name=email type=email/><Input "How many?" name=count type=number/>\
<Select "Time" name=time options={["19:00", {"value": "20", "label": "eight"}]}/>\
<Checkbox "Terrace" name=terrace/><Button "Ask the chef" action="ask"/></Form>"""
VALUES = {"name": "Ada", "email": "", "count": "2", "time": "19:00", "terrace": False}


FIELDS = """\
<Form><DatePicker "Day" name=day required/><DatePicker "At" name=at time/><Slider "n" name=n max=9/>\
<RadioGroup "Way" name=way options={["a", "b"]}/><Switch "On" name=on/><TextArea "T" name=t/></Form>"""
FILLED = {"day": "2026-07-04", "at": "2026-07-04T18:30", "n": 4, "way": "b", "on": True, "t": "x\ny"}


async def form_in(service: Service, text: str = FORM) -> str:
    """The run of a finished answer."""
    run = await service.start()
    service.model.answer(text)
    await service.read(run)
    return run


async def act(service: Service, run: str, **changed: Any) -> Any:
    body = {"run": run, "component": "c1", "action": "book_table", "values": VALUES, **changed}
    return await service.client.post("v1/actions", json=body)


async def refusal(service: Service, run: str, **changed: Any) -> tuple[int, str]:
    response = await act(service, run, **changed)
    return response.status_code, response.json()["error"]["code"]


async def test_a_submitted_form_is_the_next_turn_for_the_model_and_in_the_thread() -> None:
    async with serving() as service:
        run = await form_in(service)
        told = (await act(service, run)).json()
        said = "Request it\n\nName: Ada\nHow many?: 2\nTime: 19:00\nTerrace: no"
        assert told["message"] == {"role": "user", "content": said}
        assert told["once"] is True
        service.model.answer("Done.")
        await service.read(told["run"])
        *_, form, deed = service.model.conversation
        assert "<Form " in form["content"]
        words, _, structured = deed["content"].rpartition("\n\n")
        assert words == said
        values = {"name": "Ada", "count": 2, "time": "19:00", "terrace": False}
        assert structured == f'[action "book_table" of <Form>, values {json.dumps(values)}]'
        thread = (await service.client.get(f"v1/threads/{told['thread']}")).json()["messages"]
        assert [message["role"] for message in thread] == ["user", "assistant", "user", "assistant"]
        assert thread[2]["action"] == {
            "run": run, "component": "c1", "action": "book_table", "values": values, "once": True,
        }  # fmt: skip


async def test_an_action_may_be_answered_as_a_stream() -> None:
    async with serving() as service:
        run = await form_in(service)
        service.model.answer("Done.")
        body = {"run": run, "component": "c1", "action": "book_table", "values": VALUES}
        response = await service.client.post("v1/actions", json=body, headers=STREAM)
        events = [frame.event for frame in parse(response.content)]
    assert isinstance(events[0], RunStart)
    assert isinstance(events[-1], RunEnd)


async def test_a_button_brings_the_values_of_the_form_around_it() -> None:
    async with serving() as service:
        run = await form_in(service)
        told = (await act(service, run, component="c7", action="ask")).json()
        assert told["message"]["content"].startswith("Ask the chef\n\nName: Ada")
        assert told["once"] is False
        service.model.answer("x")
        await service.read(told["run"])


@pytest.mark.parametrize(
    ("markup", "claim", "content"),
    [
        (
            '<FollowUps questions={["Why?", "And then?"]}/>',
            {"action": "And then?", "values": {}},
            "And then?",
        ),
        (
            '<ButtonGroup "Size" action="size" options={["S", {"value": "l", "label": "Large"}]}/>',
            {"action": "size", "values": {"choice": "l"}},
            "Size\n\nSize: l",
        ),
        (
            '<Poll "Lunch?" options={["Ramen", "Tacos"]}/>',
            {"action": "vote", "values": {"choice": "Tacos"}},
            "Lunch?\n\nchoice: Tacos",
        ),
        (
            '<ProductCard "Lamp" price=20 action="buy" button="Buy"/>',
            {"action": "buy", "values": {"name": "A yacht"}},
            "Buy\n\nname: Lamp",
        ),
        (
            '<FlightCard airline="TAP" flight="TP 1" origin=LIS destination=ROM action="book"/>',
            {"action": "book", "values": {}},
            "book\n\nairline: TAP\nflight: TP 1\norigin: LIS\ndestination: ROM",
        ),
        (
            FIELDS,
            {"action": "submit", "values": FILLED},
            "Submit\n\nDay: 2026-07-04\nAt: 2026-07-04T18:30\nn: 4\nWay: b\nOn: yes\nT: x\ny",
        ),
    ],
)  # fmt: skip
async def test_what_the_built_in_components_offer_is_accepted(
    markup: str, claim: dict[str, Any], content: str
) -> None:
    async with serving() as service:
        run = await form_in(service, markup)
        response = await act(service, run, **claim)
        assert response.json().get("message", response.text) == {"role": "user", "content": content}
        service.model.answer("x")
        await service.read(response.json()["run"])


@pytest.mark.parametrize("markup", ['<ProductCard "Lamp" price=20/>', '<FlightCard airline="TAP"/>'])
async def test_a_card_without_a_button_offers_nothing(markup: str) -> None:
    async with serving() as service:
        run = await form_in(service, markup)
        for action in ("select", ""):
            assert (await act(service, run, action=action, values={})).status_code in (400, 403)


async def test_a_button_alone_goes_by_its_label_and_has_no_values() -> None:
    async with serving() as service:
        run = await form_in(service, '<Button "Go on"/>')
        told = (await act(service, run, action="Go on", values={})).json()
        assert told["message"]["content"] == "Go on"
        service.model.answer("x")
        await service.read(told["run"])
        assert await refusal(service, run, action="Go on", values={"a": 1}) == (422, "bad-values")


@pytest.mark.parametrize(
    ("changed", "refused"),
    [
        ({"run": "run_none"}, (404, "unknown-run")),
        ({"component": "c99"}, (404, "unknown-component")),
        ({"action": "transfer_money"}, (403, "not-offered")),
        ({"component": "c2", "action": "submit"}, (403, "not-offered")),
        ({"values": {**VALUES, "name": ""}}, (422, "bad-values")),
        ({"values": {**VALUES, "time": "03:00"}}, (422, "bad-values")),
        ({"values": {**VALUES, "email": "no address"}}, (422, "bad-values")),
        ({"values": {**VALUES, "count": "many"}}, (422, "bad-values")),
        ({"values": {**VALUES, "terrace": "yes"}}, (422, "bad-values")),
        ({"values": {**VALUES, "name": ["Ada"]}}, (422, "bad-values")),
        ({"values": {**VALUES, "name": "x" * 10_001}}, (422, "bad-values")),
        ({"values": {**VALUES, "admin": True}}, (422, "bad-values")),
        ({"values": {**VALUES, "name": "x" * 300_000}}, (413, "body-too-large")),
        ({"values": []}, (400, "bad-request")),
        ({"action": ""}, (400, "bad-request")),
    ],
)
async def test_what_was_not_offered_is_refused_and_reaches_no_model(
    changed: dict[str, Any], refused: tuple[int, str]
) -> None:
    async with serving() as service:
        run = await form_in(service)
        assert await refusal(service, **{"run": run, **changed}) == refused
        assert len(service.model.asked) == 1


async def test_a_form_in_another_run_does_not_count_here() -> None:
    async with serving() as service:
        await form_in(service)
        other = await form_in(service, "No form.")
        assert await refusal(service, other) == (404, "unknown-component")


async def test_a_form_is_taken_once_though_many_ask_at_the_same_time() -> None:
    async with serving() as service:
        run = await form_in(service)
        told = (await act(service, run)).json()
        assert await refusal(service, run) == (409, "thread-busy")
        service.model.answer("Done.")
        await service.read(told["run"])
        assert await refusal(service, run) == (409, "action-taken")


async def test_a_form_may_be_sent_again_when_its_answer_failed() -> None:
    async with serving() as service:
        run = await form_in(service)
        told = (await act(service, run)).json()
        service.model.fail("Not now.")
        await service.read(told["run"])
        told = (await act(service, run)).json()
        service.model.answer("Now.")
        await service.read(told["run"])
        thread = (await service.client.get(f"v1/threads/{told['thread']}")).json()["messages"]
        assert [message["content"] for message in thread[3:]] == ["Now."]


async def test_while_its_own_answer_is_still_written_a_form_waits() -> None:
    async with serving() as service:
        run = await service.start()
        service.model.write(FORM)
        assert await refusal(service, run) == (409, "thread-busy")
        service.model.finish()
        await service.read(run)


POLL = """
name = "Poll"
description = "A vote."
examples = []
[actions.vote]
once = true
[actions.vote.values]
type = "object"
required = ["choice"]
additionalProperties = false
properties.choice = { enum = { "$prop" = "options" } }
[props.options]
type = "array"
required = true
"""


def poll(path: Path, definition: str = POLL) -> Catalog:
    folder = path / "poll"
    folder.mkdir()
    (folder / "component.toml").write_text(definition)
    (folder / "template.html").write_text("<p></p>")
    return Catalog.load(path)


async def test_a_component_of_ones_own_declares_its_actions_and_their_values(tmp_path: Path) -> None:
    async with serving(components=poll(tmp_path)) as service:
        run = await form_in(service, '<Poll options={["tea", {"label": "coffee"}]}/>')
        assert await refusal(service, run, action="vote", values={"choice": "beer"}) == (422, "bad-values")
        assert await refusal(service, run, action="vote", values={}) == (422, "bad-values")
        told = (await act(service, run, action="vote", values={"choice": "coffee"})).json()
        assert told["message"]["content"] == "vote\n\nchoice: coffee"
        service.model.answer("x")
        await service.read(told["run"])


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("once = true", "twice = true", "`twice` means nothing in `[actions.vote]`"),
        ("once = true", 'named_by = ["name"]', "names 'name', which is not a prop"),
        ("once = true", 'fields = "inside"', "keep one of `fields`, `props` and `values`"),
        ('type = "object"', 'type = "thing"', "there is no type 'thing'"),
        ("examples = []", 'input = "color"', "`input` is 'color'"),
    ],
)
def test_a_mistake_in_an_action_is_found_when_it_is_loaded(
    tmp_path: Path, old: str, new: str, message: str
) -> None:
    with pytest.raises(ComponentDefinitionError) as caught:
        poll(tmp_path, POLL.replace(old, new))
    assert message in caught.value.message


async def test_an_action_is_asked_for_like_any_request() -> None:
    async with serving() as service:
        response = await service.client.post("v1/actions", json=asking())
        assert response.json()["error"]["code"] == "bad-request"
        response = await service.client.post("v1/actions", content="{}")
        assert response.status_code == 415
