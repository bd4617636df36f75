"""Phases per second and latency of one phase, as separate processes on RabbitMQ and PostgreSQL, against the floor.

    python -m benchmarks.orchestration --floor PATH_TO_FLOOR.py [--pairs 5] [--flows 200] [--slots 32]
    python -m benchmarks.orchestration --profile

Without --floor the ratio is left out. One line a case; `value` is the median, `ratio` the median of the ratios
of interleaved pairs. The floor takes 64 messages at a time; a worker with few slots has commands wait in PostgreSQL
until its window, twice its slots, has room. With --profile it says instead what a phase costs, in CPU milliseconds of
each process.
"""

import argparse
import asyncio
import json
import os
import platform
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from importlib.metadata import version
from pathlib import Path
from uuid import UUID

import psutil

from benchmarks.cost import Meter, brokers, tree
from benchmarks.noop_service import PHASES
from caravan_common.contracts import Tenant
from caravan_orchestrator.store.database import SqlDatabase
from caravan_orchestrator.usecases.flows import NewFlow, create_flow
from tests.support.broker import choose_broker
from tests.support.inprocess_platform import migrated, new_tenant
from tests.support.postgres import choose_postgres
from tests.support.waiting import eventually, free_port

_PER_PHASE = """
select extract(epoch from max(created_at) - min(created_at)) / (count(*) - 1) * 1000
from flow_events where flow_id = any($1) and type = 'caravan.phase.completed' group by flow_id
"""


@contextmanager
def processes(commands: Sequence[Sequence[str]], environment: dict[str, str]) -> Iterator[list[int]]:
    """Started together, ended together."""
    logs = None if "BENCH_LOGS" in os.environ else subprocess.DEVNULL
    started = [
        subprocess.Popen(command, env={**os.environ, **environment}, stdout=logs, stderr=logs)
        for command in commands
    ]
    try:
        yield [process.pid for process in started]
    finally:
        for process in started:
            process.terminate()
        for process in started:
            process.wait(20)


# Each look costs what a phase costs; flows take hundreds of milliseconds.
_WATCH_SECONDS = 0.05


class Platform:
    """An orchestrator, a worker, and this process, which only creates flows and watches."""

    def __init__(self, database: SqlDatabase, tenant: Tenant) -> None:
        self._database, self._tenant = database, tenant

    async def announced(self) -> None:
        async def known() -> bool:
            rows = await self._rows("select 1 from flow_types where flow_type = 'noop'")
            return bool(rows)

        await eventually(known, timeout=60, what="the worker has announced itself")

    async def throughput(self, flows: int, concurrency: int) -> float:
        """Phases per second with `concurrency` flows under way."""
        left = flows
        begun = time.perf_counter()
        running: set[UUID] = set()
        while left or running:
            wanted = min(left, concurrency - len(running))
            for _ in range(wanted):
                running.add(await self._create())
            left -= wanted
            await asyncio.sleep(_WATCH_SECONDS)
            running -= await self._ended(running)
        return flows * len(PHASES) / (time.perf_counter() - begun)

    async def latency(self, flows: int) -> float:
        """Milliseconds from one phase's completion to the next, one flow at a time: the median."""
        ids = []
        for _ in range(flows):
            ids.append(await self._create())

            async def ended(last: UUID = ids[-1]) -> bool:
                return bool(await self._ended({last}))

            await eventually(ended, timeout=60, every=0.02)
        return statistics.median(float(row[0]) for row in await self._rows(_PER_PHASE, ids))

    async def backends(self) -> list[psutil.Process]:
        """PostgreSQL's processes that serve this database."""
        rows = await self._rows("select pid from pg_stat_activity where datname = current_database()")
        return [psutil.Process(row[0]) for row in rows]

    async def commits(self) -> int:
        """Transactions of this database so far, a second late."""
        await asyncio.sleep(1.1)
        sql = "select xact_commit from pg_stat_database where datname = current_database()"
        return int((await self._rows(sql))[0][0])

    async def _create(self) -> UUID:
        async with self._database.transaction(self._tenant) as transaction:
            return (await create_flow(transaction, NewFlow("noop", "benchmark"), "bench")).id

    async def _ended(self, ids: set[UUID]) -> set[UUID]:
        sql = "select id, status from migration_flows where id = any($1) and status <> 'active'"
        rows = await self._rows(sql, list(ids))
        failed = [row for row in rows if row[1] != "completed"]
        if failed:
            raise SystemExit(f"a flow of the benchmark is {failed[0][1]}")
        return {row[0] for row in rows}

    async def _rows(self, sql: str, *arguments: object) -> Sequence[tuple]:
        async with self._database.transaction(self._tenant) as transaction:
            return [
                tuple(row) for row in (await transaction.connection.exec_driver_sql(sql, arguments)).all()
            ]


