"""Identifiers as real exports write them: two byte orders, serial numbers that are none, clones, reused names."""

import pytest

from caravan_common.contracts import DecisionKind
from tests.unit.discovery.conftest import Discovery
from tests.unit.discovery.test_inventory_counting import CHAIN, issues

LEFT = "Server Name,Asset Tag,FQDN,IP Address,MAC Address,BIOS UUID,Serial Number,CPUs\n"
RIGHT = "sys_id,name,fqdn,ip_address,mac_address,bios_uuid,serial_number,cpu_count,cpu_core_count,ram\n"
UUID, TURNED = "423e0b1c-2a3d-4e5f-8899-aabbccddeeff", "1c0b3e42-3d2a-5f4e-8899-aabbccddeeff"
OTHER_UUID = "99990b1c-2a3d-4e5f-8899-aabbccddeeff"
VMWARE = "VMware-42 3e 0b 1c 2a 3d 4e 5f-88 99 aa bb cc dd ee ff"


def total(discovery: Discovery, left: str, right: str) -> int:
    discovery.write("left.csv", f"{LEFT}{left}\n")
    discovery.write("cmdb.csv", f"{RIGHT}{right}\n")
    return int(discovery.run(*CHAIN).summary["assets"]["total"])


@pytest.mark.parametrize(
    ("left", "right"),
    [
        (f"a,T1,,,,{UUID},,4", f"s1,b,,,,{TURNED},,1,4,8192"),
        (f"a,T1,,,,{UUID},,4", f"s1,b,,,,,{VMWARE},1,4,8192"),
        ("web-01 (Pay),T1,,10.0.0.1,,,,4", "s1,WEB_01,,10.0.0.1,,,,1,4,8192"),
        ("a.corp.example,T1,,,,,,4", "s1,b,a.corp.example,,,,,1,4,8192"),
    ],
    ids=[
        "other byte order",
        "uuid as VMware serial",
        "name with other signs and address",
        "full name as name",
    ],
)
def test_one_identifier_joins_however_it_is_written(discovery: Discovery, left: str, right: str) -> None:
    assert total(discovery, left, right) == 1
    assert [row["attribute"] for row in discovery.rows("conflicts") if row["attribute"] == "bios_uuid"] == []


@pytest.mark.parametrize(
    ("left", "right"),
    [
        ("a,T1,,,,,To Be Filled By O.E.M.,4", "s1,b,,,,,To Be Filled By O.E.M.,1,4,8192"),
        ("a,T1,,,,,123456789,4", "s1,b,,,,,123456789,1,4,8192"),
        ("a,T1,,,02:42:ac:11:00:02,,,4", "s1,b,,,02:42:ac:11:00:02,,,1,4,8192"),
        ("a,T1,,,00:50:56:c0:00:08,,,4", "s1,b,,,00:50:56:c0:00:08,,,1,4,8192"),
        ("a,T1,,127.0.0.1,,,,4", "s1,a,,127.0.0.1,,,,1,4,8192"),
    ],
    ids=["placeholder", "counted up", "docker", "host adapter", "loopback"],
)
def test_what_every_machine_may_carry_joins_nothing(discovery: Discovery, left: str, right: str) -> None:
    assert total(discovery, left, right) == 2


def test_a_name_that_outlived_its_machine_is_asked_of_a_person(discovery: Discovery) -> None:
    """The CMDB still has the retired web-01: other hardware, another adapter."""
    left = f"web-01,T1,web-01.corp.example,10.0.0.1,00:50:56:00:00:01,{UUID},,4"
    right = "s1,web-01,web-01.corp.example,10.0.0.9,00:50:56:00:00:09,99990b1c-2a3d-4e5f-8899-aabbccddeeff,,1,4,8192"

    assert total(discovery, left, right) == 2
    [question] = discovery.results["inventory"].questions
    assert "same full name, other hardware, mac" in question.text
    discovery.decide(DecisionKind.ANSWER, "inventory", question.key, "same")
    assert discovery.run("inventory").summary["assets"]["total"] == 1


@pytest.mark.parametrize(
    ("left", "right", "assets"),
    [
        (f"a,T1,a.corp.example,,,{UUID},,4", "s1,b,a.corp.example,,,,,1,4,8192", 1),
        ("a,T1,a.corp.example,,,,S-100,4", "s1,b,a.corp.example,,,,S-200,1,4,8192", 2),
        (f"a,T1,a.corp.example,,,{UUID},,4", f"s1,b,a.corp.example,,,{OTHER_UUID},,1,4,8192", 2),
        (
            f"a,T1,a.corp.example,10.0.0.1,,{UUID},,4",
            f"s1,a,a.corp.example,10.0.0.1,,{OTHER_UUID},,1,4,8192",
            1,
        ),
        (
            "a,T1,a.corp.example,,00:50:56:00:00:01,,,4",
            "s1,a,a.corp.example,,00:50:56:00:00:09,,,1,4,8192",
            1,
        ),
    ],
    ids=[
        "hardware known to one side",
        "other serial number",
        "other uuid",
        "other uuid, yet name and address agree",
        "other adapter",
    ],
)
def test_a_full_name_joins_unless_it_stands_alone_against_other_hardware(
    discovery: Discovery, left: str, right: str, assets: int
) -> None:
    """docs/decisions/ADR-011: two that are one show, one that was two hides a machine."""
    assert total(discovery, left, right) == assets
    asked = [question.text for question in discovery.results["inventory"].questions]
    assert len(asked) == assets - 1
    assert all("same full name, other hardware" in text for text in asked)


def test_a_clone_with_the_uuid_of_another_is_not_that_other(discovery: Discovery) -> None:
    """Unique in each export, because the CMDB does not know the uuid of the original."""
    left = f"orig,T1,orig.corp.example,10.0.0.1,00:50:56:00:00:01,{UUID},,4"
    right = f"s1,copy,copy.corp.example,10.0.0.2,00:50:56:00:00:02,{UUID},,1,4,8192"

    assert total(discovery, left, right) == 2


def test_clones_are_not_one_machine_where_the_uuid_has_to_be_the_key(discovery: Discovery) -> None:
    rows = [f"m-{number},,,{UUID[:-2]}{number:02d},,2" for number in range(10, 30)]
    discovery.write(
        "only.csv",
        "\n".join(
            [
                "Server Name,FQDN,IP Address,BIOS UUID,Serial Number,CPUs",
                *rows,
                f"m-99,,,{UUID[:-2]}10,,2",
                rows[5],
            ]
        ),
    )

    assert discovery.run(*CHAIN).summary["assets"]["total"] == 21
    assert "shared_identifier" in issues(discovery)
    assert [row["reason"] for row in discovery.rows("conflicts")] == ["repeated key, first row"]
