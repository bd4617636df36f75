"""The phase as a user meets it: files in, clean rows, a log of changes and issues out."""

from pathlib import Path

import xlsxwriter

from tests.unit.discovery.conftest import Discovery

CHAIN = ("data_import", "attribute_mapping", "data_cleansing")
SERVERS = (
    "VM Name,IP Address,Operating System,CPUs,Memory MiB,Environment,Notes\n"
    'web-01  ,10.0.0.1,RHEL 7.9,4,"16,384",PROD,=cmd()\n'
    "web-02,10.0.0.300,Ubuntu Linux (64-bit),n/a,16 GiB,Mars,Password: hunter2\n"
    "web-03,10.0.0.3,,2,8192,dev,plain\n"
)


def test_cells_become_typed_attributes(discovery: Discovery) -> None:
    discovery.write("servers.csv", SERVERS)
    discovery.run(*CHAIN)

    rows = discovery.table("clean_rows").sort("row_number")

    assert rows["name"].to_list() == ["web-01", "web-02", "web-03"]
    assert rows["memory_gb"].to_list() == [16.0, 16.0, 8.0]
    assert rows["cpu_cores"].to_list() == [4, None, 2]
    assert rows["operating_system"].to_list() == ["Red Hat Enterprise Linux", "Ubuntu", None]
    assert rows["os_version"].to_list() == ["7.9", None, None]
    assert rows["environment"].to_list() == ["production", "Mars", "development"]
    assert rows["ip_addresses"].to_list() == [["10.0.0.1"], None, ["10.0.0.3"]]


def test_what_people_write_for_unknown_is_no_value_of_any_attribute(discovery: Discovery) -> None:
    discovery.write(
        "servers.csv",
        "VM Name,IP Address,Operating System,CPUs,Memory (GB),Owner,Environment\n"
        "web-01,10.0.0.1,RHEL 8,4,16,Ada,prod\nweb-02,n/a,N/A,n/a,-,unknown,tbd\nweb-03,10.0.0.3,RHEL 8,0,8,Bo,dev\n",
    )
    discovery.run(*CHAIN)

    told = discovery.table("clean_rows").sort("row_number").to_dicts()
    names = ("ip_addresses", "operating_system", "cpu_cores", "memory_gb", "business_owner", "environment")
    assert [told[1][name] for name in names] == [None] * 6
    assert told[2]["cpu_cores"] == 0
    assert discovery.rows("cleansing_issues") == []


def test_every_change_is_logged_with_its_rule(discovery: Discovery) -> None:
    discovery.write("servers.csv", SERVERS)
    discovery.run(*CHAIN)

    changes = {(row["row_number"], row["attribute"]): row for row in discovery.rows("changes")}

    assert changes[2, "environment"] | {"old": "PROD", "new": "production"} == changes[2, "environment"]
    assert changes[3, "cpu_cores"]["rule"] == "unknown_is_null"
    assert changes[3, "cpu_cores"]["new"] is None
    assert "× 0.0009765625" in changes[None, "memory_gb"]["rule"]


def test_what_is_wrong_becomes_an_issue_and_costs_quality(discovery: Discovery) -> None:
    discovery.write("servers.csv", SERVERS)
    result = discovery.run(*CHAIN)

    codes = {row["code"] for row in discovery.rows("cleansing_issues")}
    quality = discovery.table("clean_rows").sort("row_number")["quality_score"].to_list()

    assert {"impossible_address", "unknown_term", "secret_in_text"} <= codes
    assert quality[0] == 1.0
    assert quality[1] < quality[2]
    assert result.summary["cleansing"]["issues"] == len(discovery.rows("cleansing_issues"))


def test_a_password_reaches_no_dataset_of_the_phase(discovery: Discovery) -> None:
    discovery.write("servers.csv", SERVERS)
    discovery.run(*CHAIN)

    for name in ("clean_rows", "changes", "cleansing_issues"):
        assert "hunter2" not in discovery.table(name).write_json()


def test_a_formula_is_text(discovery: Discovery) -> None:
    notes = ["=1+1", "+49 40 123", "-2+3", "@SUM(A1)", "=cmd|'/c calc'!A1"]
    rows = [[f"web-{number}", f"10.0.0.{number}", note] for number, note in enumerate(notes)]
    header = ["VM Name", "IP Address", "Notes"]
    discovery.write("servers.csv", "\n".join(map(",".join, [header, *rows])))
    discovery.upload(_workbook_of_texts(discovery.folder / "servers.xlsx", [header, *rows]))
    discovery.run(*CHAIN)

    found = discovery.table("clean_rows").sort("file", "row_number")["description"].to_list()
    assert found == [*notes, *notes]


def _workbook_of_texts(path: Path, rows: list[list[str]]) -> Path:
    workbook = xlsxwriter.Workbook(path)
    sheet = workbook.add_worksheet("Servers")
    for number, row in enumerate(rows):
        for column, text in enumerate(row):
            sheet.write_string(number, column, text)
    workbook.close()
    return path


def test_a_percent_column_of_fractions_is_multiplied_and_flagged(discovery: Discovery) -> None:
    discovery.write("use.csv", "Server Name,IP Address,CPU utilization %\na,10.0.0.1,0.5\nb,10.0.0.2,0.04\n")
    discovery.run(*CHAIN)

    assert discovery.table("clean_rows")["cpu_avg_percent"].to_list() == [50.0, 4.0]
    assert [row["code"] for row in discovery.rows("cleansing_issues")] == ["fraction_assumed"]


def test_a_percent_column_above_one_is_left_alone(discovery: Discovery) -> None:
    discovery.write("use.csv", "Server Name,IP Address,CPU utilization %\na,10.0.0.1,0.5\nb,10.0.0.2,40\n")
    discovery.run(*CHAIN)

    assert discovery.table("clean_rows")["cpu_avg_percent"].to_list() == [0.5, 40.0]


def test_one_decimal_comma_tells_how_the_whole_column_is_read(discovery: Discovery) -> None:
    discovery.write(
        "sizes.csv",
        "Server Name;IP Address;Storage (GB)\na;10.0.0.1;1.234,5\nb;10.0.0.2;16,384\nc;10.0.0.3;7\n",
    )
    discovery.run(*CHAIN)

    assert discovery.table("clean_rows")["storage_gb"].to_list() == [1234.5, 16.384, 7.0]


def test_slashed_dates_follow_the_one_that_can_only_be_day_first(discovery: Discovery) -> None:
    discovery.write(
        "seen.csv", "Server Name,IP Address,Last Seen\na,10.0.0.1,3/4/2026\nb,10.0.0.2,25/4/2026\n"
    )
    discovery.run(*CHAIN)

    seen = discovery.table("clean_rows")["last_seen"].to_list()
    assert [moment.date().isoformat() for moment in seen] == ["2026-04-03", "2026-04-25"]


def test_equal_files_give_equal_bytes(discovery: Discovery) -> None:
    discovery.write("servers.csv", SERVERS)
    discovery.run(*CHAIN)
    first = discovery.inputs["clean_rows"].manifest.artifact.sha256

    discovery.run("data_cleansing")

    assert discovery.inputs["clean_rows"].manifest.artifact.sha256 == first
