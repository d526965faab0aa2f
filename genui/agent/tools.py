"""Tools: typed Python functions that a model may call.

The JSON Schema and the validation are pydantic's, made of the signature. What runs is the function itself;
what pydantic sees is a stand-in of the same signature that only hands the checked arguments back, so that
"these arguments are wrong" can never be confused with an error inside the function.
"""

from __future__ import annotations

import asyncio
import functools
import inspect
import logging
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, TypeAlias, overload

import pydantic
import pydantic_core

from genui.errors import GenUIError

log = logging.getLogger("genui.agent")

DEFAULT_STATUS = "Working…"
"""Says nothing of the tool: what a tool is called and what it is sent is not for the user to see."""

LONGEST_RESULT = 100_000
"""Characters of a result that the model gets to read."""

_LONGEST_VALUE = 80  # characters of one argument in a status

Arguments: TypeAlias = tuple[tuple[Any, ...], dict[str, Any]]
"""Positional and keyword arguments, checked and converted."""


class ToolError(GenUIError):
    """A tool could not do it, and says why in words that the user may read.

    Raise it inside a tool: `raise ToolError("There is no flight on that day.")`. The model gets to read it
    too. Any other exception reaches the model alone.
    """

    def __init__(self, message: str, *, code: str = "tool-failed", for_model: str | None = None) -> None:
        super().__init__(code, message)
        self.for_model = for_model or message


@dataclass(frozen=True, slots=True, eq=False)
class Tool:
    """A function with what a model must know to call it. Calling the tool calls the function.

    `parameters` is a JSON Schema object, `status` a line such as "Looking up {city}…", `timeout` in seconds.
    """

    name: str
    description: str
    parameters: dict[str, Any]
    status: str
    timeout: float
    function: Callable[..., Any]
    _adapter: pydantic.TypeAdapter[Arguments]

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        return self.function(*args, **kwargs)

    def check(self, arguments: str) -> Arguments:
        """`arguments`, a JSON object in text, validated and converted. Raises ToolError that says, to the
        model, what is wrong with them."""
        try:
            return self._adapter.validate_json(arguments.strip() or "{}")
        except pydantic.ValidationError as error:
            raise ToolError(
                "the request made no sense", code="tool-arguments", for_model=_complaint(error)
            ) from error

    def label(self, arguments: Arguments | None = None) -> str:
        """The status line for people; a value it names that is not there shows as an ellipsis."""
        values = arguments[1] if arguments else {}
        return re.sub(r"\{(\w+)\}", lambda found: _shown(values.get(found[1], "…")), self.status)

    async def run(self, arguments: Arguments) -> str:
        """The function's result as text for the model. A sync function runs in a thread, which goes on
        to its end even if the run is cancelled. Raises ToolError, whatever the function raised."""
        args, kwargs = arguments
        try:
            async with asyncio.timeout(self.timeout):
                if inspect.iscoroutinefunction(self.function):
                    result = self.function(*args, **kwargs)
                else:
                    result = await asyncio.to_thread(self.function, *args, **kwargs)
                if inspect.isawaitable(result):
                    result = await result
            return _as_text(result)
        except ToolError:
            raise
        except TimeoutError as error:
            raise ToolError("it took too long", code="tool-timeout") from error
        except Exception as error:
            log.warning("tool %s failed", self.name, exc_info=error)
            raise ToolError("it did not work", for_model=f"{type(error).__name__}: {error}") from error


@overload
def tool(function: Callable[..., Any], /) -> Tool: ...
@overload
def tool(
    *, name: str | None = None, status: str = DEFAULT_STATUS, timeout: float = 60.0
) -> Callable[[Callable[..., Any]], Tool]: ...
def tool(
    function: Callable[..., Any] | None = None,
    /,
    *,
    name: str | None = None,
    status: str = DEFAULT_STATUS,
    timeout: float = 60.0,
) -> Tool | Callable[[Callable[..., Any]], Tool]:
    """Make a typed function, async or not, a tool.

        @genui.tool(status="Looking up {city}…")
        async def weather(city: str, days: int = 1) -> dict[str, float]:
            '''The forecast for a city.

            Args:
                city: Its English name.
            '''

    Its docstring tells the model what it does; `Args:` (or `Annotated[..., Field(description=…)]`) what
    each argument is. `status` is what people read while it runs, with arguments in braces; without one they
    read only that something is going on. After `timeout` seconds the call has failed.
    """

    def make(function: Callable[..., Any]) -> Tool:
        adapter = _adapter(function)
        description, arguments = _documentation(function)
        parameters = _parameters(adapter, arguments)
        called = str(name or getattr(function, "__name__", type(function).__name__))
        return Tool(called, description, parameters, status, timeout, function, adapter)

    return make if function is None else make(function)


def _adapter(function: Callable[..., Any]) -> pydantic.TypeAdapter[Arguments]:
    def stand_in(*args: Any, **kwargs: Any) -> Arguments:
        return args, kwargs

    stand_in_with_signature: Any = functools.wraps(function)(stand_in)
    return pydantic.TypeAdapter(stand_in_with_signature)


def _parameters(adapter: pydantic.TypeAdapter[Arguments], documented: Mapping[str, str]) -> dict[str, Any]:
    schema = adapter.json_schema()
    for argument, text in documented.items():
        if argument in schema.get("properties", {}):
            schema["properties"][argument].setdefault("description", text)
    return schema


def _documentation(function: Callable[..., Any]) -> tuple[str, dict[str, str]]:
    """What the docstring says of the function, and of each argument under `Args:` (Google style)."""
    summary, _, rest = (inspect.getdoc(function) or "").partition("\nArgs:\n")
    section = re.match(r"(?:[ \t]+.*(?:\n|$)|\n)*", rest)
    found = re.split(r"^ {1,4}(\w+)(?: \([^)]*\))?:", section[0] if section else "", flags=re.MULTILINE)
    texts = (" ".join(text.split()) for text in found[2::2])
    return summary.strip(), dict(zip(found[1::2], texts, strict=True))


def _complaint(error: pydantic.ValidationError) -> str:
    problems = (
        f"{'.'.join(map(str, problem['loc'])) or 'arguments'}: {problem['msg']}"
        for problem in error.errors(include_url=False, include_context=False, include_input=False)
    )
    return "The arguments are invalid. " + "; ".join(problems)


def _shown(value: object) -> str:
    whole = isinstance(value, float) and value.is_integer()
    text = " ".join(str(int(value) if whole else value).split())  # type: ignore[call-overload]
    return text if len(text) <= _LONGEST_VALUE else text[: _LONGEST_VALUE - 1] + "…"


def _as_text(result: object) -> str:
    text = result if isinstance(result, str) else pydantic_core.to_json(result, fallback=str).decode()
    return text if len(text) <= LONGEST_RESULT else text[:LONGEST_RESULT] + "\n(The rest was cut.)"
