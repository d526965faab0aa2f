"""How many tokens the system prompt takes. `python -m benchmarks.prompts` writes the table in
docs/components.md.

Tokens are those of o200k, counted by bpe-openai, one of the developers' tools.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

from genui import Catalog
from genui.catalog import Component, count_tokens, is_exact

DOC = Path(__file__).parents[1] / "docs" / "components.md"
_TABLE = re.compile(r"(?<=<!-- sizes -->\n).*?(?=<!-- /sizes -->)", re.DOTALL)
_FEW = ("Card", "Metric", "Table", "LineChart")


def main() -> int:
    """Write the table; 1 if tokens can only be estimated here."""
    if not is_exact():
        print("bpe-openai is not installed; install the dev group", file=sys.stderr)
        return 1
    table = "".join(f"{line}\n" for line in rows())
    DOC.write_text(_TABLE.sub(lambda _: table, DOC.read_text("utf-8")), "utf-8")
    print(table, end="")
    return 0


def rows() -> Iterator[str]:
    """The table's lines."""
    every, few = Catalog.builtin(), Catalog.builtin().only(_FEW)
    yield "| components | compact | jsx | without examples | signatures only |"
    yield "| --- | --: | --: | --: | --: |"
    for name, catalog in ((f"all {len(every)}", every), (", ".join(_FEW), few)):
        whole = [count_tokens(catalog.prompt(style)) for style in ("compact", "jsx")]
        bare = Catalog(_without_examples(catalog))
        least = count_tokens(catalog.prompt(budget=1))
        yield f"| {name} | {whole[0]:,} | {whole[1]:,} | {count_tokens(bare.prompt()):,} | {least:,} |"


def _without_examples(catalog: Catalog) -> Iterator[Component]:
    return (replace(component, examples=()) for component in catalog)


if __name__ == "__main__":
    sys.exit(main())
