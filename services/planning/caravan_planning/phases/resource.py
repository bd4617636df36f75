"""Who is at work when: teams by week, where it is too much, what is missing, what the people cost."""

from datetime import date
from typing import Any

import polars as pl

from caravan_common.contracts import DecidedBy, PhaseError
from caravan_common.phases import PhaseContext, PhaseResult
from caravan_planning.domain.overview.planning_scope import STAYING
from caravan_planning.domain.resource.gaps import find_gaps
from caravan_planning.domain.resource.histogram import draw_histogram, spread_tasks
from caravan_planning.domain.timeline.failures import SettingIsInvalid
from caravan_planning.domain.timeline.planning import read_settings
from caravan_planning.domain.timeline.work import PROGRAMME


def run(context: PhaseContext) -> PhaseResult:
    """tasks → resources, resource_gaps. Reads the same settings as the timeline."""
    tasks = context.inputs["tasks"].read()
    moving = pl.col("treatment").is_not_null() & ~pl.col("treatment").is_in(STAYING)
    scope = context.inputs["planning_scope"].scan().filter(moving).select(pl.len()).collect().item()
    try:
        as_of = date.fromisoformat(str(context.configuration["as_of"])[:10])
        settings = read_settings(context.configuration, as_of, scope)
    except SettingIsInvalid as error:
        raise PhaseError("setting_invalid", str(error)) from error
    except (KeyError, ValueError):
        raise PhaseError(
            "as_of_missing", "The flow's configuration needs as_of, an ISO date such as 2026-11-21."
        ) from None
    work = spread_tasks(tasks, settings.calendar)
    resources = draw_histogram(work, settings.teams, settings.calendar)
    gaps = find_gaps(tasks, work, resources)
    return PhaseResult(
        datasets={"resources": resources, "resource_gaps": gaps},
        summary={"resources": _summarise(tasks, resources, gaps)},
        decided_by=DecidedBy(rule=resources.height),
    )


def _summarise(tasks: pl.DataFrame, resources: pl.DataFrame, gaps: pl.DataFrame) -> dict[str, Any]:
    """`cost` by currency, of the work whose rate is known; `unknown_cost_days` is the work that has none."""
    priced = resources.filter(pl.col("cost").is_not_null())
    cost = priced.group_by("currency").agg(pl.col("cost").sum().round(2)).sort("currency")
    busiest = resources.filter(pl.col("utilisation").is_not_null()).sort(
        "utilisation", "natural_key", descending=[True, False]
    )
    return {
        "teams": resources["team"].n_unique(),
        "weeks": resources["week"].n_unique(),
        "effort_days": round(float(tasks["effort_days"].sum()), 1),
        "programme_days": round(
            float(tasks.filter(pl.col("application") == PROGRAMME)["effort_days"].sum()), 1
        ),
        "cost": dict(cost.iter_rows()),
        "unknown_cost_days": round(float(tasks["effort_days"].sum()) - float(priced["effort_days"].sum()), 1),
        "overloaded_weeks": int(resources["overloaded"].sum()),
        "busiest": busiest["natural_key"].head(1).to_list(),
        "gaps": dict(gaps.group_by("kind").len().sort("kind").iter_rows()),
    }
