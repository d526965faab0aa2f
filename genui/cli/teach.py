"""`genui prompt` and `genui grammar`: what a model, or what runs it, is told of the components."""

from __future__ import annotations

import argparse
import sys

from genui.catalog import DIALECTS, Catalog, count_tokens, is_exact
from genui.server import catalog_of


def add_prompt_arguments(parser: argparse.ArgumentParser) -> None:
    """The options of `genui prompt`."""
    parser.add_argument(
        "--style",
        choices=("compact", "jsx"),
        default="compact",
        help="how to write tags (default %(default)s)",
    )
    parser.add_argument(
        "--budget",
        type=_tokens,
        metavar="N",
        help="at most N tokens, by leaving out examples, then descriptions",
    )
    _add_only(parser)


def add_grammar_arguments(parser: argparse.ArgumentParser) -> None:
    """The options of `genui grammar`."""
    parser.add_argument(
        "--format", choices=DIALECTS, default="lark", dest="dialect",
        help="the language it is written in (default %(default)s)",
    )  # fmt: skip
    _add_only(parser)


def _add_only(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--only", type=_names, metavar="A,B", help="these components and no others")


def _names(text: str) -> list[str]:
    return [name for name in (part.strip() for part in text.split(",")) if name]


def _tokens(text: str) -> int:
    if not (text.isascii() and text.isdecimal() and int(text) > 0):
        raise argparse.ArgumentTypeError(f"{text!r} is not a number of tokens: give 1 or more")
    return int(text)


def _catalog(options: argparse.Namespace) -> Catalog:
    catalog = catalog_of(options.components)
    return catalog if options.only is None else catalog.only(options.only)


def prompt(options: argparse.Namespace) -> None:
    """Print the system prompt, and on stderr its size."""
    text = _catalog(options).prompt(options.style, budget=options.budget)
    print(text)
    print(_size(text, options.budget), file=sys.stderr)


def _size(text: str, budget: int | None) -> str:
    tokens = count_tokens(text)
    counted = "tokens (o200k)" if is_exact() else "tokens, by estimate (install bpe-openai to count them)"
    over = (
        " – more than asked for: this much the rules and the signatures need"
        if budget and tokens > budget
        else ""
    )
    return f"{tokens} {counted}{over}"


def grammar(options: argparse.Namespace) -> None:
    """Print the grammar."""
    print(_catalog(options).grammar(options.dialect), end="")
