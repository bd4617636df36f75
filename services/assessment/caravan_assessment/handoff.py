"""What the assessment hands over: a summary, and the rules that must hold before anybody plans with it."""

from collections.abc import Iterator

import polars as pl

from caravan_assessment.domain.planning.outcome import sum_up_plan
from caravan_assessment.domain.planning.problem import make_instance, read_waves
from caravan_assessment.domain.planning.schema import PLANNED, RETAINED, UNPLACEABLE
from caravan_assessment.domain.portfolio.schema import TARGET
from caravan_common.contracts import RuleResult
from caravan_common.worker import HandoffContext, HandoffResult

_NEEDED = ("portfolio", "members", "application_edges", "treatments", "waves", "plan_calendar", "assets")


def hand_over(context: HandoffContext) -> HandoffResult:
    """Counts by treatment and wave; every target in one unit, a treatment each, no rule of the plan broken."""
    missing = [name for name in _NEEDED if name not in context.inputs]
    if missing:
        return HandoffResult(
            rules=(RuleResult(rule="results are there", passed=False, detail=", ".join(missing)),)
        )
    tables = {name: context.inputs[name].read() for name in _NEEDED if name != "assets"}
    targets = context.inputs["assets"].scan().filter("is_target").select("natural_key").collect()
    held = tables["members"].filter(pl.col("role") == TARGET)
    plan = sum_up_plan(
        make_instance(
            tables["waves"], tables["application_edges"], read_waves(tables["plan_calendar"]), held
        ),
        tables["waves"],
        held,
    )
    counts = tables["treatments"]["treatment"].value_counts(sort=False).sort("treatment")
    summary = {
        "units": tables["portfolio"].height,
        "targets": held.height,
        "treatments": dict(counts.iter_rows()),
        "waves": {name: plan[name] for name in ("count", "retained", "targets", "violations")},
    }
    return HandoffResult(summary=summary, rules=tuple(_rules(tables, targets, held, plan["violations"])))


def _rules(
    tables: dict[str, pl.DataFrame], targets: pl.DataFrame, held: pl.DataFrame, violations: dict[str, int]
) -> Iterator[RuleResult]:
    twice = held.height - held["asset_key"].n_unique()
    strange = held.join(targets, left_on="asset_key", right_on="natural_key", how="anti").height
    yield RuleResult(
        rule="every target is in exactly one unit",
        passed=twice == 0 and strange == 0,
        detail=f"{held.height} of {targets.height} targets in scope; {twice} twice, {strange} unknown",
    )
    units = tables["portfolio"].select("natural_key")
    for name, dataset in (("treatment", "treatments"), ("row of the plan", "waves")):
        rows = tables[dataset]
        without = units.join(rows, on="natural_key", how="anti").height
        again = rows.height - rows["natural_key"].n_unique()
        yield RuleResult(
            rule=f"every unit has exactly one {name}",
            passed=without == 0 and again == 0,
            detail=f"{units.height} units; {without} without, {again} twice",
        )
    waves = tables["waves"]
    by_state = dict(waves.group_by("state").agg(pl.col("targets").sum()).iter_rows())
    total = sum(by_state.get(state, 0) for state in (PLANNED, RETAINED, UNPLACEABLE))
    yield RuleResult(
        rule="treatments and waves sum to all targets",
        passed=total == held.height == int(tables["treatments"]["targets"].sum()),
        detail=f"{held.height} targets: "
        + ", ".join(f"{by_state[name]} {name}" for name in sorted(by_state)),
    )
    broken = {name: count for name, count in violations.items() if count}
    yield RuleResult(
        rule="the plan breaks no rule",
        passed=not broken,
        detail=", ".join(f"{count} {name}" for name, count in broken.items()) or "no violation of any kind",
    )
