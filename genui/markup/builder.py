"""Props out of lexemes: one builder a tag. It is told what was read and keeps three things up to date,
the props, the ops that bring a client's copy to them, and what was wrong.

A prop that is free text flows: each piece is delivered as it comes. A list or an object delivers each
element as it closes, at any depth. Anything else is delivered once, coerced and checked.
"""

from __future__ import annotations

import re
from typing import Literal

from jiter import from_json

from genui.catalog import (
    MOST_VALUES,
    Component,
    Prop,
    Shape,
    bound_variable,
    complaint,
    is_bound,
    parse_number,
)
from genui.errors import PropError
from genui.events import Json, Op
from genui.markup.containers import Container

_WORDS: dict[str, Json] = {"true": True, "false": False, "null": None, "True": True, "False": False}
_NOTHING = frozenset({"undefined", "None", "NaN", "Infinity", "-Infinity", "nan"})


_COMMENT = re.compile(
    r"""("(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*')|/\*.*?\*/|//[^\n]*""", re.DOTALL
)  # where it is not in a string


_NO_OPS: list[Op] = []

MOST_WARNINGS = 100
"""Of one tag. Whoever reads them has long seen what is wrong, and each new one is compared with all."""


def _unquoted(text: str) -> str:
    return f"`{text}` has no quotes; it was read as text"


