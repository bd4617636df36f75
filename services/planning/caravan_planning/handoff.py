"""What execution is told of the plan, and what must hold before it may begin."""

import polars as pl

from caravan_common.contracts import RuleResult
from caravan_common.worker import HandoffContext, HandoffResult

_MOST_NAMED = 5


def build(context: HandoffContext) -> HandoffResult:
    """Each unit that moves has a target for every machine, and each that is worked on has tasks."""
    scope = context.inputs["planning_scope"].read()
    targets = context.inputs["targets"].read()
    rules = [_check_targets(scope, targets)]
    if "tasks" in context.inputs and "application" in context.inputs["tasks"].scan().collect_schema():
        rules.append(_check_tasks(scope, context.inputs["tasks"].read()))
    return HandoffResult(summary=_summarise(scope, targets), rules=rules)


def _check_targets(scope: pl.DataFrame, targets: pl.DataFrame) -> RuleResult:
    """A machine that no provider can take is a finding of the plan, with flags; one that is missing is a fault."""
    counted = targets.group_by("application").agg(found=pl.len())
    wanted = scope.filter("needs_targets").join(
        counted, left_on="natural_key", right_on="application", how="left"
    )
    lacking = wanted.filter(pl.col("found").fill_null(0) < pl.col("targets"))
    return _rule("every unit to migrate has a target for each machine", lacking, wanted.height)


def _check_tasks(scope: pl.DataFrame, tasks: pl.DataFrame) -> RuleResult:
    wanted = scope.filter(pl.col("needs_tasks") & pl.col("wave").is_not_null())
    having = tasks.select(natural_key="application").drop_nulls().unique()
    return _rule(
        "every unit in a wave has tasks", wanted.join(having, on="natural_key", how="anti"), wanted.height
    )


def _rule(rule: str, lacking: pl.DataFrame, wanted: int) -> RuleResult:
    if lacking.is_empty():
        return RuleResult(rule=rule, passed=True, detail=f"{wanted} units")
    names = ", ".join(lacking["natural_key"].sort().head(_MOST_NAMED).to_list())
    return RuleResult(
        rule=rule, passed=False, detail=f"{lacking.height} of {wanted} units lack it, for example {names}"
    )


def _summarise(scope: pl.DataFrame, targets: pl.DataFrame) -> dict[str, object]:
    ways = targets.group_by("way").len().sort("way")
    return {
        "units": scope.height,
        "units_to_migrate": int(scope["needs_targets"].sum()),
        "waves": int(scope["wave"].n_unique() - scope["wave"].is_null().any()),
        "targets": targets.height,
        "ways": dict(ways.iter_rows()),
        "unknown_prices": int(targets["price_per_month"].is_null().sum()),
    }
