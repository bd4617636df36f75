"""Processor cores that nobody tells: a gap with a flagged assumption and its reason, never a value of the asset."""

from typing import Any

import pytest

from caravan_common.contracts import DecisionKind
from tests.unit.discovery.conftest import CHAIN, Discovery

UP_TO_INVENTORY = CHAIN[:4]
HEADER = "VM Name,IP Address,Operating System,CPUs,Memory (GB),Environment"


def deliver(discovery: Discovery, *machines: tuple[str, str, str]) -> None:
    """Virtual machines by name, cores and memory."""
    rows = [
        f"{name},10.0.0.{number},RHEL 8,{cores},{memory},prod"
        for number, (name, cores, memory) in enumerate(machines, 1)
    ]
    discovery.write("vms.csv", "\n".join([HEADER, *rows]) + "\n")


def gap_of(discovery: Discovery, subject: str) -> dict[str, Any]:
    [gap] = [row for row in discovery.rows("inventory_gaps") if row["natural_key"] == f"missing:{subject}"]
    return gap


def cores_of(discovery: Discovery) -> dict[str, int | None]:
    return {row["name"]: row["cpu_cores"] for row in discovery.rows("assets")}


@pytest.mark.parametrize("blank", ["", "n/a", "-"])
def test_a_blank_vcpu_is_an_assumption_with_a_flag_and_no_value(discovery: Discovery, blank: str) -> None:
    deliver(discovery, *[(f"vm-{n}", "4", "16") for n in "abc"], ("vm-d", "8", "16"), ("odd", blank, "16"))
    summary = discovery.run(*UP_TO_INVENTORY).summary

    assert cores_of(discovery)["odd"] is None
    gap = gap_of(discovery, "generic:odd")
    assert "cpu_cores" in gap["attributes"]
    assert gap["assumed_cpu_cores"] == 4
    assert gap["message"].endswith("Processor cores assumed: 4, as 3 of 4 virtual machines with 16 GiB have.")
    assert summary["assumptions"] == 1


def test_machines_of_another_memory_count_where_too_few_are_alike(discovery: Discovery) -> None:
    deliver(
        discovery, ("a", "2", "4"), ("b", "2", "8"), ("c", "8", "32"), ("d", "16", "64"), ("odd", "", "128")
    )
    discovery.run(*UP_TO_INVENTORY)

    gap = gap_of(discovery, "generic:odd")
    assert gap["assumed_cpu_cores"] == 2
    assert gap["message"].endswith("2, the median of the virtual machines that tell theirs (4).")


def test_alike_machines_without_a_majority_decide_nothing(discovery: Discovery) -> None:
    deliver(
        discovery, ("a", "2", "16"), ("b", "4", "16"), ("c", "8", "16"), ("d", "16", "64"), ("odd", "", "16")
    )
    discovery.run(*UP_TO_INVENTORY)

    assert gap_of(discovery, "generic:odd")["message"].endswith(
        "4, the median of the virtual machines that tell theirs (4)."
    )


def test_where_most_machines_lack_it_one_assumption_stands_for_all(discovery: Discovery) -> None:
    deliver(discovery, ("a", "6", "16"), ("b", "", "16"), ("c", "", "16"))
    summary = discovery.run(*UP_TO_INVENTORY).summary

    gap = gap_of(discovery, "machine:cpu_cores")
    assert (gap["count"], gap["assumed_cpu_cores"]) == (2, 6)
    assert gap["message"] == (
        "cpu_cores is unknown for 2 of 3 (machine). "
        "Processor cores assumed: 6, the median of the machines that tell theirs (1)."
    )
    assert cores_of(discovery) == {"a": 6, "b": None, "c": None}
    assert summary["assumptions"] == 2


def test_where_nobody_knows_any_the_smallest_size_of_a_cloud_is_assumed(discovery: Discovery) -> None:
    deliver(discovery, ("a", "", "16"), ("b", "", "16"))
    discovery.run(*UP_TO_INVENTORY)

    gap = gap_of(discovery, "machine:cpu_cores")
    assert gap["assumed_cpu_cores"] == 2
    assert gap["message"].endswith("2, the smallest general size of a cloud.")


def test_what_somebody_tells_replaces_the_assumption(discovery: Discovery) -> None:
    deliver(discovery, *[(f"vm-{n}", "4", "16") for n in "abc"], ("odd", "", "16"))
    discovery.run(*UP_TO_INVENTORY)
    discovery.decide(DecisionKind.OVERRIDE, "inventory", "generic:odd", {"set": {"cpu_cores": 6}})
    summary = discovery.run("inventory").summary

    assert cores_of(discovery)["odd"] == 6
    assert summary["assumptions"] == 0
    assert discovery.table("inventory_gaps")["assumed_cpu_cores"].null_count() == len(
        discovery.table("inventory_gaps")
    )


def test_another_source_that_tells_it_leaves_nothing_to_assume(discovery: Discovery) -> None:
    deliver(discovery, *[(f"vm-{n}", "4", "16") for n in "abc"], ("odd", "", "16"))
    discovery.write(
        "cmdb.csv", "Server Name,IP Address,FQDN,Serial Number,CPUs\nodd,10.0.0.4,odd.corp.example,S1,12\n"
    )
    summary = discovery.run(*UP_TO_INVENTORY).summary

    assert cores_of(discovery)["odd"] == 12
    assert summary["assumptions"] == 0


def test_gaps_of_other_kinds_assume_nothing(discovery: Discovery) -> None:
    deliver(discovery, ("a", "4", "16"), ("b", "4", "16"), ("c", "4", ""))
    discovery.run(*CHAIN)

    assert discovery.table("gaps")["assumed_cpu_cores"].null_count() == discovery.table("gaps").height
    assert discovery.summary("inventory")["assumptions"] == 0
