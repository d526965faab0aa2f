"""What `components=` and `--components` mean."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from genui.catalog import Catalog, Component

Components = str | Path | type | Iterable[str | Path | type | Component] | Catalog | None


def folders_of(components: Components) -> list[Path]:
    """The folders among them."""
    if components is None or isinstance(components, (Catalog, type)):
        return []
    several = [components] if isinstance(components, (str, Path)) else components
    return [Path(each) for each in several if isinstance(each, (str, Path))]


def catalog_of(components: Components) -> Catalog:
    """None: the built-in components. A folder or a class, or several: those as well, and they win by name.
    A Catalog: just that. Raises ComponentDefinitionError."""
    if isinstance(components, Catalog):
        return components
    if components is None:
        return Catalog.builtin()
    several = [components] if isinstance(components, (str, Path, type)) else list(components)
    catalog = Catalog.builtin()
    for each in several:
        catalog = catalog.merged(Catalog.load(each) if isinstance(each, (str, Path)) else Catalog([each]))
    return catalog
