"""People's edits of the plan: read from decisions, carried out in order; what no longer fits is left out, and said."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
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
    write_edit,
)


@dataclass(frozen=True)
class Pins:
    """What a new plan keeps of earlier edits: the wave of a unit, and its "not before"."""

    waves: dict[str, int] = field(default_factory=dict)
    not_before: dict[str, date | None] = field(default_factory=dict)


def read_batches(values: Iterable[Any]) -> tuple[list[list[Edit]], list[str]]:
    """Edits of decisions, oldest first, those of one decision together, and what could not be read.

    A value: {"edits": [...]} or one edit.
    """
    found: list[list[Edit]] = []
    wrong: list[str] = []
    for value in values:
        bodies = value.get("edits", [value]) if isinstance(value, Mapping) else [value]
        found.append([])
        for body in bodies:
            try:
                found[-1].append(parse_edit(body if isinstance(body, Mapping) else {}))
            except EditIsNotPossible as error:
                wrong.append(str(error))
    return found, wrong


def read_edits(values: Iterable[Any]) -> tuple[list[Edit], list[str]]:
    """The same, one after the other."""
    batches, wrong = read_batches(values)
    return [edit for batch in batches for edit in batch], wrong


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
    batches: Sequence[Sequence[Edit]],
) -> Edited:
    """Batch by batch, as they were checked: numbers of waves are those of the plan that the batch was made of."""
    instance = make_instance(placed, edges, read_waves(calendar), members)
    assignment = dict(placed.filter(pl.col("state") != "retained").select("natural_key", "wave").iter_rows())
    ignored: list[str] = []
    reasons = dict(calendar.drop_nulls("blackout_reason").select("wave", "blackout_reason").iter_rows())
    for batch in batches:
        answer, left_out = _evaluate(instance, assignment, batch)
        ignored += left_out
        instance, assignment = answer.instance, answer.assignment
        reasons = {answer.wave_numbers.get(wave, wave): why for wave, why in reasons.items()}
    after = _take_over(placed, instance, assignment)
    shut = {wave.index for wave in instance.waves if wave.blackout}
    reasons = {wave: why for wave, why in reasons.items() if wave in shut}
    return Edited(after, list_calendar(instance, after, reasons, {}), instance, ignored)


def _evaluate(
    instance: Instance, assignment: Mapping[str, int | None], batch: Sequence[Edit]
) -> tuple[EditAnswer, list[str]]:
    """With those of the batch that fit; why the others do not."""
    try:
        return evaluate_edits(instance, assignment, batch), []
    except EditIsNotPossible:
        fitting: list[Edit] = []
        left_out: list[str] = []
        for edit in batch:
            try:
                evaluate_edits(instance, assignment, [*fitting, edit])
                fitting.append(edit)
            except EditIsNotPossible as error:
                left_out.append(str(error))
        return evaluate_edits(instance, assignment, fitting), left_out


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
        "edits": [write_edit(edit) for edit in _name_waves(edits, assignment)],
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


def _name_waves(edits: Sequence[Edit], assignment: Mapping[str, int | None]) -> Iterator[Edit]:
    """A lock "where it is now" names that wave: the next plan may have put the unit elsewhere by then.

    Behind an edit that renumbers waves the number is not yet known; such a lock is the editor's to keep.
    """
    where, renumbered = dict(assignment), False
    for edit in edits:
        renumbered = renumbered or isinstance(edit, SplitEdit | MergeEdit)
        if isinstance(edit, MoveEdit):
            where[edit.application] = edit.wave
        if isinstance(edit, LockEdit) and edit.locked and not renumbered:
            where[edit.application] = edit.wave or where[edit.application]
            yield replace(edit, wave=where[edit.application])
        else:
            yield edit
