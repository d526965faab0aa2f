"""The set of components that a model may write."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from functools import cache, cached_property, lru_cache
from pathlib import Path
from typing import Any
from zlib import crc32

import jsonschema_rs

from genui.catalog.classes import component_of
from genui.catalog.component import NAME, Component
from genui.catalog.definition import near, unfit
from genui.catalog.grammars import Dialect, grammar
from genui.catalog.loader import load_folder
from genui.catalog.prompt import Style, prompt
from genui.catalog.schema import Prop, references
from genui.catalog.shapes import inlined
from genui.errors import CallerError, ComponentDefinitionError
from genui.events import Json


class Catalog:
    """Components by name, in order. Immutable; `merged` makes a larger one."""

    def __init__(self, components: Iterable[Component | type] = ()) -> None:
        """Of components, and of classes that `component` decorates. Raises ComponentDefinitionError."""
        found = map(_as_component, components)
        self._components = {component.name: component for component in found}
        self.memo: dict[object, Any] = {}
        """What others worked out about this catalog, for as long as it lives."""

    @classmethod
    def load(cls, *folders: str | Path) -> Catalog:
        """The components in one or more folders of component folders; of one name, the last folder's wins.

        Raises ComponentDefinitionError for the first mistake, naming the file, the line and what to do.
        """
        return cls(component for folder in folders for component in load_folder(Path(folder)))

    @classmethod
    def builtin(cls) -> Catalog:
        """The components that come with genui, loaded once."""
        return _builtin()

    @staticmethod
    def builtin_folder() -> Path:
        """Where those are: in an installed package inside it, in a checkout at its top."""
        package = Path(__file__).parent.parent
        inside = package / "components"
        return inside if inside.is_dir() else package.parent / "components"

    @classmethod
    def from_json_schema(cls, schema: Mapping[str, Json]) -> Catalog:
        """A catalog from `{"$defs": {"Name": {"properties": {…in positional order…}}}}`.

        A definition with `properties` is a component; any other is a plain shape, put in place of the
        `$ref`s to it. Raises ComponentDefinitionError.
        """
        definitions: Json = None
        if isinstance(schema, Mapping):
            definitions = schema.get("$defs") or schema.get("definitions")
        if not isinstance(definitions, Mapping) or not definitions:
            raise ComponentDefinitionError(
                "bad-schema", 'a catalog in JSON Schema holds its components in "$defs"; none found'
            )
        catalog = cls(
            _component_from(name, definition, definitions)
            for name, definition in definitions.items()
            if _is_component(name, definition)
        )
        if not len(catalog):
            what = f'none of {", ".join(map(repr, definitions))} in "$defs" is a component'
            advice = "give one `properties` and a name of A–Z, then letters and digits"
            raise ComponentDefinitionError("bad-schema", f"{what}; {advice}")
        return catalog

    def get(self, name: str) -> Component | None:
        """The component of exactly this name, or None."""
        return self._components.get(name)

    def __getitem__(self, name: str) -> Component:
        return self._components[name]

    def __contains__(self, name: object) -> bool:
        return name in self._components

    def __iter__(self) -> Iterator[Component]:
        return iter(self._components.values())

    def __len__(self) -> int:
        return len(self._components)

    def merged(self, other: Catalog) -> Catalog:
        """Both catalogs' components; where both have a name, `other` wins."""
        return Catalog((self._components | other._components).values())

    @cached_property
    def names(self) -> frozenset[str]:
        """The names of all components."""
        return frozenset(self._components)

    def only(self, names: Iterable[str]) -> Catalog:
        """The components of these names, in the order given. Raises CallerError (`unknown-component`)."""
        chosen = list(names)
        for name in chosen:
            if name not in self:
                raise CallerError(
                    "unknown-component", f"no component is called {name!r}; {near(name, [*self.names])}"
                )
        return Catalog(self[name] for name in chosen)

    def showing_images_of(self, origins: Iterable[str]) -> Catalog:
        """The same components, their templates letting pictures load from these other origins ("*": any)."""
        allowed = frozenset(origins)
        return Catalog(component.showing_images_of(allowed) for component in self)

    def prompt(self, style: Style = "compact", *, budget: int | None = None) -> str:
        """The system prompt that teaches a model to write these components.

        `style` is how it is to write them. Beyond a `budget` in tokens, examples are left out, then
        descriptions, never signatures.
        """
        return prompt(self, style, budget)

    def grammar(self, dialect: Dialect) -> str:
        """The grammar of all answers with these components, for constrained decoding: see `grammars`."""
        return grammar(self, dialect)

    def describe(self) -> list[dict[str, Json]]:
        """What a page must know of each component, as JSON values."""
        return [_described(component) for component in self]


