"""Machines that look alike as cases: both sides by side, and what agrees or contradicts. The verdict is advice only."""

from collections.abc import Sequence
from typing import Any

import polars as pl

from caravan_common.contracts import Question
from caravan_common.crews import Case, Judges, Option
from caravan_common.phases.judging import Contest, Settled
from caravan_discovery.domain.inventory.lookalikes import DIFFERENT, SAME, question_key

CREW = "identity"
# What equal and what different values say for one machine; a missing one says nothing.
_WEIGHTS = {
    "fqdn": (0.35, -0.3),
    "ip_addresses": (0.3, -0.25),
    "operating_system": (0.05, -0.25),
    "application_name": (0.15, -0.2),
    "environment": (0.05, -0.1),
    "cpu_cores": (0.1, -0.15),
    "memory_gb": (0.1, -0.15),
    "serial_number": (0.3, -0.3),
    "location": (0.05, -0.1),
}
_SHOWN = ("name", "sources", "asset_type", *_WEIGHTS)
_SCORES = {DIFFERENT: 0.6, SAME: 0.4}
_LABELS = {DIFFERENT: "Two machines", SAME: "One machine"}


def contested_pairs(pairs: pl.DataFrame) -> pl.DataFrame:
    """The pairs of `find_lookalikes` as natural_key, margin, left, right, name, why."""
    key = pl.format("same|{}|{}", "left", "right")
    return pairs.with_columns(natural_key=key, margin=pl.lit(_SCORES[DIFFERENT] - _SCORES[SAME]))


def make_contests(picked: pl.DataFrame, assets: pl.LazyFrame) -> list[Contest]:
    """A contest per pair. `assets` as the inventory built them; only those of the pairs are read."""
    if picked.is_empty():
        return []
    keys = pl.concat([picked["left"], picked["right"]]).unique().implode()
    rows = assets.filter(pl.col("natural_key").is_in(keys)).select("natural_key", *_SHOWN).collect()
    known = {row.pop("natural_key"): row for row in rows.iter_rows(named=True)}
    return [
        _contest(row, known[row["left"]], known[row["right"]])
        for row in picked.iter_rows(named=True)
        if row["left"] in known and row["right"] in known
    ]


def _contest(row: dict[str, Any], left: dict[str, Any], right: dict[str, Any]) -> Contest:
    agree = [name for name in _WEIGHTS if _compare(left[name], right[name]) is True]
    differ = [name for name in _WEIGHTS if _compare(left[name], right[name]) is False]
    signal = sum(_WEIGHTS[name][0] for name in agree) + sum(_WEIGHTS[name][1] for name in differ)
    case = Case(
        id=question_key(row["left"], row["right"]),
        facts={
            "left": _filled(left),
            "right": _filled(right),
            "why": row["why"],
            "agree": agree,
            "differ": differ,
            "signals": {SAME: round(signal, 3)},
        },
        options=tuple(Option(id=id_, label=_LABELS[id_], score=score) for id_, score in _SCORES.items()),
        recommendation=DIFFERENT,
    )
    return Contest(case, row["left"], f"Two sources name a machine {row['name']}. Is it the same one?")


def _compare(left: Any, right: Any) -> bool | None:
    if left is None or right is None or left == [] or right == []:
        return None
    if isinstance(left, list):
        return bool(set(left) & set(right))
    return str(left).casefold() == str(right).casefold()


def _filled(row: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in row.items() if value not in (None, [])}


def add_advice(questions: Sequence[Question], settled: Sequence[Settled]) -> list[Question]:
    """The questions with what the crew advises, those it takes for one machine first.

    The recommendation stays `different`: it stands where nobody answers, and only a person joins machines.
    """
    heard = {each.contest.case.id: each for each in settled if each.judgement.decided_by is Judges.CREW}
    advised = [_advise(question, heard.get(question.key)) for question in questions]
    return sorted(advised, key=lambda question: -_sameness(heard.get(question.key)))


def _sameness(each: Settled | None) -> float:
    if each is None:
        return 0.0
    return each.judgement.confidence * (1 if each.option == SAME else -1)


def _advise(question: Question, each: Settled | None) -> Question:
    if each is None:
        return question
    facts = each.contest.case.facts
    told = {
        "advice": each.option,
        "confidence": each.judgement.confidence,
        "reasons": list(each.judgement.reasons),
        **{name: facts[name] for name in ("agree", "differ")},
    }
    return question.model_copy(update={"facts": {**question.facts, **told}, "decided_by": Judges.CREW.value})
