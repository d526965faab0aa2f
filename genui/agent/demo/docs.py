"""Full-text search in the project's own documentation: SQLite's FTS5, built in memory when first asked.

The docs are a few hundred sections, indexed in milliseconds; so there is no index to ship and none to grow
old. They lie at the top of a checkout and inside an installed package.
"""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import NamedTuple

LONGEST_PASSAGE = 900
"""Characters of a section that are quoted."""

_HEADING = re.compile(r"^(#{1,3}) (.+)$", re.MULTILINE)
_FENCE = re.compile(r"^(```|~~~).*?^\1", re.MULTILINE | re.DOTALL)
_LINK = re.compile(r"\[([^\]\[]+)\]\((?!https?:)[^)\s]*\)")
_WRAPPED = re.compile(r"\n(?!\s*(?:[-*|>#]|\d+\.)\s?)\s*")
_COMMENT = re.compile(r"<!--.*?-->\n?", re.DOTALL)
COMMON = frozenset(
    "a an and are as at be after by can do does for from genui has have how i if in is it its me my of on or "  # noqa: SIM905
    "should that the then there this to use we what when where which who why will with work you your".split()
)


class Passage(NamedTuple):
    """A section that answers: where it stands, and its text as far as it is quoted, in Markdown."""

    title: str
    file: str
    url: str
    text: str


class Docs:
    """The sections of Markdown files, to be searched."""

    def __init__(self, folder: Path) -> None:
        self._database = sqlite3.connect(":memory:", check_same_thread=False)
        self._database.execute(
            "CREATE VIRTUAL TABLE sections USING fts5"
            "(title, text, file UNINDEXED, url UNINDEXED, tokenize='porter unicode61')"
        )
        for file in sorted(folder.glob("*.md")):
            self._database.executemany("INSERT INTO sections VALUES (?, ?, ?, ?)", _sections(file))

    def search(self, query: str, limit: int = 4) -> list[Passage]:
        """The sections that fit best, the best first: most and rarest words, in titles above all."""
        words = [word for word in re.findall(r"\w+", query.lower()) if word not in COMMON]
        if not words:
            return []
        any_word = " OR ".join(f'"{word}"' for word in words)
        # A column's weight alone does little: how often a word stands counts less and less. The better a
        # section fits the lower is its rank.
        found = self._database.execute(
            "SELECT title, file, url, text FROM sections WHERE sections MATCH :any ORDER BY"
            " bm25(sections, 6.0, 1.0)"
            " * (1 + (rowid IN (SELECT rowid FROM sections WHERE sections MATCH :titled))) LIMIT :limit",
            {"any": any_word, "titled": f"title: ({any_word})", "limit": limit},
        )
        return [Passage(title, file, url, _quoted(text)) for title, file, url, text in found]


@cache
def docs_folder() -> Path:
    """Where the documentation lies."""
    package = Path(__file__).parents[2]
    inside = package / "docs"
    return inside if inside.is_dir() else package.parent / "docs"


@cache
def docs() -> Docs:
    """The project's own."""
    return Docs(docs_folder())


def _sections(file: Path) -> Iterator[tuple[str, str, str, str]]:
    source = _COMMENT.sub("", file.read_text("utf-8"))
    fences = [found.span() for found in _FENCE.finditer(source)]
    headings = [
        found
        for found in _HEADING.finditer(source)
        if not any(start < found.start() < end for start, end in fences)
    ]
    for heading, following in zip(headings, [*headings[1:], None], strict=True):
        text = source[heading.end() : following.start() if following else None].strip()
        if text:
            title = heading[2].replace("`", "")
            anchor = re.sub(r"[^\w\- ]", "", title.lower()).replace(" ", "-")
            yield title, text, file.name, f"docs/{file.name}#{anchor}"


def _quoted(text: str) -> str:
    """The first blocks of a section, whole ones only: never half a fence or half a table."""
    taken: list[str] = []
    size = 0
    for block in _blocks(_LINK.sub(r"\1", text)):
        size += len(block)
        if taken and size > LONGEST_PASSAGE:
            break
        taken.append(block)
    return "\n\n".join(taken)


def _blocks(text: str) -> Iterator[str]:
    """Paragraphs, each on one line, and code in fences."""
    at = 0
    for fence in _FENCE.finditer(text):
        yield from _paragraphs(text[at : fence.start()])
        yield fence[0]
        at = fence.end()
    yield from _paragraphs(text[at:])


def _paragraphs(text: str) -> Iterator[str]:
    """A chat takes a line end for one that is meant; files break lines to fit."""
    for block in filter(None, map(str.strip, text.split("\n\n"))):
        yield _WRAPPED.sub(" ", block)
