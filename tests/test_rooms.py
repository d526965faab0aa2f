"""Imports follow the rooms of the design. The rules stand in the tables below; `violations` reads the
source (never imports it), so what is imported for typing only or inside a function counts as well.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]

MAY_IMPORT: dict[str, set[str]] = {
    "events": set(),
    "errors": {"events"},
    "catalog": {"events", "errors"},
    "markup": {"events", "errors", "catalog"},
    "agent": {"events", "errors", "markup", "catalog"},  # catalog: `stream(text, catalog)` takes one
    "runs": {"events", "errors"},
    "wire": {"events", "errors"},
    "server": {"events", "errors", "catalog", "markup", "agent", "runs", "wire"},
    "cli": {"events", "errors", "catalog", "markup", "agent", "runs", "wire", "server"},
    # The package's own face and `python -m genui`: they only re-export and start.
    "__init__": {"events", "errors", "catalog", "markup", "agent", "runs", "wire", "server"},
    "__main__": {"cli"},
}
"""Room → the other rooms it may import, each through its face: `from genui.catalog import Catalog`."""

SANS_IO = ("events", "errors", "markup", "wire")
"""Rooms of values in, values out: no async, no sockets, no clock, no threads."""

IO_MODULES = {
    "aiohttp", "anyio", "asyncio", "httpx", "openai", "sched", "select", "selectors", "signal", "socket",
    "ssl", "starlette", "subprocess", "threading", "time", "urllib.request", "uvicorn",
}  # fmt: skip

PACKAGE_CONSTANTS = {"__version__"}
"""What any room may take from `genui` itself, whose other names lead through every room at once."""


@dataclass(frozen=True, slots=True)
class Import:
    """One imported module, and the name taken from it if any, at one line."""

    module: str
    name: str | None
    line: int


def imports(tree: ast.AST) -> Iterator[Import]:
    """Every import in a module. A relative one keeps its leading dots."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (Import(alias.name, None, node.lineno) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            module = "." * node.level + (node.module or "")
            yield from (Import(module, alias.name, node.lineno) for alias in node.names)


def import_problem(room: str, found: Import) -> str | None:
    """What is wrong with this import in a module of `room`, or None."""
    if found.module.startswith("."):
        return "relative import; write the whole name"
    top, *inner = found.module.split(".")
    if top != "genui":
        return _io_problem(room, found)
    if not inner:
        return _package_problem(room, found)
    other = inner[0]
    if other == room:
        return None
    if other not in MAY_IMPORT.get(room, set()):
        return f"{room} may not import {other}"
    if len(inner) > 1:
        return f"reaches past the face of {other}; import from genui.{other}"
    return None


def _package_problem(room: str, found: Import) -> str | None:
    """`from genui import events` means that room; anything else goes through the package's face."""
    if found.name in PACKAGE_CONSTANTS:
        return None
    if found.name in MAY_IMPORT:
        return import_problem(room, Import(f"genui.{found.name}", None, found.line))
    return "imports the package's own face; import from the room"


def _io_problem(room: str, found: Import) -> str | None:
    names = {found.module, found.module.split(".")[0], f"{found.module}.{found.name}"}
    if room in SANS_IO and names & IO_MODULES:
        return f"{room} is sans-IO and may not import {found.module}"
    return None


def async_lines(tree: ast.AST) -> Iterator[int]:
    """The lines on which something asynchronous stands."""
    kinds = (ast.AsyncFunctionDef, ast.AsyncFor, ast.AsyncWith, ast.Await)
    yield from (node.lineno for node in ast.walk(tree) if isinstance(node, kinds))


def module_violations(room: str, source: str) -> Iterator[tuple[int, str]]:
    tree = ast.parse(source)
    for found in imports(tree):
        if problem := import_problem(room, found):
            yield found.line, problem
    if room in SANS_IO:
        yield from ((line, f"{room} is sans-IO and may not be async") for line in async_lines(tree))


def violations(package: Path) -> list[str]:
    """Every breach of the tables in a package's tree, as `file:line: what`."""
    found = []
    for path in sorted(package.rglob("*.py")):
        inside = path.relative_to(package)
        room = inside.parts[0].removesuffix(".py")
        if room not in MAY_IMPORT:
            found.append(f"{inside}:1: no room of the design is named {room}")
            continue
        found += [f"{inside}:{line}: {what}" for line, what in module_violations(room, path.read_text())]
    return found


def test_imports_follow_the_rooms_of_the_design() -> None:
    assert violations(ROOT / "genui") == []


@pytest.mark.parametrize(
    ("path", "source", "problem"),
    [
        ("events.py", "from genui.errors import GenUIError", "events may not import errors"),
        ("runs/log.py", "from genui.catalog import Catalog", "runs may not import catalog"),
        ("runs/log.py", "import genui.server", "runs may not import server"),
        ("runs/log.py", "def f():\n    from genui import agent", "runs may not import agent"),
        ("agent/loop.py", "from genui.markup.lexer import Lexer", "reaches past the face of markup"),
        ("agent/loop.py", "from . import tools", "relative import"),
        ("server/app.py", "from genui import Catalog", "imports the package's own face"),
        ("markup/lexer.py", "import time", "markup is sans-IO and may not import time"),
        ("markup/lexer.py", "from asyncio import sleep", "markup is sans-IO and may not import asyncio"),
        ("wire/sse.py", "import urllib.request", "wire is sans-IO and may not import urllib.request"),
        ("wire/sse.py", "from urllib import request", "wire is sans-IO and may not import urllib"),
        ("markup/lexer.py", "async def feed(): ...", "markup is sans-IO and may not be async"),
        ("helpers.py", "", "no room of the design is named helpers"),
    ],
)
def test_the_checker_reports(tmp_path: Path, path: str, source: str, problem: str) -> None:
    _write(tmp_path / path, source)
    (found,) = violations(tmp_path)
    assert found.startswith(path)
    assert problem in found


@pytest.mark.parametrize(
    ("path", "source"),
    [
        ("markup/reader.py", "from genui.markup.lexer import Lexer\nfrom genui.catalog import Catalog"),
        ("server/app.py", "from genui import __version__, events\nimport asyncio"),
        ("wire/sse.py", "from urllib.parse import quote"),
        ("agent/loop.py", "import time\nasync def wait(): ..."),
    ],
)
def test_the_checker_accepts_what_the_tables_allow(tmp_path: Path, path: str, source: str) -> None:
    _write(tmp_path / path, source)
    assert violations(tmp_path) == []


def test_a_breach_is_reported_with_its_line(tmp_path: Path) -> None:
    _write(tmp_path / "runs" / "log.py", "import json\n\nimport genui.cli\n")
    assert violations(tmp_path) == ["runs/log.py:3: runs may not import cli"]


def _write(path: Path, source: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(source)
