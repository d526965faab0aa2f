"""What no user may see: canaries in every kind of hidden span, at every chunking, appear in no event."""

from __future__ import annotations

from typing import Any

import pytest

from genui.catalog import Catalog
from genui.events import to_json
from genui.markup import HIDDEN_SPANS, HiddenSpan, Recognizer
from tests.chunking import check_all_chunkings, cuts, recognize
from tests.markup_catalog import CATALOG

CANARY = "CANARY"
NAMES = [span.name for span in HIDDEN_SPANS if not span.name.endswith("=")]


def seen(text: str, **options: Any) -> list[Any]:
    """What a client ends up with, having checked that no event of any chunking holds the canary."""

    def make() -> Recognizer:
        return Recognizer(CATALOG, **options)

    for pieces in cuts(text):
        for event in recognize(make, pieces):
            assert CANARY not in to_json(event), f"cut as {pieces!r}"
    return check_all_chunkings(make, text)


def shown(text: str, **options: Any) -> str:
    return "".join(item[2] for item in seen(text, **options) if item[0] == "text")


def statuses(text: str, **options: Any) -> list[list[str]]:
    return [item[1:] for item in seen(text, **options) if item[0] == "status"]


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize(
    ("inside", "left"),
    [
        ("<{}>CANARY</{}>", ""),
        ("<{} a='>'>CANARY</{}>", ""),
        ("<{}\n>CANARY\n\n```\nCANARY</{}>", ""),
        ("<{}><Metric label='CANARY'/></{}>", ""),
        ("<{}><{}>CANARY</{}>CANARY</{}>", ""),
        ("<{}>CANARY</{} >", ""),
        ("<{}>CANARY</{}x></{}>", ""),
        ("<{}>CANARY < </{}>", ""),
        ("<{}>CANARY <</{}>", ""),
        ("<{}>CANARY <|end|></{}>", ""),
        ("<{}/>", ""),
        ("<{} a='b'/>", ""),
    ],
)
def test_a_span_is_hidden_with_all_that_is_in_it(name: str, inside: str, left: str) -> None:
    span = inside.replace("{}", name)
    assert shown(f"a {span} b") == f"a {left} b"
    assert shown(f"a {span.upper().replace('METRIC', 'Metric').replace('LABEL', 'label')} b") == "a  b"


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize(
    "inside", ["<{}>CANARY", "<{}>CANARY</", "<{}>CANARY</{}", "<{} CANARY", "<{}><{}>CANARY</{}>CANARY"]
)
def test_a_span_that_is_never_closed_hides_the_rest(name: str, inside: str) -> None:
    assert shown("a " + inside.replace("{}", name)) == "a "


def test_a_span_hides_inside_a_component_too() -> None:
    found = seen("<Section>a<think>CANARY</Section></think>b</Section>c")
    assert [item[1:] for item in found if item[0] == "text"] == [["c1", "ab"], [None, "c"]] or [
        item[1:] for item in found if item[0] == "text"
    ] == [["c1", "a"], ["c1", "b"], [None, "c"]]


def test_a_status_stands_for_a_span_that_has_one() -> None:
    assert statuses("<think>CANARY</think>a<tool>CANARY</tool>b<reasoning>CANARY") == [
        ["h1", "Thinking…", "running"],
        ["h1", "Thinking…", "done"],
        ["h2", "Thinking…", "running"],
        ["h2", "Thinking…", "done"],
    ]


def test_spans_are_configurable() -> None:
    hidden = [HiddenSpan("scratch-pad", "Working…"), HiddenSpan("plan")]
    assert shown("a<scratch-pad>CANARY</scratch-pad>b<plan>CANARY</plan>c", hidden=hidden) == "abc"
    assert shown("<think>open</think>", hidden=hidden) == "<think>open</think>"
    assert statuses("<scratch-pad>CANARY</scratch-pad>", hidden=hidden)[0] == ["h1", "Working…", "running"]


def test_a_span_may_have_been_opened_before_the_stream_began() -> None:
    assert shown("CANARY</think>\n\na", opened="think") == "\n\na"
    assert shown("CANARY <think>CANARY</think> CANARY</think>a", opened="think") == "a"
    assert shown("CANARY", opened="think") == ""
    assert statuses("CANARY</think>a", opened="think") == [
        ["h1", "Thinking…", "running"],
        ["h1", "Thinking…", "done"],
    ]


