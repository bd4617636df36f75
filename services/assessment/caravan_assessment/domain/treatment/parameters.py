"""The seven parameters (1 to 10) of every unit out of its facts, each with the words it rests on; what is assumed."""

from collections.abc import Mapping
from datetime import date
from typing import Any

import polars as pl

from caravan_assessment.domain.treatment.ruleset import Ruleset

_DAYS_A_MONTH = 30.44


def add_parameters(portfolio: pl.DataFrame, rules: Ruleset, as_of: date) -> pl.DataFrame:
    """Adds each parameter (Float64), `<parameter>_basis` (String), `assumed` (List of parameters), own, bought."""
    facts = portfolio.with_columns(
        own=_is_one_of("application_type", rules.words("own")),
        bought=_is_one_of("application_type", rules.words("bought") + rules.words("service")),
        service=_is_one_of("application_type", rules.words("service")),
        eliminate=_is_one_of("lifecycle", rules.words("eliminate")),
        invest=_is_one_of("lifecycle", rules.words("invest")),
        non_production=_is_one_of("environment", rules.words("non_production")),
        cost_rank=_quartile("current_monthly_cost"),
        exit_in=(pl.col("exit_by") - pl.lit(as_of)).dt.total_days() / _DAYS_A_MONTH,
    )
    derived = {
        "business_value": _business_value(rules.data["derive"]["business_value"]),
        "technical_complexity": _complexity(rules.data["derive"]["technical_complexity"]),
        "migration_urgency": _urgency(rules.data["derive"]["migration_urgency"]),
        "compliance_requirements": _compliance(rules.data["derive"]["compliance_requirements"]),
        "cost_sensitivity": _cost(rules.data["derive"]["cost_sensitivity"]),
        "risk_tolerance": _risk(rules.data["derive"]["risk_tolerance"]),
        "innovation_priority": _innovation(rules.data["derive"]["innovation_priority"]),
    }
    known = {name: value.is_not_null() for name, (value, _) in derived.items()}
    # Without dependencies or machines complexity is a lower bound; without support data urgency is a guess.
    known["technical_complexity"] = pl.col("dependencies_known") & (pl.col("targets") > 0)
    known["migration_urgency"] = (pl.col("support_known") > 0) | pl.col("exit_by").is_not_null()
    unknown = float(rules.data["unknown"])
    words = rules.data["words"]
    return facts.with_columns(
        *(_settle(name, value, unknown) for name, (value, _) in derived.items()),
        *(
            pl.when(known[name])
            .then(basis)
            .otherwise(pl.coalesce(basis, pl.lit(f"{words[name]} unknown")))
            .alias(f"{name}_basis")
            for name, (_, basis) in derived.items()
        ),
        assumed=pl.concat_list(
            [pl.when(~known[name].fill_null(False)).then(pl.lit(name)) for name in derived]
        ).list.drop_nulls(),
    ).with_columns(_discount_non_production(rules))


_Derived = tuple[pl.Expr, pl.Expr]


def _settle(name: str, value: pl.Expr, unknown: float) -> pl.Expr:
    return value.cast(pl.Float64).fill_null(unknown).clip(1, 10).alias(name)


def _is_one_of(column: str, words: list[str]) -> pl.Expr:
    return pl.col(column).str.strip_chars().str.to_lowercase().is_in(words).fill_null(False)


def _quartile(column: str) -> pl.Expr:
    """0 to 3 among the units whose cost is known; null for the others."""
    rank, count = pl.col(column).rank("max"), pl.col(column).count()
    return ((rank * 4 / count).ceil() - 1).clip(0, 3).cast(pl.Int64)


def _points(column: pl.Expr, steps: Mapping[int, int]) -> pl.Expr:
    """The points of the highest step that the count reaches."""
    points = pl.lit(0, pl.Int64)
    for least, worth in sorted(steps.items()):
        points = pl.when(column >= least).then(pl.lit(worth, pl.Int64)).otherwise(points)
    return points


def _mapped(column: str, table: Mapping[str, float]) -> pl.Expr:
    return pl.col(column).str.to_lowercase().replace_strict(table, default=None, return_dtype=pl.Float64)


def _business_value(given: Mapping[str, Any]) -> _Derived:
    base = _mapped("business_criticality", given["criticality"])
    value = (
        pl.when("eliminate")
        .then(pl.lit(float(given["lifecycle_eliminate"])))
        .otherwise(base + pl.when("invest").then(given["lifecycle_invest"]).otherwise(0))
    )
    life = pl.when(pl.col("eliminate") | pl.col("invest")).then(pl.format(", lifecycle {}", "lifecycle"))
    basis = pl.format(
        "criticality {}{}", pl.col("business_criticality").fill_null("unknown"), life.fill_null("")
    )
    return value, basis


def _discount_non_production(rules: Ruleset) -> list[pl.Expr]:
    """Also of an assumed value: what only tests is worth less, whatever it tests."""
    off = rules.data["derive"]["business_value"]["non_production"]
    basis = "business_value_basis"
    return [
        (pl.col("business_value") + pl.when(pl.col("non_production")).then(off).otherwise(0)).clip(1, 10),
        pl.when("non_production")
        .then(pl.format("{}, {}", basis, "environment"))
        .otherwise(basis)
        .alias(basis),
    ]


