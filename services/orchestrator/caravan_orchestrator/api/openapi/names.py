"""What generated clients call the operations: a verb and a thing, derived from method and path."""

# Where the rule below would name it clumsily.
_NAMES = {
    ("POST", "/chains"): "start_chain",
    ("POST", "/flows/{flow_id}/handoffs"): "request_handoff",
    ("POST", "/flows/{flow_id}/rollbacks"): "start_rollback",
    ("POST", "/flows/{flow_id}/rollbacks:plan"): "plan_rollback",
    ("POST", "/engagements/{engagement_id}/current-estate"): "choose_current_estate",
    ("GET", "/events"): "follow_events",
    ("POST", "/wave-plans/{version}/edits:check"): "check_plan_edits",
    ("GET", "/wave-plans/{version}/edits/{edit_id}"): "get_plan_edit",
    ("POST", "/wave-plans/{version}/edits:accept"): "accept_plan_edit",
    ("POST", "/wave-plans/{version}/edits:discard"): "discard_plan_edit",
    ("POST", "/wave-plans/{version}/edits:compare"): "compare_plans",
    ("POST", "/wave-plans/{version}/edits:restore"): "restore_plan",
    ("GET", "/wave-plans/{version}"): "get_wave_plan",
    ("GET", "/schedules/{version}"): "get_schedule",
    ("PUT", "/applications/{application_id}/treatment"): "choose_treatment",
    ("GET", "/assets:facets"): "count_assets",
    ("POST", "/assets:batch"): "update_assets",
    ("GET", "/engagements/{engagement_id}/estates"): "list_estates",
    ("GET", "/metrics"): "get_metrics",
    ("GET", "/audit"): "list_audit",
    ("GET", "/analytics"): "get_analytics",
    ("GET", "/flows/{flow_id}/analytics"): "get_flow_analytics",
    ("GET", "/quotas"): "get_quotas",
    ("PUT", "/quotas/{client_id}"): "set_quotas",
    ("DELETE", "/service-accounts/{service_account_id}"): "revoke_service_account",
    ("GET", "/flows/{flow_id}/mappings"): "list_mappings",
    ("PATCH", "/flows/{flow_id}/mappings"): "correct_mappings",
    ("GET", "/flows/{flow_id}/conflicts"): "list_conflicts",
    ("GET", "/flows/{flow_id}/entities"): "list_entities",
    ("DELETE", "/learned-patterns/{pattern_id}"): "unlearn_pattern",
    ("PUT", "/reference-tables/{name}"): "replace_reference_table",
    ("DELETE", "/reference-tables/{name}"): "withdraw_reference_table",
}
_VERBS = {"GET": "get", "DELETE": "delete", "PATCH": "update", "PUT": "replace", "POST": "create"}


def operation_name(method: str, path: str) -> str:
    """`path` below /api/v1. GET /flows is list_flows, POST /flows/{id}/pause pause_flow, GET /flows/{id} get_flow."""
    if (method, path) in _NAMES:
        return _NAMES[method, path]
    parts = [part for part in path.replace(":", "/").split("/") if part]
    words = [part.replace("-", "_") for part in parts if "{" not in part]
    last, before = words[-1], "_".join(_one(word) for word in words[:-1])
    if parts[-1].startswith("{"):
        return "_".join(filter(None, (_VERBS[method], before, _one(last))))
    if ":" in path and method == "POST":
        return f"{last}_{'_'.join(words[:-1])}"
    is_list = last != _one(last)
    if method == "GET":
        return "_".join(filter(None, ("list" if is_list else "get", before, last)))
    if method == "POST" and not is_list:
        return "_".join(filter(None, (last, _one(words[-2]) if len(words) > 1 else "")))
    return "_".join(filter(None, (_VERBS[method], before, _one(last) if method == "POST" else last)))


def _one(word: str) -> str:
    """The singular: flows is flow, entities is entity."""
    if word.endswith("ies"):
        return word[:-3] + "y"
    if word.endswith("s") and not word.endswith(("ss", "us", "is")):
        return word[:-1]
    return word
