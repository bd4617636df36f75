"""What is kept of engagement and platform: audit, learned patterns, reference tables, dead letters, health."""

from datetime import datetime
from typing import Any
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from caravan_orchestrator.api.shapes.base import View


class AuditView(View):
    id: UUID
    flow_id: UUID | None
    sequence: int
    actor: str
    action: str
    subject: str
    details: dict[str, Any]
    at: datetime
    previous: str
    hash: str


class LearnedView(View):
    id: UUID
    engagement_id: UUID = Field(
        description="where it was taught; it counts in all of the client's engagements"
    )
    kind: str
    pattern: str
    value: Any
    decision_id: UUID | None
    created_by: str
    created_at: datetime
    unlearned_at: datetime | None


class ReferenceTableView(View):
    name: str
    digest: str = Field(
        description="SHA-256 of the dataset; stands among the inputs of the attempts it was given to"
    )
    rows: dict[str, str] = Field(description="facts by key, as the service that reads them writes them")


class ReferenceTableReplacedView(View):
    name: str
    digest: str | None = Field(description="null: what the services ship is in force")
    rows: int
    changed: bool = Field(description="false: these very facts were in force already")
    stale_flows: int = Field(description="flows with a phase that became stale by it")


class DeadLetterView(View):
    id: UUID
    queue: str
    reason: str
    error_group: str
    error: str | None
    type: str
    message_id: str | None
    attempt_id: UUID | None
    flow_id: UUID | None
    status: str
    created_at: datetime
    replayed_at: datetime | None


class ReplayedView(View):
    replies: int
    retried: int
    left: int


class LiveView(View):
    status: str


class HealthView(BaseModel):
    model_config = ConfigDict(extra="allow")

    ready: bool
