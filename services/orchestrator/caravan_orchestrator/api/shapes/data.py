"""What flows were given and have found: uploads, datasets, entities, assets."""

from datetime import datetime
from typing import Any
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from caravan_orchestrator.api.shapes.base import View
from caravan_orchestrator.api.shapes.decisions import DecisionView


class UploadView(View):
    upload_id: UUID
    name: str
    sha256: str
    bytes: int


class DatasetView(View):
    id: UUID
    flow_id: UUID
    attempt_id: UUID
    phase: str
    name: str
    version: int
    rows: int
    bytes: int
    sha256: str
    index: str
    index_hash: str | None
    indexed_rows: int
    indexed_at: datetime | None
    entity_type: str | None
    assets: bool
    created_at: datetime
    active: bool


class RowsView(View):
    columns: list[str]
    items: list[dict[str, Any]]
    next_cursor: str | None


class EntityView(View):
    id: UUID
    flow_id: UUID
    dataset_id: UUID
    entity_type: str
    natural_key: str
    data: dict[str, Any]
    source_entities: list[str]
    transformation_log: Any
    quality_score: float | None


class AssetView(BaseModel):
    """Every canonical attribute under its name (docs/api.md); with ?fields= only those asked for."""

    model_config = ConfigDict(extra="allow")

    id: UUID


class AssetPageView(View):
    estate_id: UUID | None = Field(description="the one shown")
    current_estate_id: UUID | None
    items: list[AssetView]
    next_cursor: str | None


class FacetValueView(View):
    value: str | bool | None
    count: int


class FacetsView(View):
    estate_id: UUID | None = Field(description="the one counted")
    current_estate_id: UUID | None
    facets: dict[str, list[FacetValueView]]


class PatchedAssetView(View):
    asset: AssetView
    decisions: list[DecisionView]
