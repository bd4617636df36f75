"""What `caravan run` makes of the sample estate, against the account that the sample's generator keeps."""

import csv
import itertools
import re
from typing import Any
from uuid import UUID

import polars as pl
import pytest

from tests.e2e.conftest import Harbour

EXPORTS = (
    "assets",
    "applications",
    "rejected_rows",
    "field_mappings",
    "conflicts",
    "gaps",
    "dependencies",
    "tech_debt",
    "questions",
)
PHASES = ["data_import", "attribute_mapping", "data_cleansing", "inventory", "dependencies", "tech_debt"]


def test_every_phase_completes_and_says_how_long_it_took(harbour: Harbour) -> None:
    flow, *_ = harbour.answer["flows"]
    assert (flow["flow_type"], flow["status"]) == ("discovery", "completed")
    UUID(flow["id"])
    assert [phase["name"] for phase in flow["phases"]] == PHASES
    for phase in flow["phases"]:
        assert phase["status"] == "completed"
        assert phase["seconds"] > 0
        assert set(phase["decided_by"]) == {"rule", "crew", "learned", "person"}
    assert harbour.answer["seconds"] > 0


def test_the_chain_goes_on_through_every_flow_that_is_installed(harbour: Harbour) -> None:
    flows, handoffs = harbour.answer["flows"], harbour.answer["handoffs"]
    assert [flow["flow_type"] for flow in flows][:3] == ["discovery", "assessment", "planning"]
    assert {flow["status"] for flow in flows} == {"completed"}
    ways = list(itertools.pairwise(flows))
    assert [(each["from"], each["to"]) for each in handoffs] == [
        (one["flow_type"], other["flow_type"]) for one, other in ways
    ]
    assert {each["status"] for each in handoffs} == {"accepted"}


def test_every_sheet_is_accounted_for_row_by_row(harbour: Harbour) -> None:
    def by_sheet(imports: list[dict[str, Any]]) -> dict[tuple[str, str | None], dict[str, Any]]:
        return {(entry["file"], entry["sheet"]): entry for entry in imports}

    assert by_sheet(harbour.answer["imports"]) == by_sheet(harbour.expected["imports"])


def test_assets_are_counted_as_the_sample_counts_them(harbour: Harbour) -> None:
    told = {
        name: harbour.answer["assets"][name]
        for name in ("total", "by_type", "migration_targets", "not_targets")
    }
    assert told == {name: harbour.expected["assets"][name] for name in told}


def test_no_planted_contradiction_is_missed(harbour: Harbour) -> None:
    assert harbour.answer["conflicts"] >= len(harbour.expected["conflicts_planted"])
    assert harbour.answer["gaps"] > 0


def test_idle_and_lifeless_machines_are_found(harbour: Harbour) -> None:
    debt = harbour.answer["tech_debt"]
    assert debt["idle"] == len(harbour.expected["usage"]["idle"])
    assert debt["zombie"] == len(harbour.expected["usage"]["zombie"])


def test_an_ambiguous_column_is_left_as_an_open_question(harbour: Harbour) -> None:
    assert harbour.answer["open_questions"] > 0
    assert harbour.answer["open_questions"] == pl.read_parquet(harbour.exports / "questions.parquet").height


@pytest.mark.parametrize("name", EXPORTS)
def test_each_export_comes_as_csv_and_parquet_with_ids(harbour: Harbour, name: str) -> None:
    frame = pl.read_parquet(harbour.exports / f"{name}.parquet")
    ids = frame["entity_id"].to_list()
    assert len({UUID(id_) for id_ in ids}) == len(ids)
    with (harbour.exports / f"{name}.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert [row["entity_id"] for row in rows] == ids
    assert list(rows[0]) == frame.columns


def test_exports_agree_with_the_figures_printed(harbour: Harbour) -> None:
    heights = {name: pl.read_parquet(harbour.exports / f"{name}.parquet").height for name in EXPORTS}
    assert heights["assets"] == harbour.answer["assets"]["total"]
    assert heights["conflicts"] == harbour.answer["conflicts"]
    assert heights["gaps"] == harbour.answer["gaps"]
    assert heights["dependencies"] == harbour.answer["dependencies"]["edges"]
    assert heights["rejected_rows"] == sum(entry["rejected"] for entry in harbour.answer["imports"])


def test_assets_carry_the_canonical_attributes_and_their_sources(harbour: Harbour) -> None:
    assets = pl.read_parquet(harbour.exports / "assets.parquet")
    targets = assets.filter("is_target")
    assert targets.height == harbour.answer["assets"]["migration_targets"]
    assert targets.filter(pl.col("sources").list.len() == 0).is_empty()
    assert {"memory_gb", "cpu_cores", "operating_system", "custom_attributes"} <= set(assets.columns)


def test_no_cell_of_a_csv_is_a_formula(harbour: Harbour) -> None:
    with (harbour.exports / "assets.csv").open(encoding="utf-8", newline="") as file:
        cells = [cell for row in csv.reader(file) for cell in row]
    begin = {cell[0] for cell in cells if cell}
    assert not begin & set("=+-@")
    escaped = [cell for cell in cells if cell.startswith(("'=", "'+", "'-", "'@"))]
    assert escaped  # the sample plants some


def test_a_password_in_a_note_reaches_no_result(harbour: Harbour) -> None:
    planted = [str(trap["value"]) for trap in harbour.expected["traps"] if trap["trap"] == "password_in_note"]
    secrets = [found for text in planted for found in re.findall(r"(?i)passwor[dt]\s*[:=]\s*(\S+)", text)]
    assert len(secrets) == len(planted) > 0
    written = "".join(path.read_text(encoding="utf-8") for path in harbour.exports.glob("*.csv"))
    written += harbour.report.read_text(encoding="utf-8")
    assert not [secret for secret in secrets if secret in written]


def test_the_report_is_one_page_without_outside_references(harbour: Harbour) -> None:
    page = harbour.report.read_text(encoding="utf-8")
    assert page.lstrip().lower().startswith("<!doctype html")
    assert "<script" not in page
    assert 'src="http' not in page
