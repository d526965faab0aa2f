"""The playground's server: who may use it, what it writes, and what it never does."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from genui import GenUI
from genui.catalog import Catalog, scaffold
from genui.errors import CallerError
from genui.server.playground.guard import Guard
from genui.server.playground.workspace import BUILT_IN, Change, ConflictError, Place, Workspace
from tests.service import Service, serving


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """An author's folder with one component, StockQuote."""
    made = tmp_path / "mine"
    (made / "stock_quote").mkdir(parents=True)
    for name, text in scaffold("StockQuote").items():
        (made / "stock_quote" / name).write_text(text)
    return made


async def post(service: Service, path: str, body: Any, **headers: str) -> tuple[int, Any]:
    response = await service.client.post(f"playground/{path}", json=body, headers=headers)
    return response.status_code, response.json()


# Who may use it


async def test_without_being_asked_for_there_is_no_playground() -> None:
    async with serving() as service:
        for path in ("playground", "playground/components", "playground/start"):
            assert (await service.client.get(path)).status_code == 404


def scope(headers: Mapping[str, str], client: str = "127.0.0.1") -> dict[str, Any]:
    raw = [(name.encode(), value.encode()) for name, value in headers.items()]
    return {"type": "http", "method": "POST", "headers": raw, "client": (client, 5000)}


@pytest.mark.parametrize(
    "headers",
    [
        {"host": "localhost:8000"},
        {"host": "127.0.0.1:8000", "origin": "http://127.0.0.1:8000", "sec-fetch-site": "same-origin"},
        {"host": "[::1]:8000", "origin": "http://[::1]:8000"},
    ],
)
def test_a_page_of_this_machine_may_use_it(headers: dict[str, str]) -> None:
    Guard().check(scope(headers))


@pytest.mark.parametrize(
    ("headers", "code"),
    [
        ({}, "not-local"),
        ({"host": "rebound.example:8000"}, "not-local"),
        ({"host": "localhost.evil.example"}, "not-local"),
        ({"host": "192.168.1.4:8000"}, "not-local"),
        ({"host": "localhost:8000", "x-forwarded-for": "203.0.113.9"}, "not-local"),
        ({"host": "localhost:8000", "forwarded": "for=203.0.113.9"}, "not-local"),
        ({"host": "localhost:8000", "origin": "https://evil.example"}, "other-origin"),
        ({"host": "localhost:8000", "origin": "http://localhost:3000"}, "other-origin"),
        ({"host": "localhost:8000", "origin": "null"}, "other-origin"),
        ({"host": "localhost:8000", "sec-fetch-site": "cross-site"}, "other-origin"),
        ({"host": "localhost:8000", "sec-fetch-site": "same-site"}, "other-origin"),
    ],
)
def test_nobody_else_may(headers: dict[str, str], code: str) -> None:
    with pytest.raises(CallerError) as refused:
        Guard().check(scope(headers))
    assert (refused.value.code, refused.value.status) == (code, 403)


def test_another_machine_may_not_even_under_a_local_name() -> None:
    with pytest.raises(CallerError, match="only to this machine"):
        Guard().check(scope({"host": "localhost:8000"}, client="10.0.0.7"))


def test_a_host_that_was_named_may_be_reached_from_elsewhere_but_not_from_another_origin() -> None:
    guard = Guard(["dev.example"])
    guard.check(scope({"host": "dev.example", "origin": "https://dev.example"}, client="10.0.0.7"))
    with pytest.raises(CallerError, match="own page"):
        guard.check(scope({"host": "dev.example", "origin": "https://evil.example"}, client="10.0.0.7"))


async def test_every_route_of_it_is_guarded() -> None:
    genui = GenUI(store="memory", model="demo", playground=True)
    routes = [(str(getattr(route, "path", "")), route) for route in genui.routes]
    paths = [(path, route) for path, route in routes if path == "/playground" or "/playground/" in path]
    assert len(paths) > 10
    async with serving(playground=True, allowed_hosts=["*"]) as service:
        for path, route in paths:
            address = path.replace("{run}", "x").replace("{folder}", "poll").replace("{name}", "x")
            address = address.replace("{file:path}", "page.css")
            method = "POST" if "POST" in (getattr(route, "methods", None) or ()) else "GET"
            if "/frame/" in address:  # a secret of this very server
                start = (await service.client.get("playground/start")).json()
                address = f"/{start['frame']}" + address.split("/", 4)[4]
            response = await service.client.request(method, address, headers={"Host": "rebound.example"})
            assert response.status_code == 403, address
    await genui.close()


