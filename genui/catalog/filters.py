"""What component templates may do with a model's values.

A template sees values while they are still being written, and of any kind a model may put there. So
nothing here raises: what cannot be used is left out, and what can be shown is shown as plain words.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from urllib.parse import urlsplit

from jinja2 import Environment, pass_environment

from genui.events import Json

_SCHEMES = frozenset({"http", "https", "mailto", "tel"})
_SCHEME = re.compile(r"([A-Za-z][A-Za-z0-9+.\-]*):")
# Browsers drop these before they read a URL (https://url.spec.whatwg.org/#concept-basic-url-parser),
# so "java\nscript:" is a script to them.
_DROPPED = re.compile(r"[\t\n\r]")
_CONTROLS_AND_SPACE = "".join(map(chr, range(0x21)))

# What RFC 3986 leaves out of every URL; text with any of it was never meant as one.
_NO_URL = re.compile(r"[\s\"'<>\\^`{|}\x00-\x1f\x7f]")
_INLINE_IMAGE = re.compile(r"data:image/(?:png|jpeg|gif|webp|avif);base64,[A-Za-z0-9+/=]+\Z", re.I)

# How an address begins that leads elsewhere. Neither a name before the host nor a port that is the
# scheme's own is let through: an origin has one way to be written.
_ORIGIN = re.compile(r"https?://[A-Za-z0-9.\-]+(?::\d{1,5})?(?=[/?#]|\Z)", re.I)

_NUMERIC = re.compile(
    r"""
    [+\-−–]?\s?                                    # a sign, before or after
    (?:[A-Z]{0,3}[$€£¥₹]\s?)?[+\-−–]?              # the currency
    \d[\d.,\u00a0\u202f'\ ]*                       # digits, grouped in any country's way
    (?:\s?(?:%|‰|°[CF]?|[€£$¥₹]|[a-zA-Zµ]{1,4}))?  # a unit: "%", "k", "ms"
    \Z""",
    re.X,
)
_MAX_DECIMALS = 4
_TOO_LARGE = 1e306

MOST_CELLS = 20_000
"""Of a grid whose sides a value gives apart: some thousands of each would make many millions."""


def plain(value: Json) -> Json:
    """What `{{ value }}` shows: text and whole numbers as they are, nothing for None, words for the rest."""
    match value:
        case None:
            return ""
        case bool():
            return "Yes" if value else "No"
        case float():
            return f"{value:.12g}"
        case Mapping():
            return ", ".join(f"{key}: {plain(below)}" for key, below in value.items())
        case list() | tuple():
            return ", ".join(str(plain(below)) for below in value)
    return value


def as_list(value: Json) -> list[Json]:
    """The value where it is a list, else an empty one: what there is to go through so far."""
    return value if isinstance(value, list) else list(value) if isinstance(value, tuple) else []


def grid_with(values: Json, others: Json) -> list[Json]:
    """As many elements of a list as a grid has room for in which each of the others has a row, or a column.

    >>> len(grid_with(list(range(9000)), list(range(5000))))
    4
    """
    return as_list(values)[: most_beside(len(as_list(others)))]


def most_beside(side: int) -> int:
    """How long the other side of a grid may be, whose one side has this length."""
    return max(1, MOST_CELLS // max(1, side))


def records(value: Json, key: str = "label") -> list[dict[str, Json]]:
    """The elements of a list as objects: a text or number is taken for `{key: it}`, a list is left out.

    >>> records(["Yes", {"label": "No", "value": 0}])
    [{'label': 'Yes'}, {'label': 'No', 'value': 0}]
    """
    found = [element if isinstance(element, Mapping) else {key: element} for element in as_list(value)]
    return [dict(record) for record in found if not isinstance(record.get(key), list | tuple | Mapping)]


def choices(value: Json) -> list[dict[str, Json]]:
    """The options of a list of texts or of objects {value, label}: each has both. A title is a label, too."""
    return [
        {
            **option,
            "label": plain(_first(option, "label", "title", "value")),
            "value": plain(_first(option, "value", "label", "title")),
        }
        for option in records(value)
    ]


def _first(record: Mapping[str, Json], *keys: str) -> Json:
    return next((record[key] for key in keys if record.get(key) is not None), None)


def pairs(value: Json) -> list[tuple[Json, Json]]:
    """Labels and values: of an object, of a list of pairs, or of a list of objects {label, value}."""
    if isinstance(value, Mapping):
        return list(value.items())
    return [_pair(element) for element in as_list(value)]


def _pair(element: Json) -> tuple[Json, Json]:
    if isinstance(element, Mapping):
        return element.get("label"), element.get("value")
    first, second, *_ = [*(as_list(element) or [element]), None, None]
    return first, second


def safe_url(value: Json) -> str:
    """A URL that a link may carry: http, https, mailto, tel, or relative. Anything else becomes "#"."""
    if not isinstance(value, str):
        return "#"
    url = _DROPPED.sub("", value.strip(_CONTROLS_AND_SPACE))
    scheme = _SCHEME.match(url)
    return url if url and (scheme is None or scheme[1].lower() in _SCHEMES) else "#"


@pass_environment
def media_url(environment: Environment, value: Json) -> str:
    """A URL that a picture or film may load by itself: of this site or an allowed origin, or written inline.

    Anything else becomes "", so that a template can leave the element out. It is the policy of
    frontend/src/urls.ts: an address that a model wrote can carry a conversation to whoever owns the host.
    """
    if not isinstance(value, str):
        return ""
    url = value.strip(_CONTROLS_AND_SPACE)
    if _INLINE_IMAGE.match(url):
        return url
    if _NO_URL.search(url):
        return ""
    elsewhere = url.startswith("//") or _SCHEME.match(url)
    return "" if elsewhere and not _is_allowed(url, environment.image_origins) else url  # type: ignore[attr-defined]


def _is_allowed(url: str, origins: Iterable[str]) -> bool:
    found = _ORIGIN.match(url)
    return found is not None and ("*" in origins or found[0].lower() in origins)


def hostname(value: Json) -> str:
    """The host of a URL for people, without `www.`; nothing where there is none."""
    try:
        host = urlsplit(safe_url(value)).hostname or ""
    except ValueError:
        return ""
    return host.removeprefix("www.")


def is_numeric(value: Json) -> bool:
    """Whether a value is a number, or text that people read as one: "$1,200", "4.2%", "-12 ms"."""
    if isinstance(value, str):
        return _NUMERIC.match(value.strip()) is not None
    return is_number(value)


def numbers(values: Iterable[Json]) -> list[str]:
    """Each value as text, numbers alike: as many decimals as any needs, grouped if one has five digits.

    >>> numbers([132000, 98000.5])
    ['132,000.0', '98,000.5']

    Four digits alone stay together, as years and model numbers do.
    """
    found = list(values)
    real = [value for value in found if is_number(value)]
    decimals = max(map(_decimals, real), default=0)
    style = f"{',' if any(abs(value) >= 10_000 for value in real) else ''}.{decimals}f"
    return [format(value, style) if is_number(value) else str(plain(value)) for value in found]


def is_number(value: Json) -> bool:
    """Whether a value is a number that a float holds; true and false are none."""
    return isinstance(value, int | float) and not isinstance(value, bool) and abs(value) < _TOO_LARGE


def _decimals(value: float) -> int:
    _, _, fraction = f"{value:.{_MAX_DECIMALS}f}".partition(".")
    return len(fraction.rstrip("0"))
