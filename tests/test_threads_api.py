"""Threads over HTTP in every store: listed, renamed, forked, deleted, taken away."""

from __future__ import annotations

import logging
from typing import Any

import pytest

from genui.events import RenderComponent, RunEnd, Text
from genui.runs import Answered, Threads, open_store
from tests.service import Service, asking, serving
from tests.stores import opened
from tests.test_threads import FAILED, OK, answer_of, answered, code_of, hello


async def test_threads_are_listed_the_latest_change_first_a_page_at_a_time(store_url: str) -> None:
    async with serving(store=store_url) as service:
        threads = [(await answered(service, "x", content=f"Question {n}"))["thread"] for n in range(5)]
        await answered(service, "y", content="More", thread=threads[0])
        expected = [threads[0], *reversed(threads[1:])]
        listed = (await service.client.get("v1/threads")).json()
        assert [thread["thread"] for thread in listed["threads"]] == expected
        assert [thread["title"] for thread in listed["threads"]][:2] == ["Question 0", "Question 4"]
        assert "next" not in listed
        pages: list[str] = []
        params: dict[str, Any] = {"limit": 2}
        while True:
            page = (await service.client.get("v1/threads", params=params)).json()
            pages += [thread["thread"] for thread in page["threads"]]
            if "next" not in page:
                break
            params["before"] = page["next"]
        assert pages == expected
        for wrong in ("limit=0", "limit=x", "limit=1000", "before=yesterday"):
            assert (await service.client.get(f"v1/threads?{wrong}")).status_code == 400


async def test_a_thread_is_renamed_and_deleted(store_url: str) -> None:
    async with serving(store=store_url) as service:
        told = await answered(service, "x")
        address = f"v1/threads/{told['thread']}"
        renamed = await service.client.patch(address, json={"title": "A better one"})
        assert (renamed.status_code, renamed.json()["title"]) == (200, "A better one")
        assert (await service.client.get(address)).json()["title"] == "A better one"
        odd = await service.client.patch(address, json={"title": " a\r\n# b\x00\x1b[31m\u202e\t👩‍👧 "})
        assert odd.json()["title"] == "a # b[31m 👩‍👧"
        for nothing in ("", " \n\x00"):
            assert (await service.client.patch(address, json={"title": nothing})).status_code == 400
        assert (await service.client.delete(address)).status_code == 204
        for gone in (
            await service.client.get(address),
            await service.client.delete(address),
            await service.client.patch(address, json={"title": "x"}),
            await service.client.get(f"v1/runs/{told['run']}/events"),
        ):
            assert gone.status_code == 404
        assert (await service.client.get("v1/threads")).json() == {"threads": []}


async def test_deleting_a_thread_ends_the_run_that_answers_in_it() -> None:
    async with serving() as service:
        told = (await service.client.post("v1/runs", json=asking())).json()
        assert (await service.client.delete(f"v1/threads/{told['thread']}")).status_code == 204
        assert len(service.genui.runs) == 0


async def test_a_fork_goes_on_from_a_message_and_neither_thread_knows_of_the_other(store_url: str) -> None:
    async with serving(store=store_url) as service:
        told = await answered(service, "<Button \"Go\" action='go' once/>", content="One")
        await answered(service, "Two.", content="Two", thread=told["thread"])
        address = f"v1/threads/{told['thread']}/fork"
        forked = await service.client.post(address, json={"messages": 2})
        assert forked.status_code == 201
        fork = forked.json()["thread"]
        first = await said_in(service, told["thread"])
        assert await said_in(service, fork) == first[:2]
        await answered(service, "Three.", content="Three", thread=fork)
        assert await said_in(service, fork) == [*first[:2], "Three", "Three."]
        assert await said_in(service, told["thread"]) == first
        runs = [message.get("run") for message in await messages_of(service, fork)]
        assert told["run"] not in runs
        whole = (await service.client.post(address, json={})).json()
        assert await said_in(service, whole["thread"]) == first
        for wrong in ({"messages": 9}, {"messages": 0}, {"messages": "2"}):
            assert (await service.client.post(address, json=wrong)).status_code == 400


async def messages_of(service: Service, thread: str) -> list[dict[str, Any]]:
    return list((await service.client.get(f"v1/threads/{thread}")).json()["messages"])


async def said_in(service: Service, thread: str) -> list[str]:
    return [message["content"] for message in await messages_of(service, thread)]


async def test_a_thread_that_is_being_answered_is_not_forked() -> None:
    async with serving() as service:
        told = (await service.client.post("v1/runs", json=asking())).json()
        refused = await service.client.post(f"v1/threads/{told['thread']}/fork", json={})
        assert (refused.status_code, refused.json()["error"]["code"]) == (409, "thread-busy")
        allowed = await service.client.post(f"v1/threads/{told['thread']}/fork", json={"messages": 1})
        assert allowed.status_code == 201


async def test_a_thread_is_taken_away_as_json_and_as_markdown() -> None:
    async with serving() as service:
        told = await answered(service, 'See: <Metric "Wind" value="4 kn"/>', content="Wind?")
        address = f"v1/threads/{told['thread']}"
        exported = await service.client.get(f"{address}/export")
        assert exported.json() == (await service.client.get(address)).json()
        assert "attachment" in exported.headers["content-disposition"]
        text = await service.client.get(f"{address}/export?format=markdown")
        assert text.headers["content-type"].startswith("text/markdown")
        assert text.text == (
            '# Wind?\n\n## User\n\nWind?\n\n## Assistant\n\nSee: <Metric label="Wind" value="4 kn"/>\n'
        )
        wrong = await service.client.get(f"{address}/export?format=pdf")
        assert wrong.json()["error"]["code"] == "bad-format"


