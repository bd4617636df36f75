"""The shapes of answers about rollbacks, for OpenAPI."""

from datetime import datetime
from typing import Any
from uuid import UUID

from caravan_orchestrator.api.views import View


class ChangedAssetsView(View):
    estate_id: UUID
    rows: int
    columns: list[str]


class RollbackPlanView(View):
    kind: str
    phase: str | None
    digest: str
    flows: list[UUID]
    phases: list[str]
    targets: dict[str, str | None]
    datasets: list[dict[str, Any]]
    assets: ChangedAssetsView
    decisions: list[int]
    handoffs: list[dict[str, Any]]
    effects: list[dict[str, Any]]
    irreversible: list[str]
    seconds: float


class StartedRollbackView(View):
    rollback_id: UUID


class RollbackSummaryView(View):
    id: UUID
    flow_id: UUID
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
    position: int
    kind: str
    subject: str
    status: str
    attempt_id: UUID | None
    compensation_id: UUID | None
    details: dict[str, Any]
    ended_at: datetime | None


class RollbackView(RollbackSummaryView):
    plan: dict[str, Any]
    steps: list[RollbackStepView]
