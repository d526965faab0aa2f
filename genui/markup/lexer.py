"""The streaming lexer of one tag: text in any pieces, lexemes out.

Lark's own lexers cannot stop in the middle of a terminal and go on with the next chunk; this one can.
It has three modes, each one compiled search: inside the tag, inside a string, inside JSON braces. The
contract of `Lexer.next`: it returns one lexeme, or None when what has arrived does not yet decide one.
It never looks back, and ahead by one character, to the end of a name, a number or a character reference, or
past a comma or white space behind a quote to the end of the word there: docs/markup.md says how far.

Kinds of lexemes are the terminals of `tags.lark`, except for these:

    OPEN, CLOSE    the quotes around a string; `terminal` tells which
    CHARS          some of a string's characters, decoded; a run may come in many pieces
    INNER          a quote that belongs to the string, since nothing that may follow a string follows it
    MISSING        a bracket that had to be supplied; its text says which
    ENDED          the tag stops here without its `>`: before another tag, or after a blank line
    STRAY          a character that belongs nowhere
    ENDLESS        a bare word longer than any name
    COMMENT        the two characters that begin a comment
    SKIP           white space, or some of a comment
    ESCAPED        some of a string's characters: a quote that stood behind a backslash
"""

from __future__ import annotations

import html
import re
from typing import Any, TypeAlias

from genui.catalog import parse_number

WORD_LENGTH = 256
"""The longest bare word, in characters; it is also the most text that ever waits inside a tag."""

_WORD_BEGIN = r"""(?:[^\s"'`“”‘’{}\[\]=,<>/]|/(?![\s>*]|/\s))"""
_WORD_RUN = r"[^\s{}=<>/,]*"
_WORD_MORE = r"/(?!>)|,(?![\s/>]|[A-Za-z][\w-]{0,63}=)"
_WORD = rf"{_WORD_BEGIN}{_WORD_RUN}(?:(?:{_WORD_MORE}){_WORD_RUN})*"
# Behind `=`, where a second one may stand.
_VALUE = rf"""{_WORD_BEGIN}{_WORD_RUN}(?:(?:{_WORD_MORE}|=(?!["'`“”‘’{{])){_WORD_RUN})*"""


def _in_tag(word: str) -> re.Pattern[str]:
    return re.compile(
        rf"""(?P<SKIP>\s+) | (?P<COMMENT>/\*|//(?=\s)) | (?P<WORD>{word}) | (?P<OPEN>["'`“”‘’]) | (?P<EQ>=)
        | (?P<GT>>) | (?P<BRACKET>[{{\[]) | (?P<SLASH>/(?=[\s>])) | (?P<COMMA>,) | (?P<LT><(?=[A-Za-z/]))
        | (?P<STRAY>.)""",
        re.VERBOSE | re.DOTALL,
    )


