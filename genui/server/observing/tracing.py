"""OpenTelemetry spans after the semantic conventions for generative AI, where opentelemetry-api is installed
(`pip install genui[otel]`) and the application has set a tracer provider; otherwise nothing.

A run is a span `invoke_agent genui`, each turn of the model a span `chat MODEL` inside it. Neither holds
what was said: the conventions leave content out unless somebody opts in, and here nobody can.
https://opentelemetry.io/docs/specs/semconv/gen-ai/gen-ai-agent-spans/
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import contextmanager, nullcontext
from typing import Any

from genui.agent import FinishPiece, Message, Model, Piece, Tool, UsagePiece
from genui.events import RunEnd

try:
    from opentelemetry import trace
    from opentelemetry.trace import SpanKind, StatusCode
except ImportError:
    trace = None  # type: ignore[assignment]


class Span:
    """A run's span; this one is nobody's."""

    def first(self) -> None:
        """The first text or widget is there."""

    def end(self, end: RunEnd) -> None:
        """The run has ended."""


class _RunSpan(Span):
    def __init__(self, span: Any) -> None:
        self._span = span

    def first(self) -> None:
        self._span.add_event("gen_ai.first_token")

    def end(self, end: RunEnd) -> None:
        self._span.set_attribute("gen_ai.response.finish_reasons", [end.reason])
        for name, number in (end.usage or {}).items():
            self._span.set_attribute(f"gen_ai.usage.{name}", number)
        if end.error:
            self._span.set_attribute("error.type", end.error["code"])
            self._span.set_status(StatusCode.ERROR, end.error["message"])
        self._span.end()


class Tracing:
    """Spans of runs and of the model's turns."""

    def __init__(self) -> None:
        self._tracer = trace.get_tracer("genui") if trace else None

    @contextmanager
    def run(self, kind: str, run: str, thread: str) -> Iterator[Span]:
        """A span that is current inside the context, and so in the task that is started there."""
        if self._tracer is None:
            yield Span()
            return
        attributes = {
            "gen_ai.operation.name": "invoke_agent" if kind == "answer" else kind,
            "gen_ai.agent.name": "genui",
            "gen_ai.conversation.id": thread,
            "genui.run": run,
        }
        name = "invoke_agent genui" if kind == "answer" else kind
        span = self._tracer.start_span(name, kind=SpanKind.INTERNAL, attributes=attributes)
        with trace.use_span(span, end_on_exit=False) if span.is_recording() else nullcontext():
            yield _RunSpan(span) if span.is_recording() else Span()

    def model(self, model: Model) -> Model:
        """The model, with a span for each turn that somebody records."""
        return _Traced(model, self._tracer) if self._tracer is not None else model


class _Traced:
    """A model each of whose turns is a span."""

    def __init__(self, model: Model, tracer: Any) -> None:
        self._model = model
        self._tracer = tracer

    def __getattr__(self, name: str) -> Any:
        return getattr(self._model, name)

    @property
    def name(self) -> str:
        return self._model.name

    def stream(self, messages: Sequence[Message], tools: Sequence[Tool]) -> AsyncIterator[Piece]:
        if not trace.get_current_span().is_recording():
            return self._model.stream(messages, tools)
        return self._stream(messages, tools)

    async def _stream(self, messages: Sequence[Message], tools: Sequence[Tool]) -> AsyncIterator[Piece]:
        attributes = {"gen_ai.operation.name": "chat", "gen_ai.request.model": self.name}
        span = self._tracer.start_span(f"chat {self.name}", kind=SpanKind.CLIENT, attributes=attributes)
        source = self._model.stream(messages, tools)
        try:
            async for piece in source:
                if isinstance(piece, UsagePiece):
                    span.set_attribute("gen_ai.usage.input_tokens", piece.input_tokens)
                    span.set_attribute("gen_ai.usage.output_tokens", piece.output_tokens)
                elif isinstance(piece, FinishPiece):
                    span.set_attribute("gen_ai.response.finish_reasons", [piece.reason])
                yield piece
        except Exception as error:
            span.set_attribute("error.type", getattr(error, "code", type(error).__name__))
            span.set_status(StatusCode.ERROR)
            raise
        finally:
            await _close(source)
            span.end()


async def _close(source: Any) -> None:
    if aclose := getattr(source, "aclose", None):
        await aclose()
