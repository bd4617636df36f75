"""What an XLSX or ODS really unpacks to, looked at before anything believes it."""

import re
import zipfile
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

from caravan_discovery.domain.reading.source import Limits, UnreadableFile

_BLOCK, _OVERLAP = 4 << 20, 4_096
_STRANGE = "not a workbook that a person made"
# Every repetition is bounded, so that no archive makes these run for long; what exceeds the bounds is refused.
_CELL = re.compile(
    rb"""<(?:\w{1,20}:)?c\s[^<>]{0,300}?\br\s{0,9}=\s{0,9}["']([A-Za-z]{0,20})(\d{1,20})["'][^<>]{0,300}>"""
    rb"""\s{0,99}<(?:\w{1,20}:)?(?:v|f|is)\b"""
)
# Rows whose cells do not say where they are.
_ROW_OF_UNPLACED = re.compile(
    rb"""<(?:\w{1,20}:)?row\s[^<>]{0,300}?\br\s{0,9}=\s{0,9}["'](\d{1,20})["'][^<>]{0,300}>"""
    rb"""\s{0,99}<(?:\w{1,20}:)?c\b(?![^<>]{0,300}\br\s{0,9}=)"""
)
_FORGED = re.compile(rb"<(?:\w{1,20}:)?(?:c|row)\s(?:[^<>]{301}|[^<>]{0,300}<)|<!DOCTYPE|<!ENTITY")
# One of them stands in every part with formulas; elsewhere too, which costs a second look and nothing else.
_FORMULA_MARKS = (b"<f", b":f>", b":f ", b"table:formula")
_MARKUP = re.compile(rb"(?:\xef\xbb\xbf)?\s*<")
# Sheets pack to a tenth, dull ones to a hundredth; only a bomb packs to less than this.
_PACKS_TO, _SMALL = 300, 32 << 20
# OpenDocument says how often a row or a cell is repeated; filler without a value may be repeated to the edge.
_REPEATED_ROW = re.compile(
    rb"<table:table-row\b[^<>]{0,300}?number-rows-repeated\s{0,9}=\s{0,9}[\"'](\d{1,20})"
)
_REPEATED_VALUE = re.compile(
    rb"<table:table-cell\b(?=[^<>]{0,300}office:value-type)[^<>]{0,300}?number-columns-repeated"
    rb"\s{0,9}=\s{0,9}[\"'](\d{1,20})"
)
_ODS_ROW = re.compile(rb"<table:table-row\b[^<>]{0,300}>(.{0,2000}?)</table:table-row>", re.DOTALL)


class _Extent(NamedTuple):
    """The lowest row and the rightmost column with content; `unpacked` in bytes."""

    rows: int
    columns: int
    unpacked: int
    formulas: bool


def refuse_bombs(path: Path, limits: Limits) -> frozenset[str]:
    """Raises UnreadableFile for what is no workbook, or unpacks to more than the limits. Its index is not believed.

    Answers the parts in which formulas stand.
    """
    formulas = set()
    try:
        with zipfile.ZipFile(path) as archive:
            measure = _measure_for(archive, limits)
            budget = limits.unpacked_bytes
            for entry in archive.infolist():
                extent = _measured(archive, entry, budget, measure, limits)
                budget -= extent.unpacked
                if extent.formulas:
                    formulas.add(entry.filename)
    except (
        zipfile.BadZipFile,
        EOFError,
        RuntimeError,
        OSError,
        ValueError,
        zlib.error,
    ) as error:
        raise UnreadableFile(f"can't be read as a workbook ({_first_line(error)}). Open it in Excel and save it "
                             "again.") from error  # fmt: skip
    return frozenset(formulas)


_Measure = Callable[[bytes, int], tuple[int, int]]


def _measure_for(archive: zipfile.ZipFile, limits: Limits) -> _Measure:
    names = set(archive.namelist())
    if len(archive.infolist()) > limits.archive_parts:
        raise UnreadableFile(f"has {len(archive.infolist())} parts: {_STRANGE}.")
    if "xl/workbook.xml" in names:
        return _excel_extent
    if "xl/workbook.bin" in names:
        raise UnreadableFile("is a binary workbook (XLSB): save it as XLSX.")
    if {"content.xml", "mimetype"} <= names:
        return _ods_extent
    raise UnreadableFile("is an archive, but no XLSX workbook: unpack it, or save it as XLSX.")


def _measured(
    archive: zipfile.ZipFile, entry: zipfile.ZipInfo, budget: int, measure: _Measure, limits: Limits
) -> _Extent:
    unpacked, rows, columns, tail, is_markup, formulas = 0, 0, 1, b"", False, False
    with archive.open(entry) as part:
        while block := part.read(_BLOCK):
            is_markup = is_markup or (not unpacked and bool(_MARKUP.match(block)))
            unpacked += len(block)
            if unpacked > max(_SMALL, _PACKS_TO * entry.compress_size):
                raise UnreadableFile(
                    f"packs {unpacked} bytes and more into {entry.compress_size}: {_STRANGE}."
                )
            if unpacked > budget:
                raise UnreadableFile(f"unpacks to more than {limits.unpacked_bytes} bytes: {_STRANGE}.")
            text = tail + block
            if is_markup and _FORGED.search(text):
                raise UnreadableFile(f"holds markup that no spreadsheet program writes: {_STRANGE}.")
            formulas = formulas or any(mark in text for mark in _FORMULA_MARKS)
            lowest, rightmost = measure(text, rows)
            rows, columns = max(rows, lowest), max(columns, rightmost)
            tail = block[-_OVERLAP:]
    if rows * columns > limits.sheet_cells:
        raise UnreadableFile(
            f"has a sheet that reaches to row {rows}, column {columns}: delete the stray cell, or save it as CSV."
        )
    return _Extent(rows, columns, unpacked, formulas)


def _excel_extent(text: bytes, _: int) -> tuple[int, int]:
    """Cells with a value, a formula or inline text. Styled empty cells are what makes sheets claim a million rows."""
    cells = _CELL.findall(text)
    rows = {row for _, row in cells} | set(_ROW_OF_UNPLACED.findall(text))
    return (
        max((int(row[:9]) for row in rows), default=0),
        max((_column_number(letters) for letters in {letters for letters, _ in cells}), default=1),
    )


def _ods_extent(text: bytes, rows_before: int) -> tuple[int, int]:
    rows = rows_before + text.count(b"<table:table-row")
    for row in _ODS_ROW.finditer(text):
        repeated = _REPEATED_ROW.match(row[0])
        if repeated and b"office:value-type" in row[1]:
            rows += int(repeated[1][:9])
    columns = max((int(times[:9]) for times in _REPEATED_VALUE.findall(text)), default=1)
    return rows, columns


def _column_number(letters: bytes) -> int:
    number = 0
    for letter in letters.upper()[:8]:
        number = number * 26 + letter - 64
    return number


def _first_line(error: Exception) -> str:
    return str(error).splitlines()[0][:160] if str(error) else type(error).__name__
