"""`genui check`: every mistake in folders of components, one a line, in the form that editors jump to."""

from __future__ import annotations

import argparse
from pathlib import Path

from genui.catalog import check_folder
from genui.server import findings_of

_DEFAULT = Path("components")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The options of `genui check`."""
    parser.add_argument(
        "folders", metavar="DIR", nargs="*", type=Path, default=[_DEFAULT],
        help=f"a folder of components (default {_DEFAULT})",
    )  # fmt: skip


def check(options: argparse.Namespace) -> int:
    """Print what was found; 1 if any of it is an error. Raises ComponentDefinitionError for no folder."""
    readings = [reading for folder in options.folders for reading in check_folder(folder)]
    findings = findings_of(readings)
    for finding in findings:
        print(finding)
    errors = sum(finding.severity == "error" for finding in findings)
    print(_summary(len(readings), errors, len(findings) - errors))
    return 1 if errors else 0


def _summary(components: int, errors: int, warnings: int) -> str:
    def counted(number: int, noun: str) -> str:
        return f"{number} {noun}{'' if number == 1 else 's'}"

    found = [counted(number, noun) for number, noun in ((errors, "error"), (warnings, "warning")) if number]
    return f"{counted(components, 'component')}: {', '.join(found) or 'nothing wrong'}"
