"""The shapes of answers about what crews have spent, for OpenAPI."""

from datetime import date
from uuid import UUID

from pydantic import Field

from caravan_orchestrator.api.views import Page, UsageFiguresView, View


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
