"""Columns of the wave plan's datasets."""

import polars as pl

ASSIGNMENTS = pl.Schema(
    {
        "natural_key": pl.String(),
        "name": pl.String(),
        "kind": pl.String(),
        "treatment": pl.String(),
        "wave": pl.Int64(),
        "state": pl.String(),
        "effort": pl.Float64(),
        "targets": pl.Int64(),
        "servers": pl.Int64(),
        "team": pl.String(),
        "business_criticality": pl.String(),
        "criticality": pl.Int64(),
        "group": pl.String(),
        "locked": pl.Boolean(),
        "locked_wave": pl.Int64(),
        "pilot": pl.Boolean(),
        "shared_service": pl.Boolean(),
        "not_before": pl.Date(),
        "not_after": pl.Date(),
        "freeze_windows": pl.List(pl.String()),
        "reasons": pl.List(pl.String()),
        "source_entities": pl.List(pl.String()),
        "databases": pl.Int64(),
        "variant": pl.String(),
        "care": pl.Float64(),
    }
)
"""One row a unit, by natural_key. `state`: planned, retained or unplaceable; only planned ones have a wave."""

WAVES = pl.Schema({**ASSIGNMENTS, "wave_name": pl.String(), "starts": pl.Date(), "ends": pl.Date()})
"""The plan in force: ASSIGNMENTS after people's edits, with the dates of each one's wave."""

CALENDAR = pl.Schema(
    {
        "natural_key": pl.String(),
        "wave": pl.Int64(),
        "name": pl.String(),
        "starts": pl.Date(),
        "ends": pl.Date(),
        "blackout": pl.Boolean(),
        "blackout_reason": pl.String(),
        "capacity_effort": pl.Float64(),
        "capacity_servers": pl.Int64(),
        "teams": pl.List(pl.String()),
        "team_capacities": pl.List(pl.Float64()),
        "units": pl.Int64(),
        "targets": pl.Int64(),
        "effort": pl.Float64(),
        "servers": pl.Int64(),
        "team_loads": pl.List(pl.Float64()),
    }
)
"""One row a wave, by its number."""

FINDINGS = pl.Schema(
    {
        "natural_key": pl.String(),
        "kind": pl.String(),
        "severity": pl.String(),
        "message": pl.String(),
        "units": pl.List(pl.String()),
        "edges": pl.List(pl.String()),
        "capacities": pl.List(pl.String()),
        "dates": pl.List(pl.String()),
    }
)
"""By natural_key. `kind`: unplaceable, lock_ignored, edit_ignored, assumption or note."""

ASSET_WAVES = pl.Schema(
    {
        "natural_key": pl.String(),
        "wave": pl.String(),
        "migration_priority": pl.String(),
        "application": pl.String(),
        "source_entities": pl.List(pl.String()),
    }
)
"""One row an asset of a unit, and one of each application, by natural_key."""

PLANNED, RETAINED, UNPLACEABLE = "planned", "retained", "unplaceable"
RETIRE = "retire"


def name_wave(number: pl.Expr) -> pl.Expr:
    """wave-001: the natural key of a wave."""
    return pl.format("wave-{}", number.cast(pl.String).str.zfill(3))
