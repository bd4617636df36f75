"""Values that can be read in two ways as cases: what the rest of the column and the file say for each reading."""

import re
from collections.abc import Sequence
from datetime import date
from typing import Any

import polars as pl

from caravan_common.crews import Case, Option
from caravan_common.phases.judging import Contest
from caravan_discovery.domain.cleansing import terms
from caravan_discovery.domain.cleansing.readings import DAY_FIRST, GIB, MIB, MONTH_FIRST, TwoReadings

CREW = "cleansing"
_LABELS = {
    MONTH_FIRST: "month before day, as in the United States",
    DAY_FIRST: "day before month, as in most of Europe",
    MIB: "plain numbers are MiB",
    GIB: "plain numbers are GiB",
}
_STRONG, _HABIT = 0.6, 0.2
# Attributes that tell of the past: a date after the day of the inventory can't be meant.
_PAST = ("last_seen", "created_at")


def contested_readings(found: Sequence[TwoReadings]) -> pl.DataFrame:
    """natural_key, margin between the two best scores."""
    scores = [sorted(each.readings.values(), reverse=True) for each in found]
    return pl.DataFrame(
        {
            "natural_key": pl.Series([each.key for each in found], dtype=pl.String),
            "margin": pl.Series([round(best - second, 6) for best, second, *_ in scores], dtype=pl.Float64),
        }
    )


def make_contest(reading: TwoReadings, as_of: date | None) -> Contest:
    """The case with the signals its facts give; `as_of` is the day of the inventory, where known."""
    signals = {"date_order": _weigh_dates, "unit": _weigh_sizes, "term": _weigh_words}[reading.kind]
    facts: dict[str, Any] = {**reading.facts, "signals": signals(reading, as_of)}
    if as_of is not None:
        facts["as_of"] = as_of.isoformat()
    options = tuple(
        Option(id=id_, label=_LABELS.get(id_, id_), score=round(score, 3))
        for id_, score in reading.readings.items()
    )
    case = Case(id=reading.key, facts=facts, options=options, recommendation=reading.recommendation)
    place = f"{reading.plan.file}, {reading.plan.sheet}" if reading.plan.sheet else reading.plan.file
    subject = f"{reading.plan.file}#{reading.plan.sheet}#{reading.column.index}|{reading.column.header}"
    about = f"{reading.text!r} in the column" if reading.text is not None else "the column"
    return Contest(case, subject, f"How is {about} {reading.column.header!r} of {place} to be read?")


def _weigh_dates(reading: TwoReadings, as_of: date | None) -> dict[str, float]:
    """A past event can't lie after the inventory; who writes decimal commas writes the day first."""
    signals: dict[str, float] = {}
    if as_of is not None and reading.column.attribute in _PAST:
        for option in (MONTH_FIRST, DAY_FIRST):
            latest = reading.facts[f"latest_{option}"]
            if latest is None or latest > as_of:
                signals[option] = -_STRONG
    if reading.facts["decimal_comma"]:
        signals[DAY_FIRST] = signals.get(DAY_FIRST, 0.0) + _HABIT
    return signals


def _weigh_sizes(reading: TwoReadings, _as_of: date | None) -> dict[str, float]:
    """Memory counted in MiB comes in whole GiB; in GiB it is small for some machines and seldom above a TiB."""
    facts = reading.facts
    if (facts["whole_gib"] or 0) >= 0.8:
        return {MIB: _STRONG}
    return {GIB: _HABIT} if (facts["least"] or 0) < 64 else {}


def _weigh_words(reading: TwoReadings, _as_of: date | None) -> dict[str, float]:
    """Machines are often named after their environment."""
    words = [
        terms.find_term(reading.column.attribute or "", part)
        for name in reading.facts["names"]
        for part in re.split(r"[-_.\d ]+", name)
        if len(part) > 1
    ]
    named = {option: words.count(option) for option in reading.readings}
    total = len(reading.facts["names"])
    return {option: round(_STRONG * count / total, 3) for option, count in named.items() if total and count}
