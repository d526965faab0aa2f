"""What a browser loads: the page, its bundles, the components' scripts, and nothing else."""

from __future__ import annotations

import asyncio
import re
from pathlib import Path

import pytest

import genui
from genui.catalog import Catalog
from genui.errors import CallerError
from tests.service import serving


@pytest.mark.parametrize(
    ("path", "media_type"),
    [
        ("", "text/html"),
        ("genui.js", "text/javascript"),
        ("static/genui.js", "text/javascript"),
        ("static/page.css", "text/css"),
        ("static/theme.css", "text/css"),
        ("components/code_block/script.js", "text/javascript"),
    ],
)
async def test_everything_a_page_loads_has_its_type_and_the_security_headers(
    path: str, media_type: str
) -> None:
    async with serving() as service:
        response = await service.client.get(path)
    assert response.status_code == 200
    assert response.headers["content-type"].startswith(media_type)
    policy = response.headers["content-security-policy"]
    assert "script-src 'self'" in policy
    assert "unsafe" not in policy
    assert response.headers["x-content-type-options"] == "nosniff"
    assert response.headers["referrer-policy"] == "no-referrer"
    assert response.headers["cache-control"] == "no-cache"


async def test_the_page_refers_only_to_what_is_there_and_only_relatively() -> None:
    async with serving() as service:
        page = (await service.client.get("")).text
        links = [link for link in re.findall(r'(?:href|src)="([^"]+)"', page) if link != "data:,"]
        assert links
        for link in links:
            assert not re.match(r"/|https?:", link), link
            assert (await service.client.get(link)).status_code == 200


async def test_a_bundle_that_genui_js_looks_for_beside_itself_is_led_to_its_one_address() -> None:
    async with serving() as service:
        response = await service.client.get("markdown.js")
        assert (response.status_code, response.headers["location"]) == (307, "static/markdown.js")
        assert (await service.client.get("static/markdown.js")).status_code == 200


async def test_a_browser_that_has_a_file_is_told_that_it_is_still_good() -> None:
    async with serving() as service:
        for path in ("genui.js", "static/genui.js"):
            first = await service.client.get(path)
            again = await service.client.get(path, headers={"If-None-Match": first.headers["etag"]})
            assert (again.status_code, again.content) == (304, b"")


@pytest.mark.parametrize(
    "path",
    [
        "/components/../errors.py",
        "/components/..%2f..%2fgenui/script.js",
        "/components/%2e%2e/script.js",
        "/components/bar_chart/template.html",
        "/components/bar_chart/component.toml",
        "/components/bar_chart/../bar_chart/component.toml",
        "/components/nobody/script.js",
        "/components/%00/script.js",
        "/static/../errors.py",
        "/static/..%2ferrors.py",
        "/static/%2e%2e/errors.py",
        "/static//etc/passwd",
        "/static/%00",
        "/static/" + "x" * 5000,
        "/static/",
        "/static",
        "/..%2f..%2fetc%2fpasswd",
    ],
)
async def test_no_address_leads_out_of_what_is_served(path: str) -> None:
    """Sent raw, for a client would tidy the address up."""
    async with serving() as service:
        url = service.client.base_url
        reader, writer = await asyncio.open_connection(url.host, url.port)
        writer.write(f"GET {path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n".encode())
        answer = await reader.read()
        writer.close()
        await writer.wait_closed()
    assert answer.startswith(b"HTTP/1.1 404 ")


async def test_components_are_described_with_who_answers_and_what_to_ask() -> None:
    async with serving() as service:
        told = (await service.client.get("v1/components")).json()
    assert set(told) == {"components", "starters", "model", "image_origins"}
    assert told["model"] == {"name": "by-hand", "demo": False}
    assert told["starters"] == []
    assert "WeatherWidget" in [component["name"] for component in told["components"]]


async def test_only_origins_that_were_named_may_give_pictures_to_the_page_and_to_widgets() -> None:
    named = ["https://img.example/", "http://127.0.0.1:9000"]
    async with serving(image_origins=named) as service:
        policy = (await service.client.get("")).headers["content-security-policy"]
        told = (await service.client.get("v1/components")).json()
        image, audio = service.genui.catalog["Image"], service.genui.catalog["Audio"]
    assert "img-src 'self' data: https://img.example http://127.0.0.1:9000;" in policy
    assert "media-src 'self' https://img.example http://127.0.0.1:9000;" in policy
    assert told["image_origins"] == ["https://img.example", "http://127.0.0.1:9000"]
    assert "https://img.example/a.png" in image.render({"src": "https://img.example/a.png"})
    assert "<audio" in audio.render({"src": "https://img.example/a.mp3", "title": "A"})
    assert "<audio" not in audio.render({"src": "https://other.example/a.mp3", "title": "A"})
    assert "other.example" not in image.render({"src": "https://other.example/a.png"})
    assert "img.example" not in Catalog.builtin()["Image"].render({"src": "https://img.example/a.png"})


@pytest.mark.parametrize(
    "origin", ["img.example", "https://img.example/path", "https://*", "data:", "'self'", ""]
)
def test_what_is_no_origin_is_refused_with_an_example_of_one(origin: str) -> None:
    with pytest.raises(CallerError, match="as https") as refused:
        genui.GenUI(store="memory", model="demo", image_origins=[origin])
    assert refused.value.code == "bad-origin"


async def test_no_script_of_the_page_makes_markup_but_by_the_one_policy() -> None:
    async with serving() as service:
        policy = (await service.client.get("")).headers["content-security-policy"]
    assert "require-trusted-types-for 'script'; trusted-types genui" in policy


async def test_every_script_that_a_component_names_is_there() -> None:
    async with serving() as service:
        for component in (await service.client.get("v1/components")).json()["components"]:
            if component["script"]:
                assert (await service.client.get(component["script"])).status_code == 200


async def test_components_of_ones_own_stand_beside_the_built_in_ones_and_win(tmp_path: Path) -> None:
    for folder, name in (("callout", "Callout"), ("my_own", "MyOwn")):
        made = tmp_path / folder
        made.mkdir()
        (made / "component.toml").write_text(
            f'name = "{name}"\ndescription = "Mine."\nalt = "{{{{ text }}}}"\n'
            f"examples = ['<{name} \"a\"/>', '<{name} text=\"b\"/>']\n"
            '[props.text]\ntype = "string"\ndescription = "What it says."\n'
        )
        (made / "template.html").write_text("<p>{{ text or '' }}</p>")
    built_in = {component.name for component in Catalog.builtin()}
    async with serving(components=tmp_path) as service:
        told = (await service.client.get("v1/components")).json()["components"]
    assert {component["name"] for component in told} == built_in | {"MyOwn"}
    assert [component["description"] for component in told if component["name"] == "Callout"] == ["Mine."]
    async with serving(components=[tmp_path]) as service:
        assert len((await service.client.get("v1/components")).json()["components"]) == len(built_in) + 1


async def test_a_catalog_is_used_as_it_is() -> None:
    async with serving(components=Catalog.load()) as service:
        assert (await service.client.get("v1/components")).json()["components"] == []


async def test_the_script_of_a_class_may_be_its_text() -> None:
    @genui.component(template="<p>{{ text }}</p>", script="export default function () {}")
    class Note:
        """A note."""

        text: str

    async with serving(components=[Note]) as service:
        response = await service.client.get("components/note/script.js")
    assert response.text == "export default function () {}"
    assert response.headers["content-type"] == "text/javascript; charset=utf-8"
    assert "script-src 'self'" in response.headers["content-security-policy"]
