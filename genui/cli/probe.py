"""Measuring a set-up from outside: the stream of `GET /v1/doctor`, piece by piece as it arrives.

Over HTTP/1.1 and the standard library: nothing may stand between the socket and the clock, and what a proxy
holds back it holds back from everyone. Which HTTP a browser would get is what TLS agrees on (ALPN).
"""

from __future__ import annotations

import contextlib
import http.client
import json
import socket
import ssl
import threading
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from urllib.parse import quote, urlsplit

from genui.errors import CallerError

PATIENCE = 30.0
"""Seconds that anything may take, beyond the silence that is asked for: also what never stops sending."""

_MOST_BYTES = 100_000
"""Of an answer that is no stream, and of what is no event."""


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
    refusal: bytes = b""
    """What an answer says that is no stream."""
    pulses: list[Pulse] = field(default_factory=list)
    silence: float = 0.0
    """Seconds from the last event to the end."""
    readable: bool = True
    """What came was the events that are measured, and not something else or encoded."""

    @property
    def streams(self) -> bool:
        """It is a stream of events."""
        return self.status == 200 and self.headers.get("content-type", "").startswith("text/event-stream")


class Target:
    """A service at a base URL, asked with an API key or without."""

    def __init__(self, url: str, key: str | None = None) -> None:
        """Raises CallerError."""
        try:
            parts = urlsplit(url)
            port = parts.port
        except ValueError as error:
            raise CallerError("bad-url", f"{url!r} is no address: {error}") from error
        if parts.scheme not in ("http", "https") or not parts.hostname:
            raise CallerError("bad-url", f"{url!r} is no address: give http://… or https://…")
        if parts.username is not None or parts.query or parts.fragment:
            raise CallerError(
                "bad-url",
                "give the address where the service stands: no user, no password and no question mark",
            )
        self.secure = parts.scheme == "https"
        self.has_key = bool(key)
        self._host = parts.hostname
        self._port = port or (443 if self.secure else 80)
        self._base = quote(parts.path.rstrip("/"), safe="/%!$&'()*+,;=:@~")
        self._key = {"Authorization": f"Bearer {key}"} if key else {}

    def stream(self, idle: float, codings: str = "gzip, br, zstd") -> Measured:
        """Read the events, with `idle` seconds of silence before the last. Raises CallerError."""
        headers = {"Accept": "text/event-stream", "Accept-Encoding": codings, **self._key}
        measured = Measured()
        with self._asking(PATIENCE + idle) as connection:
            connection.request("GET", f"{self._base}/v1/doctor?idle={idle:g}", headers=headers)
            response = connection.getresponse()
            measured.status = response.status
            measured.headers = {name.lower(): value for name, value in response.getheaders()}
            if measured.streams:
                _read(response, measured)
            else:
                with contextlib.suppress(OSError, http.client.HTTPException):  # it is only to be told
                    measured.refusal = response.read(_MOST_BYTES)
        return measured

    def preflight(self, origin: str) -> str | None:
        """What a page of that origin is told it may do: Access-Control-Allow-Origin."""
        headers = {"Origin": origin, "Access-Control-Request-Method": "POST",
                   "Access-Control-Request-Headers": "content-type"}  # fmt: skip
        with self._asking(PATIENCE) as connection:
            connection.request("OPTIONS", f"{self._base}/v1/runs", headers=headers)
            return connection.getresponse().getheader("Access-Control-Allow-Origin")

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

    @contextlib.contextmanager
    def _asking(self, seconds: float) -> Iterator[http.client.HTTPConnection]:
        """A connection that is cut after so many seconds, whatever is still coming. Raises CallerError."""
        connection, late = self._connection(seconds), threading.Event()
        cut: threading.Timer | None = None
        try:
            connection.connect()
            # The socket itself: an answer that ends with its connection takes it away from that.
            cut = threading.Timer(seconds, _cut, [connection.sock, late])
            cut.daemon = True
            cut.start()
            yield connection
        except (OSError, UnicodeError, http.client.HTTPException) as error:  # UnicodeError: in the name
            raise self._unreachable(error, late=late.is_set()) from error
        finally:
            if cut is not None:
                cut.cancel()
            connection.close()

    def _connection(self, timeout: float) -> http.client.HTTPConnection:
        if self.secure:
            context = ssl.create_default_context()
            return http.client.HTTPSConnection(self._host, self._port, timeout=timeout, context=context)
        return http.client.HTTPConnection(self._host, self._port, timeout=timeout)

    def _unreachable(self, error: Exception, *, late: bool = False) -> CallerError:
        told = "no answer in time" if late or isinstance(error, TimeoutError) else self._explain(error)
        return CallerError("unreachable", f"{self._host} port {self._port} cannot be asked: {told}")

    def _explain(self, error: Exception) -> str:
        if isinstance(error, ssl.SSLCertVerificationError):
            return (
                f"its certificate is not good here: {error.verify_message}. Where it is one of your own, put"
                " the file of the authority that signed it into SSL_CERT_FILE"
            )
        if isinstance(error, ssl.SSLError):
            return f"it speaks no TLS that is understood here ({error.reason}); is it http:// there?"
        if isinstance(error, http.client.RemoteDisconnected | ConnectionResetError):
            return "it hangs up without an answer" + ("" if self.secure else "; is it https:// there?")
        if isinstance(error, http.client.HTTPException):
            return "it speaks no HTTP" + ("" if self.secure else "; is it https:// there?")
        return getattr(error, "strerror", None) or str(error)


def _cut(connected: socket.socket, late: threading.Event) -> None:
    """Wake whoever reads from it: there is nothing more."""
    late.set()
    with contextlib.suppress(OSError):  # it is closed already
        socket.socket.shutdown(connected, socket.SHUT_RDWR)  # and not what TLS makes of it


def _read(response: http.client.HTTPResponse, measured: Measured) -> None:
    """Note each event when it comes, until the end or the cut."""
    pending, first = b"", time.time()
    last = first
    try:
        while len(pending) <= _MOST_BYTES and (chunk := response.read1(65536)):
            came = time.time()
            *whole, pending = (pending + chunk).split(b"\n\n")
            measured.pulses += [Pulse(_sent(frame), came) for frame in whole if frame.startswith(b"data: ")]
            last = came
    except (OSError, http.client.HTTPException):
        pass  # cut: what came until then counts
    except (ValueError, KeyError, TypeError):
        measured.readable = False
    measured.readable = measured.readable and (bool(measured.pulses) or last == first)
    measured.silence = time.time() - last


def _sent(frame: bytes) -> float:
    return float(json.loads(frame.removeprefix(b"data: "))["sent"])
