"""Who may reach `genui serve`, and who may ask: keys, names, proxies, and no open door by accident."""

from __future__ import annotations

import argparse
import os
from pathlib import Path

from genui.errors import CallerError
from genui.server import ServerLimits, is_loopback, read_key_file

KEY_VARIABLE = "GENUI_API_KEY"

METRICS_VARIABLE = "GENUI_METRICS_KEY"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The options that say it."""
    group = parser.add_argument_group("who may ask")
    group.add_argument(
        "--key-file",
        type=Path,
        metavar="PATH",
        help="answer only who sends one of the API keys in this file: a key a line, or a name and a key",
    )
    group.add_argument(
        "--api-key",
        metavar="VARIABLE",
        help=f"likewise, with the key in this environment variable ({KEY_VARIABLE} counts by itself); never"
        " the key itself: command lines are there for everyone to see",
    )
    group.add_argument(
        "--public",
        action="store_true",
        help="answer everybody though other machines can reach this address",
    )
    group.add_argument(
        "--allowed-host",
        dest="allowed_hosts",
        action="append",
        metavar="NAME",
        help="a name under which the server is reached, as chat.example (again for more); on the loopback"
        " interface only localhost is taken otherwise",
    )
    group.add_argument(
        "--trusted-proxy",
        dest="trusted_proxies",
        action="append",
        default=[],
        metavar="ADDRESS",
        help="believe X-Forwarded-For and -Proto of this address or network, as 10.0.0.0/8 (again for more)",
    )
    default = ServerLimits()
    group.add_argument(
        "--rate",
        type=_number,
        default=default.rate,
        help="requests a second that one caller may ask in the long run; 0 for any (default %(default)g)",
    )
    group.add_argument(
        "--open-requests",
        type=_number,
        default=default.open,
        metavar="N",
        help="requests of one caller that may be open at a time, streams included; 0 for any"
        " (default %(default)s)",
    )


def _number(text: str) -> float:
    try:
        number = float(text)
    except ValueError:
        number = -1
    if not 0 <= number < 1e6:
        raise argparse.ArgumentTypeError(f"{text!r} is not a number from 0 on")
    return number


def limits_of(options: argparse.Namespace) -> ServerLimits:
    """How often one caller may ask."""
    burst = max(ServerLimits().burst, int(options.rate * 10))
    return ServerLimits(rate=options.rate, burst=burst, open=int(options.open_requests))


def keys_of(options: argparse.Namespace) -> dict[str, str] | list[str]:
    """The API keys, with their owners where a file names them. Raises CallerError (`bad-key`)."""
    variable = options.api_key or KEY_VARIABLE
    key = os.environ.get(variable)
    if options.api_key and not key:
        raise CallerError("bad-key", f"--api-key: there is nothing in the environment variable {variable}")
    if options.key_file is None:
        return [key] if key else []
    return {**({key: "api-key"} if key else {}), **read_key_file(options.key_file)}


def metrics_of(options: argparse.Namespace) -> str | bool | None:
    """Who may read /metrics: who has the key; else who GenUI says, but nobody on a public server."""
    return os.environ.get(METRICS_VARIABLE) or (False if options.public else None)


def judge(options: argparse.Namespace) -> None:
    """Raises CallerError (`open-server`, `bad-key`)."""
    local = options.host == "localhost" or is_loopback(options.host)
    if local or options.public or keys_of(options):
        return
    raise CallerError(
        "open-server",
        f"on {options.host} everybody who can reach this machine could use the model, at your expense. Let"
        " only those in who have a key (--key-file, or GENUI_API_KEY), or say that it shall be open to all"
        " with --public",
    )
