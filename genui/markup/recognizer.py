"""Text in, events out: the recognizer of one run.

It is always in one of three states, and one method reads each:

    state    reads                                   until
    prose    Markdown, as text                       a `<` that begins a tag or something hidden
    tag      an open tag, with a TagReader           its `>`, its `/>`, or the end of the text
    hidden   what no user may see, with a Zone       the zone's end

The reader's contract: it consumes as much as is decided and keeps the rest, at most a few hundred
characters, for the next `feed`. Whatever the text and however it is cut, the events say the same; nothing
is raised, nothing is lost, nothing hidden is shown. No clock, no sockets, no threads: one recognizer
serves one stream, and any number may share a catalog.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from types import MappingProxyType

from genui.catalog import Catalog, Component
from genui.events import ComponentDelta, ComponentError, Event, RenderComponent, Status, Text
from genui.markup.builder import Builder
from genui.markup.fences import Fence, read_opening
from genui.markup.frames import Frame
from genui.markup.hidden import (
    HIDDEN_SPANS,
    Comment,
    HiddenSpan,
    Lines,
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

_NAME = re.compile(r"</?([A-Za-z][A-Za-z0-9_-]{0,63})")
_CLOSE = re.compile(r"\s{0,64}>")
_CLOSE_BEGUN = re.compile(r"\s{0,64}\Z")
_SOURCE_LENGTH = 2000
_NONE_DEAD: Mapping[str, int] = MappingProxyType({})


class Recognizer:
    """Turns a model's text into events.

    `hidden` are the spans that are never shown; `opened` names one of them if the stream begins inside it
    (templates that put `<think>` into the prompt); `react` hides ReAct lines up to `Final Answer:`;
    `render_fenced` renders tags that stand in a code fence of their own, labelled as markup.

    >>> [event.type for event in Recognizer(Catalog()).feed("Hello")]
    ['text']
    """

    __slots__ = (
        "_any_tag", "_childless", "_count", "_dead", "_events", "_fence", "_frames", "_held", "_hidden_count",
        "_in_line", "_limits", "_names", "_offset", "_opening", "_prose", "_react", "_render_fenced", "_rest",
        "_segment_begun", "_surrogates", "_tag", "_text", "_zone",
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
        self._limits = limits
        self._react = react
        self._render_fenced = render_fenced
        self._fence: Fence | None = None  # that was taken off
        self._surrogates: Surrogates | None = None  # from the first piece on that is not ASCII
        self._rest = ""  # what is not decided yet
        self._held = 0  # where in the buffer that begins
        self._offset = 0  # of the rest in the whole text
        self._events: list[Event] = []
        self._count = 0  # components
        self._hidden_count = 0
        self._frames: tuple[Frame, ...] = ()  # open, innermost last
        self._childless: Frame | None = None  # opened with `>` though it takes no children
        self._prose = Prose()
        self._tag: TagReader | None = None
        self._opening: Frame | None = None  # the component of that tag
        self._dead: Mapping[str, int] = _NONE_DEAD  # quotes without a partner before this offset
        self._zone: Zone | None = None
        self._text: list[str] = []  # to be sent, once anything but white space has come in this segment
        self._segment_begun = False
        self._any_tag = False
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
            return [Text(text, self._parent)] if text else []
        self._read(text, final=False)
        self._flush()
        events, self._events = self._events, []
        return events

    def close(self) -> list[Event]:
        """The end of the text: every open tag, component and status is brought to its end."""
        self._read(self._surrogates.end() if self._surrogates is not None else "", final=True)
        self._end_childless()
        self._close_frames(0, "the text ended before its close tag")
        if self._zone is not None:
            self._leave()
        if not self._any_tag:
            self._segment_begun = True  # a text of white space alone is a text
        self._flush()
        events, self._events = self._events, []
        return events

    def _read(self, text: str, *, final: bool) -> None:
        buffer, at = self._rest + text, 0
        while at < len(buffer) or (final and self._tag is not None):
            if self._tag is not None:
                at = self._tag.read(buffer, at, final)
                if self._tag.outcome is None:
                    if self._tag.builder.ops:
                        self._send_ops(self._tag.builder, self._opening)
                    break
                buffer, at = self._end_tag(buffer, at)
            elif self._zone is not None:
                at, ended = self._zone.read(buffer, at)
                if not ended:
                    break
                self._leave()
            else:
                decided = self._read_prose(buffer, at, final)
                if decided is None:
                    at = self._held
                    break
                at = decided
        self._rest = "" if final else buffer[at:]
        self._offset += at
        idle = self._tag is None and self._zone is None and not self._rest
        self._in_line = idle and self._segment_begun and self._prose.in_line

    # Prose

    def _read_prose(self, buffer: str, at: int, final: bool) -> int | None:
        """Text up to the next tag or hidden thing, and that. None if it is undecided from `_held` on."""
        end = len(buffer)
        if self._react or self._render_fenced:
            begun = self._read_line_start(buffer, at, final)
            if begun != at:
                return begun
            end = buffer.find("\n", at) + 1 or end
        stop = self._prose.advance(buffer[:end] if end < len(buffer) else buffer, at)
        if stop > at:
            self._add_text(buffer[at:stop])
        if stop == end:
            return stop
        read = self._read_angle if buffer[stop] == "<" else self._read_brace
        decided = read(buffer, stop, final)
        if decided is None and not final:
            self._held = stop
            return None
        if decided is None or decided == stop:
            self._add_text(buffer[stop])
            return stop + 1
        return decided

    def _read_line_start(self, buffer: str, at: int, final: bool) -> int | None:
        """A ReAct label or the line of a fence that is taken off: where it ends, as `_read_angle` says it."""
        if not self._prose.at_line_start:
            return at
        begun: int | None = at
        if self._react and not self._prose.in_code:
            begun = self._read_label(buffer, at, final)
        if begun == at and self._fence is not None:
            begun = self._read_fence_end(self._fence, buffer, at, final)
        elif begun == at and self._render_fenced and not self._prose.in_code:
            begun = self._read_fence(buffer, at, final)
        if begun is None:
            self._held = at
        return begun

    def _read_label(self, buffer: str, at: int, final: bool) -> int | None:
        label = read_label(buffer, at, final=final)
        if label is None or not label[1]:
            return at if label is not None else None
        if label[1] != "Final Answer":
            self._enter(Lines())
        self._prose.after_tag()
        return label[0]

    def _read_fence(self, buffer: str, at: int, final: bool) -> int | None:
        opening = read_opening(buffer, at, lambda place: self._opens(buffer, place), final=final)
        if opening is not None and opening[1]:
            self._fence = Fence(opening[1], len(self._frames), self._prose)
            self._prose = Prose(inside=True)
        return opening[0] if opening is not None else None

    def _read_fence_end(self, fence: Fence, buffer: str, at: int, final: bool) -> int | None:
        end = fence.read_closing(buffer, at, final=final)
        if end is not None and end > at:
            self._close_frames(fence.depth, "its code fence ended before its close tag")
            self._fence, self._prose = None, fence.prose
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
            return self._read_close(None, at + 3) if self._frames or self._childless else at
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
        return self._read_close(component, end) if component is not None else end

    # Hidden zones

    def _enter(self, zone: Zone) -> None:
        self._flush()
        self._zone = zone
        if zone.status is not None:
            self._hidden_count += 1
            self._events.append(Status(f"h{self._hidden_count}", zone.status, "running"))

    def _leave(self) -> None:
        zone, self._zone = self._zone, None
        assert zone is not None  # noqa: S101
        if zone.status is not None:
            self._events.append(Status(f"h{self._hidden_count}", zone.status, "done"))
        following = zone.next()
        if following is not None:
            self._enter(following)

    # Text

    def _add_text(self, text: str) -> None:
        if not self._segment_begun:
            self._segment_begun = bool(text.strip())
            if self._segment_begun:
                self._end_childless()
        self._text.append(text)

    def _flush(self) -> None:
        if self._text and self._segment_begun:
            self._events.append(Text("".join(self._text), self._parent))
            self._text = []
            if self._frames:
                self._frames[-1].has_text = True

    def _end_segment(self) -> None:
        self._flush()
        self._text.clear()  # white space alone between tags
        self._segment_begun = False
        self._any_tag = True

    @property
    def _parent(self) -> str | None:
        return self._frames[-1].parent_of_content if self._frames else None

    # Tags

    def _open(self, component: Component, source: str, at: int) -> None:
        """A widget is mounted as soon as its name is delimited."""
        self._end_segment()
        self._end_childless()
        self._count += 1
        frame = Frame(component, f"c{self._count}", self._parent, {}, [], self._prose)
        if self._frames:
            self._frames[-1].children.add(component.name)
        start = self._offset + at
        dead = {quote: end - start for quote, end in self._dead.items() if end > start}
        tag = self._tag = TagReader(component, source, self._limits, self._names.is_component, dead)
        self._opening = frame
        if source[1:] != component.name:
            tag.builder.warn(f"`{source[1:]}` is written `{component.name}`")
        self._check_limits(frame, source)
        if not frame.failed:
            props = dict(component.defaults)
            self._events.append(RenderComponent(frame.id, component.name, "streaming", props, frame.parent))

    def _check_limits(self, frame: Frame, source: str) -> None:
        limits = self._limits
        if self._count > limits.components:
            message = f"there are more than {limits.components} components in this run"
            self._fail(frame, "too-many-components", message, source, mounted=False)
        elif len(self._frames) >= limits.depth:
            message = f"components are nested deeper than {limits.depth}"
            self._fail(frame, "too-deep", message, source, mounted=False)

    def _end_tag(self, buffer: str, at: int) -> tuple[str, int]:
        """The open tag has ended; returns what to read on, and from where."""
        tag, frame = self._tag, self._opening
        assert tag is not None  # noqa: S101 – the state we are in
        assert frame is not None  # noqa: S101
        self._tag = self._opening = None
        self._prose.after_tag()
        if tag.outcome is Outcome.LOST:
            return self._lose(tag, frame, buffer, at)
        if tag.resume:
            buffer, at = self._read_again(tag, buffer, at), 0
        frame.props, frame.warnings = tag.builder.props, tag.builder.warnings
        self._send_ops(tag.builder, frame)
        self._check_props(tag, frame)
        if frame.component.takes_children:
            frame.source = tag.source
        if tag.outcome is not Outcome.OPENED:
            self._check_children(frame)
            self._seal(frame)
        elif frame.component.takes_children:
            self._frames += (frame,)
            self._prose = Prose(inside=True)
        else:
            self._childless = frame
        return buffer, at

    def _send_ops(self, builder: Builder, frame: Frame | None) -> None:
        if builder.ops and frame is not None and not frame.failed:
            self._events.append(ComponentDelta(frame.id, builder.ops))
        builder.ops = []

    def _check_props(self, tag: TagReader, frame: Frame) -> None:
        """What the tag's attributes owe is known at its end, children or not."""
        if frame.failed:
            return
        faults = tag.builder.faults
        missing = [
            prop
            for prop in frame.component.props
            if prop.required
            and not prop.is_child
            and prop.name not in frame.props
            and prop.name not in faults
        ]
        if faults:
            self._fail(frame, "invalid-prop", "; ".join(faults.values()), tag.source)
        elif missing:
            wanted = ", ".join(f"`{prop.name}` ({prop.wanted})" for prop in missing)
            self._fail(frame, "missing-prop", f"{frame.component.name} needs {wanted}", tag.source)

    def _lose(self, tag: TagReader, frame: Frame, buffer: str, at: int) -> tuple[str, int]:
        """A tag that cannot be saved: what follows its safe place is read again."""
        source = tag.source
        start = self._offset + at - len(source)
        opener, end = tag.partnerless
        if opener:
            self._dead = {**self._dead, opener: start + end}
        self._fail(frame, tag.code, tag.message, source[: tag.resume])
        return self._read_again(tag, buffer, at), 0

    def _read_again(self, tag: TagReader, buffer: str, at: int) -> str:
        """The text from where the tag ended on, which had been taken for more of it."""
        source = tag.source
        self._offset += at - len(source) + tag.resume
        return source[tag.resume :] + buffer[at:]

    def _fail(self, frame: Frame, code: str, message: str, source: str, *, mounted: bool = True) -> None:
        if not frame.failed:
            frame.failed = True
            short = source if len(source) <= _SOURCE_LENGTH else source[: _SOURCE_LENGTH - 1] + "…"
            event_id = frame.id if mounted else None
            self._events.append(ComponentError(event_id, frame.component.name, code, message, short))

    # Close tags

    def _read_close(self, component: Component | None, end: int) -> int:
        """`</Name>`, or `</>` for the innermost. Returns `end`."""
        self._end_segment()
        self._prose.after_tag()
        childless = self._childless
        if childless is not None and component in (None, childless.component):
            self._childless = None
            self._seal(childless)
            return end
        self._end_childless()
        if component is not None and all(frame.component is not component for frame in self._frames):
            if self._frames:
                self._frames[-1].warnings.append(f"</{component.name}> closes nothing")
            return end
        while component is not None and self._frames[-1].component is not component:
            self._close_frame("its close tag was missing")
        self._close_frame()
        return end

    def _close_frames(self, depth: int, warning: str) -> None:
        while len(self._frames) > depth:
            self._close_frame(warning)

    def _close_frame(self, warning: str = "") -> None:
        self._end_segment()
        *outer, frame = self._frames
        self._frames = tuple(outer)
        self._prose = frame.prose
        if warning:
            frame.warnings.append(warning)
        self._check_children(frame)
        self._seal(frame)

    def _check_children(self, frame: Frame) -> None:
        for prop in frame.missing_children():
            wanted = " or ".join(f"<{name}>" for name in prop.refs) or "something"
            message = f"{frame.component.name} needs {wanted} between its tags, for `{prop.name}`"
            self._fail(frame, "missing-prop", message, frame.source)

    def _end_childless(self) -> None:
        """Something follows a component that takes no children and was opened with `>`."""
        frame, self._childless = self._childless, None
        if frame is not None:
            frame.warnings.append(f"{frame.component.name} takes no children: its `/` was missing")
            self._seal(frame)

    def _seal(self, frame: Frame) -> None:
        if not frame.failed:
            self._events.append(
                RenderComponent(
                    frame.id,
                    frame.component.name,
                    "complete",
                    frame.props,
                    frame.parent,
                    warnings=tuple(frame.warnings),
                )
            )
