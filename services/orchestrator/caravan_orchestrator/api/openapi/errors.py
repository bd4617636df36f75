"""Which codes an operation can answer with: most follow from its shape, the rest stand in a table here.

The gateway's tests refuse every answer with a code that its operation does not document.
"""

from collections.abc import Iterator, Mapping
from typing import Any

from caravan_orchestrator.api.openapi.codes import CODES

_DECISION = ("not_running",)
_VALUES = ("invalid_value", "unknown_attribute", "unknown_unit")
_WITHOUT_HANDOFF = ("handoff_revoked", "superseded")
_BUSY_FLOW = (*_WITHOUT_HANDOFF, "not_running", "paused", "phase_running")
_PLAN_EDIT = ("not_decided_here", "phase_order", "plan_changed")
_PLAN = (
    *("has_children", "nothing_to_roll_back", "rollback_running", "unknown_phase"),
    *("not_selective", "not_a_version", *_BUSY_FLOW),
)
# By operation, what follows from no parameter and no body.
_OWN: Mapping[str, tuple[str, ...]] = {
    "accept_plan_edit": (*_BUSY_FLOW, *_PLAN_EDIT, "edit_not_open", "quota_reached"),
    "answer_question": (*_DECISION, "question_closed", "unknown_option", "artifact_store_unavailable"),
    "approve_approval": (*_DECISION, "approval_closed", "own_request"),
    "reject_approval": (*_DECISION, "approval_closed", "own_request"),
    "cancel_flow": ("not_running",),
    "check_plan_edits": (*_BUSY_FLOW, *_PLAN_EDIT),
    "choose_treatment": (*_DECISION, "not_decided_here", "artifact_store_unavailable"),
    "choose_current_estate": ("not_an_estate", "no_assets"),
    "correct_mappings": (
        *(*_DECISION, "not_decided_here", "unknown_attribute", "unknown_column", "unknown_unit"),
        *("artifact_missing", "artifact_store_unavailable"),
    ),
    "create_client": ("name_taken",),
    "create_engagement": ("name_taken",),
    "create_flow": (
        "needs_handoff",
        "unknown_flow_type",
        "unknown_upload",
        "unreachable_flow_type",
        "quota_reached",
    ),
    "create_membership": ("already_a_member", "invalid_value", "own_membership"),
    "create_service_account": ("invalid_value", "name_taken"),
    "create_upload": (
        *("malformed_multipart", "no_file", "one_file", "unsupported_media_type"),
        *("artifact_store_unavailable", "quota_reached"),
    ),
    "delete_flow": ("flow_has_children", "flow_running"),
    "delete_membership": ("own_membership",),
    "discard_plan_edit": ("edit_not_open",),
    "execute_phase": (*_BUSY_FLOW, "phase_order", "units_unsettled", "quota_reached"),
    "follow_events": ("invalid_event_id",),
    "get_report": ("no_report", "not_completed"),
    "get_asset_lineage": ("unknown_attribute",),
    "get_schedule": ("unknown_field",),
    "get_wave_plan": ("unknown_field",),
    "list_costs": ("unknown_field",),
    "list_resources": ("unknown_field",),
    "list_targets": ("unknown_field",),
    "list_treatments": ("unknown_field",),
    "list_dataset_rows": ("unknown_field",),
    "pause_flow": ("not_running",),
    "plan_rollback": (*_PLAN, "unknown_keys"),
    "refresh_flow": (*_BUSY_FLOW, "nothing_stale", "quota_reached"),
    "replace_reference_table": ("artifact_store_unavailable",),
    "get_metrics": ("database_unavailable", "internal_error"),
    "get_reference_table": ("artifact_store_unavailable", "artifact_missing"),
    "request_handoff": ("handoff_running", "no_next_flow_type", "not_completed", "quota_reached"),
    "resolve_conflict": (*_DECISION, "not_decided_here", "unknown_option"),
    "restore_plan": (
        *(*_BUSY_FLOW, "not_decided_here", "phase_order", "quota_reached"),
        *("plan_in_force", "not_a_version", "other_inputs"),
    ),
    "resume_flow": ("not_paused",),
    "retry_flow": ("not_failed", "rollback_running", "quota_reached"),
    "skip_phase": (*_WITHOUT_HANDOFF, "not_running", "not_skippable", "phase_order"),
    "start_chain": (
        "needs_handoff",
        "unknown_flow_type",
        "unknown_upload",
        "unreachable_flow_type",
        "quota_reached",
    ),
    "start_rollback": (*_PLAN, "irreversible", "stale_digest"),
    "unlearn_pattern": ("artifact_store_unavailable",),
    "update_asset": (*_DECISION, *_VALUES, "no_assets"),
    "update_assets": (
        *(*_DECISION, *_VALUES, "no_assets", "stale_digest"),
        *("several_estates", "too_many_assets", "unknown_asset"),
    ),
    "update_membership": ("own_membership",),
    "withdraw_reference_table": ("artifact_store_unavailable",),
}
# These change nothing that is kept under an Idempotency-Key, nor look at If-Match.
_UNKEYED = frozenset({"plan_rollback", "compare_plans"})
# These are about no one engagement; others have it in their path.
_WITHOUT_ENGAGEMENT = frozenset({"create_client", "list_clients", "list_engagements", "set_quotas"})
# These are about all engagements of the token where none is named.
_ALL_ENGAGEMENTS = frozenset({"get_inbox"})
# What a status means where nothing more is known of it.
_PLAIN = {400: "bad_request", 413: "too_large"}
_ALWAYS = (
    *("unauthenticated", "invalid_token", "identity_provider_unavailable", "forbidden", "not_found"),
    "too_many_requests",
)
# Texts of the query that are compared with what is stored.
_TEXTS = frozenset({"q", "name", "phase", "cursor", "fields", "flow_type", "model"})
_AWAY = ("internal_error", "busy", "database_unavailable")


