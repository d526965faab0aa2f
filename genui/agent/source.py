"""For an endpoint of one's own: any async source of a model's text, with the widgets in it recognized."""

from __future__ import annotations

import asyncio
import uuid
from collections.abc import AsyncGenerator, AsyncIterable
from typing import Any

from genui.agent import failures
from genui.agent.closing import closing
from genui.errors import GenUIError
from genui.events import Event, RunEnd, RunStart
from genui.markup import Recognizer


async def stream(source: AsyncIterable[str], catalog: Any) -> AsyncGenerator[Event, None]:
    """RunStart, the events of the text that `source` yields, and as the last exactly one RunEnd. `catalog`
    is the Catalog whose components are recognized.

    When the source raises, that is logged and RunEnd is an error: in the source's words if it raised a
    GenUIError, else in no detail. A cancelled task gets its CancelledError after the recognizer's last
    events. The source is closed when the iteration ends early.
    """
    recognizer = Recognizer(catalog)
    yield RunStart(run=uuid.uuid4().hex, thread=uuid.uuid4().hex)
    end = RunEnd("stop")
    try:
        async with closing(source) as texts:
            async for text in texts:
                for event in recognizer.feed(_checked(text)):
                    yield event
    except asyncio.CancelledError:
        for event in recognizer.close():
            yield event
        raise
    except Exception as error:
        end = RunEnd("error", failures.failure(error))
    for event in recognizer.close():
        yield event
    yield end


def _checked(text: object) -> str:
    if isinstance(text, str):
        return text
    kind = type(text).__name__
    raise GenUIError("source-not-text", f"stream() takes an async iterator of str, and this one gave {kind}.")
