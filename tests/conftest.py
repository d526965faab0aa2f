"""What tests of several modules stand on."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.stores import KINDS, SHARED, RedisServer, url_of


@pytest.fixture(scope="session")
def redis_server() -> Iterator[RedisServer]:
    """One that tests share, and leave as they found it: running."""
    server = RedisServer()
    yield server
    server.remove()


@pytest.fixture(params=KINDS)
def store_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """An empty store, of every kind."""
    return _url(request, tmp_path)


@pytest.fixture(params=SHARED)
def shared_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """An empty store, of every kind on which several workers may stand."""
    return _url(request, tmp_path)


def _url(request: pytest.FixtureRequest, folder: Path) -> str:
    server: RedisServer | None = None
    if request.param == "redis":
        server = request.getfixturevalue("redis_server")
        server.flush()
    return url_of(request.param, folder, server)
