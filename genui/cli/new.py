"""`genui new StockQuote`: a component that already works, to be changed into one's own."""

from __future__ import annotations

import argparse
import re
from pathlib import Path

from genui.catalog import NAME, Catalog, scaffold, snake_case
from genui.errors import CallerError


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The options of `genui new`."""
    parser.add_argument("name", metavar="NAME", help="the tag's name, such as StockQuote")
    parser.add_argument(
        "--dir", default="components", type=Path, help="the folder to put it in (default %(default)s)"
    )


def new(options: argparse.Namespace) -> None:
    """Write the folder and say what to do next. Raises CallerError (`bad-name`, `exists`, `bad-file`)."""
    name, parent = options.name, options.dir
    _judge_name(name)
    folder = parent / snake_case(name)
    if folder.exists():
        raise CallerError("exists", f"{folder} is there already; choose another name, or remove it first")
    replaces = name in Catalog.builtin()  # asked first: in a checkout this may be where those are
    try:
        folder.mkdir(parents=True)
        for file, text in scaffold(name).items():
            (folder / file).write_text(text, "utf-8")
    except OSError as error:
        raise CallerError("bad-file", f"{error.filename or folder}: {error.strerror}") from error
    instead = f", and is taken instead of the built-in {name}" if replaces else ""
    print(f"{folder} is a component that works{instead}. Next:\n")
    print(_next_steps(parent, folder))


def _judge_name(name: str) -> None:
    if not NAME.match(name):
        words = re.findall(r"[A-Za-z0-9]+", name)
        likely = "".join(word[:1].upper() + word[1:] for word in words).lstrip("0123456789")
        hint = f"; {likely}, perhaps?" if NAME.match(likely) else ""
        raise CallerError(
            "bad-name",
            f"a tag cannot be called {name!r}: begin with A–Z and use only letters and digits, at most 64"
            f"{hint}",
        )


def _next_steps(parent: Path, folder: Path) -> str:
    own = "" if parent == Path("components") else f" --components {parent}"
    todo = {
        f"edit {folder}/component.toml": "what the model is told, and which props there are",
        f"edit {folder}/template.html": "what people see",
        f"genui check {parent}": "every mistake, in one go",
        f"genui serve --reload{own}": "try it: in the chat page, and at /gallery; edits show at once",
    }
    width = max(map(len, todo))
    return "\n".join(f"  {step:{width}}  {why}" for step, why in todo.items())
