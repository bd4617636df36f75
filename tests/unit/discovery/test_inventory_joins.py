"""What joined rows of different sources is written down: each identifier with its value, or a person's answer."""

import pytest

from caravan_common.contracts import DecisionKind
from tests.unit.discovery.conftest import Discovery, judge_offline
from tests.unit.discovery.test_inventory_counting import CHAIN
from tests.unit.discovery.test_inventory_drift import LEFT, OTHER_UUID, RIGHT, TURNED, UUID, VMWARE

# One uuid for both byte orders: the lesser of the two.
HARDWARE = ("hardware_uuid", min(UUID, TURNED))


def joins(discovery: Discovery, left: str, right: str) -> list[tuple[str, str]]:
    """kind and value of what joined them, in order."""
    deliver(discovery, left, right)
    return told(discovery)


def deliver(discovery: Discovery, left: str, right: str) -> None:
    discovery.write("left.csv", f"{LEFT}{left}\n")
    discovery.write("cmdb.csv", f"{RIGHT}{right}\n")
    discovery.run(*CHAIN)


def told(discovery: Discovery) -> list[tuple[str, str]]:
    return [(row["kind"], row["value"]) for row in discovery.rows("identities")]


@pytest.mark.parametrize(
    ("left", "right", "expected"),
    [
        (f"a,T1,,,,{UUID},,4", f"s1,b,,,,{UUID},,1,4,8192", [("bios_uuid", UUID), HARDWARE]),
        (f"a,T1,,,,{UUID},,4", f"s1,b,,,,{TURNED},,1,4,8192", [HARDWARE]),
        (f"a,T1,,,,{UUID},,4", f"s1,b,,,,,{VMWARE},1,4,8192", [HARDWARE]),
        ("a,T1,,,,,SN-AAAA-1,4", "s1,b,,,,,sn-aaaa-1,1,4,8192", [("serial_number", "sn-aaaa-1")]),
        ("a,T1,A.corp.example,,,,,4", "s1,b,a.corp.example,,,,,1,4,8192", [("fqdn", "a.corp.example")]),
        (
            "a,T1,,,00:50:56:AA:00:01,,,4",
            "s1,b,,,00-50-56-aa-00-01,,,1,4,8192",
            [("mac", "00:50:56:aa:00:01")],
        ),
        (
            "web-01 (Pay),T1,,10.0.0.1,,,,4",
            "s1,WEB_01,,10.0.0.1,,,,1,4,8192",
            [("name_address", "web01|10.0.0.1")],
        ),
        (
            "a,T1,a.corp.example,,,,SN-AAAA-1,4",
            "s1,b,a.corp.example,,,,SN-AAAA-1,1,4,8192",
            [("serial_number", "sn-aaaa-1"), ("fqdn", "a.corp.example")],
        ),
    ],
    ids=[
        "uuid",
        "other byte order",
        "uuid as serial",
        "serial",
        "full name",
        "mac",
        "name and address",
        "two, strongest first",
    ],
)
def test_each_kind_of_identifier_that_joined_is_told_with_its_value(
    discovery: Discovery, left: str, right: str, expected: list[tuple[str, str]]
) -> None:
    assert joins(discovery, left, right) == expected
    [asset] = discovery.rows("assets")
    for row in discovery.rows("identities"):
        assert row["asset_key"] == asset["natural_key"]
        assert {row["left_source"], row["right_source"]} == set(asset["sources"])
        assert asset["natural_key"] in (row["left"], row["right"])


def test_lists_of_applications_are_joined_by_the_name(discovery: Discovery) -> None:
    discovery.write("a.csv", "Application Name,Business Owner,Criticality\nPayments,Ann,high\n")
    discovery.write("b.csv", "Application,Technical Owner,Business Unit\npayments,Bob,Finance\n")
    discovery.run(*CHAIN)

    assert told(discovery) == [("application_name", "payments")]


def test_identifiers_of_three_sources_are_told_pair_by_pair(discovery: Discovery) -> None:
    for name, header in (("a", "Server Name,CPUs"), ("b", "Hostname,RAM GB"), ("c", "Host,Cores")):
        discovery.write(f"{name}.csv", f"{header},Serial Number\n{name},4,SN-AAAA-1\n")
    discovery.run(*CHAIN)

    [asset] = discovery.rows("assets")
    rows = discovery.rows("identities")
    assert len(asset["sources"]) == 3
    assert len({(row["left_source"], row["right_source"]) for row in rows}) == 3
    assert {(row["asset_key"], row["kind"], row["value"]) for row in rows} == {
        (asset["natural_key"], "serial_number", "sn-aaaa-1")
    }


