"""Rollback of chosen keys, carried out: undoing effects, building the version, and what follows."""

from dataclasses import replace

import pytest

from caravan_common.contracts import (
    BuildSelectiveVersion,
    CompensateUnit,
    DatasetManifest,
    ErrorKind,
    SelectiveVersionBuilt,
    new_id,
)
from caravan_orchestrator.domain import control
from caravan_orchestrator.domain.cascade import plan_closure
from caravan_orchestrator.domain.errors import Refused
from caravan_orchestrator.domain.replies import lease_ran_out
from caravan_orchestrator.domain.selective import Choice
from caravan_orchestrator.domain.states import AttemptStatus, FlowStatus, PhaseStatus
from tests.unit.orchestrator.conversation import Conversation
from tests.unit.orchestrator.family import Family
from tests.unit.orchestrator.treating import TREATING, Treating, command_epoch, manifest, moved


def test_only_the_chosen_keys_effects_are_undone_and_before_the_version_is_built() -> None:
    talk = Treating(moved("move a", "a"), moved("move b", "b"), decided=())
    talk.treat_again("2", moved("move a again", "a"), moved("move b again", "b"))
    plan = talk.plan("a").describe()
    assert [effect["unit"] for effect in plan["effects"]] == ["move a again"]
    talk.select("a")
    assert [type(c) for c in talk.commands] == [CompensateUnit]
    assert talk.version().status is AttemptStatus.HELD
    talk.undone("move a again")
    assert [type(c) for c in talk.commands] == [BuildSelectiveVersion]
    talk.built()
    talk.prove()
    standing = {
        a.unit_key for a in talk.flow.attempts.values() if a.kind == "unit" and a.status == "succeeded"
    }
    assert standing == {"move a", "move b", "move b again"}
    talk.order(lambda draft: control.execute_phase(draft, "ann", "treat"))
    talk._treated("3", (moved("move c", "c"),))
    effects = plan_closure({talk.flow.id: talk.flow}, talk.flow.id, "phase", "treat").describe()["effects"]
    assert [effect["unit"] for effect in effects] == ["move c"], (
        "what the version goes back to keeps its effects"
    )


def test_what_cannot_be_undone_of_the_keys_must_be_accepted_by_name() -> None:
    wiped = {"has_undo": False, "irreversible_name": "disks wiped"}
    talk = Treating(moved("copy", "a"), moved("copy b", "b"), decided=())
    talk.treat_again("2", moved("wipe", "a", **wiped), moved("wipe b", "b", **wiped))
    assert talk.plan("a").describe()["irreversible"] == ["disks wiped"]
    assert talk.plan("c").describe()["irreversible"] == []
    with pytest.raises(Refused) as caught:
        talk.select("a")
    assert caught.value.code == "irreversible"
    talk.select("a", accepted=("disks wiped",))
    assert [type(c) for c in talk.commands] == [BuildSelectiveVersion]


def test_a_worker_that_falls_silent_gives_the_building_to_another() -> None:
    talk = Treating()
    talk.select("a")
    talk.started(talk.version())
    talk.order(lambda draft: lease_ran_out(draft, talk.version()))
    (command,) = talk.commands
    assert isinstance(command, BuildSelectiveVersion)
    assert command.epoch == 2
    old = SelectiveVersionBuilt(
        **talk._head(talk.version(), new_id(), 1), datasets=(manifest("treatments", "7"),)
    )
    talk.take(old)
    assert talk.shown()["treatments"] == "2", "a reply of the old epoch is no result"
    talk.built()
    assert talk.shown()["treatments"] == "9"


@pytest.mark.parametrize(
    "datasets",
    [(manifest("seen", "9"),), (manifest("treatments", "9").model_copy(update={"assets": True}),)],
    ids=["another phase's", "of another kind"],
)
def test_a_version_that_is_not_what_was_asked_for_is_refused_and_nothing_has_changed(
    datasets: tuple[DatasetManifest, ...],
) -> None:
    talk = Treating()
    before = talk.shown()
    talk.select("a")
    talk.built(*datasets)
    assert (talk.flow.status, talk.shown()) == (FlowStatus.COMPLETED, before)
    assert [decision.number for decision in talk.flow.decisions] == [1]
    assert "rollback.failed" in talk.events
    assert not talk.flow.phase("plan").stale


