"""Which rows come in, which do not and why; secrets; sources; nothing vanishes."""

import json
from pathlib import Path

import polars as pl
import pytest
import xlsxwriter

from tests.unit.discovery.conftest import Discovery

HEADER = "Server Name,DNS Name,Operating System,CPUs,Memory (GB),Environment"


def write(discovery: Discovery, *rows: str, header: str = HEADER, name: str = "servers.csv") -> None:
    discovery.write(name, "\n".join([header, *rows]) + "\n")


def rejections(discovery: Discovery) -> list[tuple[int, str]]:
    discovery.run("data_import")
    return [(row["row_number"], row["code"]) for row in discovery.rows("rejected_rows")]


def full(name: str, memory: str = "16") -> str:
    return f"{name},{name}.corp.example,Ubuntu 22.04,4,{memory},prod"


def test_rows_that_are_no_assets_are_rejected_each_for_its_reason(discovery: Discovery) -> None:
    write(
        discovery,
        full("web-01"),
        "Database servers,,,,,",
        full("web-02"),
        ",,,,,",
        ",,Ubuntu 22.04,4,16,prod",
        full("web-03", "see CMDB"),
        HEADER,
        full("web-04"),
        "TOTAL,,,16,64,",
    )

    assert rejections(discovery) == [
        (3, "category_row"),
        (5, "blank_row"),
        (6, "missing_name"),
        (7, "bad_number"),
        (8, "repeated_header"),
        (10, "total_row"),
    ]
    [entry] = discovery.summary("data_import")["imports"]
    assert (entry["rows"], entry["accepted"], entry["rejected"]) == (9, 3, 6)
    assert entry["reasons"]["category_row"] == 1


def test_a_server_called_total_and_a_lone_name_with_a_number_stay(discovery: Discovery) -> None:
    write(
        discovery,
        full("total-web-01"),
        full("web-01"),
        full("web-02"),
        "db-07,,,,,",
        "total-web-02,,,4,16,",
        "Total Recall,recall.corp.example,Ubuntu 22.04,4,16,prod",
    )

    assert rejections(discovery) == []


def test_blank_rows_before_the_first_and_after_the_last_row_are_no_rows(discovery: Discovery) -> None:
    write(discovery, ",,,,,", full("web-01"), ",,,,,", full("web-02"), ",,,,,", "", "")

    assert rejections(discovery) == [(4, "blank_row")]


