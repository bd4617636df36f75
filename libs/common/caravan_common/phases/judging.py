"""Contested cases of a phase: put before a crew, kept with how they were settled, and asked of a person where unsure.

It decides nothing itself. What a person answered comes first, then the crew, then the rules' recommendation.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import polars as pl

from caravan_common.contracts import DecidedBy, HumanDecision, Question, QuestionOption
from caravan_common.crews import Case, Judgement, Judges
from caravan_common.crews.delimiting import safe_value
from caravan_common.masking import mask_secrets
from caravan_common.phases import Judge

# A crew is asked about so many cases, those with the closest scores first; the rest stays with the rules and is
# counted. It bounds what a phase may cost, however large the estate.
MOST_CASES = 60
# People are asked about so many cases of weight: a session's work. The others stand as settled, listed among the
# judgements, and can be overridden like any result.
MOST_QUESTIONS = 15
# Below this a person is asked as well; until then what was settled stands.
SURE = 0.8

JUDGEMENTS = pl.Schema(
    {
        "natural_key": pl.String(),
        "crew": pl.String(),
        "subject": pl.String(),
        "text": pl.String(),
        "options": pl.List(pl.String()),
        "scores": pl.List(pl.Float64()),
        "recommendation": pl.String(),
        "option": pl.String(),
        "confidence": pl.Float64(),
        "decided_by": pl.String(),
        "differs": pl.Boolean(),
        "reasons": pl.List(pl.String()),
        "evidence": pl.List(pl.String()),
        "why_rule": pl.String(),
        "model": pl.String(),
        "prompt_version": pl.String(),
    }
)
JUDGEMENT_NOTES = {
    "crew": "crew that is asked about such cases",
    "subject": "natural_key of what the case is about",
    "text": "the case as a question",
    "options": "what may be chosen",
    "scores": "the rules' score of each option, 0 to 1",
    "recommendation": "what the rules recommend",
    "option": "what stands",
    "differs": "whether something else stands than the rules recommend",
    "reasons": "why, in the words of who decided",
    "evidence": "facts of the case that decided it",
    "why_rule": "why the rules' recommendation stands, where no crew was heard",
    "model": "model that judged",
    "prompt_version": "digest of everything in its prompt that is not data",
}
"""What their columns mean."""


@dataclass(frozen=True)
class Contest:
    """A case with what a person would be asked. `subject` is the natural key of what it is about, `weight` how much
    hangs on it: of more cases than are asked, the heaviest are."""

    case: Case
    subject: str
    text: str
    weight: float = 0.0


@dataclass(frozen=True)
class Settled:
    """What stands for a contest."""

    contest: Contest
    judgement: Judgement

    @property
    def option(self) -> str:
        return self.judgement.option

    @property
    def differs(self) -> bool:
        """Whether something else stands than the rules recommend."""
        return self.option != self.contest.case.recommendation

    @property
    def unsure(self) -> bool:
        return self.judgement.decided_by is not Judges.PERSON and self.judgement.confidence < SURE


def pick_cases(
    contested: pl.DataFrame, decided: Iterable[str], most: int = MOST_CASES
) -> tuple[pl.DataFrame, int]:
    """What is put before people and crews, by natural key, and how many rows stay with the rules unheard.

    `contested`: natural_key, margin between the rules' two best scores. What a person decided is always among it.
    """
    answered = pl.col("natural_key").is_in(list(decided))
    closest = contested.filter(~answered).sort("margin", "natural_key").head(most)
    picked = pl.concat([contested.filter(answered), closest]).sort("natural_key")
    return picked, contested.height - picked.height


def settle(
    judge: Judge, crew: str, contests: Sequence[Contest], decided: Mapping[str, HumanDecision]
) -> list[Settled]:
    """One per contest, in their order. `decided`: people's decisions by subject, which is the id of the case."""
    settled = {
        contest.case.id: _as_decided(contest, decided[contest.case.id])
        for contest in contests
        if contest.case.id in decided and _option(decided[contest.case.id]) in contest.case.option_ids
    }
    asked = [contest.case for contest in contests if contest.case.id not in settled]
    judged = judge(crew, asked) if asked else []
    settled |= {judgement.case_id: judgement for judgement in judged}
    return [Settled(contest, settled[contest.case.id]) for contest in contests]


