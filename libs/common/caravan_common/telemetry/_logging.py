"""Structured logs on stderr (stdout belongs to `--json`): JSON lines, or colours at a terminal."""

import logging
import sys
from collections.abc import Sequence
from typing import Any

import orjson
import structlog
from structlog.typing import EventDict, Processor

from caravan_common.telemetry._redaction import redact
from caravan_common.telemetry._tracing import current_trace_id

# They repeat at each of two attempts a second what the bus says once.
_LOUD = {"aiormq": logging.CRITICAL, "aio_pika": logging.CRITICAL, "httpx": logging.WARNING}


def setup_logging(service: str, *, level: int = logging.INFO) -> None:
    """For structlog and for the standard library's loggers alike. Bind a flow with structlog.contextvars."""
    structlog.configure(
        processors=[*_shared(service), structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        wrapper_class=structlog.make_filtering_bound_logger(level),
        logger_factory=structlog.stdlib.LoggerFactory(),
    )
    handler = _StderrHandler()
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=_shared(service),
            processors=[
                structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                structlog.processors.format_exc_info,
                redact,
                _renderer(),
            ],
        )
    )
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(level)
    for name, least in _LOUD.items():
        logging.getLogger(name).setLevel(least)


class _StderrHandler(logging.Handler):
    """Looks stderr up for each line: it is replaced under test and by progress bars."""

    def emit(self, record: logging.LogRecord) -> None:
        try:
            print(self.format(record), file=sys.stderr, flush=True)  # noqa: T201
        except Exception:  # noqa: BLE001 - as every handler of the standard library: logging never fails its caller
            self.handleError(record)


def _shared(service: str) -> Sequence[Processor]:
    def add_service(_logger: object, _method: str, event: EventDict) -> EventDict:
        event.setdefault("service", service)
        return event

    return [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.stdlib.PositionalArgumentsFormatter(),
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        add_service,
        _add_trace_id,
    ]


def _add_trace_id(_logger: object, _method: str, event: EventDict) -> EventDict:
    if trace_id := current_trace_id():
        event["trace_id"] = trace_id
    return event


def _renderer() -> Processor:
    if sys.stderr.isatty():
        return structlog.dev.ConsoleRenderer(exception_formatter=structlog.dev.plain_traceback)
    return structlog.processors.JSONRenderer(serializer=_to_json)


def _to_json(event: Any, **_: Any) -> str:
    return orjson.dumps(event, default=str, option=orjson.OPT_NON_STR_KEYS).decode()
