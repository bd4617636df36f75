"""Spans that nobody collects: ids to carry on in messages and to show in logs. A tenth of what a recorded one costs."""

# ruff: noqa: ARG002 - the API's arguments, of which nothing is recorded

from collections.abc import Sequence
from random import getrandbits
from types import TracebackType
from typing import Any, cast

from opentelemetry import context, trace
from opentelemetry.context import Context
from opentelemetry.trace import (
    Link,
    NonRecordingSpan,
    Span,
    SpanContext,
    SpanKind,
    TraceFlags,
    Tracer,
    TracerProvider,
)
from opentelemetry.util._decorator import _AgnosticContextManager
from opentelemetry.util.types import Attributes

_ROOT = TraceFlags(TraceFlags.SAMPLED | TraceFlags.RANDOM_TRACE_ID)


class UnrecordedTracerProvider(TracerProvider):
    """Instead of the SDK's where no collector is named."""

    def get_tracer(
        self,
        instrumenting_module_name: str,
        instrumenting_library_version: str | None = None,
        schema_url: str | None = None,
        attributes: Attributes = None,
    ) -> Tracer:
        return _UnrecordedTracer()


class _Current:
    """A span as the present one. A class, because a generator costs more than the span."""

    def __init__(self, span: Span, parent: Context | None) -> None:
        self._span, self._context = span, trace.set_span_in_context(span, parent)

    def __enter__(self) -> Span:
        self._token = context.attach(self._context)
        return self._span

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        context.detach(self._token)


class _UnrecordedTracer(Tracer):
    """Ids and flags as the SDK gives them: a child has its parent's trace, and is sampled if that is."""

    def start_span(
        self,
        name: str,
        context: Context | None = None,
        kind: SpanKind = SpanKind.INTERNAL,
        attributes: Attributes = None,
        links: Sequence[Link] | None = None,
        start_time: int | None = None,
        record_exception: bool = True,
        set_status_on_exception: bool = True,
    ) -> Span:
        parent = trace.get_current_span(context).get_span_context()
        if parent.is_valid:
            return NonRecordingSpan(
                SpanContext(parent.trace_id, _some(64), False, parent.trace_flags, parent.trace_state)
            )
        return NonRecordingSpan(SpanContext(_some(128), _some(64), False, _ROOT))

    def start_as_current_span(
        self, name: str, context: Context | None = None, *_: Any, **__: Any
    ) -> _AgnosticContextManager[Span]:
        return cast(_AgnosticContextManager[Span], _Current(self.start_span(name, context), context))


def _some(bits: int) -> int:
    """Random, and not zero, which would be no id."""
    return getrandbits(bits) or 1
