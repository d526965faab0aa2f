"""The demo's tools. They are real: no network, but nothing in them is scripted."""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator
from typing import Any, Literal

from genui.agent.demo.calculator import evaluate, shown
from genui.agent.demo.docs import docs
from genui.agent.labels import one_line
from genui.agent.tools import ToolError, tool
from genui.catalog import Catalog, Element

RATES_OF = "June 2025"

READING = 0.12
"""Seconds from one source to the next, so that people see them come."""

_UNITS: dict[str, tuple[str, float, float]] = {
    # unit: quantity, size in the quantity's base unit, zero point in the base unit
    "m": ("length", 1, 0),
    "km": ("length", 1000, 0),
    "mi": ("length", 1609.344, 0),
    "ft": ("length", 0.3048, 0),
    "kg": ("mass", 1, 0),
    "lb": ("mass", 0.45359237, 0),
    "K": ("temperature", 1, 0),
    "°C": ("temperature", 1, 273.15),
    "°F": ("temperature", 5 / 9, 459.67 * 5 / 9),
    "EUR": ("money", 1, 0),
    "USD": ("money", 1 / 1.152, 0),
    "GBP": ("money", 1 / 0.852, 0),
    "JPY": ("money", 1 / 166.0, 0),
    "SGD": ("money", 1 / 1.482, 0),
    "ISK": ("money", 1 / 143.2, 0),
}

_CITIES: dict[str, dict[str, Any]] = {
    # Only places without daylight saving time, so that the offset is true all year.
    "tokyo": {
        "city": "Tokyo",
        "country": "Japan",
        "currency": "JPY",
        "utc_offset": 9,
        "plug": "A/B",
        "volts": 100,
        "emergency": 119,
        "tipping": "not expected",
    },
    "singapore": {
        "city": "Singapore",
        "country": "Singapore",
        "currency": "SGD",
        "utc_offset": 8,
        "plug": "G",
        "volts": 230,
        "emergency": 995,
        "tipping": "included in the bill",
    },
    "reykjavik": {
        "city": "Reykjavík",
        "country": "Iceland",
        "currency": "ISK",
        "utc_offset": 0,
        "plug": "C/F",
        "volts": 230,
        "emergency": 112,
        "tipping": "not expected",
    },
}

Unit = Literal["m", "km", "mi", "ft", "kg", "lb", "K", "°C", "°F", "EUR", "USD", "GBP", "JPY", "SGD", "ISK"]


@tool(status="Converting {value} {unit} to {to}…")
def convert(value: float, unit: Unit, to: Unit) -> dict[str, Any]:
    """Convert a length, mass, temperature or sum of money. Refuses to mix quantities.

    Args:
        value: The number to convert.
        unit: Its unit.
        to: The unit to convert it to.
    """
    quantity, size, zero = _UNITS[unit]
    wanted, target_size, target_zero = _UNITS[to]
    if quantity != wanted:
        raise ToolError(f"{unit} is a unit of {quantity}, {to} of {wanted}")
    result = (value * size + zero - target_zero) / target_size
    answer: dict[str, Any] = {"value": round(result, 2), "unit": to}
    return answer | (
        {"rate": round(size / target_size, 4), "rates_of": RATES_OF} if quantity == "money" else {}
    )


@tool(status="Looking up {city}…")
async def look_up_city(city: str) -> dict[str, Any]:
    """What a traveler has to know of a city: currency, time zone, plug type, emergency number, tipping.

    Args:
        city: Its English name.
    """
    facts = _CITIES.get(city.strip().lower())
    if facts is None:
        raise ToolError(f"the table has only {', '.join(entry['city'] for entry in _CITIES.values())}")
    return facts


@tool(status="Searching the docs for “{query}”…")
async def search_docs(query: str) -> AsyncIterator[Any]:
    """Search genui's own documentation. Use it for every question about genui, and answer from what it finds.

    Args:
        query: A few words that the passage should hold.
    """
    sources: list[dict[str, str]] = []
    passages: list[dict[str, str]] = []
    source_list = Catalog.builtin()["SourceList"]
    for passage in docs().search(query):
        sources.append({"title": passage.title, "url": passage.url, "snippet": _snippet(passage.text)})
        passages.append({"title": passage.title, "file": passage.file, "text": passage.text})
        yield source_list(title="From the documentation", sources=list(sources))
        await asyncio.sleep(READING)
    yield {"passages": passages}


@tool(status="Calculating {expression}…")
def calculate(expression: str) -> list[Any]:
    """Work out arithmetic exactly: + - * / ^ % mod, parentheses and sqrt().

    Args:
        expression: Such as "(1,249.90 - 80) * 20%".
    """
    value = shown(evaluate(expression))
    return [{"value": value}, Catalog.builtin()["Metric"](label=expression, value=value)]


@tool(status="Measuring the load…")
async def machine_load() -> Element:
    """Show how busy the machine is that this server runs on, live."""
    return Catalog.builtin()["SystemLoad"](title="The machine behind this page")


def _snippet(text: str) -> str:
    words = re.sub(r"```.*?```|[`*|#]|-{3,}", " ", text, flags=re.DOTALL)
    return one_line(words, 140)


ASSISTANT = (search_docs, calculate, machine_load)
"""An assistant over the project's own documentation, for any model."""

TOOLS = (*ASSISTANT, look_up_city, convert)
