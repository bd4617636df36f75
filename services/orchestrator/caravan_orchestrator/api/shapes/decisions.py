"""What people are asked, and what they decide."""

from datetime import datetime
from typing import Any
from uuid import UUID

from caravan_orchestrator.api.shapes.base import View


class QuestionView(View):
    id: UUID
    flow_id: UUID
    phase: str
    key: str
    subject: str
    text: str
    options: list[dict[str, Any]]
    recommendation: str
    facts: dict[str, Any]
    blocking: bool
    status: str
    answer: str | None
    created_at: datetime
    answered_at: datetime | None


class ApprovalView(View):
    id: UUID
    flow_id: UUID
    phase: str
    subject: str
    status: str
    requested_by: str
    decided_by: str | None
    comment: str | None
    created_at: datetime
    decided_at: datetime | None


class DecisionView(View):
    number: int
    kind: str
    phase: str
    subject: str
    value: Any
    old: Any
    actor: str
    reason: str | None
    decided_at: datetime
    withdrawn_by: UUID | None = None


class AnsweredView(View):
    question: QuestionView
    decision: DecisionView


class DecidedView(View):
    approval: ApprovalView
    decision: DecisionView
