"""`genui replay`: what the recognizer makes of a file, cut into pieces of any size; or of a recorded run, cut
as it was.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterator, Sequence
from pathlib import Path

from genui.catalog import Catalog
from genui.errors import CallerError
from genui.events import Event, to_json
from genui.markup import Recognizer
from genui.runs import Recording, difference, outcome, read_recording
from genui.server import catalog_of


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The options of `genui replay`."""
    parser.add_argument("file", metavar="FILE", type=Path, help="a model's text in UTF-8, or a recorded run")
    parser.add_argument(
        "--chunk",
        type=_positive,
        metavar="N",
        help="feed N characters at a time (default: all at once; a recorded run: as it was cut)",
    )
    parser.add_argument(
        "--check",
        action="store_true",
        help="print nothing, and fail where a recorded run comes to something else now",
    )


def _positive(text: str) -> int:
    if not (text.isascii() and text.isdecimal() and int(text) > 0):
        raise argparse.ArgumentTypeError(f"{text!r} is not a number of characters: give 1 or more")
    return int(text)


def replay(options: argparse.Namespace) -> None:
    """Print the events of a file. Raises CallerError (`bad-file`, `differs`)."""
    text = _text(options.file)
    recording = _recording(text, options.file)
    catalog = catalog_of(options.components)
    if options.check:
        _check(recording, catalog, options.chunk)
        return
    if recording and not recording.pieces:
        events: Iterator[Event] = iter(recording.events)  # the text is not known
    else:
        events = _recognized(_pieces(recording, text, options.chunk), catalog)
    for event in events:
        print(to_json(event))


def _check(recording: Recording | None, catalog: Catalog, chunk: int | None) -> None:
    if recording is None or not recording.pieces:
        raise CallerError("bad-file", "--check needs a recorded run with the text that the model wrote")
    now = _recognized(_pieces(recording, "", chunk), catalog)
    if found := difference(outcome(recording.events), outcome(now)):
        raise CallerError("differs", found)


def _recording(text: str, path: Path) -> Recording | None:
    try:
        return read_recording(text)
    except CallerError as error:
        raise CallerError(error.code, f"{path}: {error.message}") from error


def _pieces(recording: Recording | None, text: str, chunk: int | None) -> Sequence[str]:
    if recording and chunk is None:
        return recording.pieces
    text = "".join(recording.pieces) if recording else text
    size = chunk or len(text) or 1
    return [text[start : start + size] for start in range(0, len(text), size)]


def _recognized(pieces: Sequence[str], catalog: Catalog) -> Iterator[Event]:
    recognizer = Recognizer(catalog)
    for piece in pieces:
        yield from recognizer.feed(piece)
    yield from recognizer.close()


def _text(path: Path) -> str:
    """A file's text, line ends as they are."""
    try:
        return path.read_bytes().decode("utf-8")
    except OSError as error:
        raise CallerError("bad-file", f"{path}: {error.strerror}") from error
    except UnicodeDecodeError as error:
        raise CallerError("bad-file", f"{path}: not UTF-8 (at byte {error.start})") from error
