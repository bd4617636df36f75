"""What examples about plans say: see samples.py."""

from typing import Any

_REASON = "Confirmed with the owner by telephone."

BODIES: dict[str, dict[str, Any]] = {
    "AcceptEdit": {"edit_id": "0192f0c5-7c1e-7000-8000-000000000002", "reason": _REASON},
    "CheckEdits": {
        "edits": [
            {"move": {"application": "app:billing", "wave": 2}},
            {"lock": {"application": "app:payroll", "wave": 3}},
        ]
    },
    "ComparePlans": {"with": "1b7c5a9e-3c0d-5b1a-8f27-6d2e9b4c0a55"},
    "DiscardEdit": {"edit_id": "0192f0c5-7c1e-7000-8000-000000000002"},
    "RestorePlan": {"reason": "The steering committee preferred the first plan."},
    "SetTreatment": {"treatment": "retain", "reason": _REASON, "learn": False},
}

FIELDS: dict[str, Any] = {
    "ResultRowsView.items": {"natural_key": "team:databases", "capacity": 4.0},
    "TreatmentsView.items": {
        "natural_key": "app:billing",
        "treatment": "replatform",
        "score": 0.82,
        "margin": 0.11,
        "decision": None,
    },
    "application": "app:billing",
    "PlanRowsView.items": {"natural_key": "app:billing:cutover", "starts": "2026-05-04", "critical": True},
    "PlanRowsView.summary": {
        "schedule": {"makespan_days": 214, "lower_bound_days": 209, "status": "feasible"}
    },
    "WavePlanView.items": {"natural_key": "app:billing", "wave": 2, "effort": 12.5, "locked": False},
    "WavePlanView.summary": {"waves": {"count": 6, "units": 41, "violations": {"capacity": 0}}},
    "WavePlanView.violations": {"precedence": 0, "capacity": 0, "window": 0, "must_together": 0},
    "cut": 17.5,
    "EditView.version": "1b7c5a9e-3c0d-5b1a-8f27-6d2e9b4c0a55",
    "PlanRowsView.version": "1b7c5a9e-3c0d-5b1a-8f27-6d2e9b4c0a55",
    "WavePlanView.version": "1b7c5a9e-3c0d-5b1a-8f27-6d2e9b4c0a55",
    "ComparedView.version": "1b7c5a9e-3c0d-5b1a-8f27-6d2e9b4c0a55",
    "load": [{"wave": 2, "units": 7, "effort": 84.5, "servers": 31}],
    "dates": [{"wave": 2, "starts": "2026-05-04", "ends": "2026-05-29"}],
    "calendar": [{"natural_key": "wave-002", "wave": 2, "starts": "2026-05-04", "ends": "2026-05-29"}],
    "findings": [],
    "unplaced": 0,
    "violations": {"capacity": ["Wave 2 holds 131 person-days of 120."]},
    "edits": [{"move": {"application": "app:billing", "wave": 2}}],
    "EditView.status": "answered",
    "EditView.result": {
        "violations": {"capacity": ["Wave 2 holds 131 person-days of 120."]},
        "cut_after": 19.0,
    },
    "EditView.decision": None,
    "EditView.settled_by": None,
    "EditView.settled_at": None,
    "asked_by": "ann",
    "cut_before": 17.5,
    "cut_after": 19.0,
    "differences": [{"application": "app:billing", "before": {"wave": 3}, "after": {"wave": 2}}],
    "PlanDecidedView.stale": ["roadmap"],
    "RefreshView.text": "roadmap still shows the plan as it was before; refresh the flow once it has completed.",
    "RefreshView.method": "POST",
    "RefreshView.path": "/flows/0192f0c5-7c1e-7000-8000-000000000001/refresh",
    "RefreshView.command": "caravan flow refresh 0192f0c5-7c1e-7000-8000-000000000001",
    "RefreshView.flows": [],
    "TreatmentSetView.stale": ["treatment", "wave_planning", "editor"],
}
