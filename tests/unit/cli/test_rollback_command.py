"""`caravan flow rollback`: which kind its options ask for, and what it shows of a plan over several flows."""

from typing import Any

import pytest

from caravan.commands.rollback import chosen_kind, ordered, show_plan
from caravan.failures import BadInput


def part(name: str, *phases: str, decisions: tuple[int, ...] = ()) -> dict[str, Any]:
    return {
        "flow_id": f"id-of-{name}",
        "flow_type": name,
        "name": f"the {name}",
        "phases": list(phases),
        "decisions": list(decisions),
        "effects": 0,
    }


def plan(*parts: dict[str, Any]) -> dict[str, Any]:
    return {
        "flows": [each["flow_id"] for each in parts],
        "parts": list(parts),
        "phases": parts[-1]["phases"],
        "datasets": [{"name": "treatments", "rows": 12}],
        "assets": {"rows": 3},
        "handoffs": [],
        "effects": [],
        "irreversible": [],
        "digest": "d" * 8,
    }


@pytest.mark.parametrize(
    ("kind", "phase", "keys", "cascade", "told"),
    [
        (None, None, None, False, "flow"),
        (None, "treatment", None, False, "phase"),
        ("cascade", "treatment", None, False, "cascade"),
        ("cascade", None, None, False, "cascade"),
        (None, "treatment", None, True, "cascade"),
        (None, "treatment", ["app:a"], False, "selective"),
    ],
)
def test_the_kind_is_what_was_asked_for_or_what_the_options_say(
    kind: Any, phase: str | None, keys: list[str] | None, cascade: bool, told: str
) -> None:
    assert chosen_kind(kind, phase, keys, cascade=cascade) == told


@pytest.mark.parametrize(("kind", "phase", "keys"), [("flow", "treatment", None), (None, None, ["app:a"])])
def test_options_that_contradict_each_other_are_refused(
    kind: Any, phase: str | None, keys: list[str] | None
) -> None:
    with pytest.raises(BadInput):
        chosen_kind(kind, phase, keys, cascade=False)


def test_a_plan_over_several_flows_lists_each_with_its_phases_in_order_of_undo(
    capsys: pytest.CaptureFixture[str],
) -> None:
    show_plan(plan(part("planning", "overview", decisions=(4,)), part("assessment", "treatment")), json=False)
    shown = capsys.readouterr().out
    assert shown.index("the planning") < shown.index("the assessment")
    assert "overview" in shown
    assert "treatment" in shown


def test_a_plan_of_one_flow_names_its_phases_and_decisions(capsys: pytest.CaptureFixture[str]) -> None:
    show_plan(plan(part("assessment", "treatment", "roadmap", decisions=(4, 7))), json=False)
    shown = capsys.readouterr().out
    assert "treatment, roadmap" in shown
    assert "4, 7" in shown


def test_a_selective_plan_shows_keys_rows_and_what_they_go_back_to(
    capsys: pytest.CaptureFixture[str],
) -> None:
    row = {"dataset": "treatments", "natural_key": "app:a", "now": {"treatment": "retain"}}
    selection = {
        "keys": ["app:a"],
        "before": "id-of-version",
        "stale": ["wave_planning"],
        "reverted_rows": 3,
        "reverted": [{**row, "then": {"treatment": "rehost"}}, {**row, "natural_key": "app:b", "then": {}}],
    }
    planned = {**plan(part("assessment", "treatment")), "selection": selection}
    show_plan(planned, json=False)
    shown = capsys.readouterr().out
    for said in ("app:a", "id-of-version", "wave_planning", "retain", "rehost", "and 1 rows more"):
        assert said in shown


def test_keys_and_the_version_go_with_a_selective_rollback_only() -> None:
    assert ordered("selective", "treatment", ["a"], "v1") == {
        "kind": "selective",
        "phase": "treatment",
        "keys": ["a"],
        "before": "v1",
    }
    assert ordered("phase", "treatment", None, None) == {"kind": "phase", "phase": "treatment"}
    with pytest.raises(BadInput):
        ordered("phase", "treatment", None, "v1")
