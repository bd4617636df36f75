"""Logs carry trace and flow and no secrets; trace context travels in a header."""

import json
import logging
import re
from collections.abc import Iterator

import pytest
import structlog

from caravan_common.settings import Settings
from caravan_common.telemetry import (
    attached,
    current_trace_id,
    inject_traceparent,
    link_to,
    redact,
    redact_text,
    setup_telemetry,
    tracer,
)

REMOTE = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"


@pytest.fixture(autouse=True)
def telemetry() -> Iterator[None]:
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    structured = structlog.get_config()
    setup_telemetry("testing", Settings.load())
    yield
    root.handlers[:] = handlers
    root.setLevel(level)
    structlog.configure(**structured)


def logged(capsys: pytest.CaptureFixture[str]) -> dict[str, object]:
    line: dict[str, object] = json.loads(capsys.readouterr().err.splitlines()[-1])
    return line


def test_a_log_line_is_json_with_service_flow_and_trace(capsys: pytest.CaptureFixture[str]) -> None:
    with (
        attached(REMOTE),
        tracer("test").start_as_current_span("work"),
        structlog.contextvars.bound_contextvars(flow="f-1"),
    ):
        structlog.get_logger("here").info("phase.completed", rows=3)
    line = logged(capsys)
    assert (line["event"], line["service"], line["flow"], line["rows"]) == (
        "phase.completed",
        "testing",
        "f-1",
        3,
    )
    assert line["trace_id"] == "0af7651916cd43dd8448eb211c80319c"
    assert line["level"] == "info"


def test_lines_of_the_standard_library_look_the_same(capsys: pytest.CaptureFixture[str]) -> None:
    logging.getLogger("library").warning("took %s s", 3)
    line = logged(capsys)
    assert (line["event"], line["logger"], line["service"]) == ("took 3 s", "library", "testing")


def test_the_traceback_of_a_logged_exception_is_masked_too(capsys: pytest.CaptureFixture[str]) -> None:
    try:
        raise ValueError("can't reach amqp://user:hunter2@host/")
    except ValueError:
        structlog.get_logger().exception("bus.failed")
    line = logged(capsys)
    assert "ValueError" in str(line["exception"])
    assert "hunter2" not in str(line)


def test_the_present_span_is_carried_on_in_a_header() -> None:
    with attached(REMOTE), tracer("test").start_as_current_span("work"):
        header = inject_traceparent()["traceparent"]
    assert re.fullmatch(r"00-0af7651916cd43dd8448eb211c80319c-[0-9a-f]{16}-01", header)
    assert header != REMOTE


def test_outside_any_span_there_is_nothing_to_carry_on() -> None:
    with attached(None):
        assert inject_traceparent() == {}
        assert current_trace_id() is None


def test_an_unreadable_header_begins_a_new_trace() -> None:
    with attached("nonsense"), tracer("test").start_as_current_span("work"):
        assert current_trace_id() not in (None, "0af7651916cd43dd8448eb211c80319c")


def test_the_context_before_is_back_afterwards() -> None:
    with tracer("test").start_as_current_span("outer"):
        outer = current_trace_id()
        with attached(REMOTE):
            assert current_trace_id() == "0af7651916cd43dd8448eb211c80319c"
        assert current_trace_id() == outer


def test_a_link_points_at_the_earlier_trace() -> None:
    (link,) = link_to(REMOTE)
    assert f"{link.context.trace_id:032x}" == "0af7651916cd43dd8448eb211c80319c"
    assert link_to(None) == []


@pytest.mark.parametrize(
    "name", ["password", "db_password", "llm_api_key", "Authorization", "client_secret", "token"]
)
def test_fields_with_a_telling_name_are_masked(name: str) -> None:
    assert redact(None, "info", {name: "hunter2"}) == {name: "***"}


def test_nested_fields_are_masked_and_counts_of_tokens_are_not() -> None:
    event = {"usage": {"tokens": 12, "items": [{"secret": "hunter2"}]}, "tokens": 3}
    assert redact(None, "info", event) == {"usage": {"tokens": 12, "items": [{"secret": "***"}]}, "tokens": 3}


def test_a_reference_to_a_secret_is_no_secret() -> None:
    assert redact(None, "info", {"secret": "secret://env/KEY"}) == {"secret": "secret://env/KEY"}
    assert redact_text("from secret://env/KEY") == "from secret://env/KEY"


@pytest.mark.parametrize(
    ("text", "masked"),
    [
        ("postgresql://app:hunter2@db:5432/x", "postgresql://app:***@db:5432/x"),
        ("Authorization: Bearer abcdefghijk.lmn", "Authorization: Bearer ***"),
        ("password=hunter2 host=db", "password=*** host=db"),
        ('{"api_key": "hunter2", "a": 1}', '{"api_key": ***, "a": 1}'),
        ("the note says Kennwort: hunter2", "the note says Kennwort: ***"),
        ("the password was wrong", "the password was wrong"),
    ],
)
def test_secrets_inside_a_text_are_masked(text: str, masked: str) -> None:
    assert redact_text(text) == masked
