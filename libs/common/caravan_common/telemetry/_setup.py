"""One call at the start of each process: logs always, traces and metrics to a collector if one is named."""

from collections.abc import Callable

from opentelemetry import metrics, trace
from opentelemetry.sdk.metrics import MeterProvider
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import TracerProvider

from caravan_common.settings import Settings
from caravan_common.telemetry._logging import setup_logging
from caravan_common.telemetry._unrecorded import UnrecordedTracerProvider

_providers: tuple[trace.TracerProvider, MeterProvider] | None = None


def setup_telemetry(service: str, settings: Settings) -> Callable[[], None]:
    """Returns what flushes it at the end. Called again in one process it changes logs only.

    Without a collector spans have ids all the same, so that logs, errors and messages carry a trace; nothing is
    recorded of them.
    """
    global _providers  # noqa: PLW0603 - OpenTelemetry's providers are global to the process too
    setup_logging(service)
    if _providers is None:
        _providers = _make_providers(service, settings.otel_exporter_otlp_endpoint)
        trace.set_tracer_provider(_providers[0])
        metrics.set_meter_provider(_providers[1])
    tracing, measuring = _providers

    def flush() -> None:
        if isinstance(tracing, TracerProvider):
            tracing.force_flush(5000)
        measuring.force_flush(5000)

    return flush


def _make_providers(service: str, endpoint: str | None) -> tuple[trace.TracerProvider, MeterProvider]:
    resource = Resource.create({"service.name": service, "service.namespace": "caravan"})
    if endpoint is None:
        return UnrecordedTracerProvider(), MeterProvider(resource=resource)
    from opentelemetry.exporter.otlp.proto.http.metric_exporter import OTLPMetricExporter
    from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
    from opentelemetry.sdk.metrics.export import PeriodicExportingMetricReader
    from opentelemetry.sdk.trace.export import BatchSpanProcessor

    root = endpoint.rstrip("/")
    tracing = TracerProvider(resource=resource)
    tracing.add_span_processor(BatchSpanProcessor(OTLPSpanExporter(endpoint=f"{root}/v1/traces")))
    reader = PeriodicExportingMetricReader(OTLPMetricExporter(endpoint=f"{root}/v1/metrics"))
    return tracing, MeterProvider(resource=resource, metric_readers=[reader])
