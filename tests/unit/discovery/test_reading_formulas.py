"""Formulas without a stored result: said by column with the first cell and the count, never silently blank."""

import json
import re
import zipfile
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from tests.unit.discovery.conftest import Discovery

_ODS = (
    '<?xml version="1.0"?><office:document-content xmlns:office="urn:oasis:names:tc:opendocument:xmlns:office:1.0" '
    'xmlns:table="urn:oasis:names:tc:opendocument:xmlns:table:1.0" '
    'xmlns:text="urn:oasis:names:tc:opendocument:xmlns:text:1.0"><office:body><office:spreadsheet>'
    '<table:table table:name="S">{rows}</table:table></office:spreadsheet></office:body></office:document-content>'
)


def notes(discovery: Discovery) -> dict[str, list[tuple[str, str, int]]]:
    """By sheet: column, first cell, count."""
    discovery.run("data_import")
    return {
        row["sheet"]: [(n["column"], n["cell"], n["count"]) for n in json.loads(row["notes_json"])]
        for row in discovery.rows("imports")
    }


def book(path: Path, *, first_column: int = 1, rows: int = 3) -> Path:
    """Server Name, CPUs, RAM: the CPUs are formulas that nobody has computed, as openpyxl leaves them."""
    workbook = openpyxl.Workbook()
    sheet = workbook.active
    assert sheet is not None
    sheet.title = "Fleet & more"
    for at, name in enumerate(["Server Name", "CPUs", "Memory (GB)"]):
        sheet.cell(row=2, column=first_column + at, value=name)
    for number in range(rows):
        values: list[Any] = [f"web-{number:02d}", "=2*2", 16 if number else "=8*2"]
        for at, value in enumerate(values):
            sheet.cell(row=3 + number, column=first_column + at, value=value)
    workbook.save(path)
    return path


@pytest.mark.parametrize("name", ["book.xlsx", "book.xlsm"])
def test_each_column_is_named_with_its_first_cell_and_count(
    discovery: Discovery, tmp_path: Path, name: str
) -> None:
    discovery.upload(book(tmp_path / name))

    assert notes(discovery) == {"Fleet & more": [("CPUs", "B3", 3), ("Memory (GB)", "C3", 1)]}
    [entry] = discovery.summary("data_import")["imports"]
    assert entry["accepted"] == 3
    assert "save it, and deliver it again" in entry["notes"][0]["message"]


def test_a_table_that_does_not_begin_in_column_a_keeps_its_letters(
    discovery: Discovery, tmp_path: Path
) -> None:
    discovery.upload(book(tmp_path / "book.xlsx", first_column=27))

    assert notes(discovery) == {"Fleet & more": [("CPUs", "AB3", 3), ("Memory (GB)", "AC3", 1)]}


def test_a_sheet_of_many_blocks_is_counted_whole(discovery: Discovery, tmp_path: Path) -> None:
    discovery.upload(book(tmp_path / "book.xlsx", rows=60_000))

    assert notes(discovery)["Fleet & more"][0] == ("CPUs", "B3", 60_000)


def test_formulas_with_their_results_are_values_like_any_other(discovery: Discovery, tmp_path: Path) -> None:
    """Also the empty text, which spreadsheet programs store as `<c t="str"><f>…</f><v></v></c>`."""
    source, path = book(tmp_path / "open.xlsx"), tmp_path / "saved.xlsx"
    with zipfile.ZipFile(source) as old, zipfile.ZipFile(path, "w") as new:
        for name in old.namelist():
            content = old.read(name)
            if name.endswith("sheet1.xml"):
                content, stored = re.subn(rb"<v ?/>|<v></v>", b"<v>4</v>", content)
                assert stored == 4
                content, emptied = re.subn(
                    rb'(<c r="B5")([^>]*>.*?)<v>4</v>', rb'\1 t="str"\2<v></v>', content
                )
                assert emptied == 1
            new.writestr(name, content)
    discovery.upload(path)

    assert notes(discovery) == {"Fleet & more": []}
    assert [row["cells"][1] for row in discovery.rows("raw_rows")] == ["4", "4", None]


def test_a_column_of_formulas_without_a_header_is_said_as_well(discovery: Discovery, tmp_path: Path) -> None:
    workbook = openpyxl.load_workbook(book(tmp_path / "one.xlsx", first_column=2))
    sheet = workbook.active
    assert sheet is not None
    sheet.cell(row=4, column=1, value="=B4")
    path = tmp_path / "two.xlsx"
    workbook.save(path)
    discovery.upload(path)

    assert notes(discovery)["Fleet & more"][0] == ("", "A4", 1)


def test_an_opendocument_sheet_says_so_too_with_repeated_rows_and_cells_counted(
    discovery: Discovery, tmp_path: Path
) -> None:
    def text(value: str) -> str:
        return f'<table:table-cell office:value-type="string"><text:p>{value}</text:p></table:table-cell>'

    blank = '<table:table-cell table:number-columns-repeated="2"/>'
    known = (
        '<table:table-cell table:formula="of:=2*2" office:value-type="float" office:value="4">'
        "<text:p>4</text:p></table:table-cell>"
    )
    unknown = '<table:table-cell table:formula="of:=2*2"/>'
    rows = [
        '<table:table-row table:number-rows-repeated="2"><table:table-cell/></table:table-row>',
        f"<table:table-row>{text('Server Name')}{text('Rack')}{text('Zone')}{text('CPUs')}</table:table-row>",
        f"<table:table-row>{text('web-01')}{blank}{known}</table:table-row>",
        f"<table:table-row>{text('web-02')}{blank}{unknown}</table:table-row>",
        f"<table:table-row>{text('web-03')}{text('R1')}{text('Z1')}{unknown}</table:table-row>",
    ]
    path = tmp_path / "book.ods"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("mimetype", "application/vnd.oasis.opendocument.spreadsheet")
        archive.writestr(
            "META-INF/manifest.xml",
            '<?xml version="1.0"?><manifest:manifest '
            'xmlns:manifest="urn:oasis:names:tc:opendocument:xmlns:manifest:1.0"/>',
        )
        archive.writestr("content.xml", _ODS.format(rows="".join(rows)))
    discovery.upload(path)

    assert notes(discovery) == {"S": [("CPUs", "D5", 2)]}


def test_a_sheet_that_is_no_data_has_no_notes(discovery: Discovery, tmp_path: Path) -> None:
    workbook = openpyxl.load_workbook(book(tmp_path / "one.xlsx"))
    other = workbook.create_sheet("Lookups")
    for row in (["Environment", "Criticality"], ["prod", "=1+1"], ["test", "low"]):
        other.append(row)
    path = tmp_path / "two.xlsx"
    workbook.save(path)
    discovery.upload(path)

    assert notes(discovery)["Lookups"] == []
