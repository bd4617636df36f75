"""The estate: lists, facets, and what people set on an asset."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any
from uuid import UUID, uuid4

import asyncpg
import pytest

from caravan_common.contracts import Tenant
from caravan_orchestrator.store.database import SqlDatabase
from tests.integration.gateway.client import ASSETS, RAW, Client, Gateway, Worker, machines, raw_rows
from tests.support import Database, eventually
from tests.support.statements import statements

Gathered = Callable[..., Awaitable[Any]]


async def names(ann: Client, **parameters: Any) -> list[str]:
    return [
        str(asset["name"])[:6] for asset in (await ann.json("GET", "/assets", params=parameters))["items"]
    ]


async def test_assets_are_listed_by_name_page_by_page(ann: Client, gathered: Gathered) -> None:
    flow = await gathered(7)
    pages = await ann.pages("/assets", limit=3)
    assert [[asset["name"][:6] for asset in page] for page in pages] == [
        ["web-00", "web-01", "web-02"],
        ["web-03", "web-04", "web-05"],
        ["web-06"],
    ]
    assert (await ann.json("GET", "/assets"))["estate_id"] == flow["id"]


async def test_nameless_assets_come_last_and_none_is_lost_between_pages(ann: Client, worker: Worker) -> None:
    flow = await ann.create()
    await worker.complete(flow["id"])
    await worker.complete(flow["id"], [(ASSETS, machines(5, name=["b", None, "a", None, "b"]))])
    await worker.settle()
    for limit in (1, 2, 3, 5):
        pages = await ann.pages("/assets", limit=limit)
        assert [asset["name"] for page in pages for asset in page] == ["a", "b", "b", None, None]
        assert len({asset["id"] for page in pages for asset in page}) == 5


async def test_assets_are_filtered_and_found_by_the_beginning_of_a_part_of_a_name(
    ann: Client, gathered: Gathered
) -> None:
    await gathered(6)
    assert await names(ann, asset_type="server") == ["web-00", "web-02", "web-04"]
    assert await names(ann, environment=["test", "staging"]) == ["web-00", "web-03"]
    assert await names(ann, is_target=False) == ["web-00"]
    assert await names(ann, q="web-03") == ["web-03"]
    assert await names(ann, q="WEB-0 harb", asset_type="server", limit=2) == ["web-00", "web-02"]
    assert await names(ann, q="arbour") == []


async def test_assets_are_found_by_treatment_wave_and_target(ann: Client, worker: Worker) -> None:
    flow = await ann.create()
    await worker.complete(flow["id"])
    columns = {
        "treatment": ["rehost", "rehost", "retain", None],
        "wave": ["wave-001", "wave-002", None, None],
        "target_type": ["m6i.large", "m6i.xlarge", None, None],
    }
    await worker.complete(flow["id"], [(ASSETS, machines(4, **columns))])
    await worker.settle()
    assert await names(ann, treatment="rehost") == ["web-00", "web-01"]
    assert await names(ann, wave="wave-002") == ["web-01"]
    assert await names(ann, wave=["wave-001", "wave-002"], target_type="m6i.large") == ["web-00"]
    assert await names(ann, treatment="rehost", is_target=True, q="web") == ["web-01"]
    assert await names(ann, treatment="replatform") == []

    async def counted(facet: str, **asked: Any) -> dict[str, int]:
        found = (await ann.json("GET", "/assets:facets", params=asked))["facets"][facet]
        return {each["value"]: each["count"] for each in found}

    assert await counted("target_type") == {"m6i.large": 1, "m6i.xlarge": 1, None: 2}
    assert await counted("wave", treatment="rehost") == {"wave-001": 1, "wave-002": 1}
    assert await counted("treatment", target_type="m6i.large") == {"rehost": 1}
    chosen = {
        "filter": {"wave": ["wave-001"]},
        "set": {"environment": "test"},
        "reason": "so",
        "preview": True,
    }
    assert (await ann.json("POST", "/assets:batch", json=chosen))["count"] == 1


async def test_only_the_fields_asked_for_are_answered(ann: Client, gathered: Gathered) -> None:
    await gathered(2)
    found = await ann.json("GET", "/assets", params={"fields": "environment,memory_gb", "limit": 1})
    assert set(found["items"][0]) == {"id", "environment", "memory_gb"}
    following = await ann.json("GET", "/assets", params={"fields": "name", "cursor": found["next_cursor"]})
    assert [asset["name"][:6] for asset in following["items"]] == ["web-01"]


async def test_facets_count_the_estate_and_what_filters_leave(ann: Client, gathered: Gathered) -> None:
    await gathered(6)
    facets = (await ann.json("GET", "/assets:facets"))["facets"]
    assert facets["asset_type"] == [{"value": "server", "count": 3}, {"value": "virtual_machine", "count": 3}]
    assert facets["is_target"] == [{"value": True, "count": 5}, {"value": False, "count": 1}]
    assert facets["environment"] == [{"value": "production", "count": 4}, {"value": "test", "count": 2}]
    assert facets["treatment"] == [{"value": None, "count": 6}]
    filtered = (await ann.json("GET", "/assets:facets", params={"environment": "test"}))["facets"]
    assert sum(value["count"] for value in filtered["asset_type"]) == 2


async def test_the_current_estate_is_the_first_until_another_is_made_current(
    ann: Client, gathered: Gathered, tenant: Tenant
) -> None:
    first, second = await gathered(1), await gathered(2)
    assert (await ann.json("GET", "/assets"))["estate_id"] == first["id"]
    other = await ann.json("GET", "/assets", params={"estate": second["id"]})
    assert (other["estate_id"], other["current_estate_id"]) == (second["id"], first["id"])
    await ann("POST", f"/engagements/{tenant.engagement_id}/current-estate", json={"flow_id": second["id"]})
    assert len((await ann.json("GET", "/assets"))["items"]) == 2
    assert (await ann.json("GET", "/assets:facets"))["estate_id"] == second["id"]
    assert await ann.code("GET", "/assets", 404, params={"estate": str(uuid4())}) == "not_found"


async def test_what_a_person_sets_shows_at_once_and_outlives_the_next_fold(
    ann: Client, worker: Worker, gathered: Gathered
) -> None:
    flow = await gathered()
    asset = (await ann.json("GET", "/assets"))["items"][0]
    body = {
        "set": {"environment": "staging", "memory_gb": 32, "business_owner": "Ada"},
        "reason": "asked the owner",
    }
    patched = await ann.json("PATCH", f"/assets/{asset['id']}", json=body)
    assert [decision["value"] for decision in patched["decisions"]] == [body["set"] | {"memory_gb": 32.0}]
    assert patched["decisions"][0]["old"] == {
        "environment": "test",
        "memory_gb": 16.0,
        "business_owner": None,
    }
    at_once = await ann.json("GET", f"/assets/{asset['id']}")
    assert at_once["overridden"] == {"environment": 1, "memory_gb": 1, "business_owner": 1}
    await worker.settle()
    folded = await ann.json("GET", f"/assets/{asset['id']}")
    assert {**folded, "updated_at": None} == {**at_once, "updated_at": None}
    assert (folded["environment"], folded["memory_gb"], folded["business_owner"]) == ("staging", 32.0, "Ada")
    phases = (await ann.json("GET", f"/flows/{flow['id']}"))["phases"]
    assert [phase["stale"] for phase in phases] == [False, True, False]


async def test_a_time_and_a_list_can_be_set_and_null_means_unknown(
    ann: Client, worker: Worker, gathered: Gathered
) -> None:
    await gathered(1)
    id_ = (await ann.json("GET", "/assets"))["items"][0]["id"]
    values = {
        "last_seen": "2026-03-01T10:00:00+01:00",
        "tags": ["a", "b"],
        "environment": None,
        "is_target": True,
    }
    await ann("PATCH", f"/assets/{id_}", json={"set": values, "reason": "looked"})
    await worker.settle()
    found = await ann.json("GET", f"/assets/{id_}")
    assert found["last_seen"] == "2026-03-01T09:00:00+00:00"
    assert (found["tags"], found["environment"], found["is_target"]) == (["a", "b"], None, True)


@pytest.mark.parametrize(
    ("written", "value"),
    [("512 MB", 0.5), ("2TB", 2048.0), ("16.5 gib", 16.5)],
)
async def test_a_quantity_is_kept_in_the_unit_of_the_attribute(
    ann: Client, gathered: Gathered, written: str, value: float
) -> None:
    await gathered(1)
    id_ = (await ann.json("GET", "/assets"))["items"][0]["id"]
    body = {"set": {"memory_gb": written, "cpu_cores": "8 cores"}, "reason": "looked"}
    patched = await ann.json("PATCH", f"/assets/{id_}", json=body)
    assert (patched["asset"]["memory_gb"], patched["asset"]["cpu_cores"]) == (value, 8)
    assert patched["decisions"][0]["value"] == {"memory_gb": value, "cpu_cores": 8}


@pytest.mark.parametrize(
    ("values", "code"),
    [
        ({"environmnet": "x"}, "unknown_attribute"),
        ({"natural_key": "x"}, "unknown_attribute"),
        ({"quality_score": 1}, "unknown_attribute"),
        ({"memory_gb": "many"}, "invalid_value"),
        ({"memory_gb": True}, "invalid_value"),
        ({"memory_gb": "16"}, "invalid_value"),
        ({"memory_gb": "1.024,5 MB"}, "invalid_value"),
        ({"memory_gb": "16 GHz"}, "unknown_unit"),
        ({"cpu_cores": "1.5 cores"}, "invalid_value"),
        ({"cpu_cores": 1.5}, "invalid_value"),
        ({"name": 7}, "invalid_value"),
        ({"wave": "w" * 101}, "invalid_value"),
        ({"tags": "a"}, "invalid_value"),
        ({"last_seen": "yesterday"}, "invalid_value"),
        ({"last_seen": "2026-03-01T10:00:00"}, "invalid_value"),
    ],
)
async def test_what_can_not_be_set_is_refused_with_a_pointer(
    ann: Client, values: dict[str, Any], code: str
) -> None:
    body = {"set": values, "reason": "why not"}
    problem = await ann.json("PATCH", f"/assets/{uuid4()}", 422, json=body)
    assert (problem["code"], problem["pointer"]) == (code, f"/set/{next(iter(values))}")


async def test_a_phase_that_runs_again_takes_no_asset_away_before_its_rows_are_there(
    ann: Client, worker: Worker, gathered: Gathered
) -> None:
    """The fold may come before the index: it once took all assets out, and the next one put them in again."""
    flow = await gathered(3)
    await worker.complete(flow["id"])
    asset = (await ann.json("GET", "/assets"))["items"][0]
    await ann("PATCH", f"/assets/{asset['id']}", json={"set": {"environment": "staging"}, "reason": "x"})
    await worker.settle()
    await ann("POST", f"/flows/{flow['id']}/refresh", 202)
    await worker.complete(flow["id"], [(ASSETS, machines(4))])
    await worker.fold()
    assert len((await ann.json("GET", "/assets"))["items"]) == 3
    assert (await ann.json("GET", f"/assets/{asset['id']}"))["environment"] == "staging"
    assert (await ann.json("GET", f"/flows/{flow['id']}"))["folded"] is False
    await worker.settle()
    assert len((await ann.json("GET", "/assets"))["items"]) == 4
    assert (await ann.json("GET", f"/flows/{flow['id']}"))["folded"] is True


async def test_of_those_who_change_what_they_saw_at_once_one_is_first_and_the_others_are_told(
    ann: Client, gathered: Gathered, database: SqlDatabase, tenant: Tenant
) -> None:
    flow = await gathered(1)
    id_ = (await ann.json("GET", "/assets"))["items"][0]["id"]
    seen = {"If-Match": (await ann("GET", f"/assets/{id_}")).headers["ETag"]}

    async def all_wait() -> bool:
        async with database.app.connect() as connection:
            found = await connection.exec_driver_sql(
                "select count(*) from pg_stat_activity"
                " where datname = current_database() and wait_event_type = 'Lock'"
            )
            return bool(found.scalar_one() == 3)

    async with database.transaction(tenant) as transaction:
        await transaction.lock_flows([UUID(flow["id"])])
        asked = [
            asyncio.create_task(
                ann.http.patch(
                    f"/assets/{id_}", json={"set": {"environment": each}, "reason": "x"}, headers=seen
                )
            )
            for each in ("staging", "production", "test")
        ]
        await eventually(all_wait, timeout=30, what="all three have read the asset, or wait to")
    answers = await asyncio.gather(*asked)
    assert sorted(answer.status_code for answer in answers) == [200, 412, 412]


async def test_an_asset_changed_since_it_was_read_is_not_set(ann: Client, gathered: Gathered) -> None:
    await gathered(1)
    id_ = (await ann.json("GET", "/assets"))["items"][0]["id"]
    seen = {"If-Match": (await ann("GET", f"/assets/{id_}")).headers["ETag"]}
    body = {"set": {"environment": "staging"}, "reason": "x"}
    answer = await ann("PATCH", f"/assets/{id_}", json=body, headers=seen)
    assert await ann.code("PATCH", f"/assets/{id_}", 412, json=body, headers=seen) == "version_mismatch"
    await ann("PATCH", f"/assets/{id_}", json=body, headers={"If-Match": answer.headers["ETag"]})


async def test_a_page_takes_the_same_number_of_statements_however_long_it_is(
    ann: Client, gathered: Gathered, database: SqlDatabase, gateway: Gateway
) -> None:
    """Five at most, after the two that read whether the client has enrolled who asks."""
    flow = await gathered(20)
    with statements(database.app) as sent:
        for path in ("/flows", "/assets", f"/flows/{flow['id']}/entities", f"/flows/{flow['id']}/datasets"):
            counts = []
            for limit in (1, 20):
                gateway.app.state.standing.forget()
                sent.clear()
                await ann("GET", path, params={"limit": limit})
                assert "from users" in sent[1].text.lower()
                counts.append(len(sent) - 2)
            assert counts[0] == counts[1] <= 5, path
            assert not any("offset" in each.text.lower() for each in sent)


async def test_searching_a_large_estate_uses_the_index_under_row_level_security(
    database: SqlDatabase, database_urls: Database, tenant: Tenant
) -> None:
    async with database.transaction(tenant) as transaction:
        await transaction.connection.exec_driver_sql(
            "insert into search_terms (client_account_id, engagement_id, term, entity_kind, entity_id)"
            " select $1, $2, 'word' || n, 'asset', gen_random_uuid() from generate_series(1, 20000) n",
            (tenant.client_account_id, tenant.engagement_id),
        )
    owner = await asyncpg.connect(database_urls.owner)
    try:
        await owner.execute("analyze search_terms")  # what autovacuum does within a minute
    finally:
        await owner.close()
    async with database.transaction(tenant) as transaction:
        plan = await transaction.connection.exec_driver_sql(
            "explain select entity_id from search_terms where engagement_id = $1 and entity_kind = 'asset'"
            " and term >= 'web' and term < 'web\U0010ffff'",
            (tenant.engagement_id,),
        )
        text = "\n".join(row[0] for row in plan)
    assert "Index Cond" in text
    assert "term >=" in text.split("Index Cond")[1].split("Filter")[0]


async def test_a_flow_says_when_the_assets_show_all_of_it(ann: Client, worker: Worker) -> None:
    flow = (await ann.create())["id"]
    path = f"/flows/{flow}"

    async def folded() -> bool:
        return bool((await ann.json("GET", path))["folded"])

    assert await folded()
    await worker.complete(flow, [(RAW, raw_rows())])
    await worker.complete(flow, [(ASSETS, machines(3))])
    assert not await folded()
    await worker.index()
    assert not await folded()
    await worker.settle()
    assert await folded()
    asset = (await ann.json("GET", "/assets"))["items"][0]["id"]
    assert await folded()
    await ann.json("PATCH", f"/assets/{asset}", json={"set": {"environment": "test"}, "reason": "known"})
    assert not await folded()
    await worker.settle()
    assert await folded()
    assert "folded" not in (await ann.json("GET", "/flows"))["items"][0]
