"""Brings every accepted cell to its canonical form, and logs what was changed and what is wrong."""

from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from functools import partial
from typing import Any

import polars as pl

from caravan_common.contracts import DecisionKind
from caravan_common.phases import PhaseContext, PhaseResult, judging, map_ahead
from caravan_discovery.crews.cleansing.cases import CREW, contested_readings, make_contest
from caravan_discovery.domain.cleansing import (
    SheetPlan,
    build_plans,
    clean_batch,
    measure_columns,
    new_caches,
)
from caravan_discovery.domain.cleansing.journal import CHANGE_SCHEMA, UNREAD, Journal
from caravan_discovery.domain.cleansing.readings import apply_readings, find_readings
from caravan_discovery.domain.cleansing.schema import clean_rows_schema
from caravan_discovery.domain.cleansing.targets import list_targets
from caravan_discovery.domain.parts import PART_ROWS, Parts
from caravan_discovery.domain.places import PLACE, find_ranges
from caravan_discovery.writing import write_batches

ISSUES = pl.Schema(
    {
        "natural_key": pl.String,
        "subject": pl.String,
        "attribute": pl.String,
        "severity": pl.String,
        "code": pl.String,
        "rule": pl.String,
        "old": pl.String,
        "new": pl.String,
        "count": pl.Int64,
    }
)


_MOST_UNREAD = 50


class _Totals:
    """Counts over all batches: what the summary says."""

    def __init__(self) -> None:
        self.filled: Counter[str] = Counter()
        self.faulty: Counter[str] = Counter()
        self.codes: Counter[str] = Counter()
        self.severities: Counter[str] = Counter()
        # By file, sheet, attribute and code: how many, and the first row.
        self.unread: dict[tuple[str, str, str, str], tuple[int, int]] = {}
        self.quality = 0.0
        self.rows = 0

    def add(self, rows: pl.DataFrame, journal: Journal) -> None:
        self.rows += rows.height
        self.quality += float(rows["quality_score"].sum())
        issues = journal.issues()
        for name, counter in (
            ("attribute", self.faulty),
            ("code", self.codes),
            ("severity", self.severities),
        ):
            counter.update(dict(issues[name].value_counts().iter_rows()))
        lost = issues.filter(pl.col("code").is_in(UNREAD))
        for *key, count, row in (
            lost.group_by("file", "sheet", "attribute", "code")
            .agg(pl.len(), pl.col("row_number").min())
            .iter_rows()
        ):
            known, first = self.unread.get(tuple(key), (0, row))
            self.unread[tuple(key)] = (known + count, min(first, row))
        self.filled.update({name: rows.height - rows[name].null_count() for name in rows.columns[5:]})

    def summary(self, changes: int) -> dict[str, Any]:
        attributes = {
            name: round(1 - min(count, self.filled[name] + count) / (self.filled[name] + count), 4)
            for name, count in sorted(self.faulty.items())
        }
        return {
            "cleansing": {
                "rows": self.rows,
                "changes": changes,
                "issues": sum(self.codes.values()),
                "by_code": dict(sorted(self.codes.items())),
                "by_severity": dict(sorted(self.severities.items())),
                "quality": round(self.quality / self.rows, 4) if self.rows else None,
                "quality_by_attribute": attributes,
            },
            "unread_values": self._unread(),
        }

    def _unread(self) -> list[dict[str, Any]]:
        """Most first. The values themselves are in the files: a summary is read by more people than those."""
        ranked = sorted(self.unread.items(), key=lambda item: (-item[1][0], item[0]))
        return [
            {
                "file": file,
                "sheet": sheet,
                "attribute": attribute,
                "code": code,
                "count": count,
                "first_row": row,
            }
            for (file, sheet, attribute, code), (count, row) in ranked[:_MOST_UNREAD]
        ]


def run(context: PhaseContext) -> PhaseResult:
    """raw_rows, source_columns, field_mappings → clean_rows, changes, cleansing_issues, column_targets."""
    raw = context.inputs["raw_rows"].scan()
    ranges = find_ranges(raw)
    plans, heard = _settle_readings(context, raw, ranges)
    found = _Found(
        Parts(context.scratch, "changes", CHANGE_SCHEMA), Parts(context.scratch, "issues", ISSUES), _Totals()
    )
    found.issues.add(_open_readings(heard))
    batches = _clean(
        context, raw, [(plan, *ranges.get((plan.file, plan.sheet), (0, 0))) for plan in plans], found
    )
    clean = write_batches(batches, clean_rows_schema(plans), context.scratch / "clean_rows.parquet")
    return PhaseResult(
        datasets={
            "clean_rows": clean,
            "changes": found.changes.stream(),
            "cleansing_issues": found.issues.scan(),
            "column_targets": list_targets(plans),
            "cleansing_judgements": heard.rows(),
        },
        summary={**found.totals.summary(found.changes.rows), "judged_cleansing": heard.summary()},
        questions=judging.ask_where_unsure(heard.settled),
        decided_by=judging.count_deciders(heard.settled, others=found.totals.rows),
    )


@dataclass(frozen=True)
class _Found:
    """What is told of the rows beside themselves."""

    changes: Parts
    issues: Parts
    totals: _Totals


