"""Phase attribute_mapping: what each source column means, by format, learning, synonym, likeness or values."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import PurePath
from typing import Any

import polars as pl

from caravan_common.contracts import (
    DecidedBy,
    DecisionKind,
    HumanDecision,
    PhaseError,
    Question,
    QuestionOption,
)
from caravan_common.crews import Case, Judgement, Judges, Option
from caravan_common.phases import PhaseContext, PhaseResult
from caravan_discovery.domain.mapping.context import OF_MACHINES
from caravan_discovery.domain.mapping.detect import (
    CUSTOM,
    THRESHOLD,
    Column,
    ColumnMapping,
    choose,
    map_table,
)
from caravan_discovery.domain.mapping.formats import Kind, header_key, kind_of
from caravan_discovery.domain.mapping.headers import words_of
from caravan_discovery.domain.mapping.members import NAMES, as_references, find_candidate, short_name
from caravan_discovery.domain.mapping.overlap import SIGNAL, known_values, shared_with
from caravan_discovery.domain.mapping.values import profile_columns
from caravan_discovery.domain.places import find_ranges

CREW = "mapping"
NONE = "none"
_SAMPLE_ROWS, _FEWEST_ROWS, _SAMPLE_CELLS = 1_000, 50, 20_000
_NEIGHBOURS = 24

FIELD_MAPPINGS = pl.Schema(
    {
        "natural_key": pl.String(),
        "file": pl.String(),
        "sheet": pl.String(),
        "column": pl.String(),
        "column_index": pl.Int64(),
        "source": pl.String(),
        "format": pl.String(),
        "record_kind": pl.String(),
        "attribute": pl.String(),
        "unit": pl.String(),
        "factor": pl.Float64(),
        "combine": pl.String(),
        "key_part": pl.Int64(),
        "confidence": pl.Float64(),
        "method": pl.String(),
        "evidence": pl.String(),
        "decided_by": pl.String(),
        "custom": pl.Boolean(),
    }
)


@dataclass(frozen=True)
class MappedColumn:
    """A row of source_columns with its meaning and who decided it."""

    source: Mapping[str, Any]
    mapping: ColumnMapping
    decided_by: Judges
    values: pl.Series

    @property
    def key(self) -> str:
        return natural_key(self.source)


def natural_key(column: Mapping[str, Any]) -> str:
    """`file#sheet#index|column`: the subject of decisions and questions about a column."""
    return f"{column['file']}#{column['sheet']}#{column['column_index']}|{column['column']}"


def run(context: PhaseContext) -> PhaseResult:
    """Dataset field_mappings, one row per source column, sorted by file, sheet, column_index.

    Raises PhaseError `unknown_attribute` when a person maps a column to no canonical attribute.
    """
    columns = context.inputs["source_columns"].read()
    learned = _learned(context)
    mapped: list[MappedColumn] = []
    raw = context.inputs["raw_rows"].scan()
    ranges = find_ranges(raw)
    for (file, sheet), group in columns.group_by("file", "sheet", maintain_order=True):
        context.progress(len(mapped) / max(1, columns.height), f"mapping {file} {sheet}".strip())
        start, length = ranges.get((str(file), str(sheet)), (0, 0))
        mapped.extend(_map_sheet(raw.slice(start, length), group.sort("column_index"), learned))
    mapped = _members_told_apart(context, mapped)
    mapped = _decided_by_people(mapped, context.decided(DecisionKind.MAPPING, DecisionKind.ANSWER))
    mapped, asked = _judged(mapped, context)
    rows = [_row(each) for each in mapped]
    return PhaseResult(
        datasets={
            "field_mappings": pl.DataFrame(rows, schema=FIELD_MAPPINGS).sort("file", "sheet", "column_index")
        },
        summary={
            "mappings": [
                {name: row[name] for name in ("file", "sheet", "column", "attribute", "confidence", "method")}
                for row in rows
            ]
        },
        questions=[_question(each) for each in asked],
        decided_by=_tally(mapped),
    )


def _learned(context: PhaseContext) -> dict[str, str]:
    """Attribute by header words, from the optional dataset `learned` (kind, pattern, value)."""
    if "learned" not in context.inputs:
        return {}
    patterns = context.inputs["learned"].read().filter(pl.col("kind") == "mapping")
    return {words_of(row["pattern"])[0]: row["value"] for row in patterns.iter_rows(named=True)}


def _map_sheet(rows: pl.LazyFrame, group: pl.DataFrame, learned: Mapping[str, str]) -> list[MappedColumn]:
    """`rows`: the sheet's raw rows; `group`: its columns in order."""
    sources = group.to_dicts()
    first = sources[0]
    sample = _sample(rows, len(sources))
    profiles = profile_columns(sample)
    columns = [
        Column(
            row["column_index"],
            row["column"],
            profiles[position],
            row["maximum"],
            sample[position],
        )
        for position, row in enumerate(sources)
    ]
    kind = kind_of(first["format"], first["record_kind"])
    title = first["sheet"] or PurePath(first["file"]).stem
    mappings = map_table(columns, kind, learned, title)
    return [
        MappedColumn(
            source, mapping, Judges.LEARNED if mapping.method == "learned" else Judges.RULE, sample[position]
        )
        for position, (source, mapping) in enumerate(zip(sources, mappings, strict=True))
    ]


