"""People's edits of the plan: read from decisions, carried out in order; what no longer fits is left out, and said."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

import polars as pl

from caravan_assessment.domain.planning.outcome import place
from caravan_assessment.domain.planning.problem import list_calendar, make_instance, read_waves
from caravan_assessment.domain.waves import (
    DateEdit,
    Edit,
    EditAnswer,
    EditIsNotPossible,
    Instance,
    LockEdit,
    MergeEdit,
    MoveEdit,
    SplitEdit,
    evaluate_edits,
    parse_edit,
)


@dataclass(frozen=True)
class Pins:
    """What a new plan keeps of earlier edits: the wave of a unit, and its "not before"."""

    waves: dict[str, int] = field(default_factory=dict)
    not_before: dict[str, date | None] = field(default_factory=dict)


def read_edits(values: Iterable[Any]) -> tuple[list[Edit], list[str]]:
    """Edits of decisions, oldest first, and what could not be read. A value: {"edits": [...]} or one edit."""
    found: list[Edit] = []
    wrong: list[str] = []
    for value in values:
        bodies = value.get("edits", [value]) if isinstance(value, Mapping) else [value]
        for body in bodies:
            try:
                found.append(parse_edit(body if isinstance(body, Mapping) else {}))
            except EditIsNotPossible as error:
                wrong.append(str(error))
    return found, wrong


def pin(edits: Sequence[Edit]) -> Pins:
    """Up to the first edit that renumbers waves: what follows it speaks of other numbers, and the editor keeps it."""
    pins = Pins()
    for edit in edits:
        if isinstance(edit, SplitEdit | MergeEdit):
            break
        if isinstance(edit, MoveEdit):
            pins.waves[edit.application] = edit.wave
        elif isinstance(edit, LockEdit) and not edit.locked:
            pins.waves.pop(edit.application, None)
        elif isinstance(edit, LockEdit) and edit.wave is not None:
            pins.waves[edit.application] = edit.wave
        elif isinstance(edit, DateEdit) and edit.application is not None:
            pins.not_before[edit.application] = edit.not_before
    return pins


@dataclass(frozen=True)
class Edited:
    """The plan after edits: units with waves, calendar, problem, edits that were left out and why."""

    placed: pl.DataFrame
    calendar: pl.DataFrame
    instance: Instance
    ignored: list[str]


def carry_out(
    placed: pl.DataFrame,
    calendar: pl.DataFrame,
    edges: pl.DataFrame,
    members: pl.DataFrame,
    edits: Sequence[Edit],
) -> Edited:
    """Each edit by itself, in order: numbers of waves are those of the plan as it was when the edit was made."""
    instance = make_instance(placed, edges, read_waves(calendar), members)
    assignment = dict(placed.filter(pl.col("state") != "retained").select("natural_key", "wave").iter_rows())
    ignored: list[str] = []
    reasons = dict(calendar.drop_nulls("blackout_reason").select("wave", "blackout_reason").iter_rows())
    for edit in edits:
        try:
            answer = evaluate_edits(instance, assignment, [edit])
        except EditIsNotPossible as error:
            ignored.append(str(error))
            continue
        instance, assignment = answer.instance, answer.assignment
        reasons = {answer.wave_numbers.get(wave, wave): why for wave, why in reasons.items()}
    after = _take_over(placed, instance, assignment)
    return Edited(after, list_calendar(instance, after, reasons, {}), instance, ignored)


def _take_over(
    placed: pl.DataFrame, instance: Instance, assignment: Mapping[str, int | None]
) -> pl.DataFrame:
    """Waves, locks and dates of the problem back into the table."""
    groups = dict(placed.select("natural_key", "group").iter_rows())
    rows = [(unit.key, unit.locked, unit.not_before) for unit in instance.units]
    schema = {"natural_key": pl.String, "new_lock": pl.Int64, "new_date": pl.Date}
    kept = pl.DataFrame(rows, schema=schema, orient="row").with_columns(edited=pl.lit(True))
    joined = placed.join(kept, on="natural_key", how="left", maintain_order="left").with_columns(
        locked_wave=pl.when("edited").then("new_lock").otherwise("locked_wave"),
        not_before=pl.when("edited").then("new_date").otherwise("not_before"),
    )
    fresh = joined.with_columns(locked=pl.col("locked_wave").is_not_null()).drop(
        "new_lock", "new_date", "edited"
    )
    return place(fresh, assignment, groups)


def answer_edits(edited: Edited, edits: Sequence[Edit]) -> tuple[dict[str, Any], EditAnswer]:
    """What the API answers: violations by kind, cut before and after, load, dates. Raises EditIsNotPossible."""
    assignment = dict(
        edited.placed.filter(pl.col("state") != "retained").select("natural_key", "wave").iter_rows()
    )
    answer = evaluate_edits(edited.instance, assignment, edits)
    result = {
        "violations": answer.violations,
        "caused": answer.caused,
        "cut_before": round(answer.cut_before, 3),
        "cut_after": round(answer.cut_after, 3),
        "load": answer.load,
        "dates": [
            {name: str(value) if name != "wave" else value for name, value in row.items()}
            for row in answer.dates
        ],
        "wave_numbers": {str(old): new for old, new in answer.wave_numbers.items()},
    }
    return result, answer
