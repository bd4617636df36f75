"""One estate out of one source: what is an asset, what is a target, what is odd, what is missing."""

from typing import Any

import pytest

from caravan_common.contracts import DecisionKind
from tests.unit.discovery.conftest import Discovery

CHAIN = ("data_import", "attribute_mapping", "data_cleansing", "inventory")
SITE = "716a40d1-932b-4a53-b720-e3d57645537c"
VINFO = (
    "VM,Powerstate,Template,SRM Placeholder,DNS Name,Connection state,CPUs,Memory,Total disk capacity MiB,"
    "Provisioned MiB,In Use MiB,Primary IP Address,Host,OS according to the configuration file,"
    "OS according to the VMware Tools,VM ID,SMBIOS UUID,VM UUID,VI SDK Server,VI SDK UUID"
)


def vm(number: int, name: str = "", **cells: str) -> str:
    """A vInfo row; `cells` by the words below."""
    values = {
        "power": "poweredOn", "template": "false", "placeholder": "false", "dns": "", "state": "connected",
        "cpus": "2", "memory": "4096", "disk": "10240", "host": "10.0.0.9", "os": "CentOS 7 (64-bit)", "tools": "",
        "bios": f"423e0000-0000-0000-0000-{number:012d}",
    } | cells  # fmt: skip
    uuid = f"503e0000-0000-0000-0000-{number:012d}"
    return ",".join(
        [name or f"vm-{number:02d}", values["power"], values["template"], values["placeholder"], values["dns"],
         values["state"], values["cpus"], values["memory"], values["disk"], "99999", "512", "", values["host"],
         values["os"], values["tools"], f"vm-{number}", values["bios"], uuid, "vcenter.example", SITE]
    )  # fmt: skip


def run_rvtools(discovery: Discovery, *rows: str, **tabs: str) -> dict[str, Any]:
    discovery.write("vInfo.csv", "\n".join([VINFO, *rows]))
    for name, content in tabs.items():
        discovery.write(f"{name}.csv", content)
    return dict(discovery.run(*CHAIN).summary)


def asset(discovery: Discovery, name: str) -> dict[str, Any]:
    return next(row for row in discovery.rows("assets") if row["name"] == name)


def issues(discovery: Discovery) -> set[str]:
    return {row["code"] for row in discovery.rows("inventory_issues")}


@pytest.mark.parametrize(
    ("cells", "reason"),
    [
        ({"template": "true", "placeholder": "true"}, "template"),
        ({"placeholder": "true"}, "srm_placeholder"),
        ({"state": "orphaned"}, "orphaned"),
        ({"power": "poweredOff"}, None),
    ],
)
def test_one_reason_keeps_a_machine_from_being_a_target(
    discovery: Discovery, cells: dict[str, str], reason: str | None
) -> None:
    run_rvtools(discovery, vm(1, "it", **cells), vm(2))

    found = asset(discovery, "it")
    assert (found["not_target_reason"], found["is_target"]) == (reason, reason is None)


def test_powered_off_stays_a_target_with_an_issue(discovery: Discovery) -> None:
    summary = run_rvtools(discovery, vm(1, power="poweredOff"))

    assert summary["assets"]["migration_targets"] == 1
    assert "powered_off" in issues(discovery)


def test_a_restored_copy_needs_both_its_name_and_a_shared_bios_uuid(discovery: Discovery) -> None:
    bios = "423e0000-0000-0000-0000-0000000000aa"
    run_rvtools(
        discovery,
        vm(1, "web", bios=bios),
        vm(2, "web-1668036910573", bios=bios),
        vm(3, "template.x-1623080342189"),
    )

    assert asset(discovery, "web")["is_target"]
    assert asset(discovery, "web-1668036910573")["not_target_reason"] == "restored_copy"
    assert asset(discovery, "template.x-1623080342189")["is_target"]
    assert {"shared_identifier", "looks_like_template"} <= issues(discovery)


