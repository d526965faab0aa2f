"""Calls that a model writes in a form of its own, read when its turn ends: their status stands from then on.

    <function=search>\\n<parameter=query>\\nx\\n</parameter>\\n</function>                         Qwen3-Coder
    <function=search>{"query": "x"}</function>                                                 Llama 3
    <tool_call>search\\n<arg_key>query</arg_key>\\n<arg_value>x</arg_value></tool_call>          GLM
    <|tool_call_begin|>functions.search:0<|tool_call_argument_begin|>{…}<|tool_call_end|>      Kimi
    <｜tool▁call▁begin｜>search<｜tool▁sep｜>{…}<｜tool▁call▁end｜>                                  DeepSeek
    <|channel|>commentary to=functions.search <|message|>{…}<|call|>                           Harmony
    [TOOL_CALLS]search[ARGS]{…}                                                                Mistral

A server that is set up for its model makes native calls of them. One that is not sends them as text.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator

from genui.agent.model import ToolCallPiece

_NAME = r"([\w.-]{1,128}?)"
_FORMS = (
    rf"(?:<function)?={_NAME}\s*>(.*?)(?:</function\s*>|\Z)",
    rf"(?:\A|>)\s*{_NAME}\s*((?:<arg_key>.*?</arg_value>\s*)+)",
    rf"<\|tool_call_begin\|>\s*(?:functions\.)?{_NAME}(?::\d+)?\s*<\|tool_call_argument_begin\|>"
    r"(.*?)(?:<\|tool_call_end\|>|\Z)",
    rf"<｜tool▁call▁begin｜>(?:function<｜tool▁sep｜>)?{_NAME}(?:<｜tool▁sep｜>|\s)(.*?)(?:<｜tool▁call▁end｜>|\Z)",
    rf"to=functions\.{_NAME}(?=[\s<])[^{{]{{0,200}}?<\|message\|>(.*?)(?:<\|call\|>|\Z)",
    rf"\[TOOL_CALLS\]\s*{_NAME}(?:\[CALL_ID\]\w+)?(?:\[ARGS\])?\s*(\{{.*?)(?=\[TOOL_CALLS\]|\Z)",
)
_CALL = re.compile("|".join(_FORMS), re.DOTALL)
_PARAMETER = re.compile(r"<parameter=([^>]{1,128})>(.*?)(?:</parameter\s*>|(?=<parameter=)|\Z)", re.DOTALL)
_PAIR = re.compile(r"<arg_key>(.*?)</arg_key>\s*<arg_value>(.*?)</arg_value>", re.DOTALL)


class WrittenCalls:
    """Those of one turn, numbered from `first`."""

    def __init__(self, first: int) -> None:
        self._index = first
        self._parts: list[str] = []

    def feed(self, text: str) -> None:
        """What was hidden of calls, with the tags and tokens in it."""
        self._parts.append(text)

    def end(self) -> Iterator[ToolCallPiece]:
        """The calls, each whole."""
        for found in _CALL.finditer("".join(self._parts)):
            name, arguments = (group for group in found.groups() if group is not None)
            yield ToolCallPiece(self._index, name=name, arguments=_arguments(arguments))
            self._index += 1
        self._parts.clear()


def _arguments(text: str) -> str:
    """As JSON. Values in tags are strings: what they are meant to be, the tool's schema knows."""
    pairs = _PARAMETER.findall(text) or _PAIR.findall(text)
    if not pairs:
        return text.strip()
    return json.dumps({name.strip(): _value(value) for name, value in pairs}, ensure_ascii=False)


def _value(text: str) -> str:
    """Without the line ends that set it apart from its tags."""
    return text.removeprefix("\n").removesuffix("\n")
