"""What components exist, and what belongs in their props."""

from genui.catalog.catalog import Catalog
from genui.catalog.check import check_folder
from genui.catalog.classes import component, component_of, props_of
from genui.catalog.colors import theme
from genui.catalog.component import NAME, Component, snake_case
from genui.catalog.definition import KEYS, RESERVED, Definition
from genui.catalog.findings import Finding, line_at, line_of
from genui.catalog.grammars import DIALECTS, Dialect
from genui.catalog.loader import Reading
from genui.catalog.schema import Prop, Shape, parse_number, pointer_escape
from genui.catalog.templates import filters_and_tests
from genui.catalog.tokens import count_tokens, is_exact

__all__ = [
    "DIALECTS",
    "KEYS",
    "NAME",
    "RESERVED",
    "Catalog",
    "Component",
    "Definition",
    "Dialect",
    "Finding",
    "Prop",
    "Reading",
    "Shape",
    "check_folder",
    "component",
    "component_of",
    "count_tokens",
    "filters_and_tests",
    "is_exact",
    "line_at",
    "line_of",
    "parse_number",
    "pointer_escape",
    "props_of",
    "snake_case",
    "theme",
]
