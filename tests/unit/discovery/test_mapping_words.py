"""How headers that no list holds are read: inflected, shortened, told by their unit, or by what they list."""

import polars as pl
import pytest

from caravan_discovery.domain.mapping.detect import THRESHOLD, Column, ColumnMapping, map_table
from caravan_discovery.domain.mapping.headers import match_header
from caravan_discovery.domain.mapping.values import profile_columns
from caravan_discovery.domain.mapping.vocabulary import concepts_of


def mapped(columns: dict[str, list[str]]) -> dict[str, ColumnMapping]:
    series = {name: pl.Series(values, dtype=pl.String) for name, values in columns.items()}
    table = [
        Column(index, name, profile, None, series[name])
        for index, (name, profile) in enumerate(zip(series, profile_columns([*series.values()]), strict=True))
    ]
    return {mapping.column: mapping for mapping in map_table(table, None, {})}


@pytest.mark.parametrize(
    ("word", "concepts"),
    [
        ("zuständiges", {"owner"}),
        ("physischer", {"physical"}),
        ("srvr", {"machine"}),
        ("umgeb", {"environment"}),
        ("hddsize", {"disk", "size"}),
        ("osver", {"os", "version"}),
        ("hostnm", {"host", "name"}),
    ],
)
def test_a_word_is_known_with_an_ending_shortened_and_in_a_compound(word: str, concepts: set[str]) -> None:
    assert concepts_of(word) == concepts


@pytest.mark.parametrize("word", ["provider", "standard", "monitor", "invoice"])
def test_a_word_that_only_begins_like_a_known_one_stands_for_itself(word: str) -> None:
    assert concepts_of(word) == {word}


@pytest.mark.parametrize(
    ("header", "attribute"),
    [
        ("Net (Mbit/s)", "network_mbps"),
        ("CPU (GHz)", "cpu_speed_mhz"),
        ("Annual support & maintenance £", "annual_cost"),
        ("Prod/Test", "environment"),
        ("COTS or bespoke", "application_type"),
        ("An/Aus", "power_state"),
        ("Discovered OS Version", "os_version"),
    ],
)
def test_a_header_no_list_holds_is_told_by_unit_currency_choice_or_what_is_beside(
    header: str, attribute: str
) -> None:
    match = match_header(header)

    assert match is not None
    assert match.attribute == attribute
    assert match.score < THRESHOLD or attribute in ("network_mbps", "cpu_speed_mhz", "os_version")


@pytest.mark.parametrize(
    "header", ["Free Disk Space", "Server Warranty", "OS Support Date", "Backup Status", "Owner Phone"]
)
def test_a_word_that_makes_another_thing_of_a_header_takes_its_meaning_away(header: str) -> None:
    match = match_header(header)

    assert match is None or match.score < 0.72


@pytest.mark.parametrize(
    "header",
    ["Datenbankserver", "Backupserver", "Erstellt von", "Processor Name", "User Name", "CPU Model", "Alter Hostname",
     "Recommended Memory", "Business Capability", "Hosting Provider"],
)  # fmt: skip
def test_a_header_about_another_thing_than_its_words_name_is_never_sure(header: str) -> None:
    match = match_header(header)

    assert match is None or match.score < THRESHOLD


def test_values_of_another_attribute_overrule_a_header() -> None:
    role = mapped({"System role": ["Production", "Test", "Development", "Production"]})["System role"]

    assert (role.attribute, role.confidence < THRESHOLD) == ("environment", True)


def test_values_that_are_none_of_an_attributes_own_words_keep_a_known_header_below_the_threshold() -> None:
    table = {"VM": ["a", "b", "c"], "OS": ["RHEL 8"] * 3, "RAM (GB)": ["8", "16", "32"]}

    assert mapped({**table, "Firmware": ["efi", "bios", "efi"]})["Firmware"].confidence >= THRESHOLD
    assert mapped({**table, "Firmware": ["7.2.1", "1.14", "6.6"]})["Firmware"].confidence < THRESHOLD


def test_a_flag_is_told_by_its_values_whatever_its_words_name() -> None:
    assert mapped({"VM is virtual": ["yes", "no", "yes"]})["VM is virtual"].attribute == "virtualization_type"
    assert mapped({"Virtual machine": ["vm-1", "vm-2", "vm-3"]})["Virtual machine"].attribute == "name"


def test_a_first_column_that_no_header_explains_is_proposed_as_name_in_a_table_of_machines() -> None:
    mappings = mapped(
        {
            "Kürzel": ["alpha", "beta", "gamma"],
            "OS": ["RHEL 8", "RHEL 9", "SLES 15"],
            "RAM (GB)": ["8", "16", "32"],
            "IP": ["10.0.0.1", "10.0.0.2", "10.0.0.3"],
        }
    )

    assert (mappings["Kürzel"].attribute, mappings["Kürzel"].confidence < THRESHOLD) == ("name", True)


def test_a_bare_size_beside_memory_is_that_of_the_disks() -> None:
    mappings = mapped({"RAM_GB": ["8", "16"], "Size_GB": ["256", "4000"]})

    assert (mappings["Size_GB"].attribute, mappings["Size_GB"].confidence < THRESHOLD) == ("storage_gb", True)


def test_host_names_that_repeat_beside_a_name_of_each_row_are_never_sure() -> None:
    names = {"VM": ["a", "b", "c"], "OS": ["RHEL 8"] * 3}

    assert mapped({**names, "Host name": ["x", "y", "z"]})["Host name"].confidence >= THRESHOLD
    assert mapped({**names, "Host name": ["x", "x", "y"]})["Host name"].confidence < THRESHOLD
