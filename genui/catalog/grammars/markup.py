"""The rules of an answer: prose with tags in it, and each component's tag.

Props stand in their declared order, each at most once. As long as every scalar prop before it has been
given, a scalar may be written without its name, which is when the recognizer gives it to the right one.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from genui.catalog.component import Component, snake_case
from genui.catalog.grammars.expr import EMPTY, Expr, Lit, Ref, Rep, Rules, Term, alt, maybe, seq
from genui.catalog.grammars.terminals import ANGLE, CODE, FENCE, NEWLINES, TEXT, WORDS
from genui.catalog.grammars.values import Values
from genui.catalog.schema import Prop

_WRITABLE = re.compile(r"[A-Za-z_][A-Za-z0-9_.-]{0,63}\Z")


class Markup:
    """The rules of answers with these components; `omitted` says what they leave out, and why."""

    def __init__(self, components: Iterable[Component], values: Values) -> None:
        self._values = values
        self.omitted: list[str] = []
        self._components = self._expressible(list(components))
        self.rules: Rules = dict(self._prose())
        for component in self._components.values():
            self._add(component)

    def _expressible(self, components: list[Component]) -> dict[str, Component]:
        """Those that the grammar can write; a needed child that it cannot takes its parent along."""
        found = {component.name: component for component in components}
        while lacking := [component for component in found.values() if self._lack(component, found)]:
            for component in lacking:
                self.omitted.append(f"{component.name}: {self._lack(component, found)}")
                del found[component.name]
        return found

    def _lack(self, component: Component, others: dict[str, Component]) -> str:
        for prop in component.props:
            if not prop.required:
                continue
            if prop.is_child:
                if prop.refs and not others.keys() & set(prop.refs):
                    return f"`{prop.name}` needs {' or '.join(prop.refs)}"
            elif self._value(component, prop) is None:
                return f"`{prop.name}` is needed, and this dialect cannot say what belongs there"
        return ""

    def _value(self, component: Component, prop: Prop) -> Expr | None:
        if not _WRITABLE.match(prop.name):
            return None

        def taken(word: str) -> bool:
            return component.prop(word) is not None or component.prop_like(word) is not None

        return self._values.written(prop.schema, taken)

    # Prose

    def _prose(self) -> Rules:
        line_break = alt([NEWLINES, seq(NEWLINES, FENCE)])
        # No two CODE side by side, whose backticks would join, nor two TEXT, whose spaces would.
        prose = seq(maybe(Ref("words")), Rep(seq(CODE, Ref("words"))), maybe(CODE))
        angles = seq(ANGLE, maybe(TEXT))
        rules: Rules = {
            "start": Ref("content"),
            "content": seq(Ref("line"), Rep(seq(line_break, Ref("line")))),
            "line": seq(Ref("prose"), Rep(seq(Ref("tag"), Ref("prose"))))
            if self._components
            else Ref("prose"),
            "prose": prose,
            "words": alt([seq(TEXT, Rep(angles)), Rep(angles, 1)]),
        }
        if self._components:
            rules["tag"] = alt([Ref(_rule(component)) for component in self._components.values()])
        return rules

    # One component

    def _add(self, component: Component) -> None:
        rule = _rule(component)
        props = self._props(component)
        opening = seq(Lit(f"<{component.name}"), _after(rule, "p", 0, props))
        ends: list[Expr] = []
        if not any(prop.required and prop.is_child and not prop.is_list for prop in component.props):
            ends.append(Lit("/>"))
        if component.takes_children and (inside := self._inside(component)) is not None:
            close = alt([Lit(f"</{component.name}>"), Lit("</>")])
            ends.append(seq(Lit(">"), inside, close))
        self.rules[rule] = seq(opening, alt(ends))
        self._add_props(component, rule, props)

    def _props(self, component: Component) -> list[Prop]:
        """The props of its tag, up to the last that can be written."""
        props = [prop for prop in component.props if not prop.is_child]
        while props and self._value(component, props[-1]) is None:
            self.omitted.append(f"{component.name}.{props.pop().name}")
        return props

    def _inside(self, component: Component) -> Expr | None:
        children = [prop for prop in component.props if prop.is_child]
        needed = [self._filling(prop) for prop in children if prop.required]
        if component.children or any(not prop.refs for prop in children):
            return seq(*needed, Ref("content"))
        names = dict.fromkeys(name for prop in children for name in prop.refs if name in self._components)
        if not names:
            return None
        more = alt([Ref(_rule(self._components[name])) for name in names])
        return seq(*needed, Rep(seq(maybe(NEWLINES), more)), maybe(NEWLINES))

    def _filling(self, prop: Prop) -> Expr:
        """What must stand between the tags for a needed child prop."""
        if not prop.refs:
            return alt([WORDS, Ref("tag")])
        return alt([Ref(_rule(self._components[name])) for name in prop.refs if name in self._components])

    def _add_props(self, component: Component, rule: str, props: list[Prop]) -> None:
        """A rule for what may follow once the props before have been written: `p` while values without a
        name still land where they should, `n` after a scalar was left out."""
        for at, prop in enumerate(props):
            value = self._value(component, prop)
            following, named_only = (_after(rule, which, at + 1, props) for which in "pn")
            if value is None:
                self.omitted.append(f"{component.name}.{prop.name}")
                self.rules[f"{rule}_p{at}"] = named_only if prop.is_scalar else following
                self.rules[f"{rule}_n{at}"] = named_only
                continue
            if not isinstance(value, Term):
                self.rules[f"{rule}_v{at}"] = value
                value = Ref(f"{rule}_v{at}")
            named = _named(prop, value)
            self.rules[f"{rule}_n{at}"] = seq(named if prop.required else maybe(named), named_only)
            if not prop.is_scalar:
                self.rules[f"{rule}_p{at}"] = seq(named if prop.required else maybe(named), following)
                continue
            ways = [seq(named, following)]
            if not prop.is_flag and not prop.is_list and "object" not in prop.shape.kinds:
                ways.append(seq(Lit(" "), value, following))
            self.rules[f"{rule}_p{at}"] = alt(ways if prop.required else [*ways, named_only])


def _after(rule: str, which: str, at: int, props: list[Prop]) -> Expr:
    """What may follow the first `at` props; nothing after the last."""
    return EMPTY if at == len(props) else Ref(f"{rule}_{which}{at}")


def _named(prop: Prop, value: Expr) -> Expr:
    given = seq(Lit(f" {prop.name}="), value)
    return alt([Lit(f" {prop.name}"), given]) if prop.is_flag else given


def _rule(component: Component) -> str:
    return f"tag_{snake_case(component.name)}"
