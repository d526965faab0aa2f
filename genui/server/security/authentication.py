"""Who is asking: by API key, by what the application says, or by what stands in for either."""

from __future__ import annotations

import inspect
import secrets
from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import TypeAlias

from starlette.requests import Request
from starlette.types import Scope

from genui.server.security.keys import ApiKeys
from genui.server.security.sessions import COOKIE, TICKET_SECONDS, Signer

Auth: TypeAlias = Callable[[Request], str | None] | Callable[[Request], Awaitable[str | None]]
"""Whose request this is, by its head (never its body): an owner's name, or None, which is answered 401.
It may raise CallerError to say more."""


class Authentication:
    """`keys` see ApiKeys. `auth` is the application's own, asked first. `secret` signs cookies and tickets;
    by default it is made of the keys, and without keys it is this process's own."""

    def __init__(
        self,
        keys: Mapping[str, str] | Sequence[str] = (),
        auth: Auth | None = None,
        secret: str | None = None,
    ) -> None:
        self._keys = ApiKeys(keys)
        self._auth = auth
        own = self._keys.secret if self._keys else secrets.token_bytes(32)
        self.signer = Signer(secret.encode() if secret else own)

    def __bool__(self) -> bool:
        """Whether anybody is asked at all."""
        return bool(self._keys) or self._auth is not None

    @property
    def signs_in(self) -> bool:
        """Whether a person can sign in with a key."""
        return bool(self._keys)

    async def owner(self, scope: Scope) -> str | None:
        """Whose request this is; None for nobody's. Raises what the application's `auth` raises."""
        request = Request(scope)
        if self._auth is not None:
            told = self._auth(request)
            owner = await told if inspect.isawaitable(told) else told
            if owner is not None:
                return str(owner)
        if (key := bearer(request)) is not None:  # a wrong key is wrong, whatever cookies come with it
            return self._keys.owner(key)
        return self._by_pass(request)

    def ticket(self, owner: str, run: str) -> str:
        """What reads one run's events, in an address."""
        return self.signer.sign("ticket", owner, run, TICKET_SECONDS)

    def _by_pass(self, request: Request) -> str | None:
        session = request.cookies.get(COOKIE)
        if session and (owner := self.signer.owner("session", session)) is not None:
            return owner
        ticket, run = request.query_params.get("ticket"), request.path_params.get("run")
        reads = request.method in ("GET", "HEAD") and request.scope.get("genui.ticket")
        return self.signer.owner("ticket", ticket, run) if ticket and run and reads else None


def bearer(request: Request) -> str | None:
    """The token of an `Authorization: Bearer` header (RFC 6750)."""
    scheme, _, token = request.headers.get("authorization", "").partition(" ")
    return token.strip() if scheme.lower() == "bearer" else None
