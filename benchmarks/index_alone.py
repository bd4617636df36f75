"""What index rows and asset table of an inventory cost by themselves, after discovery's phases and one after the other.

    python benchmarks/index_alone.py FILE.csv [--as-of 2026-11-21] [--keep FOLDER] [--statements]

One line a dataset of at least 1,000 rows, and one each for the fold and for a second one that changes nothing:
seconds by the clock, and of processor in Python and in PostgreSQL's processes of the connections, which are hardly
lengthened by other work. It fails when the asset table is not what a refold says. With --keep the datasets stay in
FOLDER and are taken from there the next time; --statements tells the seconds of each statement of a fold on stderr.
The database is that of the tests: CARAVAN_TEST_DATABASE_URL on this machine, else one out of the wheel.
"""

import argparse
import asyncio
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import asyncpg
import psutil

# Also as a script, from wherever it is called.
sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from benchmarks.phases_in_turn import Job, measure, report
from caravan_common.contracts import DatasetManifest, Index, Tenant, new_id
from caravan_discovery.flow import DISCOVERY
from caravan_orchestrator.loops.folding import Folding
from caravan_orchestrator.store.database import SqlDatabase, SqlTransaction, make_engine
from caravan_orchestrator.store.dispatch import Dispatch
from caravan_orchestrator.store.fold import REFOLD_DIFFERENCE, fold
from caravan_orchestrator.store.indexing import BatchReader, IndexJob, copy_batch, find_jobs, finish_jobs
from caravan_orchestrator.store.upgrade import upgrade_database
from tests.support.flows import new_tenant
from tests.support.postgres import Database, choose_postgres

_LEAST_ROWS = 1000


def main() -> None:
    parser = argparse.ArgumentParser(description="Measure index rows and asset table by themselves.")
    parser.add_argument("file", type=Path)
    parser.add_argument("--as-of", default="2026-11-21")
    parser.add_argument("--keep", type=Path, help="where the datasets stay, or already are")
    parser.add_argument("--statements", action="store_true", help="seconds of each statement of a fold")
    arguments = parser.parse_args()
    database = choose_postgres().open()
    try:
        with tempfile.TemporaryDirectory(prefix="caravan-index-alone-") as folder:
            kept = arguments.keep or Path(folder)
            if not (kept / "tech_debt.json").exists():
                kept.mkdir(exist_ok=True)
                for phase in DISCOVERY.phase_names:
                    measure(Job(phase, (arguments.file.resolve(),), kept, arguments.as_of))
            asyncio.run(_measure(kept, database, statements=arguments.statements))
    finally:
        database.close()


class Spent:
    """Seconds since it was made."""

    def __init__(self, backends: Sequence[int]) -> None:
        self._backends = [psutil.Process(each) for each in backends]
        self._clock, self._python, self._postgres = time.monotonic(), time.process_time(), self._used()

    def _used(self) -> float:
        times = [each.cpu_times() for each in self._backends]
        return float(sum(each.user + each.system for each in times))

    def tell(self, case: str, more: dict[str, Any]) -> None:
        seconds = {
            "python": round(time.process_time() - self._python, 2),
            "postgres": round(self._used() - self._postgres, 2),
        }
        report("index_alone", case, round(time.monotonic() - self._clock, 2), "s", {**seconds, **more})


