"""One estate out of several sources: what makes two rows one machine, and what never does."""

from typing import Any

from caravan_common.contracts import DecisionKind
from tests.unit.discovery.conftest import Discovery
from tests.unit.discovery.test_inventory_counting import CHAIN, VINFO, asset, issues, vm

CMDB = "sys_id,name,ip_address,os,os_version,cpu_count,cpu_core_count,ram,disk_space,location,fqdn,u_environment\n"


def deliver(discovery: Discovery, vms: list[str], cmdb: list[str]) -> dict[str, Any]:
    discovery.write("vInfo.csv", "\n".join([VINFO, *vms]))
    discovery.write("cmdb.csv", CMDB + "\n".join(cmdb))
    return dict(discovery.run(*CHAIN).summary["assets"])


def test_a_full_name_that_is_unique_in_each_source_joins_and_the_disagreement_is_kept(
    discovery: Discovery,
) -> None:
    counts = deliver(
        discovery,
        [vm(1, "pay-svc-01 (Payments)", dns="pay-svc-01.corp.example", memory="8192")],
        ["a1,pay-svc-01,10.0.0.1,CentOS,7,1,2,16384,10,Berlin,pay-svc-01.corp.example,prod"],
    )

    assert counts["total"] == 1
    [machine] = discovery.rows("assets")
    assert len(machine["sources"]) == 2
    assert (machine["memory_gb"], machine["environment"]) == (8.0, "production")
    memory = next(row for row in discovery.rows("conflicts") if row["attribute"] == "memory_gb")
    assert (memory["losers"], memory["reason"]) == (["16.0"], "more trusted source")
    assert "name" not in {row["attribute"] for row in discovery.rows("conflicts")}


def test_the_more_trusted_source_wins_whatever_the_order_of_their_names(discovery: Discovery) -> None:
    discovery.write(
        "vInfo.csv", "\n".join([VINFO, vm(1, "web-01", dns="web-01.corp.example", memory="8192")])
    )
    discovery.write("a.csv", "Server Name,FQDN,Memory (GB)\nweb-01,web-01.corp.example,16\n")
    discovery.run(*CHAIN)

    [machine] = discovery.rows("assets")
    [memory] = [row for row in discovery.rows("conflicts") if row["attribute"] == "memory_gb"]
    assert machine["memory_gb"] == 8.0
    assert (memory["winner"], memory["losers"], memory["reason"]) == ("8.0", ["16.0"], "more trusted source")


def test_a_name_with_its_address_joins(discovery: Discovery) -> None:
    discovery.write(
        "a.csv", "Server Name,IP Address,CPUs,Asset Tag\nweb-01,10.0.0.1,4,T1\nweb-02,10.0.0.2,4,T2\n"
    )
    discovery.write("cmdb.csv", CMDB + "a1,WEB-01,10.0.0.1,RHEL,8,1,4,8192,10,Berlin,,prod\n")
    summary = discovery.run(*CHAIN).summary

    assert summary["assets"]["total"] == 2


def test_a_short_name_alone_never_joins_and_is_asked_of_a_person(discovery: Discovery) -> None:
    counts = deliver(discovery, [vm(1, "web-01")], ["a1,web-01,10.0.0.1,CentOS,7,1,2,4096,10,Berlin,,prod"])

    assert counts["total"] == 2
    [question] = discovery.results["inventory"].questions
    assert question.recommendation == "different"
    assert not question.blocking


def test_a_person_who_says_same_makes_them_one(discovery: Discovery) -> None:
    deliver(discovery, [vm(1, "web-01")], ["a1,web-01,10.0.0.1,CentOS,7,1,2,4096,10,Berlin,,prod"])
    [question] = discovery.results["inventory"].questions
    discovery.decide(DecisionKind.ANSWER, "inventory", question.key, "same")

    result = discovery.run("inventory")

    assert result.summary["assets"]["total"] == 1
    assert result.questions == []
    assert result.decided_by.person == 1


def test_an_identifier_that_a_source_repeats_joins_nothing(discovery: Discovery) -> None:
    counts = deliver(
        discovery,
        [vm(1, "a", dns="same.corp.example"), vm(2, "b", dns="same.corp.example")],
        ["a1,c,10.0.0.1,CentOS,7,1,2,4096,10,Berlin,same.corp.example,prod"],
    )

    assert counts["total"] == 3
    assert "shared_identifier" in issues(discovery)


def test_a_match_that_would_merge_two_machines_of_one_source_is_refused(discovery: Discovery) -> None:
    discovery.write(
        "vInfo.csv",
        "\n".join([VINFO, vm(1, "a", dns="a.corp.example"), vm(2, "b", dns="b.corp.example")]),
    )
    discovery.write(
        "x.csv",
        "Server Name,FQDN,BIOS UUID,IP Address\n"
        "z,b.corp.example,423e0000-0000-0000-0000-000000000001,10.0.0.1\n",
    )
    summary = discovery.run(*CHAIN).summary

    assert summary["assets"]["total"] == 2
    assert "refused_match" in issues(discovery)


def test_a_physical_server_missing_from_the_hypervisor_export_still_exists(discovery: Discovery) -> None:
    counts = deliver(discovery, [vm(1, "a")], ["a1,big-iron,10.0.0.7,RHEL,8,2,32,65536,10,Berlin,,prod"])

    assert counts["by_type"] == {"server": 1, "virtual_machine": 1}
    assert asset(discovery, "big-iron")["asset_type"] == "server"


def test_the_source_that_saw_a_machine_last_wins_whatever_its_rank(discovery: Discovery) -> None:
    for name, header, when, memory in (
        ("a.csv", "Server Name,FQDN,Last Seen,Memory (GB)", "2026-01-01", 16),
        ("b.csv", "Computer Name,FQDN,Last Seen,RAM (GB)", "2026-05-01", 32),
        ("c.csv", "Hostname,FQDN,Last Seen,Memory GB", "2026-03-01", 64),
    ):
        discovery.write(name, f"{header}\nweb-01,web-01.corp.example,{when},{memory}\n")
    discovery.run(*CHAIN)

    [machine] = discovery.rows("assets")
    [conflict] = [row for row in discovery.rows("conflicts") if row["attribute"] == "memory_gb"]
    assert machine["memory_gb"] == 32.0
    assert (conflict["winner_row"], conflict["losers"], conflict["reason"]) == (
        "b.csv##2", ["64.0", "16.0"], "newer",
    )  # fmt: skip


def test_a_value_that_a_person_set_stands(discovery: Discovery) -> None:
    deliver(discovery, [vm(1, "a")], ["a1,big-iron,10.0.0.7,RHEL,8,2,32,65536,10,Berlin,,prod"])
    key = asset(discovery, "big-iron")["natural_key"]
    discovery.decide(
        DecisionKind.OVERRIDE, "inventory", key, {"set": {"memory_gb": 128, "environment": "test"}}
    )
    discovery.run("inventory")

    found = asset(discovery, "big-iron")
    assert (found["memory_gb"], found["environment"]) == (128.0, "test")
    assert asset(discovery, "a")["memory_gb"] == 4.0
