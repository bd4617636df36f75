"""Import and mapping held against reference inventories, which lie where CARAVAN_REFERENCE_DATA says.

Collected only when that is set (see conftest.py); the rules have tests of their own beside this file.
"""

import os
from pathlib import Path
from typing import Any

import pytest

from tests.unit.discovery.conftest import Discovery
from tests.unit.discovery.mapping_figures import reference_figures

RVTOOLS = "aws_samples/RVTools_Export.xlsx"
MPA = "aws_samples/it-infrastructure-inventory.xlsx"
RVTOOLS_ROWS = {
    "vInfo": 212, "vCPU": 210, "vMemory": 205, "vDisk": 254, "vNetwork": 243, "vPartition": 151, "vTools": 208,
    "vCD": 141, "vSnapshot": 25, "vHost": 4, "vHBA": 37, "vNIC": 12, "vSC_VMK": 30, "vSwitch": 3, "vPort": 3,
    "dvSwitch": 1, "dvPort": 50, "vRP": 10, "vCluster": 1, "vDatastore": 5, "vMultiPath": 1, "vSource": 1,
}  # fmt: skip
WITHOUT_VINFO = {"vCPU": 5, "vTools": 4, "vMemory": 2, "vCD": 1}
MPA_ROWS = {
    "Servers": 200, "Applications": 14, "Databases": 14, "Server to application": 99, "Server communication": 10,
    "Database to application": 14, "Application dependency": 2,
}  # fmt: skip
# Accepted rows and reasons of rejection by file.
KONVEYOR: dict[str, tuple[int, dict[str, int]]] = {
    "template_application_import": (5, {}),
    "valid_application_rows": (2, {}),
    "app_name_with_spaces": (2, {}),
    "app_name_with_spaces_21": (2, {}),
    "desc_comments_char_limit_rows": (2, {}),
    "invalid_column_schema": (2, {}),
    "invalid_record_type_21": (0, {"unknown_record_type": 2}),
    "invalid_schema_21": (2, {}),
    "lantik_bug": (1, {}),
    "mandatory_and_empty_row_21": (2, {"blank_row": 1}),
    "mandatory_and_empty_rows": (2, {"blank_row": 1}),
    "missing_application_name": (0, {"missing_name": 1}),
    "missing_business_21": (1, {}),
    "missing_tags_and_bs": (2, {}),
    "non_existing_tags_business_service_rows": (2, {}),
}


@pytest.fixture
def folder() -> Path:
    return Path(os.environ["CARAVAN_REFERENCE_DATA"])


def imported(discovery: Discovery, folder: Path, *files: str) -> dict[tuple[str, str], dict[str, Any]]:
    for file in files:
        discovery.upload(folder / "inventories" / file)
    discovery.run("data_import")
    return {(entry["file"], entry["sheet"]): entry for entry in discovery.summary("data_import")["imports"]}


def test_every_tab_of_the_rvtools_export_has_its_rows(discovery: Discovery, folder: Path) -> None:
    entries = {sheet: entry for (_, sheet), entry in imported(discovery, folder, RVTOOLS).items()}

    assert {
        sheet: entry["rows"] for sheet, entry in entries.items() if entry["format"] == "rvtools"
    } == RVTOOLS_ROWS
    assert {sheet: entry["reasons"] for sheet, entry in entries.items() if entry["rejected"]} == {
        sheet: {"no_vinfo_row": count} for sheet, count in WITHOUT_VINFO.items()
    }
    ignored = {sheet: entry["reason"] for sheet, entry in entries.items() if entry["format"] == "ignored"}
    assert ignored == dict.fromkeys(("vFileInfo", "vHealth", "vLicense", "vUSB"), "no_data")


def test_every_sheet_of_the_mpa_workbook_has_its_rows(discovery: Discovery, folder: Path) -> None:
    entries = {sheet: entry for (_, sheet), entry in imported(discovery, folder, MPA).items()}

    assert {
        sheet: entry["accepted"] for sheet, entry in entries.items() if entry["format"] == "mpa"
    } == MPA_ROWS
    assert entries["TOC"]["reason"] == "toc_sheet"
    assert entries["Additional"]["reason"] == "not_imported"


@pytest.mark.parametrize("name", KONVEYOR)
def test_each_konveyor_file_gives_what_is_expected_of_it(
    discovery: Discovery, folder: Path, name: str
) -> None:
    discovery.write("other.csv", "hostname\nweb-01\n")
    entries = imported(discovery, folder, f"konveyor/{name}.csv")
    entry = entries[f"{name}.csv", ""]

    assert (entry["accepted"], entry["reasons"]) == KONVEYOR[name]
    assert entry["format"] == ("generic" if "schema" in name else "konveyor")


def test_the_intake_forms_come_in_and_the_word_test_does_not(discovery: Discovery, folder: Path) -> None:
    names = ("server-list.csv", "test_valid.csv", "test_valid.xlsx", "test_invalid.csv", "test_invalid.xlsx")
    entries = imported(discovery, folder, *(f"aws_cmf_intake/{name}" for name in names))

    assert {file: (entry["format"], entry["accepted"]) for (file, _), entry in entries.items()} == {
        "server-list.csv": ("cmf_intake", 8),
        "test_valid.csv": ("cmf_intake", 1),
        "test_valid.xlsx": ("cmf_intake", 1),
        "test_invalid.csv": ("ignored", 0),
        "test_invalid.xlsx": ("cmf_intake", 1),
    }


@pytest.mark.parametrize(("formats", "right", "surely_wrong"), [(True, 0.95, 0.0), (False, 0.85, 0.01)])
def test_columns_mean_what_the_reference_says_with_formats_recognised_and_without(
    formats: bool, right: float, surely_wrong: float
) -> None:
    figures = reference_figures(formats=formats)

    assert figures.columns > 250
    assert figures.share_right >= right, "\n".join(figures.faults)
    assert figures.share_sure_and_wrong <= surely_wrong, "\n".join(figures.faults)
    assert figures.sure_and_wrong <= surely_wrong * figures.columns
