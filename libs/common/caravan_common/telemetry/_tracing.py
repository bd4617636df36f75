"""W3C trace context in and out of messages, and the present trace's id."""

import re
from functools import cache

from opentelemetry import context, metrics, trace
from opentelemetry.context import Context
from opentelemetry.metrics import Meter
from opentelemetry.trace import Link, NonRecordingSpan, Span, SpanContext, TraceFlags, Tracer, TracerProvider
from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator

_PROPAGATOR = TraceContextTextMapPropagator()
# As we word it ourselves. Whatever else comes is left to the propagator, at several times the cost.
_PLAIN = re.compile(r"00-(?!0{32})([0-9a-f]{32})-(?!0{16})([0-9a-f]{16})-([0-9a-f]{2})\Z")


def tracer(name: str) -> Tracer:
    """Made once per name and provider: making one costs as much as a span."""
    return _tracer(trace.get_tracer_provider(), name)


@cache
def _tracer(provider: TracerProvider, name: str) -> Tracer:
    return provider.get_tracer(name)


def meter(name: str) -> Meter:
    return metrics.get_meter(name)


def inject_traceparent() -> dict[str, str]:
    """Headers that carry the present span on: `traceparent`, perhaps `tracestate`. Empty outside any span."""
    found = trace.get_current_span().get_span_context()
    if found.is_valid and not found.trace_state:
        return {"traceparent": _worded(found)}
    headers: dict[str, str] = {}
    _PROPAGATOR.inject(headers)
    return headers


def traceparent_of(span: Span) -> str:
    """As `inject_traceparent`, of a span that is not the present one."""
    return _worded(span.get_span_context())


def _worded(found: SpanContext) -> str:
    return f"00-{found.trace_id:032x}-{found.span_id:016x}-{found.trace_flags:02x}"


class attached:  # noqa: N801  (a context manager, used like a function; a generator costs more on a hot path)
    """Spans begun inside are children of that remote span. None or nonsense begins a new trace."""

    def __init__(self, traceparent: str | None) -> None:
        self._context = _context_of(traceparent)

    def __enter__(self) -> None:
        self._token = context.attach(self._context)

    def __exit__(self, *_: object) -> None:
        context.detach(self._token)


def _context_of(traceparent: str | None) -> Context:
    if not traceparent:
        return Context()
    plain = _PLAIN.match(traceparent)
    if plain is None:
        return _PROPAGATOR.extract({"traceparent": traceparent}, context=Context())
    trace_id, span_id, flags = (int(part, 16) for part in plain.groups())
    remote = SpanContext(trace_id, span_id, is_remote=True, trace_flags=TraceFlags(flags))
    return trace.set_span_in_context(NonRecordingSpan(remote), Context())


def link_to(traceparent: str | None) -> list[Link]:
    """For `start_as_current_span(links=…)`: from one phase's trace to the one before it."""
    found = trace.get_current_span(_context_of(traceparent)).get_span_context()
    return [Link(found)] if found.is_valid else []


def current_trace_id() -> str | None:
    """32 hexadecimal digits, None outside any span."""
    found = trace.get_current_span().get_span_context()
    return f"{found.trace_id:032x}" if found.is_valid else None
