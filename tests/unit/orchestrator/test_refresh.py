"""A refresh: stale phases run in order, and one whose inputs came out as they were keeps its result."""

from dataclasses import replace

import pytest

from caravan_common.contracts import (
    LEARNED,
    REFERENCE,
    ArtifactRef,
    DatasetManifest,
    DatasetSpec,
    DecisionKind,
    ErrorKind,
    ExecutePhase,
    FlowDefinition,
    InputSpec,
    PhaseDefinition,
    UnitSpec,
)
from caravan_orchestrator.domain import control
from caravan_orchestrator.domain.errors import Refused
from caravan_orchestrator.domain.people import record_decision
from caravan_orchestrator.domain.staleness import note_reference_tables
from caravan_orchestrator.domain.states import FlowStatus, PhaseStatus
from tests.unit.orchestrator.conversation import Conversation, a_question

CHAIN = FlowDefinition(
    flow_type="chain",
    version="1.0.0",
    phases=(
        PhaseDefinition(name="read", outputs=(DatasetSpec(name="rows"),)),
        PhaseDefinition(
            name="map",
            inputs=(InputSpec(name="rows", phase="read"), InputSpec(name=LEARNED, optional=True)),
            outputs=(DatasetSpec(name="mapped"),),
        ),
        PhaseDefinition(
            name="merge",
            inputs=(InputSpec(name="mapped", phase="map"),),
            outputs=(DatasetSpec(name="estate"),),
        ),
        PhaseDefinition(name="tell", inputs=(InputSpec(name="estate", phase="merge"),)),
    ),
)
MADE = {"read": "rows", "map": "mapped", "merge": "estate"}


def manifest(name: str, content: str) -> DatasetManifest:
    artifact = ArtifactRef(key=f"t/{name}", sha256=content * 64, size=10)
    return DatasetManifest(name=name, artifact=artifact, rows=1)


def compute(talk: Conversation, content: str = "a") -> None:
    """The open attempt ends with a dataset of this content."""
    name = MADE.get(talk.open().phase)
    talk.completed(datasets=() if name is None else (manifest(name, content),))


def done(**flow: object) -> Conversation:
    talk = Conversation(CHAIN, **flow)
    talk.start()
    for _ in CHAIN.phases:
        compute(talk)
    return talk


def done_with(definition: FlowDefinition) -> Conversation:
    talk = Conversation(definition)
    talk.start()
    for _ in definition.phases:
        compute(talk)
    return talk


def decide(talk: Conversation, phase: str, subject: str = "column") -> None:
    talk.order(
        lambda draft: record_decision(
            draft,
            kind=DecisionKind.MAPPING,
            phase=phase,
            subject=subject,
            value="name",
            old=None,
            actor="ann",
        )
    )


def refresh(talk: Conversation) -> None:
    talk.order(lambda draft: control.refresh_flow(draft, "ann"))


def given_out(talk: Conversation) -> list[str]:
    return [command.phase for command in talk.commands if isinstance(command, ExecutePhase)]


def test_only_the_phase_that_takes_the_decision_and_what_changed_by_it_run() -> None:
    talk = done()
    decide(talk, "map")
    ran = []
    refresh(talk)
    for content in ("b", "a"):
        ran += given_out(talk)
        compute(talk, content)
    assert ran == ["map", "merge"]
    assert (given_out(talk), talk.events[-2:]) == ([], ["phase.kept", "flow.completed"])
    assert (talk.flow.status, talk.flow.stale, talk.flow.refreshing) == (FlowStatus.COMPLETED, False, False)
    assert [phase.name for phase in talk.flow.phases if phase.stale] == []


def test_everything_after_it_runs_where_each_result_is_another() -> None:
    talk = done()
    decide(talk, "map")
    refresh(talk)
    ran = []
    while talk.flow.open_attempts:
        ran += given_out(talk)
        compute(talk, "c")
    assert ran == ["map", "merge", "tell"]
    assert not talk.flow.stale


def test_a_command_carries_the_decisions_of_its_own_phase_only() -> None:
    talk = done()
    decide(talk, "merge")
    decide(talk, "map")
    refresh(talk)
    (command,) = talk.commands
    assert isinstance(command, ExecutePhase)
    assert [(d.phase, d.number) for d in command.decisions] == [("map", 2)]


def with_table(name: str = "facts") -> FlowDefinition:
    """The chain, whose phase merge reads a reference table."""
    phases = list(CHAIN.phases)
    reads = (*phases[2].inputs, InputSpec(name=name, optional=True, reference=True))
    phases[2] = phases[2].model_copy(update={"inputs": reads})
    return CHAIN.model_copy(update={"phases": tuple(phases)})


def put_in_force(talk: Conversation, content: str | None) -> bool:
    """What the gateway does: loads the flow under its lock with the table now in force."""
    tables = {} if content is None else {"facts": manifest("facts", content)}
    talk.flow = replace(talk.flow, reference_tables=tables)
    recorded = {
        phase.name: talk.flow.attempts[phase.active_attempt_id].inputs
        for phase in talk.flow.phases
        if phase.active_attempt_id is not None
    }
    marked: list[bool] = []
    talk.order(lambda draft: marked.append(note_reference_tables(draft, recorded)))
    return marked[0]