@pytest.mark.parametrize("close", ["</think>", "</tool_call>", "</THINK>", "</reasoning >"])
def test_a_lone_close_tag_is_not_shown(close: str) -> None:
    assert shown(f"a{close}b") == "ab"


@pytest.mark.parametrize(
    "text",
    [
        "`<think>a</think>`",
        "```\n<think>a</think>\n```",
        "    <think>a</think>",
        "\\<think>a",
        "`<|channel|>analysis<|message|>a`",
        "```\n</think>\n<tool_call>\n",
        "`<function=a>b</function>` `[TOOL_CALLS]`",
        "```\n[TOOL_CALLS]a\n```",
    ],
)
def test_in_code_spans_are_text(text: str) -> None:
    assert shown(text) == text


@pytest.mark.parametrize(
    "text", ["<thinker>a", "<think-a>", "<think", "a < think>", "<tools>a</tools>", "<thought_x>"]
)
def test_what_only_resembles_a_span_is_text(text: str) -> None:
    assert shown(text) == text


IN_TAGS = [
    "<Metric label='a{}b' value='c'/>",
    '<Metric label="Q3 {}',
    "<Metric {} label='a'/>",
    "<Metric label={}'a'/>",
    "<Metric label='a'{}/>",
    "<Metric label='a&{}amp;'/>",
    "<Contact email='a@{}b.co'/>",
    "<WeatherWidget temp='{}'/>",
    "<Table rows={[['a{}', {} 1]]}/>",
    "<Chart extra={() => {}}/>",
    "<Metric /* {} */ label='a'/>",
    '<Card title="Q3>Sales {} rose.\n\n<Metric label="MRR" value="3"/></Card> on',
]


@pytest.mark.parametrize("tag", IN_TAGS)
@pytest.mark.parametrize(
    "hidden",
    [
        "<think>CANARY</think>",
        "<think a='b'>CANARY",
        "<TOOL_CALL>CANARY'/></tool_call >",
        "<|channel|>analysis<|message|>CANARY<|end|>",
        "</think>",
        "<|im_end|>",
    ],
)
def test_nothing_hidden_is_shown_of_a_tag(tag: str, hidden: str) -> None:
    found = seen(tag.replace("{}", hidden))
    if "CANARY" not in hidden or hidden.endswith(">"):
        without = check_all_chunkings(lambda: Recognizer(CATALOG), tag.replace("{}", ""))
        assert [item for item in found if item[0] != "status"] == without


def test_a_name_that_is_hidden_is_no_misspelled_component() -> None:
    catalog = Catalog.from_json_schema({"$defs": {"Thought": {"properties": {"text": {"type": "string"}}}}})
    events = recognize(lambda: Recognizer(catalog), ["<thought>CANARY</thought><Thought a/>"])
    shown = [event.type for event in events if event.type != "status"]
    assert shown == ["render-component", "component-delta", "render-component"]


# Calls as some models write them


@pytest.mark.parametrize(
    ("text", "left"),
    [
        ("a <function=CANARY>CANARY</function> b", "a  b"),
        ("a<FUNCTION=f>\n<parameter=CANARY>\n<Metric 'CANARY'/>\n</parameter>\n</function>b", "ab"),
        ("<function=f><function=g>CANARY</function>CANARY</function>b", "b"),
        ("a<tool_call>\n<function=f>CANARY</function>\n</tool_call>b", "ab"),
        ("a<function=CANARY", "a"),
        ("a<function=f>CANARY</function", "a"),
        ("a [TOOL_CALLS][{'CANARY': 1}]\n\nCANARY <Metric 'CANARY'/> <think>", "a "),
        ("[TOOL_CALLS]CANARY[ARGS]{}[TOOL_CALLS]CANARY", ""),
        ("<Section>a[TOOL_CALLS]CANARY</Section>", None),
    ],
)
def test_calls_in_other_forms_are_hidden(text: str, left: str | None) -> None:
    assert left in (None, shown(text))


