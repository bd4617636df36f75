"""Workbooks: sheets that are no data, headers below other rows, sizes that lie, archives that are bombs."""

import io
import zipfile
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pytest
import xlsxwriter

from tests.unit.discovery.conftest import Discovery

SERVERS = [
    ["Server Name", "Operating System", "CPUs", "Memory (GB)"],
    ["web-01", "Ubuntu 22.04", 4, 16],
    ["web-02", "Ubuntu 22.04", 8, 32.5],
]
Sheets = dict[str, Sequence[Sequence[Any]]]
Build = Callable[..., Path]


@pytest.fixture
def build(tmp_path: Path) -> Build:
    def make(sheets: Sheets, hidden: Sequence[str] = (), name: str = "book.xlsx") -> Path:
        path = tmp_path / name
        workbook = xlsxwriter.Workbook(path)
        for title, rows in sheets.items():
            sheet = workbook.add_worksheet(title)
            for number, row in enumerate(rows):
                sheet.write_row(number, 0, row)
            if title in hidden:
                sheet.hide()
        workbook.close()
        return path

    return make


def imports(discovery: Discovery) -> dict[str, tuple[str, str | None, int]]:
    discovery.run("data_import")
    return {
        row["sheet"]: (row["format"], row["reason"], row["accepted"]) for row in discovery.rows("imports")
    }


def test_every_sheet_is_reported_and_numbers_keep_their_digits(discovery: Discovery, build: Build) -> None:
    account = [["Server Name", "Account", "CPUs"], ["web-03", 111122223333, 2]]
    discovery.upload(build({"A": SERVERS, "B": account}))

    assert imports(discovery) == {"A": ("generic", None, 2), "B": ("generic", None, 1)}
    assert [row["cells"] for row in discovery.rows("raw_rows")] == [
        ["web-01", "Ubuntu 22.04", "4", "16"],
        ["web-02", "Ubuntu 22.04", "8", "32.5"],
        ["web-03", "111122223333", "2"],
    ]


def test_hidden_and_lookup_sheets_are_ignored_for_that_reason(discovery: Discovery, build: Build) -> None:
    values = [["Environment", "Criticality"], ["prod", "high"], ["test", "low"]]
    discovery.upload(build({"Servers": SERVERS, "Lookups": values, "x": values}, hidden=["x"]))

    assert imports(discovery) == {
        "Servers": ("generic", None, 2),
        "Lookups": ("ignored", "lookup_sheet", 0),
        "x": ("ignored", "lookup_sheet", 0),
    }


def test_a_hidden_sheet_that_is_an_inventory_is_imported(discovery: Discovery, build: Build) -> None:
    discovery.upload(build({"Notes": [["see", "other"]], "Servers": SERVERS}, hidden=["Servers"]))

    assert imports(discovery)["Servers"] == ("generic", None, 2)


DATABASES = [["DB Name", "DB Type", "Host"], ["crm", "Oracle", "web-01"]]


@pytest.mark.parametrize(
    "contents",
    [
        [["Contents"], [None, "Servers"], [None, "Databases"]],
        [["Name", "Description", "Owner"], ["Servers", "all of them", "Ada"], ["Databases", "", "Bob"]],
    ],
)
def test_a_table_of_contents_is_no_data(
    discovery: Discovery, build: Build, contents: list[list[str | None]]
) -> None:
    discovery.upload(build({"Start": contents, "Servers": SERVERS, "Databases": DATABASES}))

    assert imports(discovery)["Start"] == ("ignored", "toc_sheet", 0)


def test_a_sheet_called_contents_is_no_data_whatever_it_lists(discovery: Discovery, build: Build) -> None:
    contents = [["Name", "Description", "Owner"], ["Part one", "machines", "Ada"], ["Part two", "", "Bob"]]
    discovery.upload(build({"Inhalt": contents, "Servers": SERVERS, "Databases": DATABASES}))

    assert imports(discovery)["Inhalt"] == ("ignored", "toc_sheet", 0)


def test_sheets_marked_not_imported_and_sheets_without_rows_are_ignored(
    discovery: Discovery, build: Build
) -> None:
    extra = [["Network"], ["not imported via file import"], ["Pipe", "Ratio"], ["1000", "3"]]
    discovery.upload(build({"Servers": SERVERS, "Extra": extra, "Empty": [], "Header": SERVERS[:1]}))

    found = imports(discovery)
    assert found["Extra"] == ("ignored", "not_imported", 0)
    assert found["Empty"] == ("ignored", "no_data", 0)
    assert found["Header"] == ("ignored", "no_data", 0)


def test_a_sheet_of_all_servers_beside_one_for_each_environment_is_no_table_of_contents(
    discovery: Discovery, build: Build
) -> None:
    header = [*SERVERS[0], "Environment"]
    prod, test = [[*SERVERS[1], "Prod"]], [[*SERVERS[2], "Test"]]
    sheets = {"Prod": [header, *prod], "Test": [header, *test], "All": [header, *prod, *test]}
    discovery.upload(build(sheets))

    assert imports(discovery)["All"] == ("generic", None, 2)


def test_row_numbers_are_those_of_the_sheet_below_blank_rows_and_titles(
    discovery: Discovery, build: Build
) -> None:
    discovery.upload(build({"S": [[], ["Report of the hardware team"], [], *SERVERS]}))
    discovery.run("data_import")

    assert [row["row_number"] for row in discovery.rows("raw_rows")] == [5, 6]
    assert discovery.rows("imports")[0]["header_row"] == 4


