"""What is done when: tasks by treatment, dated under calendars, waves and people; what is critical; how sure it is."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

import polars as pl

from caravan_common.contracts import DecidedBy, PhaseError
from caravan_common.phases import PhaseContext, PhaseResult, read_as_of
from caravan_planning.domain.overview.planning_scope import ENDING_LAST, STAYING
from caravan_planning.domain.timeline.calendar import read_span
from caravan_planning.domain.timeline.failures import SettingIsInvalid
from caravan_planning.domain.timeline.planning import Plan, Settings, plan_tasks, read_settings
from caravan_planning.domain.timeline.work import Unit
from caravan_planning.reading import Columns, read_columns

_SCOPE: Columns = {
    **dict.fromkeys(("natural_key", "name", "treatment", "variant"), pl.String),
    **dict.fromkeys(("targets", "databases", "wave"), pl.Int64),
    **dict.fromkeys(("starts", "ends"), pl.Date),
    "care": pl.Float64,
}


def run(context: PhaseContext) -> PhaseResult:
    """planning_scope, application_edges, portfolio → tasks. Both latter may be absent.

    `configuration` may have calendar, teams, freezes and waves.blackouts; as_of is the day the plan starts on.
    """
    try:
        units = _read_units(context)
        settings = read_settings(
            context.configuration, read_as_of(context.configuration), count_moving(units)
        )
        context.progress(0.1, "planning")
        plan = plan_tasks(
            units,
            _read_order(context, units),
            settings,
            lambda part: context.progress(0.1 + 0.8 * part, "dated"),
        )
    except SettingIsInvalid as error:
        raise PhaseError("setting_invalid", str(error)) from error
    return PhaseResult(
        datasets={"tasks": plan.tasks},
        summary=_summarise(plan, settings),
        decided_by=DecidedBy(rule=plan.tasks.height),
    )


def _read_units(context: PhaseContext) -> list[Unit]:
    """What has a treatment, by key. Without one nothing can be planned."""
    scope = read_columns(context, "planning_scope", _SCOPE).drop_nulls("treatment")
    freezes = _read_freezes(context)
    return [
        Unit(
            key=row["natural_key"],
            name=row["name"] or row["natural_key"],
            treatment=row["treatment"],
            servers=row["targets"] or 0,
            databases=row["databases"] or 0,
            variant=row["variant"],
            care=row["care"] or 1.0,
            wave=row["wave"],
            starts=row["starts"],
            ends=row["ends"],
            freezes=tuple(
                read_span(f"freeze of {row['name']}", span) for span in freezes.get(row["natural_key"], ())
            ),
        )
        for row in scope.sort("natural_key").iter_rows(named=True)
    ]


def count_moving(units: Sequence[Unit]) -> int:
    """Those that the default teams are sized for."""
    return sum(unit.treatment not in STAYING for unit in units)


def _read_freezes(context: PhaseContext) -> Mapping[str, list[str]]:
    """Freezes by application, as the portfolio writes them: "2026-12-18..2027-01-04"."""
    if "portfolio" not in context.inputs:
        return {}
    portfolio = context.inputs["portfolio"].scan()
    if "freeze_windows" not in portfolio.collect_schema().names():
        return {}
    told = portfolio.select("natural_key", "freeze_windows").drop_nulls().collect()
    return dict(told.filter(pl.col("freeze_windows").list.len() > 0).iter_rows())


def _read_order(context: PhaseContext, units: Sequence[Unit]) -> dict[str, list[str]]:
    """By application, those that are switched over before it, by hard edges; shared services are left out.

    An edge's source needs its target, so the target goes first. What ends goes after its callers.
    """
    if "application_edges" not in context.inputs:
        return {}
    ending = [unit.key for unit in units if unit.treatment == "retire" or unit.variant in ENDING_LAST]
    retired = pl.Series(ending, dtype=pl.String).implode()
    last = pl.col("target").is_in(retired)
    edges = context.inputs["application_edges"].scan()
    hard = edges.filter(
        pl.col("kind") == "hard_order",
        ~pl.col("shared_service").fill_null(value=False),
        pl.col("source") != pl.col("target"),
    ).select(
        first=pl.when(last).then("source").otherwise("target"),
        then=pl.when(last).then("target").otherwise("source"),
    )
    grouped = hard.group_by("then").agg(pl.col("first").unique().sort()).sort("then").collect()
    return dict(grouped.select("then", "first").iter_rows())


def _summarise(plan: Plan, settings: Settings) -> dict[str, Any]:
    tasks, calendar, outlook = plan.tasks, settings.calendar, plan.outlook
    starts, ends = tasks["starts"].min(), tasks["ends"].max()
    late = tasks.filter(pl.col("late_days") > 0)
    schedule: dict[str, Any] = {
        "makespan_days": plan.timeline.makespan,
        "lower_bound_days": plan.timeline.lower_bound,
        "status": plan.timeline.status,
        "start": _iso(starts),
        "end": _iso(ends),
        "p50": _iso(calendar.date_of(outlook.p50 - 1)) if outlook.p50 else None,
        "p80": _iso(calendar.date_of(outlook.p80 - 1)) if outlook.p80 else None,
        "tasks": tasks.height,
        "critical": int(tasks["critical"].sum()),
        "late_cutovers": late.height,
        "without_team": tasks["team"].null_count(),
        "country": calendar.country,
        "assumed_teams": any(team.assumed for team in settings.teams),
    }
    return {"schedule": schedule}


def _iso(day: object) -> str | None:
    return day.isoformat() if isinstance(day, date) else None
