"""A server that speaks MCP as it was in 2025, over its pipes: its tool asks the client for all that
one may offer, and answers with what it was told."""

from __future__ import annotations

import json
import sys
from typing import Any

ASKED = {
    "elicitation/create": {
        "message": "Who?",
        "requestedSchema": {"type": "object", "properties": {}},
    },
    "sampling/createMessage": {"messages": [], "maxTokens": 5},
    "roots/list": {},
}


def say(message: dict[str, Any]) -> None:
    print(json.dumps({"jsonrpc": "2.0", **message}), flush=True)


def hear() -> dict[str, Any]:
    found: dict[str, Any] = json.loads(sys.stdin.readline() or "{}")
    return found


def asked() -> str:
    told = []
    for method, params in ASKED.items():
        say({"id": f"ask-{method}", "method": method, "params": params})
        while (answer := hear()).get("id") != f"ask-{method}":
            pass
        told.append(f"{method} {answer['error']['code']}")
    return ", ".join(told)


def answer(method: str) -> dict[str, Any] | None:
    if method == "initialize":
        about = {"name": "curious", "version": "1"}
        return {"protocolVersion": "2025-06-18", "capabilities": {"tools": {}}, "serverInfo": about}
    if method == "tools/list":
        only_reads = {"readOnlyHint": True}
        return {"tools": [{"name": "asks", "inputSchema": {"type": "object"}, "annotations": only_reads}]}
    if method == "tools/call":
        return {"content": [{"type": "text", "text": asked()}]}
    return None


while message := hear():
    if "id" in message and "method" in message:
        if (result := answer(message["method"])) is not None:
            say({"id": message["id"], "result": result})
        else:
            say({"id": message["id"], "error": {"code": -32601, "message": "unknown"}})
