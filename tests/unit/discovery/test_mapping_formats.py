"""Tables of known formats: recognition by headers, meanings, units, rules of combination."""

from collections import Counter

import pytest

from caravan_discovery.domain.attributes import MAPPABLE
from caravan_discovery.domain.mapping.formats import ColumnMeaning, all_kinds, parse_specification, recognise

VINFO = ["VM", "Powerstate", "Template", "DNS Name", "CPUs", "Memory", "Provisioned MB", "OS"]


def test_every_specification_names_a_canonical_attribute_or_a_relation() -> None:
    odd = {
        meaning.attribute
        for kind in all_kinds()
        for meaning in kind.columns.values()
        if meaning.attribute is not None and not meaning.attribute.startswith("relation:")
    } - MAPPABLE

    assert odd == set()


def test_no_two_kinds_have_the_same_signature_and_each_knows_its_own() -> None:
    kinds = all_kinds()

    assert max(Counter(kind.signature for kind in kinds).values()) == 1
    for kind in kinds:
        assert set(kind.names) <= set(kind.columns) | kind.signature, kind.name


def test_numbers_with_a_unit_have_a_factor() -> None:
    without = [
        (kind.name, header)
        for kind in all_kinds()
        for header, meaning in kind.columns.items()
        if meaning.attribute
        in ("memory_gb", "storage_gb", "storage_used_gb", "database_size_gb", "rto_minutes")
        and meaning.factor is None
    ]

    assert without == []


@pytest.mark.parametrize(
    ("specification", "meaning"),
    [
        ("memory_gb MiB", ColumnMeaning("memory_gb", "MiB", 1 / 1024, None)),
        ("rto_minutes hours", ColumnMeaning("rto_minutes", "hours", 60.0, None)),
        ("network_mbps MB/s sum:1", ColumnMeaning("network_mbps", "MB/s", 8.0, "sum:1")),
        ("relation:host", ColumnMeaning("relation:host", "text", None, None)),
        ("-", ColumnMeaning(None, "text", None, None)),
    ],
)
def test_a_specification_reads_attribute_unit_and_combination(
    specification: str, meaning: ColumnMeaning
) -> None:
    assert parse_specification(specification) == meaning


def test_an_older_generation_of_rvtools_with_megabytes_is_recognised() -> None:
    kind = recognise(VINFO)

    assert kind is not None
    assert (kind.format, kind.name) == ("rvtools", "vInfo")
    meaning = kind.meaning("Provisioned MB")
    assert meaning is not None
    assert (meaning.attribute, meaning.unit) == ("storage_gb", "MiB")


@pytest.mark.parametrize(
    ("headers", "format_name"),
    [
        (["*Server name", "IP addresses", "*Cores", "*Memory (In MB)", "*OS name"], "azure_migrate_import"),
        (["TimeSlot", "Source server name", "Destination IP", "Destination port"], "azure_dependency_export"),
        (["ExternalId", "HostName", "RAM.TotalSizeInMB"], "aws_application_discovery"),
        (["MachineId", "MachineName", "MemoryGiB"], "google_vminfo"),
        (["sys_id", "name", "ip_address", "os", "ram"], "servicenow"),
        (["VM Name", "Cores", "Memory Capacity", "Storage"], "nutanix_ahv"),
        (["server_name", "server_os_family", "r_type"], "cmf_intake"),
        (["Record Type 1", "Application Name"], "konveyor"),
        ([" Serverid", "HOSTNAME", "numCpus", "osName"], "mpa"),
    ],
)
def test_formats_are_known_by_their_headers(headers: list[str], format_name: str) -> None:
    kind = recognise(headers)

    assert kind is not None
    assert kind.format == format_name


def test_two_headers_alone_are_no_servicenow_export() -> None:
    assert recognise(["sys_id", "name"]) is None


def test_numbered_columns_share_one_meaning() -> None:
    kind = recognise(["Server name", "Cores", "Memory (In MB)"])
    assert kind is not None

    meaning = kind.meaning("Disk 17 size (In GB)")

    assert meaning is not None
    assert (meaning.attribute, meaning.combine) == ("storage_gb", "sum")


def test_a_konveyor_tag_means_what_the_category_beside_it_says() -> None:
    kind = recognise(["Record Type 1", "Application Name"])
    assert kind is not None

    meaning = kind.meaning("Tag 3")

    assert meaning is not None
    assert meaning.combine == "by_category:tag category 3"
