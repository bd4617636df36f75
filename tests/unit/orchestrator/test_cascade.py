"""A rollback over flows that have grown from each other: refused alone, planned whole, undone leaves first."""

from collections.abc import Callable
from dataclasses import replace

import pytest

from caravan_common.contracts import (
    CompensateUnit,
    ErrorInfo,
    ErrorKind,
    PhaseCompleted,
    UnitSpec,
    new_id,
)
from caravan_orchestrator.domain import control
from caravan_orchestrator.domain.cascade import resume_closure
from caravan_orchestrator.domain.errors import Refused
from caravan_orchestrator.domain.handoffs import request_handoff
from caravan_orchestrator.domain.people import record_decision
from caravan_orchestrator.domain.replies import attempt_failed
from caravan_orchestrator.domain.rolling_back import finish_rollback
from caravan_orchestrator.domain.states import FlowStatus, HandoffStatus, PhaseStatus
from caravan_orchestrator.domain.wakeups import wake_flow
from tests.unit.orchestrator.conversation import Conversation, a_manifest
from tests.unit.orchestrator.family import Family, finished

COPY = UnitSpec(key="copy", action="write")
MOVE = UnitSpec(key="move", action="write")
WIPE = UnitSpec(key="wipe", action="write", has_undo=False, irreversible_name="disks wiped")


def three(*, root: UnitSpec = COPY, leaf: UnitSpec = MOVE) -> tuple[Family, Conversation, Conversation]:
    """A flow, one that has grown from it, and one that has grown from that."""
    family = Family(root)
    child = family.grow(family.root)
    return family, child, family.grow(child, finished(leaf))


def undos(talk: Conversation) -> list[str]:
    return [c.unit.key for c in talk.commands if isinstance(c, CompensateUnit)]


@pytest.mark.parametrize(("kind", "phase"), [("phase", "judge"), ("flow", None)])
def test_a_flow_that_others_have_grown_from_is_rolled_back_with_them_only(
    kind: str, phase: str | None
) -> None:
    family, child, leaf = three()
    with pytest.raises(Refused) as refused:
        family.roll_back(kind, phase, digest="0" * 64)
    offered = refused.value.offer["cascade"]
    described = family.plan("cascade", phase).describe()
    assert refused.value.code == "has_children"
    assert (offered["kind"], offered["phase"], offered["digest"]) == ("cascade", phase, described["digest"])
    assert offered["flows"] == [str(talk.flow.id) for talk in (leaf, child, family.root)]
    assert family.root.flow.status is FlowStatus.COMPLETED


def test_the_plan_names_everything_of_every_flow_leaves_first() -> None:
    family, child, leaf = three(leaf=WIPE)
    child.order(
        lambda draft: record_decision(
            draft, kind="override", phase="judge", subject="s", value=1, old=None, actor="ann"
        )
    )
    described = family.plan("cascade", "judge").describe()
    flows = [str(talk.flow.id) for talk in (leaf, child, family.root)]
    assert described["flows"] == flows
    assert [part["phases"] for part in described["parts"]] == [
        ["gather", "judge", "act"],
        ["gather", "judge", "act"],
        ["judge", "act"],
    ]
    assert [part["decisions"] for part in described["parts"]] == [[], [1], []]
    assert {(each["flow_id"], each["phase"]) for each in described["datasets"]} == {
        (flows[0], "gather"),
        (flows[1], "gather"),
    }
    assert [(each["flow_id"], each["unit"]) for each in described["effects"]] == [
        (flows[0], "wipe"),
        (flows[2], "copy"),
    ]
    assert [each["target_flow_id"] for each in described["handoffs"]] == [flows[0], flows[1]]
    assert described["irreversible"] == ["disks wiped"]


def test_effects_are_undone_leaves_first_and_the_flow_that_was_named_comes_last() -> None:
    family, child, leaf = three()
    family.roll_back(phase="act")
    assert (undos(leaf), undos(child), undos(family.root)) == (["move"], [], [])
    assert (family.root.flow.status, family.root.flow.reason) == (FlowStatus.ROLLING_BACK, "descendants")
    leaf.undone("move")
    assert leaf.flow.phase("act").status is PhaseStatus.ROLLED_BACK
    family.carry_on()
    assert child.flow.phase("gather").active_attempt_id is None
    assert undos(family.root) == ["copy"]
    family.root.undone("copy")
    family.prove()
    assert (family.root.flow.status, family.root.flow.current_phase) == (FlowStatus.WAITING, "act")
    assert [talk.flow.status for talk in (child, leaf)] == [FlowStatus.ROLLED_BACK] * 2
    assert family.root.flow.phase("judge").status is PhaseStatus.COMPLETED
    family.root.order(lambda draft: control.execute_phase(draft, "ann", "act"))
    assert family.root.flow.status is FlowStatus.ACTIVE


def test_without_a_phase_the_whole_flow_goes_with_the_others() -> None:
    family, _, leaf = three()
    family.roll_back()
    leaf.undone("move")
    family.carry_on()
    family.root.undone("copy")
    family.prove()
    assert [t.flow.status for t in family.members] == [FlowStatus.ROLLED_BACK] * 3
    assert {p.active_attempt_id for t in family.members for p in t.flow.phases} == {None}


def test_every_run_of_every_flow_is_stale_from_the_first_decision_on() -> None:
    family = Family()
    child = Conversation()
    child.start()
    running = child.open()
    run = new_id()
    child.started(running, run)
    family.grow(family.root, child)
    family.roll_back(phase="judge")
    assert child.flow.attempts[running.id].epoch == running.epoch + 1
    child.take(
        PhaseCompleted(
            attempt_id=running.id,
            epoch=running.epoch,
            run_id=run,
            flow_id=child.flow.id,
            worker="w1",
            datasets=(a_manifest(),),
        )
    )
    assert child.flow.phase("gather").active_attempt_id is None
    assert child.last.datasets == ()


