"""Ranks the options of every unit, says what the rules recommend, and whether that is contested."""

import polars as pl

from caravan_assessment.domain.treatment.hinges import list_hinges
from caravan_assessment.domain.treatment.ruleset import Ruleset

_MOST_HINGES = 2


def choose(units: pl.DataFrame, rules: Ruleset) -> pl.DataFrame:
    """Adds recommended, options and scores and fits (Lists: the recommended first, then open ones by score, then
    the others), score, margin (to the best other open one), contested, contested_because (List), rule_confidence kept.

    `units`: with scores and findings.
    """
    ranked = _rank(units, rules)
    every = units.join(ranked, on="natural_key", how="left", maintain_order="left")
    better = -pl.col("margin") > rules.data["rule_against_score"]
    by_score = pl.col("rule").is_null()
    every = every.with_columns(list_hinges(every, rules))
    tie = by_score & (pl.col("margin") < rules.data["contested_tie"])
    because = [
        pl.when(by_score).then(pl.col("hinges").list.head(_MOST_HINGES)).otherwise([]),
        pl.concat_list(
            pl.when(tie & (pl.col("hinges").list.len() == 0)).then(pl.lit("the two best score alike")),
            pl.when(~by_score & better).then(
                pl.format("the score speaks for another by {}", (-pl.col("margin")).round(2))
            ),
            pl.when(pl.col("unsure_rule")).then(pl.lit("only its name says what it is")),
        ).list.drop_nulls(),
        pl.col("evidence"),
    ]
    told = pl.when(~pl.col("absolute")).then(pl.concat_list(because)).otherwise([])
    return every.with_columns(contested_because=told).with_columns(
        contested=pl.col("contested_because").list.len() > 0
    )


def _rank(units: pl.DataFrame, rules: Ruleset) -> pl.DataFrame:
    """natural_key, recommended, score, margin, options, scores, fits, open."""
    long = pl.concat(
        [
            units.select(
                "natural_key",
                "rule_treatment",
                option=pl.lit(option),
                place=pl.lit(place, pl.Int64),
                score=f"score_{option}",
                fit=f"fit_{option}",
                open=pl.col(f"why_not_{option}").is_null(),
            )
            for place, option in enumerate(rules.options)
        ]
    )
    first = pl.col("option") == pl.col("rule_treatment")
    long = long.with_columns(first=first.fill_null(False)).sort(
        ["natural_key", "first", "open", "score", "place"], descending=[False, True, True, True, False]
    )
    return (
        long.group_by("natural_key", maintain_order=True)
        .agg(
            recommended=pl.col("option").first(),
            score=pl.col("score").first(),
            second=pl.col("score").slice(1).filter(pl.col("open").slice(1)).max(),
            options=pl.col("option"),
            scores=pl.col("score"),
            fits=pl.col("fit"),
            open_options=pl.col("option").filter(pl.col("open") | pl.col("first")),
        )
        .with_columns(margin=(pl.col("score") - pl.col("second")).round(4))
        .drop("second")
    )


def rate_confidence(rules: Ruleset, *, margin: pl.Expr, told: pl.Expr) -> pl.Expr:
    """`told` where a rule, a crew or a pattern says how sure it is, else by the margin. Assumed parameters lower it."""
    given = rules.data["confidence"]
    by_margin = given["base"] + given["per_margin"] * margin.clip(0, 1)
    assumed = given["per_assumed"] * pl.col("assumed").list.len().cast(pl.Float64)
    rated: pl.Expr = pl.coalesce(told, by_margin) - assumed
    return rated.clip(given["lowest"], given["highest"]).round(3)
