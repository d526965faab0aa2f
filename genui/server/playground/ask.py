"""Talking to the configured model with exactly these components, and what it took: the prompt that it got,
its text piece by piece, and when each piece came."""

from __future__ import annotations

import time
from collections import OrderedDict
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, field
from typing import Annotated, Any, Literal

from pydantic import BaseModel, Field

from genui.agent import Message, Model, Piece, TextPiece, Tool, Toolset, respond, with_widgets
from genui.catalog import Catalog, count_tokens, is_exact
from genui.markup import Recognizer
from genui.runs import Run, Runs, new_id
from genui.server.data import DataLoaders
from genui.server.html import HtmlStage
from genui.server.requests import ChatMessage

_KEPT = 50
"""How many transcripts are remembered."""


class AskRequest(BaseModel):
    """The body of POST /playground/ask. `components`: names; None for all."""

    messages: Annotated[list[ChatMessage], Field(min_length=1)]
    components: list[str] | None = None


@dataclass
class Transcript:
    """What a model wrote: pieces, and seconds from the question to each."""

    began: float = field(default_factory=time.monotonic)
    pieces: list[tuple[float, str]] = field(default_factory=list)

    def hear(self, text: str) -> None:
        self.pieces.append((round(time.monotonic() - self.began, 4), text))


class _Heard:
    """A model, overheard."""

    def __init__(self, model: Model, transcript: Transcript) -> None:
        self._model = model
        self._transcript = transcript
        self.name = model.name
        self.tools = getattr(model, "tools", ())

    async def stream(self, messages: Sequence[Message], tools: Sequence[Tool]) -> AsyncIterator[Piece]:
        async for piece in self._model.stream(messages, tools):
            if isinstance(piece, TextPiece):
                self._transcript.hear(piece.text)
            yield piece


class Asks:
    """The questions that were asked from the playground."""

    def __init__(self, runs: Runs, model: Model, tools: Sequence[Tool | Toolset], instructions: str) -> None:
        self._runs = runs
        self._model = model
        self._tools = tools
        self._instructions = instructions
        self._transcripts: OrderedDict[str, Transcript] = OrderedDict()

    @property
    def model(self) -> dict[str, Any]:
        """Who answers."""
        return {"name": self._model.name, "demo": bool(getattr(self._model, "demo", False))}

    @property
    def starters(self) -> list[str]:
        """What to ask it."""
        return list(getattr(self._model, "starters", ()))

    def start(self, request: AskRequest, everything: Catalog, owner: str | None) -> dict[str, Any]:
        """Begin a run of the owner's; what can be said of it before it answers.

        Raises CallerError (`unknown-component`).
        """
        catalog = everything if request.components is None else everything.only(request.components)
        shown = self.shown(catalog)
        system = "\n\n".join(part for part in (self._instructions, catalog.prompt()) if part)
        transcript = Transcript()
        run = self._run(request, catalog, shown, system, transcript, owner)
        self._transcripts[run.id] = transcript
        if len(self._transcripts) > _KEPT:
            self._transcripts.popitem(last=False)
        return {
            "run": run.id,
            "prompt": system,
            "prompt_tokens": count_tokens(system),
            "exact": is_exact(),
            "definitions": shown.describe(),
        }

    def shown(self, catalog: Catalog) -> Catalog:
        """With what tools show beside: for everyone but the model."""
        return with_widgets(catalog, [*getattr(self._model, "tools", ()), *self._tools])

    def _run(
        self,
        request: AskRequest,
        catalog: Catalog,
        shown: Catalog,
        system: str,
        transcript: Transcript,
        owner: str | None,
    ) -> Run:
        messages = [{"role": message.role, "content": message.content} for message in request.messages]
        events = respond(
            _Heard(self._model, transcript),
            messages,
            Recognizer(catalog),
            tools=self._tools,
            system=system,
            catalog=shown,
        )
        return self._runs.start(
            events,
            run=new_id("run"),
            owner=owner,
            stage=HtmlStage(shown, "both"),
            companion=DataLoaders(shown),
        )

    def transcript(self, run: str) -> dict[str, Any]:
        """What the model has written in a run; nothing for one that is not remembered."""
        pieces = self._transcripts[run].pieces if run in self._transcripts else []
        kind: Literal["counted", "estimated"] = "counted" if is_exact() else "estimated"
        tokens = count_tokens("".join(text for _, text in pieces))
        told = [{"at": at, "text": text} for at, text in pieces]
        return {"pieces": told, "tokens": tokens, "tokens_are": kind}
