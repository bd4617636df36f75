"""Creating 50 flows a second through the real gateway, whatever its answers do: how long until each is created.

    python -m benchmarks.creation [--rate 50] [--seconds 60]

`no worker`: all commands wait. `one worker`: flows of one phase run to their end meanwhile, on RabbitMQ, beside the
gateway in its own process. One line a case; `value` is the 99th percentile in ms, counted from when the request was
due. `lag` is how late the load generator was itself.
"""

import argparse
import asyncio
import os
import sys

import psutil

from benchmarks.brief_service import BRIEF
from benchmarks.cost import Meter
from benchmarks.deployed import ORCHESTRATOR, Ground, ground
from benchmarks.reads import Answer, backends, load, percentile, say
from caravan_common.contracts import Tenant
from tests.integration.gateway.client import announce
from tests.support.flows import new_tenant

_COMPLETED = "select count(*) from migration_flows where status = 'completed'"


def plan(url: str, token: str, rate: float, seconds: float) -> dict[str, object]:
    requests = [
        {
            "at": number / rate,
            "case": "create",
            "method": "POST",
            "path": "/api/v1/flows",
            "token": token,
            "body": {"flow_type": BRIEF.flow_type, "name": f"flow {number}"},
        }
        for number in range(int(rate * seconds))
    ]
    return {"url": url, "requests": requests}


async def measure(case: str, services: tuple[str, ...], rate: float, seconds: float) -> None:
    async with ground() as given:
        tenant = await new_tenant(given.database)
        if not services:
            await announce(given.database, BRIEF)
        with given.running(ORCHESTRATOR, *services) as pids:
            await given.until_ready()
            if services:
                await given.until_announced(BRIEF.flow_type)
            token = given.token(tenant)
            await load(plan(given.url, token, 10, 1))
            meter = Meter({"gateway": [psutil.Process(pids[0])], "postgres": await backends(given.database)})
            answers = await load(plan(given.url, token, rate, seconds))
            spent = meter.since()
            report(case, answers, await completed(given, tenant))
            for part in ("gateway", "postgres"):
                say("creation", f"{case}, cpu of a flow, {part}", spent[part] * 1000 / len(answers), "ms")


async def completed(given: Ground, tenant: Tenant) -> int:
    async with given.database.transaction(tenant) as transaction:
        return int((await transaction.connection.exec_driver_sql(_COMPLETED)).scalar_one())


def report(case: str, answers: list[Answer], ended: int) -> None:
    if wrong := [each for each in answers if each[3] != 201]:
        raise SystemExit(f"{len(wrong)} flows were not created, first: {wrong[0]}")
    taken, lags = [each[1] for each in answers], [each[2] for each in answers]
    more = {f"p{share:g}": round(percentile(taken, share / 100), 2) for share in (50, 95)}
    load_average = round(os.getloadavg()[0], 1)
    say(
        "creation",
        case,
        percentile(taken, 0.99),
        "ms",
        **more,
        flows=len(taken),
        completed=ended,
        load=load_average,
    )
    say("creation", f"{case}, lag of the load generator", percentile(lags, 0.99), "ms")


async def main(options: argparse.Namespace) -> None:
    await measure("no worker", (), options.rate, options.seconds)
    await measure("one worker", ("benchmarks.brief_service",), options.rate, options.seconds)


if __name__ == "__main__":
    arguments = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    arguments.add_argument("--rate", type=float, default=50)
    arguments.add_argument("--seconds", type=float, default=60)
    sys.exit(asyncio.run(main(arguments.parse_args())))
