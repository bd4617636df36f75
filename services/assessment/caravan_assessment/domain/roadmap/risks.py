"""What may go wrong with the plan, out of what is known of it. Thresholds are stated beside each risk."""

from typing import Any

import polars as pl

from caravan_assessment.domain.roadmap.schema import RISK

# A wave fuller than this has no room for what goes wrong.
FULL = 0.9
# A mean confidence of its treatments below this is a risk of the wave.
UNSURE = 0.5
# So many of the seven parameters assumed: little is known of the unit.
_MANY_ASSUMED = 4
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
        add(f"unsure:{wave}", "Treatments unsure", "medium", f"{unsure} units below {UNSURE}: {names}", wave)
    for wave, names, count in _early(units).iter_rows():
        add(
            f"early:{wave}",
            "Mission-critical early",
            "high",
            f"{count} in the first used wave: {names}",
            wave,
        )
    for first, then, count, example in links.filter(pl.col("then") - pl.col("first") == 1).iter_rows():
        text = f"{count} order edges bind wave {then} to the end of wave {first}: {example}"
        add(f"tight:{first}:{then}", "No slack between waves", "low", text, then)
    little = units.filter(pl.col("assumed").list.len() >= _MANY_ASSUMED)
    if little.height:
        add(
            "little_known",
            "Little is known",
            "medium",
            f"of {little.height} units at least {_MANY_ASSUMED} of seven parameters are assumed",
        )
    schema = {"natural_key": pl.String, "name": pl.String, "severity": pl.String, "detail": pl.String}
    dates = {"wave": pl.Int64, "starts": pl.Date, "ends": pl.Date}
    return pl.DataFrame(rows, schema={**schema, **dates}).with_columns(
        kind=pl.lit(RISK), critical=pl.lit(False)
    )


def _unsure(units: pl.DataFrame) -> pl.DataFrame:
    """wave, names, count of units whose treatment is unsure."""
    return _named(units.filter(pl.col("wave").is_not_null(), pl.col("confidence") < UNSURE))


def _early(units: pl.DataFrame) -> pl.DataFrame:
    """wave, names, count of mission-critical units in the first wave that is used."""
    planned = units.drop_nulls("wave")
    return _named(planned.filter(pl.col("wave") == pl.col("wave").min(), pl.col("criticality") >= 5))


def _named(units: pl.DataFrame) -> pl.DataFrame:
    return (
        units.sort("name", "natural_key")
        .group_by("wave", maintain_order=True)
        .agg(names=pl.col("name").head(_MOST_NAMED).str.join(", "), count=pl.len())
        .sort("wave")
    )