def test_blank_rows_are_counted_across_batches(discovery: Discovery, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("caravan_discovery.domain.reading.csv_records._PIECE", 10)
    monkeypatch.setattr("caravan_discovery.domain.reading.csv_records.PART_RECORDS", 3)
    blank = [",,,,,"] * 7
    write(discovery, *blank, full("web-01"), *blank, full("web-02"), *blank)

    assert rejections(discovery) == [(number, "blank_row") for number in range(10, 17)]


def test_unknown_values_are_no_bad_numbers_and_neither_are_units(discovery: Discovery) -> None:
    values = ("n/a", "-", "unknown", "16 GiB", '"16,384"', "~ 16", "16.5", "k.A.")
    write(discovery, *(full(f"web-{number}", value) for number, value in enumerate(values)))

    assert rejections(discovery) == []


def test_words_in_a_column_that_never_holds_numbers_reject_nothing(discovery: Discovery) -> None:
    rows = [f"web-{number},Intel Xeon,prod" for number in range(4)]
    write(discovery, *rows, header="Server Name,CPU,Environment")

    assert rejections(discovery) == []


def test_a_rejected_row_says_where_and_keeps_its_cells_without_secrets(discovery: Discovery) -> None:
    write(
        discovery,
        "web-01,4,16,fine,x",
        "web-02,4,lots,root password: hunter2!,s3cr3t",
        "web-03,4,16,fine,x",
        header="Server Name,CPUs,Memory,Notes,Admin Password",
    )
    discovery.run("data_import")

    [row] = discovery.rows("rejected_rows")
    assert (row["natural_key"], row["column"]) == ("servers.csv##3", "Memory")
    kept = json.loads(row["cells"])
    assert kept["Server Name"] == "web-02"
    assert "hunter2" not in row["cells"]
    assert kept["Admin Password"] == "***"


def test_a_row_of_another_shape_keeps_its_cells_without_secrets(discovery: Discovery) -> None:
    write(
        discovery,
        "web-01,4,16,fine,x",
        "web-02,4,16,password: hunter2,s3cr3t,and,one,more",
        header="Server Name,CPUs,Memory,Notes,Admin Password",
    )
    discovery.run("data_import")

    [row] = discovery.rows("rejected_rows")
    assert row["code"] == "wrong_field_count"
    assert "hunter2" not in row["cells"]
    assert json.loads(row["cells"])["Admin Password"] == "***"


def test_a_note_that_forbids_the_import_is_a_note_and_rejects_nothing(discovery: Discovery) -> None:
    write(
        discovery,
        "web-01,4,do not import this machine before May",
        "web-02,4,nicht importieren",
        header="Server Name,CPUs,Notes",
    )

    assert rejections(discovery) == []
    assert discovery.table("raw_rows").height == 2


def test_samples_of_columns_hold_no_secrets(discovery: Discovery) -> None:
    write(discovery, "web-01,password=hunter2,abc", header="Server Name,Notes,API Key")
    discovery.run("data_import")

    samples = {row["column"]: row["samples"] for row in discovery.rows("source_columns")}
    assert samples == {"Server Name": ["web-01"], "Notes": ["password=***"], "API Key": ["***"]}


def test_the_same_bytes_twice_count_once(discovery: Discovery) -> None:
    write(discovery, full("web-01"))
    write(discovery, full("web-01"), name="copy.csv")
    discovery.run("data_import")

    assert discovery.table("raw_rows").height == 1
    assert [(row["file"], row["format"], row["reason"]) for row in discovery.rows("imports")] == [
        ("copy.csv", "generic", None),
        ("servers.csv", "ignored", "duplicate_file"),
    ]


def test_two_files_of_one_name_are_told_apart(discovery: Discovery) -> None:
    write(discovery, full("web-01"))
    write(discovery, full("web-02"))
    discovery.run("data_import")

    assert sorted(discovery.table("raw_rows")["file"].to_list()) == ["servers.csv", "servers.csv (2)"]


def test_a_name_that_could_mislead_a_terminal_is_cleaned(discovery: Discovery) -> None:
    write(discovery, full("web-01"), name="evil\x1b[2J\u202etxt.csv")
    discovery.run("data_import")

    assert discovery.rows("imports")[0]["file"] == "evil [2J txt.csv"


def test_equal_files_give_equal_tables_in_whatever_order_they_were_delivered(tmp_path: Path) -> None:
    tables = []
    for number, order in enumerate((("a.csv", "b.csv"), ("b.csv", "a.csv"))):
        folder = tmp_path / str(number)
        folder.mkdir()
        flow = Discovery(folder)
        for name in order:
            write(flow, full(f"web-{name}"), full("TOTAL"), name=name)
        flow.run("data_import")
        tables.append(
            [flow.table(name) for name in ("raw_rows", "source_columns", "imports", "rejected_rows")]
        )

    for first, second in zip(*tables, strict=True):
        assert first.equals(second)


VINFO = "VM,Powerstate,Template,DNS Name,CPUs,Memory,VM UUID,VI SDK UUID"
VDISK = "VM,Disk,Capacity MiB,Controller,Disk Mode,VM UUID,VI SDK UUID"


def test_tabs_saved_as_separate_files_are_one_source_bound_to_vinfo(discovery: Discovery) -> None:
    write(discovery, "web,poweredOn,false,,4,8192,U1,V", header=VINFO, name="RVTools_tabvInfo.csv")
    write(
        discovery,
        "web,Disk 1,1024,SCSI,persistent,u1,v",
        "web,Disk 1,1024,SCSI,persistent,U2,V",
        "web,Disk 1,1024,SCSI,persistent,,V",
        header=VDISK,
        name="RVTools_tabvDisk.csv",
    )

    assert rejections(discovery) == [(3, "no_vinfo_row"), (4, "no_vinfo_row")]
    sources = {(row["source"], row["record_kind"]) for row in discovery.rows("raw_rows")}
    assert sources == {("rvtools:1", "vInfo"), ("rvtools:1", "vDisk")}


def test_each_workbook_is_a_source_and_its_vinfo_does_not_vouch_for_another(
    discovery: Discovery, tmp_path: Path
) -> None:
    for number in (1, 2):
        path = tmp_path / f"rv{number}.xlsx"
        workbook = xlsxwriter.Workbook(path)
        sheet = workbook.add_worksheet("vInfo")
        sheet.write_row(0, 0, VINFO.split(","))
        sheet.write_row(1, 0, ["web", "poweredOn", "false", "", 4, 8192, f"U{number}", "V"])
        sheet = workbook.add_worksheet("vDisk")
        sheet.write_row(0, 0, VDISK.split(","))
        sheet.write_row(1, 0, ["web", "Disk 1", 1024, "SCSI", "persistent", "U1", "V"])
        workbook.close()
        discovery.upload(path)

    assert rejections(discovery) == [(2, "no_vinfo_row")]
    assert set(discovery.table("raw_rows")["source"]) == {"rvtools:1", "rvtools:2"}


def test_a_tab_without_any_vinfo_in_its_source_brings_in_nothing(discovery: Discovery) -> None:
    write(discovery, "web,Disk 1,1024,SCSI,persistent,U1,V", header=VDISK, name="disk.csv")

    assert rejections(discovery) == [(2, "no_vinfo_row")]


def test_konveyor_rows_are_told_apart_by_their_record_type(discovery: Discovery) -> None:
    write(
        discovery,
        "1,Shop,,",
        "2,Shop,Stock,southbound",
        "3,Shop,,",
        "1,,,",
        header="Record Type 1,Application Name,Dependency,Dependency Direction",
    )

    assert rejections(discovery) == [(4, "unknown_record_type"), (5, "missing_name")]
    assert discovery.table("raw_rows")["record_kind"].to_list() == ["application", "dependency"]


def test_distinct_values_are_counted_exactly_while_few_and_closely_when_many(discovery: Discovery) -> None:
    rows = [f"web-{number},{number % 7},x" for number in range(20_000)]
    write(discovery, *rows, header="Server Name,CPUs,Environment")
    discovery.run("data_import")

    distinct = {row["column"]: row["distinct"] for row in discovery.rows("source_columns")}
    assert distinct["CPUs"] == 7
    assert distinct["Environment"] == 1
    assert distinct["Server Name"] == pytest.approx(20_000, rel=0.05)


def test_the_raw_rows_stand_in_the_order_of_file_sheet_and_row(discovery: Discovery) -> None:
    for name in ("b.csv", "a.csv"):
        write(discovery, full("web-01"), full(f"web-{name}"), name=name)
    discovery.run("data_import")

    table = discovery.table("raw_rows")
    assert table.select("file", "sheet", "row_number").equals(
        table.select("file", "sheet", "row_number").sort(pl.all())
    )
