"""`tags.lark` is the truth: wherever stock Lark parses a whole tag, the recognizer reads the same from it.

Lark's own contextual lexer and LALR parser read the tag at once; a small evaluator of its own turns the
tree into props. Nothing of the streaming lexer, the tag reader or the builder takes part in that.
"""

from __future__ import annotations

import html
import json
import re
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from lark import Lark, Token, Transformer
from lark.exceptions import UnexpectedInput

from genui.catalog import Catalog, Component, Prop, Shape, complaint
from genui.errors import PropError
from genui.markup import Recognizer
from genui.markup.grammar import SOURCE
from tests.chunking import outcome, recognize

LARK = Lark(SOURCE, parser="lalr", lexer="contextual", start="tag")
CATALOG = Catalog.from_json_schema(
    {
        "$defs": {
            "Any": {
                "properties": {
                    "text": {"type": "string"},
                    "count": {"type": "number"},
                    "live": {"type": "boolean"},
                    "rows": {
                        "type": "array",
                        "items": {"type": "array", "items": {"type": ["string", "number"]}},
                    },
                    "map": {"type": "object", "properties": {"n": {"type": "integer"}}},
                    "open": {},
                    "kind": {"enum": ["bar", "line"]},
                    "note": {"type": ["string", "null"]},
                }
            }
        }
    }
)
ANY = CATALOG["Any"]
WORDS = {"true": True, "false": False, "null": None, "True": True, "False": False}
NOTHING = ("undefined", "None", "NaN", "Infinity", "-Infinity", "nan")
REFERENCE = re.compile(r"&(?:#[0-9]{1,7}|#[xX][0-9a-fA-F]{1,6}|[A-Za-z][A-Za-z0-9]{0,30});")
NUMBER = re.compile(r"[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?\Z")
NAME = re.compile(r"\$[A-Za-z_][A-Za-z0-9_]*")
MISSING = object()


def number(text: str) -> Any:
    if not NUMBER.match(text):
        return None
    value = int(text) if re.fullmatch(r"[+-]?\d+", text) else float(text)
    return None if value in (float("inf"), float("-inf")) else value


def scalar(text: str) -> Any:
    found = number(text)
    return WORDS.get(text, text) if found is None else found


def json_scalar(text: str) -> Any:
    return None if text in NOTHING else scalar(text)


def unescaped(text: str) -> str:
    """A string of a tag."""
    plain = re.compile(r"\\\\|\\([\"'`“”‘’])|" + REFERENCE.pattern)
    return plain.sub(lambda m: m[1] or (m[0] if m[0] == "\\\\" else html.unescape(m[0])), text)


def json_unescaped(text: str) -> str:
    """A string in braces."""
    escapes = {"n": "\n", "t": "\t", "r": "\r", "b": "\b", "f": "\f", "0": "\0", "\n": ""}
    plain = re.compile(r"\\u([0-9a-fA-F]{4})|\\(.)", re.DOTALL)
    found = plain.sub(lambda m: chr(int(m[1], 16)) if m[1] else escapes.get(m[2], m[2]), text)
    return found.encode("utf-16", "surrogatepass").decode("utf-16", "replace")


