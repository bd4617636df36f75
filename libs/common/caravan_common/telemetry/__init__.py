"""Logs, traces and metrics, set up once per process and named alike everywhere."""

from caravan_common.telemetry._redaction import redact, redact_text
from caravan_common.telemetry._setup import setup_telemetry
from caravan_common.telemetry._tracing import (
    attached,
    current_trace_id,
    inject_traceparent,
    link_to,
    meter,
    traceparent_of,
    tracer,
)

__all__ = [
    "attached",
    "current_trace_id",
    "inject_traceparent",
    "link_to",
    "meter",
    "redact",
    "redact_text",
    "setup_telemetry",
    "traceparent_of",
    "tracer",
]
