"""From the figures and frames of an assessment to its part of the report."""

from collections.abc import Iterator, Mapping
from typing import Any

import polars as pl
from markupsafe import Markup

from caravan_assessment.domain.report._distribution import draw_distribution
from caravan_assessment.domain.report._gantt import draw_gantt
from caravan_assessment.domain.report._wave_graph import draw_wave_graph
from caravan_common.reporting import Cell, Figure, Part, ReportModel, Share, Table, in_numbers, render_body

MOST_ROWS, MOST_NAMES, MOST_DETAILS = 12, 6, 3
# A page of applications; the export has all.
MOST_LISTED = 60
_SEVERITIES = {"high": 0, "medium": 1, "low": 2}


def make_part(model: ReportModel) -> Part:
    """Figures, sentences, and the pictures of treatments, waves and calendar."""
    return Part("assessment", _figures(model), list(_sentences(model)), _body(model))


def _body(model: ReportModel) -> Markup:
    graph = draw_wave_graph(model.frame("waves"), model.frame("application_edges"))
    values = {
        "bars": draw_distribution(model.frame("treatments")),
        "distribution": _distribution(model.frame("treatments")),
        "contested": _examples(model.frame("treatments")),
        "every": _list_every(model.frame("treatments"), model.frame("waves")),
        "graph": graph,
        "graph_figures": [
            (name, Figure(f"waves/graph/{name}", value))
            for name, value in (("units", graph.units), ("edges", graph.edges), ("cut", graph.cut))
        ],
        "gantt": draw_gantt(model.frame("plan_calendar"), model.frame("roadmap")),
        "loads": _loads(model),
        "risks": _risks(model.frame("roadmap")),
        "unplaceable": _unplaceable(model),
    }
    return render_body("caravan_assessment.domain.report", "assessment.html.j2", _in_words, values)


def _in_words(code: str) -> str:
    return code.replace("_", " ")


def _figures(model: ReportModel) -> list[tuple[str, Figure, str]]:
    waves, treatments = model.counts("waves"), model.counts("treatments")
    cut = sum((waves.get("violations") or {}).values())
    rows = [
        ("treatments", "treatments/units", sum((treatments.get("counts") or {}).values()), "treatments"),
        ("contested", "treatments/contested", treatments.get("contested"), "treatments"),
        ("waves", "waves/count", waves.get("count"), "waves"),
        ("violations", "waves/violations", cut, "waves"),
    ]
    return [(label, Figure(name, int(value or 0)), anchor) for label, name, value, anchor in rows]


def _sentences(model: ReportModel) -> Iterator[str]:
    treatments, waves = model.counts("treatments"), model.counts("waves")
    counts = {name: count for name, count in (treatments.get("counts") or {}).items() if count}
    if counts:
        most = sorted(counts.items(), key=lambda pair: (-pair[1], pair[0]))
        listed = ", ".join(f"{count:,} {_in_words(name)}" for name, count in most)
        units = in_numbers(sum(counts.values()), "application or group", "applications and groups")
        yield f"{units} {'has' if sum(counts.values()) == 1 else 'have'} a treatment: {listed}."
    if treatments.get("contested"):
        overridden = treatments.get("overridden") or 0
        people = f"; people decided {overridden:,}" if overridden else ""
        yield f"{_say_contested(treatments)}{people}."
    left = len(waves.get("unplaceable") or [])
    if waves.get("count"):
        broken = sum((waves.get("violations") or {}).values())
        rules = "no rule is broken" if not broken else f"{in_numbers(broken, 'rule is', 'rules are')} broken"
        stay = waves.get("retained") or 0
        held = in_numbers(waves.get("units", 0) - stay - left, "unit")
        verb, others = "holds" if waves["count"] == 1 else "hold", f", {stay:,} stay" if stay else ""
        yield f"{in_numbers(waves['count'], 'wave')} {verb} {held}{others}; {rules}."
    if left:
        yield f"{in_numbers(left, 'unit fits', 'units fit')} in no wave; what makes it so is listed."


def _distribution(treatments: pl.DataFrame) -> Table:
    columns = ("treatment", "applications and groups", "share", "machines")
    if "treatment" not in treatments.columns:
        return Table(columns, [], 0)
    targets = pl.col("targets") if "targets" in treatments.columns else pl.lit(0)
    counted = (
        treatments.group_by("treatment")
        .agg(units=pl.len(), targets=targets.sum())
        .sort(["units", "treatment"], descending=[True, False])
    )
    rows: list[list[Cell]] = [
        [
            _in_words(name),
            Figure(f"treatments/{name}", units),
            Share(units, treatments.height),
            Figure(f"treatments/targets/{name}", int(machines or 0)),
        ]
        for name, units, machines in counted.iter_rows()
    ]
    return Table(columns, rows, len(rows), numbers=(1, 3))


def _say_contested(counts: Mapping[str, Any]) -> str:
    """How many are contested, and by what."""
    words = {"close": "close by score", "rule": "against a rule", "unused": "perhaps unused"}
    by = counts.get("contested_by") or {}
    parts = ", ".join(f"{by[name]:,} {said}" for name, said in words.items() if by.get(name))
    told = f" ({parts})" if parts else ""
    return f"{in_numbers(counts['contested'], 'is', 'are')} contested{told}"


