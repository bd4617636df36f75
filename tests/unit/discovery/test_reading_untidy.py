"""What people deliver that is no tidy table: no header, tables on their side, pivots, several in a sheet."""

import json
from collections.abc import Sequence
from io import BytesIO

import pytest
import xlsxwriter

from caravan_common.contracts import PhaseError
from tests.unit.discovery.conftest import Discovery

UNTIL_INVENTORY = ("data_import", "attribute_mapping", "data_cleansing", "inventory")
Rows = Sequence[Sequence[object]]
SERVERS: Rows = [["Host", "IP", "vCPUs", "RAM GB"], ["x1", "10.0.0.1", 4, 16], ["x2", "10.0.0.2", 4, 16]]


def workbook(**sheets: Rows) -> bytes:
    packed = BytesIO()
    with xlsxwriter.Workbook(packed) as book:
        for name, rows in sheets.items():
            sheet = book.add_worksheet(name)
            for number, row in enumerate(rows):
                sheet.write_row(number, 0, row)
    return packed.getvalue()


def names(discovery: Discovery) -> list[str]:
    return sorted(row["name"] for row in discovery.rows("assets"))


@pytest.mark.parametrize("text", ["web01\nweb02\ndb01\n", "web01,10.0.0.1,4,16\nweb02,10.0.0.2,4,16\n"])
def test_a_list_without_a_header_is_refused_with_what_to_put_above_it(
    discovery: Discovery, text: str
) -> None:
    discovery.write("hosts.csv", text)
    with pytest.raises(
        PhaseError, match=r"hosts.csv has no row that names its columns: put one above the data"
    ):
        discovery.run("data_import")


def test_a_table_on_its_side_makes_no_assets_of_its_columns(discovery: Discovery) -> None:
    discovery.write(
        "turned.csv", "Server,web01,web02\nIP,10.0.0.1,10.0.0.2\nOS,RHEL 7,RHEL 7\nRAM (GB),16,16\n"
    )
    discovery.write("s.csv", "Name,IP\na,10.0.0.9\n")
    discovery.run(*UNTIL_INVENTORY)
    assert {row["file"]: row["reason"] for row in discovery.rows("imports")} == {
        "turned.csv": "transposed_sheet",
        "s.csv": None,
    }
    assert names(discovery) == ["a"]


def test_a_pivot_table_is_no_inventory(discovery: Discovery) -> None:
    pivot: Rows = [
        ["Row Labels", "Count of Host"],
        ["DL380", 3],
        ["DL360", 2],
        ["Grand Total", 5],
    ]
    discovery.write("i.xlsx", workbook(Servers=SERVERS, Summary=pivot))
    discovery.run(*UNTIL_INVENTORY)
    assert {row["sheet"]: row["reason"] for row in discovery.rows("imports")} == {
        "Servers": None,
        "Summary": "pivot_sheet",
    }
    assert names(discovery) == ["x1", "x2"]


def test_another_table_below_the_first_is_rejected_row_by_row_and_becomes_no_assets(
    discovery: Discovery,
) -> None:
    below: Rows = [
        [], ["Decommissioned"], [], ["Host", "Retired on", "Reason"],
        ["z1", "2020-01-01", "old"], ["z2", "2021-01-01", "old"],
    ]  # fmt: skip
    discovery.write("i.xlsx", workbook(Servers=[*SERVERS, *below]))
    discovery.run(*UNTIL_INVENTORY)
    rejected = [(row["row_number"], row["code"]) for row in discovery.rows("rejected_rows")]
    assert [number for number, code in rejected if code == "second_table"] == [7, 8, 9]
    assert names(discovery) == ["x1", "x2"]


def test_rows_after_a_gap_stay_rows_and_so_does_a_repeated_header(discovery: Discovery) -> None:
    discovery.write("i.xlsx", workbook(Servers=[*SERVERS, [], SERVERS[0], ["x3", "10.0.0.3", 2, 8]]))
    discovery.run(*UNTIL_INVENTORY)
    assert [row["code"] for row in discovery.rows("rejected_rows")] == ["blank_row", "repeated_header"]
    assert names(discovery) == ["x1", "x2", "x3"]


def test_a_cell_that_says_what_its_header_says_begins_no_other_table(discovery: Discovery) -> None:
    rows: Rows = [["Name", "Server", "OS"], ["web01", "Server", "Linux"], [], ["web02", "Server", "Linux"]]
    discovery.write("i.xlsx", workbook(Servers=rows))
    discovery.run("data_import")
    assert [row["code"] for row in discovery.rows("rejected_rows")] == ["blank_row"]


def test_a_list_that_lies_deeper_in_a_json_document_is_found(discovery: Discovery) -> None:
    servers = [{"name": "j1", "os": "RHEL 8", "specs": {"cpu": 4}}, {"name": "j2", "os": "RHEL 8"}]
    export = {"id": 7, "name": "May", "meta": {"count": 2}, "data": {"servers": servers}}
    discovery.write("export.json", json.dumps(export))
    discovery.run(*UNTIL_INVENTORY)
    assert names(discovery) == ["j1", "j2"]


def test_a_single_record_with_lists_of_its_own_stays_one(discovery: Discovery) -> None:
    record = {"name": "j1", "os": "RHEL 8", "memory_gb": 8, "hardware": {"disks": [{"size": 1}, {"size": 2}]}}
    discovery.write("one.json", json.dumps(record))
    discovery.run(*UNTIL_INVENTORY)
    assert names(discovery) == ["j1"]


def test_virtual_machines_of_netbox_are_virtual(discovery: Discovery) -> None:
    machine = {"id": 1, "url": "u", "name": "nb1", "cluster": {"name": "c1"}, "vcpus": 4, "memory": 8192, "disk": 100,
               "site": {"name": "Berlin"}, "platform": {"name": "Debian 11"}}  # fmt: skip
    discovery.write("netbox.json", json.dumps({"count": 1, "results": [machine]}))
    discovery.run(*UNTIL_INVENTORY)
    assert [(row["name"], row["asset_type"]) for row in discovery.rows("assets")] == [
        ("nb1", "virtual_machine")
    ]


def test_names_that_differ_in_case_alone_are_one_machine_and_a_conflict(discovery: Discovery) -> None:
    discovery.write(
        "s.csv", "Server Name,IP Address,RAM GB\nWEB-01,10.0.0.1,8\nweb-01,10.0.0.1,16\nweb-02,10.0.0.2,8\n"
    )
    discovery.run(*UNTIL_INVENTORY)
    assert names(discovery) == ["WEB-01", "web-02"]
    assert "memory_gb" in {row["attribute"] for row in discovery.rows("conflicts")}
