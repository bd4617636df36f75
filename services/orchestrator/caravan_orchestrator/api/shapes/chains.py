"""The shapes of answers about handoffs and chains, for OpenAPI."""

from datetime import datetime
from typing import Any
from uuid import UUID

from pydantic import Field

from caravan_orchestrator.api.shapes.base import View
from caravan_orchestrator.api.shapes.flows import FlowView


class StartedChainView(View):
    flow_id: UUID


class HandedDatasetView(View):
    flow_id: UUID = Field(description="the flow that made it, which may be one further back")
    flow_type: str
    phase: str
    dataset_id: UUID
    name: str
    version: int
    rows: int
    sha256: str


class RuleView(View):
    rule: str
    passed: bool
    detail: str


class HandoffView(View):
    id: UUID
    source_flow_id: UUID
    target_flow_id: UUID | None = Field(description="the child, once the handoff is accepted")
    target_flow_type: str
    target_version: str | None
    status: str = Field(description="requested, building, accepted, failed, withdrawn, replaced, revoked")
    requested_by: str | None = Field(description="null: the chain goes on by itself")
    datasets: list[HandedDatasetView]
    summary: dict[str, Any]
    rules: list[RuleView]
    digest: str | None = Field(description="SHA-256 over the content of the package")
    error: dict[str, Any] | None
    created_at: datetime
    ended_at: datetime | None


class HandoffsView(View):
    items: list[HandoffView]


class ChainView(View):
    """Nodes and edges: each flow names its `parent_flow_id`, each handoff its two ends."""

    root_flow_id: UUID
    through: str | None = Field(description="the last flow type to run by itself")
    flow_types: list[str] = Field(
        description="what follows one another from the root to the last, by definition"
    )
    progress: float = Field(ge=0, le=1, description="over all flows that are to run")
    flows: list[FlowView] = Field(description="the oldest first")
    handoffs: list[HandoffView] = Field(description="the oldest first")
