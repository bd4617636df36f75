"""The planner's problem out of tables: units that are to move, edges between them, waves of the calendar."""

from collections.abc import Iterable
from datetime import date
from typing import cast

import polars as pl

from caravan_assessment.domain.planning.ending import ends_after_callers
from caravan_assessment.domain.planning.schema import CALENDAR, RETAINED, name_wave
from caravan_assessment.domain.portfolio.schema import HARD_ORDER, conform
from caravan_assessment.domain.waves import Edge, EdgeKind, Instance, Unit, Wave, measure_loads


def make_instance(
    units: pl.DataFrame, edges: pl.DataFrame, waves: Iterable[Wave], members: pl.DataFrame
) -> Instance:
    """`units`: ASSIGNMENTS; `edges`: between units, where the source needs the target; `members`: targets only."""
    moving = units.filter(pl.col("state") != RETAINED)
    keys = moving["natural_key"].implode()
    # What everybody asks (directory, monitoring …) ties nothing to anything, whoever stated it.
    real = edges.filter(~pl.col("shared_service"))
    between = real.filter(pl.col("source").is_in(keys), pl.col("target").is_in(keys))
    held = members.filter(pl.col("application").is_in(keys)).select("asset_key", "application")
    without = moving.join(held, left_on="natural_key", right_on="application", how="anti")
    # An application without machines counts as one; its own key would be taken for the unit by the checker.
    assets = dict(held.iter_rows()) | {f"{key}#": key for key in without["natural_key"]}
    ordered = orient_edges(between, moving)
    return Instance(tuple(_units(moving)), tuple(_edges(ordered)), tuple(waves), assets)


def orient_edges(edges: pl.DataFrame, units: pl.DataFrame) -> pl.DataFrame:
    """Order edges so that the target goes first: what is needed does, and callers before what ends after them."""
    # A plan of an older version names no variants.
    if "variant" not in units.columns:
        units = units.with_columns(variant=pl.lit(None, pl.String))
    retired = units.filter(ends_after_callers())["natural_key"].implode()
    turned = (pl.col("kind") == HARD_ORDER) & pl.col("target").is_in(retired)
    return edges.with_columns(
        source=pl.when(turned).then("target").otherwise("source"),
        target=pl.when(turned).then("source").otherwise("target"),
    )


def _units(rows: pl.DataFrame) -> Iterable[Unit]:
    for row in rows.iter_rows(named=True):
        yield Unit(
            key=row["natural_key"],
            effort=row["effort"],
            servers=row["servers"],
            team=row["team"],
            not_before=row["not_before"],
            not_after=row["not_after"],
            freezes=tuple(_span(window) for window in row["freeze_windows"] or ()),
            pilot=row["pilot"],
            criticality=row["criticality"],
            locked=row["locked_wave"],
            shared=row["shared_service"],
        )


def _span(window: str) -> tuple[date, date]:
    first, _, last = window.partition("..")
    return date.fromisoformat(first), date.fromisoformat(last)


def _edges(rows: pl.DataFrame) -> Iterable[Edge]:
    """The planner's order edge begins at what goes first, or in the same wave; `rows` end there."""
    for row in rows.iter_rows(named=True):
        ends = (row["target"], row["source"]) if row["kind"] == HARD_ORDER else (row["source"], row["target"])
        yield Edge(*ends, cast("EdgeKind", row["kind"]), float(row["weight"] or 0.0), row["shared_service"])


def read_waves(calendar: pl.DataFrame) -> list[Wave]:
    """Waves of a CALENDAR."""
    return [
        Wave(
            index=row["wave"],
            starts=row["starts"],
            ends=row["ends"],
            blackout=row["blackout"],
            effort=row["capacity_effort"],
            servers=row["capacity_servers"],
            teams=dict(zip(row["teams"], row["team_capacities"], strict=True)),
        )
        for row in calendar.sort("wave").iter_rows(named=True)
    ]


def list_calendar(
    instance: Instance, placed: pl.DataFrame, reasons: dict[int, str], names: dict[int, str]
) -> pl.DataFrame:
    """CALENDAR with what lies in each wave. `placed`: ASSIGNMENTS; `names`: of waves that people named."""
    assignment = dict(placed.select("natural_key", "wave").iter_rows())
    loads = measure_loads(instance, assignment)
    rows = [
        {
            "wave": wave.index,
            "name": names.get(wave.index, f"Wave {wave.index}"),
            "starts": wave.starts,
            "ends": wave.ends,
            "blackout": wave.blackout,
            "blackout_reason": reasons.get(wave.index),
            "capacity_effort": wave.effort,
            "capacity_servers": wave.servers,
            "teams": sorted(wave.teams),
            "team_capacities": [wave.teams[team] for team in sorted(wave.teams)],
            "effort": round(loads[wave.index]["effort"], 1),
            "servers": int(loads[wave.index]["servers"]),
            "team_loads": [
                round(loads[wave.index].get(f"team:{team}", 0.0), 1) for team in sorted(wave.teams)
            ],
        }
        for wave in instance.waves
    ]
    counted = (
        placed.drop_nulls("wave")
        .group_by("wave")
        .agg(units=pl.len().cast(pl.Int64), targets=pl.col("targets").sum())
    )
    schema = {
        name: dtype for name, dtype in CALENDAR.items() if name not in ("natural_key", "units", "targets")
    }
    frame = pl.DataFrame(rows, schema=schema).join(counted, on="wave", how="left")
    return conform(
        frame.with_columns(pl.col("units", "targets").fill_null(0), natural_key=name_wave(pl.col("wave"))),
        CALENDAR,
    ).sort("wave")
