"""From the figures and frames of a plan to its part of the report."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import polars as pl
from markupsafe import Markup

from caravan_common.reporting import Cell, Figure, Part, ReportModel, Table, in_numbers, render_body
from caravan_planning.domain.report._cost import (
    MOST_ROWS,
    compare_providers,
    compare_ways,
    list_dearest,
    list_without_price,
    make_case,
)
from caravan_planning.domain.report._histogram import draw_histogram
from caravan_planning.domain.report._schedule import draw_schedule

_WAYS = (
    ("today", "today", "what is known of it"),
    ("like_for_like", "like for like", "machines of the size they have"),
    ("right_sized", "right-sized", "machines of the size they use, with headroom"),
    ("managed", "managed", "managed databases where there are any, else right-sized machines"),
    ("planned", "planned", "the way of each by its treatment; what stays costs what it costs today"),
)


@dataclass(frozen=True)
class CostBar:
    """A way of running the estate: `width` of 100 for what is known of its cost, None where nothing is."""

    label: str
    what: str
    figure: Figure | None
    width: float | None
    unknown: int


def make_part(model: ReportModel) -> Part:
    """Figures, sentences, and the pictures of schedule, teams and cost."""
    return Part("planning", _figures(model), list(_sentences(model)), _body(model))


def _body(model: ReportModel) -> Markup:
    values = {
        "schedule": draw_schedule(model.frame("tasks")),
        "critical": _critical(model.frame("tasks")),
        "histogram": draw_histogram(model.frame("resources")),
        "resource_gaps": _resource_gaps(model.frame("resource_gaps")),
        "currency": model.counts("cost").get("currency") or "",
        "costs": list(_cost_bars(model)),
        "side": compare_ways(model.counts("cost")),
        "providers": compare_providers(model.counts("targets")),
        "case": make_case(_totals(model.frame("costs")), model.counts("cost").get("currency") or ""),
        "dearest": list_dearest(model.frame("costs")),
        "unknown": list_without_price(model.frame("targets")),
        "assumptions": _assumptions(model.frame("assumptions")),
    }
    return render_body("caravan_planning.domain.report", "planning.html.j2", _in_words, values)


def _in_words(code: str) -> str:
    return code.replace("_", " ")


def _figures(model: ReportModel) -> list[tuple[str, Figure, str]]:
    schedule, cost = model.counts("schedule"), model.counts("cost")
    currency = cost.get("currency") or ""
    rows = [
        ("working days", "schedule/makespan_days", schedule.get("makespan_days"), "schedule"),
        (f"{currency} a month today", "cost/today", cost.get("today"), "cost"),
        (f"{currency} a month, right-sized", "cost/right_sized", cost.get("right_sized"), "cost"),
        ("without a price", "cost/unknown_assets", cost.get("unknown_assets"), "cost"),
    ]
    # What is unknown is left out: it is not nothing.
    return [(label, Figure(name, value), anchor) for label, name, value, anchor in rows if value is not None]


def _sentences(model: ReportModel) -> Iterator[str]:
    schedule, cost = model.counts("schedule"), model.counts("cost")
    if schedule.get("makespan_days") is not None:
        bound = schedule.get("lower_bound_days")
        proven = (
            "no plan is shorter"
            if schedule.get("status") == "optimal"
            else f"no plan is shorter than {bound:,}"
        )
        days = in_numbers(schedule["makespan_days"], "working day")
        dated = f"runs from {schedule['start']} to {schedule['end']}, {days}" if schedule.get("start") else ""
        yield f"The plan {dated or f'takes {days}'}; {proven}."
    if schedule.get("p80"):
        yield f"Of 100 simulated plans 80 have ended by {schedule['p80']}, and half of them by {schedule['p50']}."
    known = [(label, cost[key]) for key, label, _ in _WAYS if cost.get(key) is not None]
    if known:
        listed = ", ".join(f"{label} {value:,.0f}" for label, value in known)
        yield f"A month costs ({cost['currency']}): {listed}."
    if cost.get("unknown_assets"):
        machines = in_numbers(cost["unknown_assets"], "machine has", "machines have")
        yield f"{machines} no price; sums of prices are without them."
    yield from _compare(cost)
    if unknown := (cost.get("unknown") or {}).get("today"):
        machines = in_numbers(unknown, "machine", "machines")
        yield f"What {machines} cost today is unknown, so today's sum is of fewer machines than the others."
    if shared := _count_flag(model.frame("targets"), "today_shared_out"):
        machines = in_numbers(shared, "machine", "machines")
        yield f"Of {machines} only the application's cost is known today; each bears an equal part of it."
    if cost.get("saving") is not None and cost.get("compared_assets"):
        machines = in_numbers(cost["compared_assets"], "machine", "machines")
        paid = (
            f", which pays for their migration in {cost['payback_months']:,.0f} months"
            if cost.get("payback_months")
            else ""
        )
        yield f"For the {machines} known both ways the plan saves {cost['saving']:,.0f} a month{paid}."
    if cost.get("migration") is not None:
        yield f"Moving takes {cost['migration']:,.0f} of what is known: people, and both sides running at once."
    if (cost.get("right_sized") or 0) > (cost.get("like_for_like") or cost.get("right_sized") or 0):
        yield "Right-sized is dearer than like for like: with headroom, machines need more than they have."


def _compare(cost: Mapping[str, Any]) -> Iterator[str]:
    """Each sum lacks other machines, so only those that have a price each way are compared."""
    side = cost.get("side_by_side") or {}
    if side.get("machines") and any((cost.get("unknown") or {}).get(key) for key, _, _ in _WAYS[1:]):
        listed = ", ".join(f"{label} {side[key]:,.0f}" for key, label, _ in _WAYS if key in side)
        yield f"The sums lack different machines; over the {side['machines']:,} with a price each way: {listed}."
    planned, least = cost.get("planned"), cost.get("planned_at_least")
    if planned is not None and least is not None and least > planned:
        yield f"With the parts that have a price, the plan costs at least {least:,.0f} a month."


def _critical(tasks: pl.DataFrame) -> Table:
    columns = ("task", "application", "wave", "from", "to", "team")
    needed = {"critical", "name", "application_name", "wave", "starts", "ends", "team"}
    if not needed <= set(tasks.columns):
        return Table(columns, [], 0)
    chain = tasks.filter("critical").sort("starts", "ends", "natural_key")
    rows: list[list[Cell]] = [
        [
            row["name"],
            row["application_name"] or "",
            "" if row["wave"] is None else str(row["wave"]),
            str(row["starts"] or ""),
            str(row["ends"] or ""),
            row["team"] or "nobody",
        ]
        for row in chain.head(MOST_ROWS).to_dicts()
    ]
    return Table(columns, rows, chain.height, fixed=(3, 4))


def _resource_gaps(frame: pl.DataFrame) -> Table:
    """Gaps one by one; teams that are assumed, which by default are all, in one row."""
    columns = ("gap", "what is missing")
    if not {"kind", "team", "message"} <= set(frame.columns):
        return Table(columns, [], 0)
    assumed = frame.filter(pl.col("kind") == "assumed_team")["team"].drop_nulls().sort().to_list()
    others = frame.filter(pl.col("kind") != "assumed_team")
    rows: list[list[Cell]] = [
        [_in_words(kind), message or "unknown"]
        for kind, message in others.head(MOST_ROWS).select("kind", "message").iter_rows()
    ]
    if assumed:
        said = f"No teams are configured, so these are assumed: {', '.join(assumed)}. Name yours in `teams`."
        rows.append(["assumed teams", said])
    return Table(columns, rows, others.height + bool(assumed))


def _cost_bars(model: ReportModel) -> Iterator[CostBar]:
    cost, totals = model.counts("cost"), _totals(model.frame("costs"))
    largest = max((cost[key] for key, _, _ in _WAYS if cost.get(key)), default=0.0)
    for key, label, what in _WAYS:
        value = cost.get(key)
        width = None if value is None or not largest else round(100 * value / largest, 1)
        figure = None if value is None else Figure(f"cost/bar/{key}", value)
        yield CostBar(label, what, figure, width, int(totals.get(f"{key}_unknown") or 0))


def _totals(costs: pl.DataFrame) -> dict[str, Any]:
    if "kind" not in costs.columns:
        return {}
    total = costs.filter(pl.col("kind") == "total").head(1).to_dicts()
    return total[0] if total else {}


def _count_flag(targets: pl.DataFrame, flag: str) -> int:
    if "flags" not in targets.columns:
        return 0
    return int(targets["flags"].list.contains(flag).fill_null(value=False).sum())


def _assumptions(frame: pl.DataFrame) -> Table:
    """Settings one by one; what is assumed of many subjects in one row, the most frequent first."""
    columns = ("assumed", "of", "as", "said by", "what it changes")
    if not {"kind", "name", "subject", "value", "source", "effect", "natural_key"} <= set(frame.columns):
        return Table(columns, [], 0)
    grouped = (
        frame.sort("natural_key")
        .with_columns(alone=pl.when(pl.col("kind") == "setting").then("natural_key"))
        .group_by("alone", "kind", "name", maintain_order=True)
        .agg(pl.col("subject", "value", "source", "effect").first(), many=pl.len())
        .sort(pl.col("kind") != "setting", -pl.col("many").cast(pl.Int64), maintain_order=True)
    )
    rows: list[list[Cell]] = [
        [
            _in_words(row["name"]),
            row["subject"] if row["many"] == 1 else f"{row['many']:,}, such as {row['subject']}",
            *("unknown" if row[name] is None else row[name] for name in ("value", "source", "effect")),
        ]
        for row in grouped.head(2 * MOST_ROWS).to_dicts()
    ]
    return Table(columns, rows, grouped.height)
