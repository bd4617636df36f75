"""A plan as tables and figures: waves with reasons, findings, the summary."""

import re
from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any

import polars as pl

from caravan_assessment.domain.planning.ending import ends_after_callers, ends_last
from caravan_assessment.domain.planning.problem import orient_edges
from caravan_assessment.domain.planning.schema import FINDINGS, PLANNED, RETAINED, UNPLACEABLE
from caravan_assessment.domain.portfolio.schema import HARD_ORDER
from caravan_assessment.domain.waves import Instance, Unplaceable, check_plan, measure_cut, measure_loads

_MOST_NAMED = 5
# How the planner says it of two keys.
_LEFT_BEHIND = re.compile(r"^(.+) has a wave, but (.+), which(?= must not move after it)")
# What interfaces.md calls them; a split unit is one that does not move together, a lock is a window of one wave.
_KINDS = {
    "precedence": ("precedence",),
    "capacity": ("capacity",),
    "window": ("window", "lock"),
    "must_together": ("must_together", "split"),
    "unassigned": ("unassigned",),
}


def place(
    units: pl.DataFrame, assignment: Mapping[str, int | None], groups: Mapping[str, str]
) -> pl.DataFrame:
    """`units` with wave, state and group."""
    chosen = pl.DataFrame(
        {"natural_key": list(assignment), "new_wave": list(assignment.values())},
        schema={"natural_key": pl.String, "new_wave": pl.Int64},
    )
    grouped = pl.DataFrame(
        {"natural_key": list(groups), "new_group": list(groups.values())},
        schema={"natural_key": pl.String, "new_group": pl.String},
    )
    found = units.join(chosen, on="natural_key", how="left", maintain_order="left").join(
        grouped, on="natural_key", how="left", maintain_order="left"
    )
    stays = pl.col("state") == RETAINED
    return found.with_columns(
        wave="new_wave",
        group=pl.coalesce("new_group", "natural_key"),
        state=pl.when(stays)
        .then(pl.lit(RETAINED))
        .when(pl.col("new_wave").is_null())
        .then(pl.lit(UNPLACEABLE))
        .otherwise(pl.lit(PLANNED)),
    ).drop("new_wave", "new_group")


def give_reasons(placed: pl.DataFrame, edges: pl.DataFrame) -> pl.DataFrame:
    """`placed` with `reasons`: what decided its wave, or why it has none."""
    partners = _name_partners(placed)
    ordered = orient_edges(edges, placed)
    told = placed.join(partners, on="natural_key", how="left", maintain_order="left").join(
        _name_needed(placed, ordered), on="natural_key", how="left", maintain_order="left"
    )
    retired = ends_after_callers()
    moves = pl.col("state") == PLANNED
    said = [
        pl.when(pl.col("state") == RETAINED).then(
            pl.lit("it is retained: it stays where it is and needs no wave")
        ),
        pl.when(pl.col("state") == UNPLACEABLE).then(pl.lit("no wave takes it; see the findings")),
        pl.when(moves & pl.col("locked")).then(pl.format("a person put it into wave {}", "locked_wave")),
        pl.when(moves & pl.col("pilot")).then(pl.lit("a pilot: as early as may be")),
        pl.when(moves).then(pl.format("moves together with {}", "partners")),
        pl.when(moves).then(pl.format("not before {}", pl.col("not_before").cast(pl.String))),
        pl.when(moves).then(pl.format("must have moved by {}", pl.col("not_after").cast(pl.String))),
        pl.when(moves & (pl.col("freeze_windows").list.len() > 0)).then(
            pl.format("frozen {}", pl.col("freeze_windows").list.join(", "))
        ),
        pl.when(moves & ~retired).then(pl.format("needs {}", "needed")),
        pl.when(moves & retired).then(pl.format("after {}", "needed")),
        pl.when(moves & (pl.col("criticality") >= 5)).then(pl.lit("mission-critical: late, where it may")),
        pl.when(moves & retired).then(pl.lit("shut down in this wave, not moved")),
        pl.when(moves & ends_last()).then(pl.lit("it serves the others, and ends when they have left")),
    ]
    return told.with_columns(reasons=pl.concat_list(said).list.drop_nulls()).drop("partners", "needed")


def _name_partners(placed: pl.DataFrame) -> pl.DataFrame:
    """natural_key, partners: the others of its group, at most five by name."""
    grouped = placed.filter(pl.len().over("group") > 1, pl.col("state") == PLANNED)
    names = grouped.group_by("group").agg(all_names=pl.col("name").sort(), count=pl.len())
    rows = grouped.join(names, on="group")
    others = pl.col("all_names").list.set_difference(pl.concat_list("name")).list.sort()
    more = pl.when(pl.col("count") - 1 > _MOST_NAMED).then(pl.lit(" and others")).otherwise(pl.lit(""))
    return rows.select(
        "natural_key", partners=pl.format("{}{}", others.list.head(_MOST_NAMED).list.join(", "), more)
    )


