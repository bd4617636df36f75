"""Headers of no known format: synonyms, typing errors, units, values that bear out or contradict."""

import polars as pl
import pytest

from caravan_discovery.domain.attributes import MAPPABLE
from caravan_discovery.domain.mapping.detect import THRESHOLD, Column, ColumnMapping, map_table
from caravan_discovery.domain.mapping.headers import match_header, vocabulary, words_of
from caravan_discovery.domain.mapping.values import profile_columns


def mapped(maximum: float | None = None, **columns: list[str]) -> dict[str, ColumnMapping]:
    """Maps a table of these columns; underscores in names stand for blanks."""
    profiles = profile_columns([pl.Series(values, dtype=pl.String) for values in columns.values()])
    table = [
        Column(index, name.replace("_", " "), profile, maximum)
        for index, (name, profile) in enumerate(zip(columns, profiles, strict=True))
    ]
    return {mapping.column: mapping for mapping in map_table(table, None, {})}


def test_synonyms_lead_to_canonical_attributes_only() -> None:
    known = vocabulary()
    attributes = {*known.attributes.values()} | {
        attribute for meanings in known.ambiguous.values() for attribute in meanings.values()
    }

    assert {name for name in attributes if not name.startswith("relation:")} <= MAPPABLE


@pytest.mark.parametrize(
    ("header", "attribute"),
    [
        ("Server Name", "name"),
        ("serverName", "name"),
        ("Rechnername", "name"),
        ("OS", "operating_system"),
        ("Guest OS", "operating_system"),
        ("Betriebssystem", "operating_system"),
        ("RAM (GB)", "memory_gb"),
        ("Arbeitsspeicher [GB]", "memory_gb"),
        ("# of CPUs", "cpu_cores"),
        ("IP-Adresse", "ip_addresses"),
        ("u_environment", "environment"),
        ("Kosten p.M. (€)", "current_monthly_cost"),
        ("Last Seen", "last_seen"),
        ("Opperating Systm", "operating_system"),
        ("Memroy Size", "memory_gb"),
        ("CPU Usage %", "cpu_avg_percent"),
        ("Memory %", "memory_avg_percent"),
    ],
)
def test_a_header_is_read_in_english_and_german_and_with_typing_errors(header: str, attribute: str) -> None:
    match = match_header(header)

    assert match is not None
    assert match.attribute == attribute


@pytest.mark.parametrize(
    "header",
    ["User Location", "DNS Servers", "BIOS Version", "Video Ram KiB", "HW version", "Connection state",
     "Modernization Preference", "Time Zone", "Storage-Max Read IOPS Size (KB)", "Deployment Type",
     "in Maintenance Mode", "Business Owner Phone", "Throughput (MBps)", "Number of Connections"],
)  # fmt: skip
def test_a_header_that_only_sounds_alike_stays_below_the_threshold(header: str) -> None:
    match = match_header(header)

    assert match is None or match.score < THRESHOLD


@pytest.mark.parametrize(
    ("header", "words", "unit"),
    [
        ("RAM.TotalSizeInMB", "ram total size", "MiB"),
        ("MemoryGiB", "memory", "GiB"),
        ("maxCpuUsagePctDec (%)", "max cpu usage", "percent"),
        ("Disk_Size [TB]", "disk size", "TiB"),
        ("Recovery Time Objective (hours)", "recovery time objective", "hours"),
    ],
)
def test_the_unit_is_taken_out_of_the_header(header: str, words: str, unit: str) -> None:
    assert words_of(header) == (words, unit)


def test_values_that_contradict_a_header_keep_it_from_being_mapped() -> None:
    mapping = mapped(Memory=["plenty", "enough", "see contract", "ask"])["Memory"]

    assert mapping.attribute is None
    assert mapping.confidence < THRESHOLD
    assert [candidate.attribute for candidate in mapping.candidates] == ["memory_gb"]


def test_values_alone_suggest_but_never_decide() -> None:
    mapping = mapped(Feld_7=["00:50:56:00:00:01", "00:50:56:00:00:02", "005056000003"])["Feld 7"]

    assert mapping.attribute == "mac_addresses"
    assert mapping.method == "profile"
    assert mapping.contested


def test_a_column_of_the_same_address_in_every_row_is_not_the_machines_own() -> None:
    mapping = mapped(Feld_7=["10.0.0.53"] * 9)["Feld 7"]

    assert mapping.attribute is None


