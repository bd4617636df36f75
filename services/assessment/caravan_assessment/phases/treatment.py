"""The 6 Rs: a treatment for every unit, by rules and score; the contested by a crew; a person has the last word."""

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

import polars as pl

from caravan_assessment.crews.treatment.cases import CREW, case_id, make_contests
from caravan_assessment.domain.portfolio.readiness import read_observed_days
from caravan_assessment.domain.portfolio.schema import APPLICATION, conform
from caravan_assessment.domain.treatment.choosing import choose
from caravan_assessment.domain.treatment.deciding import Word, decide, match_patterns
from caravan_assessment.domain.treatment.parameters import add_parameters
from caravan_assessment.domain.treatment.reasons import word_reasons
from caravan_assessment.domain.treatment.rules import add_findings
from caravan_assessment.domain.treatment.ruleset import Ruleset, load_ruleset
from caravan_assessment.domain.treatment.schema import ASSET_TREATMENTS, TREATMENTS
from caravan_assessment.domain.treatment.scoring import add_scores
from caravan_common.contracts import DecidedBy, DecisionKind, HumanDecision
from caravan_common.crews import Judges
from caravan_common.crews.models import OFFLINE
from caravan_common.phases import Dataset, PhaseContext, PhaseResult, read_as_of
from caravan_common.phases.judging import MOST_QUESTIONS, Heard, Settled, ask_where_unsure, pick_cases, settle
from caravan_common.worker import VersionSummary


def run(context: PhaseContext) -> PhaseResult:
    """portfolio, members, application_edges, assets, learned → treatments, asset_treatments, treatment_judgements."""
    rules = load_ruleset()
    portfolio = context.inputs["portfolio"].read()
    judged = recommend(
        portfolio,
        context.inputs["application_edges"].read(),
        rules,
        read_as_of(context.configuration),
        _must_stay(context.configuration),
        read_observed_days(context.configuration),
    )
    context.progress(0.4, "scored")
    overrides, ignored = _read_overrides(context, judged, rules)
    patterns = _read_patterns(context, judged, rules, set(overrides))
    settled, not_asked = _settle(context, judged, {*overrides, *patterns})
    words = [*overrides.values(), *patterns.values(), *_read_verdicts(settled)]
    stands = decide(judged, words, rules)
    context.progress(0.7, "decided")
    treatments = _word(stands, rules)
    heard = Heard(CREW, settled, not_asked)
    return PhaseResult(
        datasets={
            "treatments": treatments,
            "asset_treatments": _per_asset(context, treatments),
            "treatment_judgements": heard.rows().with_columns(application="subject"),
        },
        summary=_summarise(treatments, heard, ignored, rules),
        questions=ask_where_unsure(settled, MOST_QUESTIONS),
        decided_by=DecidedBy(**Counter(treatments["decided_by"].to_list())),
    )


def recommend(
    portfolio: pl.DataFrame,
    edges: pl.DataFrame,
    rules: Ruleset,
    as_of: date,
    must_stay: Mapping[str, str],
    observed_days: int | None = None,
) -> pl.DataFrame:
    """The portfolio with parameters, findings, scores, and what the rules recommend of each unit."""
    facts = add_parameters(portfolio, rules, as_of)
    units = add_findings(facts, edges, rules, as_of, must_stay, observed_days)
    return choose(add_scores(units, rules), rules)


def _must_stay(configuration: Mapping[str, Any]) -> dict[str, str]:
    """`configuration["must_stay"]`: names, or names with the reason."""
    given = configuration.get("must_stay") or {}
    named = given if isinstance(given, Mapping) else dict.fromkeys(given, "no reason given")
    return {str(name).strip().lower(): str(reason) for name, reason in named.items()}


def _read_overrides(
    context: PhaseContext, units: pl.DataFrame, rules: Ruleset
) -> tuple[dict[str, Word], list[str]]:
    """The last word of people by unit, and the subjects of overrides that fit no unit or name no treatment."""
    known = set(units["natural_key"].to_list())
    found: dict[str, Word] = {}
    ignored: list[str] = []
    for subject, decision in sorted(context.decided(DecisionKind.OVERRIDE).items()):
        treatment = _choice(decision)
        if subject in known and treatment in rules.options:
            why = decision.reason or "no reason given"
            found[subject] = Word(subject, treatment, "person", 1.0, (f"decided by {decision.actor}: {why}",))
        else:
            ignored.append(subject)
    return found, ignored


def _choice(decision: HumanDecision) -> str:
    value = decision.value
    chosen = (value.get("treatment") or value.get("option")) if isinstance(value, Mapping) else value
    return str(chosen).strip().lower()


def _read_patterns(
    context: PhaseContext, units: pl.DataFrame, rules: Ruleset, taken: set[str]
) -> dict[str, Word]:
    """What this client decided before of units with such a name."""
    if "learned" not in context.inputs:
        return {}
    patterns = context.inputs["learned"].read().filter(pl.col("kind") == "treatment")
    matched = match_patterns(units, patterns.select("pattern", "value"), rules.options)
    sure = float(rules.data["confidence"]["learned"])
    return {
        key: Word(key, option, "learned", sure, (f"decided before for {pattern} by this client",))
        for key, option, pattern in matched.iter_rows()
        if key not in taken
    }


def _settle(context: PhaseContext, units: pl.DataFrame, taken: set[str]) -> tuple[Sequence[Settled], int]:
    """The contested units, the closest first; what a person answered is always among them."""
    answers = context.decided(DecisionKind.ANSWER)
    contested = units.filter("contested", ~pl.col("natural_key").is_in(sorted(taken)))
    answered = [key for key in contested["natural_key"] if case_id(key) in answers]
    picked, not_asked = pick_cases(contested, answered)
    return settle(context.judge, CREW, make_contests(picked), answers), not_asked


