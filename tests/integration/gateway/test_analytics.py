"""How the work goes, of one flow and of all."""

from typing import Any

from caravan_common.contracts import DecidedBy, Tenant, Usage
from caravan_orchestrator.store.database import SqlDatabase
from tests.integration.gateway.client import ASSETS, RAW, Client, Gateway, Worker, machines, raw_rows
from tests.support.statements import statements


async def computed(ann: Client, worker: Worker) -> Any:
    """A flow of which two phases are computed, and the third is dispatched."""
    flow = await ann.create()
    usage = Usage(model="some/model", calls=2, prompt_tokens=100, completion_tokens=20, cost_usd=0.5)
    await worker.complete(flow["id"], [(RAW, raw_rows(2))], usage=(usage,))
    decided = DecidedBy(rule=5, crew=2, person=1)
    await worker.complete(flow["id"], [(ASSETS, machines(2))], decided_by=decided)
    return flow


async def test_a_flow_tells_how_long_its_phases_took_and_who_decided(
    ann: Client, worker: Worker, database: SqlDatabase, tenant: Tenant
) -> None:
    flow = await computed(ann, worker)
    await computed(ann, worker)
    async with database.transaction(tenant) as transaction:
        # Else midnight might come between its phases.
        await transaction.connection.exec_driver_sql(
            "update phase_attempts set ended_at = '2026-03-31 23:30:00+00' where ended_at is not null"
        )
    found = await ann.json("GET", f"/flows/{flow['id']}/analytics")
    assert [row["phase"] for row in found["phases"]] == ["read", "gather", "polish"]
    read, gather, polish = found["phases"]
    assert (read["attempts"], read["succeeded"], read["failed"], read["retries"]) == (1, 1, 0, 0)
    assert read["seconds"] == read["median_seconds"] == read["longest_seconds"] == 1.5
    assert read["median_wait_seconds"] >= 0
    assert gather["decided_by"] == {"rule": 5, "crew": 2, "learned": 0, "person": 1}
    assert (polish["attempts"], polish["succeeded"], polish["p95_seconds"]) == (1, 0, None)
    (day,) = found["days"]
    assert (day["day"], day["phases"], day["failed"], day["seconds"]) == ("2026-03-31", 2, 0, 3.0)
    assert (found["usage"]["calls"], found["usage"]["cost_usd"]) == (2, 0.5)
    assert found["flows"] == {"by_status": {"active": 1}, "median_seconds": None, "p95_seconds": None}


async def test_an_engagement_tells_it_of_all_its_flows(ann: Client, worker: Worker, stranger: Client) -> None:
    flow = await computed(ann, worker)
    await worker.complete(flow["id"])
    await computed(ann, worker)
    failed = await ann.create()
    await worker.fail(failed["id"])
    found = await ann.json("GET", "/analytics")
    read = found["phases"][0]
    assert (read["flow_type"], read["phase"]) == ("looked_at", "read")
    assert (read["attempts"], read["succeeded"], read["failed"]) == (3, 2, 1)
    assert found["flows"]["by_status"] == {"active": 1, "completed": 1, "failed": 1}
    assert found["flows"]["median_seconds"] > 0
    assert found["usage"]["prompt_tokens"] == 200
    assert sum(day["phases"] for day in found["days"]) == 5
    assert sum(day["failed"] for day in found["days"]) == 1
    for narrowed in ({"flow_type": "joined"}, {"until": "2020-01-01"}, {"since": "2100-01-01T00:00:00"}):
        nothing = await ann.json("GET", "/analytics", params=narrowed)
        assert (nothing["phases"], nothing["days"], nothing["usage"]["calls"]) == ([], [], 0), narrowed
    assert (await stranger.json("GET", "/analytics"))["phases"] == []
    await stranger("GET", f"/flows/{flow['id']}/analytics", 404)


async def test_the_number_of_statements_does_not_depend_on_how_much_there_is(
    ann: Client, worker: Worker, database: SqlDatabase, gateway: Gateway
) -> None:
    """Six at most, after the two that read whether the client has enrolled who asks."""

    async def counted() -> int:
        gateway.app.state.standing.forget()
        with statements(database.app) as sent:
            await ann("GET", "/analytics")
        assert "from users" in sent[1].text.lower()
        return len(sent) - 2

    before = await counted()
    for _ in range(3):
        await computed(ann, worker)
    assert await counted() == before <= 6
