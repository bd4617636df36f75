"""Files that are larger, deeper or stranger than any inventory: refused in a sentence, or rejected by the row."""

import io
import json
import zipfile
from pathlib import Path
from typing import Any

import polars as pl
import pytest
import xlsxwriter

from caravan_common.contracts import PhaseError
from tests.fuzz.base_files import open_document
from tests.unit.discovery.conftest import Discovery

HEADER = "Server Name,Operating System,CPUs,Memory (GB),Environment"
ROW = "web-01,Ubuntu 22.04,4,16,prod"


def entry_of(discovery: Discovery, file: str) -> dict[str, Any]:
    """What the import says of a file, delivered beside one that is good."""
    discovery.write("good.csv", f"{HEADER}\nweb-99,Ubuntu,2,4,prod\n")
    discovery.run("data_import")
    rows = {row["file"]: row for row in discovery.rows("imports")}
    assert rows["good.csv"]["accepted"] == 1
    return rows[file]


def workbook(path: Path) -> dict[str, bytes]:
    book = xlsxwriter.Workbook(path)
    book.add_worksheet("S").write_row(0, 0, ["Server Name", "CPUs"])
    book.worksheets()[0].write_row(1, 0, ["web-01", 4])
    book.close()
    with zipfile.ZipFile(path) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def packed(parts: dict[str, bytes]) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in parts.items():
            archive.writestr(name, content)
    return buffer.getvalue()


def test_umlauts_of_a_file_pasted_together_from_two_encodings_survive(discovery: Discovery) -> None:
    lines = [b"Rechnername;Standort;Kerne"]
    lines += [f"srv-{n};Köln;4".encode("utf-8" if n % 2 else "cp1252") for n in range(20)]
    discovery.write("liste.csv", b"\n".join(lines))
    discovery.run("data_import")

    assert {row["cells"][1] for row in discovery.rows("raw_rows")} == {"Köln"}
    assert discovery.rows("imports")[0]["encoding"] == "utf-8+cp1252"


@pytest.mark.parametrize("marks", ["\ufeff", "\ufeff\ufeff"])
def test_a_byte_order_mark_in_the_middle_of_a_file_hides_no_header(discovery: Discovery, marks: str) -> None:
    part = f"{HEADER}\n{ROW}\n"
    discovery.write("twice.csv", f"{marks}{part}\ufeff{part}")
    discovery.run("data_import")

    assert discovery.rows("source_columns")[0]["column"] == "Server Name"
    assert [row["code"] for row in discovery.rows("rejected_rows")] == ["repeated_header"]


def test_a_cell_of_nothing_but_invisible_marks_is_no_name(discovery: Discovery) -> None:
    discovery.write("a.csv", f"{HEADER}\n{ROW}\n\u200b\ufeff,Ubuntu,2,4,prod\n")
    discovery.run("data_import")

    assert [row["code"] for row in discovery.rows("rejected_rows")] == ["missing_name"]


@pytest.mark.parametrize("quoted", [True, False])
def test_a_huge_cell_costs_its_row_only(discovery: Discovery, quoted: bool) -> None:
    huge = "x" * 300_000
    huge = f'"{huge}"' if quoted else huge
    discovery.write("a.csv", f"{HEADER}\n{ROW}\nweb-02,{huge},4,16,prod\nweb-03,Ubuntu,4,16,prod\n")
    entry = entry_of(discovery, "a.csv")

    assert (entry["accepted"], json.loads(entry["reasons_json"])) == (2, {"cell_too_long": 1})
    assert max(len(row["cells"]) for row in discovery.rows("rejected_rows")) < 5_000


def test_a_line_without_end_is_refused(discovery: Discovery) -> None:
    discovery.write("a.csv", f"{HEADER}\n{ROW}\n" + "x," * 3_000_000)

    assert "has a line of more than" in entry_of(discovery, "a.csv")["reason"]


# Two seconds at rest; reading on to the end at every line would take minutes.
@pytest.mark.timeout(40)
def test_quotes_that_never_close_are_read_in_time_that_grows_with_the_file(discovery: Discovery) -> None:
    lines = '"z"q,"\n' * 40_000
    discovery.write("a.csv", f"{HEADER}\n{ROW}\n{lines}")

    assert entry_of(discovery, "a.csv")["accepted"] >= 1


