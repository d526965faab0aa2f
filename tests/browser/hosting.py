"""An ASGI application on a real socket, in the event loop of the tests."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import uvicorn


@asynccontextmanager
async def hosting(app: Any) -> AsyncIterator[str]:
    """The base URL of an application that is served while the context lasts.

    The socket listens before the server starts: a client that is early waits in its queue.
    """
    listener = socket.create_server(("127.0.0.1", 0))
    # Connections stay: a client that is busy for seconds would ask on one that is just being closed.
    config = uvicorn.Config(app, log_level="warning", timeout_graceful_shutdown=1, timeout_keep_alive=60)
    server = uvicorn.Server(config)
    serving = asyncio.create_task(server.serve(sockets=[listener]))
    try:
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"
    finally:
        server.should_exit = True
        await serving
        listener.close()
