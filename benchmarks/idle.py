"""What an idle platform costs: CPU of its processes and of PostgreSQL, and the memory of an embedded one.

    python -m benchmarks.idle [--seconds 60] [--only rabbitmq|embedded]

`rabbitmq`: orchestrator, discovery's worker with its children and a PostgreSQL of their own, every process of which is
counted; the broker is not. `value` is in percent of one core. `embedded`: PSS of a platform one minute after it has
run the demo, PostgreSQL included, and its CPU in that minute.
"""

import argparse
import asyncio
import json
import os
import platform
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psutil

from benchmarks.cost import Meter, tree
from benchmarks.orchestration import processes
from benchmarks.phases_in_turn import resident
from caravan_orchestrator.store.upgrade import upgrade_database
from tests.support.broker import choose_broker
from tests.support.private_postgres import PrivatePostgres
from tests.support.waiting import free_port, run_async, wait_until

# Imports, announcements and first looks are over by then.
SETTLING_SECONDS = 20.0
AFTER_DEMO_SECONDS = 60.0
_ANNOUNCED = "select count(*) from flow_types where slots > 0"


def say(case: str, value: float, unit: str, **more: object) -> None:
    record = {"benchmark": "idle", "case": case, "value": round(value, 2), "unit": unit, **more}
    record["machine"] = f"{platform.machine()}, {os.cpu_count()} cores"
    record["load"] = round(os.getloadavg()[0], 1)
    print(json.dumps(record), flush=True)


def measure_rabbitmq(seconds: float) -> None:
    broker, postgres = choose_broker().open(), PrivatePostgres({"max_connections": "100"}).start()
    try:
        urls = {
            role: postgres.url_of("postgres", role)
            for role in ("postgres", "caravan_app", "caravan_dispatch")
        }
        run_async(upgrade_database(*urls.values()))
        with tempfile.TemporaryDirectory(prefix="caravan-idle-") as folder:
            environment = {
                "CARAVAN_DATABASE_URL": urls["caravan_app"],
                "CARAVAN_DATABASE_DISPATCH_URL": urls["caravan_dispatch"],
                "CARAVAN_AMQP_URL": broker.url,
                "CARAVAN_ARTIFACTS_URL": (Path(folder) / "artifacts").as_uri(),
                "CARAVAN_DATA_DIR": folder,
                "CARAVAN_PORT": str(free_port()),
                "CARAVAN_ANNOUNCE": "open",
                "CARAVAN_SLOTS": "2",
            }
            commands = [
                [sys.executable, "-m", name] for name in ("caravan_orchestrator", "caravan_discovery")
            ]
            with processes(commands, environment) as (orchestrator, worker):
                wait_until(
                    lambda: _announced(postgres), timeout=120, every=0.5, what="discovery is announced"
                )
                time.sleep(SETTLING_SECONDS)
                server = _listening(postgres.port)
                meter = Meter(
                    {
                        "orchestrator": [psutil.Process(orchestrator), *tree(orchestrator)],
                        "worker": [psutil.Process(worker)],
                        "children": tree(worker),
                        "postgres": [server, *tree(server.pid)],
                    }
                )
                time.sleep(seconds)
                spent = meter.since()
    finally:
        postgres.close()
        broker.close()
    elapsed = spent.pop("elapsed")
    for name, cpu in spent.items():
        say(f"rabbitmq, {name}", cpu / elapsed * 100, "% of a core")
    say("rabbitmq", sum(spent.values()) / elapsed * 100, "% of a core", seconds=round(elapsed))


def _announced(postgres: PrivatePostgres) -> bool:
    import asyncpg

    async def ask() -> int:
        connection = await asyncpg.connect(postgres.url)
        try:
            return int(await connection.fetchval(_ANNOUNCED))
        finally:
            await connection.close()

    return run_async(ask()) > 0


def _listening(port: int) -> psutil.Process:
    """The server itself, whose children are all of PostgreSQL's processes."""
    for each in psutil.net_connections("tcp"):
        if each.status == psutil.CONN_LISTEN and each.laddr and each.laddr.port == port and each.pid:
            return psutil.Process(each.pid)
    raise SystemExit(f"nothing listens on port {port}")


def measure_embedded() -> None:
    with _after_the_demo() as process:
        meter = Meter({"all": [process, *tree(process.pid)]})
        time.sleep(AFTER_DEMO_SECONDS)
        spent = meter.since()
        sizes = {each: resident(each.pid) for each in [process, *tree(process.pid)]}
        servers = [each for each in sizes if "postgres" in each.name()]
        say("embedded, PostgreSQL", sum(sizes[each] for each in servers), "MiB PSS", processes=len(servers))
        say("embedded", sum(sizes.values()), "MiB PSS", processes=len(sizes))
        say("embedded, CPU", spent["all"] / spent["elapsed"] * 100, "% of a core")


@contextmanager
def _after_the_demo() -> Iterator[psutil.Process]:
    """An embedded platform in a process of its own that has run the demo and stays."""
    with tempfile.TemporaryDirectory(prefix="caravan-idle-") as folder:
        command = [sys.executable, "-m", "benchmarks.idle", "--hold", folder]
        with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as holder:
            assert holder.stdin is not None
            assert holder.stdout is not None
            if holder.stdout.readline().strip() != "done":
                raise SystemExit("the demo did not complete")
            yield psutil.Process(holder.pid)
            holder.stdin.close()
            holder.wait(60)


async def hold(folder: Path) -> None:
    """As `caravan demo` runs it, but not ended after it: until stdin closes."""
    from caravan.api import Api
    from caravan.commands.demo import find_samples, sample_journey
    from caravan.embedded import DataFolder, EmbeddedPlatform
    from caravan.journey import COMPLETED, run_journey
    from caravan.logs import logs_to_file
    from caravan.output import steps

    data = DataFolder(folder)
    with data, logs_to_file(data.log), steps() as told:
        async with EmbeddedPlatform(data) as embedded, Api.inside(embedded) as api:
            answer = await run_journey(api, sample_journey(find_samples()), told, embedded)
            if answer["flows"][-1]["status"] == COMPLETED:
                print("done", flush=True)
                await asyncio.to_thread(sys.stdin.read)


if __name__ == "__main__":
    arguments = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    arguments.add_argument("--seconds", type=float, default=60.0, help="how long CPU is counted")
    arguments.add_argument("--only", choices=("rabbitmq", "embedded"))
    arguments.add_argument("--hold", type=Path, help=argparse.SUPPRESS)
    options = arguments.parse_args()
    if options.hold:
        asyncio.run(hold(options.hold))
        sys.exit()
    if options.only != "embedded":
        measure_rabbitmq(options.seconds)
    if options.only != "rabbitmq":
        measure_embedded()