def test_one_source_alone_has_nothing_to_tell(discovery: Discovery) -> None:
    discovery.write("a.csv", "Server Name,Serial Number,CPUs\na,SN-AAAA-1,4\nb,SN-AAAA-2,4\n")
    discovery.run(*CHAIN)

    assert told(discovery) == []


def test_a_persons_answer_is_told_by_its_question_and_not_what_left_it_open(discovery: Discovery) -> None:
    """The full name agrees, but other hardware weighs more: it is the person who joins them."""
    assert (
        joins(discovery, f"a,T1,a.corp.example,,,{UUID},,4", f"s1,b,a.corp.example,,,{OTHER_UUID},,1,4,8192")
        == []
    )
    [question] = discovery.results["inventory"].questions
    discovery.decide(DecisionKind.ANSWER, "inventory", question.key, "same")
    discovery.run("inventory")

    assert told(discovery) == [("person", question.key)]
    [asset] = discovery.rows("assets")
    [row] = discovery.rows("identities")
    assert {row["left_source"], row["right_source"]} == set(asset["sources"])


def test_a_crew_that_takes_two_for_one_joins_nothing(discovery: Discovery) -> None:
    discovery.judge = judge_offline
    deliver(discovery, "web-01,T1,,10.0.0.1,,,,4", "s1,web-01,,10.0.0.9,,,,1,4,8192")

    [question] = discovery.results["inventory"].questions
    assert question.decided_by == "crew"
    assert told(discovery) == []


def test_what_a_person_denied_is_not_told(discovery: Discovery) -> None:
    deliver(discovery, "a,T1,,,,,SN-AAAA-1,4", "s1,b,,,,,SN-AAAA-1,1,4,8192")
    [row] = discovery.rows("identities")
    # In either order: who was asked may have been shown them the other way round.
    discovery.decide(DecisionKind.ANSWER, "inventory", f"same|{row['right']}|{row['left']}", "different")
    discovery.run("inventory")

    assert told(discovery) == []
    assert len(discovery.rows("assets")) == 2


def test_a_match_that_was_refused_is_not_told(discovery: Discovery) -> None:
    """The other source's machine has the serial of one and the adapter of another: it can be only one of them."""
    discovery.write(
        "a.csv", "Server Name,Serial Number,MAC Address,CPUs\na1,SN-AAAA-1,,4\na2,,00:50:56:aa:00:01,4\n"
    )
    discovery.write("b.csv", "Hostname,Serial,MAC,RAM GB\nb1,SN-AAAA-1,00:50:56:aa:00:01,8\n")
    discovery.run(*CHAIN)

    assert len(discovery.rows("assets")) == 2
    assert "refused_match" in {row["code"] for row in discovery.rows("inventory_issues")}
    assert told(discovery) == [("serial_number", "sn-aaaa-1")]


def test_an_answer_about_an_asset_that_is_gone_is_not_told(discovery: Discovery) -> None:
    deliver(discovery, "a,T1,,,,,SN-AAAA-1,4", "s1,b,,,,,SN-AAAA-1,1,4,8192")
    discovery.decide(DecisionKind.ANSWER, "inventory", "same|generic:gone|servicenow:gone", "same")
    discovery.run("inventory")

    assert told(discovery) == [("serial_number", "sn-aaaa-1")]


def test_an_estate_in_part_tells_the_joins_of_its_part(discovery: Discovery) -> None:
    discovery.write("a.csv", "Server Name,Serial Number,CPUs\na1,SN-AAAA-1,4\na2,SN-AAAA-2,4\n")
    discovery.write("b.csv", "Hostname,Serial,RAM GB\nb1,SN-AAAA-1,8\nb2,SN-AAAA-2,8\n")
    discovery.configuration["scope"] = {"assets": ["a1"]}
    discovery.run(*CHAIN)

    assert told(discovery) == [("serial_number", "sn-aaaa-1")]