def test_what_was_handed_over_is_revoked_at_once() -> None:
    family, child, _ = three()
    handed = [handoff.id for talk in (family.root, child) for handoff in talk.flow.handoffs]
    family.roll_back(phase="act")
    left = {each.id: each.status for talk in (family.root, child) for each in talk.flow.handoffs}
    assert left == dict.fromkeys(handed, HandoffStatus.REVOKED)


def test_a_handoff_that_is_being_built_is_withdrawn_when_its_flow_is_rolled_back() -> None:
    family = Family()
    family.grow(family.root)
    family.root.order(lambda draft: request_handoff(draft, "ann", "other"))
    opened = family.root.flow.handoffs[-1]
    family.roll_back()
    statuses = {each.id: each.status for each in family.root.flow.handoffs}
    assert statuses.pop(opened.id) is HandoffStatus.WITHDRAWN
    assert set(statuses.values()) == {HandoffStatus.REVOKED}


def test_a_child_that_was_rolled_back_is_not_carried_on_beside_a_newer_one() -> None:
    child = finished()
    child.roll_back("flow")
    child.order(lambda draft: finish_rollback(draft, {"holds": True}))
    child.flow = replace(child.flow, superseded=True)
    with pytest.raises(Refused) as refused:
        child.order(lambda draft: control.execute_phase(draft, "ann", "gather"))
    assert refused.value.code == "superseded"


def test_a_flow_whose_handoff_was_revoked_takes_no_orders() -> None:
    family = Family()
    child = family.grow(family.root, finished())
    family.roll_back()
    family.prove()
    child.flow = replace(child.flow, handoff_revoked=True)
    with pytest.raises(Refused) as refused:
        child.order(lambda draft: control.execute_phase(draft, "ann", "gather"))
    assert refused.value.code == "handoff_revoked"


def test_a_child_that_was_rolled_back_before_is_no_part_of_it() -> None:
    family = Family()
    child = family.grow(family.root)
    child.roll_back("flow")
    child.order(lambda draft: finish_rollback(draft, {"holds": True}))
    assert family.plan("phase", "judge").describe()["flows"] == [str(family.root.flow.id)]


def test_a_draft_goes_with_the_flow_it_has_grown_from() -> None:
    family = Family()
    draft = family.grow(family.root, Conversation())
    family.roll_back(phase="judge")
    family.prove()
    assert draft.flow.status is FlowStatus.ROLLED_BACK


def test_a_flow_that_has_grown_since_makes_the_plan_stale() -> None:
    family = Family()
    family.grow(family.root)
    digest = family.plan().describe()["digest"]
    family.grow(family.root)
    with pytest.raises(Refused) as refused:
        family.roll_back(digest=digest)
    assert refused.value.code == "stale_digest"


def test_what_can_not_be_undone_in_any_flow_must_be_accepted_by_name() -> None:
    family, _, leaf = three(leaf=WIPE)
    with pytest.raises(Refused) as refused:
        family.roll_back()
    assert refused.value.code == "irreversible"
    family.roll_back(accepted=("disks wiped",))
    assert leaf.flow.phase("act").status is PhaseStatus.ROLLED_BACK


def test_a_rollback_under_way_below_is_waited_for() -> None:
    family, _, leaf = three()
    leaf.roll_back("flow")
    with pytest.raises(Refused) as refused:
        family.plan()
    assert refused.value.code == "rollback_running"


def retry_there(family: Family, leaf: Conversation) -> None:
    leaf.order(lambda draft: control.retry_flow(draft, "ann"))


def retry_the_whole(family: Family, leaf: Conversation) -> None:
    family.together(lambda drafts: resume_closure(drafts, family.rollback, "ann"))


@pytest.mark.parametrize("order", [retry_there, retry_the_whole])
def test_a_failed_undo_below_stops_what_is_above_until_somebody_retries(
    order: Callable[[Family, Conversation], None],
) -> None:
    family, child, leaf = three()
    family.roll_back()
    leaf.started(leaf.open("move"))
    error = ErrorInfo(kind=ErrorKind.PERMANENT, code="gone", message="The host is gone.")
    leaf.order(lambda draft: attempt_failed(draft, leaf.open("move"), error))
    family.carry_on()
    assert (leaf.flow.reason, child.flow.reason) == ("operator", "descendants")
    order(family, leaf)
    leaf.undone("move")
    family.carry_on()
    family.root.undone("copy")
    family.prove()
    assert [t.flow.status for t in family.members] == [FlowStatus.ROLLED_BACK] * 3


def test_a_proof_that_fails_leaves_all_flows_for_an_operator() -> None:
    family = Family()
    child = family.grow(family.root)
    family.roll_back(phase="judge")
    family.prove(holds=False)
    assert (family.root.flow.status, family.root.flow.reason) == (FlowStatus.ROLLING_BACK, "operator")
    assert child.flow.status is FlowStatus.ROLLING_BACK
    family.root.order(lambda draft: control.retry_flow(draft, "ann"))
    family.prove()
    assert (family.root.flow.status, child.flow.status) == (FlowStatus.WAITING, FlowStatus.ROLLED_BACK)


def test_flows_that_wait_for_others_ask_again_after_a_minute() -> None:
    family, child, _ = three()
    family.roll_back()
    for talk in (family.root, child):
        assert talk.flow.next_wakeup_at is not None
        talk.order(wake_flow)
        assert [f.id for f in talk.last.followups if f.kind == "rollback"] == [family.rollback]
