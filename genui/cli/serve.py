"""`genui serve`: the server, in this process or in several, until it is interrupted."""

from __future__ import annotations

import argparse
import contextlib

from genui import __version__
from genui.agent import CONSTRAINTS
from genui.cli import exposure, logs, mcp
from genui.cli.listening import DEFAULT_PORT, listen, raise_descriptors, reserve
from genui.cli.workers import Server, application, end_with_terminal, supervise
from genui.errors import CallerError
from genui.runs import DEFAULT_STORE
from genui.server import GenUI

_MOST_WORKERS = 256
_LOOPBACK = ("127.0.0.1", "localhost", "::1")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The options of `genui serve`."""
    parser.add_argument("--host", default="127.0.0.1", help="address to listen on (default %(default)s)")
    parser.add_argument(
        "--port",
        type=_port,
        help=f"port to listen on; 0 for any free one (default {DEFAULT_PORT}, or the next free one)",
    )
    parser.add_argument("--model", help='"demo" or a model\'s name (default: GENUI_MODEL)')
    parser.add_argument(
        "--assistant",
        action="store_true",
        help="offer the model the example tools: search in genui's docs, a calculator, the machine's load",
    )
    mcp.add_arguments(parser)
    parser.add_argument(
        "--constrain",
        choices=CONSTRAINTS,
        help="send the components' grammar along, so that the model can write nothing else: how its server"
        " takes it",
    )
    parser.add_argument(
        "--no-repair",
        dest="repair",
        action="store_false",
        help="never ask the model to mend a component that it wrote wrong",
    )
    parser.add_argument(
        "--origin",
        dest="origins",
        action="append",
        default=[],
        metavar="URL",
        help="let pages of this other origin use the API, as https://app.example (again for more)",
    )
    parser.add_argument(
        "--image-origin",
        dest="image_origins",
        action="append",
        default=[],
        metavar="URL",
        help="let pictures, films and sounds in answers load from this other origin, as https://img.example "
        "(again for more)",
    )
    parser.add_argument(
        "--reload",
        action="store_true",
        help="watch the folders of --components and show an edit in the pages that are open",
    )
    parser.add_argument(
        "--playground",
        action="store_true",
        help="serve /playground too, where components are written and tried; only for this machine",
    )
    parser.add_argument(
        "--playground-host",
        dest="playground_hosts",
        action="append",
        default=[],
        metavar="NAME",
        help="open the playground under this name, too, to everyone who can reach it (again for more)",
    )
    exposure.add_arguments(parser)
    parser.add_argument(
        "--log-format",
        choices=("text", "json"),
        default="text",
        help="lines for people, or JSON objects with the ids of runs (default %(default)s)",
    )
    parser.add_argument(
        "--store",
        default=DEFAULT_STORE,
        help="where conversations and runs are kept: memory, sqlite:///PATH or redis://HOST:PORT/NUMBER"
        " (default %(default)s, in the working directory)",
    )
    parser.add_argument(
        "--workers",
        type=_count,
        default=1,
        help="processes that serve (default 1; with memory only 1)",
    )
    parser.add_argument(
        "--drain",
        type=_seconds,
        default=5.0,
        metavar="SECONDS",
        help="how long answers may go on after SIGTERM or SIGHUP, before they end as interrupted"
        " (default %(default)g)",
    )


def _port(text: str) -> int:
    if not (text.isascii() and text.isdecimal() and int(text) < 65536):
        raise argparse.ArgumentTypeError(f"{text!r} is not a port: give a number from 0 to 65535")
    return int(text)


def _count(text: str) -> int:
    if not (text.isascii() and text.isdecimal() and 0 < int(text[:9]) <= _MOST_WORKERS):
        raise argparse.ArgumentTypeError(f"{text!r} is not a number from 1 to {_MOST_WORKERS}")
    return int(text)


def _seconds(text: str) -> float:
    try:
        seconds = float(text)
    except ValueError:
        seconds = -1.0
    if not 0 <= seconds < 86400:
        raise argparse.ArgumentTypeError(f"{text!r} is not a number of seconds")
    return seconds


def serve(options: argparse.Namespace) -> None:
    """Serve until interrupted."""
    if options.workers > 1 and options.store == "memory":
        raise CallerError(
            "bad-workers",
            '--workers: the store "memory" is one process\'s own; leave it at 1',
        )
    exposure.judge(options)
    _judge_playground(options)
    logs.configure(options.log_format, exposure.keys_of(options))
    raise_descriptors()
    genui = application(options)
    genui.store.check()
    end_with_terminal()
    if options.workers > 1:
        with reserve(options.host, options.port) as reserved:
            where = _greeting(genui, options.host, reserved.getsockname()[1], playground=False)
            supervise(options, reserved, greet=lambda: print(where, flush=True))
        return
    listener = listen(options.host, options.port)
    where = _greeting(genui, options.host, listener.getsockname()[1], playground=options.playground)
    server = Server(genui, options.drain, options.trusted_proxies, lambda: print(where, flush=True))
    with contextlib.suppress(KeyboardInterrupt), listener:
        server.run([listener])


def _judge_playground(options: argparse.Namespace) -> None:
    """The playground writes files and runs what is in them: never by accident for the whole network."""
    if options.playground_hosts and not options.playground:
        raise CallerError("no-playground", "--playground-host is about --playground; give that as well")
    if options.playground and options.workers > 1:
        raise CallerError("bad-workers", "--workers: the playground is one process's own; leave it at 1")
    if options.playground and not options.playground_hosts and options.host not in _LOOPBACK:
        raise CallerError(
            "open-playground",
            f"--playground on {options.host} could be reached from other machines; leave --host out, or name"
            " the host that it shall be used under with --playground-host",
        )


def _greeting(genui: GenUI, host: str, port: int, *, playground: bool) -> str:
    shown = f"[{host}]" if ":" in host else host
    lines = [f"genui {__version__} at http://{shown}:{port}/"]
    if playground:
        lines.append(f"The playground is at http://{shown}:{port}/playground")
    if getattr(genui.model, "demo", False):
        lines.append(
            "The demo model answers, from scripts. For a real one set OPENAI_API_KEY (and OPENAI_BASE_URL,"
            " GENUI_MODEL)."
        )
    else:
        lines.append(f"The model {genui.model.name} answers.")
    lines.append(f"Conversations are kept in {genui.store.name} (--store).")
    lines.append("Press Ctrl+C to stop.")
    return "\n".join(lines)