async def test_what_is_said_at_the_same_time_in_two_workers_is_said_once(shared_url: str) -> None:
    one, other = open_store(shared_url), open_store(shared_url)
    async with opened(one), opened(other):
        await one.threads.begin("t", [hello()], "r1", replace=False)
        assert await code_of(other.threads.begin("t", [hello()], "r2", replace=False)) == "thread-busy"
        one.threads.finish("t", "r1", answer_of(FAILED))
        await one.threads.settle()
        assert await other.threads.begin("t", [hello()], "r2", replace=False) == (hello(),)
        other.threads.finish("t", "r2", answer_of(OK))
        assert (await other.threads.read("t")).turns[1].end == OK  # type: ignore[union-attr]
        await other.threads.settle()
        assert (await one.threads.answer("r2"))[1].end == OK


async def test_threads_belong_to_who_began_them(store_url: str) -> None:
    store = open_store(store_url)
    async with opened(store):
        threads: Threads = store.threads
        for owner in ("ada", "ben", None):
            await threads.begin(f"of {owner}", [hello()], f"run {owner}", replace=False, owner=owner)
        for owner in ("ada", "ben", None):
            assert [thread.id for thread in await threads.owned_by(owner, 10)] == [f"of {owner}"]
            assert (await threads.read(f"of {owner}")).about.owner == owner


async def test_half_a_surrogate_pair_in_an_answer_is_stored_as_a_replacement(store_url: str) -> None:
    store = open_store(store_url)
    async with opened(store):
        await store.threads.begin("t", [hello()], "r", replace=False)
        store.threads.finish("t", "r", answer_of(Text("caf\udce9 😀"), RunEnd("stop")))
        await store.threads.settle()
    async with opened(again := open_store(store_url)):
        if store_url != "memory":
            (_, answered_) = (await again.threads.read("t")).turns
            assert answered_ == Answered("r", (Text("caf\ufffd 😀"),), RunEnd("stop"))


async def test_an_answer_that_cannot_be_stored_holds_up_no_other(
    store_url: str, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.CRITICAL)
    store = open_store(store_url)
    async with opened(store):
        for name in ("bad", "good"):
            await store.threads.begin(name, [hello()], f"run {name}", replace=False)
        no_json = RenderComponent("c1", "Card", "complete", {"value": object()})
        store.threads.finish("bad", "run bad", answer_of(no_json, RunEnd("stop")))
        store.threads.finish("good", "run good", answer_of(Text("Fine."), RunEnd("stop")))
        await store.threads.settle()
        assert (await store.threads.read("good")).turns[-1] == Answered(
            "run good", (Text("Fine."),), RunEnd("stop")
        )


async def test_a_question_is_changed_and_all_before_it_stays_with_its_widgets(store_url: str) -> None:
    async with serving(store=store_url) as service:
        first = await answered(service, '<Metric "Wind" value="4 kn"/>', content="Wind?")
        thread = first["thread"]
        await answered(service, "Two.", content="Two", thread=thread)
        await answered(service, "Three.", content="Three", thread=thread)
        await answered(service, "Other.", content="Another", thread=thread, after=first["run"])
        assert [message["content"] for message in service.model.conversation[1:]] == [
            "Wind?",
            '<Metric label="Wind" value="4 kn"/>',
            "Another",
        ]
        assert (await said_in(service, thread))[2:] == ["Another", "Other."]
        assert [event["type"] for event in (await messages_of(service, thread))[1]["events"]] == [
            "render-component"
        ]
        await answered(service, "Anew.", content="Else", thread=thread, after="start")
        assert await said_in(service, thread) == ["Else", "Anew."]


async def test_nothing_is_changed_after_an_answer_that_does_not_stand_or_while_one_runs() -> None:
    async with serving() as service:
        told = await answered(service, "One.", content="One")
        elsewhere = await answered(service, "x", content="x")
        for run in ("run_gone", elsewhere["run"]):
            body = asking(content="Two", thread=told["thread"], after=run)
            refused = await service.client.post("v1/runs", json=body)
            assert (refused.status_code, refused.json()["error"]["code"]) == (404, "unknown-run")
        assert await said_in(service, told["thread"]) == ["One", "One."]
        running = (await service.client.post("v1/runs", json=asking(thread=told["thread"]))).json()["run"]
        body = asking(content="Two", thread=told["thread"], after=told["run"])
        assert (await service.client.post("v1/runs", json=body)).json()["error"]["code"] == "thread-busy"
        service.model.answer("x")
        await service.read(running)


async def test_what_was_done_once_is_said_and_can_be_done_again_when_that_is_dropped(store_url: str) -> None:
    async with serving(store=store_url) as service:
        told = await answered(service, '<Form "Visit" action=go>When?</Form>', content="One")
        second = await answered(service, "Two.", content="Two", thread=told["thread"])
        act = {"run": told["run"], "component": "c1", "action": "go"}
        for _ in range(2):
            acted = (await service.client.post("v1/actions", json=act)).json()
            service.model.answer("Gone.")
            await service.read(acted["run"])
            action = (await messages_of(service, told["thread"]))[-2]["action"]
            assert action == {**act, "values": {}, "once": acted["once"]}
            assert acted["once"]
            await answered(service, "x", content="Three", thread=told["thread"], after=second["run"])
