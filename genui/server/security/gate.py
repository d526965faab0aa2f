"""What every request passes before anything of ours runs: places, authentication, limits.

A route is closed unless it is declared `Public`: one that is forgotten lets nobody in. What is public holds
nothing of anybody's: the pages, their bundles, the components' scripts, and whether the server lives.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from starlette.datastructures import Headers
from starlette.routing import BaseRoute, Route
from starlette.types import ASGIApp, Receive, Scope, Send

from genui.errors import CallerError
from genui.server.security.authentication import Authentication
from genui.server.security.limits import Limiter
from genui.server.security.places import Hosts, Origins, address_of


class Public(Route):
    """A route that everybody may ask."""


class Ticketed(Route):
    """A route that a ticket in the address opens as well."""


class Gate:
    """One for an application."""

    def __init__(
        self, authentication: Authentication, limiter: Limiter, hosts: Hosts, origins: Origins
    ) -> None:
        self.authentication = authentication
        self._limiter = limiter
        self._hosts = hosts
        self._origins = origins

    def check(self, scope: Scope) -> None:
        """What can be said of any request, whatever it asks for. Raises CallerError."""
        headers = Headers(scope=scope)
        self._hosts.check(scope, headers)
        self._origins.check(scope, headers)

    def close(self, routes: Iterable[BaseRoute]) -> list[BaseRoute]:
        """The routes, each but the public ones behind authentication and limits."""
        return [self._closed(route) for route in routes]

    def _closed(self, route: BaseRoute) -> BaseRoute:
        if isinstance(route, Public):
            return route
        if not isinstance(route, Route):
            raise TypeError(f"{route!r} cannot be closed")
        route.app = self._checking(route.path, route.app, ticketed=isinstance(route, Ticketed))
        return route

    def _checking(self, path: str, app: ASGIApp, *, ticketed: bool) -> ASGIApp:
        async def checked(scope: Scope, receive: Receive, send: Send) -> None:
            scope["genui.route"] = path
            scope["genui.ticket"] = ticketed
            address = address_of(scope)
            owner = await self._owner(scope, address)
            callers = [f"owner {owner}"] if owner is not None else []
            if address:
                callers.append(f"address {address}")
            with self._limiter.entered(callers):
                await app(scope, receive, send)

        return checked

    async def is_stranger(self, scope: Scope) -> bool:
        """Whether authentication knows nobody who sends this."""
        return await self.authentication.owner(scope) is None

    async def _owner(self, scope: Scope, address: str) -> str | None:
        state: dict[str, Any] = scope.setdefault("state", {})
        if not self.authentication:
            found: str | None = state.get("genui.owner")  # an outer application may have found out
            return found
        self._limiter.check_guesses(address)
        owner = await self.authentication.owner(scope)
        state["genui.owner"] = owner
        if owner is None:
            if "authorization" in Headers(scope=scope):
                self._limiter.guessed(address)
            message = "Say who you are: send an API key, as `Authorization: Bearer KEY`."
            raise CallerError("unauthorized", message, 401)
        return owner