def codes_of(method: str, operation: Mapping[str, Any], declared: frozenset[int]) -> dict[int, list[str]]:
    """By status. `declared`: what the route itself names, beside what every route may answer."""
    found: dict[int, list[str]] = {}
    for code in dict.fromkeys(_codes(method, operation, declared)):
        found.setdefault(CODES[code][0], []).append(code)
    return dict(sorted(found.items()))


def keeps_answers(method: str, operation: Mapping[str, Any]) -> bool:
    return method != "GET" and operation["operationId"] not in _UNKEYED


def asks_engagement(operation: Mapping[str, Any]) -> bool:
    """Whether `?engagement=` has an effect."""
    in_path = any(parameter["name"] == "engagement_id" for parameter in operation.get("parameters", ()))
    return not in_path and operation["operationId"] not in _WITHOUT_ENGAGEMENT


def documented_apart() -> frozenset[str]:
    """Operations that these tables name."""
    return frozenset(_OWN) | _UNKEYED | _WITHOUT_ENGAGEMENT | _ALL_ENGAGEMENTS


def _codes(method: str, operation: Mapping[str, Any], declared: frozenset[int]) -> Iterator[str]:
    if "security" in operation:
        yield from _of_route(method, operation, declared)
    yield from _OWN.get(operation["operationId"], ())
    if "security" in operation:
        yield from _AWAY


def _of_route(method: str, operation: Mapping[str, Any], declared: frozenset[int]) -> Iterator[str]:
    yield from _ALWAYS
    names = {parameter["name"] for parameter in operation.get("parameters", ())}
    if "engagement" in names and operation["operationId"] not in _ALL_ENGAGEMENTS:
        yield "engagement_required"
    yield "invalid_request"
    if names & _TEXTS or "requestBody" in operation:
        yield "unstorable"
    if "cursor" in names:
        yield "invalid_cursor"
    if "fields" in names:
        yield "unknown_field"
    if "requestBody" in operation:
        yield from ("bad_request", "too_large")
        if "application/json" in operation["requestBody"]["content"]:
            yield "malformed_json"
    if keeps_answers(method, operation):
        yield from ("in_flight", "idempotency_key_reused")
    if 410 in declared:
        yield from ("artifact_missing", "artifact_store_unavailable")
    if 412 in declared:
        yield "version_mismatch"
    yield from (code for status, code in _PLAIN.items() if status in declared)