_TAG, _TAG_VALUE = _in_tag(_WORD), _in_tag(_VALUE)
_JSON = re.compile(
    r"""(?P<SKIP>\s+) | (?P<WORD>[^\s"'`“”‘’{}\[\],:<>/()]+) | (?P<OPEN>["'`“”‘’])
    | (?P<COMMA>,) | (?P<COLON>:) | (?P<BRACKET>[{\[]) | (?P<CLOSER>[}\]]) | (?P<COMMENT>/[/*])
    | (?P<END>/?>) | (?P<STRAY>.)""",
    re.VERBOSE | re.DOTALL,
)
# What stands whole the moment it is seen; every other kind waits while it touches the end.
_AT_ONCE = frozenset({"SKIP", "OPEN", "EQ", "GT", "BRACKET", "CLOSER", "COMMA", "COLON", "COMMENT", "END"})
_CLOSERS = {'"': '"', "'": "'", "`": "`", "“": '”"“', "”": '”"“', "‘": "’'‘", "’": "’'‘"}
_TERMINALS = {'"': "DOUBLE", "'": "SINGLE", "`": "BACKTICK", "“": "DOUBLE", "”": "DOUBLE"}
# After an inner quote that opened, one before a word that is no prop is its partner: "he said "hi" to me".
_WORD_ON = re.compile(r"\s{1,9}[A-Za-z][\w-]{0,63}(?![\w=/>-])")
_WORD_ON_BEGUN = re.compile(r"\s{1,9}(?:[A-Za-z][\w-]{0,63})?\Z")
_PROP_IN_JSON = re.compile(r"[A-Za-z][\w-]*=\Z")
_OPENERS = frozenset("\"'“‘`{")
_RUNS = {quote: re.compile(rf"[^&\\{closers}]+") for quote, closers in _CLOSERS.items()}
_JSON_RUNS = {quote: re.compile(rf"[^\\{closers}]+") for quote, closers in _CLOSERS.items()}
_DOLLAR = re.compile(r"[-!]*\$[A-Za-z_]")
_AFTER_STRING = frozenset("/>}")
_AFTER_JSON_STRING = frozenset("/>},:]")
# A comma behind a string separates it from the next prop, or it is punctuation around an inner quote.
_ARGUMENT = re.compile(r""",\s{0,9}(?:[A-Za-z][\w-]{0,63}(?:=|/?>)|/?>|["'{])""")
_ARGUMENT_BEGUN = re.compile(r",\s{0,9}(?:[A-Za-z][\w-]{0,63})?/?\Z")
# In JSON a word does not follow a string, but where it is the next key, after a comma that was forgotten.
_WORD_AFTER = re.compile(r"\s{1,99}(?![A-Za-z][\w-]{0,63}\s?:)[A-Za-z]")
_WORD_AFTER_BEGUN = re.compile(r"\s{1,99}(?:[A-Za-z][\w-]{0,63}\s?)?\Z")
_REFERENCE = re.compile(r"&(?:#[0-9]{1,7}|#[xX][0-9a-fA-F]{1,6}|[A-Za-z][A-Za-z0-9]{0,30});")
_REFERENCE_BEGUN = re.compile(r"&(?:#(?:[0-9]{0,7}|[xX][0-9a-fA-F]{0,6})|[A-Za-z][A-Za-z0-9]{0,30})?\Z")
_ESCAPES = {"n": "\n", "t": "\t", "r": "\r", "b": "\b", "f": "\f", "0": "\0", "\n": ""}
_UNICODE = re.compile(r"\\u([0-9a-fA-F]{4})")
_UNICODE_BEGUN = re.compile(r"\\(?:u[0-9a-fA-F]{0,3})?\Z")


def _json_word(text: str) -> str:
    if text.startswith("..."):
        return "STRAY"  # a spread, which is code
    if _DOLLAR.match(text):
        return "DOLLAR"  # a key, or the first name of an expression
    return "JSON_WORD" if parse_number(text) is None else "JSON_NUMBER"


Lexeme: TypeAlias = tuple[str, str, int]
"""One lexeme: its kind, its text (decoded inside strings) and where it ends in the buffer.

A plain tuple: a named one costs as much again as all that is done with it.
"""