def test_a_building_that_fails_for_good_leaves_the_flow_as_it_was_and_can_be_ordered_again() -> None:
    talk = Treating()
    talk.select("a")
    talk.failed(ErrorKind.PERMANENT, talk.version())
    assert talk.flow.status is FlowStatus.COMPLETED
    assert talk.last.flow.rollback is not None
    assert (talk.last.flow.rollback.status, talk.last.flow.rollback.steps[0].status) == ("failed", "failed")
    talk.flow = replace(talk.flow, rollback=None)
    talk.select("a")
    talk.built()
    talk.prove()
    assert talk.flow.reason == "stale"


def test_after_an_undo_a_building_that_fails_waits_for_an_operator_and_is_resumed() -> None:
    talk = Treating(moved("old", "b"), decided=())
    talk.treat_again("2", moved("new", "a"))
    talk.select("a")
    talk.undone("new")
    talk.failed(ErrorKind.PERMANENT, talk.version())
    assert (talk.flow.status, talk.flow.reason) == (FlowStatus.ROLLING_BACK, "operator")
    talk.order(lambda draft: control.retry_flow(draft, "ann"))
    assert [(type(c), command_epoch(c)) for c in talk.commands] == [(BuildSelectiveVersion, 2)]
    talk.built()
    talk.prove()
    assert talk.flow.status is FlowStatus.WAITING


def test_where_nothing_comes_after_the_phase_the_flow_is_completed_again_and_hands_over_anew() -> None:
    definition = TREATING.model_copy(update={"phases": TREATING.phases[:2]})
    talk = Treating.__new__(Treating)
    talk.made = []
    Conversation.__init__(talk, definition)
    talk.start()
    talk.completed(datasets=(manifest("seen", "0"),))
    talk._treated("1", ())
    talk.order(lambda draft: control.execute_phase(draft, "ann", "treat"))
    talk._treated("2", ())
    assert talk.flow.status is FlowStatus.COMPLETED
    talk.select("a")
    talk.built()
    talk.prove()
    assert talk.flow.status is FlowStatus.COMPLETED
    assert "flow.completed" in talk.events


def test_a_phase_that_was_waited_for_comes_next() -> None:
    talk = Treating()
    talk.order(lambda draft: control.execute_phase(draft, "ann", "plan"))
    talk.failed(ErrorKind.PERMANENT)
    assert talk.flow.phase("plan").status is PhaseStatus.FAILED
    talk.flow = replace(
        talk.flow,
        phases=tuple(replace(p, active_attempt_id=None) if p.name == "plan" else p for p in talk.flow.phases),
    )
    talk.select("a")
    talk.built()
    talk.prove()
    assert (talk.flow.status, talk.flow.reason, talk.flow.current_phase) == ("waiting", "rolled_back", "plan")


def test_a_flow_that_others_have_grown_from_is_selected_alone_and_keeps_its_handoffs() -> None:
    family = Family()
    talk = Treating()
    family.root, family.members = talk, [talk]
    child = family.grow(talk)
    flows = {each.flow.id: each.flow for each in family.members}
    plan = plan_closure(flows, talk.flow.id, "selective", "treat", Choice(TREATING, ("a",))).describe()
    assert plan["flows"] == [str(talk.flow.id)]
    assert plan["handoffs"] == []
    talk.select("a", digest=plan["digest"])
    talk.built()
    talk.prove()
    assert [handoff.status for handoff in talk.flow.handoffs] == ["accepted"]
    assert child.flow.status is FlowStatus.COMPLETED
    talk.order(lambda draft: control.refresh_flow(draft, "ann"))
    talk.completed()
    assert talk.flow.status is FlowStatus.COMPLETED
    assert [handoff.status for handoff in talk.flow.handoffs] == ["accepted", "requested"], (
        "the child is told"
    )
