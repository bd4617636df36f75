"""A completed flow hands over: asked for, given out, checked; what each answer means for parent and child."""

from dataclasses import replace
from typing import Any
from uuid import UUID

import pytest

from caravan_common.contracts import (
    BuildHandoff,
    DatasetSpec,
    ErrorKind,
    ExecutePhase,
    FlowDefinition,
    HandoffBuilt,
    HandoffInput,
    InputSpec,
    PhaseDefinition,
    RuleResult,
    new_id,
)
from caravan_orchestrator.domain.control import execute_phase, refresh_flow, resume_flow, start_flow
from caravan_orchestrator.domain.draft import Draft
from caravan_orchestrator.domain.errors import Refused
from caravan_orchestrator.domain.handoffs import (
    accept_handoff,
    begin_handoff,
    grown_child,
    living_child,
    renew_child,
    request_handoff,
)
from caravan_orchestrator.domain.model import Flow, Handoff
from caravan_orchestrator.domain.states import FlowStatus, HandoffStatus
from caravan_orchestrator.domain.wakeups import wake_flow
from tests.unit.orchestrator.conversation import SEVEN, Conversation, a_manifest

FIRST = FlowDefinition(
    flow_type="survey",
    version="1.2.0",
    phases=(PhaseDefinition(name="gather", outputs=(DatasetSpec(name="facts"),)),),
    next_flow_type="review",
)
SECOND = FlowDefinition(
    flow_type="review",
    version="2.0.0",
    phases=(
        PhaseDefinition(name="plain"),
        PhaseDefinition(
            name="weigh", inputs=(InputSpec(name="facts"), InputSpec(name="hints", optional=True))
        ),
    ),
    handoff_inputs=(HandoffInput(name="facts", max_version=1), HandoffInput(name="hints", optional=True)),
)


def completed(**flow: Any) -> Conversation:
    told = Conversation(FIRST, **({"configuration": {"through": "review"}} | flow))
    told.start()
    told.completed(datasets=(a_manifest(),))
    return told


def building(**flow: Any) -> Conversation:
    told = completed(**flow)
    told.order(lambda draft: begin_handoff(draft, draft.flow.handoffs[0], SECOND))
    return told


def built(told: Conversation, **said: Any) -> HandoffBuilt:
    attempt = told.flow.attempts[told.flow.handoffs[-1].id]
    facts: dict[str, Any] = {"datasets": (a_manifest(),), "digest": "d" * 64} | said
    head = {"attempt_id": attempt.id, "epoch": attempt.epoch, "run_id": new_id(), "flow_id": told.flow.id}
    return HandoffBuilt(**head, worker="w1", **facts)


def handoff(told: Conversation) -> Handoff:
    return told.flow.handoffs[-1]


def child_of(told: Conversation) -> Flow:
    return grown_child(told.flow, handoff(told), SECOND, new_id())


def test_a_flow_that_goes_on_asks_for_a_handoff_when_it_completes() -> None:
    told = completed()
    assert told.flow.status is FlowStatus.COMPLETED
    assert [(h.target_flow_type, h.status) for h in told.flow.handoffs] == [
        ("review", HandoffStatus.REQUESTED)
    ]
    assert told.flow.next_wakeup_at == SEVEN, "whoever forgets it, the clock does not"


@pytest.mark.parametrize(
    "flow",
    [
        {"configuration": {}},
        {"configuration": {"through": "survey"}},
        {"configuration": {"through": "review"}, "auto_advance": False},
    ],
)
def test_a_flow_that_ends_the_chain_asks_for_none(flow: dict[str, Any]) -> None:
    told = Conversation(FIRST, **flow)
    told.start()
    if told.flow.status is FlowStatus.WAITING:
        told.order(lambda draft: execute_phase(draft, "ann", "gather"))
    told.completed(datasets=(a_manifest(),))
    assert told.flow.status is FlowStatus.COMPLETED
    assert told.flow.handoffs == ()


def test_the_worker_is_told_what_is_wanted_and_given_all_there_is() -> None:
    told = building()
    (command,) = told.commands
    assert isinstance(command, BuildHandoff)
    assert command.target_flow_type == "review"
    assert [want.name for want in command.wanted] == ["facts", "hints"]
    assert [(ref.flow_type, ref.manifest.name) for ref in command.inputs] == [("survey", "facts")]


def test_a_target_that_nobody_announced_is_waited_for_and_said_once() -> None:
    told = completed()
    told.order(lambda draft: begin_handoff(draft, handoff(told), None))
    assert told.events == ["handoff.waiting"]
    error = handoff(told).error
    assert error is not None
    assert error.code == "target_not_announced"
    assert told.flow.next_wakeup_at is not None
    assert told.flow.next_wakeup_at > told.now
    told.order(lambda draft: begin_handoff(draft, handoff(told), None))
    assert told.events == []
    told.order(lambda draft: begin_handoff(draft, handoff(told), SECOND))
    assert handoff(told).status is HandoffStatus.BUILDING
    assert handoff(told).error is None


