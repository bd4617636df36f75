"""The shapes of answers about rollbacks, for OpenAPI."""

from datetime import datetime
from typing import Any
from uuid import UUID

from caravan_orchestrator.api.shapes.base import View


class ChangedAssetsView(View):
    estate_id: UUID
    rows: int
    columns: list[str]


class PlannedFlowView(View):
    """What becomes of one flow. `targets`: phase → attempt it goes back to; null: none. `effects`: how many."""

    flow_id: UUID
    flow_type: str
    name: str
    status: str
    phases: list[str]
    targets: dict[str, str | None]
    decisions: list[int]
    effects: int


class RevertedRowView(View):
    """What changes of a row, by column: as it is `now`, and what it goes back to. A row that only one of the versions
    has is empty in the other."""

    dataset: str
    natural_key: str
    now: dict[str, Any]
    then: dict[str, Any]


class SelectionView(View):
    """`before`: the attempt whose rows the keys get; `replaced`: the one whose other rows stay. `stale`: phases made of
    what is replaced. `reverted`: the first 1,000 of `reverted_rows`."""

    key_column: str
    keys: list[str]
    before: UUID
    replaced: UUID
    stale: list[str]
    reverted_rows: int
    reverted: list[RevertedRowView]


class RollbackPlanView(View):
    """In order of undo, what has grown from a flow before it. `phases`, `targets` and `decisions` are of the flow that
    it was asked for; `parts` has those of every flow. `selection`: of a selective one, null or absent otherwise."""

    kind: str
    phase: str | None
    digest: str
    flows: list[UUID]
    parts: list[PlannedFlowView]
    phases: list[str]
    targets: dict[str, str | None]
    datasets: list[dict[str, Any]]
    assets: ChangedAssetsView
    decisions: list[int]
    handoffs: list[dict[str, Any]]
    effects: list[dict[str, Any]]
    irreversible: list[str]
    seconds: float
    selection: SelectionView | None = None


class StartedRollbackView(View):
    rollback_id: UUID


class RollbackSummaryView(View):
    """`cascade_id`: the rollback of another flow that this one is a part of."""

    id: UUID
    flow_id: UUID
    cascade_id: UUID | None
    kind: str
    phase: str | None
    status: str
    digest: str
    requested_by: str
    reason: str
    accepted_irreversible: list[str]
    data_integrity_check: dict[str, Any] | None
    created_at: datetime
    ended_at: datetime | None


class RollbackStepView(View):
    flow_id: UUID
    position: int
    kind: str
    subject: str
    status: str
    attempt_id: UUID | None
    compensation_id: UUID | None
    details: dict[str, Any]
    ended_at: datetime | None


class RollbackPartView(View):
    """How it stands with one flow: `queued` until all that has grown from it is `restored`."""

    id: UUID
    flow_id: UUID
    status: str
    ended_at: datetime | None


class RollbackView(RollbackSummaryView):
    plan: dict[str, Any]
    parts: list[RollbackPartView]
    steps: list[RollbackStepView]
