"""Who has the last word on each unit: a person, what was learned, the crew, or the rules; and the variant of it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import polars as pl

from caravan_assessment.domain.treatment.choosing import rate_confidence
from caravan_assessment.domain.treatment.ruleset import Ruleset

LANDING_ZONE, WITH_PLATFORM = "landing_zone", "with_platform"


@dataclass(frozen=True)
class Word:
    """What was decided of one unit outside the rules. `told`: how sure, null for as sure as the margin says."""

    key: str
    treatment: str
    decided_by: str
    told: float | None
    reasons: tuple[str, ...]


_WORDS = pl.Schema(
    {
        "natural_key": pl.String(),
        "word": pl.String(),
        "word_by": pl.String(),
        "word_told": pl.Float64(),
        "word_reasons": pl.List(pl.String()),
    }
)


def match_patterns(units: pl.DataFrame, patterns: pl.DataFrame, options: Sequence[str]) -> pl.DataFrame:
    """natural_key, option, pattern of the units that a client's patterns fit; the longest pattern wins.

    `patterns`: pattern, value. A pattern is a name or a key without regard to case, or the beginning of one with *.
    """
    good = patterns.filter(pl.col("value").is_in(list(options))).select(
        "pattern", option="value", plain=pl.col("pattern").str.strip_chars().str.to_lowercase()
    )
    names = pl.concat(
        [
            units.select("natural_key", text=pl.col(name).str.strip_chars().str.to_lowercase())
            for name in ("natural_key", "name")
        ]
    )
    exact = names.join(good, left_on="text", right_on="plain")
    stars = good.filter(pl.col("plain").str.ends_with("*")).with_columns(
        head=pl.col("plain").str.strip_chars_end("*")
    )
    begun = names.join(stars, how="cross").filter(pl.col("text").str.starts_with(pl.col("head")))
    every = pl.concat([part.select("natural_key", "option", "pattern") for part in (exact, begun)])
    longest = every.sort(
        "natural_key", pl.col("pattern").str.len_chars(), "pattern", descending=[False, True, False]
    )
    return longest.unique("natural_key", keep="first", maintain_order=True)


def decide(units: pl.DataFrame, words: Sequence[Word], rules: Ruleset) -> pl.DataFrame:
    """Adds treatment, decided_by, confidence, variant, months, word_reasons. `words`: at most one per unit."""
    rows = [[word.key, word.treatment, word.decided_by, word.told, list(word.reasons)] for word in words]
    table = pl.DataFrame(rows, schema=_WORDS, orient="row")
    every = units.join(table, on="natural_key", how="left", maintain_order="left").with_columns(
        treatment=pl.coalesce("word", "recommended"),
        decided_by=pl.col("word_by").fill_null("rule"),
        word_reasons=pl.col("word_reasons").fill_null([]),
    )
    by_rule = pl.when(pl.col("treatment") == pl.col("rule_treatment")).then("rule_confidence")
    rated = rate_confidence(rules, margin=pl.col("margin"), told=pl.coalesce("word_told", by_rule))
    months = {option: told["months"] for option, told in rules.data["options"].items()}
    return every.with_columns(
        confidence=pl.when(pl.col("decided_by") == "person").then(pl.lit(1.0)).otherwise(rated),
        score=_of_chosen("score_", rules),
        variant=_name_variant(rules),
        priors_words=_of_chosen("priors_", rules),
        months_min=_month(months, 0),
        months_max=_month(months, 1),
    )


def _of_chosen(prefix: str, rules: Ruleset) -> pl.Expr:
    return pl.coalesce(
        pl.when(pl.col("treatment") == option).then(f"{prefix}{option}") for option in rules.options
    )


def _month(months: Mapping[str, Sequence[int]], place: int) -> pl.Expr:
    table = {option: span[place] for option, span in months.items()}
    return pl.col("treatment").replace_strict(table, return_dtype=pl.Int64)


def _name_variant(rules: Ruleset) -> pl.Expr:
    """How the treatment is carried out, where the facts say more than its name."""
    must_leave = pl.col("exit_in") <= rules.data["relocate"]["exit_months"]
    relocate = (pl.col("treatment") == "rehost") & pl.col("all_vmware").fill_null(False) & must_leave
    replatform = pl.col("treatment") == "replatform"
    by_rule = pl.col("treatment") == pl.col("rule_treatment")
    return (
        pl.when(relocate.fill_null(False))
        .then(pl.lit("relocate"))
        .when(replatform & pl.col("databases_words").is_not_null())
        .then(pl.lit("managed_database"))
        .when(replatform & (pl.col("unsupported") > 0))
        .then(pl.lit("upgrade"))
        .when(by_rule & (pl.col("treatment") == "replace"), pl.col("rule").str.starts_with(LANDING_ZONE))
        .then(pl.lit(LANDING_ZONE))
        .when(by_rule & (pl.col("treatment") == "retire"), pl.col("rule").str.starts_with(WITH_PLATFORM))
        .then(pl.lit(WITH_PLATFORM))
        .when(pl.col("treatment") == "replace")
        .then(pl.lit("repurchase"))
    )
