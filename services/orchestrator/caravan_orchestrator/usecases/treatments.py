"""A person's treatment of an application: a decision of the phase that gives treatments, and what it teaches."""

from collections.abc import Mapping
from typing import Any

from caravan_common.artifacts import ArtifactStore
from caravan_common.contracts import DecisionKind, HumanDecision
from caravan_orchestrator.domain import people
from caravan_orchestrator.domain.draft import Draft
from caravan_orchestrator.domain.errors import Refused
from caravan_orchestrator.store.database import SqlTransaction
from caravan_orchestrator.usecases.changes import Guard, change_flow
from caravan_orchestrator.usecases.learning import Taught, learn

TREATMENT = "treatment"


async def set_treatment(
    transaction: SqlTransaction,
    dataset: Mapping[str, Any],
    unit: Mapping[str, Any],
    *,
    treatment: str,
    reason: str,
    actor: str,
    teaches: ArtifactStore | None,
    guard: Guard[HumanDecision],
) -> HumanDecision:
    """`unit` is its row in the dataset of treatments. With `teaches`, applications of its name are learned there.

    Raises Refused, DoesNotExist, ArtifactStoreUnavailable.
    """

    def order(draft: Draft) -> HumanDecision:
        if DecisionKind.OVERRIDE not in draft.definition.phase(dataset["phase"]).decision_kinds:
            raise Refused("not_decided_here", f"Phase {dataset['phase']} takes no overrides.")
        made = people.record_decision(
            draft,
            kind=DecisionKind.OVERRIDE,
            phase=dataset["phase"],
            subject=unit["natural_key"],
            value={TREATMENT: treatment},
            old={TREATMENT: unit.get(TREATMENT)},
            actor=actor,
            reason=reason,
        )
        draft.follow_up("fold", draft.flow.estate_id)
        return made

    decision, made = await change_flow(transaction, dataset["flow_id"], guard(order))
    if teaches is not None:
        pattern = str(unit.get("name") or unit["natural_key"])
        taught = Taught(TREATMENT, pattern, treatment, decision.row_of(made))
        await learn(transaction, teaches, [taught], actor)
    return made
