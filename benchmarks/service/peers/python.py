"""Servers that one would write today in Python: `python -m benchmarks.service.peers.python sse|adapter`.

`sse` is FastAPI with sse-starlette over the openai package; `adapter` is pydantic-ai's Vercel AI adapter.
"""

from __future__ import annotations

import os
import socket
import sys
from collections.abc import AsyncIterator

import uvicorn
from fastapi import FastAPI, Request, Response
from openai import AsyncOpenAI
from pydantic_ai import Agent
from pydantic_ai.models.openai import OpenAIChatModel
from pydantic_ai.providers.openai import OpenAIProvider
from pydantic_ai.ui.vercel_ai import VercelAIAdapter
from sse_starlette import EventSourceResponse

MODEL = os.environ.get("BENCH_MODEL", "")


def sse(client: AsyncOpenAI) -> FastAPI:
    """Text pieces as SSE events."""
    app = FastAPI()

    async def pieces() -> AsyncIterator[dict[str, str]]:
        chunks = await client.chat.completions.create(
            model=MODEL, messages=[{"role": "user", "content": "Go"}], stream=True
        )
        async for chunk in chunks:
            if chunk.choices and (text := chunk.choices[0].delta.content):
                yield {"data": text}
        yield {"data": "[DONE]"}

    @app.post("/")
    async def answer() -> EventSourceResponse:
        return EventSourceResponse(pieces())

    return app


def adapter(client: AsyncOpenAI) -> FastAPI:
    """The AI SDK's UI message stream."""
    app = FastAPI()
    agent = Agent(OpenAIChatModel(MODEL, provider=OpenAIProvider(openai_client=client)))

    async def answer(request: Request) -> Response:
        return await VercelAIAdapter.dispatch_request(request, agent=agent)

    app.add_api_route("/", answer, methods=["POST"])
    return app


def main() -> None:
    client = AsyncOpenAI(api_key="none", max_retries=0)
    app = {"sse": sse, "adapter": adapter}[sys.argv[1]](client)
    with socket.create_server(("127.0.0.1", 0), backlog=4096) as ours:
        print(f"http://127.0.0.1:{ours.getsockname()[1]}/", flush=True)
        config = uvicorn.Config(app, log_level="warning", loop="uvloop", http="httptools")
        uvicorn.Server(config).run(sockets=[ours])


if __name__ == "__main__":
    main()
