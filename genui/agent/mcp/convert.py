"""A tool of an MCP server's as one of ours: its schema, its words for people, and what it answers."""

from __future__ import annotations

import asyncio
import json
import logging
import re
from collections.abc import AsyncGenerator, Awaitable, Callable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any

import jsonschema_rs

from genui.agent.labels import Label, one_line
from genui.agent.mcp.apps import app_element, app_of
from genui.agent.signatures import Arguments
from genui.agent.tools import DEFAULT_STATUS, Progress, Tool, ToolError

if TYPE_CHECKING:
    from mcp.types import CallToolResult, ContentBlock
    from mcp.types import Tool as Spec

log = logging.getLogger("genui.agent")

_UNFIT = re.compile(r"[^A-Za-z0-9_-]")
_LONGEST_NAME = 64  # what models' servers take
_LONGEST_LIST = 600  # letters of the arguments in a question
_MOST_PROBLEMS = 5


@dataclass(frozen=True, slots=True)
class Caller:
    """How the tools of a server are called. `server` is its name; `timeout` is in seconds."""

    server: str
    call: Callable[[str, dict[str, Any], Callable[..., Any]], Awaitable[CallToolResult]]
    timeout: float
    confirm: bool


def is_offered(spec: Spec) -> bool:
    """Whether the model may call it; some are only for apps."""
    ui = (spec.meta or {}).get("ui")
    visibility = ui.get("visibility") if isinstance(ui, dict) else None
    return not isinstance(visibility, list) or "model" in visibility


@dataclass(frozen=True, slots=True)
class AppTool:
    """A tool as an app calls it. `question` is what its user is asked first, if anything."""

    name: str
    check: Callable[[str], Arguments]
    question: Label | None


def app_tool_of(spec: Spec, caller: Caller) -> AppTool | None:
    """Likewise: None where its schema is none."""
    check = _checked(spec, caller.server)
    return AppTool(spec.name, check, _asks(spec, caller)) if check else None


def tool_of(spec: Spec, caller: Caller) -> Tool | None:
    """The tool; None, and a line in the log, where its schema is none."""
    check = _checked(spec, caller.server)
    if check is None:
        return None
    return Tool(
        _UNFIT.sub("_", spec.name)[:_LONGEST_NAME],
        spec.description or _title(spec) or spec.name,
        dict(spec.input_schema),
        Label(f"{title}…" if (title := _title(spec)) else DEFAULT_STATUS),
        _asks(spec, caller),
        caller.timeout, 300.0, 2, partial(_values, spec, caller), check,
    )  # fmt: skip


def _checked(spec: Spec, server: str) -> Callable[[str], Arguments] | None:
    try:
        return _checker(spec.input_schema)
    except (ValueError, TypeError) as error:
        log.warning("MCP server %s: the schema of the tool %s is invalid: %s", server, spec.name, error)
        return None


def _asks(spec: Spec, caller: Caller) -> Label | None:
    return _question(spec, caller.server) if caller.confirm and not _only_reads(spec) else None


def _title(spec: Spec) -> str | None:
    """What the server calls it for people."""
    title = spec.title or (spec.annotations.title if spec.annotations else None)
    return one_line(title.replace("{", "").replace("}", ""), 80) if title else None


def _only_reads(spec: Spec) -> bool:
    return bool(spec.annotations and spec.annotations.read_only_hint)


class _Question(Label):
    """Says what is about to be done with all that it is done with: what a question leaves out is where a
    model that was talked into something would put the harm."""

    __slots__ = ()

    def fill(self, values: Mapping[str, object]) -> str:
        given = [f"{one_line(name, 40)}: {one_line(_as_json(value), 80)}" for name, value in values.items()]
        shown: list[str] = []
        while given and sum(map(len, shown)) + len(given[0]) < _LONGEST_LIST:
            shown.append(given.pop(0))
        if given:
            shown.append(f"and {len(given)} more")
        return f"{self.text} ({', '.join(shown)})?" if shown else f"{self.text}?"


def _as_json(value: object) -> str:
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def _question(spec: Spec, server: str) -> Label:
    return _Question(f"Let {server} do this: {_title(spec) or one_line(spec.name, 80)}")


def _checker(schema: Mapping[str, Any]) -> Callable[[str], Arguments]:
    """Raises ValueError for a schema that is none."""
    validator = jsonschema_rs.Draft202012Validator(dict(schema), retriever=_refuse)

    def check(text: str) -> Arguments:
        try:
            found = json.loads(text)
            if not isinstance(found, dict):
                raise _wrong("They are no JSON object")
            problems = [
                f"{'.'.join(map(str, problem.instance_path)) or 'arguments'}: {problem.message}"
                for problem in validator.iter_errors(found)
            ]
        except (ValueError, RecursionError) as error:
            raise _wrong(f"They cannot be read: {error}") from error
        if problems:
            raise _wrong("; ".join(problems[:_MOST_PROBLEMS]))
        return (), found

    return check


def _refuse(uri: str) -> Any:
    """A schema of somebody else's makes us fetch nothing."""
    raise ValueError(f"{uri} is not fetched")


def _wrong(why: str) -> ToolError:
    return ToolError(
        "the request made no sense", code="tool-arguments", for_model=f"The arguments are invalid. {why}"
    )


async def _values(spec: Spec, caller: Caller, /, **arguments: Any) -> AsyncGenerator[Any, None]:
    """Its progress, its app if it has one, and its result. Raises ToolError."""
    uri = app_of(spec)
    title = _title(spec) or spec.name
    if uri:
        yield app_element(caller.server, uri, title, arguments)
    news = asyncio.Event()
    latest: str | None = None  # a server may tell more than anybody reads: only its last word counts

    async def tell(progress: float, total: float | None, message: str | None) -> None:
        nonlocal latest
        del progress, total
        if message:
            latest = message
            news.set()

    work = asyncio.ensure_future(caller.call(spec.name, arguments, tell))
    work.add_done_callback(lambda _: news.set())
    try:
        while not work.done():
            await news.wait()
            news.clear()
            if latest is not None:
                words, latest = latest, None
                yield Progress(one_line(words))
        result = await work
    finally:
        if not work.done():
            work.cancel()
            await asyncio.wait([work], timeout=1.0)
    said = "\n\n".join(filter(None, map(_as_text, result.content)))
    if result.is_error:
        raise ToolError("it did not work", for_model=said or "It failed and did not say why.")
    if uri:
        yield app_element(caller.server, uri, title, arguments, result)
    yield said or result.structured_content or "Done."


def _as_text(block: ContentBlock) -> str:
    """What the model can read of it."""
    if block.type == "text":
        return block.text
    if block.type == "resource":
        return getattr(block.resource, "text", f"[{block.resource.uri}]")
    if block.type == "resource_link":
        return f"[{block.title or block.name}]({block.uri})"
    return f"[{block.mime_type}]"
