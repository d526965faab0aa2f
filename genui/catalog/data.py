"""Data that the server brings for a component, so that the model need not write it, nor invent it: the
function `load` in the loader.py of a component's folder.

    async def load(props):                       # once
        return {"price": await price_of(props["symbol"])}

    async def load(props):                       # again and again, for as long as it may
        while True:
            yield {"price": await price_of(props["symbol"])}
            await asyncio.sleep(1)

It is called with the props that the component says it needs, and with all of them when it does not say.
They are what a model wrote: valid, but not to be trusted with a file's path or an address. Each dict it
gives is laid over those before it. A GenUIError that it raises is shown in its own words; of any other
the user learns only that there is no data, and the server's log the rest.
"""

from __future__ import annotations

import ast
import importlib.util
import inspect
import sys
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from importlib.machinery import SourceFileLoader
from pathlib import Path
from typing import Any, TypeAlias, cast

from genui.events import Json

Load: TypeAlias = Callable[
    [dict[str, Json]], Awaitable[Mapping[str, Json]] | AsyncIterator[Mapping[str, Json]]
]
"""Called with props; an `async def` that returns a dict, or an async generator of dicts."""

LOAD_TIMEOUT = 10.0
LONGEST_TIMEOUT = 300.0


def is_load(found: Any) -> bool:
    """Whether something is the kind of function that `load` must be."""
    return inspect.iscoroutinefunction(found) or inspect.isasyncgenfunction(found)


class _Uncached(SourceFileLoader):
    """Never bytecode from before: its date counts seconds, and an edit may follow an edit in less."""

    def path_stats(self, path: str) -> Mapping[str, Any]:
        raise OSError(f"{path}: not cached")


def import_load(path: Path) -> Load:
    """The `load` of a loader.py, which is run. Raises what running it raises, and TypeError when it leaves
    behind no `load` of the right kind."""
    # The whole path in the name: two folders may each have a component of one name.
    name = "genui_loader_" + path.resolve().parent.as_posix().strip("/").replace("/", "_").replace(".", "_")
    spec = importlib.util.spec_from_file_location(name, path, loader=_Uncached(name, str(path)))
    if spec is None or spec.loader is None:
        raise TypeError("is no Python module")
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module  # dataclasses and pickles look their module up
    try:
        spec.loader.exec_module(module)
    except BaseException:
        del sys.modules[name]
        raise
    load = getattr(module, "load", None)
    if not is_load(load):
        raise TypeError("has no `async def load(props)`")
    return cast(Load, load)


def parse_load(path: Path) -> Load:
    """What stands in for the `load` of a loader.py that is read and not run: it brings nothing.

    Raises SyntaxError, and TypeError when it surely defines no `load` of the right kind. One that is imported
    or assigned passes: only running would tell.
    """
    bound: list[ast.AST] = []
    for node in ast.parse(path.read_bytes(), str(path)).body:
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef) and node.name == "load":
            bound.append(node)
        elif isinstance(node, ast.Import | ast.ImportFrom | ast.Assign | ast.AnnAssign | ast.If | ast.Try):
            bound += [node] if "load" in _names_bound(node) else []
    if not bound or isinstance(bound[-1], ast.FunctionDef | ast.ClassDef):
        raise TypeError("has no `async def load(props)`")
    return _bring_nothing


def _names_bound(node: ast.AST) -> set[str]:
    names = {alias.asname or alias.name for alias in ast.walk(node) if isinstance(alias, ast.alias)}
    names |= {name.id for name in ast.walk(node) if isinstance(name, ast.Name)}
    return names | {
        inner.name for inner in ast.walk(node) if isinstance(inner, ast.FunctionDef | ast.AsyncFunctionDef)
    }


async def _bring_nothing(_: dict[str, Json]) -> Mapping[str, Json]:
    return {}