def test_a_built_handoff_is_ready_and_its_child_reads_what_was_handed_over() -> None:
    told = building()
    told.take(built(told))
    assert handoff(told).status is HandoffStatus.READY
    child = Draft(child_of(told), SECOND, told.now)
    start_flow(child, "ann")
    assert child.flow.estate_id == told.flow.estate_id
    assert child.flow.configuration == told.flow.configuration
    execute = next(iter(child.commands.values())).command
    assert isinstance(execute, ExecutePhase)
    assert execute.inputs == (), "the first phase reads nothing"
    second = Conversation(SECOND)
    second.flow = replace(child.flow)
    second.completed()
    (command,) = second.commands
    assert isinstance(command, ExecutePhase)
    assert [(ref.flow_type, ref.phase, ref.manifest.name) for ref in command.inputs] == [
        ("survey", "gather", "facts")
    ]


def test_a_flow_whose_needed_dataset_came_with_no_handoff_says_so() -> None:
    told = Conversation(SECOND)
    told.start()
    told.completed()
    assert told.flow.status is FlowStatus.FAILED
    error = told.flow.phase("weigh").error
    assert error is not None
    assert "'facts', which no handoff has brought" in error.message


@pytest.mark.parametrize(
    ("said", "words"),
    [
        (
            {"rules": (RuleResult(rule="has rows", passed=False, detail="it is empty"),)},
            "has rows: it is empty",
        ),
        ({"datasets": ()}, "facts is handed over: review needs it"),
        ({"datasets": (a_manifest().model_copy(update={"version": 2}),)}, "version 2, read are 1 to 1"),
        ({"datasets": (a_manifest(rows=99),)}, "it is another dataset"),
    ],
)
def test_a_rule_that_does_not_hold_leaves_the_handoff_failed_and_the_parent_as_it_was(
    said: dict[str, Any], words: str
) -> None:
    told = building()
    told.take(built(told, **said))
    error = handoff(told).error
    assert handoff(told).status is HandoffStatus.FAILED
    assert error is not None
    assert words in error.message
    assert told.flow.status is FlowStatus.COMPLETED
    assert told.flow.phase("gather").active_attempt_id is not None
    told.order(lambda draft: request_handoff(draft, "ann", None))
    assert handoff(told).status is HandoffStatus.REQUESTED
    assert handoff(told).requested_by == "ann"


def test_a_build_that_fails_is_retried_by_the_policy_of_the_last_phase_then_failed() -> None:
    told = building()
    for _ in range(FIRST.phase("gather").retry.max_retries):
        told.failed()
        told.later(minutes=5)
        told.order(wake_flow)
    told.failed()
    assert handoff(told).status is HandoffStatus.FAILED
    assert told.flow.status is FlowStatus.COMPLETED


def test_a_build_that_nobody_starts_is_given_out_again() -> None:
    told = building()
    told.later(minutes=11)
    told.order(wake_flow)
    assert [command.epoch for command in told.commands] == [2]
    assert told.open().id == handoff(told).id


def test_a_permanent_fault_fails_the_handoff_at_once() -> None:
    told = building()
    told.failed(ErrorKind.PERMANENT)
    assert handoff(told).status is HandoffStatus.FAILED


def test_a_flow_that_goes_on_takes_its_handoff_back_and_a_late_package_counts_for_nothing() -> None:
    told = building()
    late = built(told)
    told.order(lambda draft: execute_phase(draft, "ann", "gather"))
    assert told.flow.status is FlowStatus.ACTIVE
    assert told.flow.handoffs[0].status is HandoffStatus.WITHDRAWN
    told.take(late)
    assert told.flow.handoffs[0].status is HandoffStatus.WITHDRAWN


def test_a_second_package_of_the_same_attempt_counts_for_nothing() -> None:
    told = building()
    told.take(built(told))
    told.take(built(told, digest="e" * 64))
    assert handoff(told).digest == "d" * 64


@pytest.mark.parametrize("target", [None, "elsewhere"])
def test_only_a_completed_flow_can_be_handed_over(target: str | None) -> None:
    told = Conversation(FIRST)
    told.start()
    with pytest.raises(Refused) as refused:
        told.order(lambda draft: request_handoff(draft, "ann", target))
    assert refused.value.code == "not_completed"


def test_a_handoff_that_is_under_way_is_not_asked_for_twice() -> None:
    told = building()
    with pytest.raises(Refused) as refused:
        told.order(lambda draft: request_handoff(draft, "ann", "review"))
    assert refused.value.code == "handoff_running"


