"""API keys, and whose each of them is.

Keys are kept and compared as their SHA-256, each with each and in constant time: how long an answer takes
says nothing about a key, nor which one was nearly right. A key that people make up can be guessed whatever
we do, so a short one is refused.
"""

from __future__ import annotations

import hashlib
import hmac
import re
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from genui.errors import CallerError

SHORTEST = 16
"""Characters of a key."""

_KEY = re.compile(rf"[!-~]{{{SHORTEST},512}}\Z")


class ApiKeys:
    """`keys` are keys, each of an owner of its own, or keys and their owners' names; an owner may have
    several. Raises CallerError (`bad-key`)."""

    def __init__(self, keys: Mapping[str, str] | Sequence[str] = ()) -> None:
        owners = keys if isinstance(keys, Mapping) else {key: _name(key) for key in _several(keys)}
        self._owners = [(_digest(_checked(key)), owner) for key, owner in owners.items()]

    def __bool__(self) -> bool:
        return bool(self._owners)

    def owner(self, key: str) -> str | None:
        """Whose key this is."""
        given, found = _digest(key), None
        for digest, owner in self._owners:  # to the end, whatever was found
            if hmac.compare_digest(digest, given):
                found = owner
        return found

    @property
    def secret(self) -> bytes:
        """What only who knows all the keys can know: another one as soon as one key is added or removed."""
        return hashlib.sha256(b"".join(sorted(digest for digest, _ in self._owners))).digest()


def read_key_file(path: Path) -> dict[str, str]:
    """The keys of a file and their owners. A line is a key, or an owner's name and a key; an empty line and
    one that begins with # say nothing. Raises CallerError (`bad-key`)."""
    try:
        text = path.read_text("utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise CallerError("bad-key", f"{path} cannot be read: {error}") from error
    keys = dict(_line(path, number, line) for number, line in _lines(text))
    if not keys:
        raise CallerError("bad-key", f"{path} has no key in it: give a line each, as `ada KEY`")
    return keys


def _lines(text: str) -> Iterator[tuple[int, str]]:
    for number, line in enumerate(text.splitlines(), 1):
        if line.strip() and not line.lstrip().startswith("#"):
            yield number, line


def _line(path: Path, number: int, line: str) -> tuple[str, str]:
    *owner, key = line.split()
    try:
        if len(owner) > 1:
            raise CallerError("bad-key", "more than a name and a key stand in it")
        return _checked(key), owner[0] if owner else _name(key)
    except CallerError as error:
        raise CallerError("bad-key", f"{path}:{number}: {error.message}") from None


def _several(keys: Sequence[str]) -> Sequence[str]:
    if isinstance(keys, str):
        raise CallerError("bad-key", "keys: give a list of keys, or a mapping of keys to owners")
    return keys


def _checked(key: str) -> str:
    if not _KEY.match(key):
        message = (
            f"a key is {SHORTEST} to 512 printable characters without blanks; make one with"
            ' `python -c "import secrets; print(secrets.token_urlsafe(32))"`'
        )
        raise CallerError("bad-key", message)
    return key


def _digest(key: str) -> bytes:
    return hashlib.sha256(key.encode("utf-8", "replace")).digest()


def _name(key: str) -> str:
    """An owner for a key without one: the same after each start, and of no use as a key."""
    return "key-" + hashlib.sha256(b"genui owner\0" + key.encode("utf-8", "replace")).hexdigest()[:16]
