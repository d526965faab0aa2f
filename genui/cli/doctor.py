"""`genui doctor`: is something between here and there buffering, compressing or cutting the stream?"""

from __future__ import annotations

import argparse
import os
from collections.abc import Iterator, Mapping
from typing import NamedTuple

from genui.cli.exposure import KEY_VARIABLE
from genui.cli.probe import Measured, Target
from genui.errors import CallerError

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
    ("caddy", "idle"): "Caddy: `write_timeout` and the transport's `response_header_timeout` longer than 60s",
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
        type=float,
        default=20.0,
        metavar="SECONDS",
        help="how long an idle stream has to stay open: longer than the server's heartbeat, 0 to 120"
        " (default %(default)g)",
    )


def doctor(options: argparse.Namespace) -> int:
    """Print what was found; 1 when something is wrong."""
    target = Target(options.url, os.environ.get(options.api_key))
    findings = []
    for finding in diagnose(target, options.idle, options.origin):
        print(f"{'ok  ' if finding.good else 'BAD '} {finding.told}", flush=True)
        if finding.advice:
            print(f"     {finding.advice}")
        findings.append(finding)
    return 0 if all(finding.good for finding in findings) else 1


def diagnose(target: Target, idle: float, origin: str | None = None) -> Iterator[Finding]:
    """Each thing that was looked at, as it is known. Raises CallerError where nothing can be measured."""
    stream = target.stream(0.0)
    _check_status(stream)
    hop = hop_of(stream.headers)
    yield Finding(True, f"answered by {hop or 'the server itself, or a proxy that does not say its name'}")
    yield _compression(stream, hop)
    if _is_compressed(stream):
        stream = target.stream(0.0, "identity")
    if stream.readable:
        yield _arrival(stream, hop)
        yield _clock(stream)
    yield _protocol(target)
    if origin:
        allowed = target.preflight(origin)
        yield _cors(origin, allowed)
    if idle:
        yield _idle(target.stream(idle, "identity"), idle, hop)


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
        return known
    all_known = [told for (_, about), told in _MEND.items() if about == problem]
    return "whichever of these stands in between. " + "; ".join(all_known)


def _check_status(stream: Measured) -> None:
    """Raises CallerError."""
    advice = {
        401: f"it wants an API key: put it into {KEY_VARIABLE}",
        404: "there is no genui at this address, or one that is older than this command",
        421: "the server does not know this name: `genui serve --allowed-host`, and pass `Host` on",
        502: "the proxy does not reach the server",
        503: "the proxy does not reach the server, or the server has too much to do",
        504: "the proxy gave up waiting for the server",
    }.get(stream.status, "that is no stream")
    if stream.status != 200:
        raise CallerError("no-stream", f"the answer to GET /v1/doctor is {stream.status}: {advice}")


def _compression(stream: Measured, hop: str | None) -> Finding:
    if _is_compressed(stream):
        coding = stream.headers.get("content-encoding", "it does not say how")
        return Finding(False, f"the stream is compressed ({coding})", _mend(hop, "compression"))
    return Finding(True, "the stream is not compressed")


def _is_compressed(stream: Measured) -> bool:
    return "content-encoding" in stream.headers or not stream.readable


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
