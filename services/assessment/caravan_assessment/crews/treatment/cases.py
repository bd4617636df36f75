"""Contested treatments as cases: the unit's facts, the open options with scores, and what the facts say for each."""

from functools import cache
from importlib.resources import files
from typing import Any

import polars as pl
import yaml

from caravan_common.crews import Case, Option
from caravan_common.phases.judging import Contest

CREW = "treatment"
_FACTS = (
    "name",
    "targets",
    "databases",
    "business_criticality",
    "environment",
    "application_type",
    "lifecycle",
    "data_classification",
    "callers",
    "depends_on",
    "unsupported",
    "ending_12_months",
    "idle",
    "zombie",
    "powered_off",
    "end_of_life_products",
    "assumed",
    "unknowns",
    "evidence",
    "infrastructure",
    "rule",
    "stated",
)
_MOST_OPTIONS = 4


@cache
def _weights() -> dict[str, float]:
    text = files("caravan_assessment.crews.treatment").joinpath("signals.yaml").read_text("utf-8")
    loaded: dict[str, Any] = yaml.safe_load(text)
    return {name: value for name, value in loaded.items() if isinstance(value, float)}


def make_contests(contested: pl.DataFrame) -> list[Contest]:
    """A contest per row, in their order: at most the four best open options."""
    return [_contest(row) for row in contested.iter_rows(named=True)]


def case_id(natural_key: str) -> str:
    """The key of the question about a unit's treatment, under which people's answers come."""
    return f"treatment:{natural_key}"


def _contest(row: dict[str, Any]) -> Contest:
    scores = dict(zip(row["options"], row["scores"], strict=True))
    shown = row["open_options"][:_MOST_OPTIONS]
    options = tuple(Option(id=option, label=option, score=scores[option]) for option in shown)
    facts = {name: row[name] for name in _FACTS if row[name] not in (None, [])}
    case = Case(
        id=case_id(row["natural_key"]),
        facts=facts | {"signals": _weigh(row, shown)},
        options=options,
        recommendation=row["recommended"],
    )
    text = f"How is {row['name']} to be treated: {', '.join(shown)}?"
    # What the decision moves, and what waits for it.
    weight = float(row["targets"] + row["databases"] + row["callers"])
    return Contest(case, row["natural_key"], text, weight)


def _weigh(row: dict[str, Any], options: list[str]) -> dict[str, float]:
    """Per option what the facts say, left out where they say nothing."""
    weights = _weights()
    called = row["living"] > 0
    unused = row["all_off"] or row["all_zombie"] or row["all_idle"]
    old = row["unsupported"] > 0
    found = dict.fromkeys(options, 0.0)
    for option in options:
        if option not in row["ready_for"]:
            found[option] += weights["not_ready"]
        if option == "retire" and called:
            found[option] += weights["callers_against_retire"]
        if option == "retire" and not called and unused and row["dependencies_known"]:
            found[option] += weights["no_caller_for_retire"]
        if option == "rehost" and old:
            found[option] += weights["out_of_support_against_rehost"]
        if option == "replatform" and old:
            found[option] += weights["out_of_support_for_replatform"]
        if row["infrastructure"] and option == row["rule_treatment"]:
            found[option] += weights["serves_the_data_centre"]
        if option == "retain" and row["rule"] is None:
            found[option] += weights["stays_without_reason"]
    return {option: round(number, 4) for option, number in found.items() if number}
