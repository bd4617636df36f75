"""Portfolio, members and edges: every target once, nothing invented, dates and shared services understood."""

from collections.abc import Callable
from datetime import date
from typing import Any

import polars as pl
import pytest

from caravan_assessment.domain.portfolio.constraints import find_dates, read_freezes
from tests.unit.assessment.conftest import SERVERS, Assessment

Assess = Callable[..., Assessment]


def test_every_target_of_the_sample_is_in_exactly_one_unit(harbour: Assessment) -> None:
    harbour.run("overview")
    targets = harbour.table("members").filter(pl.col("role") == "target")
    assert targets.height == targets["asset_key"].n_unique() == harbour.targets() == 365
    assert int(harbour.table("portfolio")["targets"].sum()) == 365


def test_a_file_without_applications_gives_a_unit_to_every_server(assess: Assess) -> None:
    rows = "".join(f"srv-{n:02},,4,16,100,Ubuntu 22.04,production,\n" for n in range(1, 9))
    flow = assess(servers=SERVERS + rows)
    flow.run("overview")
    found = flow.table("portfolio")
    assert set(found["kind"]) == {"unassigned"}
    assert int(found["targets"].sum()) == flow.targets() == 8


def test_applications_that_share_a_server_move_together_and_it_is_counted_once(assess: Assess) -> None:
    flow = assess(
        servers=SERVERS
        + "srv-1,Shop;Till,4,16,100,Ubuntu 22.04,production,low\nsrv-2,Shop,4,16,100,Ubuntu 22.04,production,low\n"
    )
    flow.run("overview")
    assert int(flow.table("portfolio")["targets"].sum()) == 2
    ties = flow.table("application_edges").filter(pl.col("kind") == "must_together")
    assert ties.height == 1
    assert "both run on" in ties["evidence"][0][0]


def test_what_nobody_knows_stays_null_and_is_named(assess: Assess) -> None:
    flow = assess(servers=SERVERS + "srv-1,Shop,,,,,,\n")
    flow.run("overview")
    row = flow.row("portfolio", "Shop")
    assert row["cpu_cores"] is None
    assert row["current_monthly_cost"] is None
    assert row["pii"] is None
    assert {"criticality", "cost today", "measured use"} <= set(row["unknowns"])
    assert row["readiness"] < 0.3


def test_machines_that_no_cloud_takes_are_blockers_with_their_reason(harbour: Assessment) -> None:
    harbour.run("overview")
    blocked = harbour.table("portfolio").filter(pl.col("blocked_targets") > 0)
    assert int(blocked["blocked_targets"].sum()) == 6
    words = " ".join(blocked["blockers"].explode().to_list())
    assert all(reason in words for reason in ("mainframe", "IBM i", "appliance", "not x86"))


def test_edges_to_directory_and_monitoring_stay_marked_as_noise(harbour: Assessment) -> None:
    harbour.run("overview")
    found = harbour.table("application_edges")
    services = harbour.table("portfolio").filter("shared_service")["natural_key"].to_list()
    touching = found.filter(pl.col("target").is_in(services) | pl.col("source").is_in(services))
    assert touching.height
    assert touching["shared_service"].all()
    assert harbour.table("portfolio").filter("shared_service")["callers"].to_list() == [0] * len(services)


def test_not_before_dates_of_the_sample_are_read_from_a_column_that_nobody_mapped(
    harbour: Assessment,
) -> None:
    harbour.run("overview")
    known = dict(harbour.table("portfolio").drop_nulls("not_before").select("name", "not_before").iter_rows())
    assert known == {
        "HR Portal": date(2027, 1, 15),
        "Payments": date(2027, 2, 1),
        "Warehouse Management": date(2027, 4, 1),
        "Access Control": date(2027, 6, 30),
    }


@pytest.mark.parametrize(
    ("text", "windows", "unread"),
    [
        ("15.12.2026 - 08.01.2027", ["2026-12-15..2027-01-08"], []),
        ("2026-12-18..2027-01-04", ["2026-12-18..2027-01-04"], []),
        ("12/20/2026 to 01/15/2027", ["2026-12-20..2027-01-15"], []),
        ("01/02/2027 to 03/02/2027", [], ["01/02/2027 to 03/02/2027"]),
        ("around Christmas", [], ["around Christmas"]),
        ("2027-01-04..2026-12-18", [], ["2027-01-04..2026-12-18"]),
    ],
)
def test_freeze_windows_are_read_or_said_to_be_unreadable(
    text: str, windows: list[str], unread: list[str]
) -> None:
    row = read_freezes(pl.DataFrame({"natural_key": ["a"], "freeze_windows": [[text]]})).row(0, named=True)
    assert (row["freeze_windows"], row["unread_freezes"]) == (windows, unread)


@pytest.mark.parametrize(
    ("attributes", "not_before", "exit_by"),
    [
        ('{"Not before": "01.04.2027"}', date(2027, 4, 1), None),
        ('{"Earliest migration date": "2027-03-01"}', date(2027, 3, 1), None),
        ('{"Contract end": "2027-06-30"}', None, date(2027, 6, 30)),
        ('{"Note": "Not before: 2027-01-01"}', None, None),
        ('{"Not before": "when the moon is full"}', None, None),
    ],
)
def test_dates_that_bind_a_plan_are_known_by_their_header(
    attributes: str, not_before: date | None, exit_by: date | None
) -> None:
    row = find_dates(pl.DataFrame({"natural_key": ["a"], "custom_attributes": [attributes]})).row(
        0, named=True
    )
    assert (row["not_before"], row["exit_by"]) == (not_before, exit_by)
    assert bool(row["unread"]) == ("moon" in attributes)


@pytest.mark.parametrize("key", ["applications", "assets"])
def test_a_scope_of_one_application_leaves_the_others_out(harbour: Assessment, key: str) -> None:
    harbour.configuration["scope"] = {key: ["payroll", "Nobody's"]}
    harbour.run("overview")
    assert harbour.table("portfolio")["name"].to_list() == ["Payroll"]
    assert set(harbour.table("members")["application"]) == set(harbour.table("portfolio")["natural_key"])
    assert harbour.summary("overview")["scope_not_found"] == ["nobody's"]


def test_a_scope_of_one_server_brings_its_application_with_that_server_only(harbour: Assessment) -> None:
    harbour.configuration["scope"] = {"assets": ["billing-web-01"]}
    named = (
        harbour.table("assets")
        .filter(pl.col("is_target"), pl.col("name").str.starts_with("bill"))["name"]
        .sort()
    )
    harbour.configuration["scope"] = {"assets": [named[0]]}
    harbour.run("overview")
    assert harbour.table("portfolio").select("name", "targets").rows() == [("Billing", 1)]


def test_equal_inputs_give_equal_bytes(harbour: Assessment) -> None:
    digests: list[list[Any]] = []
    for _ in range(2):
        harbour.run("overview", "treatment")
        names = ("portfolio", "members", "application_edges", "readiness", "treatments", "asset_treatments")
        digests.append([harbour.inputs[name].manifest.artifact.sha256 for name in names])
    assert digests[0] == digests[1]
