"""Measuring a set-up from outside: the stream of `GET /v1/doctor`, piece by piece as it arrives.

Over HTTP/1.1 and the standard library: nothing may stand between the socket and the clock, and what a proxy
holds back it holds back from everyone. Which HTTP a browser would get is what TLS agrees on (ALPN).
"""

from __future__ import annotations

import http.client
import json
import socket
import ssl
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from genui.errors import CallerError

PATIENCE = 30.0
"""Seconds without anything, beyond those asked for, after which no more is expected."""


@dataclass
class Pulse:
    """An event: when the server sent it and when it came, in seconds of their own clocks."""

    sent: float
    came: float


@dataclass
class Measured:
    """One stream."""

    status: int = 0
    headers: Mapping[str, str] = field(default_factory=dict)
    pulses: list[Pulse] = field(default_factory=list)
    silence: float = 0.0
    """Seconds from the last event to the end."""
    whole: bool = False
    """It ended as HTTP says, and was not cut."""
    readable: bool = True
    """What came was events, and not something encoded."""


class Target:
    """A service at a base URL, asked with an API key or without."""

    def __init__(self, url: str, key: str | None = None) -> None:
        parts = urlsplit(url)
        if parts.scheme not in ("http", "https") or not parts.hostname:
            raise CallerError("bad-url", f"{url!r} is no address: give http://… or https://…")
        self.secure = parts.scheme == "https"
        self._host = parts.hostname
        self._port = parts.port or (443 if self.secure else 80)
        self._base = parts.path.rstrip("/")
        self._key = {"Authorization": f"Bearer {key}"} if key else {}

    def stream(self, idle: float, codings: str = "gzip, br, zstd") -> Measured:
        """Read the events, with `idle` seconds of silence before the last. Raises CallerError."""
        headers = {"Accept": "text/event-stream", "Accept-Encoding": codings, **self._key}
        measured = Measured()
        connection = self._connect(PATIENCE + idle)
        try:
            connection.request("GET", f"{self._base}/v1/doctor?idle={idle:g}", headers=headers)
            response = connection.getresponse()
            measured.status = response.status
            measured.headers = {name.lower(): value for name, value in response.getheaders()}
            if response.status == 200:
                _read(response, measured)
        except (OSError, http.client.HTTPException) as error:
            if not measured.status:
                raise self._unreachable(error) from error
        finally:
            connection.close()
        return measured

    def preflight(self, origin: str) -> str | None:
        """What a page of that origin is told it may do: Access-Control-Allow-Origin."""
        headers = {"Origin": origin, "Access-Control-Request-Method": "POST",
                   "Access-Control-Request-Headers": "content-type"}  # fmt: skip
        connection = self._connect(PATIENCE)
        try:
            connection.request("OPTIONS", f"{self._base}/v1/runs", headers=headers)
            return connection.getresponse().getheader("Access-Control-Allow-Origin")
        except (OSError, http.client.HTTPException) as error:
            raise self._unreachable(error) from error
        finally:
            connection.close()

    def protocol(self) -> str:
        """What a browser would speak: "h2" or "http/1.1"."""
        if not self.secure:
            return "http/1.1"
        context = ssl.create_default_context()
        context.set_alpn_protocols(["h2", "http/1.1"])
        try:
            with (
                socket.create_connection((self._host, self._port), PATIENCE) as plain,
                context.wrap_socket(plain, server_hostname=self._host) as secured,
            ):
                return secured.selected_alpn_protocol() or "http/1.1"
        except OSError as error:
            raise self._unreachable(error) from error

    def _connect(self, timeout: float) -> http.client.HTTPConnection:
        if self.secure:
            context = ssl.create_default_context()
            return http.client.HTTPSConnection(self._host, self._port, timeout=timeout, context=context)
        return http.client.HTTPConnection(self._host, self._port, timeout=timeout)

    def _unreachable(self, error: Exception) -> CallerError:
        return CallerError("unreachable", f"{self._host} port {self._port} cannot be asked: {error}")


def _read(response: http.client.HTTPResponse, measured: Measured) -> None:
    """Note each event when it comes, until the end or the cut."""
    pending, last = b"", time.time()
    try:
        while chunk := response.read1(65536):
            came = time.time()
            *whole, pending = (pending + chunk).split(b"\n\n")
            measured.pulses += [Pulse(_sent(frame), came) for frame in whole if frame.startswith(b"data: ")]
            last = came
        measured.whole = response.isclosed()
    except (OSError, http.client.HTTPException):
        pass  # cut: what came until then counts
    except (ValueError, KeyError):
        measured.readable = False
    measured.readable = measured.readable and (bool(measured.pulses) or not pending)
    measured.silence = time.time() - last


def _sent(frame: bytes) -> float:
    return float(json.loads(frame.removeprefix(b"data: "))["sent"])
