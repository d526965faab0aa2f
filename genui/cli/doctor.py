"""`genui doctor`: is something between here and there buffering, compressing or cutting the stream?"""

from __future__ import annotations

import argparse
import json
import os
import sys
from collections.abc import Callable, Iterator, Mapping
from typing import NamedTuple

from genui.cli.exposure import KEY_VARIABLE
from genui.cli.probe import Measured, Target
from genui.cli.progress import Progress
from genui.errors import CallerError
from genui.server import MOST_IDLE, origin_of

SLOW = 0.5
"""An event that comes later than the others by more seconds than this was held back."""

SKEW = 5.0
"""Seconds by which clocks may differ."""

EVENTS = 10


class Finding(NamedTuple):
    """One line of the report, and what to do where it is not good."""

    good: bool
    told: str
    advice: str = ""


_MEND = {
    ("nginx", "buffering"): "nginx: `proxy_buffering off;`, and no `proxy_ignore_headers X-Accel-Buffering`",
    ("nginx", "compression"): "nginx: `gzip off;` in this location, or text/event-stream out of `gzip_types`",
    ("nginx", "idle"): "nginx: `proxy_read_timeout 60s;`",
    ("haproxy", "buffering"): "HAProxy: no `http-response wait-for-body`",
    ("haproxy", "compression"): "HAProxy: text/event-stream out of `compression type`",
    ("haproxy", "idle"): "HAProxy: `timeout server 60s` and `timeout client 60s`",
    ("caddy", "buffering"): "Caddy: `encode` must not match text/event-stream",
    ("caddy", "compression"): "Caddy: `encode` must not match text/event-stream",
    ("caddy", "idle"): "Caddy: `read_timeout` of the transport at 60s or more, and no `timeouts { write … }`",
    ("cloudflare", "buffering"): "Cloudflare: a rule that bypasses the cache, and no Rocket Loader",
    ("cloudflare", "compression"): "Cloudflare: a compression rule that disables it for text/event-stream",
    ("cloudflare", "idle"): "Cloudflare cuts after 100 silent seconds: `heartbeat` below that",
    ("load balancer", "idle"): "AWS: the load balancer's `idle_timeout.timeout_seconds` at 60 or more",
}  # fmt: skip


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The options of `genui doctor`."""
    parser.add_argument("url", metavar="URL", help="where the service stands, as https://chat.example/")
    parser.add_argument(
        "--api-key",
        metavar="VARIABLE",
        default=KEY_VARIABLE,
        help="ask with the key in this environment variable (default %(default)s)",
    )
    parser.add_argument("--origin", metavar="URL", help="may pages of this other origin use it?")
    parser.add_argument(
        "--idle",
        type=_idle_seconds,
        default=20.0,
        metavar="SECONDS",
        help="how long an idle stream has to stay open: longer than the server's heartbeat, 0 to 120"
        " (default %(default)g)",
    )


def _idle_seconds(text: str) -> float:
    try:
        seconds = float(text)
    except ValueError:
        seconds = -1.0
    if not 0 <= seconds <= MOST_IDLE:
        raise argparse.ArgumentTypeError(f"{text!r} is not a number of seconds from 0 to {MOST_IDLE:g}")
    return seconds


def doctor(options: argparse.Namespace) -> int:
    """Print what was found; 1 when something is wrong."""
    target = Target(options.url, _key(options.api_key))
    origin = options.origin and origin_of(options.origin)
    findings = []
    progress = Progress(sys.stderr)
    try:
        for finding in diagnose(target, options.idle, origin, progress.show):
            progress.clear()
            print(f"{'ok  ' if finding.good else 'BAD '} {finding.told}", flush=True)
            for line in finding.advice.splitlines():
                print(f"     {line}", flush=True)
            findings.append(finding)
    finally:
        progress.clear()
    return 0 if all(finding.good for finding in findings) else 1


def _key(variable: str) -> str | None:
    """Raises CallerError."""
    key = os.environ.get(variable)
    if not key and variable != KEY_VARIABLE:
        raise CallerError("bad-key", f"--api-key: there is nothing in the environment variable {variable}")
    if key and not (key.isascii() and key.isprintable() and " " not in key):
        raise CallerError("bad-key", f"{variable}: a key has no blanks, line ends or letters beyond ASCII")
    return key


def diagnose(target: Target, idle: float, origin: str | None, at: Callable[[str], None]) -> Iterator[Finding]:
    """Each thing that was looked at, as it is known; `at` is told before what is looked at next. Raises
    CallerError where nothing can be measured."""
    at("measuring how events arrive")
    stream = _measure(target, 0.0)
    hop = hop_of(stream.headers)
    yield Finding(True, f"answered by {hop or 'the server itself, or a proxy that does not say its name'}")
    yield _compression(stream, hop)
    if _is_compressed(stream):
        at("measuring how events arrive without compression")
        stream = _measure(target, 0.0, "identity")
    if stream.readable:
        yield _arrival(stream, hop)
        yield _clock(stream)
    at("asking for HTTP/2")
    yield _protocol(target)
    if origin:
        at("asking what pages elsewhere may do")
        allowed = target.preflight(origin)
        yield _cors(origin, allowed)
    if idle and stream.readable:
        at(f"waiting {idle:g} s: does an idle stream stay open?")
        yield _idle(_measure(target, idle, "identity"), idle, hop)


def _measure(target: Target, idle: float, codings: str = "gzip, br, zstd") -> Measured:
    """A stream of ours, or CallerError."""
    stream = target.stream(idle, codings)
    if not stream.streams:
        told = _refusal(stream, target)
        raise CallerError("no-stream", f"the answer to GET /v1/doctor is {stream.status}: {told}")
    if not stream.readable and not _is_compressed(stream):
        raise CallerError("no-stream", f"what streams there are no events of genui's. {_NO_GENUI}")
    return stream


def hop_of(headers: Mapping[str, str]) -> str | None:
    """Who answered, by the headers that it leaves: the hop nearest to us that says so."""
    server = headers.get("server", "").lower()
    if "cf-ray" in headers:
        return "cloudflare"
    for name in ("nginx", "openresty", "caddy", "haproxy", "envoy"):
        if name in server or name in headers.get("via", "").lower():
            return "nginx" if name == "openresty" else name
    return "load balancer" if "awselb" in server or "x-amzn-trace-id" in headers else None


def _mend(hop: str | None, problem: str) -> str:
    if known := _MEND.get((hop or "", problem)):
        return f"{known}\nor, where that is so already: likewise in what stands behind it"
    all_known = [told for (_, about), told in _MEND.items() if about == problem]
    return "\n".join(["whichever of these stands in between:", *all_known])


def _refusal(stream: Measured, target: Target) -> str:
    """What an answer that is no stream says, and what to do."""
    status = stream.status
    if status == 200:
        return f"it is of the type {_plain(stream.headers.get('content-type', 'nothing'))}. {_NO_GENUI}"
    if "location" in stream.headers:
        return (
            f"it leads to {_plain(stream.headers['location'])}. Give the address that the service has there;"
            " if that is where people sign in, ask from behind it"
        )
    if status == 401:
        return _unauthorized(stream, target)
    if status in _OUR_ADVICE:
        return _OUR_ADVICE[status]
    if said := _message(stream.refusal):
        return f"the server says: {said}"
    if status == 400 and not target.secure:
        return "is it https:// there?"
    return _ADVICE.get(status, _NO_GENUI)


_NO_GENUI = "There is no genui at this address, or something else answers in its place"

_OUR_ADVICE = {
    404: "there is no genui at this address, or one that is older than this command",
    421: "the server does not know this name: `genui serve --allowed-host`, and pass `Host` on",
}

_ADVICE = {
    403: "something that stands before the server refuses this: a firewall's rule?",
    429: "something that stands before the server allows no more requests at present",
    502: "the proxy does not reach the server",
    503: "the proxy does not reach the server",
    504: "the proxy gave up waiting for the server",
}
"""Where it does not come from genui."""


def _unauthorized(stream: Measured, target: Target) -> str:
    scheme = stream.headers.get("www-authenticate", "").split(" ")[0]
    if scheme.lower() == "bearer":
        told = "it does not take the API key that was sent" if target.has_key else "it wants an API key"
        return f"{told}: put the right one into {KEY_VARIABLE}"
    how = _plain(scheme) or "it does not say how"
    return (
        f"something that stands before genui asks who you are ({how}). Let /v1/doctor through there, or ask"
        " from behind it"
    )


def _message(body: bytes) -> str:
    """Of an error as genui tells it."""
    try:
        return _plain(str(json.loads(body)["error"]["message"]))
    except (ValueError, KeyError, TypeError):
        return ""


def _plain(text: str) -> str:
    """What a stranger says, fit for a terminal."""
    return "".join(letter if letter.isprintable() else "?" for letter in text[:300])


def _compression(stream: Measured, hop: str | None) -> Finding:
    if _is_compressed(stream):
        coding = _plain(stream.headers["content-encoding"])
        return Finding(False, f"the stream is compressed ({coding})", _mend(hop, "compression"))
    return Finding(True, "the stream is not compressed")


def _is_compressed(stream: Measured) -> bool:
    return stream.headers.get("content-encoding", "identity") != "identity"


def _arrival(stream: Measured, hop: str | None) -> Finding:
    """How much later than the fastest each event came: clocks do not matter."""
    delays = [pulse.came - pulse.sent for pulse in stream.pulses]
    if len(delays) < EVENTS:
        return Finding(False, f"only {len(delays)} of {EVENTS} events came", _mend(hop, "idle"))
    late = max(delays) - min(delays)
    if late > SLOW:
        return Finding(False, f"events are held back, up to {late:.1f} s", _mend(hop, "buffering"))
    return Finding(True, f"events arrive one by one, the latest {late * 1000:.0f} ms behind the fastest")


def _clock(stream: Measured) -> Finding:
    skew = min((pulse.came - pulse.sent for pulse in stream.pulses), default=0.0)
    if abs(skew) > SKEW:
        return Finding(
            False, f"the server's clock and this one differ by {abs(skew):.0f} s", "run NTP on both"
        )
    return Finding(True, "the clocks agree")


def _protocol(target: Target) -> Finding:
    spoken = target.protocol()
    if spoken == "h2":
        return Finding(True, "browsers get HTTP/2")
    return Finding(
        True,
        "browsers get HTTP/1.1: six streams a browser at most, in all tabs together",
        "TLS with ALPN h2 in the proxy: see docs/deploy.md",
    )


def _cors(origin: str, allowed: str | None) -> Finding:
    if allowed in (origin, "*"):
        return Finding(True, f"pages of {origin} may use it")
    advice = f"`genui serve --origin {origin}`, and let the proxy pass OPTIONS on"
    return Finding(False, f"pages of {origin} may not use it", advice)


def _idle(stream: Measured, idle: float, hop: str | None) -> Finding:
    if len(stream.pulses) == EVENTS + 1:
        return Finding(True, f"an idle stream stays open for {idle:g} s")
    told = f"an idle stream is cut after {stream.silence:.1f} s"
    return Finding(False, told, _mend(hop, "idle"))