@pytest.mark.parametrize(
    "text",
    [
        "<function>a</function>",
        "<functional=a>",
        "< function=a>",
        "[TOOL",
        "[TOOL_CALL]a",
        "[T](b) [",
        "[tool_calls]",
    ],
)
def test_what_only_resembles_a_call_is_text(text: str) -> None:
    assert shown(text) == text


# Special tokens


@pytest.mark.parametrize(
    "token",
    ["<|im_end|>", "<|eot_id|>", "<|endoftext|>", "<|begin_of_text|>", "<｜end▁of▁sentence｜>", "<|im_sep|>"],
)
def test_a_special_token_vanishes(token: str) -> None:
    assert shown(f"a{token}b") == "ab"


@pytest.mark.parametrize(
    "text", ["<|", "a <| b |> c", "<|>", "<||>", "<|a", "<|a b\n|>", "x <|" + "a" * 70 + "|>"]
)
def test_what_only_resembles_a_token_is_text(text: str) -> None:
    assert shown(text) == text


@pytest.mark.parametrize(
    ("text", "left"),
    [
        (
            "<|channel|>analysis<|message|>CANARY<|end|><|start|>assistant<|channel|>final<|message|>a<|return|>",
            "a",
        ),
        ("<|start|>CANARY<|message|>a", "a"),
        ("<|channel|>commentary to=functions.x <|constrain|>json<|message|>{CANARY}<|call|>", ""),
        ("<|start_header_id|>CANARY<|end_header_id|>\n\na<|eot_id|>", "\n\na"),
        ("<|python_tag|>CANARY<|eom_id|>a", "a"),
        ("<|im_start|>CANARY\na<|im_end|>", "a"),
        (
            "<｜tool▁calls▁begin｜>CANARY<｜tool▁call▁begin｜>CANARY<｜tool▁call▁end｜><｜tool▁calls▁end｜>a",
            "a",
        ),
        (
            "<|tool_calls_section_begin|>CANARY<|tool_call_begin|>CANARY<|tool_call_end|><|tool_calls_section_end|>a",
            "a",
        ),
        ("<|begin_of_thought|>CANARY<|end_of_thought|>a", "a"),
        ("<|channel|>analysis<|message|>CANARY", ""),
        ("<|channel|>CANARY", ""),
        ("a<|channel|>analysis<|message|>CANARY<|end", "a"),
        ("<|channel|>analysis<|message|>CANARY<think>CANARY<|end|>a", "a"),
        ("<|channel|>analysis<|message|>CANARY <Metric 'CANARY'/> <| <|x<|end|>a", "a"),
    ],
)
def test_special_tokens_hide_what_belongs_to_them(text: str, left: str) -> None:
    assert shown(text) == left


# ReAct


REACT = """Thought: CANARY
CANARY <Metric "CANARY"/>

Action: CANARY
Action Input: {"q": "CANARY"}
Observation: CANARY
Thought: CANARY
Final Answer: Here it is: <Metric "a"/>
Thought: CANARY
Final Answer: b"""


def test_react_lines_are_hidden_up_to_the_final_answer() -> None:
    found = seen(REACT, react=True)
    assert [item[0] for item in found] == [
        "status",
        "status",
        "text",
        "component",
        "status",
        "status",
        "text",
    ]
    assert shown(REACT, react=True) == " Here it is: \n b"


@pytest.mark.parametrize(
    "label", ["Thought:", "**Thought:**", "**Action**:", "  Action Input:", "Observation:"]
)
def test_every_react_label_hides_its_lines(label: str) -> None:
    assert shown(f"a\n{label} CANARY\nCANARY\nFinal Answer: b", react=True) == "a\n b"
    assert shown(f"{label} CANARY", react=True) == ""


@pytest.mark.parametrize(
    "text",
    ["A Thought: a", "Thoughts: a", "Thought a", "`x\nThought: a`", "```\nThought: a\n```", "Act", "T"],
)
def test_what_only_resembles_a_label_is_text(text: str) -> None:
    assert shown(text, react=True) == text


def test_without_the_mode_labels_are_text() -> None:
    assert shown("Thought: a\nAction: b") == "Thought: a\nAction: b"
