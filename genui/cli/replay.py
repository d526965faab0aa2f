"""`genui replay`: what the recognizer makes of a file, cut into pieces of any size."""

from __future__ import annotations

import argparse
from pathlib import Path

from genui.errors import CallerError
from genui.events import to_json
from genui.markup import Recognizer
from genui.server import catalog_of


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The options of `genui replay`."""
    parser.add_argument("file", metavar="FILE", type=Path, help="a model's text in UTF-8")
    parser.add_argument(
        "--chunk", type=_positive, metavar="N", help="feed N characters at a time (default: all at once)"
    )


def _positive(text: str) -> int:
    if not (text.isascii() and text.isdecimal() and int(text) > 0):
        raise argparse.ArgumentTypeError(f"{text!r} is not a number of characters: give 1 or more")
    return int(text)


def replay(options: argparse.Namespace) -> None:
    """Print the events of a file."""
    text = _text(options.file)
    recognizer = Recognizer(catalog_of(options.components))
    size = options.chunk or len(text) or 1
    for start in range(0, len(text), size):
        for event in recognizer.feed(text[start : start + size]):
            print(to_json(event))
    for event in recognizer.close():
        print(to_json(event))


def _text(path: Path) -> str:
    """A file's text, line ends as they are."""
    try:
        return path.read_bytes().decode("utf-8")
    except OSError as error:
        raise CallerError("bad-file", f"{path}: {error.strerror}") from error
    except UnicodeDecodeError as error:
        raise CallerError("bad-file", f"{path}: not UTF-8 (at byte {error.start})") from error
