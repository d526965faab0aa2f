"""The folders that an author works in: read, and written so that nothing of theirs is lost.

A file goes out with the hash of its bytes, and a save brings back the hashes that it began from. Where the
disk has other bytes by then, nothing is written and the caller is told what stands there now.

Names are matched, never cleaned: a name that is not exactly one folder or file in the form below is no name.
Links are neither followed out nor written through.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import re
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

from genui.catalog import NAME, scaffold, snake_case
from genui.errors import CallerError

BUILT_IN = "builtin"

LARGEST_FILE = 256_000
"""Bytes."""

MOST_FILES = 32

_FOLDER = re.compile(r"[a-z][a-z0-9_]{0,63}\Z")
_FILE = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_-]{0,63}\.(?:toml|html|css|js|py)\Z")


class Place(NamedTuple):
    """A component as the page names it: which of the author's folders (or BUILT_IN), and its folder there."""

    root: str
    folder: str


@dataclass(frozen=True)
class Change:
    """A file to be written: its text (None: it goes), and the hash that it had (None: there was none)."""

    text: str | None
    base: str | None


class ConflictError(CallerError):
    """The disk is not as the author last saw it. `files`: what stands there now, None where nothing does."""

    def __init__(self, files: Mapping[str, dict[str, str] | None]) -> None:
        names = ", ".join(sorted(files))
        super().__init__("changed-on-disk", f"Changed on disk since it was read: {names}.", 409)
        self.files = files


class Workspace:
    """The author's folders of components, and the built-in ones beside them. Calls block: use a thread."""

    def __init__(self, folders: Sequence[Path], built_in: Path) -> None:
        self.folders = [folder.resolve() for folder in folders]
        self._roots = {str(number): folder for number, folder in enumerate(self.folders)}
        self._built_in = built_in.resolve()

    def list(self) -> dict[str, Any]:
        """Every component's place, and where the author's folders are."""
        components = [
            {"root": root, "folder": folder.name, "readonly": root == BUILT_IN or folder.is_symlink(),
             "hash": _folder_hash(folder)}
            for root, parent in (*self._roots.items(), (BUILT_IN, self._built_in))
            for folder in _component_folders(parent)
        ]  # fmt: skip
        roots = [{"root": root, "name": folder.name or str(folder)} for root, folder in self._roots.items()]
        return {"components": components, "roots": roots}

    def read(self, place: Place) -> dict[str, dict[str, str]]:
        """The files of a component: text and hash of each. Raises CallerError (`not-found`)."""
        files = list(_files(self._folder(place)))
        return {file.name: _file(file) for file in files if _is_text(file)}

    def script(self, place: Place) -> str | None:
        """The text of a component's script.js, or None where that component or its script is missing."""
        parent = self._built_in if place.root == BUILT_IN else self._parent(place.root)
        file = parent / place.folder / "script.js"
        return _file(file)["text"] if _FOLDER.match(place.folder) and file.is_file() else None

    def save(self, place: Place, changes: Mapping[str, Change]) -> dict[str, dict[str, str]]:
        """Write all of the changes, or none. The files as they are now.

        Raises CallerError (`read-only`, `bad-name`, `not-found`, `too-large`), ConflictError.
        """
        folder = self._own(place)
        _judge(changes)
        now = {name: _now(folder / name) for name in changes}
        conflicts = {name: file for name, file in now.items() if _hash_of(file) != changes[name].base}
        if conflicts:
            raise ConflictError(conflicts)
        for name, change in changes.items():
            _write(folder / name, change.text)
        return self.read(place)

    def new(self, root: str, name: str, files: Mapping[str, str] | None = None) -> Place:
        """A new component, of these files or one to start from. Raises CallerError (`bad-name`, `exists`)."""
        if not NAME.match(name):
            message = f"A tag cannot be called {name!r}: begin with A–Z and use only letters and digits."
            raise CallerError("bad-name", message, 422)
        place = Place(root, snake_case(name))
        texts = dict(scaffold(name) if files is None else files)
        _judge({file: Change(text, None) for file, text in texts.items()})
        folder = self._parent(root) / place.folder
        try:
            folder.mkdir()
        except FileExistsError as error:
            raise CallerError("exists", f"There is a folder {place.folder} already.", 409) from error
        for file, text in texts.items():
            _write(folder / file, text)
        return place

    def duplicate(self, place: Place, root: str, name: str) -> Place:
        """A copy in a folder of the author's, under a name of its own or (to stand in for it) the same."""
        texts = {file: found["text"] for file, found in self.read(place).items()}
        definition = texts.get("component.toml", "")
        if old := re.search(r'^name\s*=\s*"([A-Za-z0-9]+)"', definition, re.M):
            for file in [file for file in texts if file.endswith((".toml", ".html"))]:
                texts[file] = _renamed(texts[file], old[1], name)
        return self.new(root, name, texts)

    def _folder(self, place: Place) -> Path:
        parent = self._built_in if place.root == BUILT_IN else self._parent(place.root)
        folder = parent / place.folder
        if not _FOLDER.match(place.folder) or not folder.is_dir():
            raise _not_found()
        return folder

    def _own(self, place: Place) -> Path:
        if place.root == BUILT_IN:
            raise CallerError(
                "read-only", "A built-in component is not changed; duplicate it into your folder.", 403
            )
        folder = self._folder(place)
        if folder.is_symlink():
            raise _is_link(place.folder)
        return folder

    def _parent(self, root: str) -> Path:
        folder = self._roots.get(root)
        if folder is None:
            raise _not_found()
        return folder


