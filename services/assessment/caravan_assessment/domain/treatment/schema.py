"""Columns of the treatment's datasets."""

import polars as pl

PARAMETERS = (
    "business_value",
    "technical_complexity",
    "migration_urgency",
    "compliance_requirements",
    "cost_sensitivity",
    "risk_tolerance",
    "innovation_priority",
)
TREATMENTS = pl.Schema(
    {
        "natural_key": pl.String(),
        "application": pl.String(),
        "name": pl.String(),
        "kind": pl.String(),
        "targets": pl.Int64(),
        "treatment": pl.String(),
        "variant": pl.String(),
        "confidence": pl.Float64(),
        "score": pl.Float64(),
        "margin": pl.Float64(),
        "contested": pl.Boolean(),
        "decided_by": pl.String(),
        "recommended": pl.String(),
        "rule": pl.String(),
        "options": pl.List(pl.String()),
        "scores": pl.List(pl.Float64()),
        "fits": pl.List(pl.Float64()),
        "open_options": pl.List(pl.String()),
        "ranking": pl.List(pl.String()),
        "reasons": pl.List(pl.String()),
        "against": pl.List(pl.String()),
        "priority": pl.Float64(),
        **dict.fromkeys(PARAMETERS, pl.Float64()),
        "assumed": pl.List(pl.String()),
        "months_min": pl.Int64(),
        "months_max": pl.Int64(),
        "stated_treatment": pl.String(),
        "ruleset_version": pl.String(),
        "source_entities": pl.List(pl.String()),
        "contested_because": pl.List(pl.String()),
    }
)
"""One row a unit, by natural_key."""

ASSET_TREATMENTS = pl.Schema(
    {
        "natural_key": pl.String(),
        "treatment": pl.String(),
        "treatment_confidence": pl.Float64(),
        "application": pl.String(),
        "source_entities": pl.List(pl.String()),
    }
)
"""One row an asset of a unit, and one of each application, by natural_key."""
