"""The theme's tokens and the contrast of two colors that a style sheet names, light and dark.

Reads as much of CSS Color 4 and 5 as component style sheets use: hex, `var()`, `light-dark()`,
`color-mix()` in srgb and oklab, `transparent`. Anything else is None: not judged rather than misjudged.
"""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path
from typing import Literal, NamedTuple

Scheme = Literal["light", "dark"]
SCHEMES: tuple[Scheme, ...] = ("light", "dark")
READABLE = 4.5
"""The least contrast of text with what is behind it (WCAG 2.2, 1.4.3)."""

THEME = Path(__file__).parents[1] / "static" / "theme.css"
"""The frontend build puts the theme's tokens here, so that they are there without the sources."""

_TOKEN = re.compile(r"(--genui-[\w-]+)\s*:\s*([^;]+);")
_HEX = re.compile(r"#([0-9a-fA-F]{3,4}|[0-9a-fA-F]{6}|[0-9a-fA-F]{8})\Z")
_CALL = re.compile(r"([a-z-]+)\((.*)\)\Z", re.S)
_SHARE = re.compile(r"\s+([\d.]+)%\s*\Z")


class Color(NamedTuple):
    """sRGB from 0 to 1, not premultiplied."""

    red: float
    green: float
    blue: float
    alpha: float = 1.0

    def over(self, ground: Color) -> Color:
        """This color painted on an opaque one."""
        return Color(
            *(self.alpha * c + (1 - self.alpha) * g for c, g in zip(self[:3], ground[:3], strict=True))
        )

    @property
    def luminance(self) -> float:
        """Relative luminance (WCAG 2.2)."""
        red, green, blue = map(_linear, self[:3])
        return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(first: Color, second: Color) -> float:
    """The contrast ratio of two opaque colors, from 1 to 21 (WCAG 2.2)."""
    darker, lighter = sorted((first.luminance, second.luminance))
    return (lighter + 0.05) / (darker + 0.05)


@cache
def theme() -> dict[str, str]:
    """The theme's tokens and their values as CSS."""
    source = re.sub(r"/\*.*?\*/", "", THEME.read_text("utf-8"), flags=re.S)
    return {name: value.strip() for name, value in _TOKEN.findall(source)}


def resolve(css: str, scheme: Scheme, tokens: dict[str, str]) -> Color | None:
    """The color that a CSS value means in one scheme, or None where that cannot be told."""
    css = css.strip()
    if css == "transparent":
        return Color(0, 0, 0, 0)
    if found := _HEX.match(css):
        return _hex(found[1])
    if found := _CALL.match(css):
        return _call(found[1], _arguments(found[2]), scheme, tokens)
    return None


def _hex(digits: str) -> Color:
    wide = "".join(digit * 2 for digit in digits) if len(digits) < 6 else digits
    return Color(*(int(wide[at : at + 2], 16) / 255 for at in range(0, len(wide), 2)))


def _call(name: str, arguments: list[str], scheme: Scheme, tokens: dict[str, str]) -> Color | None:
    match name, arguments:
        case "var", [token, *fallback]:
            value = tokens.get(token.strip(), ",".join(fallback))
            rest = {key: below for key, below in tokens.items() if key != token.strip()}
            return resolve(value, scheme, rest)  # without itself: a property may not refer to itself
        case "light-dark", [light, dark]:
            return resolve(light if scheme == "light" else dark, scheme, tokens)
        case "color-mix", [space, first, second]:
            return _mixed(space, first, second, scheme, tokens)
    return None


def _arguments(text: str) -> list[str]:
    """The arguments of a CSS function, commas inside inner ones left alone."""
    parts, depth = [""], 0
    for char in text:
        depth += (char == "(") - (char == ")")
        if char == "," and depth == 0:
            parts.append("")
        else:
            parts[-1] += char
    return parts


def _mixed(space: str, first: str, second: str, scheme: Scheme, tokens: dict[str, str]) -> Color | None:
    (one, share), (other, rest) = _shared(first), _shared(second)
    a, b = resolve(one, scheme, tokens), resolve(other, scheme, tokens)
    weight = share if share is not None else (0.5 if rest is None else 1 - rest)
    if a is None or b is None or space.split() not in (["in", "srgb"], ["in", "oklab"]):
        return None
    alpha = a.alpha * weight + b.alpha * (1 - weight)
    if alpha == 0:
        return Color(0, 0, 0, 0)
    near = a.alpha * weight / alpha  # mixing is in premultiplied colors
    there, back = (_oklab, _from_oklab) if "oklab" in space else (_plain, _plain)
    mixed = [p * near + q * (1 - near) for p, q in zip(there(a), there(b), strict=True)]
    red, green, blue = (min(1.0, max(0.0, part)) for part in back(Color(*mixed)))
    return Color(red, green, blue, alpha)


def _shared(part: str) -> tuple[str, float | None]:
    found = _SHARE.search(part)
    return (part, None) if found is None else (part[: found.start()], float(found[1]) / 100)


def _plain(color: Color) -> tuple[float, float, float]:
    return color[:3]


def _linear(part: float) -> float:
    return part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4


def _gamma(part: float) -> float:
    return 12.92 * part if part <= 0.0031308 else 1.055 * part ** (1 / 2.4) - 0.055


def _oklab(color: Color) -> tuple[float, float, float]:
    """https://bottosson.github.io/posts/oklab/"""
    r, g, b = map(_linear, color[:3])
    l = (0.4122214708 * r + 0.5363325363 * g + 0.0514459929 * b) ** (1 / 3)  # noqa: E741
    m = (0.2119034982 * r + 0.6806995451 * g + 0.1073969566 * b) ** (1 / 3)
    s = (0.0883024619 * r + 0.2817188376 * g + 0.6299787005 * b) ** (1 / 3)
    return (
        0.2104542553 * l + 0.7936177850 * m - 0.0040720468 * s,
        1.9779984951 * l - 2.4285922050 * m + 0.4505937099 * s,
        0.0259040371 * l + 0.7827717662 * m - 0.8086757660 * s,
    )


def _from_oklab(lab: Color) -> tuple[float, float, float]:
    lightness, a, b = lab[:3]
    l = (lightness + 0.3963377774 * a + 0.2158037573 * b) ** 3  # noqa: E741
    m = (lightness - 0.1055613458 * a - 0.0638541728 * b) ** 3
    s = (lightness - 0.0894841775 * a - 1.2914855480 * b) ** 3
    return (
        _gamma(max(0.0, 4.0767416621 * l - 3.3077115913 * m + 0.2309699292 * s)),
        _gamma(max(0.0, -1.2684380046 * l + 2.6097574011 * m - 0.3413193965 * s)),
        _gamma(max(0.0, -0.0041960863 * l - 0.7034186147 * m + 1.7076147010 * s)),
    )
