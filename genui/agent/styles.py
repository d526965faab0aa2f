"""How a conversation with tools is put to a model: natively, or in text for servers and models that know no
tools. A run keeps it in OpenAI's form, so that it can be replayed in any of them.

| style | the tools | a call | its result |
| --- | --- | --- | --- |
| native | beside the messages | `tool_calls` | a message of the role `tool` |
| tags | in the system prompt | `<tool_call>{…}</tool_call>` | `<tool_response>`, as the user |
| react | in the system prompt | `Action:` and `Action Input:` | `Observation:`, as the user |

The wording of `tags` is that of the Hermes models, on which Qwen and others are trained, too.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from typing import Any, Literal, get_args

from genui.agent.model import Message
from genui.agent.tools import Tool

Style = Literal["native", "tags", "react"]
STYLES: tuple[str, ...] = get_args(Style)

_TAGS = """\
# Tools

You may call one or more functions to assist with the user query. You are provided with function signatures \
within <tools></tools> XML tags:
<tools>
{tools}
</tools>

For each function call, return a JSON object with function name and arguments within <tool_call></tool_call> \
XML tags, and then stop:
<tool_call>
{{"name": <function-name>, "arguments": <args-json-object>}}
</tool_call>"""

_REACT = """\
# Tools

You may use these tools:
{tools}

To use one, write exactly these lines, and then stop:
Thought: why you need it
Action: the tool's name
Action Input: its arguments, a JSON object on one line

You will be given its result as "Observation:". Once you need no more tools, write:
Thought: I can answer now
Final Answer: your answer to the user"""


def put(conversation: Sequence[Message], tools: Sequence[Tool], style: Style) -> list[Message]:
    """The messages to send. Without tools, and without calls in them, they are as they are."""
    if style == "native":
        return list(conversation)
    told = list(_told(conversation, style))
    return _instructed(told, _instructions(tools, style)) if tools else told


def offered(tool: Tool) -> dict[str, Any]:
    """A tool in OpenAI's form."""
    function = {"name": tool.name, "description": tool.description, "parameters": tool.parameters}
    return {"type": "function", "function": function}


def _instructions(tools: Sequence[Tool], style: Style) -> str:
    shown = [json.dumps(offered(tool), ensure_ascii=False) for tool in tools]
    return (_TAGS if style == "tags" else _REACT).format(tools="\n".join(shown))


def _instructed(messages: list[Message], instructions: str) -> list[Message]:
    if messages and messages[0]["role"] == "system":
        first = {**messages[0], "content": f"{messages[0]['content']}\n\n{instructions}"}
        return [first, *messages[1:]]
    return [{"role": "system", "content": instructions}, *messages]


def _told(conversation: Sequence[Message], style: Style) -> Iterator[Message]:
    """Calls and results as text. Results that belong together are one message, as models expect it."""
    results: list[str] = []
    for message in conversation:
        if message["role"] == "tool":
            results.append(_result(message, style))
            continue
        if results:
            yield {"role": "user", "content": "\n".join(results)}
            results = []
        yield _called(message, style) if message.get("tool_calls") else message
    if results:
        yield {"role": "user", "content": "\n".join(results)}


def _called(message: Message, style: Style) -> Message:
    calls = [_call(call["function"], style) for call in message["tool_calls"]]
    return {"role": "assistant", "content": "\n".join([*filter(None, [message.get("content")]), *calls])}


def _call(function: dict[str, Any], style: Style) -> str:
    name, arguments = function["name"], function["arguments"]
    if style == "react":
        return f"Action: {name}\nAction Input: {arguments}"
    call = json.dumps({"name": name, "arguments": json.loads(arguments)}, ensure_ascii=False)
    return f"<tool_call>\n{call}\n</tool_call>"


def _result(message: Message, style: Style) -> str:
    content = message["content"]
    return f"Observation: {content}" if style == "react" else f"<tool_response>\n{content}\n</tool_response>"
