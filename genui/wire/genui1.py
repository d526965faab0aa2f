"""Protocol genui/1 over server-sent events (https://html.spec.whatwg.org/multipage/server-sent-events.html).

One event is one frame: `id:` with its sequence number, `data:` with its JSON on one line, a blank line; LF
line ends, no `event:` line. Nothing that stands in an event can end its frame: JSON writes line ends inside
strings as escapes, and outside strings a CR or LF is white space, for which a blank does as well.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

_LINE_ENDS = bytes.maketrans(b"\r\n", b"  ")


class Genui1:
    """The Encoder of genui/1: it remembers nothing, and reads none of what it passes on."""

    content_type = "text/event-stream; charset=utf-8"
    headers: Mapping[str, str] = {}

    def begin(self, milliseconds: int) -> bytes:
        return b"retry: %d\n\n" % milliseconds

    def encode(self, entries: Iterable[tuple[int, bytes]]) -> bytes:
        return b"".join([_frame(seq, data) for seq, data in entries])

    def heartbeat(self) -> bytes:
        """A comment: keeps proxies from cutting an idle stream, and no client sees it."""
        return b": \n\n"

    def end(self) -> bytes:
        return b""

    def leave(self, milliseconds: int) -> bytes:
        return b"retry: %d\n\n" % milliseconds


def _frame(seq: int, data: bytes) -> bytes:
    return b"id: %d\ndata: %b\n\n" % (seq, data.translate(_LINE_ENDS))
