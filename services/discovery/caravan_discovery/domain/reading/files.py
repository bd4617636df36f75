"""Delivered files to the sheets they hold, each with its layout and source, or with the reason why not."""

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import polars as pl

from caravan_discovery.domain.mapping.formats import kind_of
from caravan_discovery.domain.reading.delimited import open_delimited
from caravan_discovery.domain.reading.header import Header, find_header, reason_to_ignore
from caravan_discovery.domain.reading.recognition import GENERIC, Layout, layout_of
from caravan_discovery.domain.reading.records import is_json, is_parquet, open_json, open_parquet
from caravan_discovery.domain.reading.rows import row_key
from caravan_discovery.domain.reading.source import Limits, Table, UnreadableFile
from caravan_discovery.domain.reading.workbook import is_workbook, open_workbook

IGNORED, UNREADABLE, DUPLICATE_FILE = "ignored", "unreadable", "duplicate_file"
RVTOOLS, VINFO = "rvtools", "vInfo"
_CONTROL = re.compile(r"[\x00-\x1f\x7f\u202a-\u202e\u2066-\u2069]+")
_LONGEST_NAME = 200


@dataclass(frozen=True)
class DeliveredFile:
    """`name` as people called it; `path` is ours."""

    name: str
    path: Path
    sha256: str


@dataclass(frozen=True)
class Sheet:
    """One entry of the import. Without `layout` it is not imported, and `reason` says why."""

    file: str
    sha256: str
    sheet: str
    format: str
    reason: str | None = None
    table: Table | None = None
    header: Header | None = None
    layout: Layout | None = None
    source: str = ""

    @property
    def is_workbook(self) -> bool:
        return self.table is not None and self.table.encoding is None


def open_files(files: Sequence[DeliveredFile], limits: Limits, scratch: Path) -> list[Sheet]:
    """Every sheet of every file, sorted by file and sheet; unreadable and repeated files as one entry each."""
    sheets: list[Sheet] = []
    seen: set[str] = set()
    for file in _named_apart(files):
        if file.sha256 in seen:
            sheets.append(Sheet(file.name, file.sha256, "", IGNORED, DUPLICATE_FILE))
            continue
        seen.add(file.sha256)
        try:
            sheets.extend(_open_file(file, limits, scratch))
        except UnreadableFile as error:
            sheets.append(Sheet(file.name, file.sha256, "", UNREADABLE, f"{file.name} {error}"))
    return _with_sources(sorted(sheets, key=lambda sheet: (sheet.file, sheet.sheet)))


def _named_apart(files: Sequence[DeliveredFile]) -> Iterator[DeliveredFile]:
    """Names fit to be shown; the second file of a name gets ` (2)`. In an order that the uploads' does not decide."""
    times: Counter[str] = Counter()
    for file in sorted(files, key=lambda file: (file.name, file.sha256)):
        name = _CONTROL.sub(" ", file.name).strip()[:_LONGEST_NAME] or "unnamed"
        times[name] += 1
        yield replace(file, name=name if times[name] == 1 else f"{name} ({times[name]})")


def _open_file(file: DeliveredFile, limits: Limits, scratch: Path) -> Iterator[Sheet]:
    size = file.path.stat().st_size
    if size == 0:
        yield Sheet(file.name, file.sha256, "", IGNORED, "no_data")
        return
    if size > limits.file_bytes:
        raise UnreadableFile(f"has {size} bytes; at most {limits.file_bytes} are read. Split it.")
    scratch = scratch / f"read-{file.sha256[:32]}"
    scratch.mkdir(exist_ok=True)
    if is_workbook(file.path):
        tables = open_workbook(file.path, limits, scratch)
    elif is_parquet(file.path):
        tables = [open_parquet(file.path, limits, scratch)]
    elif is_json(file.path):
        tables = open_json(file.path, limits, scratch)
    else:
        tables = [open_delimited(file.path, limits)]
    names = [table.sheet for table in tables]
    for table in tables:
        header = find_header(table)
        reason = reason_to_ignore(table, header, names)
        if reason is not None or header is None:
            yield Sheet(file.name, file.sha256, table.sheet, IGNORED, reason, table, header)
            continue
        layout = layout_of(header)
        yield Sheet(file.name, file.sha256, table.sheet, layout.format, None, table, header, layout)


def _with_sources(sheets: Sequence[Sheet]) -> list[Sheet]:
    """A source is one workbook, or all text files of one format (of one header, where no format is known)."""
    numbers: dict[tuple[str, ...], str] = {}
    counts: Counter[str] = Counter()
    named = []
    for sheet in sheets:
        if sheet.layout is None:
            named.append(sheet)
            continue
        family = _family(sheet, sheets)
        identity = _identity(sheet, family)
        if identity not in numbers:
            counts[family] += 1
            numbers[identity] = f"{family}:{counts[family]}"
        named.append(replace(sheet, source=numbers[identity]))
    return named


def _family(sheet: Sheet, sheets: Sequence[Sheet]) -> str:
    """The format of the sheet; in a workbook, that of most of its sheets."""
    if not sheet.is_workbook:
        return sheet.format
    formats = Counter(
        other.format for other in sheets if other.file == sheet.file and other.layout is not None
    )
    known = [(count, name) for name, count in formats.items() if name != GENERIC]
    return max(known)[1] if known else GENERIC


def _identity(sheet: Sheet, family: str) -> tuple[str, ...]:
    if sheet.is_workbook:
        return ("workbook", sheet.file)
    if family == GENERIC and sheet.header is not None:
        return ("text", family, *sheet.header.names)
    return ("text", family)


def bound_to_vinfo(sheet: Sheet) -> bool:
    """Whether a row of this sheet must belong to a virtual machine of the source's vInfo."""
    layout = sheet.layout
    if layout is None or layout.format != RVTOOLS or layout.record_kind in (VINFO, "vHost"):
        return False
    kind = kind_of(layout.format, layout.record_kind)
    # The oldest generation has no identifiers in its tabs, only names.
    return kind is not None and bool(kind.key) and bool(layout.names)


def vinfo_keys(sheets: Sequence[Sheet], sheet: Sheet) -> tuple[tuple[int, ...], pl.Series]:
    """The columns that hold the key in `sheet`, and the keys of all vInfo rows of its source.

    By VI SDK UUID and VM UUID; by name only where a tab of an old export lacks them.
    """
    vinfos = [
        other for other in sheets
        if other.source == sheet.source and other.layout is not None and other.layout.record_kind == VINFO
    ]  # fmt: skip
    layout = sheet.layout
    if layout is None:
        raise ValueError("a sheet that is not imported has no key")
    whole = len(layout.key) > 1 and all(
        other.layout is not None and len(other.layout.key) > 1 for other in vinfos
    )
    keys = [_keys_of(other, whole=whole) for other in vinfos]
    return (layout.key if whole else layout.names[:1]), pl.concat(
        [pl.Series(dtype=pl.String), *keys]
    ).unique()


def _keys_of(sheet: Sheet, *, whole: bool) -> pl.Series:
    if sheet.table is None or sheet.header is None or sheet.layout is None:
        raise ValueError("a sheet that is not imported has no rows")
    positions = sheet.layout.key if whole else sheet.layout.names[:1]
    parts = [
        batch.whole.select(row_key(positions).alias("key")).to_series().drop_nulls()
        for batch in sheet.table.read(sheet.header.row + 1, len(sheet.header.names))
    ]
    return pl.concat([pl.Series("key", dtype=pl.String), *parts])