def _read_verdicts(settled: Sequence[Settled]) -> list[Word]:
    return [
        Word(
            each.contest.subject,
            each.option,
            each.judgement.decided_by.value,
            each.judgement.confidence,
            _say_why(each),
        )
        for each in settled
    ]


def _say_why(settled: Settled) -> tuple[str, ...]:
    """What a crew chose and why, beside what the rules recommend; in its own words, or in those of the facts where the
    offline model weighed by them."""
    judgement, recommended = settled.judgement, settled.contest.case.recommendation
    if judgement.decided_by is not Judges.CREW:
        return judgement.reasons
    offline = judgement.model in (None, OFFLINE)
    why = _say_signals(settled) if offline else "; ".join(judgement.reasons)
    if not settled.differs:
        return (f"the crew agrees with the rules: {why}",)
    return (f"the crew chose {settled.option}, the rules recommend {recommended}: {why}",)


def _say_signals(settled: Settled) -> str:
    """What speaks for the option, and against what it was preferred to."""
    case = settled.contest.case
    signals: Mapping[str, float] = case.facts["signals"]
    words: Mapping[str, Sequence[str]] = case.facts["signal_words"]
    others = [case.recommendation] if settled.differs else [option.id for option in case.options]
    favour = words[settled.option] if signals.get(settled.option, 0) > 0 else []
    against = [
        f"against {name}: {', '.join(words[name])}"
        for name in others
        if name != settled.option and signals.get(name, 0) < 0
    ]
    return "; ".join([*favour, *against]) or "its score"


def _word(units: pl.DataFrame, rules: Ruleset) -> pl.DataFrame:
    """TREATMENTS with the reasons of what stands."""
    worded = units.drop("against", strict=False).join(
        word_reasons(units, rules), on="natural_key", how="left", maintain_order="left"
    )
    weights, facts = rules.data["priority_weights"], pl.col("reasons").fill_null([])
    return conform(
        worded.with_columns(
            # A person's word is the reason; a crew's comes after the facts that speak for what it chose.
            reasons=pl.when(pl.col("decided_by") == Judges.CREW)
            .then(pl.concat_list(facts, "word_reasons"))
            .otherwise(pl.concat_list("word_reasons", facts)),
            contested_because=pl.when("contested", pl.col("treatment") != pl.col("recommended"))
            .then(pl.concat_list(pl.format("the rules recommend {}", "recommended"), "contested_because"))
            .otherwise("contested_because"),
            priority=pl.sum_horizontal(pl.col(name) * weight for name, weight in weights.items()).round(3),
            ruleset_version=pl.lit(rules.version),
            application="natural_key",
        ),
        TREATMENTS,
    ).sort("natural_key")


def _per_asset(context: PhaseContext, treatments: pl.DataFrame) -> pl.DataFrame:
    """A target that no cloud can take stays, whatever becomes of the rest of its unit."""
    blocked = (
        context.inputs["assets"]
        .scan()
        .filter(pl.col("is_target"), pl.col("blocked_reason").is_not_null())
        .select(natural_key="natural_key", blocked=pl.lit(True))
        .collect()
    )
    chosen = treatments.select(
        application="natural_key", treatment="treatment", treatment_confidence="confidence"
    )
    held = context.inputs["members"].read().select("application", natural_key="asset_key")
    own = treatments.filter(pl.col("kind") == APPLICATION).select(
        application="natural_key", natural_key="natural_key"
    )
    rows = (
        pl.concat([held, own])
        .unique("natural_key", keep="first", maintain_order=True)
        .join(chosen, on="application")
        .join(blocked, on="natural_key", how="left")
        .with_columns(
            treatment=pl.when(pl.col("blocked").fill_null(False))
            .then(pl.lit("retain"))
            .otherwise("treatment"),
            source_entities=pl.concat_list("application"),
        )
    )
    return conform(rows, ASSET_TREATMENTS).sort("natural_key")


def _count_contested(treatments: pl.DataFrame) -> dict[str, int]:
    """By what: a choice by score that is close, a rule against which something speaks, signs that it is unused."""
    contested = treatments.filter("contested")
    close = (
        pl.col("contested_because")
        .list.eval(pl.element().str.contains(r"^(one point |the two best )"))
        .list.any()
    )
    by_rule = pl.col("rule").is_not_null()
    return {
        "close": contested.filter(close, ~by_rule).height,
        "rule": contested.filter(by_rule).height,
        "unused": contested.filter(~close, ~by_rule).height,
    }


def _summarise(treatments: pl.DataFrame, heard: Heard, ignored: list[str], rules: Ruleset) -> dict[str, Any]:
    return {
        "treatments": _count(treatments),
        "ruleset_version": rules.version,
        "overrides_without_effect": ignored,
        "judgements": heard.summary(),
    }


def _count(treatments: pl.DataFrame) -> dict[str, Any]:
    counts = dict(treatments["treatment"].value_counts(sort=False).sort("treatment").iter_rows())
    by_targets = treatments.group_by("treatment").agg(pl.col("targets").sum()).sort("treatment")
    return {
        "counts": counts,
        "contested": int(treatments["contested"].sum()),
        "contested_by": _count_contested(treatments),
        "overridden": int((treatments["decided_by"] == "person").sum()),
        "targets": dict(by_targets.iter_rows()),
        "total_targets": int(treatments["targets"].sum()),
    }


def summarise_version(datasets: Mapping[str, Dataset]) -> VersionSummary:
    """What of the summary follows from the rows, after some of them were rolled back."""
    treatments = datasets["treatments"].read()
    judges = DecidedBy(**Counter(treatments["decided_by"].to_list()))
    return VersionSummary({"treatments": _count(treatments)}, judges)
