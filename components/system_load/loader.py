"""The load averages of the machine that the server runs on, once a second: nothing is asked of a network.

A load of 1 is one core's worth of work that runs or waits to (see getloadavg(3)).
"""

from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncIterator
from typing import Any

from genui.errors import GenUIError


async def load(props: dict[str, Any]) -> AsyncIterator[dict[str, Any]]:  # noqa: ARG001 (it needs none)
    """`load`, `five` and `fifteen` (averages over minutes), `cores`, `busy` (load a core, in percent)."""
    cores = os.cpu_count() or 1
    while True:
        now, five, fifteen = _averages()
        busy = round(100 * now / cores)
        yield {"load": now, "five": five, "fifteen": fifteen, "cores": cores, "busy": busy}
        await asyncio.sleep(1)


def _averages() -> tuple[float, float, float]:
    try:
        now, five, fifteen = os.getloadavg()
    except (AttributeError, OSError) as error:  # Windows has none
        raise GenUIError("no-load-average", "This machine does not say how busy it is.") from error
    return round(now, 2), round(five, 2), round(fifteen, 2)
