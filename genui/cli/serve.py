"""`genui serve`: the server in this process, until it is interrupted."""

from __future__ import annotations

import argparse
import contextlib
import errno
import socket

import uvicorn

from genui import __version__
from genui.agent import CONSTRAINTS
from genui.errors import CallerError
from genui.server import GenUI

DEFAULT_PORT = 8000
_PORTS_TRIED = 20
_SHUTDOWN_SECONDS = 5


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
        help="let pictures in answers load from this other origin, as https://img.example (again for more)",
    )
    parser.add_argument(
        "--reload",
        action="store_true",
        help="watch the folders of --components and show an edit in the pages that are open",
    )
    parser.add_argument("--store", default="memory", help='where runs are kept: "memory"')
    parser.add_argument("--workers", type=int, default=1, help="processes; the memory store allows one")


def _port(text: str) -> int:
    if not (text.isascii() and text.isdecimal() and int(text) < 65536):
        raise argparse.ArgumentTypeError(f"{text!r} is not a port: give a number from 0 to 65535")
    return int(text)


def serve(options: argparse.Namespace) -> None:
    """Serve until interrupted."""
    if options.workers != 1:
        raise CallerError("bad-workers", '--workers: the store "memory" is one process\'s own; leave it at 1')
    genui = GenUI(
        components=options.components,
        model=options.model,
        store=options.store,
        origins=options.origins,
        image_origins=options.image_origins,
        repair=options.repair,
        constrain=options.constrain,
        reload=options.reload,
    )
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