def test_tabs_saved_apart_add_to_the_machine_of_vinfo(discovery: Discovery) -> None:
    keys = "503e0000-0000-0000-0000-000000000001,vcenter.example," + SITE
    disks = "VM,Disk,Disk Key,Capacity MiB,Raw,Controller,VM ID,VM UUID,VI SDK Server,VI SDK UUID\n"
    cards = "VM,NIC label,Adapter,Network,Mac Address,IPv4 Address,IPv6 Address,VM ID,VM UUID,"
    cards += "VI SDK Server,VI SDK UUID\n"
    run_rvtools(
        discovery,
        vm(1, "web"),
        vDisk=disks + f"web,d1,2000,6144,false,true,vm-1,{keys}\nweb,d2,2001,2048,false,true,vm-1,{keys}\n",
        vNetwork=cards + f"web,n1,Vmxnet3,lan,00:50:56:AA:BB:01,10.1.1.1,fe80::1,vm-1,{keys}\n"
        f"web,n2,Vmxnet3,lan,00:50:56:AA:BB:02,10.1.1.2,,vm-1,{keys}\n",
    )

    found = asset(discovery, "web")
    assert found["storage_gb"] == 8.0
    assert found["mac_addresses"] == ["00:50:56:aa:bb:01", "00:50:56:aa:bb:02"]
    assert found["ip_addresses"] == ["10.1.1.1", "fe80::1", "10.1.1.2"]
    assert len(discovery.rows("assets")) == 1
    assert len(found["source_entities"]) == 5


def test_what_the_guest_tools_report_wins_over_the_configuration(discovery: Discovery) -> None:
    run_rvtools(discovery, vm(1, "web", os="Ubuntu Linux (64-bit)", tools="Debian GNU/Linux 11 (64-bit)"))

    assert (asset(discovery, "web")["operating_system"], asset(discovery, "web")["os_version"]) == (
        "Debian",
        "11",
    )
    assert [row["code"] for row in discovery.rows("cleansing_issues")] == ["sources_differ"]


def test_a_repeated_name_under_different_keys_is_two_assets_and_an_issue(discovery: Discovery) -> None:
    summary = run_rvtools(discovery, vm(1, "GV-Win"), vm(2, "gv-win"))

    assert summary["assets"]["total"] == 2
    assert "repeated_name" in issues(discovery)


def test_a_repeated_key_is_one_asset_and_the_newer_row_wins(discovery: Discovery) -> None:
    discovery.write(
        "servers.csv",
        "Server Name,Asset Tag,Memory (GB),Last Seen,IP Address\n"
        "web-01,A1,16,2026-02-01,10.0.0.1\nweb-01,A1,32,2026-05-01,10.0.0.1\nweb-02,A2,8,2026-05-01,10.0.0.2\n",
    )
    summary = discovery.run(*CHAIN).summary

    assert summary["assets"]["total"] == 2
    assert asset(discovery, "web-01")["memory_gb"] == 32.0
    [conflict] = discovery.rows("conflicts")
    assert (conflict["attribute"], conflict["winner"], conflict["losers"], conflict["reason"]) == (
        "memory_gb", "32.0", ["16.0"], "newer",
    )  # fmt: skip


def test_a_duplicate_row_is_a_conflict_and_not_a_second_machine(discovery: Discovery) -> None:
    row = "web-01,A1,16,10.0.0.1\n"
    discovery.write(
        "servers.csv", "Server Name,Asset Tag,Memory (GB),IP Address\n" + row + row + "x,A2,1,10.0.0.2\n"
    )
    summary = discovery.run(*CHAIN).summary

    assert summary["assets"]["total"] == 2
    assert [conflict["attribute"] for conflict in discovery.rows("conflicts")] == ["(row)"]