def _complexity(given: Mapping[str, Any]) -> _Derived:
    technologies = pl.col("technologies").list.len()
    value = (
        given["base"]
        + _points(pl.col("targets"), given["servers"])
        + _points(pl.col("neighbours"), given["dependencies"])
        + _points(pl.col("databases"), given["databases"])
        + _points(technologies, given["technologies"])
    )
    dependencies = (
        pl.when("dependencies_known")
        .then(_count("neighbours", "dependency", "dependencies"))
        .otherwise(pl.lit("dependencies unknown"))
    )
    basis = pl.format(
        "{}, {}, {}",
        _count("targets", "server", "servers"),
        dependencies,
        _count("databases", "database", "databases"),
    )
    return value, basis


def _count(column: str, one: str, many: str) -> pl.Expr:
    return pl.format("{} {}", column, pl.when(pl.col(column) == 1).then(pl.lit(one)).otherwise(pl.lit(many)))


def _urgency(given: Mapping[str, Any]) -> _Derived:
    by_exit = pl.lit(None, pl.Float64)
    for months, worth in sorted(given["exit_months"].items(), reverse=True):
        by_exit = pl.when(pl.col("exit_in") <= months).then(pl.lit(float(worth))).otherwise(by_exit)
    by_support = (
        pl.when(pl.col("unsupported") > 0)
        .then(pl.lit(float(given["passed"])))
        .when(pl.col("ending_12_months") > 0)
        .then(pl.lit(float(given["within_12_months"])))
        .otherwise(pl.lit(float(given["otherwise"])))
    )
    value = pl.max_horizontal(by_exit, by_support)
    product = pl.col("end_of_life_products").list.get(0, null_on_oob=True)
    out = (
        pl.when(pl.col("unsupported") > 0)
        .then(pl.lit("is out of support"))
        .otherwise(pl.lit("ends within 12 months"))
    )
    ended = pl.format("{} {}", product, out)
    basis = pl.coalesce(
        pl.when(by_exit.is_not_null()).then(pl.format("must leave by {}", "exit_by")),
        pl.when((pl.col("unsupported") > 0) | (pl.col("ending_12_months") > 0)).then(ended),
        pl.when(pl.col("support_known") > 0).then(pl.lit("all its products are in support")),
        pl.lit("end of support unknown"),
    )
    return value, basis


def _compliance(given: Mapping[str, Any]) -> _Derived:
    classed = _mapped("data_classification", given["data_class"])
    personal = pl.when(pl.col("pii").fill_null(False)).then(pl.lit(float(given["personal_data"])))
    told = pl.format("data {}", "data_classification")
    basis = pl.when(pl.col("pii").fill_null(False)).then(
        pl.coalesce(pl.format("{} and personal", told), pl.lit("personal data"))
    )
    return pl.max_horizontal(classed, personal), pl.coalesce(
        basis, told, pl.lit("data classification unknown")
    )


def _cost(given: Mapping[str, Any]) -> _Derived:
    worth = dict(enumerate(float(each) for each in given["quartiles"]))
    value = pl.col("cost_rank").replace_strict(worth, default=None, return_dtype=pl.Float64)
    place = pl.col("cost_rank").replace_strict(
        {0: "lowest", 1: "second", 2: "third", 3: "highest"}, default=None, return_dtype=pl.String
    )
    basis = pl.format(
        "cost {} a month, {} quarter", pl.col("current_monthly_cost").round(0).cast(pl.Int64), place
    )
    return value, pl.coalesce(basis, pl.lit("cost today unknown"))


def _risk(given: Mapping[str, Any]) -> _Derived:
    stated = _mapped("change_tolerance", given["change_tolerance"])
    value = pl.coalesce(stated, _mapped("business_criticality", given["criticality"]))
    basis = pl.coalesce(
        pl.when(stated.is_not_null()).then(pl.format("change tolerance {}", "change_tolerance")),
        pl.format("criticality {}", "business_criticality"),
        pl.lit("criticality unknown"),
    )
    return value, basis


def _innovation(given: Mapping[str, Any]) -> _Derived:
    value = (
        pl.when(pl.col("own") & pl.col("invest"))
        .then(pl.lit(float(given["custom_invest"])))
        .when("own")
        .then(pl.lit(float(given["custom"])))
        .when("bought")
        .then(pl.lit(float(given["bought"])))
    )
    kind = (
        pl.when("own")
        .then(pl.lit("our own"))
        .when("service")
        .then(pl.lit("a service"))
        .when("bought")
        .then(pl.lit("bought"))
    )
    basis = pl.format(
        "{}{}", kind, pl.when("invest").then(pl.lit(", lifecycle invest")).otherwise(pl.lit(""))
    )
    return value, pl.coalesce(basis, pl.lit("whether it is bought or our own is unknown"))
