"""A model's server that says the same thing to everybody: `python -m benchmarks.models.upstream PORTFILE`.

The path says what is wanted: `/v1/<chunks>/<microseconds between two>/chat/completions` (or `/responses`).
"""

from __future__ import annotations

import asyncio
import json
import sys
from functools import cache
from pathlib import Path

TEXT = "Sales **rose** by a fifth in the third quarter, most of all in the north."
WORDS = TEXT.split()


def word(at: int) -> str:
    """The text of chunk `at`. Never the same for long: a model that repeats itself is stopped."""
    return f"{at} " if at % 20 == 0 else f"{WORDS[at % len(WORDS)]} "


HEAD = b"HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\ntransfer-encoding: chunked\r\n\r\n"


def chat_chunk(text: str | None, finish: str | None = None) -> bytes:
    """A chunk as OpenAI sends it, of about 300 bytes."""
    delta = {} if text is None else {"content": text}
    choice = {"index": 0, "delta": delta, "logprobs": None, "finish_reason": finish}
    chunk = {
        "id": "chatcmpl-C5f0cW8mQnD1sB2pKxR7tYhZ9aLeV",
        "object": "chat.completion.chunk",
        "created": 1757000000,
        "model": "gpt-4.1-mini-2025-04-14",
        "service_tier": "default",
        "system_fingerprint": "fp_4fce0778af",
        "choices": [choice],
        "usage": None,
        "obfuscation": "x7KqPz0aL",
    }
    return b"data: " + json.dumps(chunk, separators=(",", ":")).encode() + b"\n\n"


def responses_event(kind: str, **fields: object) -> bytes:
    """An event of the Responses API, as OpenAI sends it."""
    event = {"type": kind, "sequence_number": 7, **fields}
    return f"event: {kind}\ndata: {json.dumps(event, separators=(',', ':'))}\n\n".encode()


@cache
def chat_body(count: int) -> list[bytes]:
    """The frames of an answer of `count` chunks of text."""
    texts = [chat_chunk(word(at)) for at in range(count)]
    return [*texts, chat_chunk(None, "stop"), b"data: [DONE]\n\n"]


def responses_body(count: int) -> list[bytes]:
    """The same, of the Responses API."""
    place = {"item_id": "msg_68c1f0a2", "output_index": 0, "content_index": 0}
    texts = [
        responses_event("response.output_text.delta", **place, delta=word(at), logprobs=[])
        for at in range(count)
    ]
    response = {
        "id": "resp_68c1f0a1",
        "object": "response",
        "created_at": 1757000000,
        "model": "gpt-4.1-mini",
        "status": "completed",
        "output": [],
        "parallel_tool_calls": True,
        "tool_choice": "auto",
        "tools": [],
    }
    return [*texts, responses_event("response.completed", response=response)]


async def _serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    try:
        while head := await reader.readuntil(b"\r\n\r\n"):
            lines = head.lower().split(b"\r\n")
            length = next(int(line.split(b":")[1]) for line in lines if line.startswith(b"content-length"))
            await reader.readexactly(length)
            _, _, count, pause, *_, last = lines[0].split(b" ")[1].decode().split("/")
            body = responses_body(int(count)) if last == "responses" else chat_body(int(count))
            await _send(writer, body, int(pause) / 1e6)
    except (asyncio.IncompleteReadError, ConnectionError):
        writer.close()


async def _send(writer: asyncio.StreamWriter, frames: list[bytes], pause: float) -> None:
    writer.write(HEAD)
    for frame in frames:
        writer.write(b"%x\r\n%b\r\n" % (len(frame), frame))
        if pause:
            await asyncio.sleep(pause)
        else:
            await writer.drain()
    writer.write(b"0\r\n\r\n")
    await writer.drain()


async def main() -> None:
    """Serve until killed; the port goes into the file that is named."""
    portfile = Path(sys.argv[1])
    server = await asyncio.start_server(_serve, "127.0.0.1", 0)
    portfile.write_text(str(server.sockets[0].getsockname()[1]))  # noqa: ASYNC240 (before anybody asks)
    await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(main())