def test_a_sheet_formatted_to_its_last_row_is_read_by_its_content(discovery: Discovery) -> None:
    discovery.write("a.csv", f"{HEADER}\n{ROW}\n" + ",,,,\n" * 300_000)
    entry = entry_of(discovery, "a.csv")

    assert (entry["accepted"], entry["rejected"]) == (1, 0)


def test_blank_rows_by_the_hundred_thousand_between_data_are_refused_whole(discovery: Discovery) -> None:
    discovery.write("a.csv", f"{HEADER}\n{ROW}\n{HEADER}\n" + ",,,,\n" * 100_001 + f"{ROW}\n")
    entry = entry_of(discovery, "a.csv")

    assert (entry["format"], entry["rows"]) == ("unreadable", 0)
    assert "100001 blank rows" in entry["reason"]
    assert {row["file"] for row in discovery.rows("raw_rows")} == {"good.csv"}
    assert discovery.rows("rejected_rows") == []


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"\x1f\x8b\x08\x00 packed", "is compressed (gzip)"),
        (b"7z\xbc\xaf\x27\x1c packed", "is a 7z archive"),
        (b"%PDF-1.7\n1 0 obj", "is a PDF"),
        (b"<html><table><tr><td>Server Name</td></tr></table>", "is HTML or XML"),
        (b'\xef\xbb\xbf<?xml version="1.0"?><Workbook/>', "is HTML or XML"),
        (
            b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + "EncryptedPackage".encode("utf-16-le"),
            "protected by a password",
        ),
    ],
)
def test_what_people_deliver_that_is_no_table_gets_a_clear_answer(
    discovery: Discovery, content: bytes, reason: str
) -> None:
    discovery.write("strange.xls", content)

    assert reason in entry_of(discovery, "strange.xls")["reason"]


def test_an_opendocument_sheet_is_read_and_its_filler_is_not(discovery: Discovery) -> None:
    discovery.write("servers.ods", open_document([["Server Name", "CPUs"], ["web-01", "4"]]))
    entry = entry_of(discovery, "servers.ods")

    assert (entry["accepted"], entry["rejected"]) == (1, 0)


@pytest.mark.parametrize(("rows", "columns", "limit"), [(1_000_000, 16_000, None), (100, 50, 1_000)])
def test_an_opendocument_sheet_that_repeats_values_to_the_edge_is_refused(
    discovery: Discovery, rows: int, columns: int, limit: int | None
) -> None:
    """Once with a limit so small that reading the sheet would do no harm."""
    if limit is not None:
        discovery.configuration["limits"] = {"sheet_cells": limit}
    document = open_document([["Server Name", "CPUs"], ["web-01", "4"]])
    with zipfile.ZipFile(io.BytesIO(document)) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    parts["content.xml"] = parts["content.xml"].replace(
        b'<table:table-row><table:table-cell office:value-type="string">',
        b'<table:table-row table:number-rows-repeated="%d"><table:table-cell office:value-type="string" '
        b'table:number-columns-repeated="%d">' % (rows, columns),
    )
    discovery.write("bomb.ods", packed(parts))

    assert "reaches to row" in entry_of(discovery, "bomb.ods")["reason"]


def test_declared_entities_are_refused_before_anything_could_expand_them(
    discovery: Discovery, tmp_path: Path
) -> None:
    parts = workbook(tmp_path / "book.xlsx")
    parts["xl/sharedStrings.xml"] = b'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "ha">]><sst/>'
    discovery.write("laughs.xlsx", packed(parts))

    assert "holds markup that no spreadsheet program writes" in entry_of(discovery, "laughs.xlsx")["reason"]


def test_a_part_that_packs_to_nearly_nothing_is_refused(discovery: Discovery, tmp_path: Path) -> None:
    parts = workbook(tmp_path / "book.xlsx") | {"xl/media/image1.png": b"\0" * (40 << 20)}
    discovery.write("bomb.xlsx", packed(parts))

    assert "packs" in entry_of(discovery, "bomb.xlsx")["reason"]


