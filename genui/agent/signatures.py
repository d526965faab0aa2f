"""What a model must know of a Python function: the JSON Schema of its arguments, and what its docstring says.

The schema and the validation are pydantic's, made of the signature. What pydantic sees is a stand-in of the
same signature that only hands the checked arguments back, so that "these arguments are wrong" can never be
confused with an error inside the function. Docstrings in the styles of Google, numpy and reST are read by
docstring_parser.
"""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable
from typing import Any, NamedTuple, TypeAlias

import docstring_parser
import pydantic

Arguments: TypeAlias = tuple[tuple[Any, ...], dict[str, Any]]
"""Positional and keyword arguments, checked and converted."""


class Signature(NamedTuple):
    """`parameters` is a JSON Schema object, `check` turns a JSON text into arguments or raises
    pydantic.ValidationError."""

    description: str
    parameters: dict[str, Any]
    check: Callable[[str], Arguments]


def signature_of(function: Callable[..., Any]) -> Signature:
    """Raises pydantic.PydanticUserError for a type that has no schema."""
    adapter = _adapter(function)
    schema = adapter.json_schema()
    description, arguments = _documentation(function)
    for name, text in arguments.items():
        if name in schema.get("properties", {}):
            schema["properties"][name].setdefault("description", text)
    return Signature(description, schema, adapter.validate_json)


def complaint(error: pydantic.ValidationError) -> str:
    """What is wrong with arguments, to the model that wrote them."""
    problems = (
        f"{'.'.join(map(str, problem['loc'])) or 'arguments'}: {problem['msg']}"
        for problem in error.errors(include_url=False, include_context=False, include_input=False)
    )
    return "The arguments are invalid. " + "; ".join(problems)


def _adapter(function: Callable[..., Any]) -> pydantic.TypeAdapter[Arguments]:
    def stand_in(*args: Any, **kwargs: Any) -> Arguments:
        return args, kwargs

    stand_in_with_signature: Any = functools.wraps(function)(stand_in)
    return pydantic.TypeAdapter(stand_in_with_signature)


def _documentation(function: Callable[..., Any]) -> tuple[str, dict[str, str]]:
    """What the docstring says of the function, and of each argument."""
    text = inspect.getdoc(function) or ""
    found = docstring_parser.parse(text)
    if not found.params:
        return (found.description or text).strip(), {}
    arguments = {one.arg_name: " ".join((one.description or "").split()) for one in found.params}
    return (found.description or "").strip(), {name: said for name, said in arguments.items() if said}
