"""What components exist, what belongs in their props, and what they may bring and do."""

from genui.catalog.actions import Action, Field, check_values, field_of, read_fields
from genui.catalog.catalog import Catalog
from genui.catalog.component import Component
from genui.catalog.data import Load, is_load
from genui.catalog.schema import Prop, Shape, parse_number

__all__ = [
    "Action",
    "Catalog",
    "Component",
    "Field",
    "Load",
    "Prop",
    "Shape",
    "check_values",
    "field_of",
    "is_load",
    "parse_number",
    "read_fields",
]
