"""README and code are held together: what the README shows is run here, as it stands there."""

from __future__ import annotations

import json
import re
import shlex
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit
from urllib.request import Request, urlopen

import pytest

from genui import events
from tests.serving import CHECKOUT, ROOT, environment, fetch, serving

README = (ROOT / "README.md").read_text()
BLOCK = re.compile(r"^```(\w+)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
SHELL = {"sh", "bash", "shell", "console"}


def blocks(*languages: str) -> list[str]:
    """The README's fenced code blocks in these languages, in order."""
    return [code for language, code in BLOCK.findall(README) if language in languages]


def commands(program: str) -> list[list[str]]:
    """Every call of a program in the README's shell blocks, as words; `$ `, comments and `\\` undone."""
    text = "\n".join(blocks(*SHELL)).replace("\\\n", " ")
    lines = (shlex.split(line.removeprefix("$ "), comments=True) for line in text.splitlines())
    return [words for words in lines if words and words[0] == program]


def make_targets() -> list[str]:
    """Every `make target` in the README's shell blocks and in its code spans."""
    code = blocks(*SHELL) + re.findall(r"`[^`\n]+`", README)
    return sorted(set(re.findall(r"\bmake ([a-z][a-z-]*)\b", "\n".join(code))))


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with serving(CHECKOUT, tmp_path_factory.mktemp("readme"), import_from=ROOT) as url:
        yield url


@dataclass
class Curl:
    """What a `curl` command line asks for. Options that no test reads yet are an error, not a guess."""

    url: str = ""
    method: str | None = None
    headers: dict[str, str] = field(default_factory=dict)
    data: bytes | None = None

    @classmethod
    def parse(cls, words: list[str]) -> Curl:
        curl, rest = cls(), iter(words[1:])
        for word in rest:
            if not word.startswith("-"):
                curl.url = word
            elif word in ("-X", "--request"):
                curl.method = next(rest)
            elif word in ("-H", "--header"):
                name, _, value = next(rest).partition(":")
                curl.headers[name] = value.strip()
            elif word in ("-d", "--data", "--json"):
                curl.data = next(rest).encode()
                if word == "--json":
                    curl.headers.setdefault("Content-Type", "application/json")
            elif word not in ("-N", "--no-buffer", "-s", "-sN", "-Ns", "-i"):
                raise AssertionError(f"README uses curl {word}, which this test does not know")
        return curl

    def send(self, server: str) -> tuple[str, str]:
        """Content type and text of the answer, from the server under test in place of the README's."""
        path = urlsplit(self.url if "://" in self.url else f"//{self.url}").path
        request = Request(server + path, self.data, self.headers, method=self.method)
        with urlopen(request, timeout=30) as answer:
            return answer.headers["Content-Type"], answer.read().decode()


def test_the_readme_shows_each_way_in() -> None:
    assert {"demo", "test"} <= {target for _, target, *_ in commands("make")}
    assert blocks("html"), "embedding it in a page"
    assert blocks("python"), "using it from Python"
    assert commands("curl"), "the API by hand"


@pytest.mark.parametrize("target", make_targets())
def test_every_make_target_that_the_readme_names_exists(target: str) -> None:
    assert re.search(rf"^{target}:", (ROOT / "Makefile").read_text(), re.MULTILINE)


@pytest.mark.parametrize("words", commands("genui"), ids=" ".join)
def test_every_command_and_option_of_genui_exists(words: list[str], tmp_path: Path) -> None:
    asked = subprocess.run(
        [*CHECKOUT, words[1], "--help"], capture_output=True, text=True, cwd=tmp_path, env=environment(ROOT)
    )
    assert asked.returncode == 0, asked.stderr
    for option in (word.partition("=")[0] for word in words[2:] if word.startswith("--")):
        assert option in asked.stdout


@pytest.mark.parametrize("code", blocks("python"))
def test_every_python_example_runs_as_a_file_of_its_own(code: str, tmp_path: Path) -> None:
    (tmp_path / "module.py").write_text(code)
    ran = subprocess.run(
        [sys.executable, "module.py"], capture_output=True, text=True, cwd=tmp_path, env=environment(ROOT)
    )
    assert (ran.returncode, ran.stderr) == (0, "")


@pytest.mark.parametrize("words", commands("curl"), ids=lambda words: words[-1])
def test_every_curl_example_is_served(words: list[str], server: str) -> None:
    kind, text = Curl.parse(words).send(server)
    if kind.startswith("application/json"):
        json.loads(text)
        return
    assert kind == "text/event-stream; charset=utf-8"
    data = [line.removeprefix("data: ") for line in text.split("\n") if line.startswith("data: ")]
    first, *_, last = map(events.from_json, data)
    assert isinstance(first, events.RunStart)
    assert isinstance(last, events.RunEnd)
    assert last.reason == "stop"


@pytest.mark.parametrize("code", blocks("html"))
def test_every_html_example_loads_what_the_server_serves(code: str, server: str) -> None:
    for script in re.findall(r'<script[^>]*\bsrc="([^"]+)"', code):
        assert fetch(server + urlsplit(script).path)
    for element in re.findall(r"<(genui-[a-z]+)", code):
        assert element.encode() in fetch(f"{server}/genui.js")


@pytest.mark.parametrize("target", sorted(set(re.findall(r"\]\((?!https?:|#|mailto:)([^)#\s]+)", README))))
def test_every_local_link_and_picture_exists(target: str) -> None:
    assert (ROOT / target).exists()
