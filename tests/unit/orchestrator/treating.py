"""A flow whose treatments are rolled back by application: what the tests of selective rollbacks talk to."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any
from uuid import UUID

import pytest

from caravan_common.contracts import (
    ArtifactRef,
    Command,
    DatasetManifest,
    DatasetSpec,
    DecidedBy,
    DecisionKind,
    ExecutePhase,
    FlowDefinition,
    InputSpec,
    PhaseDefinition,
    SelectiveVersionBuilt,
    UnitSpec,
)
from caravan_orchestrator.domain import control
from caravan_orchestrator.domain.cascade import RollbackOrder, plan_closure
from caravan_orchestrator.domain.decision import Decision
from caravan_orchestrator.domain.errors import Refused
from caravan_orchestrator.domain.model import ActiveDataset
from caravan_orchestrator.domain.people import record_decision
from caravan_orchestrator.domain.rollback_plan import Closure
from caravan_orchestrator.domain.rolling_back import finish_rollback
from caravan_orchestrator.domain.selective import Choice
from caravan_orchestrator.domain.states import AttemptKind
from tests.unit.orchestrator.conversation import Conversation

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
        return self.start_rollback(
            RollbackOrder("selective", "treat", digest, "ann", "test", accepted, keys=keys, before=before)
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


def executed(talk: Treating) -> list[ExecutePhase]:
    return [command for command in talk.commands if isinstance(command, ExecutePhase)]


def moved(key: str, application: str, **more: Any) -> UnitSpec:
    return UnitSpec(key=key, action="move", parameters={"application": application}, **more)


def command_epoch(command: Command) -> int:
    return command.epoch
