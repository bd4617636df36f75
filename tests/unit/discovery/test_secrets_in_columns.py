"""A password in a column of numbers, dates or addresses is masked like one in a note."""

import pytest

from tests.unit.discovery.conftest import Discovery

CHAIN = ("data_import", "attribute_mapping", "data_cleansing")


@pytest.mark.parametrize(
    "column", ["IP Address", "CPUs", "Memory (GB)", "Last Seen", "PII", "MAC Address", "BIOS UUID"]
)
def test_a_password_where_a_number_a_date_or_an_address_belongs_reaches_no_dataset(
    discovery: Discovery, column: str
) -> None:
    usual = {
        "IP Address": "10.0.0.1", "CPUs": "4", "Memory (GB)": "16", "Last Seen": "2026-01-01", "PII": "yes",
        "MAC Address": "00:50:56:aa:bb:cc", "BIOS UUID": "423ee9c0-216a-12a5-b4cb-f259c5fccc01",
    }  # fmt: skip
    wrong = usual | {column: "16 pwd: hunter2"}
    rows = [["web-01", *usual.values()], ["web-02", *usual.values()], ["web-03", *wrong.values()]]
    lines = [["Server Name", *usual], *rows]
    discovery.write("servers.csv", "\n".join(",".join(line) for line in lines))
    discovery.run(*CHAIN)

    for name in ("clean_rows", "changes", "cleansing_issues"):
        assert "hunter2" not in discovery.table(name).write_json()
    codes = {row["code"] for row in discovery.rows("cleansing_issues") if row["subject"] == "servers.csv##4"}
    assert "secret_in_text" in codes
    assert len(codes) == 2