async def _measure(folder: Path, urls: Database, *, statements: bool) -> None:
    app, dispatch = urls.as_role("caravan_app"), urls.as_role("caravan_dispatch")
    await upgrade_database(urls.owner, app, dispatch)
    database = SqlDatabase(make_engine(app, 2), make_engine(dispatch, autocommit=True))
    tenant = await new_tenant(database)
    jobs = await _jobs(urls, database, tenant, folder)
    pids = await _backends(database, tenant)
    if statements:
        _tell_statements()
    whole = Spent(pids)
    for job in jobs:
        await _index(database, tenant, job, folder / f"{job.name}.parquet", pids)
    whole.tell("index", {"rows": sum(job.rows for job in jobs)})
    estate = jobs[0].estate_id
    spent = Spent(pids)
    await Folding(Dispatch(database.dispatch), database).step()
    spent.tell("fold", {})
    spent = Spent(pids)
    async with database.transaction(tenant) as transaction:
        await fold(transaction, estate)
    spent.tell("second fold", {})
    spent = Spent(pids)
    async with database.transaction(tenant) as transaction:
        [difference] = await transaction.run_long(REFOLD_DIFFERENCE, estate)
        [sizes] = await transaction.run_long(_SIZES)
    spent.tell("refold", {**dict(difference), **dict(sizes)})
    await database.dispose()
    if difference["missing"] or difference["extra"]:
        raise SystemExit("The asset table is not what a refold says.")


async def _backends(database: SqlDatabase, tenant: Tenant) -> list[int]:
    """Process ids of the two connections of the pool."""
    async with database.transaction(tenant) as one, database.transaction(tenant) as other:
        found = [await each.connection.exec_driver_sql("select pg_backend_pid()") for each in (one, other)]
    return [each.scalar_one() for each in found]


def _tell_statements() -> None:
    run = SqlTransaction.run_long

    async def told(transaction: SqlTransaction, sql: str, *arguments: Any) -> Sequence[Any]:
        started = time.monotonic()
        found = await run(transaction, sql, *arguments)
        sys.stderr.write(f"{time.monotonic() - started:8.2f} s  {' '.join(sql.split())[:90]}\n")
        return found

    SqlTransaction.run_long = told  # type: ignore[method-assign, assignment]


_SIZES = """
select (select count(*) from search_terms) as terms,
  pg_indexes_size('search_terms') / 1048576 as terms_indexes_mib,
  pg_indexes_size('assets') / 1048576 as assets_indexes_mib,
  pg_indexes_size('flow_data_entities') / 1048576 as entities_indexes_mib,
  pg_relation_size('flow_data_entities') / 1048576 as entities_mib
"""


async def _jobs(urls: Database, database: SqlDatabase, tenant: Tenant, folder: Path) -> list[IndexJob]:
    """One completed flow with the indexed datasets of the folder, large ones first. Its attempt is left out."""
    flow, attempt, ids = new_id(), new_id(), []
    owner = await asyncpg.connect(urls.owner)
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
    for spec in (each for phase in DISCOVERY.phases for each in phase.outputs if each.index is Index.ROWS):
        manifest = DatasetManifest.model_validate_json((folder / f"{spec.name}.json").read_text("utf-8"))
        ids.append(new_id())
        await owner.execute(
            "insert into datasets (id, client_account_id, engagement_id, flow_id, attempt_id, phase, name, version,"
            " artifact_key, sha256, index, rows, entity_type, assets) values ($1, $2, $3, $4, $5, 'inventory', $6, 1,"
            " 'k', 's', 'rows', $7, $8, $9)",
            *(ids[-1], *who, flow, attempt, spec.name, manifest.rows, spec.entity_type, spec.assets),
        )
    await owner.close()
    async with database.transaction(tenant) as transaction:
        jobs = await find_jobs(transaction, ids)
    return sorted(jobs, key=lambda job: -job.rows)


async def _index(database: SqlDatabase, tenant: Tenant, job: IndexJob, path: Path, pids: list[int]) -> None:
    spent, reader = Spent(pids), BatchReader(job, path)
    while batch := reader.next_batch():
        async with database.transaction(tenant) as transaction:
            await copy_batch(transaction, batch.text, [job], progress=batch.end)
    async with database.transaction(tenant) as transaction:
        await finish_jobs(transaction, [job])
    if job.rows >= _LEAST_ROWS:
        spent.tell(job.name, {"rows": job.rows})


if __name__ == "__main__":
    main()