@pytest.mark.parametrize(
    ("header", "values", "attribute"),
    [
        ("Class", ["high", "medium", "low"], "business_criticality"),
        ("Class", ["Internal", "Restricted", "Public"], "data_classification"),
        ("Klasse", ["Server", "Switch", "Storage"], "asset_type"),
        ("Size", ["32 GiB", "64 GiB", "8 GiB"], "memory_gb"),
        ("Size", ["20 users", "350 users", "5 users"], "user_count"),
        ("Type", ["COTS", "Custom", "SaaS"], "application_type"),
        ("Type", ["physisch", "virtuell (VMware)", "physisch"], "virtualization_type"),
        ("Status", ["poweredOn", "poweredOff", "running"], "power_state"),
        ("Adresse", ["10.0.0.1", "10.0.0.2", "10.0.0.3"], "ip_addresses"),
    ],
)
def test_an_ambiguous_header_means_what_its_values_look_like(
    header: str, values: list[str], attribute: str
) -> None:
    assert mapped(**{header: values})[header].attribute == attribute


def test_an_ambiguous_header_with_other_values_means_nothing() -> None:
    assert mapped(Class=["A", "blue", "7b"])["Class"].attribute is None


@pytest.mark.parametrize(
    ("values", "unit", "factor"),
    [
        (["8192", "16384", "4096"], "MiB", 1 / 1024),
        (["8", "16", "64"], "GiB", 1.0),
        (["8 GB", "1 TB"], "GiB", 1.0),
    ],
)
def test_memory_without_a_unit_is_taken_by_the_size_of_its_values(
    values: list[str], unit: str, factor: float
) -> None:
    mapping = mapped(RAM=values)["RAM"]

    assert (mapping.unit, mapping.factor) == (unit, factor)


@pytest.mark.parametrize(("maximum", "unit", "factor"), [(0.75, "fraction", 100.0), (60.0, "percent", 1.0)])
def test_a_share_that_never_exceeds_one_is_a_fraction(maximum: float, unit: str, factor: float) -> None:
    mapping = mapped(maximum, CPU_Usage=["0.5", "0.2"])["CPU Usage"]

    assert (mapping.attribute, mapping.unit, mapping.factor) == ("cpu_avg_percent", unit, factor)


def test_cpus_beside_cores_per_cpu_count_sockets() -> None:
    mappings = mapped(CPUs=["2", "4"], Cores_per_CPU=["8", "8"])

    assert mappings["CPUs"].attribute == "cpu_sockets"
    assert mappings["Cores per CPU"].attribute == "cpu_cores"
    assert mappings["Cores per CPU"].combine == "multiply:cpu_sockets"


def test_cores_per_cpu_is_not_a_second_count_beside_sockets_and_a_total() -> None:
    mappings = mapped(Cores=["16", "32"], Sockets=["2", "4"], Cores_per_Socket=["8", "8"])

    assert mappings["Cores"].attribute == "cpu_cores"
    assert mappings["Cores per Socket"].attribute is None


def test_two_columns_of_one_attribute_are_ranked_and_lists_are_joined() -> None:
    mappings = mapped(
        Memory=["8", "16"],
        RAM=["8", "16"],
        IP_Address=["10.0.0.1", "10.0.0.2"],
        Public_IP=["20.0.0.1", "20.0.0.2"],
    )

    assert [mappings[name].combine for name in ("Memory", "RAM")] == ["prefer:1", "prefer:2"]
    assert [mappings[name].combine for name in ("IP Address", "Public IP")] == ["list", "list"]


def test_source_and_target_make_a_table_of_flows() -> None:
    mappings = mapped(Source=["web-01"], Destination=["db-01"], Port=["1521"], Protocol=["tcp"])

    assert [mapping.attribute for mapping in mappings.values()] == [
        "relation:source",
        "relation:target",
        "relation:port",
        "relation:protocol",
    ]


def test_a_mac_address_does_not_pass_for_ipv6() -> None:
    [macs, addresses] = profile_columns(
        [
            pl.Series(["00:50:56:00:00:01", "3C-EC-EF-01-42-1E"]),
            pl.Series(["fe80::1%3", "2001:db8:0:0:0:0:0:1", "10.0.0.1, 10.0.0.2"]),
        ]
    )

    assert (macs.share("mac"), macs.share("ip")) == (1.0, 0.0)
    assert addresses.share("ip") == 1.0
