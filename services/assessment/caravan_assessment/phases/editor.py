"""The plan in force: the planned waves with people's edits on top, checked. Also answers what an edit would cause."""

from collections.abc import Mapping, Sequence

import polars as pl

from caravan_assessment.domain.planning.editing import (
    Edited,
    answer_edits,
    carry_out,
    read_batches,
    read_edits,
)
from caravan_assessment.domain.planning.outcome import give_reasons, sum_up_plan
from caravan_assessment.domain.planning.schema import ASSET_WAVES, WAVES, name_wave
from caravan_assessment.domain.portfolio.schema import TARGET, conform
from caravan_assessment.domain.treatment.ruleset import load_ruleset
from caravan_assessment.domain.waves import EditIsNotPossible
from caravan_common.contracts import DecidedBy, DecisionKind, HumanDecision, PhaseError
from caravan_common.phases import Dataset, PhaseContext, PhaseResult
from caravan_common.worker import EditContext, EditResult


def run(context: PhaseContext) -> PhaseResult:
    """wave_assignments, wave_calendar, application_edges, members, treatments → waves, plan_calendar, asset_waves."""
    edited, count, wrong = edit_plan(context.inputs, context.decisions)
    waves = _list_waves(edited, context.inputs["application_edges"].read())
    targets = context.inputs["members"].read().filter(pl.col("role") == TARGET)
    person = int(waves["locked"].sum())
    return PhaseResult(
        datasets={
            "waves": waves,
            "plan_calendar": edited.calendar,
            "asset_waves": _per_asset(
                waves,
                context.inputs["asset_treatments"].read(),
                context.inputs["treatments"].read(),
            ),
        },
        summary={
            "waves": sum_up_plan(edited.instance, waves, targets),
            "edits": {"carried_out": count - len(edited.ignored), "ignored": [*wrong, *edited.ignored]},
        },
        decided_by=DecidedBy(rule=waves.height - person, person=person),
    )


def evaluate(context: EditContext) -> EditResult:
    """What the edits would cause, were they accepted now. Raises PhaseError `edit_not_possible`."""
    edited, _, _ = edit_plan(context.inputs, context.decisions)
    edits, wrong = read_edits([{"edits": list(context.edits)}])
    if wrong:
        raise PhaseError("edit_not_possible", f"{wrong[0]}.")
    try:
        result, _ = answer_edits(edited, edits)
    except EditIsNotPossible as error:
        raise PhaseError("edit_not_possible", f"{error}.") from error
    return EditResult(result=result)


def edit_plan(
    inputs: Mapping[str, Dataset], decisions: Sequence[HumanDecision]
) -> tuple[Edited, int, list[str]]:
    """The plan with the edits in force, how many there are, and those that could not be read."""
    batches, wrong = read_batches(d.value for d in decisions if d.kind is DecisionKind.EDIT)
    members = inputs["members"].read().filter(pl.col("role") == TARGET)
    edited = carry_out(
        inputs["wave_assignments"].read(),
        inputs["wave_calendar"].read(),
        inputs["application_edges"].read(),
        members,
        batches,
    )
    return edited, sum(len(batch) for batch in batches), wrong


def _list_waves(edited: Edited, edges: pl.DataFrame) -> pl.DataFrame:
    """WAVES: with the dates of each unit's wave, and reasons that name the waves as they are now."""
    dates = edited.calendar.select("wave", "starts", "ends", wave_name="name")
    rows = give_reasons(edited.placed, edges).join(dates, on="wave", how="left", maintain_order="left")
    return conform(rows, WAVES).sort("natural_key")


def _per_asset(waves: pl.DataFrame, assets: pl.DataFrame, treatments: pl.DataFrame) -> pl.DataFrame:
    """The wave of each asset, and how early its unit deserves to move."""
    levels = load_ruleset().data["priority_levels"]
    level = (
        pl.when(pl.col("priority") >= levels["high"])
        .then(pl.lit("high"))
        .when(pl.col("priority") >= levels["medium"])
        .then(pl.lit("medium"))
        .otherwise(pl.lit("low"))
    )
    chosen = waves.join(treatments.select("natural_key", "priority"), on="natural_key", how="left").select(
        application="natural_key",
        wave=name_wave(pl.col("wave")),
        migration_priority=pl.when(pl.col("wave").is_not_null()).then(level),
    )
    # A target that no cloud can take stays where it is, whatever wave the rest of its unit has.
    stays = pl.col("treatment") == "retain"
    rows = (
        assets.select("natural_key", "application", "treatment")
        .join(chosen, on="application")
        .with_columns(
            pl.when(~stays).then(pl.col("wave", "migration_priority")),
            source_entities=pl.concat_list("application"),
        )
    )
    return conform(rows, ASSET_WAVES).sort("natural_key")
