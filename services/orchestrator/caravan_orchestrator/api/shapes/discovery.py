"""The shapes of answers about what discovery found: columns, conflicts, estates, lineage."""

from datetime import datetime
from typing import Any
from uuid import UUID

from pydantic import Field

from caravan_orchestrator.api.shapes.base import View
from caravan_orchestrator.api.shapes.decisions import DecisionView
from caravan_orchestrator.api.shapes.lineage import JudgementView


class StandingDecisionView(View):
    number: int
    kind: str
    value: Any
    actor: str
    reason: str | None
    decided_at: datetime
    pending: bool = Field(description="the result shown was computed without it")


class MappingView(View):
    """`attribute` is null for a custom column, `method` until the phase has run."""

    key: str
    file: str
    sheet: str | None
    column: str
    column_index: int
    source: str | None = None
    format: str | None = None
    samples: list[str] | None = None
    attribute: str | None
    unit: str | None
    confidence: float | None
    method: str | None = Field(description="format, learned, synonym, fuzzy, profile, crew, person, none")
    evidence: str | None
    decided_by: str | None
    custom: bool | None
    decision: StandingDecisionView | None


class CorrectedView(View):
    decisions: list[DecisionView]
    etag: str
    stale: list[str] = Field(description="phases to be refreshed: POST /flows/{id}/refresh")


class ConflictView(View):
    """Values as text. `reason`: why the winner won."""

    id: UUID
    natural_key: str
    asset_key: str
    attribute: str
    winner: str | None
    winner_source: str | None
    winner_row: str | None
    losers: list[str]
    loser_rows: list[str]
    loser_sources: list[str] = Field(description="of `loser_rows`, in their order")
    reason: str
    decided_by: str
    decision: StandingDecisionView | None


class ResolvedView(View):
    decision: DecisionView
    etag: str
    stale: list[str] = Field(description="phases to be refreshed: POST /flows/{id}/refresh")


class EstateView(View):
    flow_id: UUID
    name: str
    flow_type: str
    status: str
    created_at: datetime
    assets: int
    current: bool


class EstatesView(View):
    items: list[EstateView]


class LineageAssetView(View):
    id: UUID
    natural_key: str
    name: str | None
    asset_type: str | None
    estate_id: UUID


class ColumnMeaningView(View):
    attribute: str | None
    unit: str | None
    confidence: float | None
    method: str | None
    evidence: str | None
    decided_by: str | None


class ChangeView(View):
    """`old` and `new` are null for a rule that held for the whole column."""

    attribute: str
    rule: str
    old: str | None
    new: str | None


class CellView(View):
    file: str
    file_sha256: str
    sheet: str
    row_number: int = Field(description="as a person counts it: of a spreadsheet, or of the file")
    column: str
    column_index: int = Field(description="from 0")
    source: str
    format: str
    old: str | None = Field(description="as it stood in the cell; secrets masked")
    mapping: ColumnMeaningView | None
    how: str = Field(description="mapped, read_out, stands_for, sum_of_parts, part, custom")
    rank: int = Field(description="what is filled at a lower rank wins within its row")
    changes: list[ChangeView]
    value: Any = Field(description="after cleansing")
    role: str = Field(description="winner, part, agrees, loser, not_needed, no_value")


class ConflictOfView(View):
    natural_key: str
    winner: str | None
    winner_source: str | None
    winner_row: str | None
    losers: list[str]
    loser_rows: list[str]
    reason: str
    decided_by: str


class OriginView(View):
    attribute: str
    value: Any
    origin: str = Field(description="cells, computed, person, unknown")
    cells: list[CellView]
    conflict: ConflictOfView | None
    decisions: list[DecisionView]


class RowPlaceView(View):
    file: str
    sheet: str
    row_number: int = Field(description="as a person counts it: of a spreadsheet, or of the file")


class AdviceView(View):
    """What the crew said of the two before a person was asked; it joins nothing itself."""

    advice: str = Field(description="same, different")
    confidence: float | None
    reasons: list[str] | None


class JoinView(View):
    """What made records of two sources one asset; several between the same two, the strongest first."""

    source: str = Field(description="the other source")
    kind: str = Field(
        description="bios_uuid, hardware_uuid (in either byte order, or as a serial number), serial_number, fqdn, mac, "
        "name_address, application_name, person"
    )
    values: list[str] = Field(
        description="equal in both, in the form compared; secrets masked; empty for a person"
    )
    decided_by: str = Field(description="rule, person")
    question: str | None = Field(description="what the person was asked")
    advice: AdviceView | None
    decision: DecisionView | None


class RecordView(View):
    """An asset's rows of one source. Where there are several, the source's own key made them one."""

    source: str
    format: str
    source_key: str | None = Field(description="the source's own key of the asset; null where it has none")
    rows: list[RowPlaceView]
    joined: list[JoinView] | None = Field(
        description="with other sources; null where the inventory was made before this was kept"
    )


class AssetLineageView(View):
    asset: LineageAssetView
    flow_id: UUID
    attributes: list[OriginView]
    judgements: list[JudgementView] = Field(description="about the asset and about the columns of its cells")
    records: list[RecordView] = Field(description="its rows by source, and what joined the sources")
