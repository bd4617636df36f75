"""Phase data_import: delivered files to rows of text, every row accepted or rejected with its reason."""

import json
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, fields, replace
from itertools import groupby
from typing import Any

import polars as pl

from caravan_common.contracts import DecidedBy, PhaseError
from caravan_common.phases import PhaseContext, PhaseResult, read_ahead
from caravan_discovery.domain.mapping.formats import kind_of
from caravan_discovery.domain.parts import Parts
from caravan_discovery.domain.reading.files import (
    DUPLICATE_FILE,
    UNREADABLE,
    DeliveredFile,
    Sheet,
    bound_to_vinfo,
    open_files,
    vinfo_keys,
)
from caravan_discovery.domain.reading.header import (
    LOOKUP_SHEET,
    NO_DATA,
    NO_HEADER,
    NOT_IMPORTED,
    PIVOT_SHEET,
    TOC_SHEET,
    TRANSPOSED_SHEET,
)
from caravan_discovery.domain.reading.notes import list_notes
from caravan_discovery.domain.reading.profile import TableProfile
from caravan_discovery.domain.reading.recognition import layout_of
from caravan_discovery.domain.reading.rows import RowRules
from caravan_discovery.domain.reading.source import Limits, UnreadableFile

_MOST_NAMED = 5
# Why a sheet is left aside, behind its name.
_LEFT_ASIDE = {
    NO_DATA: "holds no rows below a header",
    LOOKUP_SHEET: "is a list of choices",
    TOC_SHEET: "is a table of contents",
    NOT_IMPORTED: "says of itself that it is not to be imported",
    DUPLICATE_FILE: "is another delivered file again",
    NO_HEADER: "has no row that names its columns: put one above the data (Name, IP address, Operating system …)",
    PIVOT_SHEET: "is a pivot table: deliver the rows it sums up",
    TRANSPOSED_SHEET: "has its machines side by side: turn it so that each has a row (copy, then paste transposed)",
}
RAW_ROWS = pl.Schema(
    {
        "file": pl.String(),
        "file_sha256": pl.String(),
        "sheet": pl.String(),
        "row_number": pl.Int64(),
        "source": pl.String(),
        "format": pl.String(),
        "record_kind": pl.String(),
        "cells": pl.List(pl.String()),
    }
)
SOURCE_COLUMNS = pl.Schema(
    {
        "file": pl.String(),
        "sheet": pl.String(),
        "source": pl.String(),
        "format": pl.String(),
        "record_kind": pl.String(),
        "column_index": pl.Int64(),
        "column": pl.String(),
        "header_raw": pl.String(),
        "filled": pl.Int64(),
        "distinct": pl.Int64(),
        "maximum": pl.Float64(),
        "samples": pl.List(pl.String()),
    }
)
IMPORTS = pl.Schema(
    {
        "natural_key": pl.String(),
        "file": pl.String(),
        "file_sha256": pl.String(),
        "sheet": pl.String(),
        "format": pl.String(),
        "record_kind": pl.String(),
        "source": pl.String(),
        "encoding": pl.String(),
        "delimiter": pl.String(),
        "header_row": pl.Int64(),
        "rows": pl.Int64(),
        "accepted": pl.Int64(),
        "rejected": pl.Int64(),
        "reasons_json": pl.String(),
        "reason": pl.String(),
        "notes_json": pl.String(),
    }
)
REJECTED_ROWS = pl.Schema(
    {
        "natural_key": pl.String(),
        "file": pl.String(),
        "sheet": pl.String(),
        "row_number": pl.Int64(),
        "code": pl.String(),
        "column": pl.String(),
        "message": pl.String(),
        "cells": pl.String(),
    }
)


@dataclass
class SheetCounts:
    accepted: int = 0
    reasons: Counter[str] = field(default_factory=Counter)

    @property
    def rejected(self) -> int:
        return self.reasons.total()


@dataclass
class ImportedSheet:
    """What became of one sheet; `profile` null: it was not imported."""

    sheet: Sheet
    counts: SheetCounts = field(default_factory=SheetCounts)
    profile: TableProfile | None = None

    def add(self, accepted: pl.DataFrame, refused: pl.DataFrame) -> None:
        """Takes in one batch."""
        if self.profile is not None:
            self.profile.add(accepted)
        self.counts.accepted += accepted.height
        self.counts.reasons.update(dict(refused.group_by("code").len().iter_rows()))


