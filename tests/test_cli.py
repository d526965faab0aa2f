"""The command line: what it prints, and how it ends."""

from __future__ import annotations

import asyncio
import json
import signal
import socket
import subprocess
import sys
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import NamedTuple

import httpx2 as httpx
import pytest

from genui import Catalog, Recognizer, __version__, cli
from genui.catalog import Dialect, count_tokens
from genui.errors import CallerError
from genui.events import RunEnd, to_json
from genui.runs import INTERRUPTED
from tests.service import STREAM, asking
from tests.serving import CHECKOUT, environment
from tests.sse import frames

ROOT = Path(__file__).parents[1]
TEXT = 'Sales **rose**.\r\n\r\n<Callout title="Note">Mind <Unknown/> it.</Callout>\n'


class Told(NamedTuple):
    """What a command said, and its exit status."""

    returncode: int
    stdout: str
    stderr: str


Command = Callable[..., Told]


@pytest.fixture
def genui(capsys: pytest.CaptureFixture[str]) -> Command:
    """The command, in this process: starting one for each test would take minutes."""

    def run(*arguments: str) -> Told:
        try:
            status = cli.main(arguments)
        except SystemExit as leave:
            status = int(leave.code or 0)
        return Told(status, *capsys.readouterr())

    return run


@pytest.fixture
def written(tmp_path: Path) -> Path:
    file = tmp_path / "answer.md"
    file.write_bytes(TEXT.encode())
    return file


@asynccontextmanager
async def served(*arguments: str) -> AsyncIterator[tuple[asyncio.subprocess.Process, list[str]]]:
    """`genui serve` and the lines with which it greets."""
    process = await asyncio.create_subprocess_exec(
        *CHECKOUT,
        "serve",
        *(() if "--store" in arguments else ("--store", "memory")),
        *arguments,
        env=environment(ROOT) | {"OPENAI_API_KEY": "none"},
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    assert process.stdout
    try:
        yield process, [(await process.stdout.readline()).decode().strip() for _ in range(3)]
    finally:
        if process.returncode is None:
            process.kill()
        await process.communicate()


def address(line: str) -> str:
    return line.split(" at ")[1]


async def test_serve_says_where_it_is_and_that_the_demo_model_answers() -> None:
    async with served("--port", "0", "--model", "demo") as (_, lines), httpx.AsyncClient() as client:
        assert lines[0].startswith(f"genui {__version__} at http://127.0.0.1:")
        assert lines[1].startswith("The demo model answers")
        page = await client.get(address(lines[0]))
        assert "<genui-chat" in page.text
        assert "server" not in page.headers


async def test_serve_names_the_model_that_answers() -> None:
    async with served("--port", "0", "--model", "some-model") as (_, lines):
        assert lines[1] == "The model some-model answers."


async def test_serve_lets_pages_of_the_named_origins_use_the_api() -> None:
    async with (
        served("--port", "0", "--model", "demo", "--origin", "https://app.example") as (_, lines),
        httpx.AsyncClient(base_url=address(lines[0]), timeout=30) as client,
    ):
        for origin, allowed in (
            ("https://app.example", "https://app.example"),
            ("https://evil.example", None),
        ):
            answer = await client.get("v1/components", headers={"Origin": origin})
            assert answer.headers.get("access-control-allow-origin") == allowed


@pytest.mark.parametrize("sign", [signal.SIGINT, signal.SIGTERM])
async def test_a_signal_ends_open_streams_properly_and_then_the_server(sign: signal.Signals) -> None:
    async with (
        served("--port", "0", "--model", "demo", "--drain", "0.1") as (process, lines),
        httpx.AsyncClient(base_url=address(lines[0]), timeout=30) as client,
        client.stream("POST", "v1/runs", json=asking("weather"), headers=STREAM) as response,
    ):
        stream = frames(response.aiter_bytes())
        await anext(stream)
        process.send_signal(sign)
        assert [frame.event async for frame in stream][-1] == RunEnd("error", INTERRUPTED)
        assert process.stderr
        assert await process.stderr.read() == b""
        assert await process.wait() == (0 if sign == signal.SIGINT else -signal.SIGTERM)


def test_a_port_that_was_asked_for_and_is_taken_is_said_with_what_to_do(genui: Command) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        told = genui("serve", "--port", port, "--model", "demo", "--store", "memory")
    assert told.returncode == 1
    assert told.stderr.startswith(f"genui serve: port {port} of 127.0.0.1 is taken by another program")
    assert "--port 0" in told.stderr


def test_without_a_port_the_next_free_one_is_taken() -> None:
    with cli.listen("127.0.0.1", None) as first, cli.listen("127.0.0.1", None) as second:
        assert first.getsockname()[1] != second.getsockname()[1]


def test_an_address_that_is_not_ours_is_said() -> None:
    with pytest.raises(CallerError, match=r"cannot listen on 192\.0\.2\.1 port 0"):
        cli.listen("192.0.2.1", 0)


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["serve", "--store", "oracle", "--model", "demo"], "store 'oracle'"),
        (["serve", "--store", "memory", "--workers", "4", "--model", "demo"], "leave it at 1"),
        (["serve", "--components", "/nowhere", "--model", "demo"], "/nowhere"),
        (["replay", "/nowhere/answer.md"], "/nowhere/answer.md: No such file"),
        (["replay", "/"], "Is a directory"),
        (["prompt", "--components", "/nowhere"], "/nowhere"),
        (["check", "/nowhere"], "/nowhere"),
    ],
)
def test_what_cannot_be_done_is_one_line_without_a_traceback(
    genui: Command, arguments: list[str], words: str
) -> None:
    told = genui(*arguments)
    assert (told.returncode, told.stdout) == (1, "")
    assert told.stderr.startswith(f"genui {arguments[0]}: ")
    assert words in told.stderr
    assert "Traceback" not in told.stderr