def _members_told_apart(context: PhaseContext, mapped: Sequence[MappedColumn]) -> list[MappedColumn]:
    """Columns that name the machines of an application, once all tables are known."""
    sheets: dict[tuple[str, str], list[MappedColumn]] = {}
    for each in mapped:
        sheets.setdefault((each.source["file"], each.source["sheet"]), []).append(each)
    changed: dict[str, ColumnMapping] = {}
    for place, columns in sheets.items():
        if kind_of(columns[0].source["format"], columns[0].source["record_kind"]) is not None:
            continue
        once = {
            each.mapping.index for each in columns if each.source["filled"] == each.source["distinct"] > 0
        }
        candidate = find_candidate([(each.mapping, each.values) for each in columns], once)
        if candidate is None:
            continue
        others = [each for other, its in sheets.items() if other != place for each in _naming(its)]
        known = _machines_among(context, candidate.tokens(), others)
        keys = {each.mapping.index: each.key for each in columns}
        changed |= {keys[mapping.index]: mapping for mapping in as_references(candidate, known)}
    return [replace(each, mapping=changed.get(each.key, each.mapping)) for each in mapped]


def _naming(columns: Sequence[MappedColumn]) -> list[MappedColumn]:
    """The columns that name the rows of a table of machines; none of any other table."""
    kind = kind_of(columns[0].source["format"], columns[0].source["record_kind"])
    attributes = {each.mapping.attribute for each in columns}
    if kind is None and not attributes & OF_MACHINES:
        return []
    return [each for each in columns if each.mapping.attribute in NAMES]


def _machines_among(
    context: PhaseContext, names: Collection[str], columns: Sequence[MappedColumn]
) -> set[str]:
    """Which of the names stand in the columns, in any row."""
    found: set[str] = set()
    for each in columns:
        cell = pl.col("cells").list.get(each.mapping.index, null_on_oob=True)
        rows = (
            context.inputs["raw_rows"]
            .scan()
            .filter((pl.col("file") == each.source["file"]) & (pl.col("sheet") == each.source["sheet"]))
            .select(name=short_name(cell))
            .filter(pl.col("name").is_in(sorted(names)))
        )
        found |= set(rows.unique().collect(engine="streaming")["name"].to_list())
    return found


