"""Index rows into the asset table: only what changed, nothing compared all with all, a large new estate at once."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any
from uuid import UUID

import polars as pl
import pytest

from caravan_common.contracts import new_id
from caravan_orchestrator.loops import folding
from caravan_orchestrator.loops.folding import Folding
from caravan_orchestrator.store import fold as folds
from caravan_orchestrator.store.database import SqlDatabase
from caravan_orchestrator.store.dispatch import Dispatch
from caravan_orchestrator.store.fold import (
    REFOLD_DIFFERENCE,
    fold,
    fold_first,
    large_first_dataset,
    write_first_terms,
)
from tests.integration.store.indexed import fold_anew, index, new_job, terms
from tests.support.inprocess_platform import new_tenant

_ONE_ASSET = pl.DataFrame({"natural_key": ["one"], "name": ["one"]})


async def test_a_fold_writes_what_changed_and_nothing_else(
    database: SqlDatabase, owner: Any, tmp_path: Path
) -> None:
    tenant = await new_tenant(database)
    keys = [f"k{i}" for i in range(50)]
    frame = pl.DataFrame({"natural_key": keys, "name": [f"web-{i}" for i in range(50)]})
    job = await new_job(owner, tenant, 50)
    await index(database, tenant, job, frame, tmp_path)
    await fold_anew(database, tenant, job.estate_id)
    places = "select ctid, xmin, xmax from {} where engagement_id = $1 order by ctid"
    before = [await owner.fetch(places.format(t), tenant.engagement_id) for t in ("assets", "search_terms")]
    await fold_anew(database, tenant, job.estate_id)
    assert before == [
        await owner.fetch(places.format(t), tenant.engagement_id) for t in ("assets", "search_terms")
    ]
    await owner.execute(
        "update flow_data_entities set data = '{\"name\":\"db-7\"}' where dataset_id = $1 and natural_key = 'k7'",
        job.id,
    )
    await fold_anew(database, tenant, job.estate_id)
    changed = await owner.fetch(
        "select name from assets where engagement_id = $1 and updated_at ="
        " (select max(updated_at) from assets where engagement_id = $1)",
        tenant.engagement_id,
    )
    assert [row["name"] for row in changed] == ["db-7"]
    found = await terms(owner, tenant)
    assert "db-7" in found
    assert "web-7" not in found
    assert len(found) == 100
    await owner.execute(
        "delete from flow_data_entities where dataset_id = $1 and natural_key = 'k11'", job.id
    )
    await fold_anew(database, tenant, job.estate_id)
    assert "web-11" not in await terms(owner, tenant)
    async with database.transaction(tenant) as transaction:
        [difference] = await transaction.run_long(REFOLD_DIFFERENCE, job.estate_id)
    assert (difference["missing"], difference["extra"], difference["assets"]) == (0, 0, 49)


async def test_of_terms_that_begin_alike_the_longest_is_kept(
    database: SqlDatabase, owner: Any, tmp_path: Path
) -> None:
    tenant = await new_tenant(database)
    job = await new_job(owner, tenant, 1)
    names = {"name": ["Shop-DB-01"], "hostname": ["shop-db-01"], "fqdn": ["shop-db-01.corp"]}
    frame = pl.DataFrame({"natural_key": ["a"], **names, "application_name": ["Shop"]})
    await index(database, tenant, job, frame, tmp_path)
    await fold_anew(database, tenant, job.estate_id)
    assert await terms(owner, tenant) == ["01", "db", "shop-db-01.corp"]


_ASSETS = """
select natural_key, name, fqdn, memory_gb, is_target, custom_attributes, overridden from assets
where estate_id = $1 order by 1
"""
_TERMS = """
select t.term, a.natural_key from search_terms t join assets a on a.id = t.entity_id
where a.estate_id = $1 order by 1, 2
"""
_COUNTS = """
select facet, value, asset_type, environment, is_target, count from asset_counts
where estate_id = $1 order by 1, 2, 3, 4, 5
"""


async def _fold_due(database: SqlDatabase, owner: Any, estate: UUID) -> None:
    """As the loop does it, and for this estate only: others of the database may be due too."""
    await owner.execute("delete from running.due where kind = 'fold' and id <> $1", estate)
    await owner.execute("update running.due set at = now() where kind = 'fold'")
    assert await Folding(Dispatch(database.dispatch), database).step()


def _estate() -> pl.DataFrame:
    names = [f"Web-{n % 7}-{n:03}" if n % 9 else None for n in range(60)]
    return pl.DataFrame(
        {
            "natural_key": [f"k{n:03}" for n in range(60)],
            "name": names,
            "hostname": names[::-1],
            "fqdn": [f"{name}.corp" if name else None for name in names],
            "application_name": [f"Shop {n % 4}" for n in range(60)],
            "asset_type": ["server", "virtual_machine"] * 30,
            "memory_gb": [n / 3 for n in range(60)],
            "is_target": [True, False, None] * 20,
            "custom_attributes": ['{"rack":"r"}', None] * 30,
        }
    )


async def test_a_large_new_estate_is_the_same_with_its_terms_written_beside(
    database: SqlDatabase, owner: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    estates = []
    for least in (folds.LARGE, 60):
        monkeypatch.setattr(folds, "LARGE", least)
        tenant = await new_tenant(database)
        job = await new_job(owner, tenant, 60)
        await index(database, tenant, job, _estate(), tmp_path)
        if least == 60:
            monkeypatch.setattr(folding, "fold", None)
        await _fold_due(database, owner, job.estate_id)
        estates.append(
            [
                [tuple(row) for row in await owner.fetch(sql, job.estate_id)]
                for sql in (_ASSETS, _TERMS, _COUNTS)
            ]
        )
        async with database.transaction(tenant) as transaction:
            [difference] = await transaction.run_long(REFOLD_DIFFERENCE, job.estate_id)
        assert (difference["missing"], difference["extra"], difference["assets"]) == (0, 0, 60)
    assert all(estates[0])
    assert estates[0] == estates[1]


async def test_terms_that_were_written_before_their_assets_failed_are_not_written_twice(
    database: SqlDatabase, owner: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(folds, "LARGE", 1)
    tenant = await new_tenant(database)
    job = await new_job(owner, tenant, 60)
    await index(database, tenant, job, _estate(), tmp_path)

    async def fail(*_: Any) -> None:
        raise RuntimeError("the disk is full")

    with monkeypatch.context() as broken:
        broken.setattr(folding, "fold_first", fail)
        with pytest.raises(RuntimeError, match="full"):
            await _fold_due(database, owner, job.estate_id)
    written = await terms(owner, tenant)
    assert "shop 1" in written
    assert not await owner.fetchval("select count(*) from assets where estate_id = $1", job.estate_id)
    await _fold_due(database, owner, job.estate_id)
    assert await terms(owner, tenant) == written
    assert await owner.fetchval("select count(*) from assets where estate_id = $1", job.estate_id) == 60


async def test_without_its_terms_a_large_new_estate_is_not_shown(
    database: SqlDatabase, owner: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(folds, "LARGE", 1)
    tenant = await new_tenant(database)
    job = await new_job(owner, tenant, 60)
    await index(database, tenant, job, _estate(), tmp_path)

    async def fail(*_: Any) -> None:
        raise RuntimeError("the disk is full")

    monkeypatch.setattr(folding, "write_first_terms", fail)
    with pytest.raises(RuntimeError, match="full"):
        await _fold_due(database, owner, job.estate_id)
    assert not await owner.fetchval("select count(*) from assets where estate_id = $1", job.estate_id)
    assert await owner.fetchval("select count(*) from running.due where id = $1", job.estate_id) == 1


async def test_an_estate_of_two_datasets_is_folded_in_one_transaction(
    database: SqlDatabase, owner: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(folds, "LARGE", 1)
    tenant = await new_tenant(database)
    jobs = [await new_job(owner, tenant, 60) for _ in range(2)]
    for job in jobs:
        await index(database, tenant, job, _estate(), tmp_path)
    async with database.transaction(tenant) as transaction:
        assert await large_first_dataset(transaction, jobs[0].estate_id) == jobs[0].id
    await owner.execute(
        "update migration_flows set estate_id = $1 where id = $2", jobs[0].estate_id, jobs[1].estate_id
    )
    async with database.transaction(tenant) as transaction:
        assert await large_first_dataset(transaction, jobs[0].estate_id) is None


async def test_an_estate_with_assets_or_a_persons_decision_is_folded_in_one_transaction(
    database: SqlDatabase, owner: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(folds, "LARGE", 60)
    tenant = await new_tenant(database)
    job = await new_job(owner, tenant, 60)
    await index(database, tenant, job, _estate(), tmp_path)

    async def first() -> UUID | None:
        async with database.transaction(tenant) as transaction:
            return await large_first_dataset(transaction, job.estate_id)

    assert await first() == job.id
    monkeypatch.setattr(folds, "LARGE", 61)
    assert await first() is None
    monkeypatch.setattr(folds, "LARGE", 60)
    await owner.execute("set session_replication_role = replica")
    await owner.execute(
        "insert into human_decisions (id, client_account_id, engagement_id, flow_id, number, kind, phase, subject,"
        " value, actor) values ($1, $2, $3, $4, 1, 'override', 'inventory', 'k001', '{\"name\":\"x\"}', 'ann')",
        *(new_id(), tenant.client_account_id, tenant.engagement_id, job.estate_id),
    )
    assert await first() is None
    await owner.execute(
        "update human_decisions set withdrawn_by = $1 where flow_id = $2", new_id(), job.estate_id
    )
    assert await first() == job.id
    async with database.transaction(tenant) as transaction:
        await write_first_terms(transaction, job.id)
        await fold_first(transaction, job.estate_id, job.id)
        [[idle]] = await transaction.run_long("show idle_in_transaction_session_timeout")
        assert idle == "10min"  # as long as the terms of a million may take beside it
    assert await first() is None


@pytest.mark.parametrize("statistics", ["none or later", "of a time before the estate"])
async def test_neither_fold_nor_terms_compare_all_with_all_whatever_the_statistics(
    statistics: str, database: SqlDatabase, owner: Any, tmp_path: Path
) -> None:
    """A second fold after the first, before autovacuum has come by: what is looked up once an asset has an index."""
    tenant = await new_tenant(database)
    if statistics.startswith("of"):
        await index(database, tenant, await new_job(owner, tenant, 1), _ONE_ASSET, tmp_path)
        await owner.execute("vacuum (analyze) assets, search_terms, flow_data_entities")
    job = await new_job(owner, tenant, 2000)
    keys = [f"{i:05}" for i in range(2000)]
    await index(
        database,
        tenant,
        job,
        pl.DataFrame({"natural_key": keys, "name": [f"web-{k}" for k in keys]}),
        tmp_path,
    )
    explain = "explain (analyze, format json) "
    async with database.transaction(tenant) as transaction:
        await write_first_terms(transaction, job.id)
    async with database.transaction(tenant) as transaction:
        told = await write_first_terms(transaction, job.id, prefix=explain)
    await fold_anew(database, tenant, job.estate_id)
    await owner.execute('update flow_data_entities set data = \'{"name":"x"}\' where dataset_id = $1', job.id)
    async with database.transaction(tenant) as transaction:
        told += await fold(transaction, job.estate_id, prefix=explain)
    assert max(_most_read(rows[0][0][0]["Plan"]) for rows in told) <= 20 * 2000


def _most_read(plan: Mapping[str, Any]) -> float:
    """The most rows that one step has looked at."""
    kinds = ("Actual Rows", "Rows Removed by Filter", "Rows Removed by Join Filter")
    looked_at = sum(plan.get(kind, 0) for kind in kinds) * plan["Actual Loops"]
    return float(max([looked_at, *(_most_read(child) for child in plan.get("Plans", ()))]))
