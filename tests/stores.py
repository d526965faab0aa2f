"""Stores to test with, of every kind, and a real redis-server for those that need one."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from genui.runs import Runs, Store

KINDS = ["memory", "sqlite"]
SHARED = [kind for kind in KINDS if kind != "memory"]
"""Those on which several workers may stand."""


def url_of(kind: str, folder: Path) -> str:
    """What `--store` is given for an empty store of this kind that is this test's own."""
    if kind == "sqlite":
        return f"sqlite:///{folder}/genui.db"
    return kind


@asynccontextmanager
async def opened(store: Store, **settings: float) -> AsyncIterator[Runs]:
    """Runs on a store, which is open while the context lasts."""
    runs = Runs(store.log, peers=store.peers, **settings)
    await runs.open()
    try:
        yield runs
    finally:
        await runs.close()
