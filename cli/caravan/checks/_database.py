"""What the database says of itself and of the work: versions, clocks, messages, leases, flows nothing would wake."""

import time
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from datetime import UTC, datetime
from typing import Any

from caravan.checks._check import BROKEN, FINE, LOOK, STUCK, Check, check

_OLDEST = 150_000
_SKEW_SECONDS, _TICK_SECONDS, _LAG_SECONDS, _DUE_SECONDS = 2.0, 15.0, 60.0, 300.0
_MESSAGES = """
select count(*) filter (where kind = 'command' and sent_at is null) as waiting,
       count(*) filter (where kind = 'command' and sent_at is not null) as out,
       count(*) filter (where kind <> 'command' and sent_at is null) as unsent,
       coalesce(extract(epoch from now() - min(created_at) filter (where kind <> 'command' and sent_at is null)),
                0)::float8 as lag
from running.outbox
"""
_LEASES = """
select count(*) as held, count(*) filter (where d.lease_at < c.value - 10) as over,
       extract(epoch from now() - max(c.ticked_at))::float8 as silent
from running.lease_clock c left join running.due d on d.kind = 'lease' and d.lease_at is not null
"""
_DUE = """
select kind, count(*) as number, extract(epoch from now() - min(at))::float8 as late
from running.due where kind <> 'lease' and at < now() - make_interval(secs => $1) group by 1 order by 1
"""
_DEAD = "select error_group, count(*) from running.dead_letters where status = 'parked' group by 1 order by 1"
_STUCK = """
select id::text from migration_flows where deleted_at is null and next_wakeup_at is null
  and status in ('active', 'rolling_back') order by id limit 20
"""


_WORKERS = """
select flow_type, count(*) from flow_types, jsonb_each(replicas) as r(k, v)
where (v->>'at')::timestamptz > now() - interval '3 minutes' group by 1
"""


async def announced_workers(dispatch_url: str) -> dict[str, int]:
    """By flow type. None are known where the database can't say: that is another line's finding."""
    import asyncpg

    found = await _connect("database", dispatch_url)
    if isinstance(found, Check):
        return {}
    try:
        return {row[0]: row[1] for row in await found.fetch(_WORKERS)}
    except asyncpg.PostgresError:
        return {}
    finally:
        await found.close()


async def look_at_database(app_url: str, dispatch_url: str) -> AsyncIterator[Check]:
    """As the two roles that the orchestrator has."""
    async with AsyncExitStack() as closing:
        opened = []
        for role, url in (("caravan_dispatch", dispatch_url), ("caravan_app", app_url)):
            found = await _connect(f"database ({role})", url)
            if isinstance(found, Check):
                yield found
                return
            closing.push_async_callback(found.close)
            opened.append(found)
        dispatch, app = opened
        async for each in _server(dispatch, dispatch_url):
            yield each
        schema = await _schema(app)
        yield schema
        if schema.state != BROKEN:
            async for each in _work(dispatch):
                yield each
            yield await _stuck(app, dispatch)


async def _connect(what: str, url: str) -> Any:
    """A connection, or what keeps us from one."""
    import asyncpg

    from caravan_orchestrator.store.connecting import connect

    try:
        return await connect(url, timeout=5)
    except (OSError, TimeoutError, asyncpg.PostgresError) as error:
        return _away(what, error)


def _away(what: str, error: Exception) -> Check:
    words = str(error) or type(error).__name__
    todo = "Start PostgreSQL, or mend the address, password or certificate in CARAVAN_DATABASE_…."
    return Check(BROKEN, what, words, todo)


