"""Resolved conflicts: what a client sees, and what the next run is given."""

from typing import Any

import pytest

from caravan_common.contracts import (
    DecisionKind,
    Tenant,
)
from caravan_orchestrator.store.database import SqlDatabase
from tests.integration.gateway.client import (
    ASSETS,
    Client,
    Worker,
    machines,
)
from tests.integration.gateway.joined import CONFLICTS, MAPPINGS, command, conflicts, meanings


async def test_conflicts_are_listed_and_resolved_with_one_of_their_values(
    ann: Client, merged: str, worker: Worker, database: SqlDatabase, tenant: Tenant
) -> None:
    path = f"/flows/{merged}/conflicts"
    listed = (await ann.json("GET", path))["items"]
    assert [row["attribute"] for row in listed] == ["memory_gb", "(row)"]
    assert [len(page) for page in await ann.pages(path, limit=1)] == [1, 1]
    assert len((await ann.json("GET", path, params={"reason": "newer", "decided_by": "rule"}))["items"]) == 1
    memory, row = listed
    problem = await ann.json("POST", f"/conflicts/{memory['id']}/resolve", 422, json={"value": "64"})
    assert (problem["code"], problem["pointer"]) == ("unknown_option", "/value")
    assert (
        await ann.code("POST", f"/conflicts/{row['id']}/resolve", 422, json={"value": ""}) == "unknown_option"
    )
    body = {"winner": "32.0", "reason": "seen on the machine"}  # as `value` was called before
    resolved = await ann.json("POST", f"/conflicts/{memory['id']}/resolve", json=body)
    assert (resolved["decision"]["subject"], resolved["decision"]["value"], resolved["decision"]["old"]) == (
        "host:web-00#memory_gb",
        "32.0",
        "16.0",
    )
    assert resolved["stale"] == ["merge"]
    assert (await ann.json("GET", path))["items"][0]["decision"]["pending"] is True
    await ann("POST", f"/flows/{merged}/refresh", 202)
    given = await command(database, tenant, merged)
    assert [(d.kind, d.subject, d.value) for d in given.decisions] == [
        (DecisionKind.CONFLICT, "host:web-00#memory_gb", "32.0")
    ]


async def test_a_conflict_is_resolved_by_one_of_its_sources(
    ann: Client, merged: str, worker: Worker, database: SqlDatabase, tenant: Tenant
) -> None:
    memory, row = (await ann.json("GET", f"/flows/{merged}/conflicts"))["items"]
    assert (memory["winner_source"], memory["loser_sources"]) == ("a", ["b"])
    path = f"/conflicts/{memory['id']}/resolve"
    problem = await ann.json("POST", path, 422, json={"source": "32.0"})
    assert (problem["code"], problem["pointer"]) == ("unknown_option", "/source")
    assert problem["detail"] == "Choose one of: a, b."
    # Its rows agree in all that is compared: there is nothing that choosing a source would change.
    assert await ann.code("POST", f"/conflicts/{row['id']}/resolve", 422, json={"source": "a"}) == (
        "unknown_option"
    )
    resolved = await ann.json("POST", path, json={"source": "b"})
    assert (resolved["decision"]["value"], resolved["decision"]["old"]) == ({"source": "b"}, "16.0")
    await ann("POST", f"/flows/{merged}/refresh", 202)
    given = await command(database, tenant, merged)
    assert [(d.subject, d.value) for d in given.decisions] == [("host:web-00#memory_gb", {"source": "b"})]


@pytest.mark.parametrize("body", [{}, {"value": "32.0", "source": "b"}, {"value": None, "source": None}])
async def test_a_conflict_is_resolved_by_value_or_source_and_not_by_both_or_none(
    ann: Client, merged: str, body: dict[str, Any]
) -> None:
    memory = (await ann.json("GET", f"/flows/{merged}/conflicts"))["items"][0]
    problem = await ann.json("POST", f"/conflicts/{memory['id']}/resolve", 422, json=body)
    assert problem["code"] == "invalid_request"
    assert "give exactly one of value and source" in problem["detail"]


async def test_a_conflict_found_by_an_older_worker_names_no_losing_sources(
    ann: Client, read: str, worker: Worker
) -> None:
    await worker.complete(read, [(MAPPINGS, meanings())])
    await worker.complete(read, [(ASSETS, machines(2)), (CONFLICTS, conflicts().drop("loser_sources"))])
    await worker.settle()
    memory = (await ann.json("GET", f"/flows/{read}/conflicts"))["items"][0]
    assert memory["loser_sources"] == []
    path = f"/conflicts/{memory['id']}/resolve"
    assert await ann.code("POST", path, 422, json={"source": "b"}) == "unknown_option"
    await ann("POST", path, json={"source": "a"})
