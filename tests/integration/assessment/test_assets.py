"""After three flows the asset table tells treatment, wave and target of each machine, and each flow only its own."""

from tests.integration.assessment import proof
from tests.integration.assessment.conftest import Chain, Journeys

ASSESSED = ("treatment", "treatment_confidence", "wave", "migration_priority")
PLANNED = ("target_type", "target_region", "target_account", "target_monthly_cost")


async def test_each_target_has_the_treatment_and_wave_of_its_unit_and_a_target(
    journeys: Journeys, seen: Chain
) -> None:
    units = {row["natural_key"]: row for row in await journeys.all("/treatments", flow=seen.assessment)}
    plan = {row["natural_key"]: row for row in (await journeys.plan(seen.assessment)).values()}
    targets = {row["asset_key"]: row for row in await journeys.all("/targets", flow=seen.planning)}
    machines = [row for row in (await journeys.assets(seen)).values() if row["is_target"]]
    assert {row["natural_key"] for row in machines} == targets.keys()
    assert len(machines) == 12
    for row in machines:
        target = targets[row["natural_key"]]
        unit = target["application"]
        assert [row[name] for name in ASSESSED[:2]] == [units[unit]["treatment"], units[unit]["confidence"]]
        assert row["wave"] == f"wave-{plan[unit]['wave']:03d}"
        assert row["migration_priority"] in ("low", "medium", "high")
        assert (row["target_type"], row["target_region"]) == (target["target_type"], target["region"])
        assert row["target_account"]
        assert row["target_monthly_cost"] > 0


async def test_what_discovery_found_is_as_it_was_before_the_flows_that_grew_from_it(
    journeys: Journeys, seen: Chain
) -> None:
    """The rows of the later flows carry more than their own columns; only those are taken."""
    found = await journeys.all(f"/flows/{seen.discovery}/entities", entity_type="asset")
    told = {row["natural_key"]: row["data"] for row in found}
    others = {*ASSESSED, *PLANNED, "overridden", "updated_at", "id", "estate_id"}
    for row in (await journeys.assets(seen)).values():
        data = told[row["natural_key"]]
        differing = [name for name in row.keys() & data.keys() - others if row[name] != data[name]]
        assert differing == [], row["name"]
        assert row["source_flow_id"] == seen.discovery


async def test_the_asset_table_of_three_flows_equals_its_refold(journeys: Journeys, seen: Chain) -> None:
    missing, extra, assets = await proof.refold(journeys.platform.urls, seen.discovery)
    assert (missing, extra) == (0, 0)
    assert assets == 18


async def test_the_refold_sees_a_column_that_somebody_changed(journeys: Journeys, seen: Chain) -> None:
    change = "update assets set treatment = $2 where estate_id = $1 and name = 'm000-web-01' returning 1"
    (row,) = await journeys.platform.query(
        "select treatment from assets where estate_id = $1 and name = 'm000-web-01'", seen.discovery
    )
    await journeys.platform.query(change, seen.discovery, "nonsense")
    try:
        missing, extra, _ = await proof.refold(journeys.platform.urls, seen.discovery)
        assert (missing, extra) == (1, 1)
    finally:
        await journeys.platform.query(change, seen.discovery, row[0])