def test_a_flow_that_nothing_follows_needs_a_named_target() -> None:
    told = Conversation(SECOND)
    with pytest.raises(Refused) as refused:
        told.order(lambda draft: request_handoff(draft, "ann", None))
    assert refused.value.code == "no_next_flow_type"


def accepted(told: Conversation) -> UUID:
    child = new_id()
    told.order(lambda draft: accept_handoff(draft, handoff(told), child))
    return child


def test_a_flow_that_comes_out_anew_is_handed_to_the_child_it_has() -> None:
    told = building()
    told.take(built(told))
    child = accepted(told)
    told.order(lambda draft: execute_phase(draft, "ann", "gather"))
    assert told.flow.handoffs[0].status is HandoffStatus.ACCEPTED, "what was handed over stands"
    told.completed(datasets=(a_manifest(rows=4),))
    assert [h.status for h in told.flow.handoffs] == [HandoffStatus.ACCEPTED, HandoffStatus.REQUESTED]
    assert living_child(told.flow, "review") == child
    told.order(lambda draft: begin_handoff(draft, handoff(told), SECOND))
    told.take(built(told, datasets=(a_manifest(rows=4),)))
    told.order(lambda draft: accept_handoff(draft, handoff(told), child))
    assert {h.status for h in told.flow.handoffs} == {HandoffStatus.REPLACED, HandoffStatus.ACCEPTED}


def the_child(told: Conversation) -> Conversation:
    """Run to its end."""
    second = Conversation(SECOND)
    second.flow = child_of(told)
    second.start()
    second.completed()
    second.completed()
    assert second.flow.status is FlowStatus.COMPLETED
    return second


def test_a_child_is_stale_from_the_first_phase_that_reads_what_has_changed() -> None:
    told = building()
    told.take(built(told))
    second = the_child(told)
    artifact = a_manifest().artifact.model_copy(update={"sha256": "b" * 64})
    other = a_manifest().model_copy(update={"artifact": artifact})
    given = {**handoff(told).package["datasets"][0], "manifest": other.model_dump(mode="json")}
    renewed = replace(handoff(told), package={"datasets": [given]})
    second.order(lambda draft: renew_child(draft, renewed))
    assert [(p.name, p.stale) for p in second.flow.phases] == [("plain", False), ("weigh", True)]
    assert second.events == ["flow.handed_over"]
    second.order(lambda draft: refresh_flow(draft, "ann"))
    (command,) = second.commands
    assert isinstance(command, ExecutePhase)
    assert command.inputs[0].manifest == other
    second.order(lambda draft: renew_child(draft, renewed))
    assert second.events == [], "the same package again is no news"


def test_what_a_flow_was_given_it_hands_on() -> None:
    told = building()
    told.take(built(told))
    second = the_child(told)
    third = FlowDefinition(
        flow_type="third",
        version="1.0.0",
        phases=(PhaseDefinition(name="end"),),
        handoff_inputs=(HandoffInput(name="facts"),),
    )
    second.order(lambda draft: request_handoff(draft, "ann", "third"))
    second.order(lambda draft: begin_handoff(draft, handoff(second), third))
    (command,) = second.commands
    assert isinstance(command, BuildHandoff)
    assert [(ref.flow_type, ref.manifest.name) for ref in command.inputs] == [("survey", "facts")]
    second.take(built(second))
    (given,) = handoff(second).package["datasets"]
    assert (given["flow_type"], given["flow_id"]) == ("survey", str(told.flow.id))


def test_a_handoff_of_a_paused_flow_is_held_until_it_is_resumed() -> None:
    told = Conversation(FIRST, configuration={"through": "review"})
    told.start()
    told.flow = replace(told.flow, paused_at=SEVEN)
    told.completed(datasets=(a_manifest(),))
    told.order(lambda draft: begin_handoff(draft, handoff(told), SECOND))
    assert told.commands == []
    told.order(lambda draft: resume_flow(draft, "ann"))
    assert len(told.commands) == 1


@pytest.mark.parametrize(
    ("through", "ends_with"), [("review", "review"), ("survey", "review"), ("harvest", "harvest")]
)
def test_a_flow_asked_for_beyond_the_end_of_its_chain_ends_it_again(through: str, ends_with: str) -> None:
    parent = completed(configuration={"through": through, "as_of": "2026-11-21"}).flow
    asked = Handoff(
        id=new_id(),
        target_flow_type="review",
        status=HandoffStatus.BUILDING,
        requested_by="ann",
        target_version="2.0.0",
        package={"datasets": []},
    )
    child = grown_child(parent, asked, SECOND, new_id())

    assert child.configuration == {"through": ends_with, "as_of": "2026-11-21"}
