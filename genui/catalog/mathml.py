"""LaTeX to MathML, which browsers draw by themselves: no fonts, no script, and the same on any client.

latex2mathml converts; what it makes is a tree, of which only known elements and attributes are taken over:
LaTeX has its own ways to say `href`, `class` and `style`, and none of them is a model's to use.
"""

from __future__ import annotations

from functools import lru_cache
from html import unescape
from xml.etree.ElementTree import Element, SubElement, tostring  # to write only: nothing is parsed

from latex2mathml.converter import convert_to_element
from markupsafe import Markup

from genui.events import Json

_LONGEST = 4_000
"""Characters of LaTeX; a formula that anyone reads is shorter, and conversion is not free."""

_ELEMENTS = frozenset({
    "math", "menclose", "mfenced", "mfrac", "mi", "mmultiscripts", "mn", "mo", "mover", "mpadded",
    "mphantom", "mprescripts", "mroot", "mrow", "mspace", "msqrt", "mstyle", "msub", "msubsup", "msup",
    "mtable", "mtd", "mtext", "mtr", "munder", "munderover", "none",
})  # fmt: skip
_ATTRIBUTES = frozenset({
    "accent", "accentunder", "columnalign", "columnlines", "columnspacing", "depth", "display",
    "displaystyle", "fence", "form", "height", "largeop", "linethickness", "lspace", "mathsize",
    "mathvariant", "maxsize", "minsize", "movablelimits", "notation", "rowlines", "rowspacing", "rspace",
    "scriptlevel", "separator", "stretchy", "symmetric", "voffset", "width",
})  # fmt: skip


@lru_cache(maxsize=256)
def _mathml(latex: str, block: bool) -> str | None:
    try:
        drawn = convert_to_element(latex, display="block" if block else "inline")
    except Exception:  # half a formula is no formula: the library says so by errors of many types
        return None
    math = Element("math", {"display": "block" if block else "inline"})
    semantics = SubElement(math, "semantics")
    row = SubElement(semantics, "mrow")
    for child in drawn:
        _copy(child, row)
    SubElement(semantics, "annotation", {"encoding": "application/x-tex"}).text = latex
    return tostring(math, encoding="unicode")


def _copy(source: Element, into: Element) -> None:
    if source.tag not in _ELEMENTS:
        return
    kept = {name: value for name, value in source.attrib.items() if name in _ATTRIBUTES}
    copy = SubElement(into, source.tag, kept)
    copy.text = unescape(source.text or "")  # the library writes its symbols as character references
    for child in source:
        _copy(child, copy)


def mathml(value: Json, block: bool = True) -> Markup | None:
    """The MathML of a formula in LaTeX, or None where it is not (yet) one that can be drawn."""
    if not isinstance(value, str) or not value.strip() or len(value) > _LONGEST:
        return None
    drawn = _mathml(value, bool(block))
    return None if drawn is None else Markup(drawn)  # noqa: S704 - serialized from a tree of known elements
