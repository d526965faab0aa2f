"""What Python has to recognize components in a stream, each behind the same three methods."""

from __future__ import annotations

import re
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable
from html.parser import HTMLParser
from typing import Any, ClassVar

from lxml.etree import HTMLPullParser

from benchmarks.recognizer.screens import COUNTED, SCHEMA
from genui.catalog import Catalog
from genui.events import RenderComponent
from genui.markup import Recognizer

CATALOG = Catalog.from_json_schema(SCHEMA)
_ELEMENTS = frozenset(f"x-{name.lower()}" for name in COUNTED)


class Contender(ABC):
    """Reads one document. `feed` and `close` answer with what an interface would then show."""

    name: ClassVar[str]
    format: ClassVar[str]
    feed: Callable[[str], Any]
    close: Callable[[], Any]

    @staticmethod
    @abstractmethod
    def count(answers: Iterable[Any]) -> int:
        """How many components all answers together found."""


class Genui(Contender):
    """This recognizer: the events since the last piece, props validated."""

    name = "genui"
    format = "markup"

    def __init__(self) -> None:
        recognizer = Recognizer(CATALOG)
        self.feed = recognizer.feed
        self.close = recognizer.close

    @staticmethod
    def count(answers: Iterable[Any]) -> int:
        """See Contender."""
        return sum(_is_complete(event) for events in answers for event in events)


def _is_complete(event: object) -> bool:
    return isinstance(event, RenderComponent) and event.state == "complete" and event.name in COUNTED


_VALUE = r"""(?:"[^"]*"|'[^']*'|\{[^}]*\}|[^\s"'{}/>]+)"""
_TAG = re.compile(rf"<({'|'.join(COUNTED)})((?:\s+\w+(?:={_VALUE})?)*)\s*/?>")


class Rescan(Contender):
    """The naive way: one regular expression over all text so far, after every piece."""

    name = "re"
    format = "markup"

    def __init__(self) -> None:
        self._text = ""
        self.feed = self._rescan
        self.close = lambda: self._rescan("")

    def _rescan(self, piece: str) -> list[tuple[str, str]]:
        self._text += piece
        return _TAG.findall(self._text)

    @staticmethod
    def count(answers: Iterable[Any]) -> int:
        """See Contender."""
        *_, last = answers
        return len(last)


class StandardHtml(Contender):
    """`html.parser`: tags with their attributes, and text, since the last piece."""

    name = "html.parser"
    format = "html"

    def __init__(self) -> None:
        parser = _Collector()
        self.feed = parser.collect
        self.close = parser.finish

    @staticmethod
    def count(answers: Iterable[Any]) -> int:
        """See Contender."""
        return sum(kind == "start" and name in _ELEMENTS for events in answers for kind, name, _ in events)


class _Collector(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self._events: list[tuple[str, str, Any]] = []

    def collect(self, piece: str) -> list[tuple[str, str, Any]]:
        self.feed(piece)
        events, self._events = self._events, []
        return events

    def finish(self) -> list[tuple[str, str, Any]]:
        self.close()
        return self._events

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._events.append(("start", tag, attrs))

    def handle_endtag(self, tag: str) -> None:
        self._events.append(("end", tag, None))

    def handle_data(self, data: str) -> None:
        self._events.append(("text", data, None))


class Lxml(Contender):
    """lxml's feed parser: elements opened and closed since the last piece, in a tree that grows."""

    name = "lxml"
    format = "html"

    def __init__(self) -> None:
        self._parser = HTMLPullParser(events=("start", "end"))
        self.feed = self._read
        self.close = self._finish

    def _read(self, piece: str) -> list[Any]:
        self._parser.feed(piece)
        return list(self._parser.read_events())

    def _finish(self) -> list[Any]:
        self._parser.close()
        return list(self._parser.read_events())

    @staticmethod
    def count(answers: Iterable[Any]) -> int:
        """See Contender."""
        return sum(kind == "start" and node.tag in _ELEMENTS for events in answers for kind, node in events)


CONTENDERS: tuple[type[Contender], ...] = (Genui, Rescan, StandardHtml, Lxml)