def _examples(treatments: pl.DataFrame) -> Table:
    """What is contested, the closest first."""
    columns = ("application or group", "treatment", "decided by", "because", "why a person should look")
    needed = {"contested", "margin", "name", "treatment", "decided_by", "reasons", "contested_because"}
    if not needed <= set(treatments.columns):
        return Table(columns, [], 0)
    close = treatments.filter("contested").sort("margin", "natural_key")
    rows: list[list[Cell]] = [
        [
            row["name"],
            _in_words(row["treatment"]),
            row["decided_by"],
            _first(row["reasons"]),
            _first(row["contested_because"]),
        ]
        for row in close.head(MOST_ROWS).to_dicts()
    ]
    return Table(columns, rows, close.height)


def _list_every(treatments: pl.DataFrame, waves: pl.DataFrame) -> Table:
    """Applications, the most important first, with what speaks for the treatment and against the next best."""
    columns = ("application", "treatment", "wave", "machines", "because", "not, because")
    needed = {
        "natural_key",
        "kind",
        "name",
        "treatment",
        "variant",
        "priority",
        "targets",
        "reasons",
        "against",
    }
    if not needed <= set(treatments.columns):
        return Table(columns, [], 0)
    placed = dict(waves.select("natural_key", "wave").iter_rows()) if "wave" in waves.columns else {}
    ranked = treatments.filter(pl.col("kind") == "application").sort(
        ["priority", "natural_key"], descending=[True, False], nulls_last=True
    )
    rows: list[list[Cell]] = [
        [
            row["name"],
            _in_words(row["treatment"]) + (f" ({_in_words(row['variant'])})" if row["variant"] else ""),
            "" if placed.get(row["natural_key"]) is None else f"wave {placed[row['natural_key']]}",
            f"{row['targets'] or 0:,}",
            _first(row["reasons"]),
            _first(row["against"]),
        ]
        for row in ranked.head(MOST_LISTED).to_dicts()
    ]
    return Table(columns, rows, ranked.height, numbers=(3,))


def _first(words: list[str] | None, most: int = 2) -> str:
    return "; ".join((words or [])[:most])


def _loads(model: ReportModel) -> Table:
    columns = ("wave", "from", "to", "what moves", "person-days", "capacity", "share")
    moved = _moved_by_wave(model.frame("waves"))
    rows: list[list[Cell]] = []
    for load in model.counts("waves").get("load") or []:
        effort, capacity = float(load.get("effort") or 0), load.get("capacity")
        share: Cell = Share(round(effort), round(capacity)) if capacity else "no limit"
        shown: Cell = Figure(f"waves/capacity/{load['wave']}", float(capacity)) if capacity else "no limit"
        figure = Figure(f"waves/effort/{load['wave']}", effort)
        rows.append([f"wave {load['wave']}", *moved.get(load["wave"], ("", "", "")), figure, shown, share])
    return Table(columns, rows[: 4 * MOST_ROWS], len(rows), numbers=(4, 5), fixed=(1, 2))


def _moved_by_wave(waves: pl.DataFrame) -> dict[int, tuple[str, str, str]]:
    """First day, last day and the first names, those with most machines first."""
    if not {"wave", "name", "targets", "starts", "ends"} <= set(waves.columns):
        return {}
    by_wave = (
        waves.drop_nulls("wave")
        .sort(["targets", "natural_key"], descending=[True, False], nulls_last=True)
        .group_by("wave")
        .agg(pl.col("starts").first(), pl.col("ends").first(), pl.col("name"))
    )
    return {
        wave: (str(starts or ""), str(ends or ""), _names(names))
        for wave, starts, ends, names in by_wave.iter_rows()
    }


def _names(names: list[str]) -> str:
    more = f" and {len(names) - MOST_NAMES:,} more" if len(names) > MOST_NAMES else ""
    return ", ".join(names[:MOST_NAMES]) + more


def _risks(roadmap: pl.DataFrame) -> Table:
    """The gravest first, each kind once with the waves it concerns: one of many may not hide another."""
    columns = ("risk", "waves", "severity", "what it is about")
    if not {"kind", "name", "wave", "severity", "detail", "natural_key"} <= set(roadmap.columns):
        return Table(columns, [], 0)
    rank = pl.col("severity").replace_strict(_SEVERITIES, default=len(_SEVERITIES), return_dtype=pl.Int64)
    risks = (
        roadmap.filter(pl.col("kind") == "risk")
        .sort(rank, "wave", "natural_key", nulls_last=True)
        .group_by("name", "severity", maintain_order=True)
        .agg(pl.col("wave").drop_nulls().unique().sort(), pl.col("detail").drop_nulls())
    )
    rows: list[list[Cell]] = [
        [
            name,
            _names([str(wave) for wave in waves]),
            severity or "",
            _details(details),
        ]
        for name, severity, waves, details in risks.head(MOST_ROWS).iter_rows()
    ]
    return Table(columns, rows, risks.height)


def _details(words: list[str]) -> str:
    more = f"; and {len(words) - MOST_DETAILS:,} more" if len(words) > MOST_DETAILS else ""
    return "; ".join(words[:MOST_DETAILS]) + more


def _unplaceable(model: ReportModel) -> Table:
    columns = ("unit", "why it fits in no wave")
    rows: list[list[Cell]] = []
    for each in model.counts("waves").get("unplaceable") or []:
        if isinstance(each, Mapping):
            why = each.get("reasons") or each.get("reason") or ""
            text = why if isinstance(why, str) else "; ".join(map(str, why))
            rows.append([str(each.get("application") or each.get("unit") or ""), text])
        else:
            rows.append([str(each), ""])
    return Table(columns, rows[:MOST_ROWS], len(rows))
