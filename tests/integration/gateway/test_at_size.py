"""Reads whose cost must not grow with page or estate: statements, plans, kept counts, rare and frequent words."""

from collections.abc import Awaitable, Callable
from typing import Any
from uuid import UUID

import asyncpg
import pytest

from caravan_common.contracts import Tenant
from caravan_orchestrator.store import direct
from caravan_orchestrator.store.database import SqlDatabase
from caravan_orchestrator.store.fold import fold
from caravan_orchestrator.store.reads import entities, search, waiting
from tests.integration.gateway.client import Client, Gateway, Worker
from tests.support.postgres import Database
from tests.support.statements import Statement, statements

Gathered = Callable[..., Awaitable[Any]]


async def plan(database: SqlDatabase, urls: Database, tenant: Tenant, statement: Statement) -> str:
    """As caravan_app under row-level security, after what autovacuum does within a minute of so many changes; in a
    small table only an index that may not be used is not used."""
    owner = await asyncpg.connect(urls.owner)
    try:
        await owner.execute("vacuum (analyze) assets, search_terms")
    finally:
        await owner.close()
    async with database.transaction(tenant) as transaction:
        run = transaction.connection.exec_driver_sql
        await run("set local enable_seqscan = off")
        await run("set local enable_bitmapscan = off")
        await run("set local enable_sort = off")
        return "\n".join(row[0] for row in await run(f"explain {statement[0]}", statement[1]))


async def plan_for_any(database: SqlDatabase, tenant: Tenant, statement: Statement) -> str:
    """As PostgreSQL plans a statement that it has been sent often: without looking at the arguments; from indexes
    alone, where they hold all that is asked for."""
    text, arguments = statement
    given = ", ".join("null" if each is None else f"'{each}'" for each in arguments)
    async with database.transaction(tenant) as transaction:
        run = transaction.connection.exec_driver_sql
        await run("set local plan_cache_mode = force_generic_plan")
        await run("set local enable_seqscan = off")
        await run("set local enable_bitmapscan = off")
        await run("set local enable_sort = off")
        await run("set local enable_indexscan = off")
        await run(f"prepare any_arguments as {text}")
        try:
            return "\n".join(row[0] for row in await run(f"explain execute any_arguments ({given})"))
        finally:
            await run("deallocate any_arguments")


async def test_open_questions_are_found_in_their_index_whatever_is_asked_for(
    gathered: Gathered, ann: Client, database: SqlDatabase, tenant: Tenant
) -> None:
    """Were `open` an argument, a plan made for any would read all questions of the client: 50,000 took 80 ms."""
    await gathered(3)
    with statements(database.app) as sent:
        await ann.json("GET", "/inbox")
    counts, page = [each for each in sent if "questions" in each[0]]
    assert "Index Scan using ix_questions_asked" in await plan_for_any(database, tenant, page)
    assert "Index Only Scan using ix_questions_asked" in await plan_for_any(database, tenant, counts)


async def test_what_waits_is_asked_for_in_the_same_words_every_time(
    gathered: Gathered, ann: Client, database: SqlDatabase
) -> None:
    """A statement that is made anew for each request takes longer to make than to carry out."""
    await gathered(3)
    made = []
    for path in ("/inbox?limit=1", "/inbox?limit=200"):
        before = waiting._page.cache_info().misses
        await ann.json("GET", path)
        made.append(waiting._page.cache_info().misses - before)
    assert made[1] == 0


async def test_a_flow_is_created_in_five_statements_and_wakes_nobody_who_has_no_work(
    ann: Client, gateway: Gateway, database: SqlDatabase
) -> None:
    """Tenant, newest definition, quotas, the flow with its phases, the decision. What it looks like is known."""
    await ann.create()
    with statements(database.app) as sent:
        await ann.create()
    assert len(sent) == 5
    assert gateway.woken == set()


async def test_no_list_asks_more_of_the_database_for_more_rows(
    gathered: Gathered, ann: Client, database: SqlDatabase, gateway: Gateway
) -> None:
    """Each time with those that read whether the client has enrolled who asks, and without those in the background."""
    flow = await gathered(6)
    for _ in range(5):
        await ann.create()
    parts = ("attempts", "datasets", "events", "entities", "questions", "approvals", "rollbacks")
    lists = [
        "/assets",
        "/assets?q=web",
        "/assets?sort=-memory_gb",
        "/flows",
        "/flows?q=harbour",
        *(f"/flows/{flow['id']}/{p}" for p in parts),
    ]
    asked = {}
    for path in lists:
        sign = "&" if "?" in path else "?"
        for limit in (1, 200):
            await ann.json("GET", f"{path}{sign}limit={limit}")
            await gateway.app.state.columns.settled()
            gateway.app.state.standing.forget()
            with statements(database.app) as sent:
                await ann.json("GET", f"{path}{sign}limit={limit}")
            asked.setdefault(path, []).append(len(sent))
    assert {path: counts for path, counts in asked.items() if counts[0] != counts[1]} == {}


