"""What is planned for whom, and on which assumptions: taken over from the assessment, limited to the scope."""

from typing import Any

import polars as pl

from caravan_common.contracts import DecidedBy, PhaseError
from caravan_common.phases import PhaseContext, PhaseResult, read_as_of
from caravan_planning.domain.failures import ConfigurationIsInvalid
from caravan_planning.domain.overview import assumptions
from caravan_planning.domain.overview.planning_scope import list_scope
from caravan_planning.domain.target.settings import load_defaults, read_settings
from caravan_planning.reading import Columns, read_columns, read_members, read_units

_GAPS: Columns = {
    "kind": pl.String,
    "subject": pl.String,
    "attributes": pl.List(pl.String),
    "count": pl.Int64,
    "message": pl.String,
}
_ROADMAP: Columns = {
    "natural_key": pl.String,
    "kind": pl.String,
    "name": pl.String,
    "starts": pl.Date,
    "ends": pl.Date,
    "detail": pl.String,
}


def run(context: PhaseContext) -> PhaseResult:
    """portfolio, members, treatments, waves, roadmap, gaps → planning_scope, assumptions."""
    given = _read_given(context)
    inside = read_members(context)
    units = read_units(context, inside)
    scope = list_scope(units, inside.members)
    subjects = pl.concat([inside.members["asset_key"], units["application"]]).unique()
    found = assumptions.join_assumptions(
        [
            assumptions.list_settings(load_defaults(), given),
            assumptions.list_covered(),
            assumptions.list_assessed(units),
            assumptions.list_constraints(units, read_columns(context, "roadmap", _ROADMAP)),
            assumptions.list_gaps(read_columns(context, "gaps", _GAPS), subjects),
            assumptions.list_missing_scope(inside.unknown),
        ]
    )
    return PhaseResult(
        datasets={"planning_scope": scope, "assumptions": found},
        summary=_summarise(scope, found, inside.unknown),
        decided_by=DecidedBy(rule=scope.height),
    )


def _read_given(context: PhaseContext) -> dict[str, Any]:
    """The target's settings, which fail here already when they can't be used."""
    target = context.configuration.get("target")
    try:
        read_settings(target, read_as_of(context.configuration))
    except ConfigurationIsInvalid as error:
        raise PhaseError("target_settings_invalid", str(error)) from None
    return dict(target or {})


def _summarise(scope: pl.DataFrame, found: pl.DataFrame, unknown: list[str]) -> dict[str, Any]:
    treatments = scope.group_by(pl.col("treatment").fill_null("unknown")).len().sort("treatment")
    kinds = found.group_by("kind").len().sort("kind")
    return {
        "planning_scope": {
            "applications": scope.height,
            "targets": int(scope["targets"].sum()),
            "needs_tasks": int(scope["needs_tasks"].sum()),
            "without_wave": int((scope["needs_tasks"] & scope["wave"].is_null()).sum()),
            "treatments": dict(treatments.iter_rows()),
            "not_found": unknown,
        },
        "plan_assumptions": dict(kinds.iter_rows()),
    }