@pytest.mark.parametrize(
    "choice", ["32.0", {"winner": "32.0"}, {"winner": "generic:2"}, {"source": "generic:2"}]
)
def test_a_person_settles_a_conflict_by_value_or_by_source(discovery: Discovery, choice: object) -> None:
    discovery.write("a.csv", "Server Name,Asset Tag,FQDN,Memory (GB)\nweb-01,A1,web-01.corp.example,16\n")
    discovery.write(
        "b.csv", "Computer Name,Serial Number,FQDN,RAM (GB)\nweb-01,S1234,web-01.corp.example,32\n"
    )
    discovery.run(*CHAIN)
    [conflict] = [row for row in discovery.rows("conflicts") if row["attribute"] == "memory_gb"]
    assert (conflict["winner"], conflict["winner_source"]) == ("16.0", "generic:1")
    discovery.decide(DecisionKind.CONFLICT, "inventory", conflict["natural_key"], choice)
    discovery.run("inventory")

    [settled] = [row for row in discovery.rows("conflicts") if row["attribute"] == "memory_gb"]
    assert asset(discovery, "web-01")["memory_gb"] == 32.0
    assert (settled["winner"], settled["losers"]) == ("32.0", ["16.0"])
    assert (settled["winner_source"], settled["winner_row"], settled["loser_rows"]) == (
        "generic:2", "b.csv##2", ["a.csv##2"],
    )  # fmt: skip
    assert (conflict["loser_sources"], settled["loser_sources"]) == (["generic:2"], ["generic:1"])
    assert (settled["decided_by"], settled["reason"]) == ("person", "decided by a person")


def test_a_choice_that_no_row_bears_any_more_leaves_the_rules_winner_and_says_so(
    discovery: Discovery,
) -> None:
    discovery.write("servers.csv", "Server Name,Asset Tag,Memory (GB)\nweb-01,A1,16\nweb-01,A1,32\nx,A2,1\n")
    discovery.run(*CHAIN)
    [conflict] = discovery.rows("conflicts")
    discovery.decide(DecisionKind.CONFLICT, "inventory", conflict["natural_key"], {"winner": "64.0"})
    result = discovery.run("inventory")

    [kept] = discovery.rows("conflicts")
    assert (kept["winner"], kept["decided_by"]) == ("16.0", "rule")
    assert "64.0, chosen by a person, is no longer among the values" in kept["reason"]
    assert result.summary["conflicts"] == 1


def test_application_names_equal_once_trimmed_are_one_application_and_a_conflict(
    discovery: Discovery,
) -> None:
    discovery.write(
        "apps.csv",
        "Record Type 1,Application Name,Description,Comments,Business Service\n1,Shop,first,,\n1, Shop ,second,,\n",
    )
    summary = discovery.run(*CHAIN).summary

    assert summary["assets"]["by_type"] == {"application": 1}
    assert summary["conflicts"] == 1


def test_names_of_machines_equal_once_trimmed_are_one_machine_and_a_conflict(discovery: Discovery) -> None:
    discovery.write(
        "s.csv", "Server Name,IP Address\nweb-01,10.0.0.1\nweb-01 \u00a0,10.0.0.1\nweb-02,10.0.0.2\n"
    )
    discovery.run(*CHAIN)

    assert [row["name"] for row in discovery.rows("assets")] == ["web-01", "web-02"]
    assert [conflict["attribute"] for conflict in discovery.rows("conflicts")] == ["(row)"]


def test_a_machine_without_application_is_a_group_of_its_own(discovery: Discovery) -> None:
    discovery.write(
        "servers.csv",
        "Server Name,IP Address,Application\nweb-01,10.0.0.1,Shop\ndb-77,10.0.0.2,\nmq-12,10.0.0.3,n/a\n",
    )
    summary = discovery.run(*CHAIN).summary

    members = {row["asset_key"]: row["application_key"] for row in discovery.rows("memberships")}
    assert sorted(members.values()) == [
        "application:shop",
        "unassigned:generic:db-77",
        "unassigned:generic:mq-12",
    ]
    assert summary["unassigned_groups"] == 2
    assert len(members) == summary["assets"]["migration_targets"]


def test_sixty_alike_workers_are_one_pool_and_one_group(discovery: Discovery) -> None:
    rows = "".join(f"web-{n:03d},10.0.1.{n},Ubuntu 22.04,4\n" for n in range(1, 61))
    discovery.write(
        "servers.csv",
        "Server Name,IP Address,Operating System,CPUs\n" + rows + "web-900,10.0.2.1,RHEL 8,64\n",
    )
    summary = discovery.run(*CHAIN).summary

    pooled = [row for row in discovery.rows("assets") if row["pool"]]
    assert len(pooled) == 60
    assert summary["unassigned_groups"] == 2


