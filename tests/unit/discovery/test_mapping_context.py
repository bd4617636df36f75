"""What the columns of one table say about each other."""

import polars as pl

from caravan_discovery.domain.mapping.detect import THRESHOLD, Column, ColumnMapping, map_table
from caravan_discovery.domain.mapping.overlap import known_values, shared_with
from caravan_discovery.domain.mapping.values import profile_columns


def mapped(columns: dict[str, list[str]], title: str = "") -> dict[str, ColumnMapping]:
    series = {name: pl.Series(values, dtype=pl.String) for name, values in columns.items()}
    table = [
        Column(index, name, profile, None, series[name])
        for index, (name, profile) in enumerate(zip(series, profile_columns([*series.values()]), strict=True))
    ]
    return {mapping.column: mapping for mapping in map_table(table, None, {}, title)}


def test_a_generic_word_is_only_believed_in_a_table_of_assets() -> None:
    alone = mapped({"Name": ["a", "b"], "Message": ["x", "y"]})["Name"]
    beside = mapped({"Name": ["a", "b"], "OS": ["RHEL 8", "RHEL 9"], "RAM (GB)": ["8", "16"]})["Name"]

    assert alone.confidence < THRESHOLD <= beside.confidence


def test_of_two_columns_with_different_values_for_one_attribute_neither_is_sure() -> None:
    mappings = mapped({"Memory": ["8", "16", "32"], "RAM": ["4", "64", "2"]})

    assert [mapping.confidence < THRESHOLD for mapping in mappings.values()] == [True, True]
    assert "claims it too" in mappings["RAM"].evidence


def test_cpus_beside_more_cores_count_sockets_and_beside_fewer_do_not() -> None:
    sockets = mapped({"# CPU": ["2", "2"], "# Cores": ["16", "32"]})["# CPU"]
    threads = mapped({"# CPU": ["32", "64"], "# Cores": ["16", "32"]})["# CPU"]

    assert (sockets.attribute, threads.attribute) == ("cpu_sockets", "cpu_cores")


def test_a_host_beside_a_named_machine_is_what_it_runs_on() -> None:
    mappings = mapped({"VM": ["a", "b", "c"], "Host": ["esx1", "esx1", "esx2"], "OS": ["RHEL 8"] * 3})

    assert mappings["Host"].attribute == "relation:host"


def test_a_bare_size_is_read_with_the_name_of_its_table_but_never_surely() -> None:
    size = mapped({"Engine": ["Oracle", "MySQL"], "Size (GB)": ["80", "90"]}, "Databases")["Size (GB)"]

    assert size.attribute == "database_size_gb"
    assert size.confidence < THRESHOLD


def test_a_unit_that_cannot_be_the_attributes_takes_its_meaning_away() -> None:
    assert mapped({"RAM (GHz)": ["2", "3"]})["RAM (GHz)"].confidence < THRESHOLD


def test_values_that_stand_under_an_attribute_elsewhere_speak_for_it() -> None:
    [application] = mapped({"Application": ["Billing", "Payroll", "CRM"]}).values()
    known = known_values([(application, pl.Series(["Billing", "Payroll", "CRM"]))])

    shared = shared_with({"ref": pl.Series(["billing", "crm", "payroll", "n/a"])}, known)

    assert shared == {"ref": {"application_name": 1.0}}