def test_another_reference_table_makes_stale_what_reads_it_and_a_refresh_runs_only_that() -> None:
    talk = done_with(with_table())
    assert put_in_force(talk, "1")
    assert [phase.name for phase in talk.flow.phases if phase.stale] == ["merge", "tell"]
    refresh(talk)
    (command,) = (each for each in talk.commands if isinstance(each, ExecutePhase))
    assert command.phase == "merge"
    assert [ref.manifest.artifact.sha256 for ref in command.inputs if ref.phase == REFERENCE] == ["1" * 64]
    compute(talk, "a")
    assert (given_out(talk), talk.flow.stale) == ([], False)


def test_the_same_facts_again_make_nothing_stale() -> None:
    talk = done_with(with_table())
    assert put_in_force(talk, "1")
    refresh(talk)
    compute(talk, "b")
    compute(talk)
    assert not put_in_force(talk, "1")
    assert put_in_force(talk, None)


def test_a_phase_that_runs_while_the_table_is_replaced_ends_stale() -> None:
    talk = Conversation(with_table())
    talk.start()
    compute(talk)
    compute(talk)
    assert talk.open().phase == "merge"
    assert not put_in_force(talk, "1")
    compute(talk)
    compute(talk)
    assert (talk.flow.status, talk.flow.stale) == (FlowStatus.COMPLETED, True)
    refresh(talk)
    assert given_out(talk) == ["merge"]


def test_a_reference_table_comes_from_no_phase_and_may_be_missing() -> None:
    phase = PhaseDefinition(name="merge", inputs=(InputSpec(name="facts", reference=True),))
    with pytest.raises(ValueError, match="optional and of no phase"):
        FlowDefinition(flow_type="chain", version="1.0.0", phases=(phase,))


def test_what_nothing_is_stale_of_is_not_refreshed() -> None:
    talk = done()
    with pytest.raises(Refused) as refusal:
        refresh(talk)
    assert refusal.value.code == "nothing_stale"


@pytest.mark.parametrize("code", ["paused", "phase_running"])
def test_a_paused_or_running_flow_is_not_refreshed(code: str) -> None:
    talk = done()
    decide(talk, "map")
    refresh(talk)
    if code == "paused":
        talk.order(lambda draft: control.pause_flow(draft, "ann"))
    with pytest.raises(Refused) as refusal:
        refresh(talk)
    assert refusal.value.code == code


def test_a_refresh_that_failed_goes_on_after_the_retry() -> None:
    talk = done()
    decide(talk, "map")
    refresh(talk)
    talk.failed(ErrorKind.PERMANENT)
    assert talk.flow.status is FlowStatus.FAILED
    talk.order(lambda draft: control.retry_flow(draft, "ann"))
    compute(talk, "b")
    assert given_out(talk) == ["merge"]


def test_a_rollback_ends_a_refresh() -> None:
    talk = done()
    decide(talk, "map")
    refresh(talk)
    talk.roll_back("phase", "map")
    assert talk.flow.refreshing is False


def test_a_phase_that_waits_for_answers_asks_on_when_nothing_changed_for_it() -> None:
    talk = Conversation(CHAIN)
    talk.start()
    compute(talk)
    talk.completed(datasets=(manifest("mapped", "a"),), questions=(a_question(),))
    decide(talk, "read")
    refresh(talk)
    assert given_out(talk) == ["read"]
    compute(talk, "b")
    assert given_out(talk) == ["map"]


def test_effects_are_never_repeated_by_a_refresh() -> None:
    talk = Conversation()
    talk.to_act(UnitSpec(key="copy", action="write"))
    talk.unit_done("copy")
    decide(talk, "judge")
    decide(talk, "act")
    refresh(talk)
    assert given_out(talk) == ["judge"]
    talk.completed()
    assert (given_out(talk), talk.flow.status) == ([], FlowStatus.COMPLETED)
    assert [phase.name for phase in talk.flow.phases if phase.stale] == ["act"]
    assert talk.flow.stale


def test_without_auto_advance_stale_phases_run_and_new_ones_wait_to_be_told() -> None:
    talk = Conversation(CHAIN, auto_advance=False)
    talk.start()
    talk.order(lambda draft: control.execute_phase(draft, "ann", "read"))
    compute(talk)
    decide(talk, "read")
    refresh(talk)
    assert given_out(talk) == ["read"]
    compute(talk, "b")
    assert (talk.flow.status, talk.flow.reason) == (FlowStatus.WAITING, "execute")
    assert talk.flow.phase("map").status is PhaseStatus.PENDING


def test_what_was_taught_is_an_input_like_any_other() -> None:
    taught = manifest(LEARNED, "e")
    talk = done(learned=taught)
    attempt = next(a for a in talk.flow.attempts.values() if a.phase == "map")
    assert attempt.inputs is not None
    assert attempt.inputs["datasets"] == {"rows": "a" * 64, LEARNED: "e" * 64}
    talk.flow = replace(talk.flow, learned=None)
    decide(talk, "read")
    refresh(talk)
    compute(talk)
    assert given_out(talk) == ["map"]
    (command,) = talk.commands
    assert isinstance(command, ExecutePhase)
    assert [ref.manifest.name for ref in command.inputs] == ["rows"]
