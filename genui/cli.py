"""The command line: `genui serve`, `genui replay`, `genui prompt`."""

from __future__ import annotations

import argparse
import contextlib
import errno
import os
import socket
import sys
from collections.abc import Sequence
from pathlib import Path

import uvicorn

from genui import __version__
from genui.errors import CallerError, GenUIError
from genui.events import to_json
from genui.markup import Recognizer
from genui.server import GenUI, catalog_of

DEFAULT_PORT = 8000
_PORTS_TRIED = 20
_SHUTDOWN_SECONDS = 5


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; the exit status: 0, or 1 after an error told on stderr, or 2 for a wrong command."""
    options = _parser().parse_args(arguments)
    try:
        _COMMANDS[options.command](options)
        sys.stdout.flush()
    except GenUIError as error:
        print(f"genui {options.command}: {error}", file=sys.stderr)
        return 1
    except BrokenPipeError:  # `genui replay … | head` has seen enough
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="genui", description="A language model's stream as live widgets.")
    parser.add_argument("--version", action="version", version=f"genui {__version__}")
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    _add_serve(commands.add_parser("serve", help="the chat page and the API over HTTP"))
    _add_replay(commands.add_parser("replay", help="a file's events, one JSON object a line"))
    _add_components(commands.add_parser("prompt", help="the system prompt that a model gets"))
    return parser


def _add_components(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--components",
        action="append",
        metavar="DIR",
        help="a folder of components beside the built-in ones (again for more)",
    )


def _add_serve(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--host", default="127.0.0.1", help="address to listen on (default %(default)s)")
    parser.add_argument(
        "--port",
        type=_port,
        help=f"port to listen on; 0 for any free one (default {DEFAULT_PORT}, or the next free one)",
    )
    parser.add_argument("--model", help='"demo" or a model\'s name (default: GENUI_MODEL)')
    parser.add_argument("--store", default="memory", help='where runs are kept: "memory"')
    parser.add_argument("--workers", type=int, default=1, help="processes; the memory store allows one")
    _add_components(parser)


def _add_replay(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("file", metavar="FILE", type=Path, help="a model's text in UTF-8")
    parser.add_argument(
        "--chunk", type=_positive, metavar="N", help="feed N characters at a time (default: all at once)"
    )
    _add_components(parser)


def _port(text: str) -> int:
    if not (text.isascii() and text.isdecimal() and int(text) < 65536):
        raise argparse.ArgumentTypeError(f"{text!r} is not a port: give a number from 0 to 65535")
    return int(text)


def _positive(text: str) -> int:
    if not (text.isascii() and text.isdecimal() and int(text) > 0):
        raise argparse.ArgumentTypeError(f"{text!r} is not a number of characters: give 1 or more")
    return int(text)


def prompt(options: argparse.Namespace) -> None:
    """Print the system prompt."""
    print(catalog_of(options.components).prompt())


def replay(options: argparse.Namespace) -> None:
    """Print the events of a file."""
    text = _text(options.file)
    recognizer = Recognizer(catalog_of(options.components))
    size = options.chunk or len(text) or 1
    for start in range(0, len(text), size):
        for event in recognizer.feed(text[start : start + size]):
            print(to_json(event))
    for event in recognizer.close():
        print(to_json(event))


def _text(path: Path) -> str:
    """A file's text, line ends as they are."""
    try:
        return path.read_bytes().decode("utf-8")
    except OSError as error:
        raise CallerError("bad-file", f"{path}: {error.strerror}") from error
    except UnicodeDecodeError as error:
        raise CallerError("bad-file", f"{path}: not UTF-8 (at byte {error.start})") from error


def serve(options: argparse.Namespace) -> None:
    """Serve until interrupted."""
    if options.workers != 1:
        raise CallerError("bad-workers", '--workers: the store "memory" is one process\'s own; leave it at 1')
    genui = GenUI(components=options.components, model=options.model, store=options.store)
    listener = listen(options.host, options.port)
    config = uvicorn.Config(
        genui,
        http="httptools",
        log_level="warning",
        access_log=False,
        server_header=False,
        timeout_graceful_shutdown=_SHUTDOWN_SECONDS,
    )
    print(_greeting(genui, options.host, listener.getsockname()[1]), flush=True)
    with contextlib.suppress(KeyboardInterrupt), listener:
        _Server(config, genui).run([listener])


class _Server(uvicorn.Server):
    """Ends the runs, and with them their streams, before it waits for connections to close: uvicorn tells
    an application of the shutdown only after that, and a stream would hold it up."""

    def __init__(self, config: uvicorn.Config, genui: GenUI) -> None:
        super().__init__(config)
        self._genui = genui

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        await self._genui.close()
        await super().shutdown(sockets)


def listen(host: str, port: int | None) -> socket.socket:
    """A listening socket. Without a port: the default one, or the next that is free.

    Raises CallerError (`port-taken`, `bad-address`).
    """
    if port is not None:
        return _listen(host, port)
    for candidate in range(DEFAULT_PORT, DEFAULT_PORT + _PORTS_TRIED):
        try:
            return _listen(host, candidate)
        except CallerError as error:
            if error.code != "port-taken":
                raise
    return _listen(host, 0)


def _listen(host: str, port: int) -> socket.socket:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        return socket.create_server((host, port), family=family, backlog=2048)
    except OSError as error:
        if error.errno == errno.EADDRINUSE:
            raise CallerError(
                "port-taken",
                f"port {port} of {host} is taken by another program; stop that, or choose another with --port"
                " (--port 0 takes any free one)",
            ) from error
        raise CallerError("bad-address", f"cannot listen on {host} port {port}: {error.strerror}") from error


def _greeting(genui: GenUI, host: str, port: int) -> str:
    shown = f"[{host}]" if ":" in host else host
    lines = [f"genui {__version__} at http://{shown}:{port}/"]
    if getattr(genui.model, "demo", False):
        lines.append(
            "The demo model answers, from scripts. For a real one set OPENAI_API_KEY (and OPENAI_BASE_URL,"
            " GENUI_MODEL)."
        )
    else:
        lines.append(f"The model {genui.model.name} answers.")
    lines.append("Press Ctrl+C to stop.")
    return "\n".join(lines)


_COMMANDS = {"serve": serve, "replay": replay, "prompt": prompt}
