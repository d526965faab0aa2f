"""Who may use the playground: a browser on this machine, on a page that came from here.

Whoever reaches these routes can write files that the server later runs. Three ways in are closed:

| attack | stopped by |
| --- | --- |
| a page of another site, or of another port, sends a request (CSRF) | `Origin`, `Sec-Fetch-Site` |
| a name of another site that is made to point here (DNS rebinding) | `Host` must be a name of this machine |
| another machine, straight or through a proxy in front | the client's address; no sign of a proxy |

`hosts` are the names that the operator has opened it for in so many words: under those, the first two hold.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Collection, Mapping

from starlette.datastructures import Headers
from starlette.types import Scope

from genui.errors import CallerError

_LOCAL_NAMES = frozenset({"localhost", "127.0.0.1", "::1"})
_SIGNS_OF_A_PROXY = ("forwarded", "x-forwarded-for", "x-forwarded-host", "x-real-ip", "via")


class Guard:
    """Judges the head of a request. `hosts`: names beside those of this machine."""

    def __init__(self, hosts: Collection[str] = ()) -> None:
        self._hosts = frozenset(host.lower() for host in hosts)

    def check(self, scope: Scope) -> None:
        """A request of the playground's own page. Raises CallerError (`not-local`, `other-origin`)."""
        headers = Headers(scope=scope)
        host = self._check_host(scope, headers)
        origin = headers.get("origin")
        if origin is not None and origin.lower() not in (f"http://{host}", f"https://{host}"):
            raise _other_origin()
        if headers.get("sec-fetch-site", "same-origin") not in ("same-origin", "none"):
            raise _other_origin()

    def check_visit(self, scope: Scope) -> None:
        """Somebody opens the page, perhaps from a link on another site: the page alone does nothing."""
        headers = Headers(scope=scope)
        self._check_host(scope, headers)
        if headers.get("sec-fetch-site", "none") in ("same-origin", "none"):
            return
        if headers.get("sec-fetch-mode") != "navigate" or headers.get("sec-fetch-dest") != "document":
            raise _other_origin()

    def check_host(self, scope: Scope) -> None:
        """A request from a frame of no origin, which has shown that it belongs to the page otherwise."""
        self._check_host(scope, Headers(scope=scope))

    def _check_host(self, scope: Scope, headers: Headers) -> str:
        given = [value.lower() for value in headers.getlist("host")]
        name = _name(given[0]) if len(given) == 1 else ""
        local = name in _LOCAL_NAMES and _is_local(scope) and not _passed_a_proxy(headers)
        if not (local or name in self._hosts):
            message = (
                "The playground is open only to this machine, at http://127.0.0.1 or http://localhost."
                " To open it under another name, start it with --playground-host NAME."
            )
            raise CallerError("not-local", message, 403)
        return given[0]


def _name(host: str) -> str:
    """A Host header without its port."""
    if host.startswith("["):
        return host[1:].partition("]")[0]
    return host.partition(":")[0]


def _is_local(scope: Scope) -> bool:
    """A Unix socket has no client; what connects to it is the operator's own business, or a proxy."""
    client = scope.get("client")
    try:
        return client is not None and ipaddress.ip_address(client[0]).is_loopback
    except ValueError:
        return False


def _passed_a_proxy(headers: Mapping[str, str]) -> bool:
    return any(sign in headers for sign in _SIGNS_OF_A_PROXY)


def _other_origin() -> CallerError:
    return CallerError("other-origin", "Only the playground's own page may ask for this.", 403)