async def floor(program: str, amqp: str, owner: str, flows: int, concurrency: int) -> dict[str, float]:
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        program,
        *("--flows", str(flows), "--phases", "6", "--concurrency", str(concurrency)),
        env={**os.environ, "AMQP": amqp, "PG": owner},
        stdout=asyncio.subprocess.PIPE,
    )
    output, _ = await process.communicate()
    return dict(json.loads(output))


def line(benchmark: str, case: str, unit: str, values: list[float], floors: list[float]) -> None:
    record: dict[str, object] = {
        "benchmark": benchmark,
        "case": case,
        "value": round(statistics.median(values), 2),
        "unit": unit,
    }
    if floors:
        record["floor"] = round(statistics.median(floors), 2)
        record["ratio"] = round(statistics.median(v / f for v, f in zip(values, floors, strict=True)), 3)
    record["machine"] = f"{platform.machine()}, {os.cpu_count()} cores"
    record["versions"] = {"python": platform.python_version(), "faststream": version("faststream")}
    print(json.dumps(record), flush=True)


async def measure(options: argparse.Namespace) -> None:
    broker, database = choose_broker().open(), choose_postgres().open()
    sql = await migrated(database)
    with tempfile.TemporaryDirectory(prefix="caravan-bench-") as folder:
        environment = {
            "CARAVAN_DATABASE_URL": database.as_role("caravan_app"),
            "CARAVAN_DATABASE_DISPATCH_URL": database.as_role("caravan_dispatch"),
            "CARAVAN_AMQP_URL": broker.url,
            "CARAVAN_ARTIFACTS_URL": (Path(folder) / "artifacts").as_uri(),
            "CARAVAN_DATA_DIR": folder,
            "CARAVAN_PORT": str(free_port()),
            "CARAVAN_ANNOUNCE": "open",
            "CARAVAN_SLOTS": str(options.slots),
        }
        commands = [
            [sys.executable, "-m", name] for name in ("caravan_orchestrator", "benchmarks.noop_service")
        ]
        with processes(commands, environment) as pids:
            target = Platform(sql, await new_tenant(sql))
            await target.announced()
            await target.throughput(20, 20)
            if options.profile:
                await _profile(options, target, pids)
            else:
                await _pairs(options, target, broker.url, database.owner)
    await sql.dispose()
    database.close()
    broker.close()


async def _profile(options: argparse.Namespace, target: Platform, pids: Sequence[int]) -> None:
    """Two cases as in the benchmark; `children` are those of the worker, `driver` is this process."""
    await target.throughput(options.flows // 2, 64)
    orchestrator, worker = map(psutil.Process, pids)
    for case, flows, work in (
        ("concurrency 64", options.flows, target.throughput(options.flows, 64)),
        ("alone", 20, target.latency(20)),
    ):
        commits = await target.commits()
        meter = Meter(
            {
                "orchestrator": [orchestrator],
                "worker": [worker],
                "children": tree(worker.pid),
                "postgres": await target.backends(),
                "broker": brokers(),
                "driver": [psutil.Process()],
            }
        )
        outcome = await work
        spent, phases = meter.since(), flows * len(PHASES)
        for name, seconds in spent.items():
            _cost(case, name, seconds * 1000 / phases, "ms")
        _cost(case, "commits", (await target.commits() - commits) / phases, "transactions")
        _cost(case, "outcome", outcome, "phases/s" if case != "alone" else "ms")


def _cost(case: str, name: str, value: float, unit: str) -> None:
    record = {"benchmark": "phase_cost", "case": f"{case}, {name}", "value": round(value, 3), "unit": unit}
    print(json.dumps(record), flush=True)


async def _pairs(options: argparse.Namespace, target: Platform, amqp: str, owner: str) -> None:
    rates: list[float] = []
    latencies: list[float] = []
    floors: list[dict[str, float]] = []
    alone: list[dict[str, float]] = []
    for _ in range(options.pairs):
        if options.floor:
            floors.append(await floor(options.floor, amqp, owner, options.flows, 64))
        rates.append(await target.throughput(options.flows, 64))
        if options.floor:
            alone.append(await floor(options.floor, amqp, owner, 20, 1))
        latencies.append(await target.latency(10))
    line("orchestration", "concurrency 64", "phases/s", rates, [f["phases_per_second"] for f in floors])
    line("phase_latency", "alone", "ms", latencies, [f["median_ms_per_phase"] for f in alone])


if __name__ == "__main__":
    arguments = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    arguments.add_argument("--floor", help="the yardstick program; without it no ratio is printed")
    arguments.add_argument("--pairs", type=int, default=5)
    arguments.add_argument("--flows", type=int, default=200)
    arguments.add_argument("--slots", type=int, default=32)
    arguments.add_argument("--profile", action="store_true", help="what a phase costs, by process")
    asyncio.run(measure(arguments.parse_args()))