def _component_folders(parent: Path) -> Iterator[Path]:
    for folder in sorted(parent.iterdir()):
        if _FOLDER.match(folder.name) and (folder / "component.toml").is_file():
            yield folder


def _files(folder: Path) -> Iterator[Path]:
    for file in sorted(folder.iterdir()):
        if _FILE.match(file.name) and file.is_file() and not file.is_symlink():
            yield file


def _file(path: Path) -> dict[str, str]:
    content = path.read_bytes()
    return {"text": content.decode("utf-8", "replace"), "hash": _hash(content)}


def _is_text(path: Path) -> bool:
    """Anything else is not shown: it could not be written back as it was."""
    try:
        path.read_bytes().decode("utf-8")
    except UnicodeDecodeError:
        return False
    return True


def _now(path: Path) -> dict[str, str] | None:
    if path.is_symlink():
        raise _is_link(path.name)
    return _file(path) if path.is_file() else None


def _hash(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def _hash_of(file: Mapping[str, str] | None) -> str | None:
    return file["hash"] if file else None


def _folder_hash(folder: Path) -> str:
    """Changes whenever a file does, as far as the file system tells: nothing is read."""
    told = [(file.name, file.stat().st_mtime_ns, file.stat().st_size) for file in _files(folder)]
    return _hash(repr(told).encode())[:16]


def _judge(changes: Mapping[str, Change]) -> None:
    if len(changes) > MOST_FILES:
        raise CallerError("too-large", f"A component has at most {MOST_FILES} files.", 413)
    for name, change in changes.items():
        if not _FILE.match(name):
            raise CallerError(
                "bad-name", f"A file cannot be called {name!r}: .toml, .html, .css, .js or .py.", 422
            )
        if change.text is not None and len(change.text.encode("utf-8", "replace")) > LARGEST_FILE:
            raise CallerError("too-large", f"{name} is larger than {LARGEST_FILE} bytes.", 413)


def _write(path: Path, text: str | None) -> None:
    """All at once: whoever reads meanwhile sees the old file or the new one."""
    if text is None:
        path.unlink(missing_ok=True)
        return
    handle, temporary = tempfile.mkstemp(prefix=f".{path.name}.", dir=path.parent)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(text.encode("utf-8", "replace"))
        Path(temporary).chmod(path.stat().st_mode & 0o777 if path.exists() else 0o644)
        Path(temporary).replace(path)
    except BaseException:
        with contextlib.suppress(FileNotFoundError):
            Path(temporary).unlink()
        raise


def _renamed(text: str, old: str, new: str) -> str:
    text = re.sub(rf'^(name\s*=\s*)"{old}"', rf'\g<1>"{new}"', text, count=1, flags=re.M)
    return re.sub(rf"(</?){old}(?![A-Za-z0-9])", rf"\g<1>{new}", text)


def _is_link(name: str) -> CallerError:
    return CallerError("read-only", f"{name} is a link to another place; change it there.", 403)


def _not_found() -> CallerError:
    return CallerError("not-found", "There is no such component.", 404)
