"""Workbooks (XLSX, ODS, and XLS of old): every sheet, by its content and not by its claimed size."""

import zipfile
from dataclasses import replace
from pathlib import Path

import fastexcel
import polars as pl

from caravan_discovery.domain.reading.archive import refuse_bombs
from caravan_discovery.domain.reading.formulas import find_uncached
from caravan_discovery.domain.reading.source import PREVIEW_ROWS, Limits, Table, UnreadableFile, clean_frame
from caravan_discovery.domain.reading.spilled import spilled_table

_ZIP, _OLE = b"PK\x03\x04", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_EMPTY_ZIP = b"PK\x05\x06"
_ENCRYPTED = "EncryptedPackage".encode("utf-16-le")
_MOST_SHEETS = 1_000


def is_workbook(path: Path) -> bool:
    """By its first bytes."""
    with path.open("rb") as file:
        head = file.read(8)
    return head.startswith((_ZIP, _EMPTY_ZIP, _OLE))


def open_workbook(path: Path, limits: Limits, scratch: Path) -> list[Table]:
    """Its sheets in their order, spilled to `scratch` so that one sheet at most is held in memory.

    Raises UnreadableFile.
    """
    size = path.stat().st_size
    if size > limits.workbook_bytes:
        raise UnreadableFile(
            f"has {size} bytes; workbooks up to {limits.workbook_bytes} are read. Save it as CSV."
        )
    if _is_encrypted(path):
        raise UnreadableFile("is protected by a password: remove it and deliver the file again.")
    uncached = find_uncached(path, refuse_bombs(path, limits)) if zipfile.is_zipfile(path) else {}
    try:
        reader = fastexcel.read_excel(path)
        names = list(reader.sheet_names)
        if len(names) > _MOST_SHEETS:
            raise UnreadableFile(f"has {len(names)} sheets; at most {_MOST_SHEETS} are read.")
        tables = [_open_sheet(reader, index, path, limits, scratch) for index in range(len(names))]
        return [replace(table, uncached=uncached.get(table.sheet)) for table in tables]
    except UnreadableFile:
        raise
    except BaseException as error:
        # The Rust side panics on some damaged workbooks, and a panic is no Exception.
        if not isinstance(error, Exception) and type(error).__name__ != "PanicException":
            raise
        raise UnreadableFile(_reason(error)) from error


def _open_sheet(
    reader: fastexcel.ExcelReader, index: int, path: Path, limits: Limits, scratch: Path
) -> Table:
    name = reader.sheet_names[index]
    sheet = reader.load_sheet(index, header_row=None, skip_rows=0, dtypes="string")
    frame: pl.DataFrame = sheet.to_polars()
    if frame.width > limits.columns:
        raise UnreadableFile(f"sheet {name!r} has {frame.width} columns; at most {limits.columns} are read.")
    frame = clean_frame(frame.rename({old: f"c{i}" for i, old in enumerate(frame.columns)}))
    spilled = scratch / f"{path.stem}-{index}.arrow"
    frame.write_ipc(spilled)
    hidden = sheet.visible != "visible"
    table = spilled_table(name, spilled, frame.head(PREVIEW_ROWS).rows(), limits, hidden=hidden)
    # Blank columns before the first filled one are not read.
    chosen = sheet.selected_columns
    return replace(table, first_column=chosen[0].absolute_index + 1) if chosen else table


def _is_encrypted(path: Path) -> bool:
    """Whether an OLE file is an encrypted XLSX: its directory then names the package."""
    with path.open("rb") as file:
        return file.read(8) == _OLE and _ENCRYPTED in file.read()


def _reason(error: BaseException) -> str:
    if "password" in str(error).casefold():
        return "is protected by a password: remove it and deliver the file again."
    detail = str(error).splitlines()[0][:160] if str(error) else type(error).__name__
    return f"can't be read as a workbook ({detail}). Open it in Excel and save it again."
