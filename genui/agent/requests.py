"""A conversation as the body of a request: chat completions take it as it is, Responses in items."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from genui.agent.model import Message
from genui.agent.tools import Tool

_SEALS = re.compile(r"o\d|gpt-[5-9](?!.*chat)")
"""OpenAI's models that seal what they think when asked to. Its others refuse to be asked; those of other
servers do it unasked, or when `options` ask them."""


def chat_request(name: str, messages: Sequence[Message], tools: Sequence[Tool]) -> dict[str, Any]:
    """For `POST /chat/completions`."""
    request: dict[str, Any] = {"model": name, "messages": list(messages), "stream": True}
    if tools:
        request["tools"] = [{"type": "function", "function": _function(tool)} for tool in tools]
    return request


def responses_request(name: str, messages: Sequence[Message], tools: Sequence[Tool]) -> dict[str, Any]:
    """For `POST /responses`. Nothing is kept at the provider: every request brings the whole conversation,
    and within a run what the model thought, sealed."""
    items = [item for message in messages for item in _items(message)]
    request: dict[str, Any] = {"model": name, "input": items, "stream": True, "store": False}
    if _SEALS.match(name):
        request["include"] = ["reasoning.encrypted_content"]
    if tools:
        request["tools"] = [{"type": "function", **_function(tool), "strict": False} for tool in tools]
    return request


def _function(tool: Tool) -> dict[str, Any]:
    return {"name": tool.name, "description": tool.description, "parameters": tool.parameters}


def _items(message: Message) -> Iterator[dict[str, Any]]:
    yield from message.get("reasoning") or ()  # it stands before the calls that it came to
    role, content = message["role"], message.get("content")
    if role == "tool":
        yield {"type": "function_call_output", "call_id": message["tool_call_id"], "output": content or ""}
        return
    if content:
        yield {"role": role, "content": content if isinstance(content, str) else list(map(_part, content))}
    for call in message.get("tool_calls") or ():
        function = call["function"]
        yield {
            "type": "function_call",
            "call_id": call["id"],
            "name": function["name"],
            "arguments": function["arguments"],
        }


def _part(part: Mapping[str, Any]) -> dict[str, Any]:
    if part.get("type") == "text":
        return {"type": "input_text", "text": part["text"]}
    if part.get("type") == "image_url":
        return {"type": "input_image", "image_url": part["image_url"]["url"]}
    return dict(part)