async def test_a_link_on_another_site_may_open_the_page_and_nothing_else() -> None:
    visit = {"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "navigate", "Sec-Fetch-Dest": "document"}
    async with serving(playground=True) as service:
        assert (await service.client.get("playground", headers=visit)).status_code == 200
        framed = {**visit, "Sec-Fetch-Dest": "iframe"}
        assert (await service.client.get("playground", headers=framed)).status_code == 403
        assert (await service.client.get("playground/components", headers=visit)).status_code == 403


async def test_what_writes_takes_json_only(folder: Path) -> None:
    async with serving(playground=True, components=folder) as service:
        response = await service.client.post(
            "playground/new", content='{"root":"0","name":"Evil"}', headers={"Content-Type": "text/plain"}
        )
    assert response.status_code == 415
    assert not (folder / "evil").exists()


async def test_the_page_and_the_frame_have_strict_policies() -> None:
    async with serving(playground=True) as service:
        page = await service.client.get("playground")
        frame = await service.client.get((await service.client.get("playground/start")).json()["frame"])
        for response in (page, frame):
            policy = response.headers["content-security-policy"]
            assert "default-src 'none'" in policy
            assert "unsafe" not in policy
            assert "require-trusted-types-for 'script'" in policy
        assert "frame-ancestors 'none'" in page.headers["content-security-policy"]
        framed = frame.headers["content-security-policy"]
        assert "sandbox allow-scripts;" in framed
        assert "allow-same-origin" not in framed
        assert "connect-src 'none'" in framed


# The author's folders


async def test_a_component_is_read_changed_and_saved(folder: Path) -> None:
    async with serving(playground=True, components=folder) as service:
        listed = (await service.client.get("playground/components")).json()
        mine = [one for one in listed["components"] if not one["readonly"]]
        assert [(one["root"], one["folder"]) for one in mine] == [("0", "stock_quote")]
        place = {"root": "0", "folder": "stock_quote"}
        _, read = await post(service, "read", place)
        assert set(read["files"]) == {"component.toml", "template.html", "style.css"}
        change = {"text": "/* mine */\n", "base": read["files"]["style.css"]["hash"]}
        status, saved = await post(service, "save", {**place, "files": {"style.css": change}})
    assert status == 200
    assert saved["files"]["style.css"]["text"] == "/* mine */\n"
    assert (folder / "stock_quote" / "style.css").read_text() == "/* mine */\n"
    assert not list((folder / "stock_quote").glob(".*"))


async def test_what_changed_on_disk_is_never_overwritten_silently(folder: Path) -> None:
    place = {"root": "0", "folder": "stock_quote"}
    async with serving(playground=True, components=folder) as service:
        _, read = await post(service, "read", place)
        bases = {name: file["hash"] for name, file in read["files"].items()}
        (folder / "stock_quote" / "style.css").write_text("/* another editor */")
        files = {name: {"text": "mine", "base": base} for name, base in bases.items()}
        status, refused = await post(service, "save", {**place, "files": files})
        assert (status, refused["error"]["code"]) == (409, "changed-on-disk")
        assert refused["files"]["style.css"]["text"] == "/* another editor */"
        assert (folder / "stock_quote" / "template.html").read_text() != "mine", "all is written, or nothing"
        files["style.css"]["base"] = refused["files"]["style.css"]["hash"]
        assert (await post(service, "save", {**place, "files": files}))[0] == 200
    assert (folder / "stock_quote" / "style.css").read_text() == "mine"


def test_a_file_that_somebody_else_made_or_removed_meanwhile_is_a_conflict(folder: Path) -> None:
    workspace = Workspace([folder], Catalog.builtin_folder())
    place = Place("0", "stock_quote")
    (folder / "stock_quote" / "script.js").write_text("theirs")
    with pytest.raises(ConflictError):
        workspace.save(place, {"script.js": Change("mine", None)})
    with pytest.raises(ConflictError) as refused:
        workspace.save(place, {"gone.html": Change("mine", "0" * 64)})
    assert refused.value.files == {"gone.html": None}


@pytest.mark.parametrize(
    "name", ["../evil.html", "/etc/evil.html", ".hidden.html", "a/b.html", "evil.sh", "x.html\0"]
)
def test_no_name_of_a_file_leads_out_of_the_folder(folder: Path, name: str) -> None:
    workspace = Workspace([folder], Catalog.builtin_folder())
    with pytest.raises(CallerError, match="cannot be called"):
        workspace.save(Place("0", "stock_quote"), {name: Change("x", None)})


@pytest.mark.parametrize(
    "place", [("0", ".."), ("0", "../mine"), ("0", "."), ("0", ""), ("7", "stock_quote"), ("..", "mine")]
)
def test_no_place_leads_out_of_the_authors_folders(folder: Path, place: tuple[str, str]) -> None:
    workspace = Workspace([folder], Catalog.builtin_folder())
    with pytest.raises(CallerError, match="no such"):
        workspace.save(Place(*place), {"style.css": Change("x", None)})
    with pytest.raises(CallerError, match="no such"):
        workspace.read(Place(*place))


def test_links_are_neither_read_nor_written_through(folder: Path, tmp_path: Path) -> None:
    outside = tmp_path / "outside"
    outside.mkdir()
    (outside / "component.toml").write_text("theirs")
    (folder / "linked").symlink_to(outside)
    (folder / "stock_quote" / "extra.css").symlink_to(outside / "component.toml")
    workspace = Workspace([folder], Catalog.builtin_folder())
    assert "extra.css" not in workspace.read(Place("0", "stock_quote"))
    for place, file in ((Place("0", "linked"), "component.toml"), (Place("0", "stock_quote"), "extra.css")):
        with pytest.raises(CallerError, match="is a link"):
            workspace.save(place, {file: Change("mine", None)})
    assert (outside / "component.toml").read_text() == "theirs"


def test_a_built_in_component_is_read_only_and_can_be_duplicated(folder: Path) -> None:
    workspace = Workspace([folder], Catalog.builtin_folder())
    poll = Place(BUILT_IN, "poll")
    with pytest.raises(CallerError, match="duplicate"):
        workspace.save(poll, {"style.css": Change("x", None)})
    copied = workspace.duplicate(poll, "0", "MyPoll")
    assert copied == Place("0", "my_poll")
    assert set(workspace.read(copied)) == set(workspace.read(poll))
    mine = Catalog.load(folder)["MyPoll"]
    assert "<MyPoll" in mine.examples[0]
    with pytest.raises(CallerError, match="already"):
        workspace.duplicate(poll, "0", "MyPoll")


# Recordings and questions


async def test_a_recorded_stream_of_a_provider_becomes_its_text_as_it_was_cut() -> None:
    body = "".join(f'data: {{"choices":[{{"delta":{{"content":"{part}"}}}}]}}\n\n' for part in ("Hel", "lo"))
    async with serving(playground=True) as service:
        status, told = await post(service, "recording", {"text": body + "data: [DONE]\n\n"})
        assert (status, told) == (200, {"pieces": ["Hel", "lo"], "note": ""})
        status, told = await post(service, "recording", {"text": "data: nonsense\n\n"})
        assert (status, told["error"]["code"]) == (422, "bad-request")


async def test_a_model_is_asked_with_exactly_the_chosen_components(folder: Path) -> None:
    async with serving(playground=True, components=folder) as service:
        body = {"messages": [{"role": "user", "content": "Hi"}], "components": ["StockQuote"]}
        status, asked = await post(service, "ask", body)
        assert status == 200
        assert [one["name"] for one in asked["definitions"]] == ["StockQuote"]
        assert "StockQuote" in asked["prompt"]
        assert "LineChart" not in asked["prompt"]
        service.model.write('<StockQuote label="a" value=1/>')
        service.model.answer("<LineChart values={[1]}/>")
        frames = await service.read(asked["run"])
        names = {event.name for frame in frames if (event := frame.event).type == "render-component"}
        assert names == {"StockQuote"}
        transcript = (await service.client.get(f"playground/asks/{asked['run']}")).json()
    assert "".join(piece["text"] for piece in transcript["pieces"]).startswith("<StockQuote")
    assert transcript["tokens"] > 0


async def test_what_is_saved_is_asked_with_at_once(folder: Path) -> None:
    async with serving(playground=True, components=folder) as service:
        await post(service, "new", {"root": "0", "name": "BrandNew"})
        body = {"messages": [{"role": "user", "content": "Hi"}], "components": ["BrandNew"]}
        status, asked = await post(service, "ask", body)
        service.model.answer("ok")
        await service.read(asked["run"])
    assert status == 200