class Read(Transformer[Token, Any]):
    """The tree of a tag as a list of (name or None, how it is written, value)."""

    def tag(self, parts: list[Any]) -> Any:
        return parts[0]

    def open(self, parts: list[Any]) -> Any:
        return parts[2]

    def items(self, parts: list[Any]) -> Any:
        return [*parts[0], parts[1]] if parts else []

    def item(self, parts: list[Any]) -> Any:
        if len(parts) == 3:
            return (str(parts[0]), *parts[2])
        if isinstance(parts[0], Token):
            kind = parts[0].type.lower()
            return None, kind, str(parts[0])
        return (None, *parts[0])

    def value(self, parts: list[Any]) -> Any:
        part = parts[0]
        if isinstance(part, Token):
            return "word", str(part)
        return ("json", part) if part[0] == "array" else part

    def string(self, parts: list[Any]) -> Any:
        return "string", unescaped("".join(parts[1:-1]))

    def braces(self, parts: list[Any]) -> Any:
        if len(parts) == 2:
            return "json", MISSING
        if isinstance(parts[1], Token):
            return "expression", str(parts[1]).strip()
        return "json", parts[1]

    def json(self, parts: list[Any]) -> Any:
        part = parts[0]
        return ("word", str(part)) if isinstance(part, Token) else part

    def json_string(self, parts: list[Any]) -> Any:
        return "string", json_unescaped("".join(parts[1:-1]))

    def array(self, parts: list[Any]) -> Any:
        return "array", parts[1]

    def elements(self, parts: list[Any]) -> Any:
        return [] if not parts else parts[0] if isinstance(parts[1], Token) else [*parts[0], parts[1]]

    def object(self, parts: list[Any]) -> Any:
        return "object", parts[1]

    members = elements

    def member(self, parts: list[Any]) -> Any:
        return parts[0], parts[2]

    def key(self, parts: list[Any]) -> Any:
        return str(parts[0]) if isinstance(parts[0], Token) else parts[0][1]


class Props:
    """What the items come to, for one component."""

    def __init__(self, component: Component) -> None:
        self.component = component
        self.props: dict[str, Any] = {}
        self.faulty: set[str] = set()

    def read(self, items: list[Any]) -> dict[str, Any]:
        for name, kind, value in items:
            if kind == "comma":
                continue
            prop = self.prop(name, kind, value)
            if prop is not None:
                self.give(prop, name, kind, value)
        return self.props

    def prop(self, name: str | None, kind: str, value: Any) -> Prop | None:
        if name is not None:
            return self.component.prop(name)
        flag = self.component.prop(value) if kind == "word" else None
        if flag is not None and flag.is_flag:
            return flag
        wanted = value[0] if kind == "json" and value is not MISSING else kind
        if value is MISSING:
            return None
        for prop in self.component.props:
            fits = wanted in prop.shape.kinds if wanted in ("array", "object") else prop.is_scalar
            if fits and prop.name not in self.props and prop.name not in self.faulty:
                return prop
        return None

    def give(self, prop: Prop, name: str | None, kind: str, value: Any) -> None:
        if value is MISSING:
            return
        if kind == "json":
            self.give_json(prop, *value)
        elif kind == "expression":
            bound = value if NAME.fullmatch(value) else f"{{{value}}}"
            if complaint(bound):  # no text was meant, so that it stands for none
                self.faulty.add(prop.name)
            else:
                self.put(prop, bound, value)
        elif kind == "string":
            self.put(prop, self.listed(prop, value), value)
        elif name is None and kind == "word" and prop.name == value and prop.is_flag:
            self.put(prop, True, "true")
        elif name is None and kind == "word" and self.component.prop(value):
            self.put(prop, value, value)
        elif name is not None and value in ("None", "undefined", "null"):
            self.put_null(prop)
        else:
            self.put(prop, scalar(value), value)

    def give_json(self, prop: Prop, kind: str, value: Any) -> None:
        if kind == "word" and json_scalar(value) is None:
            self.put_null(prop)
        elif kind == "word":
            self.put(prop, json_scalar(value), value)
        elif kind == "string":
            self.put(prop, self.listed(prop, value), value)
        else:
            self.put(prop, self.tree(prop.shape if kind in prop.shape.kinds else Shape({}), kind, value), "")

    def tree(self, shape: Shape, kind: str, value: Any) -> Any:
        if kind == "array":
            return [self.tree(shape.item(), *item) for item in value]
        if kind == "object":
            return {key: self.tree(shape.member(key), *item) for key, item in value}
        return shape.coerce(json_scalar(value) if kind == "word" else value, value)

    @staticmethod
    def listed(prop: Prop, text: str) -> Any:
        if prop.is_scalar or text.lstrip()[:1] not in ("[", "{"):
            return text
        try:
            return json.loads(text)
        except ValueError:
            return text

    def put_null(self, prop: Prop) -> None:
        if "null" in prop.shape.kinds:
            self.put(prop, None, "null")

    def put(self, prop: Prop, value: Any, raw: str) -> None:
        value = prop.shape.coerce(value, raw)
        try:
            prop.check(value, bound=True)
        except PropError:
            # Lists and objects are delivered while they are written, so that leaving them out is too late.
            delivered = isinstance(value, list | dict) and raw == ""
            if prop.name in self.props or delivered:
                self.faulty.add(prop.name)
        else:
            self.faulty.discard(prop.name)
            self.props[prop.name] = value