def _option(decision: HumanDecision) -> str:
    value = decision.value
    return str(value.get("option") if isinstance(value, Mapping) else value)


def _as_decided(contest: Contest, decision: HumanDecision) -> Judgement:
    return Judgement(
        case_id=contest.case.id,
        option=_option(decision),
        confidence=1.0,
        decided_by=Judges.PERSON,
        reasons=(decision.reason or f"decided by {decision.actor}",),
    )


def list_judgements(crew: str, settled: Sequence[Settled]) -> pl.DataFrame:
    """JUDGEMENTS, one row per contest."""
    rows = [
        {
            "natural_key": f"{crew}:{each.contest.case.id}",
            "crew": crew,
            "subject": each.contest.subject,
            "text": mask_secrets(each.contest.text),
            "options": [option.id for option in each.contest.case.options],
            "scores": [option.score for option in each.contest.case.options],
            "recommendation": each.contest.case.recommendation,
            "option": each.option,
            "confidence": each.judgement.confidence,
            "decided_by": each.judgement.decided_by.value,
            "differs": each.differs,
            "reasons": list(each.judgement.reasons),
            "evidence": list(each.judgement.evidence),
            "why_rule": each.judgement.why_rule,
            "model": each.judgement.model,
            "prompt_version": each.judgement.prompt_version,
        }
        for each in settled
    ]
    return pl.DataFrame(rows, schema=JUDGEMENTS).sort("natural_key")


def ask_where_unsure(settled: Sequence[Settled], most: int = MOST_CASES) -> list[Question]:
    """A question per contest that nobody was sure about, recommending what stands: the heaviest first, then the least
    sure. What a person answered keeps its place, so that an answer brings no new question."""
    ranked = sorted(
        (each for each in settled if each.unsure or each.judgement.decided_by is Judges.PERSON),
        key=lambda each: (-each.contest.weight, each.judgement.confidence, each.contest.case.id),
    )
    return [
        Question(
            key=each.contest.case.id,
            subject=each.contest.subject,
            text=mask_secrets(each.contest.text),
            options=tuple(
                QuestionOption(id=option.id, label=option.label, score=option.score)
                for option in each.contest.case.options
            ),
            recommendation=each.option,
            facts={
                **{
                    name: safe_value(value)
                    for name, value in each.contest.case.facts.items()
                    if name != "signals"
                },
                "reasons": list(each.judgement.reasons),
            },
            blocking=False,
            decided_by=each.judgement.decided_by.value,
        )
        for each in ranked[:most]
        if each.unsure
    ]


def count_deciders(settled: Sequence[Settled], others: int = 0) -> DecidedBy:
    """How many contests each kind of judge settled; with `others`, what besides was settled by rule."""
    counts = {
        judge.value: sum(each.judgement.decided_by is judge for each in settled)
        for judge in (Judges.RULE, Judges.CREW, Judges.PERSON)
    }
    return DecidedBy(**{**counts, "rule": counts["rule"] + others})


def summarise(crew: str, settled: Sequence[Settled], not_asked: int) -> dict[str, Any]:
    """Contested cases, and of these: by the crew, by a person, against the rules, never put before the crew."""
    counts = count_deciders(settled)
    return {
        crew: {
            "cases": len(settled) + not_asked,
            "crew": counts.crew,
            "person": counts.person,
            "differs": sum(each.differs for each in settled),
            "not_asked": not_asked,
        }
    }


@dataclass(frozen=True)
class Heard:
    """What came of one crew's cases in a phase."""

    crew: str
    settled: Sequence[Settled]
    not_asked: int

    def rows(self) -> pl.DataFrame:
        return list_judgements(self.crew, self.settled)

    def summary(self) -> dict[str, Any]:
        return summarise(self.crew, self.settled, self.not_asked)
