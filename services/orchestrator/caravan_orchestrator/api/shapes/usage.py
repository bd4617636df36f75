"""The shapes of answers about what crews have spent, for OpenAPI."""

from datetime import date
from uuid import UUID

from pydantic import Field

from caravan_orchestrator.api.shapes.base import Page, View
from caravan_orchestrator.api.shapes.flows import UsageFiguresView


class UsageRowView(UsageFiguresView):
    """A group; what it was not grouped by is null."""

    flow_id: UUID | None
    phase: str | None
    model: str | None
    prompt_version: str | None
    day: date | None = Field(description="UTC, of the last report of the run")


class BudgetView(View):
    budget_tokens: int
    left_tokens: int = Field(description="never below 0")


class UsageView(Page[UsageRowView]):
    total: UsageFiguresView = Field(description="of everything asked for, not of this page alone")
    budget: BudgetView | None = Field(description="of the flow asked for, where it has one")


class DecidersView(View):
    rule: int
    crew: int
    learned: int
    person: int


class PhaseFiguresView(View):
    """Attempts of every kind. Seconds are those of computing, as workers report them; null while none has ended."""

    flow_type: str
    phase: str
    attempts: int
    succeeded: int
    failed: int
    retries: int
    lease_losses: int
    seconds: float
    median_seconds: float | None
    p95_seconds: float | None
    longest_seconds: float | None
    median_wait_seconds: float | None = Field(
        description="from being given out to being taken up by a worker"
    )
    decided_by: DecidersView = Field(description="judgements in the results shown now")


class DayView(View):
    day: date = Field(description="UTC; days on which nothing ended are left out")
    phases: int = Field(description="computations that succeeded")
    units: int = Field(description="effects carried out")
    failed: int = Field(description="attempts that failed for good")
    seconds: float


class FlowFiguresView(View):
    by_status: dict[str, int]
    median_seconds: float | None = Field(description="of completed flows, from creation to the last decision")
    p95_seconds: float | None


class AnalyticsView(View):
    flows: FlowFiguresView
    phases: list[PhaseFiguresView] = Field(description="by flow type, in order")
    days: list[DayView] = Field(description="the newest, oldest of them first")
    usage: UsageFiguresView
