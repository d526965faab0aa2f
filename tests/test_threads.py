"""Threads: what was said and answered, continued, replaced, read again, and forgotten in time."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from genui.catalog import Catalog
from genui.errors import CallerError
from genui.events import (
    ComponentData,
    ComponentDelta,
    ComponentError,
    Event,
    RenderComponent,
    RunEnd,
    Status,
    Text,
    from_dict,
)
from genui.markup import Recognizer
from genui.runs import Act, Answer, Answered, MemoryShelf, Said, Threads, Turn
from genui.runs.driver import Document
from genui.server.retell import markup_of, messages_of
from tests.service import Service, asking, serving

OK = RunEnd("stop")
ODD: dict[str, Any] = {"rows": [[1], 2], "end": [3], "events": {"end": None}}
FAILED = RunEnd("error", {"code": "model-cut", "message": "Cut."})


def hello(content: str = "Hello", act: Act | None = None) -> Said:
    return Said("user", content, act)


def answer_of(*events: Event) -> Answer:
    answer = Answer()
    for event in events:
        answer.add(event)
    return answer


async def code_of(awaitable: Any) -> str:
    with pytest.raises(CallerError) as caught:
        await awaitable
    return caught.value.code


def test_an_answer_comes_to_the_few_events_that_show_the_same() -> None:
    answer = answer_of(
        Text("a"),
        Text("b"),
        Status("s1", "Looking…", "running"),
        RenderComponent("c1", "Card", "streaming", {}),
        ComponentDelta("c1", [{"op": "set", "path": "/title", "value": "T"}]),
        Text("in", "c1"),
        RenderComponent("c2", "Metric", "streaming", {}, "c1"),
        ComponentDelta("c2", [{"op": "set", "path": "/label", "value": "cut"}]),
        RenderComponent("c1", "Card", "complete", {"title": "T"}, html="<p>T</p>"),
        ComponentData("c1", [{"op": "set", "path": "/n", "value": 1}]),
        ComponentData("c1", [{"op": "set", "path": "/n", "value": 2}]),
        Status("s1", "Looked.", "done"),
        Text("c"),
        OK,
    )
    assert answer.events() == [
        Text("ab"),
        Status("s1", "Looked.", "done"),
        RenderComponent("c1", "Card", "complete", {"title": "T"}),
        ComponentData("c1", [{"op": "set", "path": "/n", "value": 2}]),
        Text("in", "c1"),
        RenderComponent("c2", "Metric", "streaming", {"label": "cut"}, "c1"),
        Text("c"),
    ]


def test_an_error_that_was_repaired_is_forgotten_and_one_about_data_stays() -> None:
    broken = ComponentError("c1", "Metric", "invalid-prop", "no", "")
    no_data = ComponentError("c1", "Metric", "load-failed", "no", "")
    whole = RenderComponent("c1", "Metric", "complete", {"value": 1})
    assert answer_of(broken, no_data, whole).events() == [whole, no_data]


BUILTIN = Catalog.builtin()
EXAMPLES = [example for component in BUILTIN for example in component.examples]


@pytest.mark.parametrize(
    "example", [*EXAMPLES, 'Mind: <Metric "a\\\\b &amp; \\"c\\"" value={"x"}/> and *on*']
)
def test_an_answer_is_told_to_the_model_in_markup_that_makes_the_same_again(example: str) -> None:
    def events_of(text: str) -> list[Event]:
        recognizer = Recognizer(BUILTIN)
        return answer_of(*recognizer.feed(text), *recognizer.close()).events()

    events = events_of(example)
    assert [as_said(event) for event in events_of(markup_of(events, BUILTIN))] == [
        as_said(event) for event in events
    ]


def as_said(event: Event) -> Event:
    """An event without what was mended on the way."""
    if isinstance(event, RenderComponent):
        return RenderComponent(event.id, event.name, event.state, event.props, event.parent)
    return event


async def test_a_thread_is_what_was_said_and_what_was_answered() -> None:
    threads = Threads(MemoryShelf())
    assert await threads.begin("t", [hello()], "r1", replace=False) == (hello(),)
    assert (await threads.read("t")).turns == (hello(), Answered("r1"))
    threads.finish("t", "r1", answer_of(Text("Hi"), OK))
    turns = await threads.begin("t", [hello("More")], "r2", replace=False)
    assert turns == (hello(), Answered("r1", (Text("Hi"),), OK), hello("More"))


async def test_one_run_at_a_time_answers_in_a_thread_unless_it_is_replaced() -> None:
    threads = Threads(MemoryShelf())
    await threads.begin("t", [hello()], "r1", replace=False)
    assert await code_of(threads.begin("t", [hello()], "r2", replace=False)) == "thread-busy"
    assert await threads.begin("t", [hello("New")], "r3", replace=True) == (hello("New"),)
    threads.finish("t", "r1", answer_of(Text("late"), OK))
    assert (await threads.read("t")).turns == (hello("New"), Answered("r3"))
    assert (await threads.answer("r1"))[1].events == (Text("late"),)


async def test_saying_the_same_again_after_a_failure_takes_the_failures_place() -> None:
    threads = Threads(MemoryShelf())
    await threads.begin("t", [hello()], "r1", replace=False)
    threads.finish("t", "r1", answer_of(FAILED))
    assert await threads.begin("t", [hello()], "r2", replace=False) == (hello(),)
    threads.finish("t", "r2", answer_of(FAILED))
    turns = await threads.begin("t", [hello("Else")], "r3", replace=False)
    assert turns == (hello(), Answered("r2", (), FAILED), hello("Else"))


async def test_what_can_be_done_once_is_done_once_and_again_only_when_its_answer_failed() -> None:
    threads = Threads(MemoryShelf())
    act = hello("Send", Act("r1", "c1", "send", {}, "Form", once=True))
    await threads.begin("t", [act], "r2", replace=False)
    threads.finish("t", "r2", answer_of(FAILED))
    await threads.begin("t", [act], "r3", replace=False)
    threads.finish("t", "r3", answer_of(OK))
    assert await code_of(threads.begin("t", [act], "r4", replace=False)) == "action-taken"
    await threads.begin("t", [hello("Send", Act("r1", "c1", "draft", {}, "Form"))], "r5", replace=False)


async def test_the_longest_untouched_thread_is_forgotten_but_none_that_is_being_answered() -> None:
    threads = Threads(MemoryShelf(keep_threads=2))
    await threads.begin("live", [hello()], "r0", replace=False)
    for name in ("a", "b"):
        await threads.begin(name, [hello()], f"run-{name}", replace=False)
        threads.finish(name, f"run-{name}", answer_of(OK))
        await threads.settle()
    assert await code_of(threads.read("a")) == "unknown-thread"
    assert await code_of(threads.answer("run-a")) == "unknown-run"
    assert len((await threads.read("live")).turns) == 2
    assert len((await threads.read("b")).turns) == 2


class Slow(MemoryShelf):
    """A shelf that hands a document over only when it is told to, once there is something to wait for."""

    given: asyncio.Event | None = None

    async def load(self, thread: str) -> Document | None:
        document = await super().load(thread)
        if given := self.given:
            self.given = None
            await given.wait()
        return document


async def test_an_end_that_is_stored_while_its_thread_is_read_is_not_missing() -> None:
    shelf = Slow()
    threads = Threads(shelf)
    await threads.begin("t", [hello()], "r", replace=False)
    given = shelf.given = asyncio.Event()
    reading = asyncio.create_task(threads.read("t"))
    threads.finish("t", "r", answer_of(Text("Hi"), OK))
    await asyncio.sleep(0)
    await threads.settle()
    given.set()
    last = (await reading).turns[-1]
    assert isinstance(last, Answered)
    assert last.end == OK


async def test_a_thread_that_became_too_long_says_so() -> None:
    threads = Threads(MemoryShelf(), thread_bytes=10)
    assert await code_of(threads.begin("t", [hello("x" * 11)], "r1", replace=False)) == "thread-too-large"


async def test_what_was_replaced_makes_no_thread_too_long() -> None:
    threads = Threads(MemoryShelf(), thread_bytes=1000)
    for number in range(20):  # the whole conversation sent each time
        said = [hello("x" * 300), Said("assistant", "Fine."), hello(f"again {number}")]
        await threads.begin("whole", said, f"w{number}", replace=True)
        threads.finish("whole", f"w{number}", answer_of(OK))
    for number in range(20):  # one question, rewritten
        after = "start" if number else None
        await threads.begin("edited", [hello("y" * 300)], f"e{number}", replace=False, after=after)
        threads.finish("edited", f"e{number}", answer_of(OK))


async def test_answers_that_were_replaced_count_for_they_are_kept() -> None:
    threads = Threads(MemoryShelf(), thread_bytes=1000)
    for number in range(3):
        await threads.begin("t", [hello()], f"r{number}", replace=True)
        threads.finish("t", f"r{number}", answer_of(Text("z" * 330), OK))
    assert await code_of(threads.begin("t", [hello()], "r3", replace=True)) == "thread-too-large"


async def test_reading_one_answer_touches_no_other() -> None:
    shelf = MemoryShelf()
    threads = Threads(shelf)
    said = (Text('a],"end":b'), RenderComponent("c1", "X", "complete", ODD))
    for run in ("r1", "r2"):
        await threads.begin("t", [hello()], run, replace=False)
        threads.finish("t", run, answer_of(*said, OK))
        await threads.settle()
    document = await shelf.load("t")
    assert document is not None
    damaged = {"r1": document.answers["r1"].replace('"type":"text"', "?")}
    assert await shelf.save(document._replace(version=document.version + 1, answers=damaged))
    assert (await threads.answer("r2"))[1] == Answered("r2", said, OK)
    await threads.rename("t", "Named")
    assert (await threads.answer("r1"))[1].end == OK


async def answered(service: Service, text: str, **more: Any) -> dict[str, Any]:
    """Begin a run, answer it, and wait for its end; what the server told of it."""
    told = (await service.client.post("v1/runs", json=asking(**more))).json()
    assert "run" in told, told
    service.model.answer(text)
    await service.read(told["run"])
    return dict(told)


class Counting(MemoryShelf):
    """Counts how often a thread is loaded."""

    loads = 0

    async def load(self, thread: str) -> Document | None:
        self.loads += 1
        return await super().load(thread)


async def test_a_turn_and_an_action_load_their_thread_no_more_often_than_they_must(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    async with serving() as service:
        threads, shelf = service.genui.store.threads, Counting()
        monkeypatch.setattr(threads, "_shelf", shelf)
        form = '<Form action="send"><Input "Name" name=name/></Form>'
        told = await answered(service, form)
        await threads.settle()
        shelf.loads = 0
        told = await answered(service, form, thread=told["thread"])
        await threads.settle()
        assert shelf.loads == 2  # as it begins, and as it ends
        shelf.loads = 0
        act = {"run": told["run"], "component": "c1", "action": "send", "values": {"name": "Ada"}}
        acted = await service.client.post("v1/actions", json=act)
        assert acted.status_code == 202, acted.text
        service.model.answer("Sent.")
        await service.read(acted.json()["run"])
        await threads.settle()
        assert shelf.loads == 4  # two more: is it an answer to a run that goes on, and was it offered


async def messages(service: Service, thread: str, **params: Any) -> list[dict[str, Any]]:
    response = await service.client.get(f"v1/threads/{thread}", params=params)
    assert response.status_code == 200, response.text
    assert response.json()["thread"] == thread
    return list(response.json()["messages"])


async def test_one_message_in_a_known_thread_continues_it() -> None:
    async with serving() as service:
        told = await answered(service, 'It is <Metric "Wind" value="4 kn"/>.', content="Wind?")
        await answered(service, "Calm.", content="And now?", thread=told["thread"])
        assert [(message["role"], message["content"]) for message in service.model.conversation[1:]] == [
            ("user", "Wind?"),
            ("assistant", 'It is <Metric label="Wind" value="4 kn"/>.'),
            ("user", "And now?"),
        ]


async def test_a_question_that_the_model_refused_is_not_put_to_it_again() -> None:
    refused = RunEnd("error", {"code": "model-content-filter", "message": "No."})
    turns: list[Turn] = [hello("Bad"), Answered("r1", (), refused), hello("Good")]
    assert [message["content"] for message in messages_of(turns, BUILTIN)] == ["Good"]


async def test_several_messages_are_the_whole_conversation() -> None:
    async with serving() as service:
        told = await answered(service, "One.", content="First")
        history = [{"role": "user", "content": "A"}, {"role": "assistant", "content": "B"}]
        body = {"messages": [*history, {"role": "user", "content": "C"}], "thread": told["thread"]}
        run = (await service.client.post("v1/runs", json=body)).json()["run"]
        service.model.answer("Two.")
        await service.read(run)
        assert [message["content"] for message in service.model.conversation[1:]] == ["A", "B", "C"]
        said = [message["content"] for message in await messages(service, told["thread"])]
        assert said == ["A", "B", "C", "Two."]


async def test_an_id_of_ours_that_is_forgotten_is_said_and_one_of_the_clients_begins_a_thread() -> None:
    async with serving() as service:
        refused = await service.client.post("v1/runs", json=asking(thread="thread_gone"))
        assert (refused.status_code, refused.json()["error"]["code"]) == (404, "unknown-thread")
        assert (await answered(service, "x", thread="mine"))["thread"] == "mine"
        assert (await service.client.get("v1/threads/other")).status_code == 404


async def test_a_thread_is_read_ready_to_render_again() -> None:
    async with serving() as service:
        told = await answered(service, 'See: <Card "Q3">Up.<Metric value=3/></Card>', content="Q?")
        asked, answer = await messages(service, told["thread"], render="html")
        assert asked == {"role": "user", "content": "Q?"}
        assert (answer["role"], answer["run"], answer["state"]) == ("assistant", told["run"], "stop")
        text, card, inside, metric = map(from_dict, answer["events"])
        assert (text, inside) == (Text("See: "), Text("Up.", "c1"))
        for widget in (card, metric):
            assert isinstance(widget, RenderComponent)
            assert widget.state == "complete"
            assert widget.html
        _, plain = await messages(service, told["thread"])
        assert all("html" not in event for event in plain["events"])


async def test_while_an_answer_runs_its_thread_says_which_run_to_follow() -> None:
    async with serving() as service:
        told = (await service.client.post("v1/runs", json=asking())).json()
        _, answer = await messages(service, told["thread"])
        assert (answer["run"], answer["state"], answer["events"]) == (told["run"], "running", [])
        refused = await service.client.post("v1/runs", json=asking(thread=told["thread"]))
        assert (refused.status_code, refused.json()["error"]["code"]) == (409, "thread-busy")
        service.model.answer("x")
        await service.read(told["run"])


async def test_a_run_of_which_only_a_loader_is_left_does_not_hold_up_its_thread() -> None:
    async with serving() as service:
        async with service.stream() as stream:
            service.model.answer("<SystemLoad/>")
            start = (await anext(stream)).event
            async for frame in stream:
                if isinstance(frame.event, ComponentData):
                    break
            await service.model.closed.wait()
            await asyncio.sleep(0)
            thread = getattr(start, "thread", "")
            await answered(service, "Next.", thread=thread)
        _, first, _, second = await messages(service, thread)
        assert (first["state"], second["content"]) == ("stop", "Next.")