async def _server(connection: Any, url: str) -> AsyncIterator[Check]:
    number = int(await connection.fetchval("show server_version_num"))
    words = f"{await connection.fetchval('show server_version')}, {await _protection(connection, url)}"
    todo = "Caravan needs PostgreSQL 15 or later: upgrade the server."
    yield check(number < _OLDEST, BROKEN, "PostgreSQL", words, todo)
    size = await connection.fetchval("select pg_size_pretty(pg_database_size(current_database()))")
    used, most = await connection.fetchrow(
        "select (select count(*) from pg_stat_activity where backend_type = 'client backend'),"
        " current_setting('max_connections')::int"
    )
    todo = "Raise max_connections, or run fewer replicas: requests answer 503 when there is none left."
    yield check(used > most * 0.9, LOOK, "connections", f"{used} of {most}; {size} of data", todo)
    before = time.time()
    there: datetime = await connection.fetchval("select clock_timestamp()")
    skew = there.astimezone(UTC).timestamp() - (before + time.time()) / 2
    todo = "Set both clocks by NTP: tokens expire and waits end by them."
    yield check(
        abs(skew) > _SKEW_SECONDS, LOOK, "clock", f"the database's is {skew:+.1f} s from this machine's", todo
    )


async def _protection(connection: Any, url: str) -> str:
    """TLS as the server sees it; whether its certificate was looked at, only the address says."""
    from caravan_orchestrator.store.connecting import verifies

    version = await connection.fetchval(
        "select version from pg_stat_ssl where pid = pg_backend_pid() and ssl"
    )
    if version is None:
        return "no TLS"
    return f"{version}, certificate {'verified' if verifies(url) else 'not verified'}"


async def _schema(connection: Any) -> Check:
    from caravan_orchestrator.store.upgrade import revisions

    known = revisions()
    there = await connection.fetchval("select to_regclass('public.schema_version') is not null")
    found = await connection.fetchval("select version_num from schema_version") if there else None
    if found == known[0]:
        return Check(FINE, "schema", found)
    if found is None or found in known:
        words = f"{found or 'none'}, this version's is {known[0]}"
        return Check(BROKEN, "schema", words, "Run `caravan db upgrade`.")
    words = f"{found}, which this version ({known[0]}) does not know"
    return Check(
        LOOK, "schema", words, "This command is older than the database: use that of the newer version."
    )


async def _work(connection: Any) -> AsyncIterator[Check]:
    row = await connection.fetchrow(_MESSAGES)
    words = f"{row['waiting']} commands wait, {row['out']} are out; {row['unsent']} other messages unsent"
    words += f" for {row['lag']:.0f} s" if row["unsent"] else ""
    todo = "The broker takes nothing or no orchestrator runs: look at its alarms, then at the orchestrator's log."
    yield check(row["lag"] > _LAG_SECONDS, LOOK, "outbox", words, todo)
    row = await connection.fetchrow(_LEASES)
    held = await connection.fetchval(
        "select count(*) from running.due where kind = 'lease' and lease_at is not null"
    )
    words = f"{held} held, {row['over']} run out; the lease clock ticked {row['silent']:.0f} s ago"
    todo = (
        "No orchestrator is up, or the broker is alarmed: nothing is given out again until the clock ticks."
    )
    yield check(row["silent"] > _TICK_SECONDS or row["over"] > 0, LOOK, "leases", words, todo)
    late = await connection.fetch(_DUE, _DUE_SECONDS)
    words = (
        ", ".join(f"{each['number']} × {each['kind']} for {each['late'] / 60:.0f} min" for each in late)
        or "none"
    )
    todo = "Work that is due is not done: no orchestrator is up, or its log tells why it fails."
    yield check(bool(late), LOOK, "overdue", words, todo)
    dead = await connection.fetch(_DEAD)
    words = ", ".join(f"{number} × {group}" for group, number in dead) or "none"
    todo = (
        "`caravan dead-letter list` shows them, with --unowned those of no flow; mend the cause, then"
        " `caravan dead-letter replay`."
    )
    yield check(bool(dead), LOOK, "dead letters", words, todo)


async def _stuck(app: Any, dispatch: Any) -> Check:
    """Client by client: no role sees the flows of all."""
    found: list[str] = []
    for row in await dispatch.fetch("select client_account_id from running.clients order by 1"):
        async with app.transaction():
            await app.execute("select set_config('caravan.client', $1, true)", str(row[0]))
            found += [each[0] for each in await app.fetch(_STUCK)]
    todo = "Nothing will wake them: note id and log, then `caravan flow retry` or `caravan flow cancel`, and report it."
    return check(bool(found), STUCK, "flows without wake-up", ", ".join(found) or "none", todo)
