"""What the server asks of a protocol: an encoder, one for each stream.

Two designs were weighed: a function from events to bytes, and an object that is fed one batch of a run's
log after the other. Every protocol but our own has to remember something (which part is open, what a
component's props have grown to), so it is an object. It is given what the log holds, JSON, because that of
genui/1 passes it on without ever reading it; the others derive from EventEncoder, which reads it.

Sans-IO: no clock either. What comes at intervals (heartbeats) is asked for by the server.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterable, Mapping
from typing import Protocol

from genui.events import Event, from_json


class Encoder(Protocol):
    """One stream of one run in one protocol. Every method gives bytes to send, perhaps none."""

    @property
    def content_type(self) -> str:
        """The media type of the stream."""

    @property
    def headers(self) -> Mapping[str, str]:
        """Headers that the protocol wants, beside those of every stream."""

    def begin(self, milliseconds: int) -> bytes:
        """Before the first event: when the client shall come back, should the stream be cut."""

    def encode(self, entries: Iterable[tuple[int, bytes]]) -> bytes:
        """The run's next events, each its sequence number and its JSON in UTF-8. Only those that this client
        may read: the server takes out thoughts where nobody may."""

    def heartbeat(self) -> bytes:
        """What keeps an idle stream open, and no client sees."""

    def end(self) -> bytes:
        """After the run's last event."""

    def leave(self, milliseconds: int) -> bytes:
        """In place of `end`, when the stream ends before its run: when the client shall come back."""


class EventEncoder(ABC):
    """An Encoder that reads its events. SSE frames without `id:`, unless a protocol does it otherwise."""

    content_type = "text/event-stream; charset=utf-8"
    headers: Mapping[str, str] = {}

    def begin(self, milliseconds: int) -> bytes:  # noqa: ARG002 (most protocols have no place for it)
        return b""

    def encode(self, entries: Iterable[tuple[int, bytes]]) -> bytes:
        return b"".join([self.event(seq, from_json(data)) for seq, data in entries])

    @abstractmethod
    def event(self, seq: int, event: Event) -> bytes:
        """The run's next event."""

    def heartbeat(self) -> bytes:
        return b": \n\n"

    def end(self) -> bytes:
        return b""

    def leave(self, milliseconds: int) -> bytes:  # noqa: ARG002 (most protocols have no place for it)
        """Says nothing: what ends without its last frame was cut, and clients know it."""
        return b""
