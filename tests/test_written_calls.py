"""Calls in the forms that models were trained to write, from servers that know none: hidden, and run."""

from __future__ import annotations

import json
from typing import Any

import pytest

from genui.agent import AgentOptions, FinishPiece, TextPiece, respond, tool
from genui.events import Status, Text, to_json
from genui.markup import Recognizer
from tests.test_tools import ASK, CATALOG, Says, told

STOP = FinishPiece("stop")

FORMS = {
    "qwen3-coder": (
        "<tool_call>\n<function=canary>\n<parameter=query>\nx > {1}\n</parameter>\n<parameter=limit>\n7\n"
        '</parameter>\n<parameter=among>\n["a", "b"]\n</parameter>\n</function>\n</tool_call>'
    ),
    "qwen3-coder that forgets the outer tag": (
        "<function=canary>\n<parameter=query>\nx > {1}\n</parameter>\n<parameter=limit>\n7\n</parameter>\n"
        '<parameter=among>\n["a", "b"]\n</parameter>\n</function>'
    ),
    "llama": '<function=canary>{"query": "x > {1}", "limit": 7, "among": ["a", "b"]}</function>',
    "glm": (
        "<tool_call>canary\n<arg_key>query</arg_key>\n<arg_value>x > {1}</arg_value>\n<arg_key>limit"
        "</arg_key>\n<arg_value>7</arg_value>\n<arg_key>among</arg_key>"
        '\n<arg_value>["a", "b"]</arg_value>\n</tool_call>'
    ),
    "kimi": (
        "<|tool_calls_section_begin|><|tool_call_begin|>functions.canary:0<|tool_call_argument_begin|>"
        '{"query": "x > {1}", "limit": 7, "among": ["a", "b"]}<|tool_call_end|><|tool_calls_section_end|>'
    ),
    "deepseek": (
        "<｜tool▁calls▁begin｜><｜tool▁call▁begin｜>function<｜tool▁sep｜>canary\n```json\n"
        '{"query": "x > {1}", "limit": 7, "among": ["a", "b"]}\n```<｜tool▁call▁end｜><｜tool▁calls▁end｜>'
    ),
    "deepseek 3.1": (
        "<｜tool▁calls▁begin｜><｜tool▁call▁begin｜>canary<｜tool▁sep｜>"
        '{"query": "x > {1}", "limit": 7, "among": ["a", "b"]}<｜tool▁call▁end｜><｜tool▁calls▁end｜>'
    ),
    "harmony": (
        "<|channel|>analysis<|message|>canary to=functions.none<|end|><|start|>assistant"
        "<|channel|>commentary to=functions.canary <|constrain|>json<|message|>"
        '{"query": "x > {1}", "limit": 7, "among": ["a", "b"]}<|call|>'
    ),
    "harmony, the recipient first": (
        "<|start|>assistant to=functions.canary<|channel|>commentary json<|message|>"
        '{"query": "x > {1}", "limit": 7, "among": ["a", "b"]}'
    ),
    "mistral": '[TOOL_CALLS]canary[ARGS]{"query": "x > {1}", "limit": 7, "among": ["a", "b"]}',
    "mistral, a list": (
        '[TOOL_CALLS] [{"name": "canary", '
        '"arguments": {"query": "x > {1}", "limit": 7, "among": ["a", "b"]}}]'
    ),
}


@pytest.mark.parametrize("size", [1, 7, 1000])
@pytest.mark.parametrize("form", FORMS)
async def test_a_call_in_a_models_own_form_is_run_and_never_shown(form: str, size: int) -> None:
    @tool(name="canary", status="Searching…")
    def search(query: str, among: list[str], limit: int = 3) -> str:
        return json.dumps([query, among, limit])

    text = f"I look. {FORMS[form]}"
    pieces = [TextPiece(text[at : at + size]) for at in range(0, len(text), size)]
    model = Says([*pieces, STOP], [TextPiece("Done."), STOP])
    run = respond(model, ASK, Recognizer(CATALOG), tools=[search], thoughts=True, options=AgentOptions())
    events = [event async for event in run]
    assert told(model) == '["x > {1}", ["a", "b"], 7]'
    shown = "".join(event.text for event in events if isinstance(event, Text))
    assert shown.split() == ["I", "look.", "Done."]
    seen = "".join(to_json(event) for event in events if "to=functions.none" not in to_json(event))
    assert "limit" not in seen
    assert "x > {1}" not in seen
    lines = [(event.label, event.state) for event in events if isinstance(event, Status)]
    assert ("Searching…", "done") in lines
    assert model.asked[1][-2]["content"] == "I look.", "the call is not told twice"


@pytest.mark.parametrize("form", ["qwen3-coder", "glm", "kimi", "mistral"])
async def test_several_calls_of_a_turn_are_all_run(form: str) -> None:
    calls: list[Any] = []

    @tool(name="canary")
    def search(query: str, among: list[str], limit: int = 3) -> str:
        calls.append((query, among, limit))
        return "found"

    model = Says([TextPiece(f"{FORMS[form]}\n{FORMS[form]}"), STOP], [TextPiece("Done."), STOP])
    run = respond(model, ASK, Recognizer(CATALOG), tools=[search])
    _ = [event async for event in run]
    assert calls == [("x > {1}", ["a", "b"], 7)] * 2


async def test_a_value_that_looks_like_another_call_is_a_value() -> None:
    seen: list[str] = []

    @tool
    def save(text: str) -> str:
        """Save."""
        seen.append(text)
        return "saved"

    inner = '{"name": "save", "arguments": {"text": "canary"}}'
    call = f"<tool_call><function=save><parameter=text>\n{inner}\n</parameter></function></tool_call>"
    model = Says([TextPiece(call), STOP], [TextPiece("Done."), STOP])
    _ = [event async for event in respond(model, ASK, Recognizer(CATALOG), tools=[save])]
    assert seen == [inner]
