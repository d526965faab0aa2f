"""What the reading of a text comes to: the tree of components that are open, and the events so far.

The recognizer finds tags and text; what they mean for the tree is decided here. Text between two tags is a
segment, which is dropped where it is nothing but white space. A component that takes no children but was
opened with `>` stays open until something other than its close tag follows.
"""

from __future__ import annotations

from genui.catalog import Component
from genui.events import ComponentDelta, ComponentError, Event, Op, RenderComponent, Status, Text
from genui.markup.builder import Builder
from genui.markup.frames import Frame
from genui.markup.limits import Limits
from genui.markup.prose import Prose

_SOURCE_LENGTH = 2000  # of a tag that failed, in its error


class Tree:
    """The open components, and the events that nobody has taken yet."""

    __slots__ = (
        "_any_tag",
        "_childless",
        "_count",
        "_events",
        "_hidden_count",
        "_innermost",
        "_open_names",
        "_text",
        "limits",
        "prose",
        "segment_begun",
    )  # fmt: skip

    def __init__(self, limits: Limits) -> None:
        self.prose = Prose()  # the Markdown around what comes next
        self.segment_begun = False  # whether anything but white space has come since the last tag
        self.limits = limits
        self._events: list[Event] = []
        self._count = 0  # components
        self._hidden_count = 0  # statuses
        self._innermost: Frame | None = None  # of the components that are open
        self._open_names: dict[str, int] | None = None  # how many of each name, since they may be deep
        self._childless: Frame | None = None  # opened with `>` though it takes no children
        self._text: list[str] | None = None  # to be sent, once the segment has begun
        self._any_tag = False

    def take(self) -> list[Event]:
        """The events since the last time."""
        self._flush()
        events, self._events = self._events, []
        return events

    def finish(self) -> None:
        """The text has ended: close what is open."""
        self.end_childless()
        self.close_down_to(0, "the text ended before its close tag")
        if not self._any_tag:
            self.segment_begun = True  # a text of white space alone is a text

    # Text

    def add_text(self, text: str) -> None:
        """Some Markdown."""
        if not self.segment_begun:
            self.segment_begun = bool(text.strip())
            if self.segment_begun:
                self.end_childless()
        if self._text is None:
            self._text = []
        self._text.append(text)

    def _flush(self) -> None:
        if self._text and self.segment_begun:
            self._events.append(Text("".join(self._text), self.parent))
            self._text = None
            if self._innermost is not None:
                self._innermost.has_text = True

    def _end_segment(self) -> None:
        self._flush()
        self._text = None  # white space alone between tags
        self.segment_begun = False
        self._any_tag = True

    # What is hidden

    def begin_hidden(self, label: str | None) -> None:
        """Something hidden begins; a label is shown in its place meanwhile."""
        self._flush()
        if label is not None:
            self._hidden_count += 1
            self._events.append(Status(self.hidden_id, label, "running"))

    def end_hidden(self, label: str | None) -> None:
        """And ends."""
        if label is not None:
            self._events.append(Status(self.hidden_id, label, "done"))

    @property
    def hidden_id(self) -> str:
        """The id of the last status that stands for something hidden."""
        return f"h{self._hidden_count}"

    # Open tags

    @property
    def parent(self) -> str | None:
        """The id of the component around what comes next."""
        return self._innermost.parent_of_content if self._innermost is not None else None

    @property
    def depth(self) -> int:
        """How many components are open."""
        return self._innermost.depth if self._innermost is not None else 0

    @property
    def awaits_close_tag(self) -> bool:
        """Whether `</>` would close anything."""
        return self._innermost is not None or self._childless is not None

    def open(self, component: Component, source: str) -> Frame:
        """A tag begins: mount its component, unless that exceeds a limit."""
        self._end_segment()
        self.end_childless()
        self._count += 1
        frame = Frame(component, f"c{self._count}", self.parent, {}, [], self.prose)
        if self._innermost is not None:
            self._innermost.children.add(component.name)
        self._check_limits(frame, source)
        if not frame.failed:
            props = dict(component.defaults)
            self._events.append(RenderComponent(frame.id, component.name, "streaming", props, frame.parent))
        return frame

    def _check_limits(self, frame: Frame, source: str) -> None:
        limits = self.limits
        if self._count > limits.components:
            message = f"there are more than {limits.components} components in this run"
            self.fail(frame, "too-many-components", message, source, mounted=False)
        elif self.depth >= limits.depth:
            message = f"components are nested deeper than {limits.depth}"
            self.fail(frame, "too-deep", message, source, mounted=False)

    def grow(self, frame: Frame, ops: list[Op]) -> None:
        """Props of a component whose tag is being written."""
        if ops and not frame.failed:
            self._events.append(ComponentDelta(frame.id, ops))

    def end_tag(self, frame: Frame, builder: Builder, source: str, *, opened: bool) -> None:
        """A tag has ended; if `opened`, its children follow."""
        frame.props, frame.warnings = builder.props, builder.warnings
        self.grow(frame, builder.ops)
        self._check_props(frame, builder, source)
        takes_children = frame.component.takes_children
        if takes_children:
            frame.source = source
        if not opened:
            self._check_children(frame)
            self._seal(frame)
        elif takes_children:
            self._push(frame)
            self.prose = Prose(inside=True)
        else:
            self._childless = frame

    def _check_props(self, frame: Frame, builder: Builder, source: str) -> None:
        """What the tag's attributes owe is known at its end, children or not."""
        faults = builder.faults
        if faults:
            self.fail(frame, "invalid-prop", "; ".join(faults.values()), source)
            return
        missing = [
            prop
            for prop in frame.component.props
            if prop.required and not prop.is_child and prop.name not in frame.props
        ]
        if missing:
            wanted = ", ".join(f"`{prop.name}` ({prop.wanted})" for prop in missing)
            self.fail(frame, "missing-prop", f"{frame.component.name} needs {wanted}", source)

    def fail(self, frame: Frame, code: str, message: str, source: str, *, mounted: bool = True) -> None:
        """This one component cannot be shown; only its first error is told."""
        if not frame.failed:
            frame.failed = True
            short = source if len(source) <= _SOURCE_LENGTH else source[: _SOURCE_LENGTH - 1] + "…"
            event_id = frame.id if mounted else None
            self._events.append(ComponentError(event_id, frame.component.name, code, message, short))

    # Close tags

    def close(self, component: Component | None) -> None:
        """`</Name>`, or `</>` for the innermost."""
        self._end_segment()
        self.prose.after_tag()
        childless = self._childless
        if childless is not None and component in (None, childless.component):
            self._childless = None
            self._seal(childless)
            return
        self.end_childless()
        if component is not None and component.name not in (self._open_names or ()):
            if self._innermost is not None:
                self._innermost.warnings.append(f"</{component.name}> closes nothing")
            return
        while component is not None and self._innermost and self._innermost.component is not component:
            self._close_innermost("its close tag was missing")
        self._close_innermost()

    def close_down_to(self, depth: int, warning: str) -> None:
        """Close components without their tags until `depth` are open."""
        while self.depth > depth:
            self._close_innermost(warning)

    def end_childless(self) -> None:
        """Something follows a component that takes no children and was opened with `>`."""
        frame, self._childless = self._childless, None
        if frame is not None:
            frame.warnings.append(f"{frame.component.name} takes no children: its `/` was missing")
            self._seal(frame)

    def _close_innermost(self, warning: str = "") -> None:
        self._end_segment()
        frame = self._pop()
        self.prose = frame.prose
        if warning:
            frame.warnings.append(warning)
        self._check_children(frame)
        self._seal(frame)

    def _push(self, frame: Frame) -> None:
        frame.outer, frame.depth = self._innermost, self.depth + 1
        self._innermost = frame
        names = self._open_names = self._open_names or {}
        names[frame.component.name] = names.get(frame.component.name, 0) + 1

    def _pop(self) -> Frame:
        frame, names = self._innermost, self._open_names
        assert frame is not None  # noqa: S101 – who closes has looked
        assert names is not None  # noqa: S101
        self._innermost = frame.outer
        names[frame.component.name] -= 1
        if not names[frame.component.name]:
            del names[frame.component.name]
        self._open_names = names or None
        return frame

    def _check_children(self, frame: Frame) -> None:
        for prop in frame.missing_children():
            wanted = " or ".join(f"<{name}>" for name in prop.refs) or "something"
            message = f"{frame.component.name} needs {wanted} between its tags, for `{prop.name}`"
            self.fail(frame, "missing-children", message, frame.source)

    def _seal(self, frame: Frame) -> None:
        if not frame.failed:
            name, warnings = frame.component.name, tuple(frame.warnings)
            self._events.append(
                RenderComponent(frame.id, name, "complete", frame.props, frame.parent, warnings=warnings)
            )
