"""End of life: what is matched, what is ambiguous, what stays unknown, and the phase's figures."""

from datetime import date

import polars as pl
import pytest

from caravan_common.contracts import PhaseError
from caravan_discovery.domain.lifecycle import Status, assess_lifecycle, find_usage_debt, load_table
from tests.unit.discovery.conftest import Discovery

TODAY = date(2026, 11, 21)
CHAIN = ("data_import", "attribute_mapping", "data_cleansing", "inventory", "dependencies", "tech_debt")


@pytest.mark.parametrize(
    ("product", "version", "status", "eol"),
    [
        ("windows-server", "2008 R2", Status.UNSUPPORTED, date(2020, 1, 14)),
        ("windows-server", "2016", Status.ENDING, date(2027, 1, 12)),
        ("rhel", "7.9", Status.UNSUPPORTED, date(2024, 6, 30)),
        ("ubuntu", "22.04.4", Status.ENDING, date(2027, 4, 1)),
        ("oracle-linux", "8", Status.SUPPORTED, date(2029, 7, 31)),
        ("mssqlserver", "2017", Status.ENDING, date(2027, 10, 12)),
        ("oracle-database", "11g", Status.UNSUPPORTED, date(2015, 1, 31)),
        ("postgresql", "14.9", Status.UNSUPPORTED, date(2026, 11, 12)),
        ("sles", "12", Status.UNSUPPORTED, date(2024, 10, 31)),
    ],
)
def test_a_version_has_the_status_of_its_cycle_on_that_day(
    product: str, version: str, status: Status, eol: date
) -> None:
    found = assess_lifecycle(load_table(), product, version, TODAY)

    assert (found.status, found.eol_date) == (status, eol)


@pytest.mark.parametrize(
    ("product", "version"),
    [
        ("windows-server", "2016 or later"),
        ("mysql", "8"),
        ("amazon-linux", "3"),
        ("ubuntu", None),
        (None, "4"),
        ("no-such-product", "1"),
    ],
)
def test_what_can_not_be_told_stays_unknown_and_says_why(product: str | None, version: str | None) -> None:
    found = assess_lifecycle(load_table(), product, version, TODAY)

    assert found.status is Status.UNKNOWN
    assert found.note


def test_an_ambiguous_version_whose_readings_agree_has_their_status_with_less_confidence() -> None:
    sure = assess_lifecycle(load_table(), "centos", "7", TODAY)
    unsure = assess_lifecycle(load_table(), "centos", "4/5/6/7", TODAY)

    assert unsure.status is Status.UNSUPPORTED
    assert unsure.confidence < sure.confidence
    assert "ambiguous" in unsure.note


def test_the_same_version_is_supported_on_an_earlier_day() -> None:
    assert assess_lifecycle(load_table(), "rhel", "7.9", date(2020, 1, 1)).status is Status.SUPPORTED


def test_the_table_says_where_it_comes_from() -> None:
    table = load_table()

    assert (table.source, table.licence, table.taken) == ("endoflife.date", "MIT", date(2026, 8, 22))
    assert len(table.cycles) >= 60


def test_a_date_that_only_a_page_of_others_states_is_marked_as_weak() -> None:
    table, day = load_table(), date(2026, 11, 21)
    weak = {
        (name, cycle.cycle): cycle.source
        for name, each in table.cycles.items()
        for cycle in each
        if cycle.weak
    }

    assert {name for name, _ in weak} == {"oracle-weblogic", "hp-ux", "ibm-zos", "ibm-informix"}
    assert not [each for each in weak.values() if "ibm.com" in each or "endoflife" in each]
    found = assess_lifecycle(table, "hp-ux", "11.31", day)
    assert (found.weak, found.confidence, found.status) == (True, 0.5, Status.UNSUPPORTED)
    assert "confirm it with the vendor" in found.note
    told_by_ibm = assess_lifecycle(table, "ibm-zos", "2.3", day)
    assert (told_by_ibm.weak, told_by_ibm.note) == (False, "")


def test_idle_and_zombie_need_figures() -> None:
    assets = pl.DataFrame(
        {"cpu_avg_percent": [1.0, 1.0, 12.0, 60.0, None], "memory_avg_percent": [2.0, 50.0, None, 10.0, 1.0]}
    )

    assert find_usage_debt(assets).to_list() == ["zombie", "idle", "idle", None, None]


def test_the_phase_counts_every_machine_and_database_once(discovery: Discovery) -> None:
    discovery.configuration["as_of"] = "2026-11-21"
    discovery.write(
        "s.csv",
        "Server Name,IP Address,Operating System,Average CPU %,Application\n"
        "a,10.0.0.1,RHEL 7.9,60,Shop\nb,10.0.0.2,Windows Server 2016,10,Shop\n"
        "c,10.0.0.3,Oracle Linux 8,2,\nd,10.0.0.4,,,\n",
    )
    summary = discovery.run(*CHAIN).summary["tech_debt"]

    assert summary == {
        "unsupported": 1, "ending_12_months": 1, "supported": 1, "unknown": 1, "idle": 1, "zombie": 1,
    }  # fmt: skip
    debt = {row["natural_key"]: row for row in discovery.rows("tech_debt")}
    assert debt["generic:a#operating_system"]["severity"] == "high"
    assert "2024-06-30" in debt["generic:a#operating_system"]["remediation"]
    assert debt["generic:d#operating_system"]["score"] is None
    assert debt["application:shop#application"]["note"].startswith("worst: a;")


def test_what_many_need_and_what_takes_the_estate_apart_are_single_points_of_failure(
    discovery: Discovery,
) -> None:
    discovery.write(
        "s.csv",
        "Server Name,IP Address,Depends On\n"
        "web-01,10.0.0.1,broker-01\nweb-02,10.0.0.2,broker-01\nweb-03,10.0.0.3,broker-01\n"
        "broker-01,10.0.0.4,queue-01\nqueue-01,10.0.0.5,store-01\nstore-01,10.0.0.6,\n",
    )
    summary = discovery.run(*CHAIN).summary

    points = {
        row["asset_name"]: (row["dependents"], row["cut_off"], row["severity"], row["note"])
        for row in discovery.rows("tech_debt")
        if row["kind"] == "single_point_of_failure"
    }
    assert points == {
        # Without it each web server is alone: three of five are cut off from what is left of the most, two.
        "broker-01": (3, 3, "medium", "3 applications or machines need it; its loss cuts off 3 assets"),
        "queue-01": (1, 1, "low", "its loss cuts off 1 asset"),
    }
    assert summary["single_points_of_failure"] == 2


def test_a_template_is_no_debt_of_the_estate(discovery: Discovery) -> None:
    discovery.write(
        "s.csv",
        "VM Name,IP Address,Operating System,Template\na,10.0.0.1,RHEL 7.9,false\nb,10.0.0.2,RHEL 7.9,true\n",
    )
    summary = discovery.run(*CHAIN).summary["tech_debt"]

    assert summary["unsupported"] == 1


def test_a_flow_without_its_date_is_refused_in_words(discovery: Discovery) -> None:
    discovery.write("s.csv", "Server Name,IP Address\na,10.0.0.1\n")
    discovery.configuration.clear()

    with pytest.raises(PhaseError, match="as_of"):
        discovery.run(*CHAIN)
