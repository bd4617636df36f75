"""Rows of the roadmap out of plan, calendar, treatments and findings."""

from collections.abc import Mapping
from typing import Any

import polars as pl

from caravan_assessment.domain.planning.problem import orient_edges
from caravan_assessment.domain.planning.schema import PLANNED
from caravan_assessment.domain.portfolio.constraints import split_spans
from caravan_assessment.domain.portfolio.schema import conform
from caravan_assessment.domain.roadmap.critical_path import find_critical, link_waves
from caravan_assessment.domain.roadmap.risks import list_risks
from caravan_assessment.domain.roadmap.schema import FREEZE, MILESTONE, ROADMAP, WAVE

_MOST_NAMED = 10


def draw_roadmap(
    placed: pl.DataFrame,
    calendar: pl.DataFrame,
    edges: pl.DataFrame,
    treatments: pl.DataFrame,
    findings: pl.DataFrame,
    for_all: Mapping[str, str],
) -> tuple[pl.DataFrame, list[int]]:
    """ROADMAP, and the waves of the critical path. `placed`: ASSIGNMENTS; `calendar`: CALENDAR.

    `for_all`: why nobody is switched over in a span, by the span as freeze windows are written.
    """
    units = placed.join(
        treatments.select("natural_key", "confidence", "contested", "assumed", "migration_urgency"),
        on="natural_key",
        how="left",
    )
    used = calendar.filter(pl.col("units") > 0).sort("wave")
    links = link_waves(placed, orient_edges(edges, placed))
    days = {row["wave"]: (row["ends"] - row["starts"]).days + 1 for row in used.iter_rows(named=True)}
    path = find_critical(days, links)
    waves = _draw_waves(used, units, links, path)
    rows = [
        waves,
        _draw_milestones(used, units),
        _draw_freezes(calendar, placed, for_all),
        list_risks(used, units, findings, links),
    ]
    every = pl.concat([conform(part, ROADMAP) for part in rows])
    return every.sort("starts", "kind", "natural_key", nulls_last=True), path


def _draw_waves(
    used: pl.DataFrame, units: pl.DataFrame, links: pl.DataFrame, path: list[int]
) -> pl.DataFrame:
    """Confidence: of its treatments, each counted by its targets (at least one)."""
    weight = pl.max_horizontal("targets", pl.lit(1))
    inside = (
        units.drop_nulls("wave")
        .group_by("wave")
        .agg(
            confidence=((pl.col("confidence") * weight).sum() / weight.sum()).round(3),
            treatments=pl.col("treatment").value_counts(sort=True).struct.field("treatment").sort(),
            applications=pl.col("name").sort(),
            source_entities=pl.col("natural_key").sort(),
        )
    )
    waits = links.group_by(wave="then").agg(
        waits=pl.format("wave {} ({})", "first", "example").str.join("; ")
    )
    full = pl.col("effort") / pl.col("capacity_effort")
    told = pl.format(
        "{}, {}, {} person-days; {}{}",
        _count("units", "unit"),
        _count("targets", "target"),
        "effort",
        pl.col("treatments").list.join(", "),
        pl.format("; after {}", "waits").fill_null(""),
    )
    return (
        used.join(inside, on="wave", how="left")
        .join(waits, on="wave", how="left")
        .with_columns(
            kind=pl.lit(WAVE),
            detail=told,
            critical=pl.col("wave").is_in(path),
            load=full.round(3),
        )
    )


def _draw_milestones(used: pl.DataFrame, units: pl.DataFrame) -> pl.DataFrame:
    """The first day, the pilots done, half and all of the targets moved, each dated exit."""
    rows: list[dict[str, Any]] = []
    if used.is_empty():
        return pl.DataFrame(schema=ROADMAP)

    def add(key: str, name: str, day: Any, wave: int | None, detail: str) -> None:
        rows.append(
            {
                "natural_key": f"milestone:{key}",
                "name": name,
                "wave": wave,
                "starts": day,
                "ends": day,
                "detail": detail,
            }
        )

    first, last = used.row(0, named=True), used.row(-1, named=True)
    add("start", "First wave starts", first["starts"], first["wave"], f"{used.height} waves are used")
    piloted = units.filter(pl.col("pilot") & pl.col("wave").is_not_null())
    if piloted.height:
        wave = piloted["wave"].max()
        row = used.filter(pl.col("wave") == wave).row(0, named=True)
        add("pilots", "Pilots moved", row["ends"], row["wave"], ", ".join(piloted["name"].sort().to_list()))
    total = int(used["targets"].sum())
    half = (
        used.with_columns(so_far=pl.col("targets").cum_sum())
        .filter(2 * pl.col("so_far") >= total)
        .row(0, named=True)
    )
    add("half", "Half of the targets moved", half["ends"], half["wave"], f"{half['so_far']} of {total}")
    add("end", "Last wave ends", last["ends"], last["wave"], f"{total} targets moved or shut down")
    exits = units.filter(pl.col("not_after").is_not_null()).sort("not_after", "natural_key")
    for row in exits.iter_rows(named=True):
        add(
            f"exit:{row['natural_key']}",
            f"{row['name']} must have moved",
            row["not_after"],
            row["wave"],
            "dated exit",
        )
    return pl.DataFrame(rows, schema_overrides={"wave": pl.Int64}).with_columns(
        kind=pl.lit(MILESTONE), critical=pl.lit(False)
    )


def _draw_freezes(calendar: pl.DataFrame, placed: pl.DataFrame, for_all: Mapping[str, str]) -> pl.DataFrame:
    """Blackouts of waves, and freeze windows with the units they bind."""
    closed = calendar.filter("blackout").select(
        natural_key=pl.format("freeze:{}", "natural_key"),
        kind=pl.lit(FREEZE),
        name=pl.format("Blackout {}", "name"),
        wave="wave",
        starts="starts",
        ends="ends",
        detail="blackout_reason",
        critical=pl.lit(False),
    )
    first, last = split_spans(pl.col("freeze_windows"))
    frozen = (
        placed.filter(pl.col("state") == PLANNED)
        .select("natural_key", "name", "freeze_windows")
        .explode("freeze_windows")
        .drop_nulls("freeze_windows")
        .sort("freeze_windows", "name")
        .group_by("freeze_windows", maintain_order=True)
        .agg(applications=pl.col("name"), source_entities=pl.col("natural_key"))
        .with_columns(starts=first, ends=last)
    )
    named = pl.col("applications").list.head(_MOST_NAMED).list.join(", ")
    why = pl.col("freeze_windows").replace_strict(dict(for_all), default=None, return_dtype=pl.String)
    windows = frozen.select(
        natural_key=pl.format("freeze:{}", "freeze_windows"),
        kind=pl.lit(FREEZE),
        name=pl.when(why.is_not_null())
        .then(pl.lit("Freeze for all"))
        .otherwise(pl.format("Freeze of {}", _count(pl.col("applications").list.len(), "unit"))),
        wave=pl.lit(None, pl.Int64),
        starts="starts",
        ends="ends",
        detail=pl.coalesce(pl.format("{}: no cut-over", why), pl.format("no cut-over of {}", named)),
        critical=pl.lit(False),
    )
    return pl.concat([closed, windows])


def _count(number: str | pl.Expr, noun: str) -> pl.Expr:
    """1 unit, 2 units."""
    counted = pl.col(number) if isinstance(number, str) else number
    return pl.format(
        f"{{}} {noun}{{}}", counted, pl.when(counted == 1).then(pl.lit("")).otherwise(pl.lit("s"))
    )
