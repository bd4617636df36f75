"""Why an option suits a unit and why the next do not, in words that name the unit's own facts."""

import polars as pl

from caravan_assessment.domain.treatment.ruleset import Ruleset
from caravan_assessment.domain.treatment.wording import number

# Units worded at a time: sentences of all options of all units at once would cost memory by the estate.
BATCH_UNITS = 20_000
_MOST_FOR, _MOST_AGAINST = 3, 2


def word_reasons(units: pl.DataFrame, rules: Ruleset) -> pl.DataFrame:
    """natural_key, reasons, against, ranking (three sentences), all Lists.

    `units`: with parameters, scores, findings, `options` and `treatment` (what stands).
    """
    parts = [_word_batch(part, rules) for part in units.iter_slices(BATCH_UNITS)]
    return pl.concat(parts) if parts else pl.DataFrame(schema=_REASONS)


_REASONS = pl.Schema(
    {
        "natural_key": pl.String(),
        "reasons": pl.List(pl.String()),
        "against": pl.List(pl.String()),
        "ranking": pl.List(pl.String()),
    }
)


def _word_batch(units: pl.DataFrame, rules: Ruleset) -> pl.DataFrame:
    shown = _list_shown(units)
    told = _tell_options(shown, units, rules)
    ranking = told.group_by("natural_key", maintain_order=True).agg(
        ranking=pl.col("sentence").sort_by("place"),
        because=pl.col("favour").filter("stands").first(),
        against=pl.col("opposed").filter(~pl.col("stands")),
    )
    rows = units.select(
        "natural_key", "treatment", "rule_treatment", "rule_reason", "evidence", "priors_words"
    ).join(ranking, on="natural_key", how="left", maintain_order="left")
    by_rule = (pl.col("treatment") == pl.col("rule_treatment")).fill_null(False)
    spurned = pl.when(~by_rule).then(pl.format("the rules say {}: {}", "rule_treatment", "rule_reason"))
    return rows.select(
        "natural_key",
        reasons=pl.concat_list(
            pl.concat_list(pl.when(by_rule).then("rule_reason")).list.drop_nulls(),
            pl.concat_list("because").list.drop_nulls(),
            pl.col("priors_words").fill_null([]),
        ),
        against=pl.concat_list(
            pl.concat_list(spurned).list.drop_nulls(),
            pl.col("against").fill_null([]),
            pl.col("evidence").fill_null([]),
        ),
        ranking=pl.col("ranking").fill_null([]),
    )


def _list_shown(units: pl.DataFrame) -> pl.DataFrame:
    """natural_key, option, place (1 to 3 or more), stands: what stands, and the three best."""
    long = (
        units.select("natural_key", "treatment", option="options", score="scores")
        .explode("option", "score")
        .with_columns(place=pl.int_range(1, pl.len() + 1).over("natural_key"))
        .with_columns(stands=pl.col("option") == pl.col("treatment"))
    )
    kept = long.filter((pl.col("place") <= 3) | pl.col("stands"))
    return kept.sort(["natural_key", "stands", "place"], descending=[False, True, False])


def _tell_options(shown: pl.DataFrame, units: pl.DataFrame, rules: Ruleset) -> pl.DataFrame:
    """`shown` with favour ("rehost because …"), opposed ("not retain because …") and sentence ("1. rehost 0.84: …")."""
    fits = _weigh(shown, units, rules)
    fact = pl.format(
        "{} ({} {}{})",
        "basis",
        "word",
        "value",
        pl.when("guessed").then(pl.lit(", assumed")).otherwise(pl.lit("")),
    )
    outside = pl.format("{} ({} {}, suits {} to {})", "basis", "word", "value", "lowest", "highest")
    told = fits.group_by("natural_key", "option").agg(
        fors=fact.filter(pl.col("fit") == 1)
        .sort_by(
            [pl.col(name).filter(pl.col("fit") == 1) for name in ("guessed", "weight", "rank")],
            descending=[False, True, False],
        )
        .head(_MOST_FOR),
        againsts=outside.filter(pl.col("lost") > 0)
        .sort_by(
            [pl.col(name).filter(pl.col("lost") > 0) for name in ("lost", "rank")], descending=[True, False]
        )
        .head(_MOST_AGAINST),
    )
    closed = _closed(units, rules)
    every = shown.join(told, on=["natural_key", "option"], how="left", maintain_order="left").join(
        closed, on=["natural_key", "option"], how="left", maintain_order="left"
    )
    favour = pl.format("{} because {}", "option", pl.col("fors").list.join("; "))
    lost = pl.when(pl.col("againsts").list.len() > 0).then(pl.col("againsts").list.join("; "))
    less = pl.format("it scores {}", "score")
    opposed = pl.format("not {} because {}", "option", pl.coalesce("why_not", lost, less))
    against = (
        pl.when(pl.col("why_not").is_not_null())
        .then(pl.format("closed: {}", "why_not"))
        .otherwise(pl.format("against it: {}", lost))
    )
    return every.with_columns(
        favour=pl.when(pl.col("fors").list.len() > 0).then(favour),
        opposed=opposed,
        sentence=pl.format(
            "{}. {} {}: {}{}",
            "place",
            "option",
            pl.col("score").round(2),
            pl.col("fors").list.join("; "),
            pl.format("; {}", against).fill_null(""),
        ),
    )


def _weigh(shown: pl.DataFrame, units: pl.DataFrame, rules: Ruleset) -> pl.DataFrame:
    """One row per option shown and parameter: value, basis, word, range, weight, fit, lost, guessed, rank."""
    spans = pl.DataFrame(
        [
            {
                "option": span.option,
                "parameter": span.parameter,
                "rank": rules.parameters.index(span.parameter),
                "word": rules.data["words"][span.parameter],
                "lowest": span.lowest,
                "highest": span.highest,
                "weight": span.weight,
            }
            for span in rules.spans()
        ]
    ).cast({"lowest": pl.Float64, "highest": pl.Float64})
    values = pl.concat(
        [
            units.select(
                "natural_key",
                parameter=pl.lit(name),
                value=name,
                basis=f"{name}_basis",
                guessed=pl.col("assumed").list.contains(name),
            )
            for name in rules.parameters
        ]
    )
    per_point = float(rules.data["per_point_outside"])
    outside = pl.max_horizontal(
        pl.col("lowest") - pl.col("value"), pl.col("value") - pl.col("highest"), pl.lit(0.0)
    )
    return (
        shown.select("natural_key", "option")
        .join(spans, on="option")
        .join(values, on=["natural_key", "parameter"])
        .with_columns(fit=(1 - per_point * outside).clip(0, 1))
        .with_columns(
            lost=(pl.col("weight") * (1 - pl.col("fit"))).round(6),
            value=number(pl.col("value")),
            lowest=number(pl.col("lowest")),
            highest=number(pl.col("highest")),
        )
        .sort("natural_key", "option", "rank")
    )


def _closed(units: pl.DataFrame, rules: Ruleset) -> pl.DataFrame:
    """natural_key, option, why_not of the options that are not open."""
    every = pl.concat(
        [
            units.select("natural_key", option=pl.lit(option), why_not=f"why_not_{option}")
            for option in rules.options
        ]
    )
    return every.drop_nulls("why_not")
