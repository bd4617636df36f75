"""Contested treatments as cases: the unit's facts, the open options with scores, and what the facts say for each."""

from collections.abc import Iterator
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
    if row["rule"] is not None:
        # What a rule recommends is not to lose to a mere score: it takes facts that speak against it.
        scores[row["recommended"]] = max(scores[option] for option in shown)
    options = tuple(Option(id=option, label=option, score=scores[option]) for option in shown)
    facts = {name: row[name] for name in _FACTS if row[name] not in (None, [])}
    case = Case(
        id=case_id(row["natural_key"]),
        facts=facts | _weigh(row, shown),
        options=options,
        recommendation=row["recommended"],
    )
    text = f"How is {row['name']} to be treated: {', '.join(shown)}?"
    # What the decision moves, and what waits for it.
    weight = float(row["targets"] + row["databases"] + row["callers"])
    return Contest(case, row["natural_key"], text, weight)


def _weigh(row: dict[str, Any], options: list[str]) -> dict[str, dict[str, Any]]:
    """`signals`, per option what the facts say, and `signal_words`, the same in words, where they say anything."""
    weights = _weights()
    signals: dict[str, float] = {}
    words: dict[str, list[str]] = {}
    for option in options:
        said = list(_say(row, option))
        if number := round(sum(weights[name] for name, _ in said), 4):
            signals[option] = number
            words[option] = [text for _, text in said]
    return {"signals": signals, "signal_words": words}


def _say(row: dict[str, Any], option: str) -> Iterator[tuple[str, str]]:
    """The name of a weight, and what it stands for in a sentence."""
    called = row["living"] > 0
    unused = row["all_off"] or row["all_zombie"] or row["all_idle"]
    old = row["unsupported"] > 0
    if option not in row["ready_for"]:
        yield "not_ready", f"what {option} needs to be known is not"
    if option == "retire" and called:
        yield "callers_against_retire", "units that are in use call it"
    if option == "retire" and not called and unused and row["dependencies_known"]:
        yield "no_caller_for_retire", "nobody calls it, and its machines are off or hardly used"
    if option == "rehost" and old:
        yield "out_of_support_against_rehost", "moved as it is, what is out of support stays so"
    if option == "replatform" and old:
        yield "out_of_support_for_replatform", "what is out of support is renewed on the way"
    if row["infrastructure"] and option == row["rule_treatment"]:
        yield (
            "serves_the_data_centre",
            "it serves the data centre itself, and scores are made for applications",
        )
    if option == "retain" and row["rule"] is None:
        yield "stays_without_reason", "no rule asks to keep it where it is"
