"""What reading costs at size: 20 clients, one or more of them with 100,000 assets and 5,000 flows, 20 readers.

    python -m benchmarks.reads [--full 1] [--assets 100000] [--flows 5000] [--seconds 60] [--readers 20]

Each reader asks the real gateway once a second whatever the answers do. One line a case; `value` is the 95th
percentile in ms, counted from when the request was due. The readers read the clients of full size; the others have a
twentieth. `lag` is how late the load generator was itself, `cpu` what gateway and PostgreSQL spent on a request.
`statements` counts what a request asks of the database for pages of 10 and of 200 rows, in a gateway in this process.
"""

import argparse
import asyncio
import json
import os
import platform
import random
import statistics
import subprocess
import sys
import time
from collections.abc import Sequence
from typing import Any
from urllib.parse import quote

import httpx
import psutil

from benchmarks.cost import Meter
from benchmarks.deployed import ORCHESTRATOR, Ground, ground
from benchmarks.estates import Filled, fill
from caravan_orchestrator.api.app import GatewaySettings
from caravan_orchestrator.store.database import SqlDatabase
from tests.integration.gateway.client import Client, Gateway
from tests.support.statements import statements

SMALLER = 20
LARGE_PAGE, SMALL_PAGE = 200, 10
Cases = dict[str, list[str]]
Answer = tuple[str, float, float, int]


def say(benchmark: str, case: str, value: float, unit: str, **more: object) -> None:
    record = {"benchmark": benchmark, "case": case, "value": round(value, 2), "unit": unit, **more}
    print(json.dumps(record), flush=True)


def percentile(values: Sequence[float], share: float) -> float:
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(len(ordered) * share))]


