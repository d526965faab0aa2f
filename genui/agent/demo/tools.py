"""The demo's two tools. They are real: no network, but nothing in them is scripted."""

from __future__ import annotations

from typing import Any, Literal

from genui.agent.tools import ToolError, tool

RATES_OF = "June 2025"

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


TOOLS = (look_up_city, convert)
