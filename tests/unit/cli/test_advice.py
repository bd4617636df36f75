"""What a person is told to do next with a flow."""

from typing import Any

import pytest

from caravan.advice import advise
from caravan.commands.inbox import Kind, how_to_settle
from caravan.commands.questions import words_of


def flow(status: str, reason: str | None = None, **more: Any) -> dict[str, Any]:
    phases = [
        {"name": "read", "status": "completed", "stale": False},
        {"name": "gather", "status": "rolled_back", "stale": False},
    ]
    given = {"id": "F", "flow_type": "discovery", "status": status, "reason": reason}
    return {**given, "paused_at": None, "phases": phases, **more}


STALE = [{"name": "gather", "status": "completed", "stale": True}]


@pytest.mark.parametrize(
    ("given", "told"),
    [
        (flow("waiting", "questions"), "caravan question list F"),
        (flow("waiting", "approval"), "caravan approval list"),
        (flow("waiting", "no_worker"), "No worker for discovery"),
        (flow("waiting", "rolled_back"), "with gather when told to: caravan flow execute F"),
        (flow("waiting", "execute"), "caravan flow execute F"),
        (flow("failed", "no_readable_file"), "caravan flow retry F"),
        (flow("rolling_back", "operator"), "caravan flow retry F"),
        (flow("active", paused_at="2026-11-21T00:00:00Z"), "caravan flow resume F"),
        (flow("completed", phases=STALE), "not in gather yet: caravan flow refresh F"),
    ],
)
def test_a_flow_that_a_person_can_help_says_how(given: dict[str, Any], told: str) -> None:
    words = advise(given)
    assert words is not None
    assert told in words


@pytest.mark.parametrize(
    "given",
    [
        flow("active"),
        flow("completed"),
        flow("cancelled"),
        flow("rolled_back"),
        flow("rolling_back", "undoing"),
    ],
)
def test_a_flow_that_goes_on_by_itself_or_is_over_says_nothing(given: dict[str, Any]) -> None:
    assert advise(given) is None


@pytest.mark.parametrize("kind", [*Kind])
def test_what_waits_is_settled_by_a_command(kind: Kind) -> None:
    entry = {
        "kind": kind.value,
        "id": "E",
        "flow": {"id": "F"},
        "subject": "assessment",
        "recommendation": "test",
        "actions": [{"method": "POST", "path": "/somewhere"}],
    }
    assert how_to_settle(entry).startswith("caravan ")
    assert how_to_settle({**entry, "kind": "of a newer gateway"}) == "POST /somewhere"


def test_a_question_shows_its_options_and_which_one_is_recommended() -> None:
    question = {
        "id": "Q",
        "phase": "attribute_mapping",
        "subject": "fleet.csv##3|Class",
        "text": "What does Class mean?",
        "options": [
            {"id": "business_criticality", "label": "business_criticality", "score": 0.712},
            {"id": "custom", "label": "nothing canonical", "score": None},
        ],
        "recommendation": "business_criticality",
        "blocking": True,
        "status": "open",
        "answer": None,
    }
    assert words_of(question) == [
        "attribute_mapping, fleet.csv##3|Class (holds the flow up)",
        "  What does Class mean?",
        "    business_criticality 0.71, recommended",
        "    custom: nothing canonical",
        "  caravan question answer Q business_criticality",
        "",
    ]
    sampled = words_of({**question, "facts": {"samples": ["gold", "silver"]}})
    assert sampled[2] == "  It holds: gold, silver"
    settled = words_of({**question, "status": "answered", "answer": "custom"})
    assert settled[0].endswith("(answered: custom)")
    accepted = words_of({**question, "status": "accepted"})
    assert accepted[0].endswith("(accepted: business_criticality)")
