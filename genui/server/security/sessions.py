"""What stands in for a key where a key cannot be sent: a cookie for our own pages, a ticket for EventSource.

Both are signed and say whose they are and until when, so that every worker knows them and none stores
them. Neither lives longer than the keys do: the signing secret is made of them, so that a key that is
added or removed ends all sessions. A session is a cookie that no script can read and no other site's page
can have sent along; a ticket reads the events of one run and does nothing else, so that an address that
has it may stand in a log.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import time
from collections.abc import Callable
from typing import Literal, NamedTuple

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from genui.errors import CallerError
from genui.server.answers import HEADERS, answer
from genui.server.requests import owner_of

COOKIE = "genui_session"

SESSION_SECONDS = 7 * 24 * 3600
"""How long a browser stays signed in."""

TICKET_SECONDS = 3600
"""How long a ticket is good for."""

Purpose = Literal["session", "ticket"]


class Pass(NamedTuple):
    """What was signed: for what, whose, about what (a run), and until when (seconds since the epoch)."""

    purpose: str
    owner: str
    about: str
    until: float


class Signer:
    """Signs and reads passes, with HMAC-SHA256."""

    def __init__(self, secret: bytes, clock: Callable[[], float] = time.time) -> None:
        self._secret = hmac.digest(secret, b"genui passes", "sha256")
        self._clock = clock

    def sign(self, purpose: Purpose, owner: str, about: str, seconds: float) -> str:
        """A pass, as letters, digits, `-`, `_` and one `.`."""
        said = json.dumps(Pass(purpose, owner, about, self._clock() + seconds)).encode()
        return f"{_text(said)}.{_text(self._mark(said))}"

    def owner(self, purpose: Purpose, given: str, about: str = "") -> str | None:
        """Whose pass this is, if it is one for this and still good."""
        try:
            said, mark = (base64.urlsafe_b64decode(part + "==") for part in given.split("."))
        except ValueError:
            return None
        if not hmac.compare_digest(mark, self._mark(said)):
            return None
        known = Pass(*json.loads(said))
        good = known.purpose == purpose and known.about == about and known.until > self._clock()
        return known.owner if good else None

    def _mark(self, said: bytes) -> bytes:
        return hmac.digest(self._secret, said, hashlib.sha256)


class SessionRoutes:
    """Signing in and out, for browsers."""

    def __init__(self, signer: Signer) -> None:
        self._signer = signer

    def routes(self) -> list[Route]:
        return [
            Route("/v1/session", self.begin, methods=["POST"]),
            Route("/v1/session", self.end, methods=["DELETE"]),
        ]

    async def begin(self, request: Request) -> Response:
        """Set the cookie for whoever the key belongs to. A cookie begets no cookie, or it would live for
        ever."""
        owner = owner_of(request.scope)
        if owner is None or "authorization" not in request.headers:
            message = "Sign in with a key: send `Authorization: Bearer KEY`."
            raise CallerError("unauthorized", message, 401)
        response = answer({"owner": owner, "seconds": SESSION_SECONDS})
        self._set(request, response, self._signer.sign("session", owner, "", SESSION_SECONDS))
        return response

    async def end(self, request: Request) -> Response:
        """Forget the cookie."""
        response = Response(status_code=204, headers=HEADERS)
        self._set(request, response, "", seconds=0)
        return response

    def _set(self, request: Request, response: Response, value: str, seconds: int = SESSION_SECONDS) -> None:
        response.set_cookie(
            COOKIE,
            value,
            max_age=seconds,
            path=request.scope.get("root_path") or "/",
            secure=request.url.scheme == "https",
            httponly=True,
            samesite="strict",
        )


def _text(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()