def by_lark(text: str) -> dict[str, Any] | None:
    """The props as the grammar has them; None if it refuses the tag or a value cannot stand."""
    try:
        tree = LARK.parse(text)
    except UnexpectedInput:
        return None
    props = Props(ANY)
    props.read(Read().transform(tree))
    return None if props.faulty else props.props


def by_recognizer(text: str) -> tuple[list[Any], list[str]]:
    """What comes of the tag: [props] or an error, and the warnings."""
    [[_, _, item], *rest] = outcome(recognize(lambda: Recognizer(CATALOG), list(text)))
    assert not rest, rest
    return ([item["props"]], item["end"][1]) if item["end"][0] == "complete" else (item["end"], [])


def assert_agreement(text: str) -> None:
    expected = by_lark(text)
    if expected is None:
        return
    found, warnings = by_recognizer(text)
    if not any("closing quote was missing" in warning for warning in warnings):
        assert found == [expected]


SPACE = st.sampled_from([" ", "  ", "\n", "\t", "\r\n ", " /* note */ ", " // note\n"])
MAYBE_SPACE = st.sampled_from(["", "", "", " ", "\n", " /**/ "])
INSIDE = st.text(alphabet="ab é😀\u200b\u05d0&<>/\\={}[],:;'`“#0\n", max_size=12)
TAG_STRING = st.one_of(
    st.builds('"{}"'.format, INSIDE),
    st.builds("'{}'".format, INSIDE.map(lambda text: text.replace("'", '"'))),
    st.sampled_from(
        ['"&amp;&lt;&quot;"', '"a\\"b"', "'a\\'b'", '"&#128512;&nope;"', '""', '"[1, 2]"', '"it\'s"']
    ),
)
JSON_STRING = st.one_of(
    st.text(max_size=6).map(json.dumps),
    st.builds('"{}"'.format, INSIDE),
    st.builds("'{}'".format, INSIDE.map(lambda text: text.replace("'", '"'))),
    st.builds("`{}`".format, INSIDE.map(lambda text: text.replace("`", "'"))),
    st.sampled_from(['"\\u0041\\n"', '"\\ud83d\\ude00"', '"\\ud83d"', '"a\\/b"', '"it\'s"', '""']),
)
NUMBERS = st.sampled_from(
    ["0", "-1", "+2", "3.25", ".5", "5.", "1e3", "2E-2", "007", "12345678901234567890", "1e999"]
)
BARE = st.sampled_from(
    ["true", "false", "null", "True", "None", "undefined", "bar", "live", "a-b", "x.y/z", "50%", "#f"]
)
KEY = st.one_of(st.sampled_from(["n", "a", "b-c", "1", "true"]), JSON_STRING)
COMMA = st.sampled_from([",", ", ", ",\n", " , ", " /* c */ , ", ",,", " "])


