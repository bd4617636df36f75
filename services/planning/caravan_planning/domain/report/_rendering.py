"""From the figures and frames of a plan to its part of the report."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

import polars as pl
from markupsafe import Markup

from caravan_common.reporting import Cell, Figure, Part, Table, in_numbers, render_body
from caravan_planning.domain.report._histogram import draw_histogram
from caravan_planning.domain.report._schedule import draw_schedule

MOST_ROWS = 12
# What stands in the way of a price, the first cause first.
_NO_PRICE = {
    "treatment_unknown": "its treatment is unknown",
    "cannot_move": "no provider sells a machine for its system or architecture",
    "size_unknown": "its processors or memory are unknown",
    "os_unknown": "its operating system is unknown",
    "storage_unknown": "its storage is unknown",
    "too_large": "nothing on sale is large enough",
    "saas_price_unknown": "the price of the product that replaces it is its vendor's",
}
_WAYS = (
    ("today", "today", "what is known of it"),
    ("like_for_like", "like for like", "machines of the size they have"),
    ("right_sized", "right-sized", "machines of the size they use, with headroom"),
    ("managed", "managed", "managed databases where there are any, else right-sized machines"),
)


@dataclass(frozen=True)
class ReportModel:
    """`summaries` by the keys of `caravan run --json`; `frames` by export name, each optional.

    Frames looked at: tasks, resources, resource_gaps, targets, costs, assumptions.
    """

    as_of: date
    summaries: Mapping[str, Any] = field(default_factory=dict)
    frames: Mapping[str, pl.DataFrame] = field(default_factory=dict)

    def frame(self, name: str) -> pl.DataFrame:
        """The frame, or one without columns."""
        return self.frames.get(name, pl.DataFrame())

    def counts(self, name: str) -> dict[str, Any]:
        return dict(self.summaries.get(name) or {})


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
        "resource_gaps": _listed(
            model.frame("resource_gaps"), ("kind", "message"), ("gap", "what is missing")
        ),
        "currency": model.counts("cost").get("currency") or "",
        "costs": list(_cost_bars(model)),
        "dearest": _dearest(model.frame("costs")),
        "unknown": _without_price(model.frame("targets")),
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
    if unknown := (cost.get("unknown") or {}).get("today"):
        machines = in_numbers(unknown, "machine", "machines")
        yield f"What {machines} cost today is unknown, so today's sum is of fewer machines than the others."
    if shared := _count_flag(model.frame("targets"), "today_shared_out"):
        machines = in_numbers(shared, "machine", "machines")
        yield f"Of {machines} only the application's cost is known today; each bears an equal part of it."
    if cost.get("saving") is not None and cost.get("compared_assets"):
        machines = in_numbers(cost["compared_assets"], "machine", "machines")
        yield f"For the {machines} known both ways the plan saves {cost['saving']:,.0f} a month."
    if (cost.get("right_sized") or 0) > (cost.get("like_for_like") or cost.get("right_sized") or 0):
        yield "Right-sized is dearer than like for like: with headroom, machines need more than they have."


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
    return Table(columns, rows, chain.height)


def _listed(frame: pl.DataFrame, names: tuple[str, ...], columns: tuple[str, ...]) -> Table:
    if not set(names) <= set(frame.columns):
        return Table(columns, [], 0)
    shown = frame.head(MOST_ROWS).select(pl.col(names).cast(pl.String).fill_null("unknown"))
    rows: list[list[Cell]] = [[_in_words(row[0]), *row[1:]] for row in shown.iter_rows()]
    return Table(columns, rows, frame.height)


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


def _dearest(costs: pl.DataFrame) -> Table:
    columns = ("application", "machines", "today", "planned", "saving over the years")
    if not {"kind", "name", "assets", "today", "planned", "saving_over_years"} <= set(costs.columns):
        return Table(columns, [], 0)
    applications = costs.filter(pl.col("kind") == "application").sort(
        ["planned", "natural_key"], descending=[True, False], nulls_last=True
    )
    rows: list[list[Cell]] = [
        [
            str(row["name"]),
            f"{row['assets']:,}",
            *(_amount(row[n]) for n in ("today", "planned", "saving_over_years")),
        ]
        for row in applications.head(MOST_ROWS).to_dicts()
    ]
    return Table(columns, rows, applications.height, numbers=(1, 2, 3, 4))


def _amount(value: float | None) -> str:
    return "unknown" if value is None else f"{value:,.0f}"


def _without_price(targets: pl.DataFrame) -> Table:
    """Each machine once, by the first reason that stands in the way of a price."""
    columns = ("why there is no price", "machines")
    if not {"price_per_month", "way", "flags"} <= set(targets.columns):
        return Table(columns, [], 0)
    lacking = targets.filter(pl.col("price_per_month").is_null() & ~pl.col("way").is_in(["retired", "stays"]))
    reasons = [
        pl.when(pl.col("flags").list.contains(flag)).then(pl.lit(words)) for flag, words in _NO_PRICE.items()
    ]
    why = (
        lacking.select(reason=pl.coalesce(*reasons, pl.lit("no list has a price for it")))
        .group_by("reason")
        .agg(machines=pl.len())
        .sort(["machines", "reason"], descending=[True, False])
    )
    rows: list[list[Cell]] = [[reason, f"{count:,}"] for reason, count in why.iter_rows()]
    return Table(columns, rows, why.height, numbers=(1,))


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
