"""The same request twice begins one run: `Idempotency-Key`, after the IETF draft
(draft-ietf-httpapi-idempotency-key-header-07).

A key is claimed in the store with the name of the run that is about to begin, so that no second worker
begins another, and confirmed with what was answered. A worker that dies in between leaves a claim whose
run exists or does not: it is answered with that run, or the key is free again after `CLAIM` seconds.
"""

from __future__ import annotations

import asyncio
import hashlib
import json
from collections.abc import Awaitable, Callable
from typing import Any, NamedTuple

from starlette.datastructures import Headers
from starlette.types import Scope

from genui.errors import CallerError
from genui.runs import Keys, Runs, UnknownRunError, new_id

KEEP = 24 * 3600.0
"""Seconds that a key is remembered."""

CLAIM = 60.0
"""Seconds that a claim is good for until it is confirmed."""

WAIT = 10.0
"""Seconds to wait for another request with the same key that is being answered."""

LOOK = 0.05
"""Seconds between two looks at it."""


class Told(NamedTuple):
    """What is answered to who begins a run: its id, its thread, and more. `again`: an earlier request with
    the same key began it."""

    run: str
    thread: str
    more: dict[str, Any]
    again: bool = False


Begin = Callable[[str], Awaitable[Told]]
"""Begins the run of that id."""


def key_of(scope: Scope) -> str | None:
    """The request's Idempotency-Key: a quoted string, or bare as many clients send it. Raises CallerError."""
    given = Headers(scope=scope).get("idempotency-key")
    if given is None:
        return None
    key = given.strip()
    if len(key) > 1 and key[0] == key[-1] == '"':
        key = key[1:-1]
    if not (0 < len(key) <= 255 and key.isascii() and key.isprintable()):
        raise CallerError("bad-key", "Idempotency-Key must be 1 to 255 printable ASCII characters.")
    return key


class Once:
    """Begins runs, each key's only once."""

    def __init__(self, keys: Keys, runs: Runs) -> None:
        self._keys = keys
        self._runs = runs

    async def begin(self, key: str | None, owner: str | None, body: bytes, begin: Begin) -> Told:
        """What `begin` says, or said to the first request with this key and body.

        Raises what it raises, and CallerError: `key-reused` with another body, `key-busy`.
        """
        if key is None:
            return await begin(new_id("run"))
        name = json.dumps([owner, key])
        claim = {"body": hashlib.sha256(body).hexdigest(), "run": new_id("run")}
        for _ in range(int(WAIT / LOOK)):
            held = await self._keys.claim(name, json.dumps(claim), CLAIM)
            if held is None:
                return await self._first(name, claim, begin)
            if told := await self._known(json.loads(held), claim["body"]):
                return told
            await asyncio.sleep(LOOK)
        raise CallerError("key-busy", "Another request with this Idempotency-Key is being answered.", 409)

    async def _first(self, name: str, claim: dict[str, str], begin: Begin) -> Told:
        try:
            told = await begin(claim["run"])
        except BaseException:
            await self._keys.release([name])
            raise
        await self._keys.confirm(name, json.dumps({**claim, "told": told}), KEEP)
        return told

    async def _known(self, held: dict[str, Any], body: str) -> Told | None:
        if held["body"] != body:
            raise CallerError("key-reused", "This Idempotency-Key was used with another request.", 422)
        if "told" in held:
            return Told(*held["told"])._replace(again=True)
        try:
            return Told(held["run"], (await self._runs.about(held["run"])).thread, {}, again=True)
        except UnknownRunError:
            return None
