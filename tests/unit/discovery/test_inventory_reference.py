"""The reference files, counted: only collected when CARAVAN_REFERENCE_DATA names the folder that holds them."""

import os
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from tests.unit.discovery.conftest import Discovery

CHAIN = ("data_import", "attribute_mapping", "data_cleansing", "inventory", "dependencies", "tech_debt")
RVTOOLS = "aws_samples/RVTools_Export.xlsx"
MPA = "aws_samples/it-infrastructure-inventory.xlsx"
_FOLDER = os.environ.get("CARAVAN_REFERENCE_DATA")


def deliver(discovery: Discovery, *names: str) -> dict[str, Any]:
    for name in names:
        discovery.upload(Path(_FOLDER or "") / "inventories" / name)
    discovery.run(*CHAIN)
    return dict(discovery.summary("inventory")["assets"])


def total(discovery: Discovery, column: str, *types: str) -> float:
    rows = discovery.table("assets").filter(pl.col("asset_type").is_in(types))
    return float(rows[column].sum())


if _FOLDER:

    def test_rvtools_leaves_188_of_212(discovery: Discovery) -> None:
        counts = deliver(discovery, RVTOOLS)

        assert counts["by_type"] == {"virtual_machine": 212, "hypervisor_host": 4}
        assert counts["migration_targets"] == 188
        assert counts["not_targets"] == {
            "template": 15, "srm_placeholder": 4, "restored_copy": 5, "hypervisor_host": 4,
        }  # fmt: skip
        assert round(total(discovery, "memory_gb", "virtual_machine"), 3) == 1644.066
        assert total(discovery, "cpu_cores", "virtual_machine") == 549
        assert total(discovery, "storage_gb", "virtual_machine") * 1024 == 14_714_695
        assert total(discovery, "storage_used_gb", "virtual_machine") * 1024 == 12_975_286

    def test_rvtools_raises_what_is_odd(discovery: Discovery) -> None:
        deliver(discovery, RVTOOLS)

        codes = discovery.table("inventory_issues")["code"].value_counts()
        assert dict(codes.iter_rows()) | {
            "powered_off": 137, "guest_not_running": 10, "repeated_name": 1, "looks_like_template": 1,
        } == dict(codes.iter_rows())  # fmt: skip
        cleansing = discovery.summary("data_cleansing")["cleansing"]["by_code"]
        assert cleansing["sources_differ"] == 36
        assert cleansing["impossible_name"] == 1
        gaps = {row["natural_key"] for row in discovery.rows("gaps")}
        assert "unresolved:rvtools:1:host:10.7.9.219" in gaps
        addresses = discovery.table("assets")["ip_addresses"].explode().drop_nulls()
        assert addresses.n_unique() >= 78

    def test_no_password_of_rvtools_reaches_a_dataset_of_ours(discovery: Discovery) -> None:
        deliver(discovery, RVTOOLS)

        for name in ("clean_rows", "changes", "cleansing_issues", "assets"):
            assert "is changeme" not in discovery.table(name).write_json(), name

    def test_the_portfolio_is_200_servers_14_applications_14_databases(discovery: Discovery) -> None:
        counts = deliver(discovery, MPA)

        assert counts["by_type"] == {"server": 108, "virtual_machine": 92, "application": 14, "database": 14}
        assert counts["migration_targets"] == 200
        assert total(discovery, "cpu_cores", "server", "virtual_machine") == 2263
        assert total(discovery, "memory_gb", "server", "virtual_machine") == 6503.5
        percents = (
            discovery.table("assets").select("cpu_max_percent", "cpu_avg_percent", "memory_max_percent").max()
        )
        assert percents.row(0) == (75.0, 27.0, 60.0)

    def test_the_portfolio_has_99_memberships_and_153_servers_of_none(discovery: Discovery) -> None:
        deliver(discovery, MPA)

        members = discovery.table("memberships")
        named = members.filter(pl.col("kind") == "application")
        machines = named.filter(~pl.col("asset_key").str.contains(":database:"))
        assert (
            machines.height,
            machines["application_key"].n_unique(),
            machines["asset_key"].n_unique(),
        ) == (99, 14, 47)
        assert members.filter(pl.col("kind") == "unassigned").height == 153

    def test_what_dangles_in_the_portfolio_is_a_gap_with_suggestions(discovery: Discovery) -> None:
        deliver(discovery, MPA)

        gaps = {
            row["subject"]: row for row in discovery.rows("gaps") if row["kind"] == "unresolved_reference"
        }
        assert set(gaps) == {f"D{number}" for number in range(1, 10)}
        assert "DB5" in gaps["D5"]["suggestions"]
        [open_end] = [row for row in discovery.rows("gaps") if row["kind"] == "unknown_endpoint"]
        assert (open_end["subject"], open_end["count"]) == ("Server10", 2)
        assert "Server10-Monitoring" in open_end["suggestions"]
        flows = discovery.table("dependencies").filter(pl.col("origin") == "observed flow")
        assert flows.height == 7
        assert discovery.summary("data_cleansing")["cleansing"]["by_code"]["impossible_address"] == 4

    def test_both_files_join_nothing(discovery: Discovery) -> None:
        counts = deliver(discovery, RVTOOLS, MPA)

        assert counts["total"] == 212 + 200 + 4 + 14 + 14
        assert counts["migration_targets"] == 388
        assert discovery.results["inventory"].questions == []

    def test_the_intake_form_is_8_servers_and_3_applications(discovery: Discovery) -> None:
        counts = deliver(discovery, "aws_cmf_intake/server-list.csv")

        assert counts["by_type"] == {"server": 8, "application": 3}
        issues = discovery.table("inventory_issues").filter(pl.col("code") == "shared_identifier")
        assert issues["message"].str.contains("server6.example.local").to_list() == [True]
        debt = discovery.summary("tech_debt")["tech_debt"]
        assert (debt["unsupported"] + debt["ending_12_months"], debt["unknown"]) == (8, 0)

    def test_equal_short_names_of_intake_and_portfolio_are_asked_and_not_joined(discovery: Discovery) -> None:
        counts = deliver(discovery, MPA, "aws_cmf_intake/server-list.csv")

        assert counts["migration_targets"] == 208
        assert len(discovery.results["inventory"].questions) == 8

    @pytest.mark.parametrize(
        ("name", "applications", "conflicts", "edges"),
        [
            ("template_application_import", 3, 0, 2),
            ("valid_application_rows", 2, 0, 0),
            ("app_name_with_spaces", 1, 1, 0),
            ("desc_comments_char_limit_rows", 2, 0, 0),
            ("invalid_record_type_21", 0, 0, 0),
            ("lantik_bug", 1, 0, 0),
            ("mandatory_and_empty_row_21", 2, 0, 0),
            ("missing_application_name", 0, 0, 0),
            ("missing_business_21", 1, 0, 0),
            ("missing_tags_and_bs", 2, 0, 0),
            ("non_existing_tags_business_service_rows", 2, 0, 0),
        ],
    )
    def test_an_application_import_counts_as_its_file_says(
        discovery: Discovery, name: str, applications: int, conflicts: int, edges: int
    ) -> None:
        counts = deliver(discovery, f"konveyor/{name}.csv")

        assert counts["by_type"].get("application", 0) == applications
        assert discovery.summary("inventory")["conflicts"] == conflicts
        assert discovery.summary("dependencies")["dependencies"]["edges"] == edges

    def test_an_application_twice_with_other_content_is_one_application_and_conflicts(
        discovery: Discovery,
    ) -> None:
        counts = deliver(discovery, "konveyor/app_name_with_spaces_21.csv")

        assert counts["by_type"] == {"application": 1}
        assert discovery.summary("inventory")["conflicts"] >= 1