def _lists(element: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    return st.builds(
        lambda comma, elements, last: "[" + comma.join(elements) + last + "]",
        COMMA,
        st.lists(element, max_size=4),
        st.sampled_from(["", "", ",", " "]),
    )


def _objects(element: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    member = st.builds("{}{}:{}{}".format, KEY, MAYBE_SPACE, MAYBE_SPACE, element)
    return st.builds(
        lambda comma, members: "{" + comma.join(members) + "}", COMMA, st.lists(member, max_size=3)
    )


JSON = st.recursive(
    st.one_of(JSON_STRING, NUMBERS, BARE),
    lambda element: st.one_of(_lists(element), _objects(element)),
    max_leaves=8,
)
EXPRESSION = st.sampled_from(
    [
        "$a",
        "$a * 2",
        "-$a",
        "!$a",
        "$a > 3",
        "$a<b",
        "$p == 'Y}' ? [9, 1] : [\"]\"]",
        "$a / 2",
        "$a +",
        "$a | x",
    ]
)
INSIDE_BRACES = st.one_of(JSON, JSON, EXPRESSION, st.just(""))
BRACES = st.builds("{{{}{}{}}}".format, MAYBE_SPACE, INSIDE_BRACES, MAYBE_SPACE)
VALUE = st.one_of(
    TAG_STRING, NUMBERS, BARE, BRACES, _lists(JSON), st.sampled_from(["a=b", "http://x.y/?q=1", "1,2"])
)
NAMES = st.sampled_from([*(prop.name for prop in ANY.props), "unknown"])
ITEM = st.one_of(
    st.builds("{}{}={}{}".format, NAMES, MAYBE_SPACE, MAYBE_SPACE, VALUE),
    TAG_STRING,
    NUMBERS,
    BARE,
    BRACES,
)
TAG = st.builds(
    lambda items, end: "<Any" + "".join(items) + end,
    st.lists(st.builds("{}{}".format, SPACE, ITEM), max_size=6),
    st.sampled_from(["/>", " />", "\n/>", " / >"]),
)


@settings(max_examples=600, deadline=None, derandomize=True, database=None)
@given(TAG)
@example('<Any "a", "b"/>')
@example("<Any text=a//>")
@example("<Any text=a=b/>")
def test_the_recognizer_reads_what_stock_lark_reads(text: str) -> None:
    assert_agreement(text)


@pytest.mark.parametrize(
    "text",
    [
        "<Any/>",
        "<Any live/>",
        "<Any a 1 live/>",
        '<Any text="a &amp; b" count=1 live/>',
        "<Any text='a' count = 1 live = true />",
        "<Any rows={[['a', 1,], [2 'b']]} map={{n: 1, \"k\": [null, undefined]}}/>",
        "<Any rows=[[1],[2]] {{a: 1}}/>",
        "<Any text=http://a.b/c?d=e&f=g,h />",
        '<Any /* a */ text // b\n = /* c */ "x" />',
        '<Any text="it\'s "quoted" text", count=2, kind=line/>',
        '<Any text={"a"} count={1} live={true} note={null} open={[{}]}/>',
        "<Any text={`a ${b} \\` c`}/>",
        '<Any text="a\nb\\"c\\\\"/>',
        "<Any 1,text=b/>",
        '<Any rows={[["5" pipe", 1]]}/>',
    ],
)
def test_both_read_this(text: str) -> None:
    assert by_lark(text) is not None
    assert_agreement(text)


@pytest.mark.parametrize(
    "text",
    [
        "<Any ",
        "<Any text=/>",
        "<Any {a b}/>",
        "<Any {...x}/>",
        "<Any <Any/>",
        '<Any text="a/>',
    ],
)
def test_what_lark_refuses_is_repaired_with_a_word_about_it(text: str) -> None:
    assert by_lark(text) is None
    [[_, _, item], *_] = outcome(recognize(lambda: Recognizer(CATALOG), [text]))
    assert item["end"][0] == "error" or item["end"][1]


@pytest.mark.parametrize("text", ["</Any>", "</>", "</Any >", "<Any>", "<Any >"])
def test_close_tags_and_empty_tags_are_in_the_grammar(text: str) -> None:
    if text == "</Any >":
        text = "</Any\n>"
    LARK.parse(text)
