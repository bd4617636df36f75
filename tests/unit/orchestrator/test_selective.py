"""Rollback of chosen keys: planned exactly, built by the service, taken in as the phase's result, and what follows."""

from dataclasses import replace

import pytest

from caravan_common.contracts import (
    BuildSelectiveVersion,
    DecidedBy,
    DecisionKind,
    new_id,
)
from caravan_orchestrator.domain import control
from caravan_orchestrator.domain.cascade import plan_closure
from caravan_orchestrator.domain.errors import Refused
from caravan_orchestrator.domain.states import FlowStatus
from tests.unit.orchestrator.treating import Treating, executed, manifest, refused


def test_a_plan_names_keys_versions_what_was_decided_about_them_and_what_becomes_stale() -> None:
    talk = Treating()
    talk.decide("b")
    first, second = talk.computations()
    plan = talk.plan("b", "a", "a").describe()
    assert plan["selection"] == {
        "key_column": "application",
        "keys": ["a", "b"],
        "before": str(first),
        "replaced": str(second),
        "stale": ["plan"],
    }
    assert (plan["kind"], plan["phases"], plan["decisions"]) == ("selective", ["treat"], [1, 2])
    assert [dataset["name"] for dataset in plan["datasets"]] == ["log", "treatments"]
    assert plan["handoffs"] == plan["effects"] == []
    assert talk.plan("a", "b").describe()["digest"] == plan["digest"]
    assert talk.plan("a").describe()["digest"] != plan["digest"]


def test_the_service_is_asked_for_the_rows_of_the_keys_between_two_versions() -> None:
    talk = Treating()
    talk.select("a")
    (command,) = talk.commands
    assert isinstance(command, BuildSelectiveVersion)
    assert (command.phase, command.keys, command.key_column) == ("treat", ("a",), "application")
    assert {m.name: m.artifact.sha256[0] for m in command.current} == {"treatments": "2", "log": "2"}
    assert {m.name: m.artifact.sha256[0] for m in command.before} == {"treatments": "1", "log": "1"}
    assert (talk.flow.status, talk.flow.reason) == (FlowStatus.ROLLING_BACK, "undoing")
    assert talk.flow.phase("treat").active_attempt_id == talk.computations()[1], "until it is built"


def test_what_was_built_is_shown_beside_what_has_no_keys_and_the_flow_waits_for_a_refresh() -> None:
    talk = Treating()
    talk.select("a")
    talk.built(manifest("treatments", "9"), summary={"counts": {"move": 1}}, decided_by=DecidedBy(rule=1))
    assert talk.shown() == {"treatments": "9", "log": "2"}
    assert {d.attempt_id for d in talk.last.datasets} == {talk.version().id}
    treat, plan = talk.flow.phase("treat"), talk.flow.phase("plan")
    assert (treat.status, treat.stale, plan.status, plan.stale) == ("completed", False, "completed", True)
    assert treat.summary == {"counts": {"move": 1}, "judged": "2"}
    assert treat.decided_by["rule"] == 1
    assert talk.last.withdraw_decisions == (1,)
    assert talk.flow.decisions == ()
    assert talk.flow.rollback is not None
    assert talk.flow.rollback.plan["targets"] == {"treat": str(talk.version().id)}, (
        "what the proof compares with"
    )
    talk.prove()
    assert (talk.flow.status, talk.flow.reason, talk.flow.current_phase) == (
        FlowStatus.WAITING,
        "stale",
        "plan",
    )
    talk.order(lambda draft: control.refresh_flow(draft, "ann"))
    assert [(c.phase, [r.manifest.artifact.sha256[0] for r in c.inputs]) for c in executed(talk)] == [
        ("plan", ["9"])
    ]
    talk.completed()
    assert talk.flow.status is FlowStatus.COMPLETED


def test_only_what_was_decided_about_the_keys_since_is_withdrawn() -> None:
    talk = Treating(decided=("a", "b"))
    talk.decide("a", DecisionKind.APPROVAL)
    talk.decide("a", phase="plan")
    talk.decide("question of b", DecisionKind.ANSWER)
    talk.flow = replace(talk.flow, asked_about={"question of b": "b"})
    assert talk.plan("a").describe()["decisions"] == [], "the version before knows the first one"
    assert talk.plan("b").describe()["decisions"] == [2, 5]
    oldest = talk.computations()[0]
    assert talk.plan("a", before=oldest).describe()["decisions"] == [1]
    assert talk.plan("a", "b", before=oldest).describe()["decisions"] == [1, 2, 5]


