"""What a component-delta does to props."""

from __future__ import annotations

import copy

from genui.events import Json, Op


def apply(props: dict[str, Json], op: Op) -> None:
    """Do one op to `props`, in place. The op's value is copied: later ops grow what it was set to.

    Raises LookupError for a path that leads nowhere.
    """
    *parents, last = [_unescape(part) for part in op["path"].split("/")[1:]]
    target: Json = props
    for part in parents:
        target = target[_key(target, part)]
    key = _key(target, last)
    value = copy.deepcopy(op["value"])
    if op["op"] == "append":
        target[key] += value
    elif op["op"] == "push":
        target[key].append(value)
    elif isinstance(target, list) and key == len(target):
        target.append(value)
    else:
        target[key] = value


def weight(value: Json) -> int:
    """About how many characters a value makes: enough to tell how props have grown."""
    if isinstance(value, str):
        return len(value)
    if isinstance(value, dict):
        return sum(len(key) + weight(part) for key, part in value.items())
    if isinstance(value, list):
        return sum(1 + weight(part) for part in value)
    return 4


def _unescape(part: str) -> str:
    return part.replace("~1", "/").replace("~0", "~")


def _key(target: Json, part: str) -> str | int:
    if not isinstance(target, list):
        return part
    return len(target) if part == "-" else int(part)
