"""What `components=` and `--components` mean."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from genui.catalog import Catalog

Components = str | Path | Iterable[str | Path] | Catalog | None


def catalog_of(components: Components) -> Catalog:
    """None: the built-in components. A folder, or several: those in them as well, and they win by name.
    A Catalog: just that. Raises ComponentDefinitionError."""
    if isinstance(components, Catalog):
        return components
    if components is None:
        return Catalog.builtin()
    folders = [components] if isinstance(components, (str, Path)) else list(components)
    return Catalog.builtin().merged(Catalog.load(*folders))
