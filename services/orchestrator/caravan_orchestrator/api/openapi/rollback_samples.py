"""A cascade as the document shows it: planning has grown from an assessment, whose treatments are rolled back."""

from typing import Any

_SHA = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"
_ASSESSMENT, _PLANNING = "0b6c0f0e-6a2f-5c7b-9a53-0d7a4c1f2e11", "7d0e3c52-14f9-5f0a-8b7c-5c2f9e6a4b22"
_ATTEMPT = "3f1d2b40-8c6e-5a9d-b2f7-6e5d4c3b2a33"


def _part(flow_id: str, flow_type: str, phases: tuple[str, ...], decisions: list[int]) -> dict[str, Any]:
    return {
        "flow_id": flow_id,
        "flow_type": flow_type,
        "name": "Harbour estate",
        "status": "completed",
        "phases": list(phases),
        "targets": dict.fromkeys(phases),
        "decisions": decisions,
        "effects": 0,
    }


_TREATMENT = ("treatment", "wave_planning", "roadmap", "editor")
_CASCADE: dict[str, Any] = {
    "kind": "cascade",
    "phase": "treatment",
    "digest": _SHA,
    "flows": [_PLANNING, _ASSESSMENT],
    "parts": [
        _part(_PLANNING, "planning", ("overview", "timeline", "resource", "target"), []),
        _part(_ASSESSMENT, "assessment", _TREATMENT, [3]),
    ],
}
_TASKS = {
    "flow_id": _PLANNING,
    "phase": "timeline",
    "name": "tasks",
    "rows": 42,
    "sha256": _SHA,
    "dataset_id": _ATTEMPT,
}
_HANDOFF = {
    "handoff_id": "5e4d3c2b-1a09-5f8e-9d7c-6b5a49382744",
    "flow_id": _ASSESSMENT,
    "target_flow_id": _PLANNING,
    "target_flow_type": "planning",
    "status": "accepted",
}
PLAN: dict[str, Any] = {
    **_CASCADE,
    "phases": list(_TREATMENT),
    "targets": dict.fromkeys(_TREATMENT),
    "datasets": [_TASKS],
    "assets": {"estate_id": _ASSESSMENT, "rows": 42, "columns": ["treatment", "wave", "target_type"]},
    "decisions": [3],
    "handoffs": [_HANDOFF],
    "effects": [],
    "irreversible": [],
    "seconds": 1,
}
# Members of a problem beside those that every problem has, by its code.
OFFERS: dict[str, dict[str, Any]] = {
    "has_children": {"cascade": _CASCADE},
    "unknown_keys": {"unknown": ["app:crm-old"]},
}
