"""What serves the data centre itself is recognised by facts: role, technology, ports, callers; not by a name alone."""

from typing import Any

import polars as pl
import pytest

from caravan_assessment.domain.portfolio.infrastructure import find_infrastructure, load_infrastructure
from caravan_common.work import load_templates

ASSETS = {
    "natural_key": pl.String,
    "name": pl.String,
    "server_role": pl.String,
    "technology_stack": pl.List(pl.String),
}
FLOWS = {"source_key": pl.String, "target_key": pl.String, "origin": pl.String, "port": pl.Int64}
SHARED = {"asset_key": pl.String, "service": pl.String, "why": pl.String}


def find(
    *machines: dict[str, Any],
    calls: list[tuple[int, int]] | None = None,
    shared: list[tuple[str, str, str]] | None = None,
    kind: str = "unassigned",
) -> dict[str, Any] | None:
    """The unit's row. `calls`: (callers, port) of flows to the first machine; `shared`: what discovery found."""
    assets = [{"natural_key": f"m{n}", "name": f"host-{n}", **told} for n, told in enumerate(machines, 1)]
    flows = [
        (f"caller-{caller}", "m1", "observed flow", port)
        for callers, port in calls or ()
        for caller in range(callers)
    ]
    found = find_infrastructure(
        pl.DataFrame({"natural_key": ["unit"], "name": ["Unit"], "kind": [kind]}),
        pl.DataFrame(
            [{"application": "unit", "asset_key": each["natural_key"], "role": "target"} for each in assets]
        ),
        pl.DataFrame(assets, schema=ASSETS),
        pl.DataFrame(flows, schema=FLOWS, orient="row"),
        pl.DataFrame(shared or [], schema=SHARED, orient="row"),
    )
    return found.row(0, named=True) if found.height else None


@pytest.mark.parametrize(
    ("facts", "kind"),
    [
        ({"server_role": "Domain Controller"}, "directory"),
        ({"server_role": "Hypervisor_Management"}, "hypervisor_management"),
        ({"technology_stack": ["VMware vCenter Server 8"]}, "hypervisor_management"),
        ({"technology_stack": ["Java 17", "Veeam Backup & Replication"]}, "backup"),
        ({"server_role": "jump host"}, "jump_host"),
        ({"server_role": "DHCP"}, "dhcp"),
    ],
)
def test_a_role_or_a_technology_says_what_it_is(facts: dict[str, Any], kind: str) -> None:
    row = find(facts)
    assert row is not None
    assert (row["infrastructure"], row["infrastructure_sure"]) == (kind, True)


@pytest.mark.parametrize(("port", "kind"), [(389, "directory"), (53, "dns"), (67, "dhcp"), (123, "time")])
def test_a_port_that_several_call_says_what_it_is(port: int, kind: str) -> None:
    row = find({}, calls=[(3, port)])
    assert row is not None
    assert (row["infrastructure"], row["infrastructure_sure"]) == (kind, True)
    assert row["infrastructure_basis"] == [f"3 machines call it on port {port}"]
    assert find({}, calls=[(2, port)]) is None


def test_a_directory_that_answers_names_as_well_is_a_directory() -> None:
    row = find({}, calls=[(9, 53), (9, 389), (9, 88)])
    assert row is not None
    assert row["infrastructure"] == "directory"


def test_a_name_is_enough_only_where_many_machines_call_it() -> None:
    named = [("m1", "monitoring", "name or role")]
    weak, strong = find({}, shared=named), find({}, shared=named, calls=[(10, 8080)])
    assert weak is not None
    assert strong is not None
    assert (weak["infrastructure_sure"], strong["infrastructure_sure"]) == (False, True)
    assert find({}, calls=[(10, 8080)]) is None


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("dc-02.corp.example", "directory"),
        ("ADDC01", "directory"),
        ("bkp-02", "backup"),
        ("vcenter", "hypervisor_management"),
        ("ns1", "dns"),
        ("mon-07", "monitoring"),
        ("dc1-web-01", None),
        ("shop-dc-2", None),
        ("monitor-wall-app", None),
        ("dcs", None),
    ],
)
def test_a_whole_name_of_common_usage_is_a_weak_sign_and_a_part_of_one_none(
    name: str, kind: str | None
) -> None:
    row = find({"name": name})
    assert (row and row["infrastructure"]) == kind
    assert row is None or not row["infrastructure_sure"]
    assert find({"name": name}, kind="application") is None


def test_an_application_is_infrastructure_only_where_all_its_machines_surely_are() -> None:
    dns, other = {"server_role": "dns server"}, {"server_role": "web"}
    assert find(dns, dns, kind="application") is not None
    assert find(dns, other, kind="application") is None
    assert find({}, shared=[("m1", "backup", "name or role")], kind="application") is None


def test_a_group_of_alike_machines_is_what_any_of_them_is() -> None:
    row = find({"server_role": "dns server"}, {}, {})
    assert row is not None
    assert row["infrastructure"] == "dns"


@pytest.mark.parametrize(
    "role", ["web", "database server", "backups of the shop", "dnsmasq-free", "application"]
)
def test_other_roles_are_none(role: str) -> None:
    assert find({"server_role": role}) is None


def test_every_kind_says_what_becomes_of_it_and_there_are_steps_for_that() -> None:
    treatments = {"landing_zone": "replace", "with_platform": "retire"}
    for kind, told in load_infrastructure()["kinds"].items():
        steps = load_templates().find_steps(treatments[told["becomes"]], told["becomes"])
        assert steps != load_templates().find_steps(treatments[told["becomes"]]), kind
        assert sum(each.cutover for each in steps) == 1
    assert set(load_infrastructure()["services"].values()) <= set(load_infrastructure()["kinds"])