def run(context: PhaseContext) -> PhaseResult:
    """Datasets raw_rows, source_columns, imports, rejected_rows, sorted by file, sheet, row.

    Raises PhaseError `no_readable_file` when no file holds a single table.
    """
    files = [DeliveredFile(upload.name, upload.path, upload.sha256) for upload in context.uploads]
    limits = _limits(context.configuration)
    sheets = open_files(files, limits, context.scratch)
    imported = [sheet for sheet in sheets if sheet.layout is not None]
    if not imported:
        raise PhaseError("no_readable_file", _nothing_to_read(sheets))
    raw = Parts(context.scratch, "raw_rows", RAW_ROWS)
    rejected = Parts(context.scratch, "rejected_rows", REJECTED_ROWS)
    entries: list[ImportedSheet] = []
    for position, (file, its_sheets) in enumerate(_by_file(sheets)):
        context.progress(position / len(sheets), f"reading {file}")
        entries.extend(_import_file(its_sheets, imported, raw, rejected, limits))
    if not any(entry.sheet.layout is not None for entry in entries):
        raise PhaseError("no_readable_file", _nothing_to_read([entry.sheet for entry in entries]))
    columns = [row for entry in entries for row in _columns_of(entry)]
    imports = [_import_row(entry) for entry in entries]
    return PhaseResult(
        datasets={
            "raw_rows": raw.scan(),
            "source_columns": pl.DataFrame(columns, schema=SOURCE_COLUMNS).sort(
                "file", "sheet", "column_index"
            ),
            "imports": pl.DataFrame(imports, schema=IMPORTS),
            "rejected_rows": rejected.scan(),
        },
        summary={"imports": [_summary_of(row) for row in imports]},
        decided_by=DecidedBy(rule=len(imports)),
    )


def _limits(configuration: Mapping[str, Any]) -> Limits:
    """Raises PhaseError `invalid_configuration` for a limit that does not exist or is no number."""
    stated = configuration.get("limits") or {}
    known = {limit.name for limit in fields(Limits)}
    if not isinstance(stated, Mapping) or not all(
        name in known and isinstance(value, int) and value > 0 for name, value in stated.items()
    ):
        raise PhaseError(
            "invalid_configuration",
            f"`limits` takes whole numbers above 0 under these names: {', '.join(sorted(known))}.",
        )
    return replace(Limits(), **stated)


def _nothing_to_read(sheets: Sequence[Sheet]) -> str:
    if not sheets:
        return "No file was delivered: name at least one CSV or XLSX file."
    details = "; ".join(map(_why_not_read, sheets[:_MOST_NAMED]))
    more = f"; and {len(sheets) - _MOST_NAMED} more" if len(sheets) > _MOST_NAMED else ""
    return f"None of the delivered files holds a table that can be read: {details}{more}."


def _why_not_read(sheet: Sheet) -> str:
    """In words, with the file's name; what can't be read at all says so in a sentence that begins with it."""
    reason = sheet.reason or NO_DATA
    if reason not in _LEFT_ASIDE:
        return reason.removesuffix(".")
    return f"{sheet.file}{f', {sheet.sheet}' if sheet.sheet else ''} {_LEFT_ASIDE[reason]}"


def _by_file(sheets: Sequence[Sheet]) -> list[tuple[str, list[Sheet]]]:
    return [(file, list(its)) for file, its in groupby(sheets, key=lambda sheet: sheet.file)]


def _import_file(
    sheets: Sequence[Sheet], imported: Sequence[Sheet], raw: Parts, rejected: Parts, limits: Limits
) -> list[ImportedSheet]:
    """All sheets of a file, or none of them where it turns out to be unreadable half way."""
    marks = raw.mark(), rejected.mark()
    try:
        return [
            _import_sheet(sheet, imported, raw, rejected, limits)
            if sheet.layout is not None
            else ImportedSheet(sheet)
            for sheet in sheets
        ]
    except UnreadableFile as error:
        raw.rewind(marks[0])
        rejected.rewind(marks[1])
        file = sheets[0]
        return [ImportedSheet(Sheet(file.file, file.sha256, "", UNREADABLE, f"{file.file} {error}"))]