@pytest.mark.parametrize(
    "asked", ["environment=test&is_target=true", "treatment=rehost&wave=wave-001&target_type=x"]
)
async def test_a_page_of_assets_is_found_in_the_index_alone(
    asked: str,
    gathered: Gathered,
    ann: Client,
    database: SqlDatabase,
    database_urls: Database,
    tenant: Tenant,
) -> None:
    await gathered(3)
    with statements(database.app) as sent:
        await ann.json("GET", f"/assets?{asked}")
    found = await plan(
        database, database_urls, tenant, next(each for each in sent if "nulls last" in each[0].lower())
    )
    assert "Index Only Scan using ix_assets_listed" in found


@pytest.mark.parametrize("path", ["/assets?q=web-0", "/flows?q=harb"])
async def test_a_word_is_looked_up_by_index_though_it_is_only_a_beginning(
    path: str,
    gathered: Gathered,
    ann: Client,
    database: SqlDatabase,
    database_urls: Database,
    tenant: Tenant,
) -> None:
    await gathered(3)
    with statements(database.app) as sent:
        assert (await ann.json("GET", path))["items"]
    found = await plan(
        database, database_urls, tenant, next(each for each in sent if "search_terms" in each[0])
    )
    assert "Index Only Scan using ix_search_terms_found" in found
    assert "term >= " in found.partition("Index Cond")[2].partition("\n")[0]


