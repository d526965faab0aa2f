"""What is wrong with a component's style sheet: colors of its own, tokens that the theme lacks, text that
cannot be read on what the same rule puts behind it, and sides that do not turn with the writing."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

from genui.catalog.colors import READABLE, SCHEMES, Color, Scheme, contrast, resolve, theme
from genui.catalog.definition import near
from genui.catalog.findings import Finding, line_at
from genui.catalog.loader import base_style
from genui.catalog.templates import shared_styles

_COMMENT = re.compile(r"/\*.*?\*/", re.S)
_RULE = re.compile(r"([^{};]+)\{([^{}]*)\}")
_DECLARATION = re.compile(r"(?<![\w-])(--[\w-]+|[a-z-]+)\s*:\s*([^;{}]+)")
_LITERAL = re.compile(
    r"#[0-9a-f]{3,8}\b|\b(?:rgba?|hsla?|hwb|lab|lch|oklab|oklch)\("
    r"|(?<![\w-])(?:white|black|red|green|blue|gr[ae]y|orange|yellow|purple|silver|navy|teal|pink|brown)(?![\w.-])",
    re.I,
)
_COLORED = re.compile(r"color|background|border|outline|shadow|fill|stroke|stop-color")
_TOKEN = re.compile(r"var\(\s*(--[\w-]+)")
_PHYSICAL = re.compile(
    r"(?:margin|padding|border)-(?:left|right)(?![\w])|^(?:left|right)$|^text-align:\s*(?:left|right)$"
)


def style_findings(path: Path) -> Iterator[Finding]:
    """Every mistake in one style sheet."""
    source = path.read_text("utf-8", "replace")
    css = _COMMENT.sub(
        lambda comment: re.sub(r"[^\n]", " ", comment[0]), source
    )  # places stay where they are
    shared = _custom("".join([base_style(), *shared_styles().values()]))
    tokens = theme() | shared | _custom(css)
    for found in _DECLARATION.finditer(css):
        line = line_at(css, found.start())
        yield from _declaration_findings(path, line, found[1], found[2].strip(), tokens)
    for rule in _RULE.finditer(css):
        line = line_at(css, rule.start() + len(rule[1]) - len(rule[1].lstrip()))
        yield from _contrast_findings(
            path, line, rule[1].strip(), dict(_DECLARATION.findall(rule[2])), tokens
        )


def _custom(css: str) -> dict[str, str]:
    return {name: value for name, value in _DECLARATION.findall(css) if name.startswith("--")}


def _declaration_findings(
    path: Path, line: int, name: str, value: str, tokens: dict[str, str]
) -> Iterator[Finding]:
    if (literal := _LITERAL.search(value)) and (_COLORED.search(name) or name.startswith("--")):
        what = f"`{name}` names a color of its own, `{literal[0].rstrip('(')}`"
        yield Finding(path, line, "literal-color", what, "use a token, so that it follows the theme")
    for token in _TOKEN.findall(value):
        if token not in tokens:
            yield Finding(path, line, "unknown-token", f"`{token}` is no token", near(token, tokens))
    if _PHYSICAL.search(name) or _PHYSICAL.search(f"{name}: {value}"):
        what = f"`{name}: {value}` stays on its side where writing runs from right to left"
        advice = "use the logical property (inline-start, inline-end, start, end)"
        yield Finding(path, line, "physical-side", what, advice, "warning")


def _contrast_findings(
    path: Path, line: int, selector: str, declared: dict[str, str], tokens: dict[str, str]
) -> Iterator[Finding]:
    behind = declared.get("background-color") or declared.get("background")
    if "color" not in declared or behind is None:
        return
    for scheme in SCHEMES:
        ratio = _ratio(declared["color"], behind, scheme, tokens)
        if ratio is not None and ratio < READABLE:
            what = f"`{selector}`: text on its background has a contrast of {ratio:.1f} in the {scheme} theme"
            advice = f"choose tokens that reach {READABLE}"
            yield Finding(path, line, "low-contrast", what, advice)


def _ratio(text: str, behind: str, scheme: Scheme, tokens: dict[str, str]) -> float | None:
    ground = resolve("var(--genui-surface)", scheme, tokens)
    back, front = resolve(behind, scheme, tokens), resolve(text, scheme, tokens)
    if ground is None or back is None or front is None:
        return None
    painted: Color = back.over(ground)
    return contrast(front.over(painted), painted)
