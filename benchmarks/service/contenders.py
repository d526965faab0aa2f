"""The servers that are measured: how each is started, asked, and seen to have ended well."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import dataclass, field, replace
from importlib.metadata import version
from pathlib import Path

PEERS = Path(__file__).parent / "peers"
_PYTHON = (sys.executable, "-m", "benchmarks.service.peers.python")
_OPENAI = '{"stream":true,"messages":[{"role":"user","content":"Go"}]}'
_UI = (
    '{"id":"chat-{n}","trigger":"submit-message","messages":'
    '[{"id":"m","role":"user","parts":[{"type":"text","text":"Go"}]}]}'
)


@dataclass(frozen=True)
class Contender:
    """No `command`: the model itself, read without any server between. `{folder}` in it is a new one."""

    name: str
    command: tuple[str, ...] = ()
    path: str = ""
    body: str = _UI
    end: str = "[DONE]"
    environment: dict[str, str] = field(default_factory=dict)


DIRECT = Contender("no server: the readers at the model", path="v1/chat/completions")


def genui(*options: str, store: str) -> Contender:
    """`genui serve`, without the limits that it has for each address."""
    return Contender(
        " ".join(("genui serve", *options, f"({store})")),
        (
            sys.executable, "-m", "genui", "serve", "--port", "0", "--rate", "0", "--open-requests", "0",
            "--store", "memory" if store == "memory" else "sqlite:///{folder}/genui.db", *options,
        ),
        "v1/runs",
        '{"messages":[{"role":"user","content":"Go"}]}',
        '"reason":"stop"',
    )  # fmt: skip


GENUI = genui(store="memory")
OURS = (GENUI, genui(store="SQLite"), genui("--workers", "2", store="SQLite"))
AI_SDK = Contender(
    "AI SDK, streamText on Node",
    ("node", str(PEERS / "server.mjs")),
    environment={"NODE_ENV": "production"},
)
FASTAPI = Contender("FastAPI, sse-starlette, openai", (*_PYTHON, "sse"))
ADAPTER = Contender("pydantic-ai, VercelAIAdapter", (*_PYTHON, "adapter"))
_MESSAGES = '{"messages":[{"role":"user","content":"Go"}]}'
_AG_UI = (
    '{"threadId":"thread-{n}","runId":"r","state":{},"tools":[],"context":[],"forwardedProps":{},'
    '"messages":[{"id":"m","role":"user","content":"Go"}]}'
)
PROTOCOLS = (
    replace(GENUI, name="`genui/1`"),
    replace(GENUI, name="AI SDK", path="v1/ai-sdk/chat", body=_UI, end="[DONE]"),
    replace(GENUI, name="AG-UI", path="v1/ag-ui", body=_AG_UI, end="RUN_FINISHED"),
    replace(GENUI, name="A2UI", path="v1/a2ui", body=_MESSAGES, end="\r\n0\r\n"),
    replace(GENUI, name="OpenAI", path="v1/chat/completions", body=_OPENAI, end="[DONE]"),
)
"""The same server, asked in each protocol. A2UI ends with its response."""

PEERS_OF_OURS = (AI_SDK, FASTAPI, ADAPTER)


def node() -> str:
    """Node's version."""
    return subprocess.check_output(["node", "--version"], text=True).strip().removeprefix("v")


def versions() -> str:
    """Of what is measured, for the page."""
    names = ("fastapi", "sse-starlette", "openai", "pydantic-ai-slim", "uvicorn", "uvloop")
    return ", ".join(f"{name} {version(name)}" for name in names)