@pytest.mark.parametrize(("rare", "hashed"), [(0, 0), (0, 20_000), (2, 20_000), (1000, 20_000)])
async def test_frequent_and_rare_words_find_the_same(
    rare: int, hashed: int, gathered: Gathered, ann: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    await gathered(6)
    await ann.create(name="Harbour light")
    monkeypatch.setattr(search, "RARE_TERMS", rare)
    monkeypatch.setattr(search, "HASHED_TERMS", hashed)

    async def names(path: str) -> list[str]:
        return [row["name"] for row in (await ann.json("GET", path))["items"]]

    assert await names("/assets?q=web-03") == ["web-03.harbour.example"]
    assert await names("/assets?q=web+web-03") == ["web-03.harbour.example"]
    assert len(await names("/assets?q=web")) == 6
    assert await names("/assets?q=web+nothing") == []
    assert await names("/assets?q=web&is_target=false") == ["web-00.harbour.example"]
    assert await names("/flows?q=light") == ["Harbour light"]
    assert await names("/flows?q=harb+wa") == ["Harbour wall"]


@pytest.mark.parametrize("path", ["/assets?q=web", "/assets?q=web&environment=test", "/assets:facets?q=web"])
async def test_no_wide_row_is_read_to_find_a_frequent_word(
    path: str,
    gathered: Gathered,
    ann: Client,
    database: SqlDatabase,
    database_urls: Database,
    tenant: Tenant,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Its terms are hashed once, and asked for each row of an index: to look up each of 16,000 rows took 130 ms."""
    await gathered(40)
    monkeypatch.setattr(search, "RARE_TERMS", 0)
    with statements(database.app) as sent:
        await ann.json("GET", path)
    wanted = next(each for each in sent if " is true" in each[0].lower())
    found = await plan(database, database_urls, tenant, wanted)
    assert "Index Only Scan using ix_assets_" in found
    assert "hashed SubPlan" in found


async def test_facets_of_what_was_found_count_values_too_long_for_an_index(
    gathered: Gathered, ann: Client
) -> None:
    await gathered(3)
    asset, other = (await ann.json("GET", "/assets"))["items"][:2]
    long = "Hall " + "".join(chr(0x4E00 + n) for n in range(4000))
    for each, location in ((asset, long), (other, "Oslo")):
        body = {"set": {"location": location}, "reason": "known"}
        await ann.json("PATCH", f"/assets/{each['id']}", json=body)
    counted = (await ann.json("GET", "/assets:facets?q=web"))["facets"]
    assert {each["value"]: each["count"] for each in counted["location"]} == {long: 1, "Oslo": 1, None: 1}
    assert sum(each["count"] for each in counted["asset_type"]) == 3


async def test_a_search_of_entities_goes_on_page_by_page_however_many_it_looks_through(
    gathered: Gathered, ann: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    flow = await gathered(7)
    path = f"/flows/{flow['id']}/entities"
    everything = [row["id"] for page in await ann.pages(path, limit=500) for row in page]
    named = [row["id"] for row in (await ann.json("GET", f"{path}?q=web"))["items"]]
    assert 7 <= len(named) <= len(everything)
    for looked, limit in ((1, 5), (3, 5), (5, 2), (len(everything), 3)):
        monkeypatch.setattr(entities, "LOOKED_THROUGH", looked)
        pages = await ann.pages(path, q="web", limit=limit)
        assert [row["id"] for page in pages for row in page] == named, (looked, limit)
        assert all(len(page) <= min(limit, looked) for page in pages)
        last = await ann.pages(path, q="web-06", limit=limit)
        assert {row["data"]["name"] for page in last for row in page} == {"web-06.harbour.example"}
        assert not any(await ann.pages(path, q="nothing", limit=limit))


async def test_facets_come_out_of_kept_counts_and_are_the_same_as_counted(
    gathered: Gathered, ann: Client, database: SqlDatabase, tenant: Tenant
) -> None:
    await gathered(7)
    paths = [
        f"/assets:facets{q}"
        for q in ("", "?environment=test", "?asset_type=server&is_target=true", "?environment=x")
    ]
    kept = []
    for path in paths:
        with statements(database.app) as sent:
            kept.append((await ann.json("GET", path))["facets"])
        assert not any("grouping sets" in statement.lower() for statement, _ in sent), path
    async with database.transaction(tenant) as transaction:
        await transaction.connection.exec_driver_sql("delete from asset_counts")
    with statements(database.app) as sent:
        counted = [(await ann.json("GET", path))["facets"] for path in paths]
    assert sum("grouping sets" in statement.lower() for statement, _ in sent) == len(paths)
    assert kept == counted
    assert kept[0]["environment"] == [{"value": "production", "count": 4}, {"value": "test", "count": 3}]
    assert kept[3]["environment"] == []


async def test_counts_made_while_facets_are_read_do_not_empty_them(
    gathered: Gathered, ann: Client, database: SqlDatabase, tenant: Tenant, monkeypatch: pytest.MonkeyPatch
) -> None:
    """They once were: one statement found no counts, the next that there are some."""
    await gathered(3)
    before = await ann.json("GET", "/assets:facets")
    async with database.transaction(tenant) as transaction:
        await transaction.connection.exec_driver_sql("delete from asset_counts")
    run = direct.run

    async def count_afterwards(connection: Any, sql: str, *arguments: Any) -> Any:
        found = await run(connection, sql, *arguments)
        if "asset_counts" in sql:
            monkeypatch.undo()
            async with database.transaction(tenant) as transaction:
                await fold(transaction, UUID(before["estate_id"]))
        return found

    monkeypatch.setattr(direct, "run", count_afterwards)
    assert await ann.json("GET", "/assets:facets") == before


@pytest.mark.parametrize("asked", ["treatment=rehost", "wave=wave-001", "target_type=x"])
async def test_facets_by_what_is_not_kept_are_counted_out_of_an_index(
    asked: str,
    gathered: Gathered,
    ann: Client,
    database: SqlDatabase,
    database_urls: Database,
    tenant: Tenant,
) -> None:
    await gathered(3)
    with statements(database.app) as sent:
        await ann.json("GET", f"/assets:facets?{asked}")
    wanted = next(each for each in sent if "grouping sets" in each[0].lower())
    assert "Index Only Scan using ix_assets_counted" in await plan(database, database_urls, tenant, wanted)


async def test_counts_of_a_version_that_counted_less_are_not_shown(
    gathered: Gathered, ann: Client, database: SqlDatabase, tenant: Tenant
) -> None:
    await gathered(3)
    before = (await ann.json("GET", "/assets:facets"))["facets"]
    async with database.transaction(tenant) as transaction:
        await transaction.connection.exec_driver_sql("delete from asset_counts where facet = 'target_type'")
    assert (await ann.json("GET", "/assets:facets"))["facets"] == before
    assert before["target_type"] == [{"value": None, "count": 3}]


async def test_facets_show_what_a_person_set_before_and_after_the_fold(
    gathered: Gathered, ann: Client, worker: Worker, gateway: Gateway
) -> None:
    await gathered(3)
    asset = (await ann.json("GET", "/assets"))["items"][0]
    await ann.json(
        "PATCH", f"/assets/{asset['id']}", json={"set": {"environment": "staging"}, "reason": "known"}
    )
    assert gateway.woken == {"fold"}
    staging = {"value": "staging", "count": 1}
    assert staging in (await ann.json("GET", "/assets:facets"))["facets"]["environment"]
    await worker.settle()
    assert staging in (await ann.json("GET", "/assets:facets"))["facets"]["environment"]


async def test_a_search_is_planned_for_its_own_words(database: SqlDatabase, tenant: Tenant) -> None:
    """A plan made for any word took a minute for two frequent ones among 100,000 assets."""
    async with database.transaction(tenant) as transaction:
        await search.find(transaction.connection, "asset", ["web", "service"], tenant.engagement_id)
        mode = await transaction.connection.exec_driver_sql("show plan_cache_mode")
        assert mode.scalar_one() == "force_custom_plan"
