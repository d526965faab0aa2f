"""What components exist, what belongs in their props, and what they may bring and do."""

from genui.catalog.actions import Action, Field, check_values, field_of, read_fields
from genui.catalog.bindings import bound_variable, complaint, has_bound, is_bound
from genui.catalog.catalog import Catalog
from genui.catalog.check import check_folder
from genui.catalog.classes import component, component_of, element_of, props_of
from genui.catalog.colors import theme
from genui.catalog.component import NAME, Component, Element, snake_case
from genui.catalog.data import Load, is_load
from genui.catalog.definition import KEYS, RESERVED, Definition
from genui.catalog.findings import Finding, line_at, line_of
from genui.catalog.fitting import Fitted, fit
from genui.catalog.grammars import DIALECTS, Dialect
from genui.catalog.loader import Reading, read_folder
from genui.catalog.schema import MOST_VALUES, Prop, Shape, is_too_much, parse_number
from genui.catalog.starting import scaffold
from genui.catalog.templates import filters_and_tests, sandbox_templates
from genui.catalog.tokens import count_tokens, is_exact
from genui.catalog.written import write_tag

__all__ = [
    "DIALECTS",
    "KEYS",
    "MOST_VALUES",
    "NAME",
    "RESERVED",
    "Action",
    "Catalog",
    "Component",
    "Definition",
    "Dialect",
    "Element",
    "Field",
    "Finding",
    "Fitted",
    "Load",
    "Prop",
    "Reading",
    "Shape",
    "bound_variable",
    "check_folder",
    "check_values",
    "complaint",
    "component",
    "component_of",
    "count_tokens",
    "element_of",
    "field_of",
    "filters_and_tests",
    "fit",
    "has_bound",
    "is_bound",
    "is_exact",
    "is_load",
    "is_too_much",
    "line_at",
    "line_of",
    "parse_number",
    "props_of",
    "read_fields",
    "read_folder",
    "sandbox_templates",
    "scaffold",
    "snake_case",
    "theme",
    "write_tag",
]