def _clean(
    context: PhaseContext, raw: pl.LazyFrame, sheets: list[tuple[SheetPlan, int, int]], found: _Found
) -> Iterator[pl.DataFrame]:
    """The cleaned rows of all sheets (plan, first row, rows) by batches, each after what it adds to `found`."""
    caches, total = new_caches(), sum(length for _, _, length in sheets) or 1
    for plan, start, length in sheets:
        if not length:
            continue
        uniform: dict[tuple[str, str], int] = defaultdict(int)
        clean_one = partial(clean_batch, plan, caches=caches)
        for rows, journal in map_ahead(clean_one, _read_batches(raw, start, length)):
            found.changes.add(journal.changes())
            found.issues.add(_key_issues(journal.issues()))
            found.totals.add(rows, journal)
            for key, count in journal.uniform.items():
                uniform[key] += count
            context.progress(found.totals.rows / total, plan.file)
            yield _dress(plan, rows)
        found.changes.add(_uniform_changes(plan, uniform))
        found.issues.add(_uniform_issues(plan, uniform))


def _settle_readings(
    context: PhaseContext, raw: pl.LazyFrame, ranges: dict[tuple[str, str], tuple[int, int]]
) -> tuple[list[SheetPlan], judging.Heard]:
    """Plans with the formats of their columns measured, and with what columns leave open settled."""
    measured, found = [], []
    for plan in build_plans(context.inputs["source_columns"].read(), context.inputs["field_mappings"].read()):
        start, length = ranges.get((plan.file, plan.sheet), (0, 0))
        rows = raw.slice(start, length)
        measured.append(measure_columns(plan, rows) if length else plan)
        found += find_readings(measured[-1], rows) if length else []
    decided = context.decided(DecisionKind.ANSWER)
    picked, unheard = judging.pick_cases(contested_readings(found), decided)
    by_key = {each.key: each for each in found}
    open_readings = [by_key[key] for key in picked["natural_key"]]
    contests = [make_contest(each, _read_as_of(context)) for each in open_readings]
    settled = judging.settle(context.judge, CREW, contests, decided)
    chosen = [
        (reading, each.option, each.judgement.decided_by.value)
        for reading, each in zip(open_readings, settled, strict=True)
    ]
    return [apply_readings(plan, chosen) for plan in measured], judging.Heard(CREW, settled, unheard)


def _read_as_of(context: PhaseContext) -> date | None:
    try:
        return date.fromisoformat(str(context.configuration.get("as_of"))[:10])
    except ValueError:
        return None


def _read_batches(raw: pl.LazyFrame, start: int, length: int) -> Iterator[pl.DataFrame]:
    for offset in range(start, start + length, PART_ROWS):
        size = min(PART_ROWS, start + length - offset)
        yield raw.slice(offset, size).select("row_number", "record_kind", "cells").collect()


def _dress(plan: SheetPlan, rows: pl.DataFrame) -> pl.DataFrame:
    return rows.with_columns(
        file=pl.lit(plan.file),
        sheet=pl.lit(plan.sheet),
        source=pl.lit(plan.source),
        format=pl.lit(plan.format),
        says_virtual=pl.lit(plan.says_virtual),
    )


def _key_issues(found: pl.DataFrame) -> pl.DataFrame:
    subject = PLACE
    return found.with_columns(
        subject=subject,
        natural_key=pl.format("{}#{}#{}", subject, "attribute", "code"),
        count=pl.lit(1, pl.Int64),
    ).unique("natural_key", keep="first", maintain_order=True)


def _open_readings(heard: judging.Heard) -> pl.DataFrame:
    """What could be read in two ways is flagged once, whoever settled it."""
    rows = []
    for each in heard.settled:
        facts = each.contest.case.facts
        rows.append(
            {
                "natural_key": f"{each.contest.case.id}#two_readings",
                "subject": each.contest.subject,
                "attribute": facts["attribute"],
                "severity": "low",
                "code": "two_readings",
                "rule": f"{each.judgement.decided_by.value} among {', '.join(sorted(each.contest.case.option_ids))}",
                "old": facts.get("value"),
                "new": each.option,
                "count": facts["rows"],
            }
        )
    return pl.DataFrame(rows, schema=ISSUES)


def _uniform_changes(plan: SheetPlan, uniform: dict[tuple[str, str], int]) -> pl.DataFrame:
    return pl.DataFrame(
        [
            {"file": plan.file, "sheet": plan.sheet, "attribute": attribute, "rule": rule, "count": count}
            for (attribute, rule), count in uniform.items()
        ],
        schema_overrides={"count": pl.Int64},
    )


def _uniform_issues(plan: SheetPlan, uniform: dict[tuple[str, str], int]) -> pl.DataFrame:
    """What was assumed for a whole column is flagged once."""
    return pl.DataFrame(
        [
            {
                "natural_key": f"{plan.file}#{plan.sheet}#{attribute}#fraction_assumed",
                "subject": f"{plan.file}#{plan.sheet}#{attribute}",
                "attribute": attribute,
                "severity": "low",
                "code": "fraction_assumed",
                "rule": rule,
                "count": count,
            }
            for (attribute, rule), count in uniform.items()
            if rule.startswith("fraction_to_percent")
        ],
        schema_overrides={"count": pl.Int64},
    )