def _sample(rows: pl.LazyFrame, width: int) -> list[pl.Series]:
    """The first accepted rows of a sheet, by column; fewer of a wide one."""
    most = max(_FEWEST_ROWS, min(_SAMPLE_ROWS, _SAMPLE_CELLS // max(1, width)))
    cells = rows.select("cells").head(most).collect()
    return cells.select(
        pl.col("cells").list.get(position).alias(f"c{position}") for position in range(width)
    ).get_columns()


def _decided_by_people(
    mapped: Sequence[MappedColumn], decisions: Mapping[str, HumanDecision]
) -> list[MappedColumn]:
    if not decisions:
        return list(mapped)
    return [_as_decided(each, decisions) for each in mapped]


def _as_decided(each: MappedColumn, decisions: Mapping[str, HumanDecision]) -> MappedColumn:
    said = [decisions[key] for key in (each.key, _question_key(each.key)) if key in decisions]
    if not said:
        return each
    decision = max(said, key=lambda each: each.number)
    value = decision.value.get("attribute") if isinstance(decision.value, Mapping) else decision.value
    attribute = None if value in (None, "", NONE, CUSTOM) else str(value)
    unit = decision.value.get("unit") if isinstance(decision.value, Mapping) else None
    try:
        mapping = choose(each.mapping, attribute, 1.0, "person", f"decided by {decision.actor}", unit)
    except ValueError as error:
        raise PhaseError("unknown_attribute", f"Column {each.key!r} can't be mapped: {error}.") from error
    return replace(each, mapping=mapping, decided_by=Judges.PERSON)


def _judged(
    mapped: Sequence[MappedColumn], context: PhaseContext
) -> tuple[list[MappedColumn], list[MappedColumn]]:
    """Contested columns as the crew settled them, and those of them that a person is asked about."""
    contested = {
        each.key: each for each in mapped if each.decided_by is Judges.RULE and each.mapping.contested
    }
    if not contested:
        return list(mapped), []
    neighbours = _neighbours(mapped)
    shared = shared_with(
        {key: each.values for key, each in contested.items()},
        known_values((each.mapping, each.values) for each in mapped),
    )
    cases = [
        _case(each, neighbours[each.source["file"], each.source["sheet"]], shared.get(key, {}))
        for key, each in contested.items()
    ]
    settled = {
        judgement.case_id: _as_judged(contested[judgement.case_id], judgement)
        for judgement in context.judge(CREW, cases)
    }
    judged = [settled.get(each.key, each) for each in mapped]
    return judged, [each for each in judged if each.key in contested and each.mapping.confidence < THRESHOLD]


def _neighbours(mapped: Sequence[MappedColumn]) -> dict[tuple[str, str], list[str]]:
    headers: dict[tuple[str, str], list[str]] = {}
    for each in mapped:
        headers.setdefault((each.source["file"], each.source["sheet"]), []).append(each.mapping.column)
    return headers


def _case(each: MappedColumn, headers: Sequence[str], known: Mapping[str, float]) -> Case:
    """`signals` are what the rest of the import says for an option, beyond header and values.

    `known`: the share of the column's values that stand under an attribute elsewhere.
    """
    shared = {
        one.attribute: known[one.attribute] for one in each.mapping.candidates if one.attribute in known
    }
    candidates = each.mapping.candidates
    options = [Option(id=one.attribute, label=one.evidence, score=one.score) for one in candidates]
    options.append(Option(id=NONE, label="keep it as a custom attribute", score=1 - candidates[0].score))
    return Case(
        id=each.key,
        facts={
            "header": each.mapping.column,
            "sheet": each.source["sheet"],
            "format": each.source["format"],
            "other_headers": [name for name in headers if name != each.mapping.column][:_NEIGHBOURS],
            "samples": each.source["samples"],
            "filled": each.source["filled"],
            "distinct": each.source["distinct"],
            "share_of_values_known_elsewhere": shared,
            "signals": {attribute: round(share * SIGNAL, 3) for attribute, share in shared.items()},
        },
        options=tuple(options),
        recommendation=each.mapping.attribute or NONE,
    )


def _as_judged(each: MappedColumn, judgement: Judgement) -> MappedColumn:
    if judgement.decided_by is not Judges.CREW:
        return each
    why = "; ".join(judgement.reasons) or "chosen among the candidates"
    attribute = None if judgement.option == NONE else judgement.option
    mapping = choose(each.mapping, attribute, judgement.confidence, "crew", why)
    return replace(each, mapping=mapping, decided_by=Judges.CREW)


def _question_key(key: str) -> str:
    return f"mapping:{key}"


def _question(each: MappedColumn) -> Question:
    candidates = each.mapping.candidates
    options = [QuestionOption(id=one.attribute, label=one.evidence, score=one.score) for one in candidates]
    options.append(QuestionOption(id=NONE, label="keep it as a custom attribute"))
    place = (
        f"{each.source['file']}, sheet {each.source['sheet']}"
        if each.source["sheet"]
        else each.source["file"]
    )
    return Question(
        key=_question_key(each.key),
        subject=each.key,
        text=f"What does the column {each.mapping.column!r} of {place} mean?",
        options=tuple(options),
        recommendation=each.mapping.attribute or NONE,
        facts={"samples": each.source["samples"], "evidence": each.mapping.evidence},
        decided_by=each.decided_by.value,
    )


def _row(each: MappedColumn) -> dict[str, Any]:
    source, mapping = each.source, each.mapping
    kind = kind_of(source["format"], source["record_kind"])
    return {
        "natural_key": each.key,
        "file": source["file"],
        "sheet": source["sheet"],
        "column": source["column"],
        "column_index": source["column_index"],
        "source": source["source"],
        "format": source["format"],
        "record_kind": source["record_kind"],
        "attribute": mapping.attribute,
        "unit": mapping.unit,
        "factor": mapping.factor,
        "combine": mapping.combine,
        "key_part": _key_part(kind, mapping.column),
        "confidence": mapping.confidence,
        "method": mapping.method,
        "evidence": mapping.evidence,
        "decided_by": each.decided_by.value,
        "custom": mapping.attribute is None,
    }


def _key_part(kind: Kind | None, column: str) -> int | None:
    """Which part of the source's own key the column is, from 1; null: none."""
    key = header_key(column)
    return kind.key.index(key) + 1 if kind is not None and key in kind.key else None


def _tally(mapped: Sequence[MappedColumn]) -> DecidedBy:
    counts = {judge.value: sum(1 for each in mapped if each.decided_by is judge) for judge in Judges}
    return DecidedBy(**counts)
