"""POST /v1/render: components drawn by themselves, for a page that has changed their props on its own.

Stateless, and no run knows of it: props and data come with the request. One component that cannot be drawn
harms none of the others.
"""

from __future__ import annotations

import asyncio
import logging
from typing import Any

from genui.catalog import MOST_VALUES, Catalog, fit, is_too_much
from genui.errors import PropError
from genui.server.requests import Drawing

log = logging.getLogger("genui.server")


async def drawings(catalog: Catalog, wanted: list[Drawing]) -> list[dict[str, Any]]:
    """For each, in their order: `html` (and `warnings`), or `error`."""
    found = []
    for one in wanted:
        found.append(_drawing(catalog, one))
        await asyncio.sleep(0)  # a hundred tables in one request hold up no stream
    return found


def _drawing(catalog: Catalog, wanted: Drawing) -> dict[str, Any]:
    component = catalog.get(wanted.name)
    if component is None:
        return _failed("unknown-component", f"There is no component {wanted.name!r}.")
    if is_too_much(wanted.data):
        return _failed("invalid-data", f"The data of {wanted.name} holds more than {MOST_VALUES:,} values.")
    try:
        props, warnings = fit(component, wanted.props, whole=wanted.state == "complete")
        html = component.render(props, data=wanted.data, state=wanted.state, literal=True)
    except PropError as error:
        return {"error": error.as_dict()}
    except Exception:
        log.exception("component %s: its template failed", wanted.name)
        return _failed("template-failed", f"{wanted.name} could not be drawn.")
    return {"html": html, **({"warnings": warnings} if warnings else {})}


def _failed(code: str, message: str) -> dict[str, Any]:
    return {"error": {"code": code, "message": message}}
