"""What a person can do next with a flow as it stands, in one sentence with the command."""

from collections.abc import Mapping
from typing import Any

DONE_PHASES = ("completed", "skipped")
_OVER = ("cancelled", "rolled_back")


def advise(flow: Mapping[str, Any]) -> str | None:
    """Nothing for a flow that goes on by itself, and for one that is over."""
    id_, status, reason = flow["id"], flow["status"], flow["reason"]
    if flow["paused_at"] is not None and status not in _OVER:
        return f"It is paused: caravan flow resume {id_}"
    if status == "waiting":
        return _waits_for(flow)
    if status == "failed":
        return f"Mend what the error names, then: caravan flow retry {id_}"
    if status == "rolling_back" and reason == "operator":
        return f"The rollback stopped; mend what stopped it, then: caravan flow retry {id_}"
    stale = [phase["name"] for phase in flow["phases"] if phase["stale"]]
    if stale and status == "completed":
        return f"Decided since, and not in {', '.join(stale)} yet: caravan flow refresh {id_}"
    return None


def _waits_for(flow: Mapping[str, Any]) -> str:
    id_ = flow["id"]
    match flow["reason"]:
        case "questions":
            return f"It waits for answers: caravan question list {id_}"
        case "approval":
            return f"It waits for somebody else's approval: caravan approval list {id_}"
        case "no_worker":
            return (
                f"No worker for {flow['flow_type']} is up; it goes on by itself once one is: caravan status"
            )
        case _:
            following = next(
                (each["name"] for each in flow["phases"] if each["status"] not in DONE_PHASES), None
            )
            return f"It goes on with {following} when told to: caravan flow execute {id_}"
