"""What size a machine gets: never less than it was seen to use with headroom, and what it has where nobody looked."""

from datetime import date
from typing import Any

import polars as pl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from caravan_planning.domain.target.estate import ASSET_COLUMNS
from caravan_planning.domain.target.matching import match_offers
from caravan_planning.domain.target.needs import add_needs
from caravan_planning.domain.target.prices import load_prices
from caravan_planning.domain.target.settings import read_settings
from tests.unit.planning.estates import MACHINE, Plan

SETTINGS = read_settings(None, date(2026, 11, 21))
PERCENT = st.one_of(st.none(), st.floats(0, 150))


def need(**facts: Any) -> dict[str, Any]:
    row = dict.fromkeys(ASSET_COLUMNS) | MACHINE | facts
    frame = pl.DataFrame([row], schema=ASSET_COLUMNS)
    return add_needs(frame, SETTINGS).row(0, named=True)


@pytest.mark.parametrize(
    ("facts", "cpu", "basis"),
    [
        ({"cpu_p95_percent": 50, "cpu_max_percent": 90, "cpu_avg_percent": 10}, 4 * 0.5 * 1.2, "p95"),
        ({"cpu_max_percent": 90, "cpu_avg_percent": 10}, 4 * 0.9 * 1.2, "max"),
        ({"cpu_avg_percent": 25}, 4 * 0.25 * 2 * 1.2, "avg"),
        ({"cpu_avg_percent": 80}, 4, "avg"),
        ({}, 4, "allocated"),
        ({"cpu_max_percent": 0}, 4, "allocated"),
        ({"cpu_max_percent": 1}, 1, "max"),
        ({"cpu_cores": None, "cpu_max_percent": 50}, None, "unknown"),
        ({"cpu_cores": 0}, None, "unknown"),
    ],
)
def test_the_best_figure_of_use_decides_the_processors(
    facts: dict[str, Any], cpu: float | None, basis: str
) -> None:
    found = need(**facts)

    assert (found["need_vcpu"], found["cpu_basis"]) == (cpu if cpu is None else pytest.approx(cpu), basis)


def test_storage_follows_what_is_used_and_never_exceeds_what_is_there() -> None:
    assert need(storage_gb=100, storage_used_gb=50)["need_storage_gb"] == pytest.approx(65)
    assert need(storage_gb=100, storage_used_gb=90)["need_storage_gb"] == 100
    assert need(storage_gb=100, storage_used_gb=None)["need_storage_gb"] == 100
    assert need(storage_gb=None, storage_used_gb=None)["need_storage_gb"] is None


@settings(max_examples=150, deadline=None)
@given(
    cores=st.integers(1, 128),
    memory=st.floats(0.5, 2000),
    cpu=PERCENT,
    mem=PERCENT,
    system=st.sampled_from(["linux", "windows"]),
)
def test_no_machine_is_smaller_than_its_observed_use_with_headroom(
    cores: int, memory: float, cpu: float | None, mem: float | None, system: str
) -> None:
    found = need(cpu_cores=cores, memory_gb=memory, cpu_max_percent=cpu, memory_max_percent=mem)
    wanted = pl.DataFrame(
        {
            "kind": [system],
            "vcpu": [found["need_vcpu"]],
            "memory_gb": [found["need_memory_gb"]],
            "may_burst": [False],
        }
    )
    got = match_offers(wanted, OFFERS).row(0, named=True)

    least_cpu = cores * (min(cpu, 100) / 100 * 1.2 if cpu else 1.0)
    least_memory = memory * (min(mem, 100) / 100 * 1.2 if mem else 1.0)
    if got["instance"] is not None:
        assert got["vcpu"] >= least_cpu - 1e-9
        assert got["memory_gb"] >= least_memory - 1e-9
    else:
        assert OFFERS.filter(
            pl.col("kind") == system,
            pl.col("vcpu") >= least_cpu,
            pl.col("memory_gb") >= least_memory,
            ~pl.col("burstable"),
        ).is_empty()


@settings(max_examples=60, deadline=None)
@given(vcpu=st.floats(1, 90), memory=st.floats(0.5, 700), more=st.floats(1, 2))
def test_needing_more_never_costs_less(vcpu: float, memory: float, more: float) -> None:
    wanted = pl.DataFrame(
        {
            "kind": ["linux"] * 2,
            "vcpu": [vcpu, vcpu * more],
            "memory_gb": [memory, memory * more],
            "may_burst": [False] * 2,
        }
    )
    little, much = match_offers(wanted, OFFERS)["price_hour"].to_list()

    assert much is None or little <= much


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(st.tuples(st.floats(0.1, 100), st.floats(0.1, 800), st.booleans()), min_size=1, max_size=30))
def test_the_match_is_what_looking_at_every_offer_finds(needs: list[tuple[float, float, bool]]) -> None:
    wanted = pl.DataFrame(needs, schema=["vcpu", "memory_gb", "may_burst"], orient="row").with_columns(
        kind=pl.lit("linux")
    )

    found = match_offers(wanted, OFFERS)["price_hour"].to_list()

    for (vcpu, memory, burst), price in zip(needs, found, strict=True):
        fitting = OFFERS.filter(
            pl.col("kind") == "linux",
            pl.col("vcpu") >= vcpu,
            pl.col("memory_gb") >= memory,
            ~pl.col("burstable") | burst,
        )
        assert price == fitting["price_hour"].min()


def test_unknown_use_falls_back_to_what_is_allocated_and_says_so(plan: Plan) -> None:
    plan.machine("web", cpu_cores=4, memory_gb=16)
    row = plan.target("web")

    assert (row["cpu_basis"], row["memory_basis"]) == ("allocated", "allocated")
    assert "allocated_fallback" in row["flags"]
    assert row["vcpu"] >= 4
    assert row["memory_gb"] >= 16
    assert any("use unknown" in reason for reason in row["reasons"])


def test_a_calm_machine_gets_a_burstable_instance_only_outside_production(plan: Plan) -> None:
    calm: dict[str, Any] = {"cpu_avg_percent": 5, "cpu_max_percent": 30, "memory_max_percent": 40}
    plan.machine("prod", environment="production", **calm)
    plan.machine("test", environment="test", **calm)
    rows = {row["natural_key"]: row for row in plan.table("targets").to_dicts()}

    assert "burstable" not in rows["prod"]["flags"]
    assert "burstable" in rows["test"]["flags"]
    assert rows["test"]["price_per_month"] < rows["prod"]["price_per_month"]


OFFERS = (
    load_prices()
    .offers.filter(
        pl.col("provider") == "aws",
        pl.col("region") == "us-east-1",
        pl.col("kind").is_in(["linux", "windows"]),
    )
    .rename({"region": "price_region"})
)
