"""What the routes do, without HTTP: answers and recognitions as runs."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from typing import Any

from genui.agent import Model, Tool, respond, stream
from genui.catalog import DIALECTS, Catalog
from genui.errors import CallerError
from genui.markup import Recognizer
from genui.runs import Run, Runs
from genui.server.html import HtmlStage
from genui.server.requests import Render, RunRequest


class Service:
    """A model, its tools and a catalog, and the runs they make."""

    def __init__(
        self, catalog: Catalog, model: Model, tools: Sequence[Tool], runs: Runs, instructions: str
    ) -> None:
        self.runs = runs
        self._catalog = catalog
        self._model = model
        self._tools = tools
        self.prompt = "\n\n".join(part for part in (instructions, catalog.prompt()) if part)

    def answer(self, request: RunRequest) -> Run:
        """The model's answer to a conversation. Raises CallerError."""
        messages = [message.model_dump() for message in request.messages]
        events = respond(
            self._model, messages, Recognizer(self._catalog), tools=self._tools, system=self.prompt
        )
        return self.runs.start(events, thread=request.thread, stage=self._stage(request.render))

    def recognize(self, texts: AsyncIterator[str], render: Render) -> Run:
        """The events of somebody else's text. Raises CallerError."""
        return self.runs.start(stream(texts, self._catalog), stage=self._stage(render))

    def grammar(self, dialect: str) -> str:
        """The grammar of answers, for constrained decoding. Raises CallerError (`bad-format`)."""
        for known in DIALECTS:
            if dialect == known:
                return self._catalog.grammar(known)
        raise CallerError("bad-format", f"format={dialect!r} is none of {', '.join(DIALECTS)}")

    def describe(self) -> dict[str, Any]:
        """The components, what to try, and who answers: for a frontend."""
        model = {"name": self._model.name, "demo": bool(getattr(self._model, "demo", False))}
        starters = list(getattr(self._model, "starters", ()))
        return {"components": self._catalog.describe(), "starters": starters, "model": model}

    def _stage(self, render: Render) -> HtmlStage | None:
        return None if render == "props" else HtmlStage(self._catalog, render)