def test_a_header_of_two_rows_names_repeated_columns_by_their_heading(
    discovery: Discovery, build: Build
) -> None:
    rows = [
        ["Machine", None, "Memory", None, "Disk", None],
        ["Server Name", "Operating System", "Total", "Used", "Total", "Used"],
        ["web-01", "Ubuntu 22.04", 16, 8, 100, 50],
        ["web-02", "Ubuntu 22.04", 16, 8, 100, 50],
    ]
    discovery.upload(build({"S": rows}))
    discovery.run("data_import")

    columns = [row["column"] for row in discovery.rows("source_columns")]
    assert columns == [
        "Server Name",
        "Operating System",
        "Memory Total",
        "Memory Used",
        "Disk Total",
        "Disk Used",
    ]


def test_a_sheet_that_claims_a_million_rows_is_read_by_its_content(
    discovery: Discovery, tmp_path: Path
) -> None:
    path = tmp_path / "claims.xlsx"
    workbook = xlsxwriter.Workbook(path)
    sheet = workbook.add_worksheet("S")
    for number, row in enumerate(SERVERS):
        sheet.write_row(number, 0, row)
    sheet.write_blank(1_048_575, 16_383, None, workbook.add_format({"bold": True}))
    workbook.close()
    discovery.upload(path)

    assert imports(discovery) == {"S": ("generic", None, 2)}


def test_a_stray_cell_in_the_far_corner_is_refused_and_named(discovery: Discovery, tmp_path: Path) -> None:
    path = tmp_path / "stray.xlsx"
    workbook = xlsxwriter.Workbook(path)
    sheet = workbook.add_worksheet("S")
    sheet.write_row(0, 0, SERVERS[0])
    sheet.write(1_048_575, 16_383, "x")
    workbook.close()
    discovery.upload(path)
    discovery.write("good.csv", "Server Name,CPUs\nweb-01,4\n")
    discovery.run("data_import")

    stray = next(row for row in discovery.rows("imports") if row["file"] == "stray.xlsx")
    assert stray["format"] == "unreadable"
    assert "reaches to row 1048576, column 16384" in stray["reason"]


def test_a_stray_cell_costs_by_the_area_it_spans(discovery: Discovery, build: Build) -> None:
    """With a limit so small that reading the sheet would do no harm."""
    far = [*SERVERS, *[[]] * 100, [None] * 50 + ["x"]]
    discovery.configuration["limits"] = {"sheet_cells": 1_000}
    discovery.upload(build({"S": far}, name="stray.xlsx"))
    discovery.upload(build({"S": SERVERS}, name="good.xlsx"))
    discovery.run("data_import")

    reasons = {row["file"]: row["reason"] for row in discovery.rows("imports")}
    assert reasons["good.xlsx"] is None
    assert "reaches to row 104, column 51: delete the stray cell" in reasons["stray.xlsx"]


def test_an_archive_that_unpacks_to_more_than_the_limit_is_refused_whatever_its_index_says(
    discovery: Discovery, build: Build
) -> None:
    bomb = io.BytesIO(build({"S": SERVERS}).read_bytes())
    with zipfile.ZipFile(bomb, "a", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/worksheets/sheet9.xml", b" " * 30_000_000)
    discovery.configuration["limits"] = {"unpacked_bytes": 10_000_000}
    discovery.write("bomb.xlsx", bomb.getvalue())
    discovery.write("good.csv", "Server Name,CPUs\nweb-01,4\n")
    discovery.run("data_import")

    refused = next(row for row in discovery.rows("imports") if row["file"] == "bomb.xlsx")
    assert refused["format"] == "unreadable"
    assert "unpacks to more than" in refused["reason"]


@pytest.mark.parametrize(
    "content", [b"PK\x03\x04 no archive", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1 no workbook"]
)
def test_a_broken_workbook_is_one_unreadable_entry(discovery: Discovery, content: bytes) -> None:
    discovery.write("broken.xlsx", content)
    discovery.write("good.csv", "Server Name,CPUs\nweb-01,4\n")
    discovery.run("data_import")

    formats = {row["file"]: row["format"] for row in discovery.rows("imports")}
    assert formats == {"broken.xlsx": "unreadable", "good.csv": "generic"}


def test_a_cell_that_claims_a_column_beyond_any_sheet_is_refused(discovery: Discovery, build: Build) -> None:
    forged = io.BytesIO()
    with zipfile.ZipFile(build({"S": SERVERS})) as source, zipfile.ZipFile(forged, "w") as target:
        for name in source.namelist():
            target.writestr(name, source.read(name).replace(b'r="B2"', b'r="ZZZZZZ999999999999"'))
    discovery.write("forged.xlsx", forged.getvalue())
    discovery.write("good.csv", "Server Name,CPUs\nweb-01,4\n")
    discovery.run("data_import")

    reasons = {row["file"]: row["reason"] for row in discovery.rows("imports")}
    assert reasons["forged.xlsx"].startswith("forged.xlsx has a sheet that reaches to row 999999999")
    assert reasons["good.csv"] is None


def test_an_archive_of_files_is_no_workbook_and_says_what_to_do(discovery: Discovery) -> None:
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w") as target:
        target.writestr("servers.csv", "hostname\nweb-01\n")
    discovery.write("all.zip", archive.getvalue())
    discovery.write("good.csv", "Server Name,CPUs\nweb-01,4\n")
    discovery.run("data_import")

    reasons = [row["reason"] for row in discovery.rows("imports") if row["file"] == "all.zip"]
    assert reasons == ["all.zip is an archive, but no XLSX workbook: unpack it, or save it as XLSX."]
