"""The report says what of the files was not understood, and what came to nothing."""

import re
from datetime import date

from caravan_common.reporting import render_page
from caravan_discovery.report import make_report
from tests.unit.discovery.conftest import CHAIN, REPORTED, Discovery


def words_of(discovery: Discovery) -> str:
    """The page without its marks."""
    summaries = {key: value for phase in CHAIN for key, value in discovery.summary(phase).items()}
    frames = {name: discovery.table(name) for name in REPORTED}
    day = date(2026, 11, 21)
    page = render_page("Estate", day, [make_report("Estate", day, summaries, frames)])
    return " ".join(re.sub(r"<[^>]+>", " ", page).split())


def test_columns_and_values_that_were_not_understood_are_told_by_file(discovery: Discovery) -> None:
    discovery.write(
        "s.csv", "Server Name,IP Address,RAM GB,Shoe size\nweb-01,10.0.0.999,8,42\nweb-02,10.0.0.2,12-16,43\n"
    )
    discovery.run(*CHAIN)
    page = words_of(discovery)
    assert (
        "3 of 4 columns became attributes; 1 of unknown meaning kept as they are; 2 values could not be used."
        in page
    )
    assert "s.csv 4 3 1 Shoe size" in page
    assert "IP addresses s.csv 1 no IP address there can be row 2" in page
    assert "memory (GB) s.csv 1 no number that can be read row 3" in page


def test_the_summary_counts_unread_values_and_names_none(discovery: Discovery) -> None:
    discovery.write(
        "s.csv",
        "Server Name,IP Address\n" + "".join(f"w{at},10.0.0.{at}\n" for at in range(8)) + "x,Anna's desk\n",
    )
    discovery.run(*CHAIN)
    assert discovery.summary("data_cleansing")["unread_values"] == [
        {
            "file": "s.csv",
            "sheet": "",
            "attribute": "ip_addresses",
            "code": "impossible_address",
            "count": 1,
            "first_row": 10,
        }
    ]


def test_a_table_of_which_nothing_came_is_a_gap_and_told_in_the_report(discovery: Discovery) -> None:
    discovery.write("s.csv", "Server Name,IP Address\nweb-01,10.0.0.1\n")
    discovery.write("letter.txt", "Colour;Shape\nred;round\nblue;square\n")
    discovery.run(*CHAIN)
    [gap] = [row for row in discovery.rows("gaps") if row["kind"] == "unused_sheet"]
    assert (gap["subject"], gap["count"], gap["severity"]) == ("letter.txt", 2, "high")
    assert gap["message"].startswith("2 rows of letter.txt were taken in, but no column says which machine")
    page = words_of(discovery)
    assert "Nothing came of letter.txt: no column there says what the rows are about." in page
    assert "letter.txt no known format 2 2 0 nothing came of its rows" in page


def test_a_table_of_flows_is_used_though_its_rows_are_no_assets(discovery: Discovery) -> None:
    discovery.write("flows.csv", "Source IP,Destination IP,Destination Port\n10.0.0.1,10.0.0.2,443\n")
    discovery.write("s.csv", "Server Name,IP Address\nweb-01,10.0.0.1\n")
    discovery.run(*CHAIN)
    assert not [row for row in discovery.rows("gaps") if row["kind"] == "unused_sheet"]


def test_columns_that_a_known_format_has_no_attribute_for_are_not_of_unknown_meaning(
    discovery: Discovery,
) -> None:
    discovery.write(
        "cmdb.csv",
        "sys_id,name,ip_address,os,sys_class_name,u_motto\n1,web-01,10.0.0.1,RHEL 8,x,per aspera\n",
    )
    discovery.run(*CHAIN)
    assert "cmdb.csv 6 4 1 u_motto" in words_of(discovery)
