"""What components exist, and what belongs in their props."""

from genui.catalog.catalog import Catalog
from genui.catalog.component import Component
from genui.catalog.schema import Prop, Shape, parse_number, pointer_escape

__all__ = ["Catalog", "Component", "Prop", "Shape", "parse_number", "pointer_escape"]