@pytest.mark.parametrize("name", ["inner.xlsx", "xl/workbook.bin"])
def test_archives_in_archives_and_binary_workbooks_say_what_to_do(discovery: Discovery, name: str) -> None:
    discovery.write("outer.xlsx", packed({name: packed({"x": b"y"})}))

    assert "save it as XLSX" in entry_of(discovery, "outer.xlsx")["reason"]


@pytest.mark.parametrize("depth", [400, 100_000])
@pytest.mark.parametrize("brackets", ["[]", "{}"])
def test_json_nested_too_deeply_is_refused_or_kept_as_text(
    discovery: Discovery, depth: int, brackets: str
) -> None:
    opening = "[" if brackets == "[]" else '{"a":'
    nested = opening * depth + "1" + brackets[1] * depth
    discovery.write("deep.json", f'[{{"hostname": "web-01", "notes": {nested}}}]')
    entry = entry_of(discovery, "deep.json")

    assert entry["format"] == "unreadable" or entry["accepted"] == 1


def test_strange_values_of_json_are_text_and_entries_that_are_no_objects_are_rejected(
    discovery: Discovery,
) -> None:
    discovery.write("a.json", '[{"hostname": "web-\\ud800"}, 7, {"hostname": "web-02", "cpus": NaN}, null]')
    entry = entry_of(discovery, "a.json")

    assert (entry["accepted"], json.loads(entry["reasons_json"])) == (2, {"not_a_record": 2})
    assert [row["row_number"] for row in discovery.rows("rejected_rows")] == [3, 5]


def test_a_number_of_thousands_of_digits_is_an_answer_and_no_crash(discovery: Discovery) -> None:
    discovery.write("a.json", '[{"hostname": "web-01", "cpus": ' + "1" * 5_000 + "}]")

    assert entry_of(discovery, "a.json")["format"] == "unreadable"


def test_one_broken_line_among_json_lines_costs_itself_only(discovery: Discovery) -> None:
    lines = ['{"hostname": "web-01"}', '{"hostname": "web-', '{"hostname": "web-03"}']
    discovery.write("a.ndjson", "\n".join(lines))
    entry = entry_of(discovery, "a.ndjson")

    assert (entry["accepted"], json.loads(entry["reasons_json"])) == (2, {"not_a_record": 1})


def test_each_list_of_a_json_document_is_a_sheet(discovery: Discovery) -> None:
    document = {"servers": [{"hostname": "web-01"}], "databases": [{"name": "crm", "engine": "Oracle"}] * 2}
    discovery.write("all.json", json.dumps(document))
    discovery.run("data_import")

    assert {row["sheet"]: row["accepted"] for row in discovery.rows("imports")} == {
        "servers": 1,
        "databases": 2,
    }


def test_a_parquet_file_damaged_in_the_middle_comes_in_not_at_all(
    discovery: Discovery, tmp_path: Path
) -> None:
    path = tmp_path / "servers.parquet"
    pl.DataFrame({"hostname": [f"web-{n}" for n in range(10_000)], "cpus": [4] * 10_000}).write_parquet(
        path, row_group_size=1_000, compression="zstd"
    )
    data = bytearray(path.read_bytes())
    data[len(data) // 2 : len(data) // 2 + 400] = b"\xff" * 400
    discovery.write("servers.parquet", bytes(data))
    entry = entry_of(discovery, "servers.parquet")

    assert (entry["format"], entry["rows"]) == ("unreadable", 0)


def test_parquet_of_nested_and_binary_columns_comes_in_as_text(discovery: Discovery, tmp_path: Path) -> None:
    path = tmp_path / "servers.parquet"
    pl.DataFrame(
        {"hostname": ["web-01"], "raw": [b"caf\xe9"], "disks": [[{"gb": 4}]], "owner": [{"name": "Ada"}]}
    ).write_parquet(path)
    discovery.upload(path)
    discovery.run("data_import")

    [row] = discovery.rows("raw_rows")
    assert row["cells"] == ["web-01", "caf\ufffd", '[{"gb":4}]', '{"name":"Ada"}']


def test_a_limit_that_does_not_exist_fails_in_a_sentence(discovery: Discovery) -> None:
    discovery.write("a.csv", f"{HEADER}\n{ROW}\n")
    discovery.configuration["limits"] = {"sheets": 3}

    with pytest.raises(PhaseError) as error:
        discovery.run("data_import")

    assert error.value.info.code == "invalid_configuration"