async def find_cases(client: Client, filled: Filled, document: dict[str, Any]) -> Cases:
    """What readers ask for, by what it is: paths with the ids, names and cursors of this client."""
    assets = await client.json("GET", "/assets", params={"limit": 50, "fields": "id,name"})
    deep = await cursors(client, "/assets?fields=id&limit=500", filled.assets // 500)
    flows = await client.json("GET", "/flows", params={"limit": 50, "fields": "id"})
    deep_sorted = await cursors(client, "/assets?sort=-memory_gb&fields=id&limit=500", 20)
    deep_flows = await cursors(client, "/flows?fields=id&limit=500", filled.flows // 500)
    ids = [flow["id"] for flow in flows["items"]]
    names = [asset["name"] for asset in assets["items"]]
    cases = {
        "assets": ["/assets", "/assets?fields=name,environment,asset_type&limit=200"],
        "assets, a later page": [f"/assets?limit=500&fields=id&cursor={each}" for each in deep],
        "assets, filtered": [
            "/assets?environment=staging",
            "/assets?environment=test&asset_type=server",
            "/assets?is_target=false&environment=staging",
            "/assets?environment=none-such",
        ],
        "assets, sorted": [
            "/assets?sort=-memory_gb",
            "/assets?sort=operating_system&limit=200",
            "/assets?sort=-name",
            "/assets?sort=-memory_gb&environment=staging",
            *(f"/assets?sort=-memory_gb&limit=500&fields=id&cursor={each}" for each in deep_sorted),
        ],
        "assets, one found": [f"/assets?q={name}" for name in names],
        "assets, many found": ["/assets?q=ham", "/assets?q=h", "/assets?q=web+service", "/assets?q=corp"],
        "assets, found and filtered": ["/assets?q=db&environment=staging", "/assets?q=oslo&is_target=false"],
        "facets": ["/assets:facets"],
        "facets, filtered": [
            "/assets:facets?environment=test",
            "/assets:facets?asset_type=server&is_target=true",
        ],
        "facets, of what was found": [f"/assets:facets?q={q}" for q in ("oslo-web", "h", "db", *names[:2])],
        "asset": [f"/assets/{asset['id']}" for asset in assets["items"]],
        "estates": [f"/engagements/{filled.tenant.engagement_id}/estates"],
        "flows": ["/flows", "/flows?sort=created_at&limit=50"],
        "flows, a later page": [f"/flows?limit=100&cursor={each}" for each in deep_flows],
        "flows, filtered": ["/flows?status=failed", "/flows?status=waiting", "/flows?flow_type=none-such"],
        "flows, found": ["/flows?q=hamburg", "/flows?q=survey+4321", "/flows?q=nothing"],
        "flow": [f"/flows/{id_}" for id_ in ids],
        "phases": [f"/flows/{id_}/phases" for id_ in ids],
        "attempts": [f"/flows/{id_}/attempts" for id_ in ids],
        "questions": [f"/flows/{id_}/questions" for id_ in ids],
        "datasets": [f"/flows/{id_}/datasets" for id_ in ids],
        "events": [f"/flows/{id_}/events" for id_ in ids],
        "entities": [
            f"/flows/{filled.estate}/entities",
            f"/flows/{filled.estate}/entities?entity_type=asset",
        ],
        "entities, found": [f"/flows/{filled.estate}/entities?q={name}" for name in names[:3]],
    }
    for case, path in (("overview", "/engagements/{}/overview"), ("inbox", "/inbox")):
        if f"/api/v1{path.format('{engagement_id}')}" in document["paths"]:
            cases[case] = [path.format(filled.tenant.engagement_id)]
    return {case: paths for case, paths in cases.items() if paths}


async def cursors(client: Client, path: str, pages: int, kept: int = 8) -> list[str]:
    """Some of those that a list gives, from its beginning to its end."""
    found: list[str] = []
    cursor = None
    for _ in range(pages):
        given = "" if cursor is None else f"&cursor={quote(cursor)}"
        cursor = (await client.json("GET", f"{path}{given}"))["next_cursor"]
        if cursor is None:
            break
        found.append(cursor)
    return found[:: max(1, len(found) // kept)]


async def count_statements(gateway: Gateway, client: Client, database: SqlDatabase, cases: Cases) -> bool:
    """True when no case asks more of the database for a large page than for a small one. Each time with those that
    read whether the client has enrolled who asks, and without those that audit a first reading."""
    equal = True
    for case, paths in cases.items():
        path = paths[0].partition("&cursor")[0].partition("limit=")[0].rstrip("?&")
        counts = []
        paged = "next_cursor" in await client.json("GET", path)
        for size in (SMALL_PAGE, LARGE_PAGE):
            asked = f"{path}{'&' if '?' in path else '?'}limit={size}" if paged else path
            # The first reading of persons is audited.
            await client.json("GET", asked)
            # What a first search has read in the background is no part of the next.
            await gateway.app.state.columns.settled()
            gateway.app.state.standing.forget()
            with statements(database.app) as sent:
                await client.json("GET", asked)
            counts.append(len(sent))
        equal = equal and counts[0] == counts[1]
        say(
            "reads",
            f"statements, {case}",
            counts[1],
            "statements",
            page_of_10=counts[0],
            page_of_200=counts[1],
        )
    return equal


def plan(
    url: str, tokens: Sequence[str], cases: Sequence[Cases], readers: int, seconds: int
) -> dict[str, Any]:
    """Readers take turns at the clients, begin within the first second, and ask for all cases alike often."""
    dice = random.Random(11)
    requests = []
    for reader in range(readers):
        mine = cases[reader % len(cases)]
        order: list[str] = []
        for second in range(seconds):
            if not order:
                order = dice.sample(sorted(mine), len(mine))
            case = order.pop()
            path = f"/api/v1{dice.choice(mine[case])}"
            requests.append(
                {
                    "at": second + reader / readers,
                    "case": case,
                    "method": "GET",
                    "path": path,
                    "token": tokens[reader % len(tokens)],
                }
            )
    return {"url": url, "requests": requests}


async def load(wanted: dict[str, Any]) -> list[Answer]:
    """Sent by a process of its own."""
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "benchmarks.open_loop"), stdin=subprocess.PIPE, stdout=subprocess.PIPE
    )
    output, _ = await process.communicate(json.dumps(wanted).encode())
    return [tuple(each) for each in json.loads(output)]


async def alone(url: str, token: str, cases: Cases, times: int = 7) -> None:
    """One request after the other, so that what each costs by itself can be seen: the median and the slowest path."""
    async with httpx.AsyncClient(
        base_url=f"{url}/api/v1", headers={"Authorization": f"Bearer {token}"}, trust_env=False
    ) as client:
        for case, paths in cases.items():
            medians = {}
            for path in paths[:6]:
                taken = []
                for _ in range(times):
                    begun = time.perf_counter()
                    (await client.get(path, timeout=60)).raise_for_status()
                    taken.append((time.perf_counter() - begun) * 1000)
                medians[path] = statistics.median(taken)
            slowest = max(medians, key=lambda each: medians[each])
            shown = slowest.partition("&cursor")[0]
            say("reads", f"alone, {case}", medians[slowest], "ms", slowest=shown)


def report(answers: Sequence[Answer]) -> None:
    wrong = [each for each in answers if each[3] != 200]
    if wrong:
        raise SystemExit(f"{len(wrong)} answers were no 200, first: {wrong[0]}")
    about = {
        "machine": f"{platform.machine()}, {os.cpu_count()} cores",
        "load": round(os.getloadavg()[0], 1),
        "versions": {"python": platform.python_version()},
    }
    for case in [*sorted({each[0] for each in answers}), None]:
        taken = [each[1] for each in answers if case in (None, each[0])]
        say(
            "reads",
            case or "all",
            percentile(taken, 0.95),
            "ms",
            p50=round(percentile(taken, 0.5), 2),
            p99=round(percentile(taken, 0.99), 2),
            requests=len(taken),
            **(about if case is None else {}),
        )
    lags = [each[2] for each in answers]
    say(
        "reads",
        "lag of the load generator",
        percentile(lags, 0.95),
        "ms",
        p99=round(percentile(lags, 0.99), 2),
    )


async def measure(options: argparse.Namespace) -> bool:
    small = (options.assets // SMALLER, options.flows // SMALLER)
    sizes = [(options.assets, options.flows)] * options.full + [small] * (options.clients - options.full)
    async with ground() as given:
        begun = time.perf_counter()
        filled = await fill(given.database, given.owner, given.store, given.folder, sizes)
        seconds = time.perf_counter() - begun
        say("reads", "filling", seconds, "s", clients=len(filled), of_full_size=options.full)
        with given.running(ORCHESTRATOR) as [pid]:
            return await _measured(options, given, filled[: options.full], pid)


async def _measured(options: argparse.Namespace, given: Ground, filled: Sequence[Filled], pid: int) -> bool:
    database = given.database
    gateway = Gateway(database, given.store, GatewaySettings())
    document = gateway.app.openapi()
    cases = [await find_cases(gateway.client(each.tenant), each, document) for each in filled]
    equal = await count_statements(gateway, gateway.client(filled[0].tenant), database, cases[0])
    tokens = [given.token(each.tenant) for each in filled]
    await given.until_ready()
    await alone(given.url, tokens[0], cases[0])
    meter = Meter({"gateway": [psutil.Process(pid)], "postgres": await backends(database)})
    answers = await load(plan(given.url, tokens, cases, options.readers, options.seconds))
    spent = meter.since()
    report(answers)
    for part in ("gateway", "postgres"):
        say("reads", f"cpu of a request, {part}", spent[part] * 1000 / len(answers), "ms")
    return equal


async def backends(database: SqlDatabase) -> list[psutil.Process]:
    async with database.app.connect() as connection:
        rows = await connection.exec_driver_sql(
            "select pid from pg_stat_activity where datname = current_database()"
        )
        return [psutil.Process(row[0]) for row in rows]


if __name__ == "__main__":
    arguments = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    arguments.add_argument("--clients", type=int, default=20)
    arguments.add_argument("--full", type=int, default=1, help="how many of the clients have the full size")
    arguments.add_argument("--assets", type=int, default=100_000)
    arguments.add_argument("--flows", type=int, default=5_000)
    arguments.add_argument("--readers", type=int, default=20)
    arguments.add_argument("--seconds", type=int, default=60)
    if not asyncio.run(measure(arguments.parse_args())):
        sys.exit("the number of statements grows with the page")