def _as_component(thing: Component | type) -> Component:
    if isinstance(thing, Component):
        return thing
    found = component_of(thing)
    if isinstance(thing, Catalog):
        advice = "pass a Catalog alone, and join several by `Catalog.builtin().merged(other)`"
        raise ComponentDefinitionError("not-a-component", f"a Catalog is no component; {advice}")
    if found is None:
        what = f"{thing!r} is no component: decorate the class with @genui.component(template=…)"
        raise ComponentDefinitionError("not-a-component", what)
    return found


@cache
def _builtin() -> Catalog:
    return Catalog.load(Catalog.builtin_folder())


def _described(component: Component) -> dict[str, Json]:
    return {
        "name": component.name,
        "folder": component.folder,
        "description": component.description,
        "inline": component.inline,
        "children": component.takes_children,
        "min_height": component.min_height,
        "loads": component.load is not None,
        "bind": next((prop.name for prop in component.props if prop.two_way), None),
        "live": [prop.name for prop in component.props if prop.is_live],
        "builtin": _builtin().get(component.name) is component,
        "props": component.schema,
        "style": component.style,
        "script": _script_address(component),
        "examples": list(component.examples),
    }


def _script_address(component: Component) -> str | None:
    """Another one when the script is another: a browser loads a module once for each address."""
    script = component.script
    if not script:
        return None
    version = (
        _checksum(script, script.stat().st_mtime_ns) if isinstance(script, Path) else crc32(script.encode())
    )
    return f"components/{component.folder}/script.js?v={version:x}"


@lru_cache(256)
def _checksum(script: Path, changed: int) -> int:
    """The same on every machine that serves this script, as its time is not."""
    del changed
    return crc32(script.read_bytes())


def _is_component(name: str, definition: Json) -> bool:
    return NAME.match(name) is not None and isinstance(definition, Mapping) and "properties" in definition


def _component_from(name: str, definition: Mapping[str, Json], definitions: Mapping[str, Json]) -> Component:
    required = definition.get("required", ())
    _judge(name, definition, definitions)
    props = tuple(
        Prop(key, inlined(schema, definitions, _is_component), required=key in required)
        for key, schema in definition["properties"].items()
        if not _is_tag(schema, name)
    )
    return Component(name=name, props=props, description=definition.get("description", ""))


def _judge(name: str, definition: Mapping[str, Json], definitions: Mapping[str, Json]) -> None:
    """Raises ComponentDefinitionError for a prop that is no JSON Schema, or refers to what is not there."""
    if not isinstance(definition["properties"], Mapping):
        what = f"`{name}`: its `properties` are no object; give each prop a JSON Schema by its name"
        raise ComponentDefinitionError("bad-schema", what)
    for key, schema in definition["properties"].items():
        at = f"{name}.{key}"
        if not isinstance(schema, Mapping):
            raise ComponentDefinitionError("bad-schema", f"`{at}` is no object; give it a JSON Schema")
        try:
            jsonschema_rs.meta.validate(dict(schema))
        except jsonschema_rs.ValidationError as error:
            what, advice = unfit(at, error)
            raise ComponentDefinitionError("bad-schema", f"{what}; {advice}") from None
        for target in references(schema):
            if target not in definitions:
                what = f'`{at}` refers to {target!r}, which is not in "$defs"; {near(target, [*definitions])}'
                raise ComponentDefinitionError("bad-schema", what)


def _is_tag(schema: Json, name: str) -> bool:
    """Whether a property only repeats the component's name, as discriminated unions do."""
    return isinstance(schema, Mapping) and (schema.get("const") == name or schema.get("enum") == [name])
