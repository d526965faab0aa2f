"""What a component.toml says of a component's loader, of its actions, and of its value as an input."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import NamedTuple

from genui.catalog.actions import FIELDS, INPUT_KINDS, Action
from genui.catalog.data import LOAD_TIMEOUT, LONGEST_TIMEOUT, Load
from genui.catalog.definition import Definition, Report, near
from genui.catalog.findings import Finding
from genui.events import Json

_ACTION_WORDS = ("label", "named_by", "when", "once", "fields", "props", "values")


class Loading(NamedTuple):
    """A component's loader: which props it needs (None: all), and how many seconds it may take."""

    load: Load | None
    needs: tuple[str, ...] | None
    timeout: float


def read_loading(
    folder: Path, definition: Definition, report: Report, importing: Callable[[Path], Load]
) -> Loading:
    """The loader.py in a folder, got by `importing`, and what `[load]` says of it."""
    settings = _table(definition, "load", definition.value("load", {}), ("needs", "timeout"))
    path = folder / "loader.py"
    if definition.has("load") and not path.exists():
        definition.fail("no-loader", "load", "`[load]` is about a loader.py, which is missing", "add it")
    needs = _props(definition, "load", "needs", settings.get("needs")) if "needs" in settings else None
    timeout = settings.get("timeout", LOAD_TIMEOUT)
    if type(timeout) not in (int, float) or not 0 < timeout <= LONGEST_TIMEOUT:
        what = "`timeout` is no time that a loader may take"
        definition.fail("bad-load", "load", what, f"give seconds, at most {LONGEST_TIMEOUT:g}")
        timeout = LOAD_TIMEOUT
    load = _imported(path, report, importing) if path.exists() else None
    return Loading(load, needs, float(timeout))


def _imported(path: Path, report: Report, importing: Callable[[Path], Load]) -> Load | None:
    try:
        return importing(path)
    except SyntaxError as error:
        report(
            Finding(path, error.lineno or 0, "bad-loader", f"is not Python: {error.msg}", "mend that line")
        )
    except TypeError as error:
        advice = "its `async def load(props)` returns a dict, or yields dicts"
        report(Finding(path, 0, "bad-loader", str(error), advice))
    except Exception as error:
        what = f"fails when it is imported: {type(error).__name__}: {error}"
        report(Finding(path, 0, "bad-loader", what, "mend it"))
    return None


def read_actions(definition: Definition) -> Iterator[Action]:
    """What `[actions]` declares, as far as it is right."""
    for name, settings in definition.value("actions", {}).items():
        if (action := _action(definition, name, settings)) is not None:
            yield action


def _action(definition: Definition, name: str, given: Json) -> Action | None:
    key = f"actions.{name}"
    settings = _table(definition, key, given, _ACTION_WORDS)
    named_by, held = (_props(definition, key, word, settings.get(word, [])) for word in ("named_by", "props"))
    label, when = (
        "".join(_props(definition, key, word, [settings[word]])) if word in settings else ""
        for word in ("label", "when")
    )
    if wrong := _wrong(settings):
        definition.fail("bad-action", key, f"`{key}` {wrong[0]}", wrong[1])
        return None
    once, fields, values = settings.get("once", False), settings.get("fields"), settings.get("values")
    action = Action(name, label, named_by, when, once, fields, held, values)
    # With the choices filled in, for `enum = {"$prop" = "options"}` alone is no JSON Schema.
    filled = action.schema({prop.name: ["choice"] for prop in definition.props})
    return action if definition.judge_schema(key, filled) else None


def _wrong(settings: Mapping[str, Json]) -> tuple[str, str] | None:
    if settings.get("fields") not in (None, *FIELDS):
        return "has unknown `fields`", f"known are {', '.join(FIELDS)}"
    if type(settings.get("once", False)) is not bool:
        return "has a wrong `once`", "it must be true or false"
    if sum(word in settings for word in ("fields", "props", "values")) > 1:
        return "says twice what its values are", "keep one of `fields`, `props` and `values`"
    if not isinstance(settings.get("values", {}), Mapping):
        return "has `values` that are no table", "give it a JSON Schema under a heading"
    return None


def read_input(definition: Definition) -> str:
    """The kind of value that the component has in a form; "" for none."""
    kind = str(definition.value("input", ""))
    if not kind or kind in INPUT_KINDS:
        return kind
    definition.fail("bad-input", "input", f"`input` is {kind!r}", near(kind, INPUT_KINDS))
    return ""


def _table(definition: Definition, key: str, given: Json, known: tuple[str, ...]) -> Mapping[str, Json]:
    """The settings in a table that mean something."""
    if not isinstance(given, Mapping):
        definition.fail("bad-value", key, f"`{key}` has the wrong type", "it must be a table")
        return {}
    for word in given:
        if word not in known:
            definition.fail("unknown-key", key, f"`{word}` means nothing in `[{key}]`", near(word, known))
    return {word: value for word, value in given.items() if word in known}


def _props(definition: Definition, key: str, word: str, names: Json) -> tuple[str, ...]:
    """Names of props, those that are."""
    known = [prop.name for prop in definition.props]
    if not isinstance(names, list):
        definition.fail(
            "bad-value", key, f"`{word}` has the wrong type", "it must be a list of names of props"
        )
        return ()
    for name in names:
        if name not in known:
            definition.fail(
                "unknown-prop", key, f"`{word}` names {name!r}, which is not a prop", near(str(name), known)
            )
    return tuple(name for name in names if name in known)
