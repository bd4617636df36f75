"""Rows to frozen values and back, as JSON: pydantic does both ends, PostgreSQL the middle."""

from typing import Any

import orjson
from pydantic import TypeAdapter

from caravan_orchestrator.domain.model import Attempt, Flow, Handoff, Phase

_FLOWS: TypeAdapter[list[Flow]] = TypeAdapter(list[Flow])
_PHASE: TypeAdapter[Phase] = TypeAdapter(Phase)
_HANDOFF: TypeAdapter[Handoff] = TypeAdapter(Handoff)
_ATTEMPT: TypeAdapter[Attempt] = TypeAdapter(Attempt)

ATTEMPT_COLUMNS = (
    "id",
    "kind",
    "phase",
    "sequence",
    "status",
    "unit_key",
    "epoch",
    "run_id",
    "worker",
    "retries",
    "lease_losses",
    "decisions_upto",
    "pointers_before",
    "inputs",
    "unit",
    "receipts",
    "result",
    "error",
    "transcript",
    "budget_tokens",
    "rollback_id",
    "outcome_unknown",
    "not_before",
    "dispatched_at",
    "started_at",
    "ended_at",
    "seconds",
)
PHASE_COLUMNS = (
    "name",
    "position",
    "status",
    "reason",
    "active_attempt_id",
    "stale",
    "decisions_upto",
    "summary",
    "decided_by",
    "error",
    "started_at",
    "completed_at",
)
# What a decision may change of the master row; the rest is fixed at creation.
FLOW_CHANGING = (
    "status",
    "reason",
    "current_phase",
    "auto_advance",
    "auto_accept",
    "lock_version",
    "event_sequence",
    "decision_sequence",
    "attempt_sequence",
    "audit_sequence",
    "audit_head",
    "next_wakeup_at",
    "paused_at",
    "deleted_at",
    "stale",
    "refreshing",
)
FLOW_FIXED = (
    "id",
    "flow_type",
    "definition_version",
    "name",
    "description",
    "configuration",
    "uploads",
    "parent_flow_id",
    "source_flow_type",
    "estate_id",
    "created_by",
)


def flows_from_json(text: str) -> list[Flow]:
    return _FLOWS.validate_json(text)


def phase_row(phase: Phase) -> dict[str, Any]:
    return dict(_PHASE.dump_python(phase, mode="json"))


def attempt_row(attempt: Attempt) -> dict[str, Any]:
    return dict(_ATTEMPT.dump_python(attempt, mode="json"))


def handoff_row(handoff: Handoff) -> dict[str, Any]:
    return dict(_HANDOFF.dump_python(handoff, mode="json"))


def flow_row(flow: Flow) -> dict[str, Any]:
    """The changing columns; JSON-ready but for datetimes and UUIDs, which orjson writes."""
    return {"id": flow.id, **{name: getattr(flow, name) for name in FLOW_CHANGING}}


def to_json(value: Any) -> str:
    return orjson.dumps(value, default=str).decode()
