"""W3C trace context in and out of messages, and the present trace's id."""

from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache

from opentelemetry import context, metrics, trace
from opentelemetry.metrics import Meter
from opentelemetry.trace import Link, Tracer, TracerProvider
from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator

_PROPAGATOR = TraceContextTextMapPropagator()


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
    headers: dict[str, str] = {}
    _PROPAGATOR.inject(headers)
    return headers


@contextmanager
def attached(traceparent: str | None) -> Iterator[None]:
    """Spans begun inside are children of that remote span. None or nonsense begins a new trace."""
    carrier = {"traceparent": traceparent} if traceparent else {}
    token = context.attach(_PROPAGATOR.extract(carrier, context=context.Context()))
    try:
        yield
    finally:
        context.detach(token)


def link_to(traceparent: str | None) -> list[Link]:
    """For `start_as_current_span(links=…)`: from one phase's trace to the one before it."""
    span = trace.get_current_span(_PROPAGATOR.extract({"traceparent": traceparent or ""}))
    return [Link(span.get_span_context())] if span.get_span_context().is_valid else []


def current_trace_id() -> str | None:
    """32 hexadecimal digits, None outside any span."""
    found = trace.get_current_span().get_span_context()
    return f"{found.trace_id:032x}" if found.is_valid else None
