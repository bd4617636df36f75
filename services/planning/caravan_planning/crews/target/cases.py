"""Targets that two ways fit, as cases; and the provider, where the cheapest is close or its price list old."""

from collections.abc import Sequence
from math import inf
from typing import Any

import polars as pl

from caravan_common.crews import Case, Option
from caravan_common.phases.judging import Contest, Settled
from caravan_planning.domain.target.choosing import Comparison
from caravan_planning.domain.target.settings import CHEAPEST, Settings

CREW = "target"
PROVIDER_CASE = "provider"
# The other way is worth this; the rules' choice leads by the difference in price, or by what the treatment is worth
# where it costs more.
_EVEN, _TREATMENT = 0.5, 0.1
# What the facts say beyond the price, on the same scale.
_TIGHT, _LICENCE, _EXTRA_WORK = 0.2, 0.15, 0.15
_CRITICAL = ("mission-critical", "high")
# Above it a peak leaves no room for the one that was not measured.
_TIGHT_PEAK = 75.0
_LABELS = {
    "right_sized": "the size in use",
    "like_for_like": "the size it has",
    "managed": "a managed database",
}
SETTLED = pl.Schema(
    {
        "asset_key": pl.String(),
        "option": pl.String(),
        "decided_by": pl.String(),
        "option_reason": pl.String(),
    }
)


def make_contests(contested: pl.DataFrame) -> list[Contest]:
    """A contest per row of `find_contested`."""
    return [_contest(row) for row in contested.iter_rows(named=True)]


def make_provider_contest(compared: Sequence[Comparison], settings: Settings) -> list[Contest]:
    """One, where nobody chose the provider and the cheapest is close to the next, or known by older prices than
    another; else none.

    Old prices speak against a provider by no more than what counts as close: where the price decides, its age doesn't,
    and it is a person who is asked.
    """
    priced = [each for each in compared if each.month]
    if settings.provider != CHEAPEST or len(priced) < 2:
        return []
    old = {each.provider: each.old_share or 0.0 for each in priced}
    first, second = priced[0], priced[1]
    near = _share_above(second, first) < settings.contested_percent / 100
    if not near and old[first.provider] <= min(old.values()):
        return []
    options = tuple(
        Option(id=each.provider, label=each.provider, score=round((first.month or 0) / (each.month or 1), 4))
        for each in priced
    )
    least = min(old.values())
    weighed = {
        name: round(-(share - least) * settings.contested_percent / 100, 4) for name, share in old.items()
    }
    signals = {name: weight for name, weight in weighed.items() if weight}
    facts: dict[str, Any] = {
        "right_sized_per_month": {each.provider: each.month for each in priced},
        "oldest_list_price": {each.provider: each.oldest for each in priced},
        "share_by_old_prices": old,
        "machines": first.machines,
        "signals": signals,
    }
    case = Case(id=PROVIDER_CASE, facts=facts, options=options, recommendation=first.provider)
    text = "Which provider's machines are planned with?"
    return [Contest(case, PROVIDER_CASE, text, weight=inf)]  # every price hangs on it


def read_settled(settled: Sequence[Settled]) -> pl.DataFrame:
    """SETTLED: what crew or person chose; what stays with the rules is not among it."""
    rows = [
        {
            "asset_key": each.contest.subject,
            "option": each.option,
            "decided_by": each.judgement.decided_by.value,
            "option_reason": "; ".join(each.judgement.reasons) or "no reason given",
        }
        for each in settled
        if each.judgement.decided_by.value != "rule"
    ]
    return pl.DataFrame(rows, schema=SETTLED)


def _contest(row: dict[str, Any]) -> Contest:
    better = row["recommended_month"] is None or (row["other_month"] or 0) >= row["recommended_month"]
    lead = row["margin"] if better else _TREATMENT
    options = (
        Option(id=row["recommended"], label=_LABELS[row["recommended"]], score=round(_EVEN + lead, 4)),
        Option(id=row["other"], label=_LABELS[row["other"]], score=_EVEN),
    )
    facts = {name: value for name, value in row.items() if name not in ("natural_key", "margin")}
    facts["signals"] = _weigh(row) if better else _add_price(_weigh(row), row)
    case = Case(id=row["natural_key"], facts=facts, options=options, recommendation=row["recommended"])
    text = f"Does {row['name'] or row['natural_key']} get {_LABELS[row['recommended']]} or {_LABELS[row['other']]}?"
    # By as much a month do the two ways differ.
    weight = abs((row["other_month"] or 0.0) - (row["recommended_month"] or 0.0))
    return Contest(case, row["natural_key"], text, weight)


def _weigh(row: dict[str, Any]) -> dict[str, float]:
    """A critical machine that runs close to its size keeps it; a bound licence speaks for a machine; rehost against a
    change of service."""
    if row["kind"] == "size":
        peak = max(row["cpu_peak"] or 0.0, row["memory_peak"] or 0.0)
        tight = row["criticality"] in _CRITICAL and peak >= _TIGHT_PEAK
        return {"like_for_like": _TIGHT} if tight or row["cpu_basis"] == "avg" else {}
    if row["kind"] == "licence":
        return {"right_sized": _LICENCE}
    return {"managed": -_EXTRA_WORK} if row["treatment"] == "rehost" else {}


def _add_price(signals: dict[str, float], row: dict[str, Any]) -> dict[str, float]:
    """The other way is cheaper: that speaks for it by as much as the prices differ."""
    return signals | {row["other"]: round(signals.get(row["other"], 0.0) + row["margin"], 4)}


def _share_above(second: Comparison, first: Comparison) -> float:
    return ((second.month or 0.0) - (first.month or 0.0)) / (second.month or 1.0)
