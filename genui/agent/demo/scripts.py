"""What the demo model can show. The answers themselves are the Markdown files in `answers/`."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache
from importlib import resources
from typing import Any

from jinja2 import Environment

from genui.agent.demo.docs import COMMON, docs


@dataclass(frozen=True, slots=True)
class Script:
    """One scripted answer.

    `starter` is the question it answers, `words` those by which it is found when somebody asks in words of
    their own. With `calls`, it thinks `thought` and calls those tools first; its answer is then a Jinja
    template over their `results`, in the same order. One with `values` is a template over these: what an
    action brought, or the tag that is said again.
    """

    answer: str
    starter: str
    words: str
    thought: str = ""
    calls: tuple[tuple[str, dict[str, Any]], ...] = ()

    values: Mapping[str, Any] | None = None

    def text(self, results: Sequence[Any] = ()) -> str:
        """The answer, in Markdown with component tags."""
        source = _source(self.answer)
        if not self.calls and self.values is None:
            return source
        return _MARKDOWN.from_string(source).render(results=results, values=self.values)


_DOCS = Script(
    "docs",
    "How does a client resume a stream after a lost connection?",
    "docs documentation genui",
    thought="That is a question about genui itself. Its documentation is here, so I look there and quote it.",
)
_MACHINE = Script(
    "machine",
    "How busy is this machine, and what is 18% of 1,249.90?",
    "machine busy load cpu server calculate calculator",
    thought="The load has to be measured, and arithmetic is better done by a calculator. Both at once.",
    calls=(("machine_load", {}), ("calculate", {"expression": "18% * 1,249.90"})),
)

SCRIPTS = (
    replace(_DOCS, calls=(("search_docs", {"query": "resume a stream after a lost connection"}),)),
    _MACHINE,
    Script(
        "weather",
        "What will the weather be like in Lisbon this weekend?",
        "weather forecast rain sun sunny temperature lisbon weekend umbrella wind",
    ),
    Script(
        "comparison",
        "Compare three electric cars for a family of four",
        "compare comparison versus vs table car cars electric ev family which",
    ),
    Script(
        "dashboard",
        "Show me how the business did last quarter",
        "dashboard chart charts business quarter revenue sales mrr metrics growth graph",
    ),
    Script(
        "state",
        "What would the team plan cost us? Let me play with the numbers",
        "cost price pricing plan seats slider period play calculator interactive what if",
    ),
    Script(
        "form",
        "Help me book a table for dinner",
        "form book booking request reserve reservation table dinner restaurant",
    ),
    Script(
        "agent",
        "I'm flying to Tokyo with €1,200. What is that in yen, and what should I know?",
        "tokyo japan yen euro euros convert currency flying trip travel",
        thought=(
            "The traveler wants two things that I should not guess: the sum in yen, and the facts about "
            "Tokyo. One tool converts money, the other knows the city. They do not depend on each other, so "
            "I can call both at once and then put a budget together from what they return."
        ),
        calls=(
            ("look_up_city", {"city": "Tokyo"}),
            ("convert", {"value": 1200, "unit": "EUR", "to": "JPY"}),
        ),
    ),
    Script(
        "code",
        "How do I write a component tag of my own?",
        "code component components tag tags markup syntax fence",
    ),
)

_SUM = re.compile(r"[\d(][\d,.\s()]*(?:[-+*/^×÷%][\d,.\s()%]*){1,40}[\d)%]")
_SUM_ONLY = Script("sum", "", "", thought="A calculator is better at that than I am.")

_TAG = re.compile(r"<[A-Z][A-Za-z0-9]*[\s/>]")
_AGAIN = Script("again", "", "")

_MARKDOWN = Environment(autoescape=False)  # noqa: S701 (what it makes is Markdown, not HTML)

_OTHERWISE = Script("otherwise", "", "")

ACTIONS = {"book_table": Script("booked", "", "")}
"""What answers an action, by its name."""

_ANY_ACTION = Script("action", "", "")
_ACTION = re.compile(r'^\[action ("(?:[^"\\]|\\.)*") of <\w+>, values (\{.*\})\]\Z', re.MULTILINE)


def choose(question: str) -> Script:
    """The script for the action that `question` ends with; the one that says its tag again; the one whose
    starter it is; else the one that shares most words with it, else the one that says what there is."""
    if found := _ACTION.search(question):
        return _answering(found[1], found[2])
    if tag := _TAG.search(question):
        return replace(_AGAIN, values={"written": question[tag.start() :]})
    if (sum_ := _SUM.search(question)) and question.strip() != _MACHINE.starter:
        return replace(_SUM_ONLY, calls=(("calculate", {"expression": sum_[0].strip()}),))
    asked = set(re.findall(r"[a-z]+", question.lower())) - COMMON
    for script in SCRIPTS:
        if script.starter == question.strip():
            return script
    best = max((_OTHERWISE, *SCRIPTS), key=lambda script: len(asked.intersection(script.words.split())))
    return _searching(question) if best.answer in ("otherwise", "docs") else best


def _searching(question: str) -> Script:
    """What no script answers, the documentation may."""
    if not docs().search(question):
        return _OTHERWISE
    return replace(_DOCS, calls=(("search_docs", {"query": question[:200]}),))


def _answering(action: str, values: str) -> Script:
    try:
        given = json.loads(values)
        return replace(ACTIONS.get(json.loads(action), _ANY_ACTION), values=given)
    except ValueError:  # it only looks like one
        return _OTHERWISE


@cache
def _source(name: str) -> str:
    return resources.files(__package__).joinpath("answers", f"{name}.md").read_text("utf-8").strip()
