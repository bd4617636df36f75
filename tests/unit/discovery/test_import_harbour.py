"""The sample estate through import and mapping, against what its generator knows must come out."""

import json
import re
from pathlib import Path
from typing import Any

import pytest

from tests.unit.discovery.conftest import Discovery, judge_offline

HARBOUR = Path(__file__).resolve().parents[3] / "samples" / "harbour"
EXPECTED: dict[str, Any] = json.loads((HARBOUR / "expected.json").read_text(encoding="utf-8"))
# What a word means where only the values can say so.
AMBIGUOUS = {
    ("hardwareliste_physisch.csv", "Kat."): "asset_type",
    ("hardwareliste_physisch.csv", "Klasse"): "data_classification",
    ("leitstand_rechner.xlsx", "Class"): "business_criticality",
    ("leitstand_rechner.xlsx", "Size"): "memory_gb",
    ("leitstand_rechner.xlsx", "Type"): "virtualization_type",
    ("leitstand_rechner.xlsx", "MAC"): "mac_addresses",
    ("leitstand_rechner.xlsx", "Ref"): "application_name",
    ("app_portfolio.csv", "Class"): "data_classification",
    ("app_portfolio.csv", "Size"): "user_count",
    ("app_portfolio.csv", "Type"): "application_type",
    ("app_portfolio.csv", "Ref"): "external_ids",
}


@pytest.fixture
def harbour(discovery: Discovery) -> Discovery:
    for name in EXPECTED["inputs"]:
        discovery.upload(HARBOUR / name)
    return discovery


def test_every_file_and_sheet_is_accounted_for_row_by_row(harbour: Discovery) -> None:
    harbour.run("data_import")

    compared = ("format", "reason", "rows", "accepted", "rejected", "reasons")
    found = {(entry["file"], entry["sheet"]): entry for entry in harbour.summary("data_import")["imports"]}
    expected = {(entry["file"], entry["sheet"] or ""): entry for entry in EXPECTED["imports"]}
    assert found.keys() == expected.keys()
    for place, entry in expected.items():
        assert {key: found[place].get(key) for key in compared} == {
            key: entry.get(key) for key in compared
        }, place


def test_each_rejected_row_is_the_one_that_was_meant_for_the_reason_that_was_meant(
    harbour: Discovery,
) -> None:
    harbour.run("data_import")

    found = {
        (row["file"], row["sheet"], row["row_number"]): row["code"] for row in harbour.rows("rejected_rows")
    }
    expected = {
        (row["file"], row["sheet"] or "", row["row"]): row["reason"] for row in EXPECTED["rejected_rows"]
    }
    assert found == expected


def test_words_that_mean_different_things_in_different_files_are_told_apart(harbour: Discovery) -> None:
    harbour.judge = judge_offline  # `Ref` is for a crew: no rule can know it
    harbour.run("data_import", "attribute_mapping")

    found = {(row["file"], row["column"]): row["attribute"] for row in harbour.rows("field_mappings")}
    assert {place: found[place] for place in AMBIGUOUS} == AMBIGUOUS


def test_no_password_of_the_samples_leaves_the_raw_rows(harbour: Discovery) -> None:
    harbour.run("data_import", "attribute_mapping")

    told = [
        harbour.table(name).write_json() for name in ("rejected_rows", "source_columns", "field_mappings")
    ]
    told.append(str(harbour.results["attribute_mapping"].questions))
    secrets = [
        re.search(r"pass\w*\W+(\S+)", trap["value"], re.IGNORECASE)
        for trap in EXPECTED["traps"]
        if trap["trap"] == "password_in_note"
    ]
    assert len(secrets) == 2
    for secret in secrets:
        assert secret is not None
        assert not [text for text in told if secret[1] in text]
