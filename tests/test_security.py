"""Who may ask: keys, an application's own authentication, cookies, tickets; and what belongs to whom."""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import httpx2 as httpx
import pytest
from starlette.requests import Request
from starlette.routing import Route

from genui import GenUI, ServerLimits
from genui.events import RunEnd
from genui.server.security import ApiKeys, Authentication, Public, read_key_file
from genui.server.security.limits import Buckets, Limiter
from genui.server.security.sessions import Signer
from tests.service import STREAM, Service, asking, serving
from tests.sse import parse

ADA, BOB = "ada-0123456789abcdef", "bob-0123456789abcdef"
KEYS = {ADA: "ada", BOB: "bob"}


def bearing(key: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {key}"}


@asynccontextmanager
async def guarded(**settings: Any) -> AsyncIterator[Service]:
    """A service that knows Ada and Bob."""
    async with serving(**{"keys": KEYS, **settings}) as service:
        yield service


async def a_run(service: Service, key: str, **more: Any) -> dict[str, str]:
    """A run of somebody's that is over."""
    service.model.answer('Hello <Button "Go" action=go/>')
    headers = bearing(key)
    begun = await service.client.post("v1/runs", json=asking(**more), headers=headers)
    assert begun.status_code == 202, begun.text
    told: dict[str, str] = begun.json()
    assert parse((await service.client.get(told["events"][1:], headers=headers)).content)
    return told


def closed_routes(genui: GenUI) -> list[tuple[str, str]]:
    """Each route that is not declared public, with a method of it."""
    return [
        (method, route.path)
        for route in genui.routes
        if isinstance(route, Route) and not isinstance(route, Public)
        for method in sorted((route.methods or set()) - {"HEAD"})
    ]


PUBLIC = {"/", "/gallery", "/healthz", "/metrics", "/openapi.json", "/components/{folder}/script.js"}
"""Besides the bundles, all that a stranger may ask for: nothing in it is anybody's."""


def test_what_is_public_is_exactly_what_holds_nothing_of_anybody() -> None:
    genui = GenUI(store="memory", model="demo", keys=[ADA])
    public = {route.path for route in genui.routes if isinstance(route, Public)}
    files = {path for path in public if path.startswith(("/static/", "/docs/")) or path.endswith(".js")}
    assert public - files == PUBLIC - files


async def test_every_other_route_refuses_a_stranger_and_a_wrong_key() -> None:
    async with guarded() as service:
        closed = closed_routes(service.genui)
        assert len(closed) > 15
        for method, path in closed:
            address = re.sub(r"{\w+}", "x", path).lstrip("/")
            for headers in ({}, bearing("wrong-0123456789abcdef"), {"Authorization": "Basic eDp5"}):
                refused = await service.client.request(method, address, headers=headers)
                assert refused.status_code == 401, (method, path, refused.status_code)
                assert refused.headers["www-authenticate"] == "Bearer"
                assert refused.json()["error"]["code"] == "unauthorized"
        assert service.model.asked == []


async def test_a_key_opens_every_route() -> None:
    async with guarded() as service:
        for method, path in closed_routes(service.genui):
            address = re.sub(r"{\w+}", "x", path).lstrip("/")
            let_in = await service.client.request(method, address, headers=bearing(ADA))
            assert let_in.status_code != 401 or path == "/metrics", (method, path)


OF_A_RUN = ["GET events", "POST cancel", "POST ticket"]
OF_A_THREAD = ["GET ", "PATCH ", "DELETE ", "POST fork", "GET export"]


async def test_nobody_but_its_owner_can_do_anything_with_a_run_or_a_thread_or_tell_that_it_exists() -> None:
    async with guarded() as service:
        told = await a_run(service, ADA)
        addresses = [f"{one.split()[0]} v1/runs/{told['run']}/{one.split()[1]}" for one in OF_A_RUN]
        addresses += [
            f"{method} v1/threads/{told['thread']}/{what}".rstrip("/")
            for method, _, what in (one.partition(" ") for one in OF_A_THREAD)
        ]
        for method, address in (one.split() for one in addresses):
            body = {"title": "mine"} if method == "PATCH" else {}
            asked: dict[str, Any] = {"json": body} if method in ("PATCH", "POST") else {}
            theirs = await service.client.request(method, address, headers=bearing(BOB), **asked)
            never = address.replace(told["run"], "run_never").replace(told["thread"], "thread_never")
            unknown = await service.client.request(method, never, headers=bearing(BOB), **asked)
            assert theirs.status_code == unknown.status_code == 404, (method, address)
            assert theirs.json() == unknown.json()
        again = await service.client.get(f"v1/threads/{told['thread']}", headers=bearing(ADA))
        assert again.json()["title"] == "Hello"


def test_the_table_above_names_every_route_of_a_run_and_of_a_thread() -> None:
    paths = closed_routes(GenUI(store="memory", model="demo", keys=[ADA]))
    runs = {f"{method} {path[len('/v1/runs/{run}/') :]}" for method, path in paths if "/runs/{run}" in path}
    threads = {
        f"{method} {path[len('/v1/threads/{thread}') :].lstrip('/')}"
        for method, path in paths
        if "{thread}" in path
    }
    assert runs == set(OF_A_RUN)
    assert threads == set(OF_A_THREAD)


async def test_an_action_on_somebody_elses_widget_is_an_unknown_run_and_ends_nothing() -> None:
    async with guarded() as service:
        told = await a_run(service, ADA)
        act = {"run": told["run"], "component": "c1", "action": "go"}
        theirs = await service.client.post("v1/actions", json=act, headers=bearing(BOB))
        assert (theirs.status_code, theirs.json()["error"]["code"]) == (404, "unknown-run")
        service.model.answer("Done")
        ours = await service.client.post("v1/actions", json=act, headers=bearing(ADA))
        assert ours.status_code == 202


async def test_nobody_speaks_in_or_replaces_somebody_elses_thread() -> None:
    async with guarded() as service:
        told = await a_run(service, ADA)
        chosen = await a_run(service, ADA, thread="chosen")
        for thread in (told["thread"], chosen["thread"]):
            for body in (
                asking("Let me in", thread=thread),
                {
                    "messages": [{"role": "user", "content": "x"}, {"role": "user", "content": "y"}],
                    "thread": thread,
                },
            ):
                theirs = await service.client.post("v1/runs", json=body, headers=bearing(BOB))
                assert (theirs.status_code, theirs.json()["error"]["code"]) == (404, "unknown-thread")
            kept = await service.client.get(f"v1/threads/{thread}", headers=bearing(ADA))
            assert kept.json()["messages"][0]["content"] == "Hello"


async def test_a_chat_of_the_ai_sdk_is_its_owners_as_well() -> None:
    async with guarded() as service:
        parts = [{"type": "text", "text": "Hello"}]
        chat = {"id": "chat1", "messages": [{"id": "m", "role": "user", "parts": parts}]}
        service.model.answer("For Ada only")
        ours = await service.client.post("v1/ai-sdk/chat", json=chat, headers=bearing(ADA))
        assert "For Ada only" in ours.text
        theirs = await service.client.post("v1/ai-sdk/chat", json=chat, headers=bearing(BOB))
        assert theirs.status_code == 404
        resumed = await service.client.get("v1/ai-sdk/chat/chat1/stream", headers=bearing(BOB))
        assert resumed.status_code in (204, 404)
        assert (
            await service.client.post("v1/ai-sdk/chat/chat1/stop", headers=bearing(BOB))
        ).status_code == 404


async def test_a_list_of_threads_and_an_idempotency_key_are_the_owners_own() -> None:
    async with guarded() as service:
        told = await a_run(service, ADA)
        mine = (await service.client.get("v1/threads", headers=bearing(ADA))).json()["threads"]
        theirs = (await service.client.get("v1/threads", headers=bearing(BOB))).json()["threads"]
        assert ([one["thread"] for one in mine], theirs) == ([told["thread"]], [])
        runs = set()
        for key in (ADA, BOB):
            service.model.answer("x")
            headers = {**bearing(key), "Idempotency-Key": "same"}
            runs.add((await service.client.post("v1/runs", json=asking(), headers=headers)).json()["run"])
        assert len(runs) == 2


async def test_what_was_said_before_there_were_keys_is_nobodys() -> None:
    owner: list[str | None] = ["ada"]
    async with serving(auth=lambda _: owner[0]) as service:
        told = await a_run(service, ADA)
        owner[0] = "bob"
        assert (await service.client.get(f"v1/threads/{told['thread']}")).status_code == 404


def test_ids_have_128_random_bits() -> None:
    from genui.runs import new_id

    ids = {new_id("run") for _ in range(1000)}
    assert len(ids) == 1000
    assert all(len(one.removeprefix("run_")) == 22 for one in ids)  # base64 of 16 bytes


# ---------------------------------------------------------------------------- an application's own way


@pytest.mark.parametrize("asynchronous", [False, True])
async def test_an_application_says_who_is_asking(asynchronous: bool) -> None:
    def told(request: Request) -> str | None:
        return request.headers.get("x-user")

    async def told_later(request: Request) -> str | None:
        await asyncio.sleep(0)
        return told(request)

    async with serving(auth=told_later if asynchronous else told) as service:
        assert (await service.client.get("v1/threads")).status_code == 401
        assert (await service.client.get("v1/threads", headers={"X-User": "ada"})).status_code == 200


async def test_an_authentication_that_fails_lets_nobody_in_and_tells_nothing(
    caplog: pytest.LogCaptureFixture,
) -> None:
    def broken(_: Request) -> str | None:
        raise RuntimeError("the directory is down")

    async with serving(auth=broken) as service:
        response = await service.client.get("v1/threads")
    assert (response.status_code, response.json()["error"]["code"]) == (500, "internal")
    assert "directory" not in response.text
    assert "directory" in caplog.text


# ---------------------------------------------------------------------------------- cookies and tickets


async def test_a_browser_signs_in_with_a_key_and_its_cookie_then_opens_everything() -> None:
    async with guarded() as service:
        assert "Sign in" in (await service.client.get("")).text
        signed = await service.client.post("v1/session", headers=bearing(ADA))
        cookie = signed.headers["set-cookie"].lower()
        assert (signed.status_code, signed.json()["owner"]) == (200, "ada")
        assert "httponly" in cookie
        assert "samesite=strict" in cookie
        assert ADA not in cookie
        assert "<genui-chat" in (await service.client.get("")).text
        assert (await service.client.get("v1/threads")).status_code == 200
        renewed = await service.client.post("v1/session")
        assert renewed.status_code == 401  # a stolen cookie cannot be renewed for ever
        await service.client.delete("v1/session")
        assert (await service.client.get("v1/threads")).status_code == 401


async def test_a_wrong_key_is_wrong_whatever_cookie_comes_with_it() -> None:
    async with guarded() as service:
        await service.client.post("v1/session", headers=bearing(ADA))
        wrong = await service.client.get("v1/threads", headers=bearing("x" * 20))
        assert wrong.status_code == 401


async def test_a_ticket_in_the_address_reads_the_events_of_its_run_and_nothing_else() -> None:
    async with guarded() as service:
        told = await a_run(service, ADA)
        other = await a_run(service, ADA)
        got = await service.client.post(f"v1/runs/{told['run']}/ticket", headers=bearing(ADA))
        address = got.json()["events"]
        assert parse((await service.client.get(address[1:])).content)[-1].event == RunEnd("stop")
        ticket = address.partition("?")[2]
        for path in (
            f"v1/runs/{other['run']}/events",
            f"v1/threads/{told['thread']}",
            "v1/threads",
            "v1/components",
        ):
            assert (await service.client.get(f"{path}?{ticket}")).status_code == 401
        cancel = await service.client.post(f"v1/runs/{told['run']}/cancel?{ticket}")
        assert cancel.status_code == 401


def test_a_pass_is_good_for_its_purpose_until_its_end_and_under_its_keys_only() -> None:
    now = [1000.0]
    signer = Signer(b"secret", clock=lambda: now[0])
    given = signer.sign("ticket", "ada", "run_1", 60)
    assert signer.owner("ticket", given, "run_1") == "ada"
    assert signer.owner("ticket", given, "run_2") is None
    assert signer.owner("session", given, "run_1") is None
    assert Signer(b"other", clock=lambda: now[0]).owner("ticket", given, "run_1") is None
    now[0] += 61
    assert signer.owner("ticket", given, "run_1") is None


@pytest.mark.parametrize("given", ["", ".", "a", "a.b", "a.b.c", "=.=", "é.é", "e30.e30", "\x00.\x00"])
def test_what_was_not_signed_here_is_nobodys(given: str) -> None:
    assert Signer(b"secret").owner("session", given) is None


def test_a_key_that_is_taken_away_ends_the_sessions() -> None:
    both, one = Authentication(KEYS), Authentication({ADA: "ada"})
    given = both.signer.sign("session", "bob", "", 60)
    assert both.signer.owner("session", given) == "bob"
    assert Authentication(KEYS).signer.owner("session", given) == "bob"  # another worker, another start
    assert one.signer.owner("session", given) is None


# ----------------------------------------------------------------------------------------------- keys


def test_a_key_belongs_to_its_owner_and_without_one_to_a_name_that_tells_nothing() -> None:
    assert ApiKeys(KEYS).owner(ADA) == "ada"
    assert ApiKeys(KEYS).owner(ADA[:-1]) is None
    alone = ApiKeys([ADA]).owner(ADA)
    assert alone
    assert alone == ApiKeys([BOB, ADA]).owner(ADA)
    assert ADA not in alone


@pytest.mark.parametrize("key", ["", "short", "with a blank in it 123", "x" * 513, "umläut-umläut-umläut"])
def test_a_key_that_can_be_guessed_or_cannot_be_sent_is_refused(key: str) -> None:
    with pytest.raises(Exception, match="a key is 16 to 512"):
        ApiKeys([key])


def test_a_file_of_keys_is_read_and_its_mistakes_have_a_line_and_no_key(tmp_path: Any) -> None:
    file = tmp_path / "keys"
    file.write_text(f"# ours\n\nada {ADA}\n{BOB}\n")
    assert read_key_file(file)[ADA] == "ada"
    assert len(read_key_file(file)) == 2
    file.write_text(f"ada {ADA}\nbob secret\n")
    with pytest.raises(Exception, match=":2: ") as told:
        read_key_file(file)
    assert ADA not in str(told.value)
    assert "secret\n" not in str(told.value)
    file.write_text("# none\n")
    with pytest.raises(Exception, match="no key"):
        read_key_file(file)


# --------------------------------------------------------------------------------------------- limits


def test_a_bucket_gives_its_burst_and_then_its_rate() -> None:
    now = [0.0]
    buckets = Buckets(rate=2.0, burst=3, clock=lambda: now[0])
    for _ in range(3):
        assert buckets.wait("ada") == 0
        buckets.take("ada")
    assert buckets.wait("ada") == 0.5
    assert buckets.wait("bob") == 0
    now[0] += 0.5
    assert buckets.wait("ada") == 0
    now[0] += 1000
    for _ in range(3):
        buckets.take("ada")
    assert buckets.wait("ada") > 0


def test_a_million_callers_are_not_remembered() -> None:
    buckets = Buckets(rate=1.0, burst=1)
    for number in range(30_000):
        buckets.take(str(number))
    assert len(buckets._held) <= 10_000


async def test_who_asks_too_often_is_told_when_to_come_back_and_harms_nobody_else() -> None:
    async with guarded(limits=ServerLimits(rate=0.001, burst=3)) as service:
        statuses = [
            (await service.client.get("v1/threads", headers=bearing(ADA))).status_code for _ in range(4)
        ]
        assert statuses == [200, 200, 200, 429]
        refused = await service.client.get("v1/threads", headers=bearing(ADA))
        assert refused.json()["error"]["code"] == "too-many-requests"
        assert int(refused.headers["retry-after"]) > 0
        assert (await service.client.get("v1/threads", headers=bearing(BOB))).status_code == 200


async def test_open_streams_are_counted_and_given_back_when_they_end() -> None:
    async with guarded(limits=ServerLimits(open=1)) as service:
        headers = {**bearing(ADA), **STREAM}
        async with service.client.stream("POST", "v1/runs", json=asking(), headers=headers) as stream:
            assert stream.status_code == 200
            refused = await service.client.get("v1/threads", headers=bearing(ADA))
            assert refused.status_code == 429
            service.model.answer("x")
            assert await stream.aread()
        assert (await service.client.get("v1/threads", headers=bearing(ADA))).status_code == 200


def test_wrong_keys_from_one_address_are_stopped() -> None:
    limiter = Limiter(ServerLimits(guesses=2), clock=lambda: 0.0)
    for _ in range(2):
        limiter.check_guesses("198.51.100.7")
        limiter.guessed("198.51.100.7")
    with pytest.raises(Exception, match="wrong keys"):
        limiter.check_guesses("198.51.100.7")
    limiter.check_guesses("198.51.100.8")


async def test_without_keys_nothing_is_asked_of_anybody() -> None:
    async with serving() as service:
        assert (await service.client.get("v1/threads")).status_code == 200
        assert "<genui-chat" in (await service.client.get("")).text


async def test_an_outer_applications_owner_counts() -> None:
    genui = GenUI(store="memory", model="demo")

    async def outer(scope: Any, receive: Any, send: Any) -> None:
        owner = dict(scope["headers"])[b"x-user"].decode()
        await genui({**scope, "state": {"genui.owner": owner}}, receive, send)

    async with httpx.AsyncClient(transport=httpx.ASGITransport(outer), base_url="http://test") as client:
        begun = await client.post("/v1/runs", json=asking(), headers={"X-User": "ada"})
        thread = begun.json()["thread"]
        await genui.close()
        for user, status in (("ada", 200), ("bob", 404)):
            read = await client.get(f"/v1/threads/{thread}", headers={"X-User": user})
            assert read.status_code == status