class Builder:
    """The props of one tag."""

    __slots__ = (
        "_braced", "_component", "_containers", "_flows", "_held", "_named", "_parts", "_pending", "_target",
        "_values", "_warned", "_word", "faults", "given", "ops", "props", "warnings",
    )  # fmt: skip

    def __init__(self, component: Component) -> None:
        self.props: dict[str, Json] = dict(component.defaults)
        self.ops: list[Op] = []
        self.warnings: list[str] = []
        self.faults: dict[str, str] = {}  # by prop: why its value cannot stand
        self._component = component
        self.given: set[str] = set()  # names of the props that the tag has given
        self._named: str | None = None  # the name before `=`
        self._word: str | None = None  # a bare word that may turn out to be a name
        self._target: Prop | None = None
        self._containers: list[Container] = []
        self._values = 0  # in the list or object that is being read
        self._parts: list[str] = []
        self._pending: tuple[Json, str] | None = None  # a bare value in braces, and how it is written
        self._braced: Prop | None = None  # whose value in the open braces seems to be whole
        self._warned = 0  # warnings from before the open braces
        self._flows = False
        self._held: list[str] | None = None  # of the open string: what is kept back until it is whole

    def take_ops(self) -> list[Op]:
        """The ops since the last time."""
        if not self.ops:
            return _NO_OPS
        ops, self.ops = self.ops, []
        return ops

    # Names and bare words

    def name(self, text: str) -> None:
        """`text=`"""
        self.settle()
        self._named = text

    def word(self, text: str) -> bool:
        """A bare word: a value after `=`, else a flag, a positional value, or a name before ` =`.

        Whether it names nothing and stands for itself, as a word of prose would.
        """
        if self._named is not None:
            self._named_word(text)
            return False
        self.settle()
        prop = self._declared(text)
        if prop is None and text.endswith(":") and self._declared(text[:-1]) is not None:
            self._warn(f"`{text}` is written `{text[:-1]}=`")
            self._named = text[:-1]
            return False
        self._word = text
        return prop is None

    def _named_word(self, text: str) -> None:
        self._target = prop = self._aim(scalar=True)
        if text not in ("None", "undefined", "null") or prop is None:
            self._finish_scalar(_WORDS.get(text, text), text)
        elif "null" in prop.shape.kinds:
            self._finish_scalar(None, text)
        else:
            self._done()  # nothing was said about this prop
        if text in ("None", "undefined"):
            self._warn(f"`{text}` is read as null")

    def equals(self) -> None:
        """`=`: the word before it was a name."""
        if self._word is not None:
            self._named, self._word = self._word, None

    def settle(self) -> None:
        """What comes next shows that a bare word stands for itself."""
        word, self._word = self._word, None
        prop = self._declared(word)
        if word is None:
            return
        if prop is None:
            self._scalar(_WORDS.get(word, word), word)
        elif prop.is_flag:
            self._target = prop
            self._finish_scalar(True, "true")
        else:
            self._scalar(word, word)

    def number(self, text: str) -> None:
        """A bare number."""
        self.settle()
        self._scalar(parse_number(text), text)

    def forget(self) -> None:
        """What was begun cannot be read: drop it and be ready for the next prop."""
        self.settle()
        if self._target is not None or self._named is not None:
            prop = self._target or self._aim(scalar=True)
            if prop is not None:
                self._reject(prop, f"the value of `{prop.name}` cannot be read")
        self._clear()

    def _clear(self) -> None:
        self._named = self._word = self._target = self._pending = None
        self._containers.clear()
        self._parts.clear()
        self._flows = False
        self._values = 0

    # Strings

    def open_string(self) -> None:
        """A quote that opens a string: a value or, inside an object, perhaps a key."""
        self.settle()
        self._parts.clear()
        self._held = None
        if self._containers:
            return
        self._target = self._aim(scalar=True)
        self._flows = self._target is not None and self._target.streams
        if self._flows and self._target is not None:
            self._deliver(self._target, "")

    def chars(self, text: str) -> None:
        """Some characters of the open string."""
        if not text:
            return
        self._parts.append(text)
        if self._flows and self._target is not None and not self._containers:
            self._flow(self._target, text)

    def _flow(self, prop: Prop, text: str) -> None:
        """Show some more of a free text; from where it may be bound on, it comes when it is whole."""
        if self._held is not None:
            self._held.append(text)
            return
        at = -1 if not prop.binds else 0 if text[0] == "$" and len(self._parts) == 1 else text.find("{")
        if at >= 0:
            self._held = [text[at:]]
            text = text[:at]
        if text:
            self._append(prop.path, text)

    def close_string(self) -> None:
        """The quote that closes a string."""
        text = "".join(self._parts)
        self._parts.clear()
        if self._containers:
            self._element(text, text)
        elif self._flows and self._target is not None:
            self._close_flow(self._target, text)
        else:
            self._finish_scalar(text, text)

    def _close_flow(self, prop: Prop, text: str) -> None:
        self.props[prop.name] = text
        if self._held:
            self._append(prop.path, "".join(self._held))
        self._warn_unread(prop, text)
        self._flows = False
        self._done()

    def expects(self, name: str) -> bool:
        """Whether `name=` may come next: a declared prop that the tag has not given yet."""
        prop = self._declared(name)
        return prop is not None and not prop.is_child and prop.name not in self.given

    def lost_quote(self, tail: str, name: str) -> None:
        """The open string ends before `tail`, its last characters, which name the next prop."""
        text = "".join(self._parts)[: -len(tail)].rstrip().rstrip("”’")
        self._warn("a closing quote was missing")
        self._parts = [text]
        if self._flows and self._target is not None:
            self._deliver(self._target, text)
            self._held = None
        self.close_string()
        self.name(name)

    def cut_string(self) -> None:
        """The text ends inside a string: half of it will do where it was shown already, or lies in a list."""
        if self._flows or self._containers:
            self.close_string()
        else:
            self._clear()

    # JSON

    def open_braces(self) -> None:
        """The bracket that opens `prop={…}`."""
        self.settle()
        self._braced = None
        self._warned = len(self.warnings)

    def close_braces(self) -> None:
        """The `}` that ends `prop={…}`; in an empty pair there was no value."""
        pending, self._pending = self._pending, None
        if pending is not None:
            if isinstance(pending[0], str):
                self._warn(_unquoted(pending[0]))
            self._finish_scalar(*pending)
        self._named = None

    def code(self, source: str) -> None:
        """What the braces held is no JSON: an expression with names of inputs, or code."""
        source = _COMMENT.sub(r"\1", source)
        inside = source.removesuffix("}")[1:].strip() if source.startswith("{") else source
        bound = inside if bound_variable(inside) else f"{{{inside}}}"
        if not is_bound(bound):
            self._pass_over()
            return
        prop = self._target or self._braced or self._aim(scalar=True)
        if prop is None or not prop.binds:
            self._pass_over()
            return
        self._containers.clear()
        del self.warnings[self._warned :]  # of how it is no JSON
        self._target = prop
        if fault := complaint(bound):  # no text was meant, so that it stands for none
            self._reject(prop, f"`{prop.name}` {fault}")
        else:
            self._finish_scalar(bound, bound)
        self._clear()

    def _pass_over(self) -> None:
        """Code is not run."""
        prop = self._target or (self._aim(scalar=True) if self._named is not None else None)
        if prop is not None and self._containers and self._containers[0].path and not prop.required:
            self._warn(f"`{prop.name}` holds code, which is not run; what stands before it was kept")
            self.close_containers()
        elif prop is not None:
            self._reject(prop, f"`{prop.name}` holds code, which is not run")
        elif self._named is None:
            self._warn("code in braces is not run; it was ignored")
        self._clear()

    def comma(self) -> None:
        """A comma in a list or an object, or between two props."""
        if not self._containers:
            return
        container = self._containers[-1]
        if container.comma or not container.value:
            self._warn("a comma too many was skipped")
        container.comma = True

    def json_word(self, text: str) -> None:
        """A bare word or number in braces: a value, or a key."""
        number = parse_number(text)
        if self._containers and self._containers[-1].awaits_key:
            self._warn("keys without quotes were accepted; JSON puts them in double quotes")
            self._json_scalar(text, text)
        elif text in _NOTHING:
            self._warn(f"`{text}` is read as null")
            self._json_scalar(None, text)
        elif number is not None or text in _WORDS:
            value = _WORDS.get(text, number)
            if text[0] in "TF":
                self._warn(f"`{text}` is read as {text.lower()}")
            self._json_scalar(value, text)
        else:
            if self._containers:
                self._warn(_unquoted(text))
            self._json_scalar(text, text)

    def _json_scalar(self, value: Json, raw: str) -> None:
        if self._containers:
            self._element(value, raw)
            return
        self._target = self._aim(scalar=True)
        if value is None and self._target is not None and "null" not in self._target.shape.kinds:
            self._done()  # nothing was said about this prop
        else:
            self._pending = (value, raw)  # until its brace, since more would show that it is code

    def open_container(self, kind: Literal["[", "{"]) -> None:
        """A list or an object begins."""
        self.settle()
        value: list[Json] | dict[str, Json] = [] if kind == "[" else {}
        if self._containers:
            shape, path = self._begin_container(self._containers[-1], kind)
        else:
            shape, path = self._begin_value(kind)
        self._containers.append(Container(value, shape, path))

    def _begin_value(self, kind: Literal["[", "{"]) -> tuple[Shape, str | None]:
        self._target = prop = self._aim(scalar=False, kind="array" if kind == "[" else "object")
        if prop is None:
            return Shape({}), None
        if ("array" if kind == "[" else "object") not in prop.shape.kinds:
            return prop.shape, None
        self._deliver(prop, [] if kind == "[" else {})
        return prop.shape, prop.path

    def close_container(self) -> None:
        """The innermost list or object ends."""
        done = self._containers.pop()
        if done.comma and done.value:
            self._warn("a comma too many was skipped")
        if self._containers:
            self._keep(self._containers[-1], done.value)
        elif done.path is None:
            self._finish_scalar(done.value, "")
        elif self._target is not None:
            self._finish_list(self._target, done.value)

    def close_containers(self) -> None:
        """All lists and objects that are open end here, as far as they have come."""
        while self._containers:
            self._containers[-1].comma = False
            self.close_container()

    def _finish_list(self, prop: Prop, value: Json) -> None:
        self.props[prop.name] = value
        self.faults.pop(prop.name, None)
        try:
            self._check(prop, value)
        except PropError as error:
            # Part of it has been delivered, so that dropping it is no longer possible.
            self.faults[prop.name] = error.message
        self._done()

    def _element(self, value: Json, raw: str) -> None:
        """A scalar inside a list or an object; the first one after `{` or `,` is a key."""
        container = self._containers[-1]
        if container.awaits_key:
            self._begin_element(container)
            container.key = raw
            return
        if isinstance(container.value, list):
            self._begin_element(container)
        value = container.next_shape().coerce(value, raw)
        if self._has_room():
            self._send(container.delivery(value))
        self._keep(container, value)

    def _has_room(self) -> bool:
        """Whether one more value may stand in the prop. What is too much is read, not kept."""
        self._values += 1
        return self._values <= MOST_VALUES

    def _keep(self, container: Container, value: Json) -> None:
        if self._values <= MOST_VALUES:
            container.add(value)
        container.key = None

    def _begin_element(self, container: Container) -> None:
        if container.value and not container.comma:
            self._warn("a comma was missing")
        container.comma = False

    def _begin_container(self, parent: Container, kind: Literal["[", "{"]) -> tuple[Shape, str | None]:
        """Deliver an empty list or object as the next element; its shape and its path."""
        if isinstance(parent.value, list):
            self._begin_element(parent)
        if not self._has_room():
            return parent.next_shape(), None
        self._send(parent.delivery([] if kind == "[" else {}))
        return parent.next_shape(), parent.next_path()

    def _send(self, op: Op | None) -> None:
        if op is not None:
            self.ops.append(op)

    # Delivering

    def _scalar(self, value: Json, raw: str) -> None:
        self._target = self._aim(scalar=True)
        self._finish_scalar(value, raw)

    def _finish_scalar(self, value: Json, raw: str) -> None:
        prop = self._target
        if prop is None:
            self._done()
            return
        try:
            value = prop.shape.coerce(self._unquoted(prop, value), raw)
            self._check(prop, value)
        except PropError as error:
            self._reject(prop, error.message)
        else:
            self.faults.pop(prop.name, None)
            self._deliver(prop, value)
        self._done()

    def _check(self, prop: Prop, value: Json) -> None:
        """Raises PropError."""
        if self._values > MOST_VALUES:
            raise prop.too_much()
        prop.check(value, bound=True)
        self._warn_unread(prop, value)

    def _warn_unread(self, prop: Prop, value: Json) -> None:
        if prop.binds and (fault := complaint(value)):
            self._warn(f"`{prop.name}` {fault}; it is shown as it is")

    def _unquoted(self, prop: Prop, value: Json) -> Json:
        """A list or an object that was written as JSON inside quotes."""
        if not isinstance(value, str) or prop.is_scalar or value.lstrip()[:1] not in ("[", "{"):
            return value
        try:
            parsed = from_json(value.encode())
        except ValueError:
            return value
        self._warn(f"`{prop.name}` was written in quotes; braces belong around it")
        return parsed

    def _reject(self, prop: Prop, message: str) -> None:
        if prop.required or prop.name in self.given:
            self.faults[prop.name] = message
        else:
            self._warn(f"{message}; it was left out")

    def _deliver(self, prop: Prop, value: Json) -> None:
        self.given.add(prop.name)
        self.props[prop.name] = value
        self.ops.append({"op": "set", "path": prop.path, "value": value})

    def _append(self, path: str, text: str) -> None:
        last = self.ops[-1] if self.ops else None
        if last is not None and last["path"] == path and last["op"] != "push":
            last["value"] += text
        else:
            self.ops.append({"op": "append", "path": path, "value": text})

    def _done(self) -> None:
        self._braced = self._target
        self._named = self._target = None
        self._values = 0

    # Which prop

    def _declared(self, name: str | None) -> Prop | None:
        if name is None:
            return None
        return self._component.prop(name) or self._component.prop_like(name)

    def _aim(self, *, scalar: bool, kind: str = "") -> Prop | None:
        """The prop that the value which now begins belongs to, or None if it belongs nowhere."""
        if self._named is None:
            return self._next_positional(kind if not scalar else "")
        prop = self._component.prop(self._named)
        if prop is None:
            prop = self._component.prop_like(self._named.lstrip(":"))
            self._warn(f"`{self._named}` is written `{prop.name}`" if prop else self._unknown(self._named))
        if prop is not None and prop.is_child:
            self._warn(f"`{prop.name}` is filled by tags between the open and the close tag, not here")
            return None
        if prop is not None and prop.name in self.given and not prop.is_flag:
            self._warn(f"`{prop.name}` is given twice; the last one counts")
        return prop

    def _next_positional(self, kind: str) -> Prop | None:
        for prop in self._component.props:
            fits = kind in prop.shape.kinds and not prop.is_child if kind else prop.is_scalar
            if fits and prop.name not in self.given and prop.name not in self.faults:
                return prop
        self._warn(f"{self._component.name} has no prop left for a value without a name")
        return None

    def _unknown(self, name: str) -> str:
        known = ", ".join(prop.name for prop in self._component.props if not prop.is_child) or "none"
        return f"{self._component.name} has no prop `{name}` (it has: {known})"

    def _warn(self, message: str) -> None:
        if len(self.warnings) < MOST_WARNINGS and message not in self.warnings:
            self.warnings.append(message)

    warn = _warn