class Lexer:
    """Reads one tag, from behind its name on."""

    __slots__ = (
        "_before", "_high", "_inner", "_newlines", "brackets", "code", "comment", "nested", "quote",
        "terminal", "valued",
    )  # fmt: skip

    def __init__(self) -> None:
        self.brackets: list[str] = []  # the closers that are owed, innermost last
        self.terminal = ""  # of the string that is open, for the grammar
        self.code = False  # inside braces that hold code, where `>` compares
        self.nested = 0  # JSX elements open inside such code
        self.quote = ""  # that opened the open string
        self.comment = ""  # that is open: `/*` or `//`
        self.valued = False  # right behind an `=` that the grammar took
        self._before = ""  # the character before, in a string; "" behind an escape or a reference
        self._inner = False  # a quote that belongs to the string opened something in it
        self._high = ""  # the first half of a surrogate pair
        self._newlines = 0

    def next(self, buffer: str, at: int, final: bool) -> Lexeme | None:
        """The lexeme at `at`, or None when more text has to come first; not called at the buffer's end."""
        if self.quote:
            return self._in_string(buffer, at, final)
        if self.comment:
            return self._in_comment(buffer, at)
        if self.brackets:
            return self._in_json(buffer, at, final)
        return self._in_tag(buffer, at, final)

    # Inside the tag

    def _in_tag(self, buffer: str, at: int, final: bool) -> Lexeme | None:
        match: Any = (_TAG_VALUE if self.valued else _TAG).match(buffer, at)  # STRAY takes any character
        kind, text, end = match.lastgroup, match.group(), match.end()
        if kind == "WORD" and end - at > WORD_LENGTH:
            return "ENDLESS", "", at
        if end == len(buffer) and kind not in _AT_ONCE:
            return ("SKIP", "", end) if final else None  # half a word is none
        if kind == "SKIP":
            self._newlines += text.count("\n")
            return kind, text, end
        if self._ends_here(kind, buffer, end):
            return "ENDED", "", at
        self._newlines = 0
        valued, self.valued = self.valued, self.valued and kind == "COMMENT"
        match kind:
            case "WORD":
                return self._word(text, buffer, end, valued=valued)
            case "OPEN":
                self._open_string(text)
            case "BRACKET":
                return self._open_bracket(text, end)
            case "COMMENT":
                self.comment = text
        return kind, text, end

    def _ends_here(self, kind: str, buffer: str, end: int) -> bool:
        """A lost `>`: another tag begins, or a blank line came and what follows is no part of a tag."""
        if self._newlines < 2 or kind in ("SLASH", "GT", "COMMENT"):
            return kind == "LT"
        return kind != "WORD" or self.valued or not buffer.startswith("=", end)

    def _word(self, text: str, buffer: str, end: int, *, valued: bool) -> Lexeme:
        if text == "/":
            return "SLASH", text, end
        if buffer.startswith("=", end):
            return "PROP", text, end
        if parse_number(text) is not None:
            return "NUMBER", text, end
        return "VALUE" if valued else "WORD", text, end

    def _open_string(self, quote: str) -> None:
        self.quote = quote
        self.terminal = _TERMINALS.get(quote, "SINGLE")
        if self.terminal == "BACKTICK" and not self.brackets:
            self.terminal = "SINGLE"

    def _open_bracket(self, text: str, end: int) -> Lexeme:
        self.brackets.append("}" if text == "{" else "]")
        return "LBRACE" if text == "{" else "LSQUARE", text, end

    # Inside braces

    def _in_json(self, buffer: str, at: int, final: bool) -> Lexeme | None:
        match: Any = _JSON.match(buffer, at)  # STRAY takes any character
        kind, text, end = match.lastgroup, match.group(), match.end()
        if kind == "WORD" and end - at > WORD_LENGTH:
            return "ENDLESS", "", at
        if end == len(buffer) and kind not in _AT_ONCE:
            return ("SKIP", "", end) if final else None
        match kind:
            case "WORD" if self._next_prop(text, buffer, end):
                return "MISSING", self.brackets.pop(), at
            case "WORD":
                kind = _json_word(text)
            case "OPEN":
                self._open_string(text)
            case "BRACKET":
                return self._open_bracket(text, end)
            case "CLOSER":
                return self._close_bracket(text, at, end)
            case "COMMENT":
                self.comment = text
            case "END":
                return self._end_in_json(text, at, end)
            case "STRAY" if text == "<":
                self._count_element(buffer[end : end + 1])
        return kind, text, end

    def _next_prop(self, text: str, buffer: str, end: int) -> bool:
        """Whether a word in braces, `text`, is the name of the next prop, so that the brace was lost."""
        return (
            len(self.brackets) == 1
            and not self.code
            and _PROP_IN_JSON.match(text) is not None
            and buffer[end : end + 1] in _OPENERS
        )

    def _count_element(self, after: str) -> None:
        """JSX inside braces, where a `/>` closes the inner element."""
        if after == "/":
            self.nested = max(0, self.nested - 1)
        elif after.isalpha():
            self.nested += 1

    def _close_bracket(self, text: str, at: int, end: int) -> Lexeme:
        if text not in self.brackets:
            return "STRAY", text, end
        owed = self.brackets.pop()
        if owed != text:
            return "MISSING", owed, at
        return "RBRACE" if text == "}" else "RSQUARE", text, end

    def _end_in_json(self, text: str, at: int, end: int) -> Lexeme:
        """The tag's end inside braces: they were not closed. In code, `>` and nested elements may stand."""
        if self.code and (text == ">" or self.nested):
            self.nested -= text == "/>"
            return "STRAY", text, end
        return "MISSING", self.brackets.pop(), at

    def _in_comment(self, buffer: str, at: int) -> Lexeme | None:
        end = "\n" if self.comment == "//" else "*/"
        found = buffer.find(end, at)
        if found >= 0:
            self.comment = ""
            return "SKIP", "", found + len(end)
        stop = len(buffer) - (self.comment == "/*" and buffer.endswith("*"))
        return ("SKIP", "", stop) if stop > at else None

    # Inside a string

    def _in_string(self, buffer: str, at: int, final: bool) -> Lexeme | None:
        run = (_JSON_RUNS if self.brackets else _RUNS)[self.quote].match(buffer, at)
        if run is not None:
            self._before = buffer[run.end() - 1]
            return self._chars(run.group(), run.end())
        lexeme = self._special(buffer[at], buffer, at, final)
        if lexeme is not None:
            self._before = ""
        return lexeme

    def _special(self, char: str, buffer: str, at: int, final: bool) -> Lexeme | None:
        if char == "\\":
            return self._escape(buffer, at, final)
        if char == "&":
            return self._reference(buffer, at, final)
        return self._inner_or_close(char, buffer, at, final)

    def _chars(self, text: str, end: int) -> Lexeme:
        if self._high:  # and no second half
            self._high, text = "", "\ufffd" + text
        return "CHARS", text, end

    def _inner_or_close(self, char: str, buffer: str, at: int, final: bool) -> Lexeme | None:
        if self._high:
            return self._chars("", at)
        closes = self.quote == "`" or self.code or self._closes(buffer, at + 1, final)
        if closes is None:
            return None
        if not closes:
            self._inner = (self._before.isspace() or self._before == "(") and not buffer[at + 1].isspace()
            return "INNER", char, at + 1
        self.quote = self._high = ""
        self._inner = False
        return "CLOSE", char, at + 1

    def _closes(self, buffer: str, at: int, final: bool) -> bool | None:
        """Whether the quote before `at` closes its string, to judge by what follows; None if undecided."""
        after = buffer[at : at + 1]
        if not after:
            return True if final else None
        if after.isspace() and self.brackets:
            if not final and _WORD_AFTER_BEGUN.match(buffer, at):
                return None
            return not _WORD_AFTER.match(buffer, at)
        if after.isspace() and self._inner:
            if not final and _WORD_ON_BEGUN.match(buffer, at):
                return None
            return not _WORD_ON.match(buffer, at)
        if after.isspace() or after in (_AFTER_JSON_STRING if self.brackets else _AFTER_STRING):
            return True
        if after != "," or _ARGUMENT.match(buffer, at):
            return after == ","
        return None if not final and _ARGUMENT_BEGUN.match(buffer, at) else False

    def _reference(self, buffer: str, at: int, final: bool) -> Lexeme | None:
        reference = _REFERENCE.match(buffer, at)
        if reference is not None:
            return self._chars(html.unescape(reference.group()), reference.end())
        if not final and _REFERENCE_BEGUN.match(buffer, at):
            return None
        return self._chars("&", at + 1)

    def _escape(self, buffer: str, at: int, final: bool) -> Lexeme | None:
        if len(buffer) == at + 1:
            return self._chars("\\", at + 1) if final else None
        after = buffer[at + 1]
        if self.brackets:
            return self._json_escape(after, buffer, at, final)
        if after in "\"'`“”‘’":
            return "ESCAPED", self._chars(after, at + 2)[1], at + 2
        return self._chars("\\\\", at + 2) if after == "\\" else self._chars("\\", at + 1)

    def _json_escape(self, after: str, buffer: str, at: int, final: bool) -> Lexeme | None:
        if after != "u":
            return self._chars(_ESCAPES.get(after, after), at + 2)
        code = _UNICODE.match(buffer, at)
        if code is None:
            waits = not final and _UNICODE_BEGUN.match(buffer, at)
            return None if waits else self._chars("u", at + 2)
        return self._code_unit(int(code.group(1), 16), code.end())

    def _code_unit(self, unit: int, end: int) -> Lexeme:
        r"""One `\uXXXX`. Two surrogates are one character; a lone one, which UTF-8 lacks, is U+FFFD."""
        if 0xD800 <= unit < 0xDC00:
            lexeme = self._chars("", end)
            self._high = chr(unit)
            return lexeme
        if 0xDC00 <= unit < 0xE000:
            high, self._high = self._high, ""
            pair = (high + chr(unit)).encode("utf-16", "surrogatepass").decode("utf-16") if high else "\ufffd"
            return "CHARS", pair, end
        return self._chars(chr(unit), end)