def _name_needed(placed: pl.DataFrame, edges: pl.DataFrame) -> pl.DataFrame:
    """natural_key, needed: what must go before it, with the wave of each. `edges`: as orient_edges makes them."""
    there = placed.select(target="natural_key", its_name="name", its_wave="wave", its_state="state")
    where = (
        pl.when(pl.col("its_state") == RETAINED)
        .then(pl.lit("stays"))
        .otherwise(pl.format("wave {}", "its_wave"))
    )
    rows = edges.filter(pl.col("kind") == HARD_ORDER, ~pl.col("shared_service")).join(there, on="target")
    return (
        rows.with_columns(told=pl.format("{} ({})", "its_name", where))
        .sort("source", "its_name")
        .group_by(natural_key="source", maintain_order=True)
        .agg(needed=pl.col("told").drop_nulls().head(_MOST_NAMED).str.join(", "))
        .filter(pl.col("needed") != "")
    )


def list_findings(
    unplaceable: Sequence[Unplaceable],
    notes: Sequence[tuple[str, str, tuple[str, ...]]],
    names: Mapping[str, str],
) -> pl.DataFrame:
    """FINDINGS. `notes`: kind, message, units it concerns; `names`: of units, by key."""
    rows: list[dict[str, Any]] = [
        {
            "natural_key": f"unplaceable:{each.kind}:{each.units[0]}",
            "kind": "unplaceable",
            "severity": "high",
            "message": _say(each, names),
            "units": list(each.units),
            "edges": [f"{names.get(a, a)} {kind} {names.get(b, b)}" for a, b, kind in each.edges],
            "capacities": list(each.capacities),
            "dates": list(each.dates),
        }
        for each in unplaceable
    ]
    rows += [
        {
            "natural_key": f"{kind}:{number:03}",
            "kind": kind,
            "severity": "low" if kind == "assumption" else "medium",
            "message": _LEFT_BEHIND.sub(partial(_name_both, names), message),
            "units": list(units),
            "edges": [],
            "capacities": [],
            "dates": [],
        }
        for number, (kind, message, units) in enumerate(notes, start=1)
    ]
    return pl.DataFrame(rows, schema=FINDINGS).unique("natural_key", keep="first").sort("natural_key")


def _say(found: Unplaceable, names: Mapping[str, str]) -> str:
    """In names of units: the planner knows them by their keys only."""
    ends = {key for edge in found.edges for key in edge[:2]}
    detail = found.detail
    for key in sorted({*found.units, *ends}, key=len, reverse=True):
        detail = detail.replace(key, names.get(key, key))
    # The planner's own words begin with the units where several reasons are told apart.
    told = detail.startswith(names.get(found.units[0], found.units[0]))
    return detail if told else f"{_list(found.units, names)}: {detail}"


def _name_both(names: Mapping[str, str], found: re.Match[str]) -> str:
    first, second = (names.get(key, key) for key in found.groups())
    return f"{first} has a wave, but {second}, which"


def _list(keys: Sequence[str], names: Mapping[str, str]) -> str:
    shown = ", ".join(names.get(key, key) for key in keys[:_MOST_NAMED])
    return f"{shown} and {len(keys) - _MOST_NAMED} more" if len(keys) > _MOST_NAMED else shown


def sum_up_plan(instance: Instance, placed: pl.DataFrame, members: pl.DataFrame) -> dict[str, Any]:
    """`waves` of the summary. Violations are counted over the original targets, each with the wave of its unit."""
    wave_of = dict(placed.select("natural_key", "wave").iter_rows())
    per_asset = {asset: wave_of[unit] for asset, unit in instance.assets.items()}
    unplaceable = placed.filter(pl.col("state") == UNPLACEABLE)
    movable = {key for key, wave in wave_of.items() if wave is not None}
    # Unplaceable units are listed as such, with what makes them so; they are no violation of what was planned.
    checked = Instance(
        tuple(unit for unit in instance.units if unit.key in movable),
        tuple(edge for edge in instance.edges if edge.source in movable and edge.target in movable),
        instance.waves,
        {asset: unit for asset, unit in instance.assets.items() if unit in movable},
    )
    counts = check_plan(checked, {a: w for a, w in per_asset.items() if w is not None}).counts
    loads = measure_loads(instance, wave_of)
    by_state = dict(placed.group_by("state").agg(pl.col("targets").sum()).iter_rows())
    used = set(placed["wave"].drop_nulls().to_list())
    return {
        "count": len(used),
        "units": placed.height,
        "unplaceable": unplaceable["natural_key"].to_list(),
        "load": [
            {
                "wave": wave.index,
                "effort": round(float(loads[wave.index]["effort"]), 1),
                "capacity": wave.effort,
            }
            for wave in instance.waves
            if wave.index in used
        ],
        "cut_weight": round(measure_cut(instance, wave_of), 3),
        "violations": {name: sum(counts[kind] for kind in kinds) for name, kinds in _KINDS.items()},
        "retained": placed.filter(pl.col("state") == RETAINED).height,
        "targets": {state: by_state.get(state, 0) for state in (PLANNED, RETAINED, UNPLACEABLE)}
        | {"total": members.height},
    }
