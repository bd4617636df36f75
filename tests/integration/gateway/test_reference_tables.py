"""Reference tables over the gateway: who may put one in force, for whom it counts, and what it is refused for."""

import pytest

from caravan_common.contracts import DatasetSpec, FlowDefinition, InputSpec, PhaseDefinition, Tenant
from caravan_orchestrator.store.database import SqlDatabase
from tests.integration.gateway.client import Client, Gateway, announce

PATH = "/reference-tables/prices"
JUDGED = FlowDefinition(
    flow_type="judged",
    version="1.0.0",
    phases=(
        PhaseDefinition(
            name="judge",
            inputs=(InputSpec(name="prices", optional=True, reference=True),),
            outputs=(DatasetSpec(name="verdicts"),),
        ),
    ),
)


@pytest.fixture(autouse=True)
async def judged(database: SqlDatabase) -> None:
    await announce(database, JUDGED)


async def test_only_an_admin_puts_one_in_force(gateway: Gateway, tenant: Tenant) -> None:
    body = {"rows": {"small": "3"}}
    for role in ("viewer", "operator", "approver"):
        assert await gateway.client(tenant, role).code("PUT", PATH, 403, json=body) == "forbidden"
    told = await gateway.client(tenant, "admin").json("PUT", PATH, json=body)
    assert (told["rows"], told["changed"], told["stale_flows"]) == (1, True, 0)
    shown = await gateway.client(tenant, "viewer").json("GET", PATH)
    assert (shown["digest"], shown["rows"]) == (told["digest"], {"small": "3"})


async def test_it_counts_for_its_client_alone(gateway: Gateway, tenant: Tenant, stranger: Client) -> None:
    await gateway.client(tenant, "admin").json("PUT", PATH, json={"rows": {"small": "3"}})
    assert await stranger.code("GET", PATH, 404) == "not_found"


async def test_a_table_that_no_flow_type_reads_is_refused(gateway: Gateway, tenant: Tenant) -> None:
    admin = gateway.client(tenant, "admin")
    assert await admin.code("PUT", "/reference-tables/nosuch", 404, json={"rows": {"a": "b"}}) == "not_found"
    assert await admin.code("PUT", PATH, 422, json={"rows": {}}) == "invalid_request"


async def test_a_table_of_several_megabytes_is_taken_and_a_larger_one_refused(
    gateway: Gateway, tenant: Tenant
) -> None:
    admin = gateway.client(tenant, "admin")
    told = await admin.json("PUT", PATH, json={"rows": {str(number): "x" * 1000 for number in range(3000)}})
    assert told["rows"] == 3000
    assert await admin.code("PUT", PATH, 413, json={"rows": {"a": "x" * (17 << 20)}}) == "too_large"


async def test_going_back_to_what_services_ship_is_a_change_once(gateway: Gateway, tenant: Tenant) -> None:
    admin = gateway.client(tenant, "admin")
    await admin.json("PUT", PATH, json={"rows": {"small": "3"}})
    assert [(await admin.json("DELETE", PATH))["changed"] for _ in range(2)] == [True, False]


async def test_a_table_changed_since_it_was_read_is_not_replaced(gateway: Gateway, tenant: Tenant) -> None:
    admin = gateway.client(tenant, "admin")
    body = {"rows": {"small": "3"}}
    unknown = {"If-Match": '"0"'}
    assert await admin.code("PUT", PATH, 412, json=body, headers=unknown) == "version_mismatch"
    first = await admin("PUT", PATH, json=body)
    seen = {"If-Match": (await admin("GET", PATH)).headers["ETag"]}
    assert seen["If-Match"] == first.headers["ETag"]
    await admin("PUT", PATH, json={"rows": {"small": "4"}}, headers=seen)
    assert await admin.code("PUT", PATH, 412, json=body, headers=seen) == "version_mismatch"
    assert await admin.code("DELETE", PATH, 412, headers=seen) == "version_mismatch"
    now = {"If-Match": (await admin("GET", PATH)).headers["ETag"]}
    assert "ETag" not in (await admin("DELETE", PATH, headers=now)).headers
