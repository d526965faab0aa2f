"""The catalog as a grammar, for servers that let a model write only what a grammar allows.

What it describes is what the recognizer takes without a warning: Markdown with whole, valid tags in it. Not
all of that (props stand in order, numbers have few digits), but nothing else.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Literal, get_args

from genui.catalog.component import Component
from genui.catalog.grammars.markup import Markup
from genui.catalog.grammars.printing import gbnf, lark
from genui.catalog.grammars.values import Values

Dialect = Literal["lark", "llguidance", "gbnf"]
DIALECTS: tuple[Dialect, ...] = get_args(Dialect)
"""lark: OpenAI's custom tools. llguidance: vLLM, SGLang, llama.cpp with llguidance. gbnf: llama.cpp."""


def grammar(components: Iterable[Component], dialect: Dialect) -> str:
    """The grammar of all answers with these components; its comments say what it had to leave out."""
    values = Values(json_schema=dialect == "llguidance", patterns=dialect != "gbnf")
    markup = Markup(components, values)
    comment = "#" if dialect == "gbnf" else "//"
    lines = [f"{comment} Not in this grammar, which cannot say it: {what}" for what in markup.omitted]
    lines += gbnf(markup.rules) if dialect == "gbnf" else lark(markup.rules)
    return "\n".join(lines) + "\n"
