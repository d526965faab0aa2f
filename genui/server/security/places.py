"""Where a request was sent to and where it comes from: Host, Origin, and the address of who sends it.

| attack | stopped by |
| --- | --- |
| a name of another site that is made to point here (DNS rebinding) | the list of Host names |
| a page of another site sends a request that changes something (CSRF) | `Sec-Fetch-Site`, else `Origin` |

The second is the algorithm of Go's `http.CrossOriginProtection` (F. Valsorda, "Cross-Site Request
Forgery", 2025): a browser says `Sec-Fetch-Site` on every request to a secure address and no page can
forge it; elsewhere it says `Origin`, which must be the Host that it was sent to. What says neither is no
browser, and has no cookies of anyone.
"""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Collection, Sequence

from starlette.datastructures import Headers
from starlette.types import Scope

from genui.errors import CallerError

_ORIGIN = re.compile(r"[a-z][a-z0-9+.\-]*://([a-z0-9._\-]+|\[[0-9a-f:.]+\])(:\d{1,5})?\Z")

_NAME = re.compile(r"(\*|(\*\.)?[a-z0-9._\-]+|[0-9a-f:.]+)\Z")

_DEFAULT_PORTS = {"http": ":80", "https": ":443"}
"""Which browsers leave out."""

_SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})


def host_name(host: str) -> str:
    """A Host header, or an address, without its port and in lower case; empty if it is neither."""
    if host.startswith("["):
        address, bracket, port = host[1:].partition("]")
        return address.lower() if bracket and _is_port(port) else ""
    if host.count(":") >= 2:
        return host.lower()
    name, colon, port = host.partition(":")
    return name.lower() if _is_port(colon + port) else ""


def _is_port(text: str) -> bool:
    """Whether this may stand behind a name: nothing, or a colon and digits (RFC 3986, 3.2.3)."""
    return not text or (text[0] == ":" and (text[1:].isdecimal() or text == ":"))


def is_loopback(address: str) -> bool:
    try:
        return ipaddress.ip_address(address).is_loopback
    except ValueError:
        return False


def address_of(scope: Scope) -> str:
    """Who sends this, as limits count it: an IPv4 address, or the /64 that an IPv6 host has all of.

    Empty for this machine itself, and where the server does not know: a Unix socket.
    """
    client = scope.get("client")
    try:
        address = ipaddress.ip_address(client[0] if client else "")
    except ValueError:
        return ""
    if isinstance(address, ipaddress.IPv6Address):
        if address.ipv4_mapped is None:
            network = ipaddress.ip_network((address, 64), strict=False)
            return "" if address.is_loopback else str(network)
        address = address.ipv4_mapped
    return "" if address.is_loopback else str(address)


class Hosts:
    """The names under which requests are taken: those given ("*" for all, "*.example" for all below), and
    those of this machine. Without any given, a request that came in over the loopback interface must be for
    a name of this machine (or one of `also`), and others are taken under every name."""

    def __init__(self, names: Sequence[str] | None, also: Sequence[str] = ()) -> None:
        """Raises CallerError (`bad-host`)."""
        given = [_named(name) for name in names or ()]
        self._any = "*" in given
        self._listed = bool(given)
        self._names = frozenset([*given, *map(host_name, also)])
        self._below = tuple(name[1:] for name in given if name.startswith("*."))

    def check(self, scope: Scope, headers: Headers) -> None:
        """Raises CallerError (`bad-host`)."""
        if self._any or not (self._listed or _on_loopback(scope)):
            return
        given = headers.getlist("host")
        name = host_name(given[0]) if len(given) == 1 else ""
        if name in self._names or name.endswith(self._below) or _is_local(name):
            return
        message = (
            "This server does not answer under this name. If it should, whoever runs it starts it with"
            " --allowed-host NAME, or GenUI(allowed_hosts=[…])."
        )
        raise CallerError("bad-host", message, 421)


def origin_of(given: str) -> str:
    """An origin whose pages are meant, as browsers write it; "*" for any.

    Raises CallerError (`bad-origin`).
    """
    origin = given.strip().lower().removesuffix("/")
    if origin in ("*", "null"):
        return origin
    if not _ORIGIN.match(origin):
        raise CallerError(
            "bad-origin", f"{given!r} is no origin: give a scheme and a host, as https://app.example"
        )
    scheme = origin.split(":", 1)[0]
    return origin.removesuffix(_DEFAULT_PORTS.get(scheme, ""))


class Origins:
    """Whose pages may send what changes something: those from here, and those of the origins given."""

    def __init__(self, origins: Collection[str]) -> None:
        """`origins` as `origin_of` writes them."""
        self._all = "*" in origins
        self._origins = frozenset(origins)

    def check(self, scope: Scope, headers: Headers) -> None:
        """Raises CallerError (`other-origin`)."""
        origin = headers.get("origin")
        if scope["method"] in _SAFE_METHODS or self._all or (origin or "").lower() in self._origins:
            return
        site = headers.get("sec-fetch-site")
        if site is not None:
            ours = site in ("same-origin", "none")
        else:
            ours = origin is None or _place(origin) == headers.get("host", "").lower()
        if not ours:
            message = (
                "A page of another origin may not ask for this. If it should, whoever runs the server starts"
                " it with --origin URL, or GenUI(origins=[…])."
            )
            raise CallerError("other-origin", message, 403)


def _named(name: str) -> str:
    """A name that a server is to have. Raises CallerError (`bad-host`)."""
    host = host_name(name.strip())
    if not _NAME.match(host):
        raise CallerError("bad-host", f"{name!r} is no name of a host: give it alone, as chat.example")
    return host


def _place(origin: str) -> str | None:
    """The host of a page and its port, if the page came from a web server."""
    scheme, _, place = origin.lower().partition("://")
    return place if scheme in ("http", "https") else None


def _on_loopback(scope: Scope) -> bool:
    server = scope.get("server")
    return server is not None and is_loopback(server[0])


def _is_local(name: str) -> bool:
    return name == "localhost" or name.endswith(".localhost") or is_loopback(name)
