"""Protocol genui/1 over server-sent events (https://html.spec.whatwg.org/multipage/server-sent-events.html).

One event is one frame: `id:` with its sequence number, `data:` with its JSON on one line, a blank line; LF
line ends, no `event:` line. Nothing that stands in an event can end its frame: JSON writes line ends inside
strings as escapes, and outside strings a CR or LF is white space, for which a blank does as well.
"""

from __future__ import annotations

from collections.abc import Iterable

CONTENT_TYPE = "text/event-stream; charset=utf-8"

HEARTBEAT = b": \n\n"
"""A comment: keeps proxies from cutting an idle stream, and no client sees it."""


def retry(milliseconds: int) -> bytes:
    """For a stream that ends before its run: when its client shall follow the run again."""
    return b"retry: %d\n\n" % milliseconds


_LINE_ENDS = bytes.maketrans(b"\r\n", b"  ")


def frame(seq: int, data: bytes) -> bytes:
    """One event, given as JSON in UTF-8, as a frame."""
    return b"id: %d\ndata: %b\n\n" % (seq, data.translate(_LINE_ENDS))


def frames(entries: Iterable[tuple[int, bytes]]) -> bytes:
    """Many events, in one piece."""
    return b"".join([frame(seq, data) for seq, data in entries])
