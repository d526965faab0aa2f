"""References between the definitions of one JSON Schema: to components, which stay, and to plain shapes."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from genui.events import Json


def inlined(
    schema: Json,
    definitions: Mapping[str, Json],
    is_component: Callable[[str, Json], bool],
    seen: tuple[str, ...] = (),
) -> Json:
    """The schema with each reference to a plain shape replaced by it; a shape within itself is anything."""
    if isinstance(schema, list):
        return [inlined(part, definitions, is_component, seen) for part in schema]
    if not isinstance(schema, Mapping):
        return schema
    target = str(schema.get("$ref", "")).rsplit("/", 1)[-1]
    if target in definitions and not is_component(target, definitions[target]):
        if target in seen:
            return {}
        rest = {key: value for key, value in schema.items() if key != "$ref"}
        return {**inlined(definitions[target], definitions, is_component, (*seen, target)), **rest}
    return {key: inlined(value, definitions, is_component, seen) for key, value in schema.items()}
