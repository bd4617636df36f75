"""Units of the plan with what binds them, as a table: before waves are chosen."""

from collections.abc import Collection, Mapping, Sequence
from datetime import date
from typing import Any

import polars as pl

from caravan_assessment.domain.calendar.effort import add_effort, load_table
from caravan_assessment.domain.calendar.slots import Span
from caravan_assessment.domain.planning.ending import ends_last
from caravan_assessment.domain.planning.schema import ASSIGNMENTS, PLANNED, RETAINED
from caravan_assessment.domain.portfolio.constraints import split_spans
from caravan_assessment.domain.portfolio.schema import conform
from caravan_assessment.domain.treatment.ruleset import load_ruleset

_CRITICALITY = {"mission-critical": 5, "high": 4, "medium": 3, "low": 2}
_UNKNOWN_CRITICALITY = 3


def list_units(
    portfolio: pl.DataFrame,
    treatments: pl.DataFrame,
    given: Mapping[str, Any],
    not_before: Mapping[str, date | None],
    as_of: date,
) -> pl.DataFrame:
    """ASSIGNMENTS without waves. `given`: configuration["waves"]; `not_before`: dates that people set, by unit."""
    chosen = treatments.select("natural_key", "treatment", "variant")
    rows = portfolio.join(chosen, on="natural_key", how="inner", maintain_order="left").with_columns(
        non_production=pl.col("environment")
        .str.to_lowercase()
        .is_in(load_ruleset().words("non_production"))
        .fill_null(False)
    )
    teams = {str(name).lower(): str(name) for name in given.get("teams") or {}}
    rows = add_effort(rows, given.get("effort")).with_columns(
        servers="targets",
        # A team without a capacity limits nothing, and is told all the same.
        team=pl.coalesce(
            pl.col("team").str.to_lowercase().replace_strict(teams, default=None, return_dtype=pl.String),
            "team",
        ),
        criticality=pl.col("business_criticality").replace_strict(
            _CRITICALITY, default=_UNKNOWN_CRITICALITY, return_dtype=pl.Int64
        ),
        state=pl.when(pl.col("treatment") == "retain").then(pl.lit(RETAINED)).otherwise(pl.lit(PLANNED)),
        not_after="exit_by",
        source_entities=pl.concat_list("natural_key"),
        locked=pl.lit(False),
    )
    set_dates = pl.DataFrame(
        {"natural_key": list(not_before), "set_by_person": list(not_before.values())},
        schema={"natural_key": pl.String, "set_by_person": pl.Date},
    ).with_columns(is_set=pl.lit(True))
    rows = _choose_pilots(rows, given.get("pilots")).join(
        set_dates, on="natural_key", how="left", maintain_order="left"
    )
    if not is_dated(given):
        rows = rows.with_columns(not_before=pl.max_horizontal("not_before", _ready(as_of)))
    rows = rows.with_columns(not_before=pl.when("is_set").then("set_by_person").otherwise("not_before"))
    return conform(rows, ASSIGNMENTS).sort("natural_key")


def is_dated(given: Mapping[str, Any]) -> bool:
    """Whether somebody said how many waves there are: then they are told what to hold, not asked."""
    return bool(given.get("calendar")) or given.get("count") is not None


def say_lead(units: pl.DataFrame, given: Mapping[str, Any]) -> list[str]:
    """The assumption that some treatments have their time before their wave, where the plan makes it."""
    named = sorted(
        set(units.filter(~ends_last())["treatment"])
        & {name for name, months in _months().items() if _is_long(months)}
    )
    if is_dated(given) or not named:
        return []
    spans = ", ".join(f"{name} {_months()[name]} months" for name in named)
    return [f"No wave holds a unit before its treatment's least time has passed: {spans}."]


def _months() -> dict[str, int]:
    return {name: int(option["months"][0]) for name, option in load_ruleset().data["options"].items()}


def _is_long(months: int) -> bool:
    return months >= int(load_table("defaults")["lead_from_months"])


def _ready(as_of: date) -> pl.Expr:
    """When what is rebuilt or replaced can be switched over at the earliest; a dated exit stands against it."""
    months = {name: months for name, months in _months().items() if _is_long(months)}
    wait = pl.col("treatment").replace_strict(months, default=None, return_dtype=pl.Int64)
    waits = wait.is_not_null() & pl.col("not_after").is_null() & ~ends_last()
    return pl.when(waits & (pl.col("state") == PLANNED)).then(
        pl.lit(as_of).dt.offset_by(pl.format("{}mo", wait))
    )


def _choose_pilots(rows: pl.DataFrame, named: Collection[str] | None) -> pl.DataFrame:
    """Those configured, by name or key; else a few small ones that matter little and depend on little."""
    planned = pl.col("state") == PLANNED
    if named is not None:
        wanted = sorted({str(name).strip().lower() for name in named})
        is_named = pl.any_horizontal(
            pl.col(column).str.to_lowercase().is_in(wanted) for column in ("natural_key", "name")
        )
        return rows.with_columns(pilot=planned & is_named)
    small = load_table("defaults")["pilots"]
    fits = rows.filter(
        planned,
        pl.col("kind") == "application",
        pl.col("treatment").is_in(["rehost", "replatform"]),
        pl.col("targets").is_between(1, small["most_targets"]),
        pl.col("business_criticality").is_in(small["criticalities"]),
        pl.col("not_before").is_null() & (pl.col("freeze_windows").list.len() == 0),
        pl.col("unsupported").is_not_null(),
    ).sort("criticality", "neighbours", "targets", "natural_key")
    chosen = fits["natural_key"].head(small["most"]).implode()
    return rows.with_columns(pilot=pl.col("natural_key").is_in(chosen))


def add_freezes(units: pl.DataFrame, closed: Sequence[Span]) -> pl.DataFrame:
    """`units` with what is closed for all among their own freezes, so that edits, checks and reasons know of it."""
    for_all = sorted({name_span(span) for span in closed})
    own = pl.col("freeze_windows").fill_null([])
    frozen = pl.concat_list(own, pl.lit(for_all, pl.List(pl.String))).list.unique().list.sort()
    return units.with_columns(freeze_windows=pl.when(pl.col("state") == PLANNED).then(frozen).otherwise(own))


def name_span(span: Span) -> str:
    """As freeze windows are written: 2026-12-18..2027-01-04."""
    return f"{span[0]}..{span[1]}"


def last_date(units: pl.DataFrame) -> date | None:
    """The latest day that a "not before" or a freeze of a planned unit names."""
    planned = units.filter(pl.col("state") == PLANNED)
    _, ends = split_spans(pl.col("freeze_windows"))
    frozen = planned.select("freeze_windows").explode("freeze_windows").select(ends).to_series().max()
    dates = [day for day in (planned["not_before"].max(), frozen) if isinstance(day, date)]
    return max(dates, default=None)
