"""What may go wrong with the plan, out of what is known of it. Thresholds are stated beside each risk."""

from typing import Any

import polars as pl

from caravan_assessment.domain.roadmap.schema import RISK
from caravan_common.reporting import in_numbers

# A wave fuller than this has no room for what goes wrong.
FULL = 0.9
# A mean confidence of its treatments below this is a risk of the wave.
UNSURE = 0.5
# So many of the seven parameters assumed: little is known of the unit.
_MANY_ASSUMED = 4
# The waves that count as early for what is mission-critical, and as late for what is urgent: a quarter of those used.
_EDGE = 4
# Urgency from here on means out of support, or bound to have left within a year (the ruleset's steps).
_URGENT = 9
_MOST_NAMED = 5


def list_risks(
    used: pl.DataFrame, units: pl.DataFrame, findings: pl.DataFrame, links: pl.DataFrame
) -> pl.DataFrame:
    """Rows of kind risk; starts and ends are those of the wave it concerns, null where it concerns none."""
    rows: list[dict[str, Any]] = []
    spans = {row["wave"]: row for row in used.iter_rows(named=True)}

    def add(key: str, name: str, severity: str, detail: str, wave: int | None = None) -> None:
        span = spans.get(wave) if wave is not None else None
        rows.append(
            {
                "natural_key": f"risk:{key}",
                "name": name,
                "severity": severity,
                "detail": detail,
                "wave": wave,
                "starts": span["starts"] if span else None,
                "ends": span["ends"] if span else None,
            }
        )

    for row in findings.filter(pl.col("kind") == "unplaceable").iter_rows(named=True):
        add(row["natural_key"], "Cannot be placed", "high", row["message"])
    for wave, span in spans.items():
        share = span["effort"] / span["capacity_effort"] if span["capacity_effort"] else 0.0
        if share > FULL:
            add(
                f"full:{wave}",
                "Wave without room",
                "medium",
                f"{share:.0%} of its effort is taken (over {FULL:.0%})",
                wave,
            )
    for wave, names, unsure in _unsure(units).iter_rows():
        text = f"{in_numbers(unsure, 'unit')} of a confidence below {UNSURE}: {names}"
        add(f"unsure:{wave}", "Treatments unsure", "medium", text, wave)
    early, late = _edges(used)
    critical = pl.col("criticality") >= 5
    for wave, names, count in _named(units.filter(pl.col("wave").is_in(early), critical)).iter_rows():
        severity = "high" if wave == early[0] else "medium"
        text = f"{in_numbers(count, 'unit')} in the first quarter of the waves: {names}"
        add(f"early:{wave}", "Mission-critical early", severity, text, wave)
    for wave, names, count in _named(units.filter(pl.col("wave").is_in(late), _is_urgent())).iter_rows():
        text = f"{in_numbers(count, 'unit')} out of support, or bound to leave, until then: {names}"
        add(f"urgent:{wave}", "Urgent, but late", "medium", text, wave)
    for first, then, count, example in links.filter(pl.col("then") - pl.col("first") == 1).iter_rows():
        bind = in_numbers(count, "order edge binds", "order edges bind")
        text = f"{bind} wave {then} to the end of wave {first}: {example}"
        add(f"tight:{first}:{then}", "No slack between waves", "low", text, then)
    bare = units.filter(pl.col("wave").is_not_null(), pl.col("targets") + pl.col("databases") == 0)
    if bare.height:
        names = ", ".join(bare["name"].sort().head(_MOST_NAMED))
        of = in_numbers(bare.height, "unit that has a wave", "units that have a wave")
        effort = f"{float(bare['effort'].sum()):g} person-days are planned for what nobody has found"
        add("no_machine", "No machine known", "medium", f"of {of}, no machine is known; {effort}: {names}")
    little = units.filter(pl.col("assumed").list.len() >= _MANY_ASSUMED)
    if little.height:
        text = (
            f"of {in_numbers(little.height, 'unit')} at least {_MANY_ASSUMED} of seven parameters are assumed"
        )
        add("little_known", "Little is known", "medium", text)
    schema = {"natural_key": pl.String, "name": pl.String, "severity": pl.String, "detail": pl.String}
    dates = {"wave": pl.Int64, "starts": pl.Date, "ends": pl.Date}
    return pl.DataFrame(rows, schema={**schema, **dates}).with_columns(
        kind=pl.lit(RISK), critical=pl.lit(False)
    )


def _unsure(units: pl.DataFrame) -> pl.DataFrame:
    """wave, names, count of units whose treatment is unsure."""
    return _named(units.filter(pl.col("wave").is_not_null(), pl.col("confidence") < UNSURE))


def _edges(used: pl.DataFrame) -> tuple[list[int], list[int]]:
    """The first and the last quarter of the waves that are used; of fewer than four, the first and none."""
    waves = used["wave"].sort().to_list()
    share = -(-len(waves) // _EDGE)
    return waves[:share], waves[-share:] if len(waves) >= _EDGE else []


def _is_urgent() -> pl.Expr:
    known = ~pl.col("assumed").list.contains("migration_urgency").fill_null(False)
    ends_last = pl.col("variant").is_in(["landing_zone", "with_platform"]).fill_null(False)
    return known & (pl.col("migration_urgency") >= _URGENT) & ~ends_last


def _named(units: pl.DataFrame) -> pl.DataFrame:
    return (
        units.sort("name", "natural_key")
        .group_by("wave", maintain_order=True)
        .agg(names=pl.col("name").head(_MOST_NAMED).str.join(", "), count=pl.len())
        .sort("wave")
    )
