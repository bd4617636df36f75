"""Columns of the overview's datasets."""

import polars as pl

PORTFOLIO = pl.Schema(
    {
        "natural_key": pl.String(),
        "name": pl.String(),
        "kind": pl.String(),
        "targets": pl.Int64(),
        "databases": pl.Int64(),
        "business_criticality": pl.String(),
        "environment": pl.String(),
        "team": pl.String(),
        "application_type": pl.String(),
        "lifecycle": pl.String(),
        "data_classification": pl.String(),
        "pii": pl.Boolean(),
        "compliance": pl.List(pl.String()),
        "change_tolerance": pl.String(),
        "user_count": pl.Int64(),
        "current_monthly_cost": pl.Float64(),
        "cpu_cores": pl.Int64(),
        "memory_gb": pl.Float64(),
        "storage_gb": pl.Float64(),
        "os_families": pl.List(pl.String()),
        "technologies": pl.List(pl.String()),
        "database_products": pl.List(pl.String()),
        "all_vmware": pl.Boolean(),
        "powered_off": pl.Int64(),
        "newest_built": pl.Date(),
        "use_known": pl.Int64(),
        "idle": pl.Int64(),
        "zombie": pl.Int64(),
        "unsupported": pl.Int64(),
        "ending_12_months": pl.Int64(),
        "support_known": pl.Int64(),
        "first_end_of_life": pl.Date(),
        "end_of_life_products": pl.List(pl.String()),
        "debt_score": pl.Float64(),
        "blocked_targets": pl.Int64(),
        "blocked_reasons": pl.List(pl.String()),
        "shared_service": pl.Boolean(),
        "callers": pl.Int64(),
        "depends_on": pl.Int64(),
        "neighbours": pl.Int64(),
        "dependencies_known": pl.Boolean(),
        "not_before": pl.Date(),
        "exit_by": pl.Date(),
        "freeze_windows": pl.List(pl.String()),
        "stated_treatment": pl.String(),
        "stated_wave": pl.String(),
        "readiness": pl.Float64(),
        "ready_for": pl.List(pl.String()),
        "blockers": pl.List(pl.String()),
        "unknowns": pl.List(pl.String()),
        "source_entities": pl.List(pl.String()),
        "observed_targets": pl.Int64(),
        "inbound": pl.Int64(),
        "infrastructure": pl.String(),
        "infrastructure_basis": pl.List(pl.String()),
        "infrastructure_sure": pl.Boolean(),
    }
)
"""One row a unit, by natural_key."""

MEMBERS = pl.Schema({"application": pl.String(), "asset_key": pl.String(), "role": pl.String()})
"""By application, role, asset_key. Each asset once."""

EDGES = pl.Schema(
    {
        "natural_key": pl.String(),
        "source": pl.String(),
        "target": pl.String(),
        "kind": pl.String(),
        "weight": pl.Float64(),
        "shared_service": pl.Boolean(),
        "observations": pl.Float64(),
        "documented": pl.Boolean(),
        "evidence": pl.List(pl.String()),
    }
)
"""By source, target, kind. `source` needs `target`. One row per pair and kind."""

APPLICATION, UNASSIGNED = "application", "unassigned"
TARGET, DATABASE, OTHER = "target", "database", "other"
MUST_TOGETHER, HARD_ORDER, SOFT = "must_together", "hard_order", "soft"


def conform(frame: pl.DataFrame, schema: pl.Schema) -> pl.DataFrame:
    """The columns of `schema` in its order and types; what is missing is null."""
    given = set(frame.columns)
    return frame.select(
        (pl.col(name) if name in given else pl.lit(None)).cast(dtype).alias(name)
        for name, dtype in schema.items()
    )
