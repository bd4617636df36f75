"""Datasets of assets in flows of their own, their index rows and their fold, by the store's own functions."""

from pathlib import Path
from typing import Any
from uuid import UUID

import polars as pl

from caravan_common.contracts import Tenant, new_id
from caravan_orchestrator.store.database import SqlDatabase
from caravan_orchestrator.store.fold import fold
from caravan_orchestrator.store.indexing import IndexJob, copy_batch, finish_jobs, text_of


async def new_job(owner: Any, tenant: Tenant, rows: int) -> IndexJob:
    """A dataset of assets, active in a flow of its own. Its attempt is left out."""
    flow, dataset, attempt = new_id(), new_id(), new_id()
    who = (tenant.client_account_id, tenant.engagement_id)
    await owner.execute("set session_replication_role = replica")
    await owner.execute(
        "insert into migration_flows (id, client_account_id, engagement_id, flow_type, definition_version, name,"
        " status, estate_id) values ($1, $2, $3, 'discovery', '1.0.0', 'f', 'completed', $1)",
        *(flow, *who),
    )
    await owner.execute(
        "insert into flow_phases (flow_id, position, client_account_id, engagement_id, name, status,"
        " active_attempt_id) values ($1, 0, $2, $3, 'inventory', 'completed', $4)",
        *(flow, *who, attempt),
    )
    await owner.execute(
        "insert into datasets (id, client_account_id, engagement_id, flow_id, attempt_id, phase, name, version,"
        " artifact_key, sha256, index, rows, assets) values ($1, $2, $3, $4, $5, 'inventory', 'assets', 1, 'k', 's',"
        " 'rows', $6, true)",
        *(dataset, *who, flow, attempt, rows),
    )
    await owner.execute("set session_replication_role = origin")
    return IndexJob(dataset, "assets", "asset", "k", rows, 0, assets=True, estate_id=flow)


def write(folder: Path, frame: pl.DataFrame) -> Path:
    path = folder / f"{new_id()}.parquet"
    frame.write_parquet(path)
    return path


async def index(
    database: SqlDatabase, tenant: Tenant, job: IndexJob, frame: pl.DataFrame, folder: Path
) -> None:
    async with database.transaction(tenant) as transaction:
        await copy_batch(transaction, text_of(job, write(folder, frame)), [job])
        await finish_jobs(transaction, [job])


async def fold_anew(database: SqlDatabase, tenant: Tenant, estate: UUID) -> None:
    async with database.transaction(tenant) as transaction:
        await fold(transaction, estate)


async def terms(owner: Any, tenant: Tenant) -> list[str]:
    sql = "select term from search_terms where engagement_id = $1 order by term"
    return [row[0] for row in await owner.fetch(sql, tenant.engagement_id)]
