"""Where an entity's values come from, and how its contested cases were judged."""

from typing import Any

from pydantic import Field

from caravan_orchestrator.api.shapes.base import View
from caravan_orchestrator.api.shapes.data import EntityView
from caravan_orchestrator.api.shapes.decisions import DecisionView


class StepView(EntityView):
    dataset: str
    depth: int


class SourceRowView(View):
    dataset: str
    phase: str
    file: str
    sheet: str
    row_number: int
    values: dict[str, Any]


class SourceView(View):
    reference: str
    file: str | None = None
    sheet: str | None = None
    row_number: int | None = None
    rows: list[SourceRowView]


class JudgedBatchView(View):
    cases: int
    calls: int
    prompt_tokens: int
    completion_tokens: int
    cost_usd: float


class JudgementView(View):
    """A contested case: what was put to the crew, and what stands. Texts of facts are masked."""

    phase: str
    crew: str
    case_id: str
    option: str
    confidence: float
    decided_by: str = Field(description="rule, crew, person, learned")
    reasons: list[str] | None
    evidence: list[str] | None
    why_rule: str | None = Field(description="what kept the crew out, where the recommendation stands")
    model: str | None
    prompt_version: str | None
    facts: dict[str, Any] | None = Field(description="null when no crew was asked")
    options: list[dict[str, Any]]
    recommendation: str
    batch: JudgedBatchView | None = Field(description="what the calls cost in which the case was put")


class LineageView(View):
    entity: EntityView
    steps: list[StepView]
    sources: list[SourceView]
    decisions: list[DecisionView]
    judgements: list[JudgementView]
