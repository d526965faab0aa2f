"""Sockets to serve on: one of this process, or one port for many."""

from __future__ import annotations

import contextlib
import errno
import socket
import sys
from collections.abc import Callable

from genui.errors import CallerError

DEFAULT_PORT = 8000
_PORTS_TRIED = 20
_BACKLOG = 2048

SEND_BYTES = 64 * 1024
"""What the kernel may hold for a client that does not read. Linux takes twice as much, and counts its own
overhead. A client at a distance of 200 ms still gets some 500 kB a second."""


def listen(host: str, port: int | None) -> socket.socket:
    """A listening socket. Without a port: the default one, or the next that is free.

    Raises CallerError (`port-taken`, `bad-address`).
    """
    return _first_free(_listen, host, port)


def reserve(host: str, port: int | None) -> socket.socket:
    """A port that is bound and not listened on, likewise: each worker listens on it by `share`.

    The kernel gives connections only to those that listen, and the port stays ours while one is replaced.
    """
    return _first_free(_reserve, host, port)


def share(host: str, port: int) -> socket.socket:
    """A listening socket of one's own on a port that was reserved (SO_REUSEPORT)."""
    listener = _shared(host, port)
    listener.listen(_BACKLOG)
    return _bounded(listener)


def raise_descriptors() -> None:
    """Let this process, and those it starts, open as many files as the system allows: a stream needs two."""
    if sys.platform == "win32":
        return
    import resource

    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    with contextlib.suppress(ValueError, OSError):  # macOS says "unlimited", and then takes less
        resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))


def _first_free(bind: Callable[[str, int], socket.socket], host: str, port: int | None) -> socket.socket:
    if port is not None:
        return _told(bind, host, port)
    for candidate in range(DEFAULT_PORT, DEFAULT_PORT + _PORTS_TRIED):
        try:
            return _told(bind, host, candidate)
        except CallerError as error:
            if error.code != "port-taken":
                raise
    return _told(bind, host, 0)


def _told(bind: Callable[[str, int], socket.socket], host: str, port: int) -> socket.socket:
    try:
        return bind(host, port)
    except OSError as error:
        if error.errno == errno.EADDRINUSE:
            raise CallerError(
                "port-taken",
                f"port {port} of {host} is taken by another program; stop that, or choose another with --port"
                " (--port 0 takes any free one)",
            ) from error
        raise CallerError("bad-address", f"cannot listen on {host} port {port}: {error.strerror}") from error


def _family(host: str) -> socket.AddressFamily:
    return socket.AF_INET6 if ":" in host else socket.AF_INET


def _listen(host: str, port: int) -> socket.socket:
    return _bounded(socket.create_server((host, port), family=_family(host), backlog=_BACKLOG))


def _bounded(listener: socket.socket) -> socket.socket:
    """Connections inherit it."""
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, SEND_BYTES)
    return listener


def _reserve(host: str, port: int) -> socket.socket:
    if port:  # by SO_REUSEPORT we would share it with anybody of the same user who does likewise
        _listen(host, port).close()
    return _shared(host, port)


def _shared(host: str, port: int) -> socket.socket:
    shared = socket.socket(_family(host), socket.SOCK_STREAM)
    try:
        shared.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        shared.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
        shared.bind((host, port))
    except OSError:
        shared.close()
        raise
    return shared
