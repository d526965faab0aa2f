"""Which names open a tag: those of the catalog, and what may still become one of them."""

from __future__ import annotations

import re
from collections.abc import Iterable

from genui.catalog import Catalog, Component
from genui.markup.hidden import TOKEN, HiddenSpan, token_begun

# A name in the wrong case is repaired, but these words in lower case are HTML and stay text.
_HTML_ELEMENTS = """
    a abbr address area article aside audio b base bdi bdo blockquote body br button canvas
    caption cite code col colgroup data datalist dd del details dfn dialog div dl dt em embed
    fieldset figcaption figure footer form h1 h2 h3 h4 h5 h6 head header hgroup hr html i
    iframe image img input ins kbd label legend li link main map mark math menu meta meter nav
    noscript object ol optgroup option output p param picture pre progress q rp rt ruby s samp
    script search section select slot small source span strong style sub summary sup svg table
    tbody td template textarea tfoot th thead time title tr track u ul var video wbr
"""
_HTML = frozenset(_HTML_ELEMENTS.split())


class Names:
    """The names that mean something after `<`, for one catalog and one set of hidden spans."""

    def __init__(self, catalog: Catalog, spans: tuple[HiddenSpan, ...]) -> None:
        self._catalog = catalog
        self._hidden = {span.name.lower(): span for span in spans}
        self._folded: dict[str, Component | None] = {}
        for component in catalog:
            folded = _fold(component.name)
            self._folded[folded] = None if folded in self._folded else component
        self._hidden_prefixes = _prefixes(self._hidden)
        self._prefixes = _prefixes(self._folded) | self._hidden_prefixes
        names = "|".join(re.escape(name) for name in self._hidden if not name.endswith("=")) or r"(?!)"
        begun = "|".join(re.escape(name) for name in self._hidden if name.endswith("=")) or r"(?!)"
        self._hides = re.compile(rf"</?({names})(?=[\s/>])|<(?:{begun})|{TOKEN.pattern}", re.IGNORECASE)

    def component(self, name: str) -> Component | None:
        """The component that `name` means, in whatever case it is written."""
        exact = self._catalog.get(name)
        if exact is not None or name in _HTML or name.lower() in self._hidden:
            return exact
        return self._folded.get(_fold(name))

    def hidden(self, name: str) -> HiddenSpan | None:
        """The hidden span of this name, in whatever case it is written."""
        return self._hidden.get(name.lower())

    def find_hidden(self, buffer: str, at: int, *, final: bool) -> int:
        """The `<` from `at` on where something hidden begins, or may still begin; else the buffer's end."""
        last = buffer.rfind("<", at)
        if last < 0:
            return len(buffer)
        for found in self._hides.finditer(buffer, at):
            if found.group(1) is None or self.component(found.group(1)) is None:
                return found.start()
        return last if not final and self._may_hide(buffer, last) else len(buffer)

    def _may_hide(self, buffer: str, at: int) -> bool:
        """Whether what the buffer ends with, from the `<` at `at` on, may become something hidden."""
        begun = buffer[at + 1 :].removeprefix("/").lower()
        return not begun or begun in self._hidden_prefixes or token_begun(buffer, at)

    def is_component(self, name: str) -> bool:
        """Whether `name` is exactly a component's."""
        return name in self._catalog

    def may_become(self, text: str) -> bool:
        """Whether `text` is the beginning of a name that means something."""
        return text.lower() in self._prefixes or _fold(text) in self._prefixes


def names_of(catalog: Catalog, spans: tuple[HiddenSpan, ...]) -> Names:
    """The names of a catalog and these spans, worked out once for all recognizers that share them."""
    names: Names | None = catalog.memo.get(spans)
    if names is None:
        names = catalog.memo[spans] = Names(catalog, spans)
    return names


def _prefixes(words: Iterable[str]) -> set[str]:
    return {word[:length] for word in words for length in range(1, len(word) + 1)}


def _fold(name: str) -> str:
    """The form in which `WeatherWidget`, `weather_widget` and `weather-widget` are one name."""
    return name.lower().replace("_", "").replace("-", "")
