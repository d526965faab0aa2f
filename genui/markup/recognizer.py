"""Text in, events out: the recognizer of one run.

It is always in one of three states, and one method reads each:

    state    reads                                   until
    prose    Markdown, as text                       a `<` that begins a tag or something hidden
    tag      an open tag, with a TagReader           its `>`, its `/>`, or the end of the text
    hidden   what no user may see, with a Zone       the zone's end

Something hidden may stand inside a tag, too. The TagReader never gets to see it: the tag is read as if it had
been written without, so that neither its props nor its source can show any of it.

The reader's contract: it consumes as much as is decided and keeps the rest, at most a few hundred
characters, for the next `feed`. Whatever the text and however it is cut, the events say the same; nothing
is raised, nothing is lost, nothing hidden is shown. No clock, no sockets, no threads: one recognizer
serves one stream, and any number may share a catalog.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from types import MappingProxyType
from typing import TypeAlias

from genui.catalog import Catalog, Component
from genui.events import Event, Text
from genui.markup.fences import Fence, read_opening
from genui.markup.frames import Frame
from genui.markup.hidden import (
    HIDDEN_SPANS,
    TOOL_CALLS,
    Comment,
    HiddenSpan,
    Lines,
    Rest,
    Span,
    Zone,
    after_token,
    read_label,
    read_token,
)
from genui.markup.limits import Limits
from genui.markup.names import names_of
from genui.markup.prose import MATTERS, Prose
from genui.markup.surrogates import Surrogates
from genui.markup.tag import Outcome, TagReader
from genui.markup.tree import Tree

Listener: TypeAlias = Callable[[str, str, str | None], None]
"""See `Recognizer.listen`."""

_NAME = re.compile(r"</?([A-Za-z][A-Za-z0-9_-]{0,63})")
_CLOSE = re.compile(r"\s{0,64}>")
_CLOSE_BEGUN = re.compile(r"\s{0,64}\Z")
_NONE_DEAD: Mapping[str, int] = MappingProxyType({})
_PIECE = 1024
"""A longer text is read in pieces of this length, since a buffer is copied now and then."""


class Recognizer:
    """Turns a model's text into events.

    `hidden` are the spans that are never shown; `opened` names one of them if the stream begins inside it
    (templates that put `<think>` into the prompt); `react` hides ReAct lines up to `Final Answer:`;
    `render_fenced` renders tags that stand in a code fence of their own, labelled as markup.

    >>> [event.type for event in Recognizer(Catalog()).feed("Hello")]
    ['text']
    """

    __slots__ = (
        "_aside", "_dead", "_fence", "_held", "_in_line", "_listener", "_names", "_offset", "_opening",
        "_react", "_render_fenced", "_rest", "_surrogates", "_tag", "_tag_at", "_tree", "_zone",
    )  # fmt: skip

    def __init__(
        self,
        catalog: Catalog,
        *,
        limits: Limits = Limits(),  # noqa: B008 – frozen
        hidden: Iterable[HiddenSpan] = HIDDEN_SPANS,
        opened: str | None = None,
        react: bool = False,
        render_fenced: bool = False,
    ) -> None:
        self._names = names_of(catalog, tuple(hidden))
        self._react = react
        self._render_fenced = render_fenced
        self._fence: Fence | None = None  # that was taken off
        self._surrogates: Surrogates | None = None  # from the first piece on that is not ASCII
        self._rest = ""  # what is not decided yet
        self._held = 0  # where in the buffer that begins
        self._offset = 0  # of the rest in the whole text
        self._tree = Tree(limits)
        self._tag: TagReader | None = None
        self._tag_at = 0  # where in the whole text, without what is hidden in tags, it began
        self._aside = ""  # what is not decided yet of a tag, while something hidden in it is read
        self._opening: Frame | None = None  # the component of that tag
        self._dead: Mapping[str, int] = _NONE_DEAD  # quotes without a partner before this offset
        self._zone: Zone | None = None
        self._listener: Listener | None = None
        self._in_line = False  # in the middle of a line of text, with nothing held back
        if opened is not None:
            self._begin_inside(opened)

    def _begin_inside(self, name: str) -> None:
        span = self._names.hidden(name)
        if span is None:
            raise ValueError(f"opened={name!r} is none of the hidden spans")
        self._enter(Span(span, opened=True))

    def feed(self, text: str) -> list[Event]:
        """The next piece of the model's text; what it decides."""
        if self._surrogates is not None or not text.isascii():
            self._surrogates = self._surrogates or Surrogates()
            text = self._surrogates.mend(text)
        if self._in_line and not MATTERS.search(text):
            self._offset += len(text)  # most of prose: nothing to decide
            return [Text(text, self._tree.parent)] if text else []
        if len(text) <= _PIECE:
            self._read(text, final=False)
        else:
            for at in range(0, len(text), _PIECE):
                self._read(text[at : at + _PIECE], final=False)
        return self._tree.take()

    def close(self) -> list[Event]:
        """The end of the text: every open tag, component and status is brought to its end."""
        self._read(self._surrogates.end() if self._surrogates is not None else "", final=True)
        self._tree.finish()
        if self._zone is not None:
            self._leave(self._zone)
        return self._tree.take()

    def listen(self, listener: Listener) -> None:
        """Have `listener` told what is hidden, as it is read: in which kind of span, the text, and the id of
        the status that stands for it, if any. The text may hold the ends of the tags around it."""
        self._listener = listener

    def end_turn(self) -> list[Event]:
        """The model's turn is over, and another may follow: nothing hidden goes on into that one."""
        if self._zone is not None and self._tag is None:
            zone, self._zone = self._zone, None
            self._offset += len(self._rest)
            self._rest = ""
            self._tree.end_hidden(zone.status)
        return self._tree.take()

    @property
    def held(self) -> str:
        """What was fed and is not decided yet: at most a few hundred characters."""
        return self._aside + self._rest

    @property
    def inside(self) -> str:
        """What it is reading: "prose", "tag" or "hidden"."""
        return "hidden" if self._zone is not None else "prose" if self._tag is None else "tag"

    def _read(self, text: str, *, final: bool) -> None:
        buffer, at = self._rest + text, 0
        more = True
        while more and (at < len(buffer) or (final and self._tag is not None)):
            if self._zone is not None:
                buffer, at, more = self._read_zone(self._zone, buffer, at, final)
            elif self._tag is not None and self._opening is not None:
                tag, frame = self._tag, self._opening
                if "<" in buffer:
                    buffer, at, more = self._read_tag(tag, frame, buffer, at, final)
                    continue
                at = tag.read(buffer, at, final)  # as there, for most of a tag, where nothing can be hidden
                if tag.outcome is None:
                    self._tree.grow(frame, tag.builder.take_ops())
                    break
                buffer, at = self._end_tag(tag, frame, buffer, at)
            else:
                decided = self._read_prose(buffer, at, final)
                at, more = (self._held, False) if decided is None else (decided, True)
        self._rest = "" if final else buffer[at:]
        self._offset += at
        idle = self._tag is None and self._zone is None and not self._rest
        self._in_line = idle and self._tree.segment_begun and self._tree.prose.in_line

    # Prose

    def _read_prose(self, buffer: str, at: int, final: bool) -> int | None:
        """Text up to the next tag or hidden thing, and that. None if it is undecided from `_held` on."""
        end = len(buffer)
        if self._react or self._render_fenced:
            begun = self._read_line_start(buffer, at, final)
            if begun != at:
                return begun
            end = buffer.find("\n", at) + 1 or end
        stop = self._tree.prose.advance(buffer[:end] if end < len(buffer) else buffer, at)
        if stop > at:
            self._tree.add_text(buffer[at:stop])
        if stop == end:
            return stop
        decided = self._read_mark(buffer, stop, final)
        if decided is None and not final:
            self._held = stop
            return None
        if decided is None or decided == stop:
            self._tree.add_text(buffer[stop])
            return stop + 1
        return decided

    def _read_line_start(self, buffer: str, at: int, final: bool) -> int | None:
        """A ReAct label or the line of a fence that is taken off: where it ends, as `_read_angle` says it."""
        if not self._tree.prose.at_line_start:
            return at
        begun: int | None = at
        if self._react and not self._tree.prose.in_code:
            begun = self._read_label(buffer, at, final)
        if begun == at and self._fence is not None:
            begun = self._read_fence_end(self._fence, buffer, at, final)
        elif begun == at and self._render_fenced and not self._tree.prose.in_code:
            begun = self._read_fence(buffer, at, final)
        if begun is None:
            self._held = at
        return begun

    def _read_label(self, buffer: str, at: int, final: bool) -> int | None:
        label = read_label(buffer, at, final=final)
        if label is None or not label[1]:
            return at if label is not None else None
        if label[1] != "Final Answer":
            self._enter(lines := Lines())
            self._tell(lines, buffer[at : label[0]])
        self._tree.prose.after_tag()
        return label[0]

    def _read_fence(self, buffer: str, at: int, final: bool) -> int | None:
        opening = read_opening(buffer, at, lambda place: self._opens(buffer, place), final=final)
        if opening is not None and opening[1]:
            self._fence = Fence(opening[1], self._tree.depth, self._tree.prose)
            self._tree.prose = Prose(inside=True)
        return opening[0] if opening is not None else None

    def _read_fence_end(self, fence: Fence, buffer: str, at: int, final: bool) -> int | None:
        end = fence.read_closing(buffer, at, final=final)
        if end is not None and end > at:
            self._tree.close_down_to(fence.depth, "its code fence ended before its close tag")
            self._fence, self._tree.prose = None, fence.prose
        return end

    def _opens(self, buffer: str, at: int) -> bool | None:
        """Whether a component's tag opens at this place; None while that is undecided."""
        name = _NAME.match(buffer, at)
        if buffer.startswith("</", at) or (name is None and buffer[at:] != "<"):
            return False
        if name is None or name.end() == len(buffer):
            return None if name is None or self._names.may_become(name.group(1)) else False
        delimited = buffer[name.end()] in "/>" or buffer[name.end()].isspace()
        return delimited and self._names.component(name.group(1)) is not None

    def _read_mark(self, buffer: str, at: int, final: bool) -> int | None:
        """What a character that matters begins: see `_read_angle`."""
        mark = buffer[at]
        if mark == "<":
            return self._read_angle(buffer, at, final)
        return self._read_brace(buffer, at, final) if mark == "{" else self._read_bracket(buffer, at, final)

    def _read_bracket(self, buffer: str, at: int, final: bool) -> int | None:
        """Calls in Mistral's way, as `_read_angle` does it."""
        if buffer.startswith(TOOL_CALLS, at):
            self._enter(rest := Rest())
            self._tell(rest, TOOL_CALLS)
            return at + len(TOOL_CALLS)
        return None if not final and TOOL_CALLS.startswith(buffer[at : at + len(TOOL_CALLS)]) else at

    def _read_brace(self, buffer: str, at: int, final: bool) -> int | None:
        """A comment of JSX between tags, as `_read_angle` does it."""
        if buffer.startswith("{/*", at):
            self._enter(Comment())
            return at + 3
        return None if not final and "{/*".startswith(buffer[at:]) else at

    def _read_angle(self, buffer: str, at: int, final: bool) -> int | None:
        """What begins at a `<`: where it ends, `at` if it is just text, None if undecided."""
        after = buffer[at + 1 : at + 2]
        if not after:
            return None
        if after in "|｜":
            return self._read_token(buffer, at, final)
        if after == "/" and not buffer[at + 2 : at + 3]:
            return None
        if buffer.startswith("</>", at):
            if not self._tree.awaits_close_tag:
                return at
            self._tree.close(None)
            return at + 3
        name = _NAME.match(buffer, at)
        if name is None:
            return at
        if name.end() == len(buffer):
            return None if self._names.may_become(name.group(1)) else at
        return self._read_name(name.group(1), buffer, at, name.end(), final)

    def _read_token(self, buffer: str, at: int, final: bool) -> int | None:
        token = read_token(buffer, at, final=final)
        if token is not None and token[1]:
            zone = after_token(token[1])
            if zone is not None:
                self._enter(zone)
        return token[0] if token is not None else None

    def _read_name(self, name: str, buffer: str, at: int, end: int, final: bool) -> int | None:
        closes = buffer[at + 1] == "/"
        delimiter = buffer[end]
        if delimiter == "=" and not closes and (span := self._names.hidden(name + "=")):
            self._enter(Span(span))
            return end
        if not (delimiter in "/>" or delimiter.isspace()) or (closes and delimiter == "/"):
            return at
        component, span = self._names.component(name), self._names.hidden(name)
        if component is None and span is None:
            return at
        if closes:
            return self._read_close_name(component, buffer, end, final)
        if component is not None:
            self._open(component, buffer[at:end], at)
        elif span is not None:
            self._enter(Span(span))
        return end

    def _read_close_name(self, component: Component | None, buffer: str, end: int, final: bool) -> int | None:
        """A close tag, from behind its name on; of a span that was opened before the stream, if of none."""
        close = _CLOSE.match(buffer, end)
        if close is None and not final and _CLOSE_BEGUN.match(buffer, end):
            return None
        end = close.end() if close is not None else end
        if component is not None:
            self._tree.close(component)
        return end

    # Hidden zones

    def _read_zone(self, zone: Zone, buffer: str, at: int, final: bool) -> tuple[str, int, bool]:
        """Something hidden, as `_read_tag` does it."""
        start = at
        at, ended = zone.read(buffer, at)
        self._tell(zone, buffer[start:at])
        ends_with_text = final and self._tag is not None
        if not (ended or ends_with_text):
            return buffer, at, False
        self._leave(zone)
        if self._tag is None or self._zone is not None:
            return buffer, at, True
        return self._rejoin(self._tag, buffer[at:] if ended else "")

    def _tell(self, zone: Zone, text: str) -> None:
        if self._listener is not None and text:
            self._listener(zone.span, text, self._tree.hidden_id if zone.status is not None else None)

    def _enter(self, zone: Zone) -> None:
        self._zone = zone
        self._tree.begin_hidden(zone.status)

    def _leave(self, zone: Zone) -> None:
        self._zone = None
        self._tree.end_hidden(zone.status)
        following = zone.next()
        if following is not None:
            self._enter(following)

    # Tags

    def _open(self, component: Component, source: str, at: int) -> None:
        """A widget is mounted as soon as its name is delimited."""
        self._tag_at = start = self._offset + at
        dead = {quote: end - start for quote, end in self._dead.items() if end > start}
        self._opening = self._tree.open(component, source)
        self._tag = TagReader(component, source, self._tree.limits, self._names.is_component, dead)
        if source[1:] != component.name:
            self._tag.builder.warn(f"`{source[1:]}` is written `{component.name}`")

    def _read_tag(
        self, tag: TagReader, frame: Frame, buffer: str, at: int, final: bool
    ) -> tuple[str, int, bool]:
        """An open tag, up to its end or to something hidden; what to read on, from where, and whether now."""
        stop = self._names.find_hidden(buffer, at, final=final)
        whole = stop == len(buffer)
        at = tag.read(buffer if whole else buffer[:stop], at, final and whole)
        if tag.outcome is not None:
            return *self._end_tag(tag, frame, buffer, at), True
        self._tree.grow(frame, tag.builder.take_ops())
        end = None if whole else self._read_angle(buffer, stop, final)
        if end is None:
            return buffer, at, False
        self._aside = buffer[at:stop]
        return (buffer, end, True) if self._zone is not None else self._rejoin(tag, buffer[end:])

    def _rejoin(self, tag: TagReader, rest: str) -> tuple[str, int, bool]:
        """The tag goes on behind something hidden, as if that had not been there."""
        buffer, self._aside = self._aside + rest, ""
        self._offset = self._tag_at + tag.length
        return buffer, 0, True

    def _end_tag(self, tag: TagReader, frame: Frame, buffer: str, at: int) -> tuple[str, int]:
        """The open tag has ended; returns what to read on, and from where."""
        self._tag = self._opening = None
        self._tree.prose.after_tag()
        if tag.outcome is Outcome.LOST:
            return self._lose(tag, frame, buffer, at)
        if tag.resume:
            buffer, at = self._read_again(tag, buffer, at), 0
        self._tree.end_tag(frame, tag.builder, tag.source, opened=tag.outcome is Outcome.OPENED)
        return buffer, at

    def _lose(self, tag: TagReader, frame: Frame, buffer: str, at: int) -> tuple[str, int]:
        """A tag that cannot be saved: what follows its safe place is read again."""
        source = tag.source
        opener, end = tag.partnerless
        if opener:
            self._dead = {**self._dead, opener: self._tag_at + end}
        self._tree.fail(frame, tag.code, tag.message, source[: tag.resume])
        return self._read_again(tag, buffer, at), 0

    def _read_again(self, tag: TagReader, buffer: str, at: int) -> str:
        """The text from where the tag ended on, which had been taken for more of it."""
        source = tag.source
        self._offset = self._tag_at + tag.resume
        return source[tag.resume :] + buffer[at:]
