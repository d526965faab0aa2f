"""The command line: each command is a module of its own, this one chooses among them."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import NamedTuple

from genui import __version__
from genui.cli import check, doctor, new, replay, serve, teach
from genui.cli.listening import listen
from genui.errors import GenUIError

__all__ = ["listen", "main"]


class Command(NamedTuple):
    """A command: what it does in a line, its options, and what runs; that may return an exit status."""

    help: str
    add_arguments: Callable[[argparse.ArgumentParser], None]
    run: Callable[[argparse.Namespace], int | None]
    takes_components: bool = True


_COMMANDS = {
    "serve": Command("the chat page and the API over HTTP", serve.add_arguments, serve.serve),
    "replay": Command("a file's events, one JSON object a line", replay.add_arguments, replay.replay),
    "new": Command("a component to start from, in a folder of its own", new.add_arguments, new.new, False),
    "check": Command("every mistake in folders of components", check.add_arguments, check.check, False),
    "doctor": Command("is something buffering, compressing or cutting the stream of a service?",
                      doctor.add_arguments, doctor.doctor, False),
    "prompt": Command("the system prompt that a model gets", teach.add_prompt_arguments, teach.prompt),
    "grammar": Command("the grammar of all answers, for constrained decoding",
                       teach.add_grammar_arguments, teach.grammar),
}  # fmt: skip


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; the exit status: 0, or 1 after an error told on stderr, or 2 for a wrong command,
    or 130 after Ctrl+C."""
    options = _parser().parse_args(arguments)
    if _COMMANDS[options.command].takes_components and options.components is None:
        options.components = own_components()
    try:
        status = _COMMANDS[options.command].run(options)
        sys.stdout.flush()
    except GenUIError as error:
        print(f"genui {options.command}: {error}", file=sys.stderr)
        return 1
    except BrokenPipeError:  # `genui replay … | head` has seen enough
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except KeyboardInterrupt:
        return 130  # as shells say it: 128 and the number of SIGINT
    return status or 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="genui", description="A language model's stream as live widgets.")
    parser.add_argument("--version", action="version", version=f"genui {__version__}")
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    for name, command in _COMMANDS.items():
        options = commands.add_parser(name, help=command.help)
        command.add_arguments(options)
        if command.takes_components:
            _add_components(options)
    return parser


def _add_components(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--components",
        action="append",
        metavar="DIR",
        help="a folder of components beside the built-in ones (again for more; default: ./components)",
    )


def own_components() -> list[str] | None:
    """Where `genui new` puts components and `genui check` looks for them, if any are there."""
    folder = Path("components")
    return [str(folder)] if any(folder.glob("*/component.toml")) else None
