"""The catalog that the tests of the markup share: every kind of prop that a component may declare."""

from __future__ import annotations

from genui.catalog import Catalog
from genui.events import Json
from genui.markup import Recognizer

_TEXT: Json = {"type": "string"}
_ANY_CHILD: Json = {
    "type": "array",
    "items": {"anyOf": [{"$ref": "#/$defs/Metric"}, {"$ref": "#/$defs/Table"}]},
}

SCHEMA: Json = {
    "$defs": {
        # A positional number first, a flag, an enum with a default.
        "WeatherWidget": {
            "properties": {
                "temp": {"type": "number"},
                "city": _TEXT,
                "live": {"type": "boolean"},
                "unit": {"enum": ["F", "C"], "default": "F"},
            },
            "required": ["temp"],
        },
        # Two free texts, one of them required.
        "Metric": {"properties": {"label": _TEXT, "value": _TEXT}, "required": ["label"]},
        # Lists of scalars, of lists, of objects; an object; anything.
        "Table": {
            "properties": {
                "columns": {"type": "array", "items": _TEXT},
                "rows": {"type": "array", "items": {"type": "array"}},
                "caption": _TEXT,
            },
        },
        "Chart": {
            "properties": {
                "kind": {"enum": ["bar", "line", "stacked-area"]},
                "series": {
                    "type": "array",
                    "items": {
                        "type": "object",
                        "properties": {
                            "name": _TEXT,
                            "points": {"type": "array", "items": {"type": "number"}},
                            "hidden": {"type": "boolean"},
                        },
                        "required": ["name"],
                    },
                },
                "axis": {
                    "type": "object",
                    "properties": {"title": _TEXT, "ticks": {"type": "integer"}},
                },
                "maxValue": {"type": ["number", "null"]},
                "extra": {},
            },
        },
        # Each string that may not be shown before it is whole.
        "Contact": {
            "properties": {
                "name": _TEXT,
                "email": {"type": "string", "format": "email"},
                "zip": {"type": "string", "pattern": "^[0-9]{5}$"},
                "age": {"type": "integer", "minimum": 0, "maximum": 150},
                "nickname": {"type": ["string", "null"]},
                "color": {"type": "string", "format": "color"},
            },
        },
        "TextContent": {"properties": {"text": _TEXT, "size": {"enum": ["small", "large-heavy"]}}},
        # Children: a list of certain components, required; Markdown; one component, required.
        "Card": {
            "properties": {"title": _TEXT, "children": _ANY_CHILD},
            "required": ["children"],
        },
        "Section": {"properties": {"heading": _TEXT, "open": {"type": "boolean"}, "children": {}}},
        "Frame": {
            "properties": {"content": {"$ref": "#/$defs/Chart"}, "note": _TEXT},
            "required": ["content"],
        },
        "Divider": {"properties": {}},
    }
}
CATALOG = Catalog.from_json_schema(SCHEMA)


def recognizer() -> Recognizer:
    """A recognizer as it comes, over this catalog."""
    return Recognizer(CATALOG)
