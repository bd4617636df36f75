"""Rollback of chosen keys: planned exactly, built by the service, taken in as the phase's result, and what follows."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any
from uuid import UUID

import pytest

from caravan_common.contracts import (
    ArtifactRef,
    BuildSelectiveVersion,
    Command,
    CompensateUnit,
    DatasetManifest,
    DatasetSpec,
    DecidedBy,
    DecisionKind,
    ErrorKind,
    ExecutePhase,
    FlowDefinition,
    InputSpec,
    PhaseDefinition,
    SelectiveVersionBuilt,
    UnitSpec,
    new_id,
)
from caravan_orchestrator.domain import control
from caravan_orchestrator.domain.cascade import plan_closure, start_rollback
from caravan_orchestrator.domain.decision import Decision
from caravan_orchestrator.domain.errors import Refused
from caravan_orchestrator.domain.model import ActiveDataset
from caravan_orchestrator.domain.people import record_decision
from caravan_orchestrator.domain.replies import lease_ran_out
from caravan_orchestrator.domain.rollback_plan import Closure
from caravan_orchestrator.domain.rolling_back import finish_rollback
from caravan_orchestrator.domain.selective import Choice
from caravan_orchestrator.domain.states import AttemptKind, AttemptStatus, FlowStatus, PhaseStatus
from tests.unit.orchestrator.conversation import Conversation
from tests.unit.orchestrator.family import Family

TREATING = FlowDefinition(
    flow_type="treating",
    version="1.0.0",
    phases=(
        PhaseDefinition(name="look", outputs=(DatasetSpec(name="seen"),)),
        PhaseDefinition(
            name="treat",
            selective_by="application",
            has_units=True,
            inputs=(InputSpec(name="seen", phase="look"),),
            outputs=(DatasetSpec(name="treatments"), DatasetSpec(name="log")),
            decision_kinds=(DecisionKind.OVERRIDE, DecisionKind.ANSWER),
        ),
        PhaseDefinition(name="plan", inputs=(InputSpec(name="treatments", phase="treat"),)),
    ),
)


def manifest(name: str, content: str, rows: int = 2) -> DatasetManifest:
    artifact = ArtifactRef(key=f"t/{name}", sha256=content * 64, size=10)
    return DatasetManifest(name=name, artifact=artifact, rows=rows)


class Treating(Conversation):
    """All three phases are done; `treat` and `plan` once, and once more for each decision about a key."""

    def __init__(self, *units: UnitSpec, decided: Sequence[str] = ("a",)) -> None:
        self.made: list[ActiveDataset] = []
        super().__init__(TREATING)
        self.start()
        self.completed(datasets=(manifest("seen", "0"),))
        self._treated("1", units)
        self.completed()
        for number, key in enumerate(decided, start=2):
            self.decide(key)
            self.treat_again(str(number))

    def treat_again(self, content: str, *units: UnitSpec) -> None:
        """And what comes after it."""
        self.order(lambda draft: control.execute_phase(draft, "ann", "treat"))
        self._treated(content, units)
        self.order(lambda draft: control.execute_phase(draft, "ann", "plan"))
        self.completed()

    def _treated(self, content: str, units: Sequence[UnitSpec]) -> None:
        self.completed(
            datasets=(manifest("treatments", content), manifest("log", content)),
            units=units,
            summary={"counts": {"move": 2}, "judged": content},
            decided_by=DecidedBy(rule=2),
        )
        for unit in units:
            attempt = self.open(unit.key)
            self.started(attempt)
            self.unit_done(unit.key)

    def _load(self) -> None:
        super()._load()
        self.made += [
            ActiveDataset(each.id, each.phase, each.attempt_id, each.manifest) for each in self.last.datasets
        ]
        shown = {phase.active_attempt_id for phase in self.flow.phases}
        earlier = tuple(each for each in self.made if each.attempt_id not in shown)
        self.flow = replace(self.flow, earlier=earlier)

    def decide(self, key: str, kind: DecisionKind = DecisionKind.OVERRIDE, phase: str = "treat") -> None:
        self.order(
            lambda draft: record_decision(
                draft, kind=kind, phase=phase, subject=key, value="stay", old=None, actor="ann"
            )
        )

    def plan(self, *keys: str, phase: str = "treat", before: UUID | None = None) -> Closure:
        choice = Choice(self.definition, keys, before)
        return plan_closure({self.flow.id: self.flow}, self.flow.id, "selective", phase, choice)

    def select(
        self,
        *keys: str,
        before: UUID | None = None,
        digest: str | None = None,
        accepted: tuple[str, ...] = (),
    ) -> Decision:
        digest = digest or self.plan(*keys, before=before).describe()["digest"]
        return self.order(
            lambda draft: start_rollback(
                draft,
                kind="selective",
                phase="treat",
                digest=digest,
                actor="ann",
                reason="test",
                keys=keys,
                before=before,
                accepted=accepted,
            )
        )

    def built(self, *datasets: DatasetManifest, **told: Any) -> Decision:
        """The service has done it; without `datasets`, as it was asked."""
        made = datasets or (manifest("treatments", "9"),)
        return self.take(
            SelectiveVersionBuilt(**self._head(self.version(), None, None), datasets=made, **told)
        )

    def version(self) -> Any:
        """The attempt of the last selective rollback."""
        return max(
            (a for a in self.flow.attempts.values() if a.kind is AttemptKind.SELECTIVE),
            key=lambda a: a.sequence,
        )

    def prove(self, *, holds: bool = True) -> None:
        self.order(lambda draft: finish_rollback(draft, {"holds": holds}))

    def computations(self) -> list[UUID]:
        """Of `treat`, in order."""
        found = [a for a in self.flow.attempts.values() if a.kind == "execute" and a.phase == "treat"]
        return [a.id for a in sorted(found, key=lambda a: a.sequence)]

    def shown(self, phase: str = "treat") -> dict[str, str]:
        return {
            d.manifest.name: d.manifest.artifact.sha256[0] for d in self.flow.datasets if d.phase == phase
        }


def refused(talk: Treating, *keys: str, **more: Any) -> tuple[str, str]:
    with pytest.raises(Refused) as caught:
        talk.plan(*keys, **more)
    return caught.value.code, caught.value.message


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


def executed(talk: Treating) -> list[ExecutePhase]:
    return [command for command in talk.commands if isinstance(command, ExecutePhase)]


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


def moved(key: str, application: str, **more: Any) -> UnitSpec:
    return UnitSpec(key=key, action="move", parameters={"application": application}, **more)


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


def command_epoch(command: Command) -> int:
    return command.epoch


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