@pytest.mark.parametrize(
    "arguments",
    [
        [],
        ["dance"],
        ["replay"],
        ["serve", "--port", "x"],
        ["replay", "f", "--chunk", "0"],
        ["prompt", "--budget", "0"],
    ],
)
def test_a_wrong_command_is_told_how_it_goes(genui: Command, arguments: list[str]) -> None:
    told = genui(*arguments)
    assert told.returncode == 2
    assert told.stderr.startswith("usage: genui")


def test_version(genui: Command) -> None:
    assert genui("--version").stdout == f"genui {__version__}\n"


@pytest.mark.parametrize("chunk", [None, 1, 7, 1000])
def test_replay_prints_the_events_of_a_file_cut_anywhere(
    genui: Command, written: Path, chunk: int | None
) -> None:
    told = genui("replay", str(written), *(["--chunk", str(chunk)] if chunk else []))
    recognizer = Recognizer(Catalog.builtin())
    size = chunk or len(TEXT)
    expected = [
        event for start in range(0, len(TEXT), size) for event in recognizer.feed(TEXT[start : start + size])
    ]
    expected += recognizer.close()
    assert told.stdout.splitlines() == [to_json(event) for event in expected]
    assert json.loads(told.stdout.splitlines()[0])["type"] == "text"
    assert told.returncode == 0


def test_replay_of_an_empty_file_prints_nothing(genui: Command, tmp_path: Path) -> None:
    (tmp_path / "empty").touch()
    told = genui("replay", str(tmp_path / "empty"))
    assert (told.returncode, told.stdout) == (0, "")


def test_replay_of_what_is_no_text_says_where(genui: Command, tmp_path: Path) -> None:
    (tmp_path / "picture").write_bytes(b"abc\xff")
    assert "not UTF-8 (at byte 3)" in genui("replay", str(tmp_path / "picture")).stderr


def test_a_reader_that_has_seen_enough_is_no_error(tmp_path: Path) -> None:
    (tmp_path / "long").write_text("word " * 200_000)
    process = subprocess.Popen(
        [*CHECKOUT, "replay", str(tmp_path / "long"), "--chunk", "5"],
        env=environment(ROOT),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    assert process.stdout
    assert process.stderr
    process.stdout.readline()
    process.stdout.close()
    assert process.stderr.read() == b""
    assert process.wait(timeout=60) == 0
    process.stderr.close()


def test_prompt_prints_the_prompt(genui: Command) -> None:
    told = genui("prompt")
    assert told.returncode == 0
    assert told.stdout.strip() == Catalog.builtin().prompt().strip()


def test_prompt_tells_its_size_apart_from_itself(genui: Command) -> None:
    told = genui("prompt", "--style", "jsx", "--only", "Metric, Card", "--budget", "400")
    assert told.stdout == Catalog.builtin().only(["Metric", "Card"]).prompt("jsx", budget=400) + "\n"
    assert told.stderr == f"{count_tokens(told.stdout[:-1])} tokens (o200k)\n"


def test_prompt_says_when_a_budget_is_too_small(genui: Command) -> None:
    assert "more than asked for" in genui("prompt", "--budget", "10").stderr


@pytest.mark.parametrize("dialect", ["lark", "llguidance", "gbnf"])
def test_grammar_prints_the_grammar(genui: Command, dialect: Dialect) -> None:
    told = genui("grammar", "--format", dialect, "--only", "Metric")
    assert told.stdout == Catalog.builtin().only(["Metric"]).grammar(dialect)


def test_a_component_that_is_not_there_cannot_be_chosen(genui: Command) -> None:
    assert "did you mean `Table`?" in genui("grammar", "--only", "Tabel").stderr


def test_as_a_module_it_is_the_same_command() -> None:
    told = subprocess.run(
        [sys.executable, "-m", "genui", "--version"],
        env=environment(ROOT),
        capture_output=True,
        text=True,
        check=True,
    )
    assert told.stdout == f"genui {__version__}\n"