def test_what_was_decided_about_others_and_not_taken_in_leaves_the_phase_stale() -> None:
    talk = Treating()
    talk.decide("b")
    talk.select("a")
    talk.built()
    assert talk.flow.phase("treat").stale
    assert [decision.subject for decision in talk.flow.decisions] == ["b"]


def test_what_is_withdrawn_before_it_was_taken_in_leaves_the_phase_fresh() -> None:
    talk = Treating()
    talk.decide("a")
    assert talk.flow.phase("treat").stale
    talk.select("a")
    talk.built()
    assert not talk.flow.phase("treat").stale


def test_other_inputs_since_leave_the_phase_stale() -> None:
    talk = Treating()
    talk.order(lambda draft: control.execute_phase(draft, "ann", "look"))
    talk.completed(datasets=(manifest("seen", "8"),))
    talk.select("a")
    talk.built()
    assert talk.flow.phase("treat").stale


def test_the_same_twice_changes_nothing_more() -> None:
    talk = Treating()
    digest = talk.plan("a").describe()["digest"]
    talk.select("a")
    with pytest.raises(Refused) as again:
        talk.select("a", digest=digest)
    assert again.value.code == "rollback_running"
    talk.built()
    talk.prove()
    with pytest.raises(Refused) as late:
        talk.select("a", digest=digest)
    assert late.value.code == "stale_digest"
    plan = talk.plan("a").describe()
    assert plan["decisions"] == []
    assert plan["selection"]["before"] == str(talk.computations()[0]), "the version before is still the first"


def test_a_second_one_takes_the_first_for_what_stands() -> None:
    talk = Treating(decided=("a", "b"))
    oldest = talk.computations()[0]
    talk.select("a", before=oldest)
    talk.built()
    talk.prove()
    first = talk.version().id
    talk.select("b")
    (command,) = talk.commands
    assert isinstance(command, BuildSelectiveVersion)
    assert {m.artifact.sha256[0] for m in command.current if m.name == "treatments"} == {"9"}
    assert talk.flow.rollback is not None
    assert talk.flow.rollback.plan["selection"]["replaced"] == str(first)
    assert {m.artifact.sha256[0] for m in command.before} == {"2"}


def test_a_rollback_of_the_phase_goes_back_past_it_and_one_of_a_later_run_comes_back_to_it() -> None:
    talk = Treating()
    first, _ = talk.computations()
    talk.select("a")
    talk.built()
    talk.prove()
    version = talk.version().id
    targets = plan_closure({talk.flow.id: talk.flow}, talk.flow.id, "phase", "treat").describe()["targets"]
    assert targets["treat"] == str(first)
    talk.order(lambda draft: control.execute_phase(draft, "ann", "treat"))
    talk.completed(datasets=(manifest("treatments", "5"), manifest("log", "5")))
    talk.roll_back("phase", "treat")
    assert talk.flow.phase("treat").active_attempt_id == version
    talk.prove()
    talk.roll_back("phase", "treat")
    assert talk.flow.phase("treat").active_attempt_id == first


def test_a_plan_gone_stale_is_refused() -> None:
    talk = Treating()
    digest = talk.plan("a").describe()["digest"]
    talk.order(lambda draft: control.execute_phase(draft, "ann", "plan"))
    talk.completed()
    with pytest.raises(Refused) as caught:
        talk.select("a", digest=digest)
    assert caught.value.code == "stale_digest"
    assert talk.flow.status is FlowStatus.COMPLETED


def test_what_can_not_be_selected_says_why() -> None:
    talk = Treating()
    assert refused(talk, "a", phase="plan") == (
        "not_selective",
        "Phase plan declares no key to roll back selectively; those that do: treat.",
    )
    assert refused(talk, "a", phase="other")[0] == "unknown_phase"
    assert refused(talk)[0] == "nothing_to_roll_back"
    code, message = refused(talk, "a", before=new_id())
    assert code == "not_a_version"
    assert str(talk.computations()[0]) in message
    assert refused(Treating(decided=()), "a") == (
        "nothing_to_roll_back",
        "Phase treat has only the version it shows; roll back the phase instead.",
    )
    talk.order(lambda draft: control.execute_phase(draft, "ann", "plan"))
    assert refused(talk, "a")[0] == "phase_running"
    talk.completed()
    talk.roll_back("phase", "treat")
    assert refused(talk, "a")[0] == "rollback_running"
    talk.prove()
    assert refused(talk, "a") == (
        "nothing_to_roll_back",
        "Phase treat is rolled_back; only rows of a completed phase go back key by key.",
    )