def test_a_mainframe_is_blocked_with_a_reason(discovery: Discovery) -> None:
    discovery.write(
        "s.csv", "Server Name,IP Address,Operating System\nhost-a,10.0.0.1,z/OS 2.4\nweb-1,10.0.0.2,RHEL 8\n"
    )
    discovery.run(*CHAIN)

    assert asset(discovery, "host-a")["blocked_reason"] == "mainframe"
    assert asset(discovery, "web-1")["blocked_reason"] is None
    assert "blocked_platform" in issues(discovery)


def test_what_later_decisions_need_and_nobody_told_is_a_gap(discovery: Discovery) -> None:
    discovery.write(
        "s.csv",
        "Server Name,IP Address,Operating System,Environment\n"
        "a,10.0.0.1,RHEL 8,prod\nb,10.0.0.2,RHEL 8,\nc,10.0.0.3,RHEL 8,prod\n",
    )
    discovery.run(*CHAIN)

    gaps = {row["natural_key"]: row for row in discovery.rows("inventory_gaps")}
    assert gaps["missing:machine:memory_gb"]["count"] == 3
    assert gaps["missing:generic:b"]["attributes"] == ["environment"]


def test_a_blank_number_of_cores_is_a_gap_and_never_a_number(discovery: Discovery) -> None:
    discovery.write(
        "s.csv",
        "Server Name,IP Address,vCPU,Memory (GB)\na,10.0.0.1,4,8\nb,10.0.0.2,,8\nc,10.0.0.3,n/a,8\nd,10.0.0.4,2,8\n",
    )
    discovery.run(*CHAIN)

    cores = {row["name"]: row["cpu_cores"] for row in discovery.rows("assets")}
    gaps = {row["subject"]: row["attributes"] for row in discovery.rows("inventory_gaps")}
    assert cores == {"a": 4, "b": None, "c": None, "d": 2}
    assert (gaps["generic:b"], gaps["generic:c"]) == (["cpu_cores"], ["cpu_cores"])
    assert asset(discovery, "b")["completeness_score"] < asset(discovery, "a")["completeness_score"]


def test_the_scope_keeps_named_applications_with_their_machines_and_names_what_it_misses(
    discovery: Discovery,
) -> None:
    discovery.configuration["scope"] = {"applications": ["shop", "Nowhere"]}
    discovery.write(
        "s.csv", "Server Name,IP Address,Application\nweb-01,10.0.0.1,Shop\ncrm-01,10.0.0.2,CRM\n"
    )
    summary = discovery.run(*CHAIN).summary

    assert {row["name"] for row in discovery.rows("assets")} == {"web-01", "Shop"}
    assert summary["assets"]["out_of_scope"] == 2
    assert "scope:Nowhere" in {row["natural_key"] for row in discovery.rows("inventory_gaps")}


def test_keys_are_the_same_when_the_same_file_comes_again(discovery: Discovery) -> None:
    run_rvtools(discovery, vm(1), vm(2))
    first = discovery.inputs["assets"].manifest.artifact.sha256

    discovery.run("inventory")

    assert discovery.inputs["assets"].manifest.artifact.sha256 == first
    assert asset(discovery, "vm-01")["natural_key"] == f"rvtools:{SITE}:503e0000-0000-0000-0000-000000000001"


def test_an_estate_of_many_buckets_is_the_same_as_one_of_one(
    discovery: Discovery, monkeypatch: pytest.MonkeyPatch
) -> None:
    rows = [
        f"s-{n:03d},T{n % 90},{n % 7 + 1},10.0.{n // 200}.{n % 200 + 1},2026-01-{n % 28 + 1:02d}"
        for n in range(100)
    ]
    discovery.write("s.csv", "Server Name,Asset Tag,Memory (GB),IP Address,Last Seen\n" + "\n".join(rows))
    discovery.run(*CHAIN)
    whole = {name: discovery.table(name) for name in ("assets", "conflicts", "memberships", "inventory_gaps")}

    monkeypatch.setattr("caravan_discovery.domain.inventory.building.PART_ROWS", 10)
    discovery.run("inventory")

    for name, table in whole.items():
        assert discovery.table(name).equals(table), name
