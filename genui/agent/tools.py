"""Tools: typed Python functions that a model may call.

What a tool gives is what its function returns or, where it is a generator, each of its values:

| it gives | which is |
| --- | --- |
| `Progress("Page 3 of 10…")` | the words of its status, for now |
| a component, of a class or `catalog["Name"](…)` | shown; of the same name again, brought up to date |
| anything else | the result, for the model to read; of several the last |
| a list or tuple with a component in it | all of them |
"""

from __future__ import annotations

import inspect
import logging
from collections.abc import AsyncGenerator, Callable, Sequence
from contextlib import aclosing
from dataclasses import dataclass
from typing import Any, Protocol, overload

import pydantic

from genui.agent.labels import Label
from genui.agent.signatures import Arguments, Signature, complaint, signature_of
from genui.agent.threads import values_of
from genui.errors import GenUIError

log = logging.getLogger("genui.agent")

DEFAULT_STATUS = "Working…"
"""Says nothing of the tool: what a tool is called and what it is sent is not for the user to see."""


class ToolError(GenUIError):
    """A tool could not do it, and says why in words that the user may read.

    Raise it inside a tool: `raise ToolError("There is no flight on that day.")`. The model gets to read it
    too. Any other exception reaches the model alone.
    """

    def __init__(self, message: str, *, code: str = "tool-failed", for_model: str | None = None) -> None:
        super().__init__(code, message)
        self.for_model = for_model or message


class ToolDefinitionError(GenUIError):
    """A function cannot be the tool that it is made."""


@dataclass(frozen=True, slots=True)
class Progress:
    """Yielded by a tool: how far it is, in words for its status."""

    label: str


@dataclass(frozen=True, slots=True, eq=False)
class Tool:
    """A function with what a model must know to call it. Calling the tool calls the function.

    `parameters` is a JSON Schema object. `status` is a line such as "Looking up {city}…"; `confirm`, if
    any, what the user is asked first. Times are in seconds: `timeout` for the work, `confirm_timeout` for
    the user's answer. After more than `retries` calls with invalid arguments it is offered no more.
    """

    name: str
    description: str
    parameters: dict[str, Any]
    status: Label
    confirm: Label | None
    timeout: float
    confirm_timeout: float
    retries: int
    function: Callable[..., Any]
    _check: Callable[[str], Arguments]

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        return self.function(*args, **kwargs)

    def check(self, arguments: str) -> Arguments:
        """`arguments`, a JSON object in text, validated and converted. Raises ToolError that says, to the
        model, what is wrong with them."""
        try:
            return self._check(arguments.strip() or "{}")
        except pydantic.ValidationError as error:
            raise ToolError(
                "the request made no sense", code="tool-arguments", for_model=complaint(error)
            ) from error

    async def values(self, arguments: Arguments) -> AsyncGenerator[Any, None]:
        """Call the function: everything that it gives. A sync one runs in a thread. Raises what it raises;
        closing the iterator cancels it."""
        args, kwargs = arguments
        if inspect.iscoroutinefunction(self.function):
            yield await self.function(*args, **kwargs)
            return
        given = (
            self.function(*args, **kwargs)
            if inspect.isasyncgenfunction(self.function)
            else values_of(lambda: self.function(*args, **kwargs))
        )
        async with aclosing(given) as values:
            async for value in values:
                yield await value if inspect.isawaitable(value) else value


class Toolset(Protocol):
    """Tools that are known only once they are asked for, as those of an MCP server are. `confirm` says
    whether any of them may ask the user first."""

    @property
    def confirm(self) -> bool: ...

    async def tools(self) -> Sequence[Tool]:
        """What there is now. Raises nothing."""
        ...

    async def close(self) -> None:
        """Let go of whatever stands behind them."""
        ...


@overload
def tool(function: Callable[..., Any], /) -> Tool: ...
@overload
def tool(
    *,
    name: str | None = None,
    status: str = DEFAULT_STATUS,
    confirm: str | None = None,
    timeout: float = 60.0,
    confirm_timeout: float = 300.0,
    retries: int = 2,
) -> Callable[[Callable[..., Any]], Tool]: ...
def tool(
    function: Callable[..., Any] | None = None,
    /,
    *,
    name: str | None = None,
    status: str = DEFAULT_STATUS,
    confirm: str | None = None,
    timeout: float = 60.0,
    confirm_timeout: float = 300.0,
    retries: int = 2,
) -> Tool | Callable[[Callable[..., Any]], Tool]:
    """Make a typed function, async or not, a tool.

        @genui.tool(status="Looking up {city}…")
        async def weather(city: str, days: int = 1) -> dict[str, float]:
            '''The forecast for a city.

            Args:
                city: Its English name.
            '''

    Its docstring tells the model what it does and what each argument is; so does
    `Annotated[..., Field(description=…)]`. `status` is what people read while it runs, with arguments in
    braces; without one they read only that something is going on. With `confirm` the user is asked first
    ("Book a table for {people}?"). Docs: docs/agents.md. Raises ToolDefinitionError.
    """

    def make(function: Callable[..., Any]) -> Tool:
        called = str(name or getattr(function, "__name__", type(function).__name__))
        signature = _signature(function, called)
        labels = Label(status), Label(confirm) if confirm is not None else None
        for label in filter(None, labels):
            _check_label(label, signature, called)
        return Tool(
            called, signature.description, signature.parameters, *labels,
            timeout, confirm_timeout, retries, function, signature.check,
        )  # fmt: skip

    return make if function is None else make(function)


def _signature(function: Callable[..., Any], name: str) -> Signature:
    try:
        return signature_of(function)
    except pydantic.PydanticUserError as error:
        what = f"tool {name}: one of its arguments has a type that JSON cannot hold: {error.message}"
        raise ToolDefinitionError("bad-tool", what) from error


def _check_label(label: Label, signature: Signature, name: str) -> None:
    if signature.parameters.get("additionalProperties"):  # **kwargs: anything may come
        return
    known = signature.parameters.get("properties", {})
    for unknown in sorted(label.names - known.keys()):
        takes = ", ".join(known) or "nothing"
        what = f"tool {name}: {label.text!r} names {{{unknown}}}, and it takes {takes}"
        raise ToolDefinitionError("bad-tool", what)