def _import_sheet(
    sheet: Sheet, imported: Sequence[Sheet], raw: Parts, rejected: Parts, limits: Limits
) -> ImportedSheet:
    """Reads one sheet batch by batch into both writers."""
    if sheet.table is None or sheet.header is None or sheet.layout is None:
        raise ValueError("only sheets with a layout are imported")
    layout, keys = sheet.layout, None
    if bound_to_vinfo(sheet):
        positions, keys = vinfo_keys(imported, sheet)
        layout = replace(layout, key=positions)
    kind = kind_of(layout.format, layout.record_kind)
    rules = RowRules(
        layout,
        sheet.header.names,
        sheet.header.raw,
        keys,
        kind.record_types if kind is not None else {},
        limits.blank_rows,
    )
    entry = ImportedSheet(sheet, profile=TableProfile(sheet.header.names))
    for batch in read_ahead(sheet.table.read(sheet.header.row + 1, len(sheet.header.names))):
        accepted, refused = rules.apply(batch)
        entry.add(accepted, refused)
        raw.add(_raw_rows(sheet, accepted))
        rejected.add(_rejected_rows(sheet, refused))
    return entry


def _raw_rows(sheet: Sheet, accepted: pl.DataFrame) -> pl.DataFrame:
    cells = [name for name in accepted.columns if name not in ("row_number", "record_kind")]
    return accepted.select(
        pl.lit(sheet.file).alias("file"),
        pl.lit(sheet.sha256).alias("file_sha256"),
        pl.lit(sheet.sheet).alias("sheet"),
        "row_number",
        pl.lit(sheet.source).alias("source"),
        pl.lit(sheet.format).alias("format"),
        "record_kind",
        # By way of an array: ten times as fast as concat_list.
        pl.concat_arr(cells).arr.to_list().alias("cells"),
    )


def _rejected_rows(sheet: Sheet, refused: pl.DataFrame) -> pl.DataFrame:
    return refused.with_columns(
        (pl.lit(f"{sheet.file}#{sheet.sheet}#") + pl.col("row_number").cast(pl.String)).alias("natural_key"),
        pl.lit(sheet.file).alias("file"),
        pl.lit(sheet.sheet).alias("sheet"),
    )


def _columns_of(entry: ImportedSheet) -> list[dict[str, Any]]:
    if entry.profile is not None:
        return _column_rows(entry.sheet, entry.profile)
    return _empty_column_rows(entry.sheet)


def _column_rows(sheet: Sheet, profile: TableProfile) -> list[dict[str, Any]]:
    if sheet.header is None or sheet.layout is None:
        raise ValueError("only sheets with a layout are imported")
    return [
        {
            "file": sheet.file,
            "sheet": sheet.sheet,
            "source": sheet.source,
            "format": sheet.format,
            "record_kind": sheet.layout.record_kind,
            "column_index": index,
            "column": column.header,
            "header_raw": raw,
            "filled": column.filled,
            "distinct": column.distinct,
            "maximum": column.maximum,
            "samples": column.masked_samples(),
        }
        for index, (column, raw) in enumerate(zip(profile.columns, sheet.header.raw, strict=True))
    ]


def _empty_column_rows(sheet: Sheet) -> list[dict[str, Any]]:
    """The headers of a known format's table without rows: what it would have told is known all the same."""
    if sheet.layout is not None or sheet.header is None or sheet.header.kind is None:
        return []
    empty = replace(sheet, format=sheet.header.kind.format, layout=layout_of(sheet.header))
    return _column_rows(empty, TableProfile(sheet.header.names))


def _import_row(entry: ImportedSheet) -> dict[str, Any]:
    sheet, counts = entry.sheet, entry.counts
    return {
        "natural_key": f"{sheet.file}#{sheet.sheet}",
        "file": sheet.file,
        "file_sha256": sheet.sha256,
        "sheet": sheet.sheet,
        "format": sheet.format,
        "record_kind": sheet.layout.record_kind if sheet.layout is not None else None,
        "source": sheet.source or None,
        "encoding": sheet.table.encoding if sheet.table is not None else None,
        "delimiter": sheet.table.delimiter if sheet.table is not None else None,
        "header_row": sheet.header.row if sheet.header is not None else None,
        "rows": counts.accepted + counts.rejected,
        "accepted": counts.accepted,
        "rejected": counts.rejected,
        "reasons_json": json.dumps(dict(sorted(counts.reasons.items()))),
        "reason": sheet.reason,
        "notes_json": json.dumps(list_notes(sheet) if entry.profile is not None else []),
    }


def _summary_of(row: Mapping[str, Any]) -> dict[str, Any]:
    shown = {key: row[key] for key in ("file", "sheet", "format", "rows", "accepted", "rejected")}
    shown["reasons"] = json.loads(row["reasons_json"])
    if row["reason"] is not None:
        shown["reason"] = row["reason"]
    if notes := json.loads(row["notes_json"]):
        shown["notes"] = notes
    return shown
