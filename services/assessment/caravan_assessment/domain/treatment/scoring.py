"""How well each option suits a unit, which options are open to it, and what is added by priors. Nothing is chosen."""

from functools import reduce
from operator import add

import polars as pl

from caravan_assessment.domain.treatment.ruleset import Ruleset, Span
from caravan_assessment.domain.treatment.wording import fill


def fit(span: Span, per_point: float) -> pl.Expr:
    """1 inside the range, less `per_point` for each point outside, not below 0."""
    value = pl.col(span.parameter)
    outside = pl.max_horizontal(span.lowest - value, value - span.highest, pl.lit(0.0))
    return (1 - per_point * outside).clip(0, 1)


def add_scores(units: pl.DataFrame, rules: Ruleset) -> pl.DataFrame:
    """Adds for each option fit_, allowed_, why_not_, prior_ (number), priors_ (List of words) and score_.

    `units`: parameters and facts with own, bought, equal_service, may_retire, stated, retained_neighbour.
    """
    per_point = float(rules.data["per_point_outside"])
    spans = list(rules.spans())
    fits = [
        reduce(add, (span.weight * fit(span, per_point) for span in spans if span.option == option))
        .round(4)
        .alias(f"fit_{option}")
        for option in rules.options
    ]
    closed = [_why_not(option, rules).alias(f"why_not_{option}") for option in rules.options]
    found = units.with_columns(*fits, *closed)
    priors = _priors(rules)
    found = found.with_columns(
        *(
            pl.sum_horizontal(pl.lit(0.0), *(amount for _, amount, _ in priors[option])).alias(
                f"prior_{option}"
            )
            for option in rules.options
        ),
        *(
            pl.concat_list([pl.lit(None, pl.String), *(words for _, _, words in priors[option])])
            .list.drop_nulls()
            .alias(f"priors_{option}")
            for option in rules.options
        ),
    )
    return found.with_columns(
        (pl.col(f"fit_{option}") + pl.col(f"prior_{option}")).clip(0, 1).round(4).alias(f"score_{option}")
        for option in rules.options
    )


def _why_not(option: str, rules: Ruleset) -> pl.Expr:
    """Why an option is not open to a unit; null where it is."""
    said, need = rules.data["not_allowed"], rules.needs(option)
    none = pl.lit(None, pl.String)
    if need == "own_source":
        bought = pl.when("bought").then(pl.lit(said["own_source_bought"]))
        return pl.when("own").then(none).otherwise(bought.otherwise(pl.lit(said["own_source_unknown"])))
    if need == "equal_service":
        is_own = pl.when("own").then(pl.lit(said["equal_service_custom"]))
        without = is_own.when("bought").then(pl.lit(said["equal_service_none"]))
        unknown = without.otherwise(pl.lit(said["equal_service_unknown"]))
        served = pl.col("bought") & pl.col("equal_service").is_not_null()
        return pl.when(served | pl.col("infrastructure").is_not_null()).then(none).otherwise(unknown)
    if need == "unused":
        return pl.when("may_retire").then(none).otherwise(pl.lit(said["unused"]))
    return none


_Prior = tuple[str, pl.Expr, pl.Expr]


def _priors(rules: Ruleset) -> dict[str, list[_Prior]]:
    """Per option: code, what is added (0 where it does not apply), its words (null where it does not apply)."""
    value = pl.col("business_value")
    old = pl.col("unsupported") > 0
    applies = {
        "time_migrate": old & (value >= 7),
        "time_invest": pl.col("invest"),
        "time_eliminate": old & (value <= 3) & ~pl.col("assumed").list.contains("business_value"),
        "large_programme": pl.len() >= rules.data["large_programme_units"],
        "few_known": pl.col("assumed").list.len() >= rules.data["few_known_assumed"],
        "managed_equal": pl.col("databases_words").is_not_null(),
        "debt_ours": pl.col("own") & old,
        "idle": pl.col("idle") > 0,
        "no_inbound": pl.col("unheard"),
        "retained_neighbour": pl.col("retained_neighbour").is_not_null(),
    }
    found: dict[str, list[_Prior]] = {option: [] for option in rules.options}
    for code, holds in applies.items():
        prior = rules.data["priors"][code]
        for option, amount in prior["add"].items():
            found[option].append(_prior(code, holds, float(amount), prior["because"]))
    stated = rules.data["priors"]["stated"]
    for option in rules.options:
        wished = pl.col("stated") == option
        found[option].append(_prior("stated", wished, float(stated["add"]), stated["because"]))
    return found


def _prior(code: str, holds: pl.Expr, amount: float, because: str) -> _Prior:
    holds = holds.fill_null(False)
    return (
        code,
        pl.when(holds).then(pl.lit(amount)).otherwise(pl.lit(0.0)),
        pl.when(holds).then(fill(because)),
    )
